//! Replacement texts with `$1`, `${name}`, `$&` and the others.

use super::matched::Found;
use super::regex::Regex;

/// A replacement text, read once.
#[derive(Debug)]
pub struct Replacement {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    Group(usize),
    Before,
    After,
    LastGroup,
    Whole,
}

impl Replacement {
    /// Reads a replacement text; a reference to a group that is not there stays as it is written.
    #[must_use]
    pub fn parse(text: &str, regex: &Regex) -> Self {
        let names: Vec<_> = regex.group_names().collect();
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            literal.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let (part, length) = match after.chars().next() {
                Some('$') => {
                    literal.push('$');
                    rest = &after[1..];
                    continue;
                }
                Some('&') => (Some(Part::Group(0)), 1),
                Some('`') => (Some(Part::Before), 1),
                Some('\'') => (Some(Part::After), 1),
                Some('+') => (Some(Part::LastGroup), 1),
                Some('_') => (Some(Part::Whole), 1),
                Some('{') => match after.find('}') {
                    Some(end) => (group(&after[1..end], &names), end + 1),
                    None => (None, 0),
                },
                Some(c) if c.is_ascii_digit() => {
                    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
                    (group(&after[..digits], &names), digits)
                }
                _ => (None, 0),
            };
            match part {
                Some(part) => {
                    if !literal.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut literal)));
                    }
                    parts.push(part);
                    rest = &after[length..];
                }
                None => {
                    literal.push('$');
                    rest = after;
                }
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Self { parts }
    }

    /// Writes what stands in the place of `found`.
    pub fn write(&self, found: &Found, text: &str, out: &mut String) {
        let (from, to) = found.span();
        for part in &self.parts {
            match part {
                Part::Text(literal) => out.push_str(literal),
                Part::Group(number) => {
                    if let Some((from, to)) = found.groups.get(*number).copied().flatten() {
                        out.push_str(&text[from..to]);
                    }
                }
                Part::Before => out.push_str(&text[..from]),
                Part::After => out.push_str(&text[to..]),
                Part::LastGroup => {
                    if let Some(Some((from, to))) = found.groups.last() {
                        out.push_str(&text[*from..*to]);
                    }
                }
                Part::Whole => out.push_str(text),
            }
        }
    }
}

fn group(name: &str, names: &[&crate::value::Text]) -> Option<Part> {
    if let Some(at) = names.iter().position(|own| own.as_str() == name) {
        return Some(Part::Group(at + 1));
    }
    let number: usize = name.parse().ok()?;
    (number <= names.len()).then_some(Part::Group(number))
}
