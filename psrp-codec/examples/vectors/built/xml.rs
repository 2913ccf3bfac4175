//! XML documents, as .NET writes what it has read.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// The text of a document: without the white space between its elements, and with one space in
/// the tag of an empty one.
pub(super) fn outer_xml(source: &str) -> Option<String> {
    let mut reader = Reader::from_str(source);
    let (mut out, mut text) = (String::new(), Text::default());
    loop {
        let event = reader.read_event().ok()?;
        if !matches!(event, Event::Text(_) | Event::GeneralRef(_)) {
            text.flush(&mut out);
        }
        match event {
            Event::Start(start) => tag(&start, ">", &mut out)?,
            Event::Empty(start) => tag(&start, " />", &mut out)?,
            Event::End(end) => out.push_str(&format!("</{}>", end.name().0)),
            Event::Text(piece) => text.content.push_str(&piece.xml10_content()),
            Event::GeneralRef(name) => {
                // White space that is written like this is meant.
                text.is_meant = true;
                match name.resolve_char_ref().ok()? {
                    Some(letter) => text.content.push(letter),
                    None => text.content.push_str(resolve_predefined_entity(&name)?),
                }
            }
            Event::Comment(comment) => out.push_str(&format!("<!--{}-->", &*comment)),
            Event::PI(instruction) => out.push_str(&format!("<?{}?>", &*instruction)),
            Event::Decl(declaration) => out.push_str(&format!("<?{}?>", &*declaration)),
            Event::CData(_) | Event::DocType(_) => return None,
            Event::Eof => return Some(out),
        }
    }
}

/// The text between two tags.
#[derive(Default)]
struct Text {
    content: String,
    /// It is more than what parts elements.
    is_meant: bool,
}

impl Text {
    fn flush(&mut self, out: &mut String) {
        if self.is_meant || !self.content.trim_ascii().is_empty() {
            out.push_str(&escaped(&self.content));
        }
        *self = Self::default();
    }
}

fn tag(start: &BytesStart<'_>, end: &str, out: &mut String) -> Option<()> {
    out.push_str(&format!("<{}", start.name().0));
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).ok()?;
        let value = escaped(&value).replace('"', "&quot;");
        out.push_str(&format!(" {}=\"{value}\"", attribute.key.0));
    }
    out.push_str(end);
    Some(())
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}
