//! From .NET's pattern syntax to that of the engine underneath.
//!
//! Most is the same. What differs: `$` and `\Z` match before a last newline, classes are subtracted with `-[…]`, groups without a
//! name are numbered before those with one, a lone `{` or an unescaped `[` in a class means itself.

use super::PatternError;
use super::regex::RegexOptions;

/// The pattern for the engine underneath, and the groups.
#[derive(Debug)]
pub(super) struct Translation {
    pub(super) pattern: String,
    /// The groups in .NET's numbering, from 1: name (a number for those without) and number in the engine underneath.
    pub(super) groups: Vec<(String, usize)>,
}

/// A group as it was met.
struct Met {
    name: Option<String>,
}

struct Translator<'a> {
    source: &'a str,
    chars: Vec<char>,
    at: usize,
    out: String,
    met: Vec<Met>,
    extended: bool,
    explicit: bool,
    multiline: bool,
    /// Flags to go back to where each open group ends.
    open: Vec<(bool, bool, bool)>,
}

pub(super) fn translate(source: &str, options: RegexOptions) -> Result<Translation, PatternError> {
    let mut translator = Translator {
        source,
        chars: source.chars().collect(),
        at: 0,
        out: String::with_capacity(source.len() + 16),
        met: Vec::new(),
        extended: options.has(RegexOptions::IGNORE_PATTERN_WHITESPACE),
        explicit: options.has(RegexOptions::EXPLICIT_CAPTURE),
        multiline: options.has(RegexOptions::MULTILINE),
        open: Vec::new(),
    };
    let mut flags = String::new();
    for (option, flag) in [
        (RegexOptions::IGNORE_CASE, 'i'),
        (RegexOptions::MULTILINE, 'm'),
        (RegexOptions::SINGLELINE, 's'),
        (RegexOptions::IGNORE_PATTERN_WHITESPACE, 'x'),
    ] {
        if options.has(option) {
            flags.push(flag);
        }
    }
    if !flags.is_empty() {
        translator.out.push_str(&format!("(?{flags})"));
    }
    let numbering = Numbering::survey(source, options);
    translator.run(&numbering)?;
    let groups = numbering.order(&translator.met);
    Ok(Translation {
        pattern: translator.out,
        groups,
    })
}

/// How many groups without a name there are, which decides the numbers of those with one.
struct Numbering {
    unnamed: usize,
    names: Vec<String>,
}

impl Numbering {
    fn survey(source: &str, options: RegexOptions) -> Self {
        let chars: Vec<char> = source.chars().collect();
        let explicit = options.has(RegexOptions::EXPLICIT_CAPTURE);
        let mut numbering = Self {
            unnamed: 0,
            names: Vec::new(),
        };
        let mut at = 0;
        let mut in_class = false;
        while let Some(c) = chars.get(at) {
            match c {
                '\\' => at += 1,
                '[' if !in_class => {
                    in_class = true;
                    if chars.get(at + 1) == Some(&'^') {
                        at += 1;
                    }
                    if chars.get(at + 1) == Some(&']') {
                        at += 1;
                    }
                }
                ']' => in_class = false,
                '(' if !in_class => match group_name(&chars[at..]) {
                    Some((name, _)) if numbering.names.contains(&name) => {}
                    Some((name, _)) => numbering.names.push(name),
                    None if chars.get(at + 1) != Some(&'?') && !explicit => numbering.unnamed += 1,
                    None => {}
                },
                _ => {}
            }
            at += 1;
        }
        numbering
    }

    /// .NET's order: those without a name as they come, then the names.
    fn order(&self, met: &[Met]) -> Vec<(String, usize)> {
        let mut groups = Vec::new();
        for (index, _) in met
            .iter()
            .enumerate()
            .filter(|(_, group)| group.name.is_none())
        {
            groups.push(((groups.len() + 1).to_string(), index + 1));
        }
        for name in &self.names {
            if let Some(index) = met
                .iter()
                .position(|group| group.name.as_ref() == Some(name))
            {
                groups.push((name.clone(), index + 1));
            }
        }
        groups
    }
}

/// The name of `(?<name>` or `(?'name'`, and how many characters it takes up to and with its end.
fn group_name(chars: &[char]) -> Option<(String, usize)> {
    let close = match (chars.get(1)?, chars.get(2)?) {
        ('?', '<') if !matches!(chars.get(3), Some('=' | '!')) => '>',
        ('?', '\'') => '\'',
        _ => return None,
    };
    let length = chars[3..].iter().position(|c| *c == close)?;
    Some((chars[3..3 + length].iter().collect(), 4 + length))
}

impl Translator<'_> {
    fn error(&self, offset: usize, reason: impl Into<String>) -> PatternError {
        PatternError {
            pattern: self.source.to_owned(),
            offset,
            reason: reason.into(),
        }
    }

    fn run(&mut self, numbering: &Numbering) -> Result<(), PatternError> {
        let mut can_repeat = false;
        while let Some(&c) = self.chars.get(self.at) {
            let start = self.at;
            self.at += 1;
            match c {
                '\\' => {
                    self.escape(start, numbering)?;
                    can_repeat = true;
                }
                '[' => {
                    self.class(start)?;
                    can_repeat = true;
                }
                '(' => {
                    can_repeat = self.group(start)?;
                }
                ')' => {
                    let Some((extended, explicit, multiline)) = self.open.pop() else {
                        return Err(self.error(start, "Too many )'s."));
                    };
                    (self.extended, self.explicit, self.multiline) =
                        (extended, explicit, multiline);
                    self.out.push(')');
                    can_repeat = true;
                }
                '$' => {
                    self.out
                        .push_str(if self.multiline { "$" } else { r"(?=\n?\z)" });
                    can_repeat = true;
                }
                '*' | '+' | '?' => {
                    if !can_repeat {
                        return Err(
                            self.error(self.at, format!("Quantifier '{c}' following nothing."))
                        );
                    }
                    self.out.push(c);
                    self.finish_quantifier()?;
                    can_repeat = false;
                }
                '{' => match self.counted() {
                    Some(length) => {
                        if !can_repeat {
                            return Err(self.error(
                                self.at + length,
                                "Quantifier 'x' following nothing.".replace('x', "{"),
                            ));
                        }
                        let text: String = self.chars[start..self.at + length].iter().collect();
                        self.out.push_str(&text);
                        self.at += length;
                        self.finish_quantifier()?;
                        can_repeat = false;
                    }
                    None => {
                        self.out.push_str(r"\{");
                        can_repeat = true;
                    }
                },
                '}' | ']' => {
                    self.out.push('\\');
                    self.out.push(c);
                    can_repeat = true;
                }
                '#' if self.extended => {
                    while self.chars.get(self.at).is_some_and(|next| *next != '\n') {
                        self.at += 1;
                    }
                }
                c if self.extended && c.is_whitespace() => {}
                '|' => {
                    self.out.push('|');
                    can_repeat = false;
                }
                other => {
                    self.out.push(other);
                    can_repeat = true;
                }
            }
        }
        if !self.open.is_empty() {
            return Err(self.error(self.chars.len(), "Not enough )'s."));
        }
        Ok(())
    }

    /// A quantifier may be made lazy; one more is an error.
    fn finish_quantifier(&mut self) -> Result<(), PatternError> {
        if self.chars.get(self.at) == Some(&'?') {
            self.out.push('?');
            self.at += 1;
        }
        match self.chars.get(self.at) {
            Some(c @ ('*' | '+' | '?')) => {
                Err(self.error(self.at + 1, format!("Nested quantifier '{c}'.")))
            }
            _ => Ok(()),
        }
    }

    /// The length of `n}`, `n,}` or `n,m}` after the brace.
    fn counted(&self) -> Option<usize> {
        let rest = &self.chars[self.at..];
        let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        let mut length = digits;
        if rest.get(length) == Some(&',') {
            length += 1;
            length += rest[length..]
                .iter()
                .take_while(|c| c.is_ascii_digit())
                .count();
        }
        (rest.get(length) == Some(&'}')).then_some(length + 1)
    }

    /// After an opening parenthesis. Gives whether a quantifier may follow at once, which it may not.
    fn group(&mut self, start: usize) -> Result<bool, PatternError> {
        let flags = (self.extended, self.explicit, self.multiline);
        if let Some((name, length)) = group_name(&self.chars[start..]) {
            if name.contains('-') {
                return Err(self.error(start, "Balancing groups are not supported."));
            }
            if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                return Err(self.error(
                    start + 3,
                    "Invalid group name: Group names must begin with a word character.",
                ));
            }
            self.at = start + length;
            self.met.push(Met { name: Some(name) });
            // Groups are known to the engine underneath by their numbers alone: it has other rules for names.
            self.out.push('(');
            self.open.push(flags);
            return Ok(false);
        }
        if self.chars.get(self.at) != Some(&'?') {
            if self.explicit {
                self.out.push_str("(?:");
            } else {
                self.met.push(Met { name: None });
                self.out.push('(');
            }
            self.open.push(flags);
            return Ok(false);
        }
        match self.chars.get(self.at + 1) {
            Some('#') => {
                while self.chars.get(self.at).is_some_and(|c| *c != ')') {
                    self.at += 1;
                }
                if self.at >= self.chars.len() {
                    return Err(self.error(self.at, "Unterminated (?#...) comment."));
                }
                self.at += 1;
                return Ok(false);
            }
            Some(c @ (':' | '=' | '!' | '>')) => {
                self.out.push_str("(?");
                self.out.push(*c);
                self.at += 2;
            }
            Some('<') => {
                let kind = self.chars.get(self.at + 2).copied().unwrap_or('=');
                self.out.push_str("(?<");
                self.out.push(kind);
                self.at += 3;
            }
            Some('(') => {
                // `(?(1)yes|no)` goes by number; other conditions would need a name.
                let rest = &self.chars[self.at + 2..];
                let length = rest.iter().position(|c| *c == ')').unwrap_or(0);
                if length == 0 || !rest[..length].iter().all(char::is_ascii_digit) {
                    return Err(self.error(
                        self.at,
                        "Conditions other than group numbers are not supported.",
                    ));
                }
                self.out.push_str("(?(");
                self.out.extend(&rest[..length]);
                self.out.push(')');
                self.at += 3 + length;
            }
            _ => return self.flags(start, flags),
        }
        self.open.push(flags);
        Ok(false)
    }

    /// `(?i)`, `(?i-s:`.
    fn flags(&mut self, start: usize, before: (bool, bool, bool)) -> Result<bool, PatternError> {
        let mut on = true;
        let (mut set, mut cleared) = (String::new(), String::new());
        self.at += 1;
        loop {
            let Some(&c) = self.chars.get(self.at) else {
                return Err(self.error(self.chars.len(), "Not enough )'s."));
            };
            self.at += 1;
            match c {
                '-' => on = false,
                '+' => on = true,
                'i' | 's' => {
                    if on {
                        set.push(c)
                    } else {
                        cleared.push(c)
                    }
                }
                'm' => {
                    self.multiline = on;
                    if on { set.push(c) } else { cleared.push(c) }
                }
                // White space and comments are taken out here.
                'x' => self.extended = on,
                'n' => self.explicit = on,
                ':' | ')' => {
                    let mut flags = set.clone();
                    if !cleared.is_empty() {
                        flags.push('-');
                        flags.push_str(&cleared);
                    }
                    if c == ':' {
                        self.out.push_str(&format!("(?{flags}:"));
                        self.open.push(before);
                    } else if !flags.is_empty() {
                        self.out.push_str(&format!("(?{flags})"));
                    }
                    return Ok(false);
                }
                _ => return Err(self.error(start + 2, "Unrecognized grouping construct.")),
            }
        }
    }

    /// After a backslash outside of a class.
    fn escape(&mut self, start: usize, numbering: &Numbering) -> Result<(), PatternError> {
        let Some(&c) = self.chars.get(self.at) else {
            return Err(self.error(self.chars.len(), "Illegal \\ at end of pattern."));
        };
        self.at += 1;
        match c {
            'Z' => self.out.push_str(r"(?=\n?\z)"),
            '0' => self.octal(),
            '1'..='9' => {
                let mut number = c.to_string();
                while let Some(next) = self.chars.get(self.at).filter(|next| next.is_ascii_digit())
                {
                    number.push(*next);
                    self.at += 1;
                }
                let wanted: usize = number.parse().unwrap_or(usize::MAX);
                self.reference(wanted, numbering).ok_or_else(|| {
                    self.error(
                        self.at,
                        format!("Reference to undefined group number {number}."),
                    )
                })?;
            }
            'k' => {
                let close = match self.chars.get(self.at) {
                    Some('<') => '>',
                    Some('\'') => '\'',
                    _ => {
                        return Err(self.error(self.at, "Malformed \\k<...> named back reference."));
                    }
                };
                let rest = &self.chars[self.at + 1..];
                let length = rest.iter().position(|c| *c == close).unwrap_or(0);
                let name: String = rest[..length].iter().collect();
                self.at += length + 2;
                let known = match name.parse::<usize>() {
                    Ok(number) if !numbering.names.contains(&name) => {
                        self.reference(number, numbering)
                    }
                    _ => numbering
                        .names
                        .iter()
                        .position(|own| *own == name)
                        .and_then(|index| self.reference(numbering.unnamed + index + 1, numbering)),
                };
                known.ok_or_else(|| {
                    self.error(
                        self.at,
                        format!("Reference to undefined group name '{name}'."),
                    )
                })?;
            }
            _ => self.simple_escape(start, c)?,
        }
        Ok(())
    }

    /// Refers back to a group by .NET's number.
    fn reference(&mut self, wanted: usize, numbering: &Numbering) -> Option<()> {
        let met = if wanted <= numbering.unnamed {
            self.met
                .iter()
                .enumerate()
                .filter(|(_, group)| group.name.is_none())
                .nth(wanted.checked_sub(1)?)?
                .0
        } else {
            let name = numbering.names.get(wanted - numbering.unnamed - 1)?;
            self.met
                .iter()
                .position(|group| group.name.as_ref() == Some(name))?
        };
        // In a group of its own, so that a digit that follows does not join the number.
        self.out.push_str(&format!("(?:\\{})", met + 1));
        Some(())
    }

    fn octal(&mut self) {
        let mut number = 0;
        for _ in 0..2 {
            let Some(digit) = self.chars.get(self.at).and_then(|c| c.to_digit(8)) else {
                break;
            };
            number = number * 8 + digit;
            self.at += 1;
        }
        self.out.push_str(&format!("\\x{{{number:x}}}"));
    }

    /// Escapes that mean the same inside and outside of a class.
    fn simple_escape(&mut self, start: usize, c: char) -> Result<(), PatternError> {
        match c {
            'c' => {
                let letter = self
                    .chars
                    .get(self.at)
                    .copied()
                    .filter(char::is_ascii)
                    .ok_or_else(|| self.error(self.at, "Missing control character."))?;
                self.at += 1;
                self.out.push_str(&format!(
                    "\\x{{{:x}}}",
                    u32::from(letter.to_ascii_uppercase()) ^ 0x40
                ));
            }
            'e' => self.out.push_str(r"\x{1b}"),
            'a' => self.out.push_str(r"\x{7}"),
            'u' | 'x' => {
                let count = if c == 'u' { 4 } else { 2 };
                let digits: String = self.chars[self.at..]
                    .iter()
                    .take(count)
                    .take_while(|c| c.is_ascii_hexdigit())
                    .collect();
                if digits.len() < count {
                    return Err(self.error(self.at, "Insufficient or invalid hexadecimal digits."));
                }
                self.at += count;
                // Halves of a surrogate pair cannot be matched one by one here.
                let number = u32::from_str_radix(&digits, 16)
                    .ok()
                    .and_then(char::from_u32)
                    .map_or(0xfffd, u32::from);
                self.out.push_str(&format!("\\x{{{number:x}}}"));
            }
            'p' | 'P' => {
                let rest = &self.chars[self.at..];
                let length = rest
                    .iter()
                    .position(|c| *c == '}')
                    .filter(|_| rest.first() == Some(&'{'))
                    .ok_or_else(|| self.error(self.at, "Malformed \\p{X} character escape."))?;
                let name: String = rest[1..length].iter().collect();
                let name = match name.as_str() {
                    "IsGreek" => "Greek",
                    "IsCyrillic" => "Cyrillic",
                    "IsHebrew" => "Hebrew",
                    "IsArabic" => "Arabic",
                    "IsBasicLatin" => {
                        self.at += length + 1;
                        self.out.push_str(if c == 'p' {
                            r"[\x{0}-\x{7f}]"
                        } else {
                            r"[^\x{0}-\x{7f}]"
                        });
                        return Ok(());
                    }
                    other => other,
                };
                self.out.push_str(&format!("\\{c}{{{name}}}"));
                self.at += length + 1;
            }
            'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'b' | 'B' | 'A' | 'z' | 'G' | 'n' | 'r' | 't'
            | 'f' | 'v' => {
                self.out.push('\\');
                self.out.push(c);
            }
            letter if letter.is_ascii_alphanumeric() || letter == '_' => {
                return Err(
                    self.error(self.at, format!("Unrecognized escape sequence \\{letter}."))
                );
            }
            other => {
                let _ = start;
                push_literal(&mut self.out, other);
            }
        }
        Ok(())
    }

    /// After an opening bracket.
    fn class(&mut self, start: usize) -> Result<(), PatternError> {
        self.out.push('[');
        if self.chars.get(self.at) == Some(&'^') {
            self.out.push('^');
            self.at += 1;
        }
        let first = self.at;
        loop {
            let Some(&c) = self.chars.get(self.at) else {
                let _ = start;
                return Err(self.error(self.chars.len(), "Unterminated [] set."));
            };
            self.at += 1;
            match c {
                ']' if self.at - 1 > first => break,
                '\\' => {
                    let Some(&escaped) = self.chars.get(self.at) else {
                        return Err(self.error(self.chars.len(), "Illegal \\ at end of pattern."));
                    };
                    let at = self.at;
                    self.at += 1;
                    match escaped {
                        'b' => self.out.push_str(r"\x{8}"),
                        '0'..='7' => {
                            self.at = at;
                            self.octal();
                        }
                        other => self.simple_escape(at, other)?,
                    }
                }
                '-' if self.chars.get(self.at) == Some(&'[') && self.at - 1 > first => {
                    // Subtraction: what is in this class and not in the other one.
                    self.out.push_str("&&[^");
                    let inner = self.at + 1;
                    self.at = inner;
                    let negated = self.chars.get(self.at) == Some(&'^');
                    if negated {
                        self.at += 1;
                        self.out.pop();
                    }
                    let mut body = Translator {
                        source: self.source,
                        chars: std::mem::take(&mut self.chars),
                        at: self.at,
                        out: String::new(),
                        met: Vec::new(),
                        extended: false,
                        explicit: false,
                        multiline: false,
                        open: Vec::new(),
                    };
                    let result = body.class(inner);
                    self.chars = std::mem::take(&mut body.chars);
                    self.at = body.at;
                    result?;
                    // The nested class wrote its own bracket, which stands here already.
                    self.out
                        .push_str(body.out.strip_prefix('[').unwrap_or(&body.out));
                }
                '[' | '&' | '~' => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                ']' => self.out.push_str(r"\]"),
                '-' if self.chars.get(self.at) == Some(&'-') => self.out.push_str(r"\-"),
                '#' | ' ' => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                other => self.out.push(other),
            }
        }
        self.out.push(']');
        Ok(())
    }
}

fn push_literal(out: &mut String, c: char) {
    if c.is_ascii_punctuation() || c == ' ' || c == '#' {
        out.push('\\');
    }
    out.push(c);
}
