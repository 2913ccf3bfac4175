//! Wildcards: `*`, `?`, `[a-z]`, and the backtick that takes their meaning away.

use crate::value::fold::fold_char;

/// A compiled wildcard pattern.
#[derive(Clone, Debug)]
pub struct Wildcard {
    parts: Vec<Part>,
    ignore_case: bool,
}

#[derive(Clone, Debug)]
enum Part {
    Any,
    One,
    Char(char),
    Set(Vec<(char, char)>),
}

impl Wildcard {
    /// Compiles a pattern; `None` if a bracket is not closed.
    #[must_use]
    pub fn new(pattern: &str, ignore_case: bool) -> Option<Self> {
        let fold = |c: char| if ignore_case { fold_char(c) } else { c };
        let mut parts: Vec<Part> = Vec::new();
        let mut chars = pattern.chars().peekable();
        while let Some(c) = chars.next() {
            parts.push(match c {
                '*' => {
                    if matches!(parts.last(), Some(Part::Any)) {
                        continue;
                    }
                    Part::Any
                }
                '?' => Part::One,
                '`' => Part::Char(fold(chars.next().unwrap_or('`'))),
                '[' => {
                    let mut members = Vec::new();
                    loop {
                        match chars.next()? {
                            ']' if !members.is_empty() => break,
                            '`' => members.push((chars.next()?, true)),
                            member => members.push((member, false)),
                        }
                    }
                    let mut ranges = Vec::new();
                    let mut index = 0;
                    while let Some((first, _)) = members.get(index) {
                        match (members.get(index + 1), members.get(index + 2)) {
                            (Some(('-', false)), Some((last, _))) => {
                                ranges.push((fold(*first), fold(*last)));
                                index += 3;
                            }
                            _ => {
                                ranges.push((fold(*first), fold(*first)));
                                index += 1;
                            }
                        }
                    }
                    Part::Set(ranges)
                }
                other => Part::Char(fold(other)),
            });
        }
        Some(Self { parts, ignore_case })
    }

    /// Whether the whole of `text` matches. Takes at most the product of both lengths in time.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        let text: Vec<char> = if self.ignore_case {
            text.chars().map(fold_char).collect()
        } else {
            text.chars().collect()
        };
        let (mut at, mut part) = (0, 0);
        // Where to go on after the last star, if what follows it did not match.
        let mut retry: Option<(usize, usize)> = None;
        while at < text.len() || part < self.parts.len() {
            let matched = match (self.parts.get(part), text.get(at)) {
                (Some(Part::Any), _) => {
                    retry = Some((part + 1, at + 1));
                    part += 1;
                    continue;
                }
                (Some(Part::One), Some(_)) => true,
                (Some(Part::Char(wanted)), Some(c)) => wanted == c,
                (Some(Part::Set(ranges)), Some(c)) => {
                    ranges.iter().any(|(first, last)| first <= c && c <= last)
                }
                _ => false,
            };
            if matched {
                part += 1;
                at += 1;
                continue;
            }
            match retry {
                Some((next_part, next_at)) if next_at <= text.len() => {
                    part = next_part;
                    at = next_at;
                    retry = Some((next_part, next_at + 1));
                }
                _ => return false,
            }
        }
        true
    }

    /// Whether `text` holds a character that means something in a wildcard.
    #[must_use]
    pub fn has_wildcards(text: &str) -> bool {
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '`' => {
                    chars.next();
                }
                '*' | '?' | '[' => return true,
                _ => {}
            }
        }
        false
    }

    /// `text` with a backtick before each character that means something.
    #[must_use]
    pub fn escape(text: &str) -> String {
        let mut escaped = String::with_capacity(text.len());
        for c in text.chars() {
            if matches!(c, '*' | '?' | '[' | ']' | '`') {
                escaped.push('`');
            }
            escaped.push(c);
        }
        escaped
    }

    /// `text` without the backticks that [`Wildcard::escape`] put there.
    #[must_use]
    pub fn unescape(text: &str) -> String {
        let mut plain = String::with_capacity(text.len());
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c == '`'
                && chars
                    .peek()
                    .is_some_and(|next| matches!(next, '*' | '?' | '[' | ']' | '`'))
            {
                continue;
            }
            plain.push(c);
        }
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_whole_texts() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("h*", "Hello World", true),
            ("a?b", "a.b", true),
            ("[ab].b", "a.b", true),
            ("*l*l*", "hello", true),
            ("*l*l*", "file", false),
            ("*[[]x*", "[x]", true),
            ("[w-z]", "x", true),
            ("", "", true),
            ("", "x", false),
            ("a`*", "a*", true),
            ("a`*", "ab", false),
            ("*.txt", "file.txt", true),
        ] {
            assert_eq!(
                Wildcard::new(pattern, true).expect(pattern).is_match(text),
                expected,
                "{pattern} {text}"
            );
        }
        assert!(Wildcard::new("[h", true).is_none());
        assert!(!Wildcard::new("H*", false).expect("valid").is_match("hello"));
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let pattern = "*a".repeat(50);
        assert!(
            !Wildcard::new(&format!("{pattern}b"), true)
                .expect("valid")
                .is_match(&"a".repeat(5000))
        );
    }
}
