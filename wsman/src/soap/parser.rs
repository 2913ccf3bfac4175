//! From text to a [`Tree`], within limits.

use std::borrow::Cow;
use std::io::BufRead;
use std::ops::Range;

use bytes::Bytes;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::error::{DecodeError, DecodeErrorKind};
use super::limits::EnvelopeLimits;
use super::tree::{Node, Tag, Text, Tree, split_name};
use crate::namespaces;

impl<'x> Tree<'x> {
    /// Reads `text`, one element with what is inside.
    pub fn parse(text: &'x [u8], limits: &EnvelopeLimits) -> Result<Self, DecodeError> {
        let too_many = |what, limit, offset| {
            Err(DecodeError::new(
                "Envelope",
                offset,
                DecodeErrorKind::TooMany { what, limit },
            ))
        };
        if text.len() > limits.size {
            return too_many("the bytes of the envelope", limits.size, limits.size);
        }
        Self::parse_tokens(text, limits).map_err(|error| match str::from_utf8(text) {
            Ok(_) => error,
            // What is no text at all is not looked at for other mistakes.
            Err(error) => DecodeError::new(
                "Envelope",
                error.valid_up_to(),
                DecodeErrorKind::Encoding("UTF-8"),
            ),
        })
    }

    /// The tokenizer checks each tag and each text for UTF-8 as it comes to it. What it does not come to is the
    /// base64 of streams, megabytes of it in some answers: that goes from the envelope to the decoder at once.
    fn parse_tokens(text: &'x [u8], limits: &EnvelopeLimits) -> Result<Self, DecodeError> {
        let mut tree = Self {
            nodes: Vec::with_capacity(48),
            tags: Vec::with_capacity(48),
            attributes: Vec::with_capacity(48),
            bindings: Vec::with_capacity(16),
            uris: vec![Cow::Borrowed(""), Cow::Borrowed(namespaces::XML)],
            streams: Vec::new(),
            decoded: Bytes::new(),
        };
        let mut parser = Parser {
            tree: &mut tree,
            open: Vec::with_capacity(8),
            scope: Vec::with_capacity(16),
            decoded: Vec::new(),
            stream_tag: None,
            without_node: 0,
            limits,
        };
        let mut reader = Reader::from_reader(text);
        let mut first = true;
        loop {
            let start = position(&reader);
            let event = reader.read_event().map_err(|error| {
                not_xml(
                    usize::try_from(reader.error_position()).unwrap_or(start),
                    &error,
                )
            })?;
            let end = position(&reader);
            match event {
                Event::Start(element) => {
                    let span = tag(text, start..end)?;
                    parser.open(span, element.name().as_ref().len(), start, false)?;
                    let len = parser.stream_text(text, start..end);
                    reader.stream().consume(len);
                }
                Event::Empty(element) => {
                    let span = tag(text, start..end)?;
                    parser.open(span, element.name().as_ref().len(), start, true)?
                }
                Event::End(_) => {
                    parser.close();
                    let len = parser.streams_alike(text, start..end);
                    reader.stream().consume(len);
                }
                Event::Text(chunk) => {
                    parser.text(one_line_end(chunk.into_inner(), start)?, start)?
                }
                Event::CData(chunk) => {
                    parser.text(one_line_end(chunk.into_inner(), start)?, start)?
                }
                Event::GeneralRef(reference) => parser.text(resolve(&reference, start)?, start)?,
                Event::Comment(_) => {}
                Event::Decl(_) if first => {}
                Event::DocType(_) => {
                    return Err(DecodeError::new(
                        "Envelope",
                        start,
                        DecodeErrorKind::DocumentType,
                    ));
                }
                Event::Decl(_) | Event::PI(_) => {
                    return Err(DecodeError::new(
                        "Envelope",
                        start,
                        DecodeErrorKind::ProcessingInstruction,
                    ));
                }
                Event::Eof => break,
            }
            first = false;
        }
        let is_whole = parser.open.is_empty();
        tree.decoded = Bytes::from(parser.decoded);
        if !is_whole || tree.nodes.is_empty() {
            return Err(DecodeError::new(
                "Envelope",
                text.len(),
                DecodeErrorKind::Xml("it ends too early".to_owned()),
            ));
        }
        Ok(tree)
    }
}

/// What only the reading needs.
pub(super) struct Parser<'t, 'x, 'l> {
    pub(super) tree: &'t mut Tree<'x>,
    /// The open elements, each with its last child so far and the height of `scope` to return to.
    open: Vec<(usize, Option<usize>, usize)>,
    /// Indexes into `tree.bindings` of what is declared and in force.
    pub(super) scope: Vec<usize>,
    /// What becomes `tree.decoded`.
    pub(super) decoded: Vec<u8>,
    /// The start tag of the innermost open element, if that is a stream whose text has been decoded.
    pub(super) stream_tag: Option<Range<usize>>,
    /// How many elements have been read that share the node of the one before them.
    pub(super) without_node: usize,
    pub(super) limits: &'l EnvelopeLimits,
}

impl<'x> Parser<'_, 'x, '_> {
    fn open(
        &mut self,
        span: &'x str,
        name_len: usize,
        offset: usize,
        is_empty: bool,
    ) -> Result<(), DecodeError> {
        let index = self.tree.nodes.len();
        if self.open.len() >= self.limits.depth {
            return self.too_many("elements inside elements", self.limits.depth, offset);
        }
        if self.elements() >= self.limits.elements {
            return self.too_many("the elements of the envelope", self.limits.elements, offset);
        }
        if index > 0 && self.open.is_empty() {
            return Err(DecodeError::new(
                "Envelope",
                offset,
                DecodeErrorKind::Xml("a second root element".to_owned()),
            ));
        }
        let inside = span.strip_prefix('<').unwrap_or(span);
        let inside = inside.strip_suffix('>').unwrap_or(inside);
        let inside = if is_empty {
            inside.strip_suffix('/').unwrap_or(inside)
        } else {
            inside
        };
        let (prefix, name) = checked_name(inside.get(..name_len).unwrap_or(inside), offset)?;

        let scope_before = self.scope.len();
        let (attributes, bindings) = self.read_attributes(inside, name_len, offset)?;
        let uri = self.resolve(prefix, offset)?;
        let parent = self.open.last().map(|(parent, ..)| *parent);
        self.tree.tags.push(Tag {
            prefix,
            name,
            uri,
            attributes,
            bindings,
        });
        self.push(Node {
            tag: self.tree.tags.len() - 1,
            parent,
            first_child: None,
            next_sibling: None,
            text: Text::Checked(Cow::Borrowed("")),
            offset,
        });
        if is_empty {
            self.scope.truncate(scope_before);
        } else {
            self.open.push((index, None, scope_before));
        }
        Ok(())
    }

    /// Puts `node` behind the other children of the innermost open element.
    fn push(&mut self, node: Node<'x>) {
        let index = self.tree.nodes.len();
        if let Some((parent, last_child, _)) = self.open.last_mut() {
            match last_child.replace(index) {
                Some(sibling) => self.tree.nodes[sibling].next_sibling = Some(index),
                None => self.tree.nodes[*parent].first_child = Some(index),
            }
        }
        self.tree.nodes.push(node);
    }

    /// How many elements have been read.
    pub(super) fn elements(&self) -> usize {
        self.tree.nodes.len() + self.without_node
    }

    fn close(&mut self) {
        if let Some((_, _, scope_before)) = self.open.pop() {
            self.scope.truncate(scope_before);
        }
    }

    fn text(&mut self, chunk: Cow<'x, str>, offset: usize) -> Result<(), DecodeError> {
        let Some((index, ..)) = self.open.last() else {
            return if chunk.trim_ascii().is_empty() {
                Ok(())
            } else {
                Err(DecodeError::new(
                    "Envelope",
                    offset,
                    DecodeErrorKind::Xml("text outside of the root".to_owned()),
                ))
            };
        };
        // Text is decoded only where nothing else is inside its element.
        if let Text::Checked(text) = &mut self.tree.nodes[*index].text {
            if text.is_empty() {
                *text = chunk;
            } else {
                text.to_mut().push_str(&chunk);
            }
        }
        Ok(())
    }

    pub(super) fn too_many<T>(
        &self,
        what: &'static str,
        limit: usize,
        offset: usize,
    ) -> Result<T, DecodeError> {
        Err(DecodeError::new(
            "Envelope",
            offset,
            DecodeErrorKind::TooMany { what, limit },
        ))
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    // The reader reads a slice, so no position is beyond `usize`.
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// The bytes of a tag, which the tokenizer has checked.
fn tag(text: &[u8], range: Range<usize>) -> Result<&str, DecodeError> {
    let offset = range.start;
    str::from_utf8(text.get(range).unwrap_or_default()).map_err(|error| not_xml(offset, &error))
}

/// The tokenizer takes anything up to a space for a name; what is written again must be one.
pub(super) fn checked_name(name: &str, offset: usize) -> Result<(&str, &str), DecodeError> {
    let (prefix, local) = split_name(name);
    let is_start = |c: char| c.is_alphabetic() || c == '_';
    let is_inner =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{B7}') || !c.is_ascii();
    let is_name = |part: &str| {
        // Nearly every name is made of letters alone.
        let is_plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphabetic());
        is_plain || (part.starts_with(is_start) && part.chars().all(is_inner))
    };
    if is_name(local) && (is_name(prefix) || (prefix.is_empty() && !name.starts_with(':'))) {
        return Ok((prefix, local));
    }
    Err(not_xml(
        offset,
        &format!(
            "{:?} is not a name",
            name.chars().take(80).collect::<String>()
        ),
    ))
}

pub(super) fn not_xml(offset: usize, error: &impl std::fmt::Display) -> DecodeError {
    DecodeError::new(
        "Envelope",
        offset,
        DecodeErrorKind::Xml(error.to_string().chars().take(200).collect()),
    )
}

/// Refuses control characters and makes every end of a line `\n`, as XML asks for.
pub(super) fn one_line_end(text: Cow<'_, str>, offset: usize) -> Result<Cow<'_, str>, DecodeError> {
    // The least byte needs no early exit, of which compilers make wide instructions: most of the text is base64.
    if text.bytes().fold(u8::MAX, u8::min) >= b' ' {
        return Ok(text);
    }
    if text
        .bytes()
        .any(|byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'))
    {
        return Err(not_xml(offset, &"a control character is not allowed"));
    }
    if !text.contains('\r') {
        return Ok(text);
    }
    Ok(Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")))
}

fn resolve<'x>(reference: &BytesRef<'x>, offset: usize) -> Result<Cow<'x, str>, DecodeError> {
    if let Some(character) = reference
        .resolve_char_ref()
        .map_err(|error| not_xml(offset, &error))?
    {
        return Ok(Cow::Owned(character.to_string()));
    }
    let name = reference.clone().into_inner();
    quick_xml::escape::resolve_xml_entity(&name)
        .map(Cow::Borrowed)
        .ok_or_else(|| not_xml(offset, &format!("the entity {name:?} is not known")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Tree<'_>, DecodeError> {
        Tree::parse(text.as_bytes(), &EnvelopeLimits::default())
    }

    #[test]
    fn a_prefix_means_what_the_nearest_declaration_says() {
        let tree = parse(
            r#"<p:a xmlns:p="one"><p:b xmlns:p="two"><p:c/></p:b><p:d p:x="1" y="2"/></p:a>"#,
        )
        .unwrap();
        let late = parse("<a p:x='1' xmlns:p='one'/>").unwrap();
        assert_eq!(late.root().attribute_in("one", "x"), Some("1"));
        let names: Vec<_> = tree
            .root()
            .children()
            .map(|e| (e.namespace(), e.name()))
            .collect();
        assert_eq!(names, [("two", "b"), ("one", "d")]);
        let d = tree.root().child("one", "d").unwrap();
        assert_eq!(
            (
                d.attribute_in("one", "x"),
                d.attribute("y"),
                d.attribute("x")
            ),
            (Some("1"), Some("2"), None)
        );
        assert_eq!(d.resolve_name("p:Word"), (Some("one"), "Word"));
        assert_eq!(d.resolve_name("q:Word"), (None, "Word"));
    }

    #[test]
    fn text_is_joined_over_references_comments_and_cdata() {
        let tree = parse(
            "<?xml version=\"1.0\"?>\n<a>1 &lt; <!-- no -->2<![CDATA[ & ]]>3&#x21;<b>x</b></a>\n",
        )
        .unwrap();
        assert_eq!(tree.root().text(), "1 < 2 & 3!");
        assert_eq!(tree.root().children().next().unwrap().text(), "x");
    }

    #[test]
    fn what_is_not_plain_xml_is_refused() {
        for (text, reason) in [
            ("", "it ends too early"),
            ("<a>", "it ends too early"),
            ("<a></b>", "expected `</a>`"),
            ("<a/><b/>", "a second root element"),
            ("<a/>x", "text outside of the root"),
            (
                "<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>",
                "document type",
            ),
            ("<a><?php x?></a>", "processing instruction"),
            ("<a>&nbsp;</a>", "\"nbsp\" is not known"),
            ("<a>&#0;</a>", "0"),
            ("<a>\u{1}</a>", "control character"),
            ("<a b='\u{1}'/>", "control character"),
            ("<p:a/>", "\"p\" is not bound"),
            ("<a x='1' x='2'/>", "twice"),
            ("<a p:x='1' q:x='2' xmlns:p='u' xmlns:q='u'/>", "twice"),
            ("<a xmlns:='u'/>", "is not a name"),
            ("<a xmlns:1='u'/>", "is not a name"),
            ("<a x=1/>", "XML"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn each_limit_holds_at_its_boundary() {
        let limits = EnvelopeLimits {
            size: 200,
            depth: 3,
            attributes: 2,
            elements: 4,
            namespaces: 2,
        };
        for (fits, text) in [
            (true, "<a><b><c/></b></a>"),
            (false, "<a><b><c><d/></c></b></a>"),
            (true, "<a x='1' y='2'/>"),
            (false, "<a x='1' y='2' z='3'/>"),
            (true, "<a><b/><b/><b/></a>"),
            (false, "<a><b/><b/><b/><b/></a>"),
            (true, "<a xmlns:p='1' xmlns:q='2'/>"),
            (false, "<a xmlns:p='1' xmlns:q='2'><b xmlns='3'/></a>"),
        ] {
            let read = Tree::parse(text.as_bytes(), &limits);
            assert_eq!(read.is_ok(), fits, "{text}");
        }
    }
}
