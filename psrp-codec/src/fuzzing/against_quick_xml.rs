//! Our scanner against quick-xml: what ours takes, quick-xml takes, and both see the same.
//!
//! quick-xml is asked for all that it checks: end tags, comments, attributes that are there twice,
//! prefixes of namespaces. What it leaves to its caller is added from what it resolves: attributes
//! that are there twice under two prefixes of one namespace. It is the laxer of the two, so that
//! nothing follows from what only ours refuses. Where it is the stricter one, ours is right on
//! purpose; these are all such places:
//!
//! * References to what is no character of XML 1.0 (`&#0;`, `&#xD800;`) are what they say, as they
//!   are for PowerShell, whose reader does not check characters. See [`code_of`].
//! * It has a ceiling of its own for declarations of namespaces that hold at once, which is lifted;
//!   ours is [`Limits::attributes`].
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "an oracle says by a panic that something is wrong, and nothing but tests asks one"
)]

use std::collections::{HashMap, HashSet};

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, QName, ResolveResult};
use quick_xml::reader::NsReader;

use crate::clixml::{Node, Tape};
use crate::{DecodeError, Limits, PsString};

/// Both forms of CLIXML: what our reader takes, quick-xml reads to the same elements.
///
/// # Panics
/// When it does not.
pub fn clixml_against_quick_xml(data: &[u8]) {
    let _ = bare_against_quick_xml(data);
    let mut tape = Tape::default();
    if let Ok(root) = tape.parse_document(data, &Limits::DEFAULT) {
        compare(root, data, Form::Document);
    }
}

/// The bare form alone.
///
/// # Errors
/// When our reader does not take it.
///
/// # Panics
/// When our reader takes it, and quick-xml does not or sees something else.
pub fn bare_against_quick_xml(data: &[u8]) -> Result<(), DecodeError> {
    let mut tape = Tape::default();
    compare(tape.parse(data, &Limits::DEFAULT)?, data, Form::Bare);
    Ok(())
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Form {
    Bare,
    Document,
}

/// An element that is kept.
#[derive(Debug, Default, Eq, PartialEq)]
struct Element {
    /// How many elements are around it; entries of dictionaries do not count.
    depth: usize,
    tag: String,
    /// Of a property `N`, of a value of a document `S`.
    name: Option<PsString>,
    /// As written.
    ref_id: Option<String>,
    /// Where in the list the element is that a reference means.
    target: Option<usize>,
    text: PsString,
}

fn compare(root: Node<'_>, data: &[u8], form: Form) {
    let mut ours = Vec::new();
    see(root, 0, &mut ours);
    let xml = str::from_utf8(data).expect("our reader took it");
    let theirs = Reader::new(xml, form).read();
    assert_eq!(theirs.as_ref(), Ok(&ours), "quick-xml sees another {xml}");
}

fn see(node: Node<'_>, depth: usize, out: &mut Vec<Element>) {
    let tag = node.kind().tag();
    assert_eq!(node.index(), out.len(), "an element is not in its place");
    out.push(Element {
        depth,
        tag: tag.into(),
        name: node.name().map(|name| name.into_string()),
        ref_id: node.ref_id().map(str::to_owned),
        target: node.target().map(Node::index),
        // Others keep positions where these have text.
        text: if has_text(tag) {
            node.text().into_string()
        } else {
            PsString::EMPTY
        },
    });
    node.children().for_each(|child| see(child, depth + 1, out));
}

/// An element that quick-xml has seen the start of.
#[derive(Clone, Copy)]
enum Open {
    /// It is kept, at this place in the list.
    Kept(usize),
    /// An entry of a dictionary, whose parts are known by their order.
    Entry,
    /// It does not matter what is in it.
    Skipped,
}

struct Reader<'x> {
    xml: NsReader<&'x [u8]>,
    form: Form,
    out: Vec<Element>,
    /// The text of each of them, which comes in pieces.
    texts: Vec<Vec<u16>>,
    open: Vec<Open>,
    objects: HashMap<String, usize>,
    type_names: HashMap<String, usize>,
    /// A document of a version after 1.1.
    skips_unknown: bool,
}

impl<'x> Reader<'x> {
    fn new(text: &'x str, form: Form) -> Self {
        let mut xml = NsReader::from_str(text);
        xml.config_mut().enable_all_checks(true);
        xml.resolver_mut().set_max_namespace_bindings(usize::MAX);
        Self {
            xml,
            form,
            out: Vec::new(),
            texts: Vec::new(),
            open: Vec::new(),
            objects: HashMap::new(),
            type_names: HashMap::new(),
            skips_unknown: false,
        }
    }

    fn read(mut self) -> Result<Vec<Element>, String> {
        let mut is_first = true;
        loop {
            let (namespace, event) = self.xml.read_resolved_event().map_err(told)?;
            let namespace = match namespace {
                ResolveResult::Unbound => None,
                ResolveResult::Bound(namespace) => Some(uri_of(namespace)?),
                ResolveResult::Unknown(prefix) => return Err(format!("{prefix} is not declared")),
            };
            match event {
                Event::Start(start) => {
                    let opened = self.element(&start, namespace)?;
                    self.open.push(opened);
                }
                Event::Empty(start) => drop(self.element(&start, namespace)?),
                Event::End(_) => drop(self.open.pop()),
                Event::Text(text) => self.text(&text.xml10_content(), true)?,
                Event::CData(text) => self.text(&text.xml10_content(), false)?,
                Event::GeneralRef(name) => {
                    let units = units_of(&name).ok_or_else(|| format!("&{};", &*name))?;
                    self.units(units)?;
                }
                Event::Decl(decl) if is_first && self.form == Form::Document => {
                    let version = decl.version().map_err(told)?;
                    if &*version != "1.0" {
                        return Err(format!("it is of version {version}"));
                    }
                    decl.encoding().transpose().map_err(told)?;
                    decl.standalone().transpose().map_err(told)?;
                }
                Event::Decl(_) | Event::DocType(_) => return Err("it has a declaration".into()),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Eof if self.open.is_empty() => break,
                Event::Eof => return Err("it ends too early".into()),
            }
            is_first = false;
        }
        for (element, units) in self.out.iter_mut().zip(&self.texts) {
            element.text = PsString::from_utf16(units);
            if let Some(name) = &mut element.name {
                *name = unescaped(name);
            }
            if is_string(&element.tag) {
                element.text = unescaped(&element.text);
            }
        }
        Ok(self.out)
    }

    fn element(
        &mut self,
        start: &BytesStart<'_>,
        namespace: Option<PsString>,
    ) -> Result<Open, String> {
        let mut attributes = HashMap::new();
        let mut expanded = HashSet::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(told)?;
            match self.xml.resolver().resolve_attribute(attribute.key) {
                (ResolveResult::Unknown(prefix), _) => {
                    return Err(format!("{prefix} is not declared"));
                }
                (ResolveResult::Bound(namespace), local) => {
                    if !expanded.insert((uri_of(namespace)?, local.into_inner().to_owned())) {
                        return Err(format!("{} is there twice", local.into_inner()));
                    }
                }
                (ResolveResult::Unbound, _) => {}
            }
            let meant = meaning(&attribute)?;
            attributes.insert(
                attribute.key.0.to_owned(),
                (meant, attribute.value.into_owned()),
            );
        }
        let parent = match self.open.last() {
            Some(Open::Skipped) => return Ok(Open::Skipped),
            Some(Open::Kept(index)) => self.out[*index].tag.clone(),
            Some(Open::Entry) => "En".into(),
            None if self.out.is_empty() => String::new(),
            None => return Err("it has two roots".into()),
        };
        if matches!(parent.as_str(), "Nil" | "Ref" | "TNRef") {
            return Ok(Open::Skipped);
        }
        let tag = start.local_name().into_inner().to_owned();
        let ours = match self.form {
            Form::Bare => namespace.is_none(),
            Form::Document => namespace == Some(NAMESPACE.into()),
        };
        if parent == "Obj" && self.skips_unknown && !(ours && is_part(&tag)) {
            return Ok(Open::Skipped);
        }
        if !ours {
            return Err(format!("{tag} is in another namespace"));
        }
        if tag == "En" {
            return Ok(Open::Entry);
        }
        let meant = |name: &str| attributes.get(name).map(|(meant, _)| meant.clone());
        if tag == "Objs" {
            let version = meant("Version")
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let minor = version
                .split('.')
                .nth(1)
                .and_then(|part| part.trim().parse().ok());
            self.skips_unknown = minor.is_some_and(|minor: u32| minor > 1);
        }
        let index = self.out.len();
        let id = meant("RefId").map(|id| id.to_string_lossy().into_owned());
        let target = match (tag.as_str(), id) {
            ("Obj", Some(id)) => self.objects.insert(id, index).and(None),
            ("TN", Some(id)) => self.type_names.insert(id, index).and(None),
            ("Ref" | "TNRef", id) => {
                let known = match tag.as_str() {
                    "Ref" => &self.objects,
                    _ => &self.type_names,
                };
                let target = id.and_then(|id| known.get(&id).copied());
                Some(target.ok_or("a reference goes astray")?)
            }
            _ => None,
        };
        let ref_id = attributes.get("RefId").map(|(_, raw)| raw.clone());
        self.out.push(Element {
            depth: self
                .open
                .iter()
                .filter(|open| matches!(open, Open::Kept(_)))
                .count(),
            name: match parent.as_str() {
                "Props" | "MS" => meant("N"),
                "Objs" => meant("S"),
                _ => None,
            },
            ref_id: ref_id.filter(|_| matches!(tag.as_str(), "Obj" | "Ref")),
            target,
            tag,
            text: PsString::EMPTY,
        });
        self.texts.push(Vec::new());
        Ok(Open::Kept(index))
    }

    /// Text and CDATA sections; white space may stand where only elements can, if it `may_part` them.
    fn text(&mut self, text: &str, may_part: bool) -> Result<(), String> {
        let is_space = text.bytes().all(|b| b.is_ascii_whitespace());
        if may_part && is_space && !self.is_in_text() {
            return Ok(());
        }
        self.units(text.encode_utf16().collect())
    }

    fn is_in_text(&self) -> bool {
        matches!(self.open.last(), Some(Open::Kept(index)) if has_text(&self.out[*index].tag))
    }

    fn units(&mut self, units: Vec<u16>) -> Result<(), String> {
        match self.open.last() {
            Some(Open::Skipped) => Ok(()),
            Some(Open::Kept(index)) => {
                let element = &self.out[*index];
                if has_text(&element.tag) {
                    self.texts[*index].extend(units);
                } else if !matches!(element.tag.as_str(), "Nil" | "Ref" | "TNRef") {
                    return Err(format!("there is text in {}", element.tag));
                }
                Ok(())
            }
            Some(Open::Entry) | None => Err("there is text where none can be".into()),
        }
    }
}

const NAMESPACE: &str = "http://schemas.microsoft.com/powershell/2004/04";

/// Whether a later version of a document says so where an object is, too.
fn is_part(tag: &str) -> bool {
    const PARTS: [&str; 13] = [
        "Obj", "Nil", "Ref", "PR", "TN", "TNRef", "Props", "MS", "LST", "STK", "QUE", "IE", "DCT",
    ];
    const PARTS_OF_PROGRESS: [&str; 7] = ["T", "AV", "AI", "PI", "PC", "SR", "SD"];
    PARTS.contains(&tag) || has_text(tag) && !PARTS_OF_PROGRESS.contains(&tag)
}

fn has_text(tag: &str) -> bool {
    const TEXTS: [&str; 31] = [
        "S", "C", "B", "DT", "TS", "By", "SB", "U16", "I16", "U32", "I32", "U64", "I64", "Sg",
        "Db", "D", "BA", "G", "URI", "Version", "XD", "SBK", "SS", "T", "ToString", "AV", "AI",
        "PI", "PC", "SR", "SD",
    ];
    TEXTS.contains(&tag)
}

/// Whether there are escapes in its text.
fn is_string(tag: &str) -> bool {
    matches!(
        tag,
        "S" | "SBK" | "URI" | "XD" | "T" | "ToString" | "AV" | "SD"
    )
}

/// The name of a namespace: what its declaration means, where the reader keeps what is written.
fn uri_of(Namespace(written): Namespace<'_>) -> Result<PsString, String> {
    meaning(&Attribute {
        key: QName("xmlns"),
        value: written.into(),
    })
}

/// What an attribute's value is, in the end.
fn meaning(attribute: &Attribute<'_>) -> Result<PsString, String> {
    let error = match attribute.normalized_value(XmlVersion::Explicit1_0) {
        Ok(value) => return Ok(PsString::from(&*value)),
        Err(error) => told(error),
    };
    // It knows no references but those to characters.
    let (mut units, mut rest) = (Vec::new(), &*attribute.value);
    while let Some((before, after)) = rest.split_once('&') {
        let (name, after) = after.split_once(';').ok_or_else(|| error.clone())?;
        units.extend(spaced(before));
        units.extend(units_of(name).ok_or_else(|| error.clone())?);
        rest = after;
    }
    units.extend(spaced(rest));
    Ok(PsString::from_utf16(&units))
}

fn spaced(text: &str) -> Vec<u16> {
    text.replace("\r\n", " ")
        .replace(['\r', '\n', '\t'], " ")
        .encode_utf16()
        .collect()
}

/// What a reference of this name means.
fn units_of(name: &str) -> Option<Vec<u16>> {
    if let Some(text) = resolve_predefined_entity(name) {
        return Some(text.encode_utf16().collect());
    }
    let code = code_of(name.strip_prefix('#')?)?;
    Some(match char::from_u32(code) {
        Some(character) => character.encode_utf16(&mut [0; 2]).to_vec(),
        None => vec![u16::try_from(code).ok()?],
    })
}

/// The number in a reference: a code point, or half of one.
fn code_of(number: &str) -> Option<u32> {
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    let plain = digits.chars().all(|digit| digit.is_digit(radix));
    let code = u32::from_str_radix(digits, radix).ok().filter(|_| plain)?;
    (code <= 0x0010_FFFF).then_some(code)
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
            .filter(|code| *code <= 0x0010_FFFF)
    };
    let (mut out, mut at) = (Vec::new(), 0);
    while at < units.len() {
        let found = escape(at, 4)
            .map(|code| (code, 7))
            .or_else(|| escape(at, 8).map(|code| (code, 11)));
        let (meant, length) = match found {
            Some((code, length)) => match char::from_u32(code) {
                Some(character) => (character.encode_utf16(&mut [0; 2]).to_vec(), length),
                None => (vec![u16::try_from(code).expect("half of a pair")], length),
            },
            None => (vec![units[at]], 1),
        };
        out.extend(meant);
        at += length;
    }
    PsString::from_utf16(&out)
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What our reader would be caught with, if it took that.
    #[test]
    fn quick_xml_refuses_what_is_ill_formed() {
        for xml in [
            "<S>",
            "<S></S></S>",
            "<S></I32>",
            "<S/><S/>",
            "<S/>text",
            "<S a='1' a='2'/>",
            "<S a/>",
            "<S a=1/>",
            "<S>&lt</S>",
            "<S>&nbsp;</S>",
            "<S>&#x110000;</S>",
            "<S a='&#xG;'/>",
            "<!DOCTYPE S><S/>",
            "<S><!-- -- --></S>",
            "<Nil><p:a/></Nil>",
            "<Nil p:a=''/>",
            "<Nil xmlns:p='http://www.w3.org/2000/xmlns/'/>",
            "<Nil xmlns:p='urn:n' xmlns:q='urn:n' p:a='' q:a=''/>",
            "<Nil xmlns:p='urn:n' xmlns:q='urn:&#x6E;' p:a='' q:a=''/>",
            "<Ref RefId='0'/>",
            "<Obj>text</Obj>",
            "<Obj><![CDATA[]]> <!-- --></Obj>x",
        ] {
            let read = Reader::new(xml, Form::Bare).read();
            assert!(read.is_err(), "{xml}: {read:?}");
        }
        for declaration in ["encoding='utf-8'", "version='1.2'", "standalone='yes'"] {
            let xml = format!("<?xml {declaration}?><Objs xmlns='{NAMESPACE}'/>");
            let read = Reader::new(&xml, Form::Document).read();
            assert!(read.is_err(), "{xml}: {read:?}");
        }
    }

    #[test]
    fn quick_xml_sees_what_is_meant() {
        let xml = "<Obj RefId='0'><MS><S N='a&#10;_x0042_'>x<![CDATA[&]]>&amp;&#xD800;\r\n</S>\
                   <Ref N='r' RefId='0'> </Ref></MS></Obj>";
        let read = Reader::new(xml, Form::Bare).read().unwrap();
        let [object, set, string, reference] = &read[..] else {
            panic!("{read:?}");
        };
        assert_eq!((object.depth, object.ref_id.as_deref()), (0, Some("0")));
        assert_eq!((set.depth, set.tag.as_str()), (1, "MS"));
        assert_eq!(string.name, Some("a\nB".into()));
        let units: Vec<u16> = "x&&".encode_utf16().chain([0xD800, 0x0A]).collect();
        assert_eq!(string.text, PsString::from_utf16(&units));
        assert_eq!((reference.depth, reference.target), (2, Some(0)));
    }
}
