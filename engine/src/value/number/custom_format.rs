//! Custom numeric formats: `0.00`, `#,##0`, `0.0%`, `+0;-0;zero` …

use super::digits::push_exponent;
use super::{NumberCulture, digits_of};
use crate::value::Value;

/// What a section of the format asks for, found in a first pass.
#[derive(Default)]
struct Plan {
    /// Digit places before the point.
    whole_places: usize,
    /// Digit places in all.
    places: usize,
    /// Where the first and the last `0` stand, counted in digit places.
    first_zero: Option<usize>,
    last_zero: usize,
    /// Powers of ten to multiply by: two for each `%`, minus three for each comma before the point.
    scale: i32,
    scientific: bool,
    grouped: bool,
}

/// Formats a number by a custom format.
pub(super) fn format(value: &Value, format: &str, culture: &NumberCulture) -> String {
    let sections = split_sections(format);
    let mut digits = digits_of(value, 15);
    let negative = digits.negative && !digits.is_zero();
    let mut chosen = if negative && sections.len() > 1 && !sections[1].is_empty() {
        1
    } else if digits.is_zero() && sections.len() > 2 && !sections[2].is_empty() {
        2
    } else {
        0
    };
    let mut plan = survey(&sections[chosen]);
    round(&mut digits, &plan);
    // A number that rounds to zero takes the section for zero.
    if digits.is_zero() && chosen != 2 && sections.len() > 2 && !sections[2].is_empty() {
        chosen = 2;
        plan = survey(&sections[2]);
    }
    let mut text = String::new();
    if digits.negative && !digits.is_zero() && chosen == 0 {
        text.push('-');
    }
    write(&mut text, &sections[chosen], &plan, &digits, culture);
    text
}

fn round(digits: &mut super::Digits, plan: &Plan) {
    if digits.is_zero() {
        return;
    }
    if plan.scientific {
        digits.round(i32::try_from(plan.places).unwrap_or(i32::MAX));
    } else {
        digits.scale += plan.scale;
        let decimals = i32::try_from(plan.places - plan.whole_places).unwrap_or(i32::MAX);
        let places = digits.scale.saturating_add(decimals);
        digits.round(places);
    }
}

fn split_sections(format: &str) -> Vec<Vec<char>> {
    let mut sections = vec![Vec::new()];
    let mut chars = format.chars();
    let mut quote = None;
    while let Some(c) = chars.next() {
        let at_end = sections.len() - 1;
        match (quote, c) {
            (None, ';') => {
                if sections.len() == 3 {
                    break; // what follows the third section is ignored
                }
                sections.push(Vec::new());
                continue;
            }
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, '\\') => {
                sections[at_end].push(c);
                if let Some(next) = chars.next() {
                    sections[at_end].push(next);
                }
                continue;
            }
            _ => {}
        }
        sections[at_end].push(c);
    }
    sections
}

fn survey(section: &[char]) -> Plan {
    let mut plan = Plan::default();
    let mut seen_point = false;
    let mut commas_after_digit = 0;
    let mut index = 0;
    while let Some(c) = section.get(index) {
        index += 1;
        match c {
            '0' | '#' => {
                if commas_after_digit > 0 && !seen_point {
                    plan.grouped = true;
                }
                commas_after_digit = 0;
                if *c == '0' {
                    plan.first_zero.get_or_insert(plan.places);
                    plan.last_zero = plan.places + 1;
                }
                plan.places += 1;
                if !seen_point {
                    plan.whole_places = plan.places;
                }
            }
            '.' if !seen_point => {
                seen_point = true;
                plan.scale -= 3 * commas_after_digit;
                commas_after_digit = 0;
            }
            ',' if plan.places > 0 && !seen_point => commas_after_digit += 1,
            '%' => plan.scale += 2,
            '‰' => plan.scale += 3,
            '\'' | '"' => {
                while section.get(index).is_some_and(|next| next != c) {
                    index += 1;
                }
                index += 1;
            }
            '\\' => index += 1,
            'E' | 'e' => {
                if let Some(length) = exponent_length(&section[index..]) {
                    plan.scientific = true;
                    index += length;
                }
            }
            _ => {}
        }
    }
    plan.scale -= 3 * commas_after_digit;
    plan
}

/// How many characters after the `E` belong to the exponent: a sign, and zeros.
fn exponent_length(rest: &[char]) -> Option<usize> {
    let sign = usize::from(matches!(rest.first(), Some('+' | '-')));
    let zeros = rest[sign..].iter().take_while(|c| **c == '0').count();
    (zeros > 0).then_some(sign + zeros)
}

fn write(
    text: &mut String,
    section: &[char],
    plan: &Plan,
    digits: &super::Digits,
    culture: &NumberCulture,
) {
    // Digits are handed out from the left; those that do not fit before the point go in front of the first place.
    let whole_digits: Vec<u8> = if plan.scientific {
        (0..plan.whole_places)
            .map(|index| digits.digits.get(index).copied().unwrap_or(0))
            .collect()
    } else {
        let count = usize::try_from(digits.scale).unwrap_or(0);
        (0..count)
            .map(|index| digits.digits.get(index).copied().unwrap_or(0))
            .collect()
    };
    let exponent = if digits.is_zero() {
        0
    } else {
        digits.scale - i32::try_from(plan.whole_places).unwrap_or(0)
    };
    let fraction = |place: usize| -> Option<u8> {
        let position = if plan.scientific {
            Some(plan.whole_places + place)
        } else {
            usize::try_from(i64::from(digits.scale) + i64::try_from(place).unwrap_or(0)).ok()
        };
        position.and_then(|position| digits.digits.get(position).copied())
    };
    let first_zero = plan.first_zero.unwrap_or(usize::MAX);
    let fraction_places = plan.places - plan.whole_places;
    // The last place after the point that has to be written: a digit that is not zero, or a `0`.
    let last_fraction = (0..fraction_places)
        .rev()
        .find(|place| {
            plan.last_zero > plan.whole_places + place
                || (*place..fraction_places).any(|later| fraction(later).unwrap_or(0) != 0)
                || {
                    let position = i64::from(digits.scale) + i64::try_from(*place).unwrap_or(0);
                    !plan.scientific
                        && position < 0
                        && !digits.is_zero()
                        && (*place + 1..fraction_places)
                            .any(|later| fraction(later).is_some_and(|digit| digit != 0))
                }
        })
        .map_or(0, |place| place + 1);
    let mut place = 0;
    let mut seen_point = false;
    let mut index = 0;
    while let Some(c) = section.get(index) {
        index += 1;
        match c {
            '0' | '#' if place < plan.whole_places => {
                let remaining = plan.whole_places - place;
                if place == 0 && whole_digits.len() > plan.whole_places {
                    let surplus = whole_digits.len() - plan.whole_places;
                    for (at, digit) in whole_digits[..surplus].iter().enumerate() {
                        push_whole(text, *digit, whole_digits.len() - at, plan, culture);
                    }
                }
                if remaining <= whole_digits.len() {
                    push_whole(
                        text,
                        whole_digits[whole_digits.len() - remaining],
                        remaining,
                        plan,
                        culture,
                    );
                } else if place >= first_zero {
                    push_whole(text, 0, remaining, plan, culture);
                }
                place += 1;
            }
            '0' | '#' => {
                let at = place - plan.whole_places;
                if at < last_fraction {
                    text.push(char::from(b'0' + fraction(at).unwrap_or(0)));
                }
                place += 1;
            }
            '.' if !seen_point => {
                seen_point = true;
                // A format without places before the point still shows the digits there.
                if plan.whole_places == 0 {
                    for digit in &whole_digits {
                        text.push(char::from(b'0' + digit));
                    }
                }
                if last_fraction > 0 {
                    text.push_str(culture.point);
                }
            }
            '.' | ',' => {}
            '\'' | '"' => {
                while let Some(next) = section.get(index).filter(|next| *next != c) {
                    text.push(*next);
                    index += 1;
                }
                index += 1;
            }
            '\\' => {
                if let Some(next) = section.get(index) {
                    text.push(*next);
                    index += 1;
                }
            }
            'E' | 'e' => match exponent_length(&section[index..]) {
                Some(length) if plan.scientific => {
                    text.push(*c);
                    let zeros = section[index..index + length]
                        .iter()
                        .filter(|c| **c == '0')
                        .count();
                    if exponent >= 0 && section[index] != '+' {
                        text.push_str(&format!("{exponent:0zeros$}"));
                    } else {
                        push_exponent(text, exponent, zeros);
                    }
                    index += length;
                }
                _ => text.push(*c),
            },
            other => text.push(*other),
        }
    }
}

fn push_whole(
    text: &mut String,
    digit: u8,
    remaining: usize,
    plan: &Plan,
    culture: &NumberCulture,
) {
    text.push(char::from(b'0' + digit));
    if plan.grouped && remaining > 1 && (remaining - 1).is_multiple_of(3) {
        text.push_str(culture.group);
    }
}
