//! Races: several ways through the same bytes, timed in turn so that whatever the machine does
//! meanwhile happens to all of them.

use std::time::{Duration, Instant};

/// How long a sample of one contestant takes at least, so that the clock itself does not count.
const SAMPLE: Duration = Duration::from_millis(8);

/// In how many rounds somebody takes part who says how long it took: those are slow.
const ROUNDS_TOLD: usize = 5;

/// Several ways through the same bytes.
pub struct Race<'a> {
    bytes: usize,
    contestants: Vec<Contestant<'a>>,
}

struct Contestant<'a> {
    name: &'static str,
    work: Work<'a>,
}

enum Work<'a> {
    Timed(Box<dyn FnMut() + 'a>),
    /// Somebody else holds the watch: nanoseconds for a pass.
    Told(Box<dyn FnMut() -> f64 + 'a>),
}

/// What a race gave.
#[derive(Clone, Debug)]
pub struct Times {
    bytes: usize,
    /// Nanoseconds for a pass, one for each round.
    rounds: Vec<(&'static str, Vec<f64>)>,
}

impl<'a> Race<'a> {
    /// A race over `bytes` bytes.
    #[must_use]
    pub const fn over(bytes: usize) -> Self {
        Self {
            bytes,
            contestants: Vec::new(),
        }
    }

    /// Lets `pass` take part, which goes through the bytes once.
    pub fn enter(&mut self, name: &'static str, pass: impl FnMut() + 'a) {
        let work = Work::Timed(Box::new(pass));
        self.contestants.push(Contestant { name, work });
    }

    /// Lets somebody take part who goes through the bytes and says how many nanoseconds it took,
    /// in the first five rounds.
    pub fn enter_told(&mut self, name: &'static str, pass: impl FnMut() -> f64 + 'a) {
        let work = Work::Told(Box::new(pass));
        self.contestants.push(Contestant { name, work });
    }

    /// Runs `rounds` rounds. In each, everybody runs for a sample, one after the other; who is told
    /// only in the first few.
    #[must_use]
    pub fn run(mut self, rounds: usize) -> Times {
        // The first pass fills caches and finds how many passes a sample takes.
        let passes: Vec<u32> = self.contestants.iter_mut().map(passes_in_sample).collect();
        let mut times: Vec<_> = self
            .contestants
            .iter()
            .map(|contestant| (contestant.name, Vec::with_capacity(rounds)))
            .collect();
        for round in 0..rounds {
            for ((contestant, passes), (_, times)) in
                self.contestants.iter_mut().zip(&passes).zip(&mut times)
            {
                if round < ROUNDS_TOLD || matches!(contestant.work, Work::Timed(_)) {
                    times.push(contestant.sample(*passes));
                }
            }
        }
        Times {
            bytes: self.bytes,
            rounds: times,
        }
    }
}

impl Contestant<'_> {
    /// Nanoseconds for a pass.
    fn sample(&mut self, passes: u32) -> f64 {
        match &mut self.work {
            Work::Timed(pass) => {
                let start = Instant::now();
                for _ in 0..passes {
                    pass();
                }
                start.elapsed().as_secs_f64() * 1e9 / f64::from(passes)
            }
            Work::Told(pass) => pass(),
        }
    }
}

fn passes_in_sample(contestant: &mut Contestant<'_>) -> u32 {
    let mut passes = 1;
    loop {
        let nanoseconds = contestant.sample(passes);
        let told = matches!(contestant.work, Work::Told(_));
        if told || nanoseconds * f64::from(passes) >= SAMPLE.as_secs_f64() * 1e9 {
            return passes;
        }
        passes *= 2;
    }
}

impl Times {
    /// The bytes that a pass goes through.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Who took part, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.rounds.iter().map(|(name, _)| *name)
    }

    /// The median of the nanoseconds for a pass.
    #[must_use]
    pub fn nanoseconds(&self, name: &str) -> Option<f64> {
        self.rounds_of(name).map(|rounds| median(rounds.to_vec()))
    }

    /// How many times as fast as `other` somebody was: the median of what each round says.
    #[must_use]
    pub fn ratio(&self, name: &str, other: &str) -> Option<f64> {
        let rounds = self.rounds_of(name)?.iter().zip(self.rounds_of(other)?);
        Some(median(rounds.map(|(ours, theirs)| theirs / ours).collect()))
    }

    fn rounds_of(&self, name: &str) -> Option<&[f64]> {
        let found = self.rounds.iter().find(|(have, _)| *have == name);
        found.map(|(_, rounds)| rounds.as_slice())
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_that_was_slow_for_all_does_not_change_the_ratio() {
        let times = Times {
            bytes: 1,
            rounds: vec![
                ("ours", vec![1.0, 10.0, 1.0]),
                ("limit", vec![2.0, 20.0, 2.0]),
            ],
        };
        assert_eq!(times.ratio("ours", "limit"), Some(2.0));
        assert_eq!(times.nanoseconds("limit"), Some(2.0));
        assert_eq!(times.ratio("ours", "nobody"), None);
    }
}
