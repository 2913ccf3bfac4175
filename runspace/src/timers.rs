//! Deadlines by name, on a clock that somebody else winds.

use std::{collections::BTreeMap, time::Instant};

/// The deadlines of one pool: at most one for each key.
#[derive(Debug)]
pub(crate) struct Timers<K> {
    deadlines: BTreeMap<K, Instant>,
}

impl<K: Ord + Copy> Timers<K> {
    pub(crate) const fn new() -> Self {
        Self {
            deadlines: BTreeMap::new(),
        }
    }

    /// Sets or moves the deadline of `key`. `None`, for a time that the clock cannot name, is
    /// never.
    pub(crate) fn set(&mut self, key: K, at: Option<Instant>) {
        match at {
            Some(at) => drop(self.deadlines.insert(key, at)),
            None => self.cancel(key),
        }
    }

    pub(crate) fn cancel(&mut self, key: K) {
        self.deadlines.remove(&key);
    }

    pub(crate) fn clear(&mut self) {
        self.deadlines.clear();
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.deadlines.values().min().copied()
    }

    /// Takes one deadline that has passed, the earliest first.
    pub(crate) fn take_expired(&mut self, now: Instant) -> Option<K> {
        let (key, at) = self
            .deadlines
            .iter()
            .map(|(key, at)| (*key, *at))
            .min_by_key(|(_, at)| *at)?;
        if at > now {
            return None;
        }
        self.deadlines.remove(&key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn deadlines_expire_in_order_and_once() {
        let start = Instant::now();
        let at = |seconds| start.checked_add(Duration::from_secs(seconds));
        let mut timers = Timers::new();
        timers.set('b', at(2));
        timers.set('a', at(3));
        timers.set('c', at(9));
        timers.set('c', None);
        assert_eq!(timers.next(), at(2));
        let now = at(3).unwrap();
        assert_eq!(timers.take_expired(start), None);
        assert_eq!(timers.take_expired(now), Some('b'));
        assert_eq!(timers.take_expired(now), Some('a'));
        assert_eq!(timers.take_expired(now), None);
        assert_eq!(timers.next(), None);
    }
}
