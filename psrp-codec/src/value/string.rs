//! .NET strings: any sequence of UTF-16 units.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A .NET string: any sequence of UTF-16 units, lone surrogates included.
///
/// Nearly every string is well-formed and is kept as UTF-8, so that [`as_str`](Self::as_str)
/// costs nothing. A string with a lone surrogate is kept as the units that it consists of and
/// survives the way in and out unchanged. A clone shares the text, unless that is short.
///
/// ```
/// use psrp_codec::PsString;
///
/// let plain = PsString::from("Get-Process");
/// assert_eq!(plain.as_str(), Some("Get-Process"));
///
/// let torn = PsString::from_utf16(&[0x61, 0xD83D]);
/// assert_eq!(torn.as_str(), None);
/// assert_eq!(torn.to_string_lossy(), "a\u{FFFD}");
/// assert_eq!(torn.encode_utf16().collect::<Vec<_>>(), [0x61, 0xD83D]);
/// ```
pub struct PsString(Repr);

#[derive(Clone)]
enum Repr {
    Static(&'static str),
    /// At most [`SHORT`]: most texts are never cloned, and it takes longer to count how many
    /// share one than to copy it.
    Own(Box<str>),
    Shared(Arc<str>),
    // INVARIANT: holds at least one lone surrogate, so that equal strings have equal forms.
    Wide(Arc<[u16]>),
}

/// How many bytes a text has that is copied rather than shared.
const SHORT: usize = 128;

impl PsString {
    /// The empty string.
    pub const EMPTY: Self = Self::from_static("");

    /// A string that is part of the program; takes no memory.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        Self(Repr::Static(text))
    }

    /// A string whose clones share the text, however short it is.
    pub(crate) fn shared(text: &str) -> Self {
        Self(Repr::Shared(text.into()))
    }

    /// The string that consists of `units`, whatever they are.
    #[must_use]
    pub fn from_utf16(units: &[u16]) -> Self {
        match String::from_utf16(units) {
            Ok(text) => Self::from(text),
            Err(_) => Self(Repr::Wide(units.into())),
        }
    }

    /// The text, unless the string holds a lone surrogate.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Repr::Static(text) => Some(text),
            Repr::Own(text) => Some(text),
            Repr::Shared(text) => Some(text),
            Repr::Wide(_) => None,
        }
    }

    /// The text, with U+FFFD in place of each lone surrogate.
    #[must_use]
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        match &self.0 {
            Repr::Static(text) => Cow::Borrowed(text),
            Repr::Own(text) => Cow::Borrowed(text),
            Repr::Shared(text) => Cow::Borrowed(text),
            Repr::Wide(units) => Cow::Owned(String::from_utf16_lossy(units)),
        }
    }

    /// The UTF-16 units of the string, in order.
    pub fn encode_utf16(&self) -> impl Iterator<Item = u16> + '_ {
        let (text, units) = match &self.0 {
            Repr::Static(text) => (*text, &[][..]),
            Repr::Own(text) => (&**text, &[][..]),
            Repr::Shared(text) => (&**text, &[][..]),
            Repr::Wide(units) => ("", &**units),
        };
        text.encode_utf16().chain(units.iter().copied())
    }

    /// The units, if the string holds a lone surrogate; see [`as_str`](Self::as_str).
    #[must_use]
    pub fn as_wide(&self) -> Option<&[u16]> {
        match &self.0 {
            Repr::Wide(units) => Some(units),
            _ => None,
        }
    }

    #[inline(never)]
    fn clone_memory(&self) -> Self {
        Self(self.0.clone())
    }

    /// Whether there is not one unit in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_str() == Some("")
    }

    /// Whether both are the same but for case, as PowerShell compares names
    /// (`StringComparison.OrdinalIgnoreCase`).
    #[must_use]
    pub fn eq_ignore_case(&self, other: &str) -> bool {
        self.as_str()
            .is_some_and(|text| eq_ignore_case(text, other))
    }
}

/// Whether two names are the same to PowerShell: each character in its simple upper case.
pub(crate) fn eq_ignore_case(left: &str, right: &str) -> bool {
    if left.eq_ignore_ascii_case(right) {
        return true;
    }
    if left.is_ascii() && right.is_ascii() {
        return false;
    }
    left.chars()
        .map(simple_upper)
        .eq(right.chars().map(simple_upper))
}

/// The upper case of one character where that is one character, as .NET's invariant culture has it.
fn simple_upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

impl Clone for PsString {
    /// A name that is part of the program is copied in two instructions, and most names are.
    #[inline]
    fn clone(&self) -> Self {
        match &self.0 {
            Repr::Static(text) => Self(Repr::Static(text)),
            _ => self.clone_memory(),
        }
    }

    #[inline(always)]
    fn clone_from(&mut self, other: &Self) {
        match (&mut self.0, &other.0) {
            (Repr::Static(place), Repr::Static(text)) => *place = text,
            _ => *self = other.clone_memory(),
        }
    }
}

impl Default for PsString {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl From<&str> for PsString {
    #[inline]
    fn from(text: &str) -> Self {
        match text.len() {
            0 => Self::EMPTY,
            1..=SHORT => Self(Repr::Own(text.into())),
            _ => Self::shared(text),
        }
    }
}

impl From<String> for PsString {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Cow<'_, str>> for PsString {
    fn from(text: Cow<'_, str>) -> Self {
        Self::from(&*text)
    }
}

impl From<Arc<str>> for PsString {
    fn from(text: Arc<str>) -> Self {
        Self(Repr::Shared(text))
    }
}

impl PartialEq for PsString {
    fn eq(&self, other: &Self) -> bool {
        match (self.as_str(), other.as_str()) {
            (Some(left), Some(right)) => left == right,
            (None, None) => self.as_wide() == other.as_wide(),
            _ => false,
        }
    }
}

impl Eq for PsString {}

impl PartialEq<str> for PsString {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

impl PartialEq<&str> for PsString {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == Some(*other)
    }
}

impl Hash for PsString {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.as_str() {
            Some(text) => text.hash(state),
            None => self.as_wide().hash(state),
        }
    }
}

impl PartialOrd for PsString {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// By UTF-16 units, as .NET's ordinal comparison.
impl Ord for PsString {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.encode_utf16().cmp(other.encode_utf16())
    }
}

/// The text as Rust would print it; a lone surrogate shows as `\u{d83d}`.
impl fmt::Debug for PsString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.as_str() {
            return fmt::Debug::fmt(text, f);
        }
        f.write_str("\"")?;
        for unit in char::decode_utf16(self.encode_utf16()) {
            match unit {
                Ok(c) => write!(f, "{}", c.escape_debug())?,
                Err(lone) => write!(f, "\\u{{{:x}}}", lone.unpaired_surrogate())?,
            }
        }
        f.write_str("\"")
    }
}

/// The text, with U+FFFD in place of each lone surrogate.
impl fmt::Display for PsString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_string_lossy())
    }
}

/// Joins pieces of text and single UTF-16 units, in linear time, whatever they are.
#[derive(Default)]
pub(crate) struct StringBuilder {
    text: String,
    // A high surrogate that waits for the low one.
    high: Option<u16>,
    // Once a lone surrogate came by: the whole string as units, and `text` is no longer used.
    wide: Option<Vec<u16>>,
}

impl StringBuilder {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            text: String::with_capacity(capacity),
            high: None,
            wide: None,
        }
    }

    /// One that works within `room`.
    pub(crate) fn within(mut room: String) -> Self {
        room.clear();
        Self {
            text: room,
            high: None,
            wide: None,
        }
    }

    /// The string, and the room that was worked in.
    pub(crate) fn finish_within(mut self) -> (PsString, String) {
        self.settle();
        let string = match &self.wide {
            Some(units) => PsString::from_utf16(units),
            None => self.text.as_str().into(),
        };
        self.text.clear();
        (string, self.text)
    }

    pub(crate) fn push_str(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.settle();
        match &mut self.wide {
            Some(wide) => wide.extend(text.encode_utf16()),
            None => self.text.push_str(text),
        }
    }

    pub(crate) fn push_unit(&mut self, unit: u16) {
        if let Some(wide) = &mut self.wide {
            wide.push(unit);
            return;
        }
        match (self.high.take(), unit) {
            (Some(high), 0xDC00..=0xDFFF) => {
                let pair = char::decode_utf16([high, unit]).next();
                self.text.extend(pair.and_then(Result::ok));
            }
            (None, 0xD800..=0xDBFF) => self.high = Some(unit),
            (Some(high), _) => self.widen().extend([high, unit]),
            (None, _) => match char::from_u32(u32::from(unit)) {
                Some(c) => self.text.push(c),
                None => self.widen().push(unit), // a low surrogate with nothing before it
            },
        }
    }

    pub(crate) fn push_char(&mut self, c: char) {
        self.push_str(c.encode_utf8(&mut [0; 4]));
    }

    /// The text if it is well-formed, which says that `into_string` would succeed.
    pub(crate) fn finish(mut self) -> Result<String, Vec<u16>> {
        self.settle();
        match self.wide {
            Some(wide) => Err(wide),
            None => Ok(self.text),
        }
    }

    /// A high surrogate that is still waiting stays alone.
    fn settle(&mut self) {
        if let Some(high) = self.high.take() {
            self.widen().push(high);
        }
    }

    fn widen(&mut self) -> &mut Vec<u16> {
        let text = &mut self.text;
        self.wide.get_or_insert_with(|| {
            let mut units = Vec::with_capacity(text.len());
            units.extend(text.encode_utf16());
            units
        })
    }
}

impl From<StringBuilder> for PsString {
    fn from(builder: StringBuilder) -> Self {
        match builder.finish() {
            Ok(text) => Self::from(text),
            // `from_utf16` looks again: pairs may have met after the first lone unit.
            Err(units) => Self::from_utf16(&units),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(units: &[u16]) -> PsString {
        let mut builder = StringBuilder::default();
        for unit in units {
            builder.push_unit(*unit);
        }
        builder.into()
    }

    #[test]
    fn units_join_to_what_they_are() {
        for units in [
            &[][..],
            &[0x61, 0x62],
            &[0xD83D, 0xDE00],
            &[0xD83D],
            &[0xDE00],
            &[0xD83D, 0xD83D, 0xDE00],
            &[0xDE00, 0xD83D, 0xDE00, 0xD83D],
            &[0xD83D, 0x61, 0xDE00],
            &[0xFFFE, 0xFFFF, 0],
        ] {
            let string = built(units);
            assert_eq!(string.encode_utf16().collect::<Vec<_>>(), units);
            assert_eq!(string, PsString::from_utf16(units));
        }
    }

    #[test]
    fn names_compare_without_case() {
        assert!(PsString::from("Größe").eq_ignore_case("GRÖßE"));
        assert!(!PsString::from("ab").eq_ignore_case("abc"));
    }

    #[test]
    fn a_static_and_a_shared_text_are_equal() {
        assert_eq!(PsString::from_static("a"), PsString::from("a"));
    }

    #[test]
    fn a_lone_surrogate_is_seen_when_debugged() {
        assert_eq!(
            format!("{:?}", PsString::from_utf16(&[0x22, 0xD800])),
            r#""\"\u{d800}""#
        );
    }
}
