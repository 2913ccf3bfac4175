//! The order of text in the culture of the engine: near that of ICU's root collation, which PowerShell uses.

use std::cmp::Ordering;

use super::fold::fold_char;

/// Marks and signs in the order in which the collation has them, all before digits and letters.
const MARKS: &str = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

/// Compares text as people expect it: letters regardless of case first, then accents, then case (lower before upper).
#[must_use]
pub fn compare(a: &str, b: &str, ignore_case: bool) -> Ordering {
    let primary = a.chars().map(primary).cmp(b.chars().map(primary));
    if primary != Ordering::Equal {
        return primary;
    }
    let accents = a.chars().map(fold_char).cmp(b.chars().map(fold_char));
    if accents != Ordering::Equal || ignore_case {
        return accents;
    }
    a.chars()
        .map(char::is_uppercase)
        .cmp(b.chars().map(char::is_uppercase))
}

/// A class, and a weight in it.
fn primary(c: char) -> (u8, u32) {
    if c.is_whitespace() {
        return (0, u32::from(c));
    }
    if let Some(position) = MARKS.find(c) {
        return (1, u32::try_from(position).unwrap_or(0));
    }
    if c.is_numeric() {
        return (3, c.to_digit(10).unwrap_or(u32::from(c)));
    }
    if c.is_alphabetic() {
        return (4, u32::from(base_letter(fold_char(c))));
    }
    (2, u32::from(c))
}

/// The letter without its accent, for the Latin letters of Western languages.
fn base_letter(c: char) -> char {
    match c {
        'À'..='Å' | 'Ā' | 'Ă' | 'Ą' => 'A',
        'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' => 'C',
        'Ď' => 'D',
        'È'..='Ë' | 'Ē' | 'Ė' | 'Ę' | 'Ě' => 'E',
        'Ğ' | 'Ģ' => 'G',
        'Ì'..='Ï' | 'Ī' | 'Į' | 'İ' => 'I',
        'Ļ' | 'Ľ' => 'L',
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' => 'N',
        'Ò'..='Ö' | 'Ō' | 'Ő' => 'O',
        'Ŕ' | 'Ř' => 'R',
        'Ś' | 'Ş' | 'Š' | 'Ș' => 'S',
        'Ţ' | 'Ť' | 'Ț' => 'T',
        'Ù'..='Ü' | 'Ū' | 'Ů' | 'Ű' | 'Ų' => 'U',
        'Ý' | 'Ÿ' => 'Y',
        'Ź' | 'Ż' | 'Ž' => 'Z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_ordered_as_in_a_dictionary() {
        let mut words = [
            "b", "B", "a", "A", "é", "e", "f", "1", "_", " ", "a b", "ab", "10", "2",
        ];
        words.sort_by(|a, b| compare(a, b, false));
        assert_eq!(
            words,
            [
                " ", "_", "1", "10", "2", "a", "A", "a b", "ab", "b", "B", "e", "é", "f"
            ]
        );
        assert_eq!(compare("abc", "ABC", true), Ordering::Equal);
    }
}
