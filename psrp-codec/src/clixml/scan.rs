//! The XML under CLIXML: tags, attributes, text, comments, and what must not be there.
//!
//! No document types and no entities but the five that XML knows: what CLIXML needs, and nothing
//! that a peer could make grow. Names are only looked at where they matter, so that one pass over
//! the bytes is enough.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "positions stay below the length of the input, which fits in 32 bits"
)]

use memchr::{memchr, memchr3, memmem};

use super::Kind;
use super::kind::pack;
use crate::{DecodeError, DecodeErrorKind, Limits};

/// A stretch of the input. Inputs of 4 GiB and more are refused at the door.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    pub(super) const fn length(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    pub(super) fn of(self, xml: &[u8]) -> &[u8] {
        xml.get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the input is shorter than 4 GiB"
    )]
    const fn new(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            end: end as u32,
        }
    }
}

/// The value of an attribute, as written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Attribute {
    pub(super) value: Span,
    pub(super) present: bool,
    /// Holds a reference or white space that XML replaces, so it cannot be taken as it stands.
    pub(super) indirect: bool,
}

/// A start tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) at: usize,
    /// `None`: not a tag of CLIXML, or not in its namespace.
    pub(super) kind: Option<Kind>,
    /// With the prefix, as the end tag repeats it.
    pub(super) name: Span,
    pub(super) empty: bool,
    pub(super) n: Attribute,
    pub(super) ref_id: Attribute,
    /// Has attributes beside these two.
    pub(super) others: bool,
}

/// What comes next between the tags.
pub(super) enum Token {
    Start(Start),
    /// The name in an end tag.
    End(Span),
    /// The input is over.
    Over,
}

/// The text of an element.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawText {
    pub(super) span: Span,
    /// Holds a reference, a CDATA section, a comment or a carriage return.
    pub(super) indirect: bool,
}

/// What [`leaf`] found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf {
    pub(super) kind: Kind,
    pub(super) name: Span,
    pub(super) text: Span,
    pub(super) named: bool,
    pub(super) name_may_escape: bool,
    pub(super) text_may_escape: bool,
    /// Where the next element begins.
    pub(super) end: usize,
}

/// Which namespaces elements may stand in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Namespace {
    /// None: the form of messages.
    None,
    /// That of documents, by default or by prefix.
    Document,
}

const DOCUMENT_NAMESPACE: &[u8] = b"http://schemas.microsoft.com/powershell/2004/04";
const XML_NAMESPACE: &[u8] = b"http://www.w3.org/XML/1998/namespace";

/// A namespace that was declared, for the elements at `depth` and below.
#[derive(Clone, Copy, Debug)]
struct Binding {
    depth: usize,
    /// Empty for the default namespace.
    prefix: Span,
    /// Whether it is the one that elements must stand in.
    ours: bool,
}

/// What a scanner needs beside the input; kept between inputs so that it is not allocated anew.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    bindings: Vec<Binding>,
    // Names of the attributes of one element, to find one that is there twice.
    attributes: Vec<Span>,
    // `S` and `Version` of one element, if it has attributes beside the usual two.
    stream: Attribute,
    version: Attribute,
}

pub(super) struct Scanner<'x, 's> {
    xml: &'x [u8],
    at: usize,
    namespace: Namespace,
    // Characters below U+0020 occur somewhere, so that text must be looked at for them.
    has_controls: bool,
    text_size: usize,
    attributes: usize,
    scratch: &'s mut Scratch,
}

pub(super) fn malformed(at: usize, what: &'static str) -> DecodeError {
    DecodeError::new("CLIXML", at, DecodeErrorKind::Malformed(what))
}

pub(super) fn too_large(at: usize, what: &'static str, got: usize, limit: usize) -> DecodeError {
    DecodeError::new(
        "CLIXML",
        at,
        DecodeErrorKind::TooLarge {
            what,
            got: got as u64,
            limit: limit as u64,
        },
    )
}

fn cut_short(at: usize) -> DecodeError {
    DecodeError::new("CLIXML", at, DecodeErrorKind::Truncated)
}

impl<'x, 's> Scanner<'x, 's> {
    /// Starts at `at`, behind a byte order mark if there was one.
    pub(super) fn new(
        xml: &'x str,
        at: usize,
        namespace: Namespace,
        limits: &Limits,
        scratch: &'s mut Scratch,
    ) -> Result<Self, DecodeError> {
        scratch.bindings.clear();
        let xml = xml.as_bytes();
        let has_controls = smallest(xml) < b' ';
        if !xml.is_ascii()
            && let Some(at) =
                memmem::find(xml, b"\xEF\xBF\xBE").or(memmem::find(xml, b"\xEF\xBF\xBF"))
        {
            return Err(malformed(
                at,
                "U+FFFE and U+FFFF must be written as references",
            ));
        }
        if has_controls
            && xml
                .iter()
                .fold(false, |any, b| any | (*b < b' ' && !is_space(*b)))
            && let Some(at) = xml.iter().position(|b| *b < b' ' && !is_space(*b))
        {
            return Err(malformed(
                at,
                "a control character must be written as a reference",
            ));
        }
        Ok(Self {
            xml,
            at,
            namespace,
            has_controls,
            text_size: limits.text_size,
            attributes: limits.attributes,
            scratch,
        })
    }

    /// The attribute `S` of the element that was just read.
    pub(super) fn stream(&self, start: &Start) -> Attribute {
        if start.others {
            self.scratch.stream
        } else {
            Attribute::default()
        }
    }

    /// The attribute `Version` of the element that was just read.
    pub(super) fn version(&self, start: &Start) -> Attribute {
        if start.others {
            self.scratch.version
        } else {
            Attribute::default()
        }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Whether [`leaf`] may be asked: there is nothing to watch for but what it watches for.
    pub(super) fn takes_leaves(&self) -> bool {
        !self.has_controls && self.is_plain()
    }

    /// Goes on at `at`, behind the leaves.
    pub(super) fn go_on_at(&mut self, at: usize) {
        self.at = at;
    }

    fn peek(&self, ahead: usize) -> u8 {
        // NUL stands for the end: it is refused as a character before scanning begins.
        self.xml.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'x [u8] {
        self.xml.get(self.at..).unwrap_or_default()
    }

    /// Passes over an XML declaration, if one stands here.
    pub(super) fn declaration(&mut self) -> Result<(), DecodeError> {
        if !(self.rest().starts_with(b"<?xml") && (is_space(self.peek(5)) || self.peek(5) == b'?'))
        {
            return Ok(());
        }
        let start = self.at;
        let end = memmem::find(self.rest(), b"?>").ok_or_else(|| cut_short(start))?;
        let content = self.rest().get(5..end).unwrap_or_default();
        self.at += end + 2;
        let wrong = || {
            malformed(
                start,
                "this is not an XML declaration of version 1.0 in UTF-8",
            )
        };
        let mut expected = ["version", "encoding", "standalone"].iter();
        let mut rest = content.trim_ascii();
        while !rest.is_empty() {
            let (name, after) = split_at_byte(rest, b'=').ok_or_else(wrong)?;
            let (quote, after) = after.trim_ascii().split_first().ok_or_else(wrong)?;
            let (value, after) = split_at_byte(after, *quote).ok_or_else(wrong)?;
            let name = name.trim_ascii();
            let known = expected.any(|each| each.as_bytes() == name);
            let fits = match name {
                b"version" => value == b"1.0",
                b"encoding" => {
                    value.eq_ignore_ascii_case(b"utf-8") || value.eq_ignore_ascii_case(b"us-ascii")
                }
                _ => value == b"yes" || value == b"no",
            };
            if !known || !fits || !matches!(quote, b'"' | b'\'') {
                return Err(wrong());
            }
            rest = after.trim_ascii();
        }
        if expected.len() == 3 {
            Err(wrong())
        } else {
            Ok(())
        }
    }

    /// The next tag, with comments, processing instructions and white space passed over.
    /// `depth` is how many elements are open; text is an error unless `text` allows it.
    #[inline]
    pub(super) fn next(&mut self, depth: usize, text: bool) -> Result<Token, DecodeError> {
        loop {
            if self.peek(0) != b'<' {
                if self.at >= self.xml.len() {
                    return Ok(Token::Over);
                }
                self.between(text)?;
                continue;
            }
            return match self.peek(1) {
                b'/' => self.end_tag().map(Token::End),
                b'!' | b'?' => {
                    self.aside(text)?;
                    continue;
                }
                _ => self.start_tag(depth).map(Token::Start),
            };
        }
    }

    /// White space between tags, or text where that is allowed.
    #[cold]
    fn between(&mut self, text: bool) -> Result<(), DecodeError> {
        while is_space(self.peek(0)) {
            self.at += 1;
        }
        match self.peek(0) {
            b'<' => Ok(()),
            _ if self.at >= self.xml.len() => Ok(()),
            _ if !text => Err(malformed(
                self.at,
                "there is text where only elements can stand",
            )),
            _ => self.text_run().map(drop),
        }
    }

    /// Up to the next `<`; whether there was a reference on the way.
    #[inline]
    fn text_run(&mut self) -> Result<bool, DecodeError> {
        let mut indirect = false;
        loop {
            let Some(found) = memchr3(b'<', b'&', b'>', self.rest()) else {
                self.at = self.xml.len();
                return Ok(indirect);
            };
            self.at += found;
            match self.peek(0) {
                b'<' => return Ok(indirect),
                b'&' => {
                    let (_, length) = reference(self.rest()).ok_or_else(|| {
                        malformed(self.at, "this is not a reference that XML knows")
                    })?;
                    indirect = true;
                    self.at += length;
                }
                _ => {
                    if self.xml.get(..self.at).unwrap_or_default().ends_with(b"]]") {
                        return Err(malformed(self.at, "]]> cannot stand in text"));
                    }
                    self.at += 1;
                }
            }
        }
    }

    /// A comment, a processing instruction or, where there may be text, a CDATA section.
    #[cold]
    fn aside(&mut self, text: bool) -> Result<(), DecodeError> {
        let start = self.at;
        let rest = self.rest();
        let ends = if rest.starts_with(b"<!--") {
            let body = rest.get(4..).unwrap_or_default();
            let end = memmem::find(body, b"--").ok_or_else(|| cut_short(start))?;
            if body.get(end + 2) != Some(&b'>') {
                return Err(match body.get(end + 2) {
                    None => cut_short(start),
                    Some(_) => malformed(start, "-- cannot stand in a comment"),
                });
            }
            4 + end + 3
        } else if rest.starts_with(b"<?") {
            let target = rest.get(2..).unwrap_or_default();
            let end = memmem::find(target, b"?>").ok_or_else(|| cut_short(start))?;
            let target = target.get(..end).unwrap_or_default();
            let name_ends = target
                .iter()
                .position(|b| is_space(*b))
                .unwrap_or(target.len());
            let name = target.get(..name_ends).unwrap_or_default();
            if name.eq_ignore_ascii_case(b"xml") {
                return Err(malformed(start, "an XML declaration cannot stand here"));
            }
            if !is_name(name) {
                return Err(malformed(start, "a processing instruction has no name"));
            }
            2 + end + 2
        } else if rest.starts_with(b"<![CDATA[") && text {
            let body = rest.get(9..).unwrap_or_default();
            9 + memmem::find(body, b"]]>").ok_or_else(|| cut_short(start))? + 3
        } else if rest.starts_with(b"<![CDATA[") {
            return Err(malformed(
                start,
                "there is text where only elements can stand",
            ));
        } else if rest.starts_with(b"<!DOCTYPE") {
            return Err(malformed(start, "a document type is prohibited"));
        } else if b"<![CDATA[".starts_with(rest)
            || b"<!DOCTYPE".starts_with(rest)
            || b"<!--".starts_with(rest)
        {
            return Err(cut_short(start));
        } else {
            return Err(malformed(start, "this is not markup that XML knows"));
        };
        self.at += ends;
        Ok(())
    }

    #[inline]
    fn end_tag(&mut self) -> Result<Span, DecodeError> {
        let start = self.at;
        let name_start = start + 2;
        let end = memchr(b'>', self.rest()).ok_or_else(|| cut_short(start))? + start;
        let mut name_end = end;
        while name_end > name_start && self.xml.get(name_end - 1).is_some_and(|b| is_space(*b)) {
            name_end -= 1;
        }
        self.at = end + 1;
        Ok(Span::new(name_start, name_end))
    }

    /// From `<` to behind `>`.
    #[inline]
    fn start_tag(&mut self, depth: usize) -> Result<Start, DecodeError> {
        let at = self.at;
        let mut length = 0;
        loop {
            let byte = self.peek(1 + length);
            if matches!(byte, b'>' | b' ' | b'/' | b'\t' | b'\n' | b'\r') {
                break;
            }
            if byte == 0 {
                return Err(cut_short(at));
            }
            length += 1;
        }
        let name = Span::new(at + 1, at + 1 + length);
        self.at += 1 + length;
        let kind = kind_of(name.of(self.xml));
        let mut start = Start {
            at,
            kind,
            name,
            empty: false,
            n: Attribute::default(),
            ref_id: Attribute::default(),
            others: false,
        };
        if kind.is_none() && !is_name(name.of(self.xml)) {
            return Err(malformed(at, "this is not the name of an element"));
        }
        self.start_tag_rest(&mut start, depth)?;
        Ok(start)
    }

    #[inline]
    fn start_tag_rest(&mut self, start: &mut Start, depth: usize) -> Result<(), DecodeError> {
        let mut declared = false;
        loop {
            match self.peek(0) {
                b'>' => {
                    self.at += 1;
                    break;
                }
                b'/' if self.peek(1) == b'>' => {
                    self.at += 2;
                    start.empty = true;
                    break;
                }
                b' ' if self.rest().starts_with(b" N=\"") && !start.n.present => {
                    self.at += 3;
                    start.n = self.attribute_value()?;
                    continue;
                }
                b' ' if self.rest().starts_with(b" RefId=\"") && !start.ref_id.present => {
                    self.at += 7;
                    start.ref_id = self.attribute_value()?;
                    continue;
                }
                byte if is_space(byte) => {}
                0 if self.at >= self.xml.len() => return Err(cut_short(start.at)),
                b'/' if self.at + 1 >= self.xml.len() => return Err(cut_short(start.at)),
                _ => return Err(malformed(self.at, "this cannot stand in a tag")),
            }
            while is_space(self.peek(0)) {
                self.at += 1;
            }
            if !matches!(self.peek(0), b'>' | b'/') {
                if !std::mem::replace(&mut start.others, true) {
                    self.scratch.attributes.clear();
                    self.scratch.stream = Attribute::default();
                    self.scratch.version = Attribute::default();
                }
                declared |= self.other_attribute(start, depth)?;
            }
        }
        if declared || start.others || start.kind.is_none() || !self.is_plain() {
            self.resolve(start)?;
        }
        if start.empty {
            self.leave(depth);
        }
        Ok(())
    }

    /// Whether an element without a prefix is in the right namespace for certain.
    #[inline]
    fn is_plain(&self) -> bool {
        match (self.namespace, self.scratch.bindings.as_slice()) {
            (Namespace::None, []) => true,
            (Namespace::Document, [only]) => only.ours && only.prefix == Span::default(),
            _ => false,
        }
    }

    /// From the opening quote to behind the closing one.
    #[inline]
    fn attribute_value(&mut self) -> Result<Attribute, DecodeError> {
        let quote = self.peek(0);
        let start = self.at + 1;
        self.at = start;
        let mut indirect = false;
        loop {
            let found =
                memchr3(quote, b'<', b'&', self.rest()).ok_or_else(|| cut_short(self.xml.len()))?;
            self.at += found;
            match self.peek(0) {
                b'<' => return Err(malformed(self.at, "< cannot stand in an attribute")),
                b'&' => {
                    let (_, length) = reference(self.rest()).ok_or_else(|| {
                        malformed(self.at, "this is not a reference that XML knows")
                    })?;
                    indirect = true;
                    self.at += length;
                }
                _ => break,
            }
        }
        let value = Span::new(start, self.at);
        self.at += 1;
        if self.has_controls {
            indirect |= value.of(self.xml).iter().any(|b| *b < b' ');
        }
        if self.at - start > self.text_size {
            return Err(too_large(
                start,
                "text_size",
                self.at - start,
                self.text_size,
            ));
        }
        Ok(Attribute {
            value,
            present: true,
            indirect,
        })
    }

    /// An attribute that is not in the form or the place that PowerShell writes it in; whether it
    /// declares a namespace.
    #[cold]
    fn other_attribute(&mut self, start: &mut Start, depth: usize) -> Result<bool, DecodeError> {
        let name_start = self.at;
        while !matches!(self.peek(0), b'=' | b'>' | b'/' | b'<' | b'"' | b'\'' | 0)
            && !is_space(self.peek(0))
        {
            self.at += 1;
        }
        let name = Span::new(name_start, self.at);
        while is_space(self.peek(0)) {
            self.at += 1;
        }
        if !is_name(name.of(self.xml)) {
            return Err(malformed(
                name_start,
                "this is not the name of an attribute",
            ));
        }
        if self.at >= self.xml.len() {
            return Err(cut_short(name_start));
        }
        if self.peek(0) != b'=' {
            return Err(malformed(self.at, "an attribute has no value"));
        }
        self.at += 1;
        while is_space(self.peek(0)) {
            self.at += 1;
        }
        if self.at >= self.xml.len() {
            return Err(cut_short(name_start));
        }
        if !matches!(self.peek(0), b'"' | b'\'') {
            return Err(malformed(
                self.at,
                "the value of an attribute is not quoted",
            ));
        }
        let value = self.attribute_value()?;
        let text = name.of(self.xml);
        let known = match text {
            b"N" => Some(&mut start.n),
            b"RefId" => Some(&mut start.ref_id),
            b"S" => Some(&mut self.scratch.stream),
            b"Version" => Some(&mut self.scratch.version),
            _ => None,
        };
        let twice = match known {
            Some(place) => std::mem::replace(place, value).present,
            None => self
                .scratch
                .attributes
                .iter()
                .any(|each| each.of(self.xml) == text),
        };
        if twice {
            return Err(malformed(name_start, "an attribute is there twice"));
        }
        if self.scratch.attributes.len() >= self.attributes {
            return Err(too_large(
                name_start,
                "attributes",
                self.attributes + 1,
                self.attributes,
            ));
        }
        self.scratch.attributes.push(name);
        let prefix = match text.strip_prefix(b"xmlns") {
            Some([]) => Span::default(),
            Some([b':', prefix @ ..]) if !prefix.is_empty() => {
                Span::new(name_start + 6, name_start + text.len())
            }
            _ => return Ok(false),
        };
        let uri = value.value.of(self.xml);
        let bound = match prefix.of(self.xml) {
            b"xml" => uri == XML_NAMESPACE,
            b"xmlns" => false,
            b"" => uri != XML_NAMESPACE,
            _ => !uri.is_empty() && uri != XML_NAMESPACE,
        };
        if !bound {
            return Err(malformed(
                name_start,
                "a namespace cannot be declared like this",
            ));
        }
        let ours = match self.namespace {
            Namespace::None => uri.is_empty(),
            Namespace::Document => uri == DOCUMENT_NAMESPACE && !value.indirect,
        };
        self.scratch.bindings.push(Binding {
            depth,
            prefix,
            ours,
        });
        Ok(true)
    }

    /// Finds the namespace of an element, and that every prefix has been declared.
    #[cold]
    fn resolve(&self, start: &mut Start) -> Result<(), DecodeError> {
        let name = start.name.of(self.xml);
        let undeclared = || malformed(start.at, "a prefix is not declared");
        let ours = match split_at_byte(name, b':') {
            Some((prefix, local)) => {
                let ours = if prefix == b"xml" {
                    Some(false)
                } else {
                    self.binding(prefix)
                };
                start.kind = kind_of(local);
                ours.ok_or_else(undeclared)?
            }
            None => self
                .binding(b"")
                .unwrap_or(self.namespace == Namespace::None),
        };
        if !ours {
            start.kind = None;
        }
        if start.others {
            for attribute in &self.scratch.attributes {
                if let Some((prefix, _)) = split_at_byte(attribute.of(self.xml), b':')
                    && !matches!(prefix, b"xml" | b"xmlns")
                    && self.binding(prefix).is_none()
                {
                    return Err(undeclared());
                }
            }
        }
        Ok(())
    }

    /// Whether `prefix` names our namespace; `None` when it is not declared.
    fn binding(&self, prefix: &[u8]) -> Option<bool> {
        let found = self
            .scratch
            .bindings
            .iter()
            .rev()
            .find(|b| b.prefix.of(self.xml) == prefix);
        found.map(|binding| binding.ours)
    }

    /// Forgets the namespaces that an element at `depth` declared.
    #[inline]
    pub(super) fn leave(&mut self, depth: usize) {
        while self
            .scratch
            .bindings
            .last()
            .is_some_and(|binding| binding.depth >= depth)
        {
            self.scratch.bindings.pop();
        }
    }

    /// The text of an element whose start tag was just read at `depth`, and its end tag.
    #[inline]
    pub(super) fn text(&mut self, start: &Start, depth: usize) -> Result<RawText, DecodeError> {
        if start.empty {
            return Ok(RawText {
                span: Span::new(self.at, self.at),
                indirect: false,
            });
        }
        let from = self.at;
        let mut indirect = self.text_run()?;
        let mut to = self.at;
        while self.peek(1) != b'/' {
            if self.at >= self.xml.len() {
                return Err(cut_short(self.at));
            }
            if !matches!(self.peek(1), b'!' | b'?') {
                return Err(match self.peek(1) {
                    0 => cut_short(self.at),
                    _ => malformed(self.at, "there is an element where only text can stand"),
                });
            }
            self.aside(true)?;
            self.text_run()?;
            indirect = true;
            to = self.at;
        }
        let name = start.name.of(self.xml);
        let rest = self.rest().get(2..).unwrap_or_default();
        // As PowerShell writes it; anything else goes the long way.
        if rest.starts_with(name) && rest.get(name.len()) == Some(&b'>') {
            self.at += 3 + name.len();
        } else {
            let end = self.end_tag()?;
            if end.of(self.xml) != name {
                return Err(malformed(to, "the end tag does not fit the start tag"));
            }
        }
        let span = Span::new(from, to);
        if self.has_controls {
            indirect |= memchr(b'\r', span.of(self.xml)).is_some();
        }
        if to - from > self.text_size {
            return Err(too_large(from, "text_size", to - from, self.text_size));
        }
        self.leave(depth);
        Ok(RawText { span, indirect })
    }

    /// Nothing but white space, comments and processing instructions may follow the root.
    pub(super) fn finish(&mut self) -> Result<(), DecodeError> {
        match self.next(0, false)? {
            Token::Over => Ok(()),
            Token::Start(start) => Err(malformed(start.at, "there is more than one root element")),
            Token::End(name) => Err(malformed(
                name.start as usize,
                "there is an end tag without its start tag",
            )),
        }
    }
}

fn kind_of(name: &[u8]) -> Option<Kind> {
    if name.len() <= 8 {
        Kind::of_packed(pack(name))
    } else {
        None
    }
}

/// An element with text in it, or `Nil`, in exactly the form that PowerShell writes it in, at
/// `start`. `None` for anything else: that goes the long way.
#[inline]
pub(super) fn leaf(xml: &[u8], start: usize, text_size: usize) -> Option<Leaf> {
    let rest = xml.get(start..)?;
    let (first, after) = rest.split_first()?;
    let word = u64::from_le_bytes(*after.first_chunk()?);
    let ends = equal_in_eight(word, b' ') | equal_in_eight(word, b'>');
    if *first != b'<' || ends == 0 {
        return None;
    }
    let bits = ends.trailing_zeros() & !7;
    let key = word & ((1 << bits) - 1);
    let length = bits as usize / 8;
    let kind = Kind::of_packed(key)?;
    let mut leaf = Leaf {
        kind,
        name: Span::default(),
        text: Span::default(),
        named: false,
        name_may_escape: false,
        text_may_escape: false,
        end: 0,
    };
    if !(kind.is_text() || kind == Kind::Nil) {
        return None;
    }
    let mut at = 1 + length;
    if rest.get(at..at + 4) == Some(b" N=\"") {
        at += 4;
        let (length, may_escape) = end_of_name(rest.get(at..)?)?;
        leaf.name = Span::new(start + at, start + at + length);
        leaf.named = true;
        leaf.name_may_escape = may_escape;
        at += length + 1;
    }
    if *rest.get(at)? == b' ' {
        leaf.text = Span::new(start + at, start + at);
        leaf.end = start + at + 3;
        return (rest.get(at + 1..at + 3)? == b"/>").then_some(leaf);
    }
    if *rest.get(at)? != b'>' || kind == Kind::Nil {
        return None;
    }
    at += 1;
    let (text_length, may_escape) = end_of_text(rest.get(at..)?)?;
    leaf.text = Span::new(start + at, start + at + text_length);
    leaf.text_may_escape = may_escape;
    at += text_length;
    let tail = rest.get(at..)?;
    let closed = if length <= 5 {
        let expected = 0x2F3C | key << 16 | u64::from(b'>') << (16 + bits);
        let found = u64::from_le_bytes(*tail.first_chunk()?);
        (found ^ expected) << (40 - bits) == 0
    } else {
        let name = rest.get(1..=length)?;
        tail.starts_with(b"</")
            && tail.get(2..)?.starts_with(name)
            && tail.get(2 + length) == Some(&b'>')
    };
    leaf.end = start + at + length + 3;
    let longest = text_length.max(leaf.name.length());
    (closed && longest <= text_size).then_some(leaf)
}

/// Where the name of a leaf ends: at the first `"`, and `&`, `<` and `>` on the way stop it too.
/// Beside it whether there may be an underscore before that.
#[inline]
fn end_of_name(text: &[u8]) -> Option<(usize, bool)> {
    // `"` and `&` differ in one bit, and so do `<` and `>`.
    find(text, |word| {
        equal(word | ONES << 2, b'&') | equal(word | ONES << 1, b'>')
    })
    .or_else(|| memchr(b'"', text).map(|at| (at, true)))
    .filter(|(at, _)| text.get(*at) == Some(&b'"'))
    .filter(|(at, _)| {
        *at < 16 || memchr3(b'&', b'<', b'>', text.get(..*at).unwrap_or_default()).is_none()
    })
}

/// Where the text of a leaf ends: at the first `<`, if there is neither `&` nor `>` before it.
/// Beside it whether there may be an underscore before that.
#[inline]
fn end_of_text(text: &[u8]) -> Option<(usize, bool)> {
    let found = find(text, |word| {
        equal(word, b'&') | equal(word | ONES << 1, b'>')
    });
    let (at, may_escape) = match found {
        Some(found) => found,
        None => (memchr3(b'<', b'&', b'>', text)?, true),
    };
    (text.get(at) == Some(&b'<')).then_some((at, may_escape))
}

/// The first byte that `stops` marks among the first sixteen, and whether there is an underscore
/// before it. One look at sixteen bytes, without a branch for each: most texts are short.
#[inline]
fn find(text: &[u8], stops: impl Fn(u128) -> u128) -> Option<(usize, bool)> {
    let word = u128::from_le_bytes(*text.first_chunk()?);
    let hits = stops(word);
    if hits == 0 {
        return None;
    }
    let before = (hits & hits.wrapping_neg()) - 1;
    let underscore = equal(word, b'_') & before != 0;
    Some((hits.trailing_zeros() as usize / 8, underscore))
}

const ONES: u128 = u128::MAX / 0xFF;

/// The highest bit of each byte of `word` that is `byte`. Above the first such byte there may be
/// others by mistake.
#[inline]
const fn equal(word: u128, byte: u8) -> u128 {
    let word = word ^ (ONES * byte as u128);
    word.wrapping_sub(ONES) & !word & ONES << 7
}

/// The same for eight bytes.
#[inline]
const fn equal_in_eight(word: u64, byte: u8) -> u64 {
    const ONES: u64 = u64::MAX / 0xFF;
    let word = word ^ (ONES * byte as u64);
    word.wrapping_sub(ONES) & !word & ONES << 7
}

/// The smallest byte; the compiler makes this a loop over vectors.
fn smallest(bytes: &[u8]) -> u8 {
    bytes.iter().fold(u8::MAX, |least, byte| least.min(*byte))
}

/// A reference at the start of `text`: the code point or unit that it means, and its length.
pub(super) fn reference(text: &[u8]) -> Option<(u32, usize)> {
    // The longest that makes sense has leading zeros; what is longer still is read all the same.
    let end = memchr(b';', text)?;
    let name = text.get(1..end)?;
    let code = match name {
        b"lt" => u32::from(b'<'),
        b"gt" => u32::from(b'>'),
        b"amp" => u32::from(b'&'),
        b"quot" => u32::from(b'"'),
        b"apos" => u32::from(b'\''),
        [b'#', b'x', digits @ ..] => number(digits, 16)?,
        [b'#', digits @ ..] => number(digits, 10)?,
        _ => return None,
    };
    Some((code, end + 1))
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let mut number = 0_u32;
    for digit in digits {
        number = number * radix + char::from(*digit).to_digit(radix)?;
        if number > 0x0010_FFFF {
            return None;
        }
    }
    (!digits.is_empty()).then_some(number)
}

fn split_at_byte(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr(byte, text)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Whether these bytes could be a name: nothing of XML's own punctuation is in it, and it does
/// not begin like a number. Which letters Unicode allows in names is left open.
fn is_name(name: &[u8]) -> bool {
    let Some(first) = name.first() else {
        return false;
    };
    let starts = first.is_ascii_alphabetic() || *first == b'_' || *first >= 0x80;
    let goes_on =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':') || *b >= 0x80;
    starts
        && name.iter().all(goes_on)
        && name.iter().filter(|b| **b == b':').count() <= 1
        && name.last() != Some(&b':')
}

/// XML's white space.
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
