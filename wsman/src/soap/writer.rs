//! Writes XML with the prefixes that Windows uses.

use base64_simd::STANDARD;

use super::element::XmlElement;
use crate::namespaces;

/// The namespaces that an envelope declares, with the prefixes of the Windows service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Namespace {
    /// `s`
    Soap,
    /// `a`
    Addressing,
    /// `x`
    Transfer,
    /// `e`
    Eventing,
    /// `n`
    Enumeration,
    /// `w`
    Wsman,
    /// `rsp`
    Shell,
    /// `p`
    Microsoft,
}

impl Namespace {
    /// The order in which Windows declares them.
    pub(crate) const ORDER: [Self; 8] = [
        Self::Soap,
        Self::Addressing,
        Self::Transfer,
        Self::Eventing,
        Self::Enumeration,
        Self::Wsman,
        Self::Shell,
        Self::Microsoft,
    ];

    /// The prefix, as in `rsp:Shell`.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Soap => "s",
            Self::Addressing => "a",
            Self::Transfer => "x",
            Self::Eventing => "e",
            Self::Enumeration => "n",
            Self::Wsman => "w",
            Self::Shell => "rsp",
            Self::Microsoft => "p",
        }
    }

    /// The URI.
    #[must_use]
    pub fn uri(self) -> &'static str {
        match self {
            Self::Soap => namespaces::SOAP,
            Self::Addressing => namespaces::ADDRESSING,
            Self::Transfer => namespaces::TRANSFER,
            Self::Eventing => namespaces::EVENTING,
            Self::Enumeration => namespaces::ENUMERATION,
            Self::Wsman => namespaces::WSMAN,
            Self::Shell => namespaces::SHELL,
            Self::Microsoft => namespaces::WSMAN_MICROSOFT,
        }
    }
}

/// Appends XML to a buffer. Text is escaped here and nowhere else; names are the caller's and are not.
///
/// ```
/// use wsman::soap::XmlWriter;
///
/// let mut writer = XmlWriter::default();
/// writer.start("a").attribute("x", "1 < 2").leaf("b", "&").empty("c").end("a");
/// assert_eq!(writer.into_bytes(), br#"<a x="1 &lt; 2"><b>&amp;</b><c/></a>"#);
/// ```
#[derive(Debug, Default)]
pub struct XmlWriter {
    out: Vec<u8>,
    /// Whether the last start tag still waits for attributes.
    tag_is_open: bool,
}

impl XmlWriter {
    /// A writer with room for that many bytes.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            out: Vec::with_capacity(capacity),
            tag_is_open: false,
        }
    }

    /// Begins an element. Attributes may follow.
    pub fn start(&mut self, name: &str) -> &mut Self {
        self.finish_tag();
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        self.tag_is_open = true;
        self
    }

    /// An attribute of the element just begun.
    pub fn attribute(&mut self, name: &str, value: &str) -> &mut Self {
        debug_assert!(self.tag_is_open, "an attribute follows its start tag");
        self.out.push(b' ');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"=\"");
        escape(value, true, &mut self.out);
        self.out.push(b'"');
        self
    }

    /// An attribute, if there is a value.
    pub fn optional_attribute(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.attribute(name, value),
            None => self,
        }
    }

    /// Text inside the element last begun.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.finish_tag();
        escape(text, false, &mut self.out);
        self
    }

    /// Bytes as base64 inside the element last begun.
    pub fn base64(&mut self, data: &[u8]) -> &mut Self {
        self.finish_tag();
        STANDARD.encode_append(data, &mut self.out);
        self
    }

    /// Ends an element, as `</name>` also where nothing is inside.
    pub fn end(&mut self, name: &str) -> &mut Self {
        self.finish_tag();
        self.out.extend_from_slice(b"</");
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'>');
        self
    }

    /// Ends the element just begun as `<name/>`.
    pub fn end_empty(&mut self) -> &mut Self {
        debug_assert!(
            self.tag_is_open,
            "only an element without content can end so"
        );
        self.out.extend_from_slice(b"/>");
        self.tag_is_open = false;
        self
    }

    /// `<name/>`
    pub fn empty(&mut self, name: &str) -> &mut Self {
        self.start(name).end_empty()
    }

    /// `<name>text</name>`
    pub fn leaf(&mut self, name: &str, text: &str) -> &mut Self {
        self.start(name).text(text).end(name)
    }

    /// `<name>text</name>`, if there is a text.
    pub fn optional_leaf(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.leaf(name, text),
            None => self,
        }
    }

    /// An element of open content, with the namespace declarations it needs.
    pub fn element(&mut self, element: &XmlElement) -> &mut Self {
        self.element_in(element, None);
        self
    }

    /// What has been written.
    #[must_use]
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.finish_tag();
        self.out
    }

    /// `inherited` is prefix and namespace that the parent has declared, which is enough for nearly every document.
    fn element_in(&mut self, element: &XmlElement, inherited: Option<(&str, &str)>) {
        let prefix = if is_name(&element.prefix) && !element.namespace.is_empty() {
            element.prefix.as_str()
        } else {
            ""
        };
        let name = if prefix.is_empty() {
            element.name.clone()
        } else {
            format!("{prefix}:{}", element.name)
        };
        self.start(&name);
        let mine = (prefix, element.namespace.as_str());
        let is_inherited = match inherited {
            Some(theirs) => theirs == mine,
            None => mine == ("", ""),
        };
        if !is_inherited {
            let key = if prefix.is_empty() {
                "xmlns".to_owned()
            } else {
                format!("xmlns:{prefix}")
            };
            self.attribute(&key, &element.namespace);
        }
        for (index, attribute) in element.attributes.iter().enumerate() {
            match attribute.namespace.as_str() {
                "" => self.attribute(&attribute.name, &attribute.value),
                namespaces::XML => {
                    self.attribute(&format!("xml:{}", attribute.name), &attribute.value)
                }
                namespace => {
                    let prefix = format!("ns{index}");
                    self.attribute(&format!("xmlns:{prefix}"), namespace)
                        .attribute(&format!("{prefix}:{}", attribute.name), &attribute.value)
                }
            };
        }
        if element.text.is_empty() && element.children.is_empty() {
            self.end(&name);
            return;
        }
        if !element.text.is_empty() {
            self.text(&element.text);
        }
        // A prefix of its own stays in force further down; the default namespace too. One level is remembered.
        for child in &element.children {
            self.element_in(child, Some(mine));
        }
        self.end(&name);
    }

    fn finish_tag(&mut self) {
        if self.tag_is_open {
            self.out.push(b'>');
            self.tag_is_open = false;
        }
    }
}

fn is_name(prefix: &str) -> bool {
    prefix.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && prefix
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && !prefix.starts_with("xml")
        && !prefix.starts_with("ns")
}

/// Appends `text`, escaped. Characters that XML cannot hold become U+FFFD, because the answer must go out all the same.
fn escape(text: &str, in_attribute: bool, out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| needs_escape(c, in_attribute)) {
        let (plain, special) = rest.split_at(at);
        out.extend_from_slice(plain.as_bytes());
        let mut characters = special.chars();
        match characters.next() {
            Some('&') => out.extend_from_slice(b"&amp;"),
            Some('<') => out.extend_from_slice(b"&lt;"),
            Some('>') => out.extend_from_slice(b"&gt;"),
            Some('"') => out.extend_from_slice(b"&quot;"),
            Some('\r') => out.extend_from_slice(b"&#xD;"),
            Some('\n') => out.extend_from_slice(b"&#xA;"),
            Some('\t') => out.extend_from_slice(b"&#x9;"),
            Some(_) => out.extend_from_slice("\u{FFFD}".as_bytes()),
            None => {}
        }
        rest = characters.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
}

fn needs_escape(c: char, in_attribute: bool) -> bool {
    match c {
        // The quotation mark needs it in attributes only; Windows does it in text too.
        '&' | '<' | '>' | '"' | '\r' => true,
        '\n' | '\t' => in_attribute,
        '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => c != '\n' && c != '\t',
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{EnvelopeLimits, Tree};
    use super::*;

    #[test]
    fn any_text_survives_or_is_replaced() {
        let mut writer = XmlWriter::default();
        writer
            .start("a")
            .attribute("x", "\"<>&'\n\t\r\u{1}")
            .text("\"<>&'\n\t\r\u{1}\u{FFFF}]]>")
            .end("a");
        let bytes = writer.into_bytes();
        let tree = Tree::parse(&bytes, &EnvelopeLimits::default()).unwrap();
        assert_eq!(tree.root().attribute("x"), Some("\"<>&'\n\t\r\u{FFFD}"));
        assert_eq!(tree.root().text(), "\"<>&'\n\t\r\u{FFFD}\u{FFFD}]]>");
    }

    #[test]
    fn open_content_is_written_as_it_was_read() {
        for text in [
            r#"<cfg:Config xmlns:cfg="urn:c"><cfg:Auth><cfg:Basic>true</cfg:Basic></cfg:Auth></cfg:Config>"#,
            r#"<a xmlns="urn:a"><b x="1" xml:lang="en"></b></a>"#,
            "<a><b></b></a>",
            r#"<a xmlns="urn:a"><b xmlns=""></b><p:c xmlns:p="urn:a">x</p:c></a>"#,
        ] {
            let tree = Tree::parse(text.as_bytes(), &EnvelopeLimits::default()).unwrap();
            let mut writer = XmlWriter::default();
            writer.element(&tree.root().to_owned_element());
            assert_eq!(String::from_utf8(writer.into_bytes()).unwrap(), text);
        }
    }
}
