//! The lists of type names that have been written, and their numbers.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "counts things that are in memory"
)]

use std::collections::HashMap;

use crate::{PsString, TypeNames};

/// Numbers lists of type names in the order in which they come; equal ones have one number.
///
/// Nearly every value has a handful of lists. Those are looked for one after the other, without a
/// table; the table is for values that have more.
#[derive(Default)]
pub(super) struct TypeLists<'v> {
    /// The list of the last object and its number: most often that of the next one too.
    last: Option<(&'v TypeNames, u32)>,
    few: [Option<&'v TypeNames>; FEW],
    /// How often lists were compared name by name. Some program may keep many copies of a long
    /// list, and such comparisons must not be made for each object.
    comparisons: u32,
    many: Option<Box<Many<'v>>>,
}

/// How many lists are looked for one after the other.
const FEW: usize = 8;
const COMPARISONS: u32 = 256;

/// By where they are, and by what they are.
#[derive(Default)]
struct Many<'v> {
    in_memory: HashMap<usize, u32>,
    numbers: HashMap<&'v [PsString], u32>,
}

impl<'v> TypeLists<'v> {
    /// The number of the list, and whether this is the first time that it comes.
    #[inline]
    pub(super) fn number(&mut self, names: &'v TypeNames) -> (u32, bool) {
        if let Some((last, number)) = self.last
            && last.is_same(names)
        {
            return (number, false);
        }
        let (number, is_new) = self.find(names);
        self.last = Some((names, number));
        (number, is_new)
    }

    fn find(&mut self, names: &'v TypeNames) -> (u32, bool) {
        if self.many.is_none() {
            if let Some(found) = self.find_in_few(names) {
                return found;
            }
            let mut many = Many::default();
            for names in self.few.iter().flatten() {
                many.number(names);
            }
            self.many = Some(many.into());
        }
        let many = self.many.get_or_insert_default();
        many.number(names)
    }

    /// `None` when a table has to take over.
    fn find_in_few(&mut self, names: &'v TypeNames) -> Option<(u32, bool)> {
        let number = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        let known = self.few.iter().map_while(|list| *list);
        if let Some(place) = known.clone().position(|list| list.is_same(names)) {
            return Some((number(place), false));
        }
        for (place, list) in known.enumerate() {
            if self.comparisons == COMPARISONS {
                return None;
            }
            self.comparisons += 1;
            if list == names {
                return Some((number(place), false));
            }
        }
        let place = self.few.iter().position(Option::is_none)?;
        *self.few.get_mut(place)? = Some(names);
        Some((number(place), true))
    }
}

impl<'v> Many<'v> {
    fn number(&mut self, names: &'v TypeNames) -> (u32, bool) {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        let number = match self.in_memory.get(&names.address()) {
            Some(number) => *number,
            None => {
                let number = *self.numbers.entry(names).or_insert(next);
                self.in_memory.insert(names.address(), number);
                number
            }
        };
        (number, number == next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lists_have_one_number_however_many_there_are() {
        for (different, copies) in [(3, 1000), (9, 10), (500, 3)] {
            let list = |number: usize| TypeNames::of([format!("Type{number}").as_str(), "Base"]);
            let lists: Vec<_> = (0..different * copies)
                .map(|index| list(index % different))
                .collect();
            let mut known = TypeLists::default();
            for round in 0..2 {
                for (index, names) in lists.iter().enumerate() {
                    let number = u32::try_from(index % different).unwrap();
                    let is_new = round == 0 && index < different;
                    assert_eq!(known.number(names), (number, is_new));
                    assert_eq!(known.number(names), (number, false));
                }
            }
        }
    }
}
