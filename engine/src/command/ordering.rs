//! The order in which Sort-Object and Group-Object put things, by the very steps of .NET's sort: where values have no consistent
//! order (numbers beside texts), the steps show in the result.

use std::cmp::Ordering;

use super::CommandContext;
use super::property_expression::PropertyExpression;
use crate::eval::{Flow, Run};
use crate::value::Value;
use crate::value::ops::sort_order;

/// What an object is sorted by.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) object: Value,
    /// The values of the properties; `None` for a property that the object lacks.
    pub(crate) keys: Vec<Option<Value>>,
}

/// How keys compare.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyOrder {
    /// For each key, whether larger values come first.
    pub(crate) descending: Vec<bool>,
    pub(crate) case_sensitive: bool,
}

impl Entry {
    /// The keys of `object`: the values of `properties`, or itself where there are none.
    pub(crate) fn of(
        cx: &mut CommandContext<'_, '_>,
        object: Value,
        properties: &[PropertyExpression],
    ) -> Run<Self> {
        let mut keys = Vec::with_capacity(properties.len().max(1));
        if properties.is_empty() {
            keys.push(Some(object.clone()));
        }
        for property in properties {
            keys.push(property.value(cx, &object)?);
        }
        Ok(Self { object, keys })
    }

    /// Puts what came in as `InputObject` behind `entries`, whose room is charged for.
    pub(crate) fn collect(
        cx: &mut CommandContext<'_, '_>,
        properties: &[PropertyExpression],
        entries: &mut Vec<Self>,
    ) -> Run {
        let object = cx.value("InputObject");
        if object.is_null() {
            return Ok(());
        }
        entries.push(Self::of(cx, object, properties)?);
        if entries.len().is_power_of_two() {
            cx.machine
                .charge_bytes(entries.len() * size_of::<Self>() / 2)
                .map_err(Flow::from)?;
        }
        Ok(())
    }
}

impl KeyOrder {
    /// Compares the keys of two entries, first key first.
    pub(crate) fn compare(
        &self,
        cx: &mut CommandContext<'_, '_>,
        a: &Entry,
        b: &Entry,
    ) -> Run<Ordering> {
        cx.machine.checkpoint()?;
        for (index, (a, b)) in a.keys.iter().zip(&b.keys).enumerate() {
            let order = match (a, b) {
                (None, None) => Ordering::Equal,
                // Whoever lacks the property comes last, in either direction.
                (Some(_), None) => return Ok(Ordering::Less),
                (None, Some(_)) => return Ok(Ordering::Greater),
                (Some(a), Some(b)) => match (a.is_null(), b.is_null()) {
                    (true, true) => Ordering::Equal,
                    _ => sort_order(a, b, !self.case_sensitive, cx.machine)?,
                },
            };
            if order != Ordering::Equal {
                let descending = self.descending.get(index).copied().unwrap_or(false);
                return Ok(if descending { order.reverse() } else { order });
            }
        }
        Ok(Ordering::Equal)
    }

    /// Sorts by merging: entries with equal keys keep their order.
    pub(crate) fn sort_stable(
        &self,
        cx: &mut CommandContext<'_, '_>,
        entries: &mut Vec<Entry>,
    ) -> Run {
        let length = entries.len();
        let mut width = 1;
        while width < length {
            let mut merged = Vec::with_capacity(length);
            let mut rest = std::mem::take(entries).into_iter();
            loop {
                let mut left = rest
                    .by_ref()
                    .take(width)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .peekable();
                let mut right = rest
                    .by_ref()
                    .take(width)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .peekable();
                if left.peek().is_none() {
                    break;
                }
                while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
                    let next = if self.compare(cx, a, b)? == Ordering::Greater {
                        right.next()
                    } else {
                        left.next()
                    };
                    merged.extend(next);
                }
                merged.extend(left);
                merged.extend(right);
            }
            *entries = merged;
            width *= 2;
        }
        Ok(())
    }

    /// Sorts as .NET's `List<T>.Sort` does.
    pub(crate) fn sort(&self, cx: &mut CommandContext<'_, '_>, entries: &mut [Entry]) -> Run {
        let depth = 2 * (entries.len().checked_ilog2().unwrap_or(0) + 1);
        self.introsort(cx, entries, depth)
    }

    fn introsort(
        &self,
        cx: &mut CommandContext<'_, '_>,
        entries: &mut [Entry],
        mut depth: u32,
    ) -> Run {
        let mut length = entries.len();
        while length > 1 {
            let part = &mut entries[..length];
            match length {
                2 => return self.swap_if_greater(cx, part, 0, 1),
                3 => {
                    self.swap_if_greater(cx, part, 0, 1)?;
                    self.swap_if_greater(cx, part, 0, 2)?;
                    return self.swap_if_greater(cx, part, 1, 2);
                }
                4..=16 => return self.insertion_sort(cx, part),
                _ if depth == 0 => {
                    let mut rest = part.to_vec();
                    self.sort_stable(cx, &mut rest)?;
                    part.clone_from_slice(&rest);
                    return Ok(());
                }
                _ => {}
            }
            depth -= 1;
            let pivot = self.partition(cx, part)?;
            self.introsort(cx, &mut part[pivot + 1..], depth)?;
            length = pivot;
        }
        Ok(())
    }

    fn swap_if_greater(
        &self,
        cx: &mut CommandContext<'_, '_>,
        entries: &mut [Entry],
        a: usize,
        b: usize,
    ) -> Run {
        if self.compare(cx, &entries[a], &entries[b])? == Ordering::Greater {
            entries.swap(a, b);
        }
        Ok(())
    }

    fn insertion_sort(&self, cx: &mut CommandContext<'_, '_>, entries: &mut [Entry]) -> Run {
        for index in 1..entries.len() {
            let mut at = index;
            while at > 0 && self.compare(cx, &entries[at], &entries[at - 1])? == Ordering::Less {
                entries.swap(at, at - 1);
                at -= 1;
            }
        }
        Ok(())
    }

    /// Splits around the median of three and gives the place of the pivot. `entries` has more than three items.
    fn partition(&self, cx: &mut CommandContext<'_, '_>, entries: &mut [Entry]) -> Run<usize> {
        let high = entries.len() - 1;
        let middle = high / 2;
        self.swap_if_greater(cx, entries, 0, middle)?;
        self.swap_if_greater(cx, entries, 0, high)?;
        self.swap_if_greater(cx, entries, middle, high)?;
        let pivot = entries[middle].clone();
        entries.swap(middle, high - 1);
        let (mut left, mut right) = (0, high - 1);
        while left < right {
            // The bounds hold by themselves for a consistent order only.
            left += 1;
            while left < high - 1 && self.compare(cx, &entries[left], &pivot)? == Ordering::Less {
                left += 1;
            }
            right -= 1;
            while right > 0 && self.compare(cx, &pivot, &entries[right])? == Ordering::Less {
                right -= 1;
            }
            if left >= right {
                break;
            }
            entries.swap(left, right);
        }
        if left != high - 1 {
            entries.swap(left, high - 1);
        }
        Ok(left)
    }
}
