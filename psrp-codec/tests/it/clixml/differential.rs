//! The scanner against quick-xml: both see the same elements, names and texts.

use proptest::prelude::*;
use psrp_codec::clixml::{Kind, Node, Tape};
use psrp_codec::{Limits, PsString, Value};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

/// An element: its tag, its name, its text.
#[derive(Debug, Eq, PartialEq)]
struct Element(String, Option<PsString>, PsString);

fn ours(xml: &[u8]) -> Option<Vec<Element>> {
    fn walk(node: Node<'_>, out: &mut Vec<Element>) {
        let text = match node.kind() {
            // These have positions where others have text.
            Kind::Object | Kind::Reference | Kind::TypeNames | Kind::TypeNamesReference => {
                PsString::EMPTY
            }
            _ => node.text().into_string(),
        };
        out.push(Element(
            node.kind().tag().into(),
            node.name().map(|name| name.into_string()),
            text,
        ));
        node.children().for_each(|child| walk(child, out));
    }
    let mut tape = Tape::default();
    let root = tape.parse(xml, &Limits::default()).ok()?;
    let mut out = Vec::new();
    walk(root, &mut out);
    Some(out)
}

fn theirs(xml: &[u8]) -> Result<Vec<Element>, String> {
    let mut reader = Reader::from_reader(xml);
    let mut out: Vec<Element> = Vec::new();
    // The element that each open tag is in `out`; `None` for an entry and for what is inside null.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut inside_null = 0;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                let tag = start.name().as_ref().to_owned();
                // The two parts of an entry are known by their order.
                let in_entry = open.last() == Some(&None);
                if inside_null > 0 || tag == "En" {
                    open.push(None);
                } else {
                    open.push(Some(out.len()));
                    out.push(element(&start, &tag, in_entry)?);
                }
                inside_null +=
                    usize::from(inside_null > 0 || matches!(tag.as_str(), "Nil" | "Ref" | "TNRef"));
            }
            Event::Empty(start) => {
                let tag = start.name().as_ref().to_owned();
                if inside_null == 0 && tag != "En" {
                    out.push(element(&start, &tag, open.last() == Some(&None))?);
                }
            }
            Event::End(_) => {
                open.pop();
                inside_null = usize::saturating_sub(inside_null, 1);
            }
            Event::Text(text) => append(&mut out, &open, &text.xml10_content()),
            Event::CData(text) => append(&mut out, &open, &text.xml10_content()),
            Event::GeneralRef(name) => {
                append(&mut out, &open, &resolved(&name)?);
            }
            Event::Eof if open.is_empty() => break,
            Event::Eof => return Err("ends too early".into()),
            _ => {}
        }
    }
    for Element(tag, name, text) in &mut out {
        if let Some(name) = name {
            *name = unescaped(name);
        }
        if matches!(
            tag.as_str(),
            "S" | "SBK" | "URI" | "XD" | "T" | "ToString" | "AV" | "SD"
        ) {
            *text = unescaped(text);
        }
    }
    Ok(out)
}

fn element(start: &BytesStart<'_>, tag: &str, in_entry: bool) -> Result<Element, String> {
    let name = start
        .try_get_attribute("N")
        .map_err(|error| error.to_string())?;
    let name = name.filter(|_| !in_entry).map(|name| {
        name.normalized_value(quick_xml::XmlVersion::Explicit1_0)
            .map(|name| PsString::from(&*name))
    });
    Ok(Element(
        tag.into(),
        name.transpose().map_err(|error| error.to_string())?,
        PsString::EMPTY,
    ))
}

fn resolved(name: &str) -> Result<String, String> {
    if let Some(text) = resolve_predefined_entity(name) {
        return Ok(text.into());
    }
    let code = match name.strip_prefix("#x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => name
            .strip_prefix('#')
            .and_then(|digits| digits.parse().ok()),
    };
    code.and_then(char::from_u32)
        .map(String::from)
        .ok_or_else(|| format!("&{name};"))
}

/// Only the elements that have text keep it; between the others there is white space.
fn append(out: &mut [Element], open: &[Option<usize>], more: &str) {
    const WITHOUT: [&str; 14] = [
        "Obj", "Nil", "Ref", "TN", "TNRef", "Props", "MS", "LST", "STK", "QUE", "IE", "DCT", "PR",
        "En",
    ];
    if let Some(Some(index)) = open.last()
        && !WITHOUT.contains(&out[*index].0.as_str())
    {
        let joined = out[*index]
            .2
            .encode_utf16()
            .chain(more.encode_utf16())
            .collect::<Vec<_>>();
        out[*index].2 = PsString::from_utf16(&joined);
    }
}

/// The escapes of MS-PSRP 2.2.5.3.2 once more, in the plainest way.
fn unescaped(text: &PsString) -> PsString {
    let units: Vec<u16> = text.encode_utf16().collect();
    let escape = |at: usize, digits: usize| -> Option<u32> {
        let part = String::from_utf16(units.get(at..at + digits + 3)?).ok()?;
        let hex = part
            .strip_prefix("_x")
            .or(part.strip_prefix("_X"))?
            .strip_suffix('_')?;
        (hex.len() == digits && hex.bytes().all(|b| b.is_ascii_hexdigit())).then_some(())?;
        u32::from_str_radix(hex, 16)
            .ok()
            .filter(|code| *code <= 0x10_FFFF)
    };
    let (mut out, mut at) = (Vec::new(), 0);
    while at < units.len() {
        let found = escape(at, 4)
            .map(|code| (code, 7))
            .or_else(|| escape(at, 8).map(|code| (code, 11)));
        match found {
            Some((code, length)) => {
                match char::from_u32(code) {
                    Some(c) => out.extend_from_slice(c.encode_utf16(&mut [0; 2])),
                    None => out.push(u16::try_from(code).unwrap()),
                }
                at += length;
            }
            None => {
                out.push(units[at]);
                at += 1;
            }
        }
    }
    PsString::from_utf16(&out)
}

/// Ways of XML that PowerShell never takes and a peer may.
fn in_another_style(xml: &str, style: u8) -> String {
    match style {
        0 => xml.replace("><", ">\r\n\t <"),
        1 => xml.replace(" />", "/>"),
        2 => xml.replace("><", "><!-- - --><?p <x>?><"),
        3 => xml.replace('e', "&#x65;").replace("R&#x65;fId", "RefId"),
        4 => xml.replace("N=\"", "\n x='&lt;\"' N = \""),
        5 => xml.replace("</S>", "<![CDATA[a<&]]>\r\n</S >"),
        _ => xml.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_scanner_sees_what_quick_xml_sees(value: Value, style in 0_u8..7) {
        let mut out = bytes::BytesMut::new();
        psrp_codec::clixml::write(&value, &mut out);
        let xml = String::from_utf8(out.to_vec()).unwrap();
        // quick-xml takes no references to what is not a character of XML 1.0.
        prop_assume!(!xml.contains("&#xFFF"));
        // A text that looks like an attribute would be taken for one.
        prop_assume!(style != 4 || !xml.replace(" N=\"", " ").contains("N="));
        let styled = in_another_style(&xml, style);
        if let Some(ours) = ours(styled.as_bytes()) {
            prop_assert_eq!(Ok(ours), theirs(styled.as_bytes()), "{}", styled);
        } else {
            // Only the tags of start and end can be hurt by a style.
            prop_assert!(style == 3, "{}", styled);
        }
    }

    #[test]
    fn shortcuts_change_nothing(
        value: Value,
        style in 0_u8..7,
        edits in prop::collection::vec((any::<prop::sample::Index>(), "[<>/&;=\"'! SNObj_x\\]?-]{0,3}"), 0..3),
    ) {
        let mut out = bytes::BytesMut::new();
        psrp_codec::clixml::write(&value, &mut out);
        let mut xml = String::from_utf8(out.to_vec()).unwrap();
        for (place, piece) in edits {
            let mut at = place.index(xml.len());
            while !xml.is_char_boundary(at) {
                at -= 1;
            }
            xml.insert_str(at, &piece);
        }
        psrp_codec::fuzzing::clixml_shortcuts(xml.as_bytes());
        psrp_codec::fuzzing::clixml_shortcuts(in_another_style(&xml, style).as_bytes());
        let document = format!(
            "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">{xml}</Objs>"
        );
        psrp_codec::fuzzing::clixml_shortcuts(document.as_bytes());
    }

    #[test]
    fn what_the_scanner_takes_is_well_formed(
        value: Value,
        edits in prop::collection::vec((any::<prop::sample::Index>(), "[<>/&;=\"'! SNObj\\]?-]"), 1..4),
    ) {
        let mut out = bytes::BytesMut::new();
        psrp_codec::clixml::write(&value, &mut out);
        let mut xml = String::from_utf8(out.to_vec()).unwrap();
        prop_assume!(!xml.contains("&#xFFF"));
        for (place, piece) in edits {
            let mut at = place.index(xml.len());
            while !xml.is_char_boundary(at) {
                at -= 1;
            }
            xml.insert_str(at, &piece);
        }
        if let Some(ours) = ours(xml.as_bytes()) {
            prop_assert_eq!(Ok(ours), theirs(xml.as_bytes()), "{}", xml);
        }
    }
}
