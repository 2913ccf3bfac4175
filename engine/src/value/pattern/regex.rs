//! `System.Text.RegularExpressions.Regex`.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::PatternError;
use super::matched::{Found, Match};
use super::translate::translate;
use crate::value::clr::{ClrLike, PropertyInfo};
use crate::value::context::Context;
use crate::value::convert;
use crate::value::error::{ErrorCategory, Raise};
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Exception, Text, TimeSpan, Value};

/// How much a match may try before it is given up; about 20 ms.
const BACKTRACK_LIMIT: usize = 1_000_000;
/// How many compiled patterns are kept.
const CACHE_SIZE: usize = 256;
/// Patterns may not be longer than this.
const MAX_PATTERN: usize = 100_000;

/// `RegexOptions`.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct RegexOptions(pub i64);

impl RegexOptions {
    /// Case does not count.
    pub const IGNORE_CASE: Self = Self(1);
    /// `^` and `$` match at every line.
    pub const MULTILINE: Self = Self(2);
    /// Only named groups capture.
    pub const EXPLICIT_CAPTURE: Self = Self(4);
    /// `.` matches a newline too.
    pub const SINGLELINE: Self = Self(16);
    /// White space and comments in the pattern mean nothing.
    pub const IGNORE_PATTERN_WHITESPACE: Self = Self(32);
    /// The search goes from the end.
    pub const RIGHT_TO_LEFT: Self = Self(64);

    /// Whether `option` is among these.
    #[must_use]
    pub fn has(self, option: Self) -> bool {
        self.0 & option.0 != 0
    }
}

/// A compiled regular expression.
#[derive(Debug)]
pub struct Regex {
    pattern: Text,
    options: RegexOptions,
    engine: fancy_regex::Regex,
    /// Names and numbers underneath of the groups 1, 2, …
    groups: Vec<(Text, usize)>,
}

type Cache = HashMap<(Arc<str>, RegexOptions), Arc<Regex>>;

static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);

/// Writes what stands in the place of a match.
type Piece<'a> = dyn FnMut(&Found, &mut String, &mut dyn Context) -> Result<(), Raise> + 'a;

impl Regex {
    /// Compiles a pattern, or finds it among those compiled before.
    ///
    /// # Errors
    /// When the pattern is wrong.
    pub fn compile(pattern: &Text, options: RegexOptions) -> Result<Arc<Self>, PatternError> {
        let key = (pattern.shared(), options);
        if let Some(known) = CACHE
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
        {
            return Ok(Arc::clone(known));
        }
        let made = Arc::new(Self::new(pattern, options)?);
        let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= CACHE_SIZE {
            cache.clear();
        }
        cache.insert(key, Arc::clone(&made));
        Ok(made)
    }

    fn new(pattern: &Text, options: RegexOptions) -> Result<Self, PatternError> {
        let error = |reason: String| PatternError {
            pattern: pattern.to_string(),
            offset: 0,
            reason,
        };
        if pattern.len() > MAX_PATTERN {
            return Err(error("The pattern is too long.".to_owned()));
        }
        let translation = translate(pattern, options)?;
        let engine = fancy_regex::RegexBuilder::new(&translation.pattern)
            .backtrack_limit(BACKTRACK_LIMIT)
            .build()
            .map_err(|underneath| error(format!("{underneath}")))?;
        let groups = translation
            .groups
            .into_iter()
            .map(|(name, number)| (name.into(), number))
            .collect();
        Ok(Self {
            pattern: pattern.clone(),
            options,
            engine,
            groups,
        })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn pattern(&self) -> &Text {
        &self.pattern
    }

    /// The options.
    #[must_use]
    pub fn options(&self) -> RegexOptions {
        self.options
    }

    /// Names of the groups from 1; numbers for those without a name.
    pub fn group_names(&self) -> impl Iterator<Item = &Text> {
        self.groups.iter().map(|(name, _)| name)
    }

    /// The first match at or after the byte `start`.
    ///
    /// # Errors
    /// When the match takes too long.
    pub fn find_at(&self, text: &str, start: usize) -> Result<Option<Found>, Raise> {
        if start > text.len() {
            return Ok(None);
        }
        let captures = self
            .engine
            .captures_from_pos(text, start)
            .map_err(|_| too_long())?;
        Ok(captures.map(|captures| {
            let span = |number: usize| captures.get(number).map(|part| (part.start(), part.end()));
            let mut groups = vec![span(0)];
            groups.extend(self.groups.iter().map(|(_, number)| span(*number)));
            Found { groups }
        }))
    }

    /// All matches, one after the other, at most `limit`.
    ///
    /// # Errors
    /// When a match takes too long, or the pipeline stops.
    pub fn find_all(
        &self,
        text: &str,
        limit: usize,
        cx: &mut dyn Context,
    ) -> Result<Vec<Found>, Raise> {
        let mut all = Vec::new();
        let mut start = 0;
        while all.len() < limit {
            cx.checkpoint()?;
            let Some(found) = self.find_at(text, start)? else {
                break;
            };
            let (from, to) = found.span();
            start = if to > from { to } else { next_char(text, to) };
            cx.charge(size_of::<Found>() + found.groups.len() * 24)?;
            all.push(found);
        }
        Ok(all)
    }

    /// Replaces at most `limit` matches by what `piece` makes of each.
    ///
    /// # Errors
    /// When a match takes too long, or `piece` fails.
    pub fn replace_with(
        self: &Arc<Self>,
        text: &Text,
        limit: usize,
        cx: &mut dyn Context,
        piece: &mut Piece<'_>,
    ) -> Result<Text, Raise> {
        let mut result = String::new();
        let mut last = 0;
        let mut start = 0;
        let mut count = 0;
        while count < limit {
            cx.checkpoint()?;
            let Some(found) = self.find_at(text, start)? else {
                break;
            };
            count += 1;
            let (from, to) = found.span();
            result.push_str(&text[last..from]);
            let before = result.len();
            piece(&found, &mut result, cx)?;
            cx.charge(result.len() - before + from - last)?;
            last = to;
            start = if to > from { to } else { next_char(text, to) };
        }
        if count == 0 {
            return Ok(text.clone());
        }
        result.push_str(&text[last..]);
        Ok(result.into())
    }

    /// The parts between matches, with the captured groups among them; at most `limit` parts if that is not 0.
    ///
    /// # Errors
    /// When a match takes too long, or the pipeline stops.
    pub fn split(
        &self,
        text: &str,
        limit: usize,
        cx: &mut dyn Context,
    ) -> Result<Vec<Text>, Raise> {
        let mut parts = Vec::new();
        if limit == 1 {
            return Ok(vec![text.into()]);
        }
        let most = if limit == 0 { usize::MAX } else { limit - 1 };
        let mut last = 0;
        for found in self.find_all(text, most, cx)? {
            let (from, to) = found.span();
            cx.charge(from - last + size_of::<Value>())?;
            parts.push(Text::from(&text[last..from]));
            parts.extend(
                found.groups[1..]
                    .iter()
                    .flatten()
                    .map(|(from, to)| Text::from(&text[*from..*to])),
            );
            last = to;
        }
        parts.push(Text::from(&text[last..]));
        Ok(parts)
    }

    /// Whether there is a match.
    ///
    /// # Errors
    /// When the match takes too long.
    pub fn is_match(&self, text: &str, start: usize) -> Result<bool, Raise> {
        self.find_at(text, start).map(|found| found.is_some())
    }
}

fn next_char(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(1, char::len_utf8)
}

fn too_long() -> Raise {
    let message = "The Regex engine has timed out while trying to match a pattern to an input string. This can occur for many reasons, including very large inputs or excessive backtracking caused by nested quantifiers, back-references and other factors.";
    Raise::of(
        TypeId::TimeoutException,
        message,
        "System.Text.RegularExpressions.RegexMatchTimeoutException",
    )
    .category(ErrorCategory::OperationStopped)
}

impl PatternError {
    /// The exception that .NET throws.
    #[must_use]
    pub fn exception(&self) -> Exception {
        Exception::new(TypeRef::of(TypeId::RegexParseException), self.to_string())
            .detail("Offset", i32::try_from(self.offset).unwrap_or(0))
    }
}

/// `[regex]::Escape`.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '\u{c}' => escaped.push_str("\\f"),
            '\\' | '*' | '+' | '?' | '|' | '{' | '[' | '(' | ')' | '^' | '$' | '.' | '#' | ' ' => {
                escaped.push('\\');
                escaped.push(c);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// `[regex]::Unescape`.
#[must_use]
pub fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('t') => plain.push('\t'),
            Some('f') => plain.push('\u{c}'),
            Some('v') => plain.push('\u{b}'),
            Some('a') => plain.push('\u{7}'),
            Some('e') => plain.push('\u{1b}'),
            Some(kind @ ('x' | 'u')) => {
                let count = if kind == 'x' { 2 } else { 4 };
                let digits: String = chars.by_ref().take(count).collect();
                plain.push(
                    u32::from_str_radix(&digits, 16)
                        .ok()
                        .and_then(char::from_u32)
                        .unwrap_or('\u{fffd}'),
                );
            }
            Some(other) => plain.push(other),
            None => {}
        }
    }
    plain
}

impl ClrLike for Arc<Regex> {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::Regex)
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        [
            ("Options", "System.Text.RegularExpressions.RegexOptions"),
            ("RightToLeft", "System.Boolean"),
            ("MatchTimeout", "System.TimeSpan"),
        ]
        .map(|(name, type_name)| PropertyInfo {
            name,
            type_name,
            settable: false,
        })
        .into()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        Some(Ok(match name.to_ascii_lowercase().as_str() {
            "options" => Value::enumeration(
                "System.Text.RegularExpressions.RegexOptions",
                self.options.0,
            )
            .unwrap_or_default(),
            "righttoleft" => Value::Bool(self.options.has(RegexOptions::RIGHT_TO_LEFT)),
            "matchtimeout" => Value::TimeSpan(TimeSpan { ticks: -10_000 }),
            _ => return None,
        }))
    }

    fn methods(&self) -> &'static [&'static str] {
        &[
            "GetGroupNames",
            "GetGroupNumbers",
            "GroupNameFromNumber",
            "GroupNumberFromName",
            "IsMatch",
            "Match",
            "Matches",
            "Replace",
            "Split",
        ]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        arguments: &[Value],
        cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            "getgroupnames" => {
                let names = std::iter::once(Text::from("0")).chain(self.group_names().cloned());
                Some(Ok(Value::strings(names)))
            }
            "getgroupnumbers" => {
                let count = i32::try_from(self.groups.len()).unwrap_or(0);
                Some(Ok(Value::typed_array(
                    TypeRef::of(TypeId::Int32),
                    (0..=count).map(Value::Int32).collect(),
                )))
            }
            "groupnumberfromname" => {
                let wanted = convert::invariant_text(arguments.first()?);
                let at = self.group_names().position(|own| *own == wanted);
                Some(Ok(Value::Int32(
                    at.and_then(|at| i32::try_from(at + 1).ok()).unwrap_or(-1),
                )))
            }
            "groupnamefromnumber" => {
                let number = convert::to(arguments.first()?, &TypeRef::of(TypeId::Int32), cx);
                Some(number.map(|number| {
                    match number {
                        Value::Int32(0) => "0".into(),
                        Value::Int32(number) => usize::try_from(number - 1)
                            .ok()
                            .and_then(|at| self.groups.get(at))
                            .map_or_else(|| "".into(), |(name, _)| Value::String(name.clone())),
                        _ => "".into(),
                    }
                }))
            }
            "ismatch" | "match" | "matches" | "replace" | "split" => {
                Some(self.apply(&lower, arguments, cx))
            }
            _ => None,
        }
    }

    fn text(&self) -> Text {
        self.pattern.clone()
    }
}

/// Methods that work on a text; the statics of `[regex]` come here too.
pub(crate) trait Apply {
    /// Calls one of `ismatch`, `match`, `matches`, `replace` and `split`.
    fn apply(
        &self,
        method: &str,
        arguments: &[Value],
        cx: &mut dyn Context,
    ) -> Result<Value, Raise>;
}

impl Apply for Arc<Regex> {
    fn apply(
        &self,
        method: &str,
        arguments: &[Value],
        cx: &mut dyn Context,
    ) -> Result<Value, Raise> {
        let text = match arguments.first() {
            Some(first) => convert::to_text(first, cx)?,
            None => Text::default(),
        };
        let mut number = |index: usize| -> Result<Option<usize>, Raise> {
            match arguments.get(index) {
                Some(value) => match convert::to(value, &TypeRef::of(TypeId::Int32), cx)? {
                    Value::Int32(number) => Ok(usize::try_from(number).ok()),
                    _ => Ok(None),
                },
                None => Ok(None),
            }
        };
        match method {
            "ismatch" => {
                let start = number(1)?
                    .and_then(|unit| text.byte_index(unit))
                    .unwrap_or(0);
                self.is_match(&text, start).map(Value::Bool)
            }
            "match" => {
                let start = number(1)?
                    .and_then(|unit| text.byte_index(unit))
                    .unwrap_or(0);
                let found = self.find_at(&text, start)?;
                Ok(Value::clr(Match::new(Arc::clone(self), text, found)))
            }
            "matches" => {
                let all = self.find_all(&text, usize::MAX, cx)?;
                let items = all
                    .into_iter()
                    .map(|found| {
                        Value::clr(Match::new(Arc::clone(self), text.clone(), Some(found)))
                    })
                    .collect();
                Ok(Value::clr(super::matched::Matches::new(
                    TypeId::MatchCollection,
                    items,
                )))
            }
            "split" => {
                let limit = number(1)?.unwrap_or(0);
                self.split(&text, limit, cx).map(Value::strings)
            }
            _ => {
                let limit = number(2)?.unwrap_or(usize::MAX);
                let by = arguments.get(1).cloned().unwrap_or_default();
                replace_by(self, &text, &by, limit, cx)
            }
        }
    }
}

/// Replaces matches by text with substitutions, or by what a script block or delegate makes of each.
pub(crate) fn replace_by(
    regex: &Arc<Regex>,
    text: &Text,
    by: &Value,
    limit: usize,
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    let block = match by.base() {
        Value::ScriptBlock(block) => Some(Arc::clone(block)),
        other => other
            .as_clr::<crate::value::clr_types::Delegate>()
            .map(|delegate| Arc::clone(delegate.block())),
    };
    if let Some(block) = block {
        let result = regex.replace_with(text, limit, cx, &mut |found, out, cx| {
            let matched = Value::clr(Match::new(
                Arc::clone(regex),
                text.clone(),
                Some(found.clone()),
            ));
            let value =
                cx.call_block(&block, std::slice::from_ref(&matched), Some(&matched), None)?;
            out.push_str(&convert::to_text(&value, cx)?);
            Ok(())
        });
        return result.map(Value::String);
    }
    let replacement = super::Replacement::parse(&convert::to_text(by, cx)?, regex);
    regex
        .replace_with(text, limit, cx, &mut |found, out, _| {
            replacement.write(found, text, out);
            Ok(())
        })
        .map(Value::String)
}
