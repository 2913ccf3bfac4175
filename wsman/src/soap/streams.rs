//! The streams in an envelope: their base64 goes to the decoder where it stands.
//!
//! They are nearly all of what comes over the wire. A server puts each fragment into an element of its own, so an
//! answer may hold hundreds of elements with one and the same start tag.

use std::ops::Range;

use base64_simd::STANDARD;
use memchr::memchr;

use super::parser::Parser;
use super::tree::{Base64, Node, Text};
use crate::namespaces;

impl<'x> Parser<'_, 'x, '_> {
    /// Decodes what is inside the element just begun with the start tag at `tag`, if that is a stream with base64 and
    /// nothing else inside. Gives how many bytes of `envelope` that took. Anything but base64 is left to the
    /// tokenizer: 0.
    pub(super) fn stream_text(&mut self, envelope: &'x [u8], tag: Range<usize>) -> usize {
        let is_stream = self.tree.tags.last().is_some_and(|tag| {
            tag.name == "Stream" && self.tree.uris[tag.uri] == namespaces::SHELL
        });
        if !is_stream {
            return 0;
        }
        let rest = envelope.get(tag.end..).unwrap_or_default();
        if self.decoded.capacity() == 0 {
            // All streams that can follow, so that none of them moves what is there.
            let len = STANDARD.estimated_decoded_length(rest.len());
            self.decoded.reserve_exact(len);
        }
        let Some((text, _)) = self.base64(rest, b"</") else {
            return 0;
        };
        let len = text.text.len();
        if let Some(node) = self.tree.nodes.last_mut() {
            node.text = Text::Base64(text);
        }
        self.stream_tag = Some(tag);
        len
    }

    /// Reads the elements behind a stream whose end tag is at `end_tag` that have the same tags to the letter, and
    /// base64 between them. Gives how many bytes of `envelope` they took.
    ///
    /// What was found in the start tag once holds for each of them, as they stand in the same element.
    pub(super) fn streams_alike(&mut self, envelope: &'x [u8], end_tag: Range<usize>) -> usize {
        let Some(tag) = self.stream_tag.take() else {
            return 0;
        };
        let Some(&Node {
            tag: shared,
            parent: Some(parent),
            ..
        }) = self.tree.nodes.last()
        else {
            return 0;
        };
        let offset = end_tag.end;
        let (Some(start_tag), Some(end_tag), Some(behind)) = (
            envelope.get(tag),
            envelope.get(end_tag),
            envelope.get(offset..),
        ) else {
            return 0;
        };
        let mut rest = behind;
        while self.tree.nodes.len() < self.limits.elements {
            let Some(inside) = rest.strip_prefix(start_tag) else {
                break;
            };
            let Some((text, after)) = self.base64(inside, end_tag) else {
                break;
            };
            self.push(Node {
                tag: shared,
                parent: Some(parent),
                first_child: None,
                next_sibling: None,
                text: Text::Base64(text),
                offset: offset + behind.len() - rest.len(),
            });
            rest = after;
        }
        behind.len() - rest.len()
    }

    /// Decodes the base64 at the beginning of `rest`, if it is not empty and `end` follows. Gives it and what comes
    /// after `end`.
    fn base64(&mut self, rest: &'x [u8], end: &[u8]) -> Option<(Base64<'x>, &'x [u8])> {
        let (text, after) = rest.split_at_checked(memchr(b'<', rest)?)?;
        let after = after.strip_prefix(end)?;
        if text.is_empty() {
            return None;
        }
        let start = self.decoded.len();
        STANDARD.decode_append(text, &mut self.decoded).ok()?;
        let decoded = start..self.decoded.len();
        Some((Base64 { text, decoded }, after))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::shell::StreamData;
    use crate::soap::{EnvelopeLimits, Tree};

    const DECLARING: &str = concat!(
        "<q:Stream xmlns:q='http://schemas.microsoft.com/wbem/wsman/1/windows/shell' ",
        "Name='stdout'"
    );

    /// What stands inside the element around the streams.
    fn envelope(inside: &str) -> String {
        format!(
            "<r xmlns:rsp='{0}' xmlns:p='{0}'>{inside}</r>",
            namespaces::SHELL
        )
    }

    fn read(xml: &str, limits: &EnvelopeLimits) -> Result<Vec<StreamData>, String> {
        let tree = Tree::parse(xml.as_bytes(), limits).map_err(|error| error.to_string())?;
        StreamData::read_inside(tree.root(), drop).map_err(|error| error.to_string())
    }

    fn texts(streams: &[StreamData]) -> Vec<(&str, Option<&str>, &[u8])> {
        let texts = streams.iter().map(|stream| {
            let command = stream.command.as_ref().map(|command| command.as_str());
            (stream.name.as_str(), command, &stream.data[..])
        });
        texts.collect()
    }

    #[test]
    fn streams_with_one_start_tag_are_told_apart_by_what_is_in_them() {
        let xml = envelope(concat!(
            "<rsp:Stream Name='stdout' CommandId='1'>YQ==</rsp:Stream>",
            "<rsp:Stream Name='stdout' CommandId='1'>YmI=</rsp:Stream>",
            "<rsp:Stream Name='stdout' CommandId='2'>Y2Nj</rsp:Stream>",
            "<rsp:Stream Name='stdout' CommandId='2'></rsp:Stream>",
            "<rsp:Stream Name='stdout' CommandId='2'>ZA==</rsp:Stream>",
            "<rsp:Other/>",
            "<rsp:Stream Name='stdout' CommandId='2'>ZWU=</rsp:Stream>",
        ));
        let tree = Tree::parse(xml.as_bytes(), &EnvelopeLimits::default()).unwrap();
        let children: Vec<_> = tree.root().children().collect();
        for child in &children {
            assert!(
                xml[child.offset()..].starts_with("<rsp:"),
                "{}",
                child.offset()
            );
        }
        let offsets = children
            .windows(2)
            .all(|pair| pair[0].offset() < pair[1].offset());
        assert!(offsets);
        assert_eq!(children[1].text(), "YmI=");
        let streams = read(&xml, &EnvelopeLimits::default()).unwrap();
        let expected: [(&str, Option<&str>, &[u8]); 6] = [
            ("stdout", Some("1"), b"a"),
            ("stdout", Some("1"), b"bb"),
            ("stdout", Some("2"), b"ccc"),
            ("stdout", Some("2"), b""),
            ("stdout", Some("2"), b"d"),
            ("stdout", Some("2"), b"ee"),
        ];
        assert_eq!(texts(&streams), expected);
    }

    #[test]
    fn a_stream_that_is_the_whole_envelope_has_none_beside_it() {
        let stream = format!(
            "<rsp:Stream xmlns:rsp='{}'>YQ==</rsp:Stream>",
            namespaces::SHELL
        );
        let error = read(&stream.repeat(2), &EnvelopeLimits::default()).unwrap_err();
        assert!(error.contains("a second root element"), "{error}");
    }

    #[test]
    fn the_limit_for_elements_counts_streams_that_are_alike() {
        let xml = |count| envelope(&"<rsp:Stream Name='stdout'>YQ==</rsp:Stream>".repeat(count));
        let limits = EnvelopeLimits {
            elements: 10,
            ..EnvelopeLimits::default()
        };
        assert_eq!(read(&xml(9), &limits).unwrap().len(), 9);
        let error = read(&xml(10), &limits).unwrap_err();
        assert!(error.contains("the elements of the envelope"), "{error}");
    }

    proptest! {
        /// The same streams with two spellings of their start tag by turns have no two neighbours that are alike.
        #[test]
        fn streams_that_are_alike_are_read_as_each_by_itself(
            pieces in prop::collection::vec(prop::sample::select(vec![
                ("<rsp:Stream Name='stdout'", ">YWJj</rsp:Stream>"),
                ("<rsp:Stream Name='stdout'", ">YQ==</rsp:Stream>"),
                ("<rsp:Stream Name='stdout'", "></rsp:Stream>"),
                ("<rsp:Stream Name='stdout'", ">Y W J j</rsp:Stream>"),
                ("<rsp:Stream Name='stdout'", ">YWJj</rsp:Stream >"),
                ("<rsp:Stream Name='stdout'", ">YWJj<x/></rsp:Stream>"),
                ("<rsp:Stream Name='stdout'", "><![CDATA[YWJj]]></rsp:Stream>"),
                ("<rsp:Stream Name='stdout'", ">YWJ</rsp:Stream>"),
                ("<rsp:Stream Name='stdout'", ">YWJj</p:Stream>"),
                ("<rsp:Stream Name='stdout' CommandId='1'", ">YWJj</rsp:Stream>"),
                ("<rsp:Stream Name='stdout' End='true'", ">YWJj</rsp:Stream>"),
                ("<rsp:Stream CommandId='1'", ">YWJj</rsp:Stream>"),
                ("<rsp:Stream xmlns:rsp='other' Name='stdout'", ">YWJj</rsp:Stream>"),
                (DECLARING, ">YWJj</q:Stream>"),
                ("<p:Stream Name='stderr'", ">YWJj</p:Stream>"),
                ("<Stream Name='stdout'", ">YWJj</Stream>"),
                ("<!--", "-->"),
                (" ", "\n"),
            ]), 0..12),
        ) {
            let mut alike = String::new();
            let mut by_turns = String::new();
            for (index, (start, rest)) in pieces.iter().enumerate() {
                alike += &format!("{start} {rest}");
                by_turns += &format!("{start}{}{rest}", if index % 2 == 0 { " " } else { "\t" });
            }
            let limits = EnvelopeLimits::default();
            prop_assert_eq!(read(&envelope(&alike), &limits), read(&envelope(&by_turns), &limits));
        }
    }
}
