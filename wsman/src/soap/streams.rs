//! The streams in an envelope: their base64 goes to the decoder where it stands.
//!
//! They are nearly all of what comes over the wire. A server puts each fragment into an element of its own, so an
//! answer may hold hundreds of elements with one and the same start tag.

use std::ops::Range;

use base64_simd::STANDARD;
use memchr::memchr;

use super::parser::Parser;
use super::tree::{DecodedStream, Node, Text};
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
        if self.tree.streams.capacity() == 0 {
            // As many as would follow if each was as long as this one.
            let len = tag.len() + text.len();
            let most = self.limits.elements.saturating_sub(self.elements());
            self.tree
                .streams
                .reserve_exact((rest.len() / len).min(most) + 1);
        }
        let index = self.tree.streams.len();
        self.push_stream(text, tag.start);
        if let Some(node) = self.tree.nodes.last_mut() {
            node.text = Text::Base64(index..index + 1);
        }
        self.stream_tag = Some(tag);
        text.len()
    }

    /// Reads the elements behind a stream whose end tag is at `end_tag` that have the same tags to the letter, and
    /// base64 between them. Gives how many bytes of `envelope` they took.
    ///
    /// What was found in the start tag once holds for each of them, as they stand in the same element.
    pub(super) fn streams_alike(&mut self, envelope: &'x [u8], end_tag: Range<usize>) -> usize {
        let Some(tag) = self.stream_tag.take() else {
            return 0;
        };
        // Nothing but base64 is inside a stream that was decoded, so the node is its own.
        let Some(&Node {
            parent: Some(_), ..
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
        let room = self.limits.elements.saturating_sub(self.elements());
        let mut count = 0;
        while count < room {
            let Some(inside) = rest.strip_prefix(start_tag) else {
                break;
            };
            let Some((text, after)) = self.base64(inside, end_tag) else {
                break;
            };
            self.push_stream(text, offset + behind.len() - rest.len());
            count += 1;
            rest = after;
        }
        self.without_node += count;
        if let Some(node) = self.tree.nodes.last_mut()
            && let Text::Base64(streams) = &mut node.text
        {
            streams.end += count;
        }
        behind.len() - rest.len()
    }

    /// Notes a stream that begins at `offset` and whose base64 was decoded just now.
    fn push_stream(&mut self, text: &'x [u8], offset: usize) {
        self.tree.streams.push(DecodedStream {
            text,
            offset,
            decoded_end: self.decoded.len(),
        });
    }

    /// Decodes the base64 at the beginning of `rest`, if it is not empty and `end` follows. Gives it and what comes
    /// after `end`.
    fn base64(&mut self, rest: &'x [u8], end: &[u8]) -> Option<(&'x [u8], &'x [u8])> {
        let (text, after) = rest.split_at_checked(memchr(b'<', rest)?)?;
        let after = after.strip_prefix(end)?;
        if text.is_empty() {
            return None;
        }
        STANDARD.decode_append(text, &mut self.decoded).ok()?;
        Some((text, after))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::shell::{StreamData, Streams};
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
        let streams = Streams::read_inside(tree.root(), drop);
        let streams = streams.map_err(|error| error.to_string())?;
        Ok(streams.into_iter().collect())
    }

    fn texts(streams: &[StreamData]) -> Vec<(&str, Option<&str>, &[u8])> {
        let texts = streams.iter().map(|stream| {
            let command = stream.command.as_ref().map(|command| command.as_str());
            (stream.name.as_str(), command, &stream.data[..])
        });
        texts.collect()
    }

    fn read_one(text: &str) -> Result<StreamData, String> {
        let xml = format!(
            "<r xmlns:rsp='{}'><rsp:Stream Name='stdout'>{text}</rsp:Stream></r>",
            namespaces::SHELL
        );
        let tree = Tree::parse(xml.as_bytes(), &EnvelopeLimits::default())
            .map_err(|error| error.to_string())?;
        let read = Streams::read_inside(tree.root(), drop);
        let read = read.map_err(|error| error.to_string())?;
        // What was decoded on the way is still there to be read as text.
        assert_eq!(tree.root().children().count(), 1);
        Ok(read.into_iter().next().unwrap())
    }

    #[test]
    fn base64_is_read_however_it_stands_in_its_element() {
        for text in [
            "aGVsbG8=",
            " aGVsbG8=\n",
            "aGVs\r\nbG8=",
            "aGVs<!-- on -->bG8=",
            "<![CDATA[aGVsbG8=]]>",
            "aGVs<![CDATA[bG8=]]>",
            "aGVsbG8&#61;",
            "aGVsbG8=<x/>",
            "<x/>aGVsbG8=",
        ] {
            assert_eq!(read_one(text).unwrap().data, "hello", "{text}");
        }
        assert!(read_one("").unwrap().data.is_empty());
    }

    #[test]
    fn what_is_no_base64_is_refused_as_in_any_other_text() {
        for (text, reason) in [
            ("aGVsbG8", "the text is not base64"),
            ("aGVs&bG8=", "Envelope at byte"),
            ("aGVs\u{1}bG8=", "a control character is not allowed"),
            ("aGVsbG8=\u{c}", "a control character is not allowed"),
            ("aGVsbG8=</rsp:stream>", "expected `</rsp:Stream>`"),
            ("aGVsbG8=<x>", "expected `</x>`"),
        ] {
            let error = read_one(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_named_before_other_mistakes() {
        let xml = [
            format!("<r xmlns:rsp='{}'><rsp:Stream>", namespaces::SHELL).as_bytes(),
            b"aGVs\xffbG8=</rsp:Stream></x>",
        ]
        .concat();
        let error = Tree::parse(&xml, &EnvelopeLimits::default()).unwrap_err();
        let at = xml.iter().position(|byte| *byte == 0xff).unwrap();
        assert_eq!(
            error.to_string(),
            format!("Envelope at byte {at}: the text is not valid UTF-8")
        );
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
