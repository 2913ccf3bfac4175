//! Which element a `RefId` names.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "positions stay below the length of the input, which fits in 32 bits"
)]

use std::collections::HashMap;

use crate::clixml::scan::{Attribute, too_large};
use crate::clixml::text;
use crate::{DecodeError, Limits};

/// Which slot a `RefId` names.
///
/// Ids are texts. Those that a writer makes are small numbers, and have a table of their own; a
/// peer's fancies are hashed.
#[derive(Debug, Default)]
pub(super) struct References {
    numbered: Vec<u32>,
    others: HashMap<Box<str>, u32>,
    count: usize,
}

impl References {
    const ABSENT: u32 = u32::MAX;

    #[inline]
    pub(super) fn clear(&mut self) {
        self.numbered.clear();
        if !self.others.is_empty() {
            self.others.clear();
        }
        self.count = 0;
    }

    #[inline]
    pub(super) fn define(
        &mut self,
        xml: &str,
        id: Attribute,
        slot: u32,
        at: usize,
        limits: &Limits,
    ) -> Result<(), DecodeError> {
        if !id.present {
            return Ok(());
        }
        self.count += 1;
        if self.count > limits.references {
            return Err(too_large(at, "references", self.count, limits.references));
        }
        match small_number(id.value.of(xml.as_bytes())) {
            // No larger than the number of ids so far, but for a start that is a little off.
            Some(number) if number < 2 * self.count + 64 => {
                // Most come in their order.
                if self.numbered.len() == number {
                    self.numbered.push(slot);
                } else {
                    if self.numbered.len() < number {
                        self.numbered.resize(number + 1, Self::ABSENT);
                    }
                    if let Some(place) = self.numbered.get_mut(number) {
                        *place = slot;
                    }
                }
                // It may have been far off when it came first.
                if !self.others.is_empty() {
                    self.others.remove(id.value_of(xml));
                }
            }
            _ => {
                let text = text::attribute(id.value_of(xml), id.indirect);
                // A lone surrogate cannot be told from U+FFFD here; only strange peers would see.
                let text = text.to_string_lossy();
                if let Some(place) =
                    small_number(text.as_bytes()).and_then(|n| self.numbered.get_mut(n))
                {
                    *place = Self::ABSENT;
                }
                self.others.insert(text.into(), slot);
            }
        }
        Ok(())
    }

    #[inline]
    pub(super) fn find(&self, xml: &str, id: Attribute) -> Option<u32> {
        if !id.present {
            return None;
        }
        let value = id.value_of(xml);
        let found = small_number(value.as_bytes()).and_then(|number| self.numbered.get(number));
        match found {
            Some(slot) if *slot != Self::ABSENT => return Some(*slot),
            _ if self.others.is_empty() && !id.indirect => return None,
            _ => {}
        }
        let text = text::attribute(value, id.indirect);
        let text = text.to_string_lossy();
        let numbered = small_number(text.as_bytes()).and_then(|number| self.numbered.get(number));
        numbered
            .copied()
            .filter(|slot| *slot != Self::ABSENT)
            .or_else(|| self.others.get(&*text).copied())
    }
}

impl Attribute {
    fn value_of(self, xml: &str) -> &str {
        xml.get(self.value.start as usize..self.value.end as usize)
            .unwrap_or_default()
    }
}

/// The number that these digits are, if they are how it would be written and it is small.
pub(in crate::clixml) fn small_number(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || digits.len() > 9 || digits.len() > 1 && digits.first() == Some(&b'0') {
        return None;
    }
    let mut number = 0;
    for digit in digits {
        number = number * 10 + usize::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?);
    }
    Some(number)
}
