//! From the text in the XML to the text that was meant: first what XML replaces, then the
//! `_xHHHH_` escapes of MS-PSRP 2.2.5.3.2.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "positions stay below the length of a text that is in memory"
)]

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr3, memmem};

use super::scan::reference;
use crate::PsString;
use crate::value::{StringBuilder, eq_ignore_case};

/// A text of the input, borrowed unless something in it was escaped.
#[derive(Clone, Debug)]
pub struct Text<'x>(Form<'x>);

#[derive(Clone, Debug)]
enum Form<'x> {
    Borrowed(&'x str),
    Made(Aside),
}

/// Hardly any text is escaped, so what is made of one lies behind a pointer, and who drops a text
/// does no more than look whether there is one.
// INVARIANT: there is one until it is taken out or dropped.
#[derive(Clone, Debug)]
struct Aside(Option<Box<Made>>);

/// A text that does not stand in the input as it is meant.
#[derive(Clone, Debug)]
enum Made {
    Plain(String),
    // INVARIANT: has a lone surrogate.
    Wide(PsString),
}

impl Aside {
    fn as_str(&self) -> Option<&str> {
        match self.0.as_deref() {
            Some(Made::Plain(text)) => Some(text),
            _ => None,
        }
    }

    fn take(mut self) -> Made {
        self.0
            .take()
            .map_or(Made::Plain(String::new()), |made| *made)
    }
}

impl Drop for Aside {
    #[inline]
    fn drop(&mut self) {
        #[cold]
        #[inline(never)]
        fn free(made: Box<Made>) {
            drop(made);
        }
        if let Some(made) = self.0.take() {
            free(made);
        }
    }
}

impl<'x> Text<'x> {
    #[inline]
    pub(super) const fn borrowed(text: &'x str) -> Self {
        Self(Form::Borrowed(text))
    }

    /// The text, unless it has a lone surrogate.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Form::Borrowed(text) => Some(text),
            Form::Made(made) => made.as_str(),
        }
    }

    /// The text, unless it has a lone surrogate.
    #[must_use]
    pub fn into_cow(self) -> Option<Cow<'x, str>> {
        match self.0 {
            Form::Borrowed(text) => Some(Cow::Borrowed(text)),
            Form::Made(made) => match made.take() {
                Made::Plain(text) => Some(Cow::Owned(text)),
                Made::Wide(_) => None,
            },
        }
    }

    /// The text, with U+FFFD in place of each lone surrogate.
    #[must_use]
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        match &self.0 {
            Form::Borrowed(text) => Cow::Borrowed(text),
            Form::Made(made) => match made.0.as_deref() {
                Some(Made::Plain(text)) => Cow::Borrowed(text),
                Some(Made::Wide(text)) => text.to_string_lossy(),
                None => Cow::Borrowed(""),
            },
        }
    }

    /// The whole text, whatever it is.
    #[must_use]
    pub fn into_string(self) -> PsString {
        match self.0 {
            Form::Borrowed(text) => text.into(),
            Form::Made(made) => match made.take() {
                Made::Plain(text) => text.into(),
                Made::Wide(text) => text,
            },
        }
    }

    /// Whether it is `name` but for case, as PowerShell compares names.
    #[must_use]
    pub fn eq_ignore_case(&self, name: &str) -> bool {
        self.as_str().is_some_and(|text| eq_ignore_case(text, name))
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl From<Made> for Text<'_> {
    fn from(made: Made) -> Self {
        Self(Form::Made(Aside(Some(Box::new(made)))))
    }
}

impl From<StringBuilder> for Text<'_> {
    fn from(builder: StringBuilder) -> Self {
        match builder.finish() {
            Ok(text) => Made::Plain(text).into(),
            Err(units) => units.into(),
        }
    }
}

impl From<Vec<u16>> for Text<'_> {
    fn from(units: Vec<u16>) -> Self {
        let text = PsString::from_utf16(&units);
        match text.as_str() {
            Some(text) => Made::Plain(text.to_owned()).into(),
            None => Made::Wide(text).into(),
        }
    }
}

/// What an element's text means to XML: references replaced, CDATA merged, comments gone, line
/// ends made one.
///
/// The scanner has been here: whatever begins is known to end.
pub(super) fn content(raw: &str, indirect: bool) -> Text<'_> {
    if !indirect {
        return Text::borrowed(raw);
    }
    let mut out = StringBuilder::with_capacity(raw.len());
    push_content(&mut out, raw);
    out.into()
}

fn push_content(out: &mut StringBuilder, raw: &str) {
    let mut rest = raw;
    while let Some(at) = memchr3(b'&', b'<', b'\r', rest.as_bytes()) {
        let (before, found) = split(rest, at);
        out.push_str(before);
        rest = match found.as_bytes().first() {
            Some(b'\r') => {
                out.push_char('\n');
                found.strip_prefix("\r\n").unwrap_or(split(found, 1).1)
            }
            Some(b'&') => push_reference(out, found),
            _ => {
                if let Some(body) = found.strip_prefix("<![CDATA[") {
                    let (body, after) = split_around(body, "]]>");
                    push_lines(out, body);
                    after
                } else if let Some(body) = found.strip_prefix("<!--") {
                    split_around(body, "-->").1
                } else {
                    split_around(found, "?>").1
                }
            }
        };
    }
    out.push_str(rest);
}

/// Where [`decode`] works; kept from text to text.
#[derive(Debug, Default)]
pub(super) struct Room {
    content: String,
    unescaped: String,
}

/// Room beyond this is given back, so that one long text does not stay in memory.
const MOST_ROOM: usize = 1 << 16;

/// The whole way from the text in the XML to a string. Beside the string nothing is allocated
/// once `room` has grown.
pub(super) fn decode(raw: &str, indirect: bool, escapes: bool, room: &mut Room) -> PsString {
    if !indirect {
        let first = if escapes {
            first_escape(raw.as_bytes())
        } else {
            None
        };
        let Some(first) = first else {
            return raw.into();
        };
        let mut out = StringBuilder::within(std::mem::take(&mut room.unescaped));
        push_unescaped(&mut out, raw, first);
        let (string, mut left) = out.finish_within();
        left.shrink_to(MOST_ROOM);
        room.unescaped = left;
        return string;
    }
    let mut out = StringBuilder::within(std::mem::take(&mut room.content));
    push_content(&mut out, raw);
    match out.finish() {
        Ok(mut content) => {
            let string = decode(&content, false, escapes, room);
            content.clear();
            content.shrink_to(MOST_ROOM);
            room.content = content;
            string
        }
        Err(units) => {
            let text = Text::from(units);
            if escapes { unescape(text) } else { text }.into_string()
        }
    }
}

/// What an attribute's value means to XML: references replaced, white space made spaces.
pub(super) fn attribute(raw: &str, indirect: bool) -> Text<'_> {
    if !indirect {
        return Text::borrowed(raw);
    }
    let mut out = StringBuilder::with_capacity(raw.len());
    let mut rest = raw;
    let special = |b: &u8| matches!(b, b'&' | b'\t' | b'\n' | b'\r');
    while let Some(at) = rest.as_bytes().iter().position(special) {
        let (before, found) = split(rest, at);
        out.push_str(before);
        rest = match found.strip_prefix("\r\n") {
            _ if found.starts_with('&') => push_reference(&mut out, found),
            after => {
                out.push_char(' ');
                after.unwrap_or(split(found, 1).1)
            }
        };
    }
    out.push_str(rest);
    out.into()
}

/// Replaces `_xHHHH_` and `_xHHHHHHHH_`: one pass from the left, no match overlapping another.
#[inline]
pub(super) fn unescape(text: Text<'_>) -> Text<'_> {
    match text.0 {
        Form::Borrowed(raw) => match first_escape(raw.as_bytes()) {
            Some(at) => unescape_from(raw, at),
            None => text,
        },
        Form::Made(ref made) => match made.0.as_deref() {
            Some(Made::Wide(raw)) => unescape_units(raw),
            Some(Made::Plain(raw)) => match first_escape(raw.as_bytes()) {
                Some(at) => unescape_from(raw, at),
                None => text,
            },
            None => text,
        },
    }
}

pub(super) fn unescape_owned(text: Text<'_>) -> PsString {
    unescape(text).into_string()
}

/// Where the first escape begins.
#[inline]
fn first_escape(text: &[u8]) -> Option<usize> {
    memchr_iter(b'_', text).find(|at| text.get(*at..).and_then(escape).is_some())
}

#[cold]
fn unescape_from<'any>(text: &str, first: usize) -> Text<'any> {
    let mut out = StringBuilder::with_capacity(text.len());
    push_unescaped(&mut out, text, first);
    out.into()
}

fn push_unescaped(out: &mut StringBuilder, text: &str, first: usize) {
    let (before, mut rest) = split(text, first);
    out.push_str(before);
    while let Some((code, length)) = escape(rest.as_bytes()) {
        push_code(out, code);
        rest = split(rest, length).1;
        let at = first_escape(rest.as_bytes()).unwrap_or(rest.len());
        let (before, after) = split(rest, at);
        out.push_str(before);
        rest = after;
    }
    out.push_str(rest);
}

/// The same for a text that has lone surrogates already: references to them may stand in XML.
#[cold]
fn unescape_units<'any>(text: &PsString) -> Text<'any> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut out = StringBuilder::with_capacity(units.len());
    let mut rest = units.as_slice();
    while let Some((unit, after)) = rest.split_first() {
        // Every letter of an escape is ASCII; what is not becomes something that is no letter.
        let mut window = [0xFF_u8; 11];
        for (byte, unit) in window.iter_mut().zip(rest) {
            *byte = u8::try_from(*unit).unwrap_or(0xFF);
        }
        match escape(&window) {
            Some((code, length)) => {
                push_code(&mut out, code);
                rest = rest.get(length..).unwrap_or_default();
            }
            None => {
                out.push_unit(*unit);
                rest = after;
            }
        }
    }
    out.into()
}

/// An escape at the start of `text`: its code point or unit, and its length.
///
/// PowerShell takes the low 16 bits of eight digits from 80000000 on; that is an accident of
/// overflow and such a text stays as it is here.
fn escape(text: &[u8]) -> Option<(u32, usize)> {
    let [b'_', b'x' | b'X', rest @ ..] = text else {
        return None;
    };
    let four = hex(rest.get(..4)?)?;
    if rest.get(4) == Some(&b'_') {
        return Some((four, 7));
    }
    let eight = four << 16 | hex(rest.get(4..8)?)?;
    (rest.get(8) == Some(&b'_') && eight <= 0x0010_FFFF).then_some((eight, 11))
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| {
        Some(number << 4 | char::from(*digit).to_digit(16)?)
    })
}

fn push_code(out: &mut StringBuilder, code: u32) {
    match u16::try_from(code) {
        // Units on their own: a surrogate meets its other half if that comes next.
        Ok(unit) => out.push_unit(unit),
        Err(_) => out.push_char(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
    }
}

fn push_reference<'x>(out: &mut StringBuilder, text: &'x str) -> &'x str {
    match reference(text.as_bytes()) {
        Some((code, length)) => {
            push_code(out, code);
            split(text, length).1
        }
        None => "",
    }
}

/// The text of a CDATA section, with line ends made one.
fn push_lines(out: &mut StringBuilder, text: &str) {
    let mut rest = text;
    while let Some(at) = memchr(b'\r', rest.as_bytes()) {
        let (before, found) = split(rest, at);
        out.push_str(before);
        out.push_char('\n');
        rest = found.strip_prefix("\r\n").unwrap_or(split(found, 1).1);
    }
    out.push_str(rest);
}

fn split(text: &str, at: usize) -> (&str, &str) {
    text.split_at_checked(at).unwrap_or((text, ""))
}

fn split_around<'x>(text: &'x str, mark: &str) -> (&'x str, &'x str) {
    match memmem::find(text.as_bytes(), mark.as_bytes()) {
        Some(at) => (split(text, at).0, split(text, at + mark.len()).1),
        None => (text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(text: &str) -> PsString {
        unescape_owned(Text::borrowed(text))
    }

    #[test]
    fn escapes_are_replaced_in_one_pass() {
        for (text, meant) in [
            ("_x000A_", "\n"),
            ("_X000a_", "\n"),
            ("_x0001F600_", "😀"),
            ("_xD83D__xDE00_", "😀"),
            ("_x00110000_", "_x00110000_"),
            ("_x80000041_", "_x80000041_"),
            ("_x12_", "_x12_"),
            ("_x005F_x000A_", "_x000A_"),
            ("_x0041_x0042_", "Ax0042_"),
            ("__x000A_", "_\n"),
            ("_x0000004A_", "J"),
            ("a_b_c_x", "a_b_c_x"),
        ] {
            assert_eq!(unescaped(text), meant, "{text}");
        }
    }

    #[test]
    fn escapes_are_replaced_beside_lone_surrogates() {
        let text = content("&#xD800;_x0041__xDC00_", true);
        let units: Vec<u16> = unescape_owned(text).encode_utf16().collect();
        assert_eq!(units, [0xD800, 0x41, 0xDC00]);
    }

    #[test]
    fn xml_comes_before_escapes() {
        assert_eq!(unescape_owned(content("&#95;x000A_", true)), "\n");
        assert_eq!(
            unescape_owned(content(
                "a\r\nb\rc<![CDATA[\r\n<]]><!-- x -->&amp;<?p?>d",
                true
            )),
            "a\nb\nc\n<&d"
        );
        assert_eq!(
            attribute("a\r\nb\tc&#10;", true).to_string_lossy(),
            "a b c\n"
        );
    }
}
