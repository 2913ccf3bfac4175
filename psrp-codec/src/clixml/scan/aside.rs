//! What stands beside the elements: the XML declaration, comments and processing instructions.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "positions stay below the length of the input, which fits in 32 bits"
)]

use memchr::{memchr, memmem};

use super::{Scanner, cut_short, is_name, is_space, malformed};
use crate::DecodeError;

impl Scanner<'_, '_> {
    /// Passes over an XML declaration, if one stands here.
    pub(in crate::clixml) fn declaration(&mut self) -> Result<(), DecodeError> {
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
            // The others may be left out, but not the first.
            let known = match expected.len() {
                3 => expected.next().is_some_and(|each| each.as_bytes() == name),
                _ => expected.any(|each| each.as_bytes() == name),
            };
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
            rest = after.trim_ascii_start();
            if rest.len() == after.len() && !rest.is_empty() {
                return Err(wrong());
            }
        }
        if expected.len() == 3 {
            Err(wrong())
        } else {
            Ok(())
        }
    }

    /// A comment, a processing instruction or, where there may be text, a CDATA section.
    #[cold]
    pub(super) fn aside(&mut self, text: bool) -> Result<(), DecodeError> {
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
}

pub(super) fn split_at_byte(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr(byte, text)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}
