//! What single characters mean to the lexer.

/// The dashes that PowerShell takes for `-`: word processors put them into pasted scripts.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2013}' | '\u{2014}' | '\u{2015}')
}

/// `'` and the quotation marks that stand for it.
pub(super) fn is_single_quote(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}')
}

/// `"` and the quotation marks that stand for it.
pub(super) fn is_double_quote(c: char) -> bool {
    matches!(c, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}')
}

/// White space within a line.
pub(super) fn is_space(c: char) -> bool {
    if c.is_ascii() {
        matches!(c, ' ' | '\t' | '\u{b}' | '\u{c}')
    } else {
        matches!(
            c,
            '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'
                ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
        )
    }
}

/// Whether a word ends before it in every mode.
pub(super) fn ends_word(c: char) -> bool {
    if c.is_ascii() {
        matches!(
            c,
            '\0' | '\t'..='\r' | ' ' | '&' | '(' | ')' | ',' | ';' | '{' | '|' | '}'
        )
    } else {
        is_space(c)
    }
}

/// Whether a number ends before it in an expression; `ternary` adds the two characters of that operator.
pub(super) fn ends_number(c: char, ternary: bool) -> bool {
    if c.is_ascii() {
        matches!(
            c,
            '!' | '#' | '%' | '*' | '+' | '-' | '.' | '/' | '<' | '=' | '>' | ']'
        ) || (ternary && matches!(c, '?' | ':'))
    } else {
        is_dash(c)
    }
}

/// Whether an assembly name ends before it.
pub(super) fn ends_assembly_name(c: char) -> bool {
    if c.is_ascii() {
        matches!(c, '\0' | '\t'..='\r' | ' ' | ',' | '=' | ']')
    } else {
        is_space(c)
    }
}

/// Whether it can begin the name of a variable without braces.
pub(super) fn is_variable_start(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '?' | '^' | ':')
    } else {
        c.is_alphanumeric()
    }
}

/// Whether it can begin an identifier.
pub(super) fn is_identifier_start(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphabetic() || c == '_'
    } else {
        c.is_alphabetic()
    }
}

/// Whether it can go on in an identifier.
pub(super) fn is_identifier_part(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || c == '_'
    } else {
        c.is_alphanumeric()
    }
}
