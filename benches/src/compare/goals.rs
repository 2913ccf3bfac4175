//! What is promised: every floor and every goal, and nothing of them anywhere else.

/// Contestants by name.
pub mod name {
    /// The one path of ours in a race that has only one.
    pub const OURS: &str = "ours";
    /// Borrowed: the structure, text left as spans.
    pub const STRUCTURE: &str = "borrowed (structure)";
    /// Borrowed: every name and value read.
    pub const EVERY_VALUE: &str = "borrowed, every value";
    /// Owned: the bytes and an index.
    pub const COMPACT: &str = "owned, compact";
    /// Owned: a tree of values.
    pub const TREE: &str = "owned tree";
    /// Copying, packet by packet into memory of its own.
    pub const MEMCPY: &str = "memcpy";
    /// Copying, all at once into one buffer.
    pub const MEMCPY_WHOLE: &str = "memcpy into one buffer";
    /// One search for every `<`.
    pub const MEMCHR: &str = "memchr on every `<`";
    /// A general tokenizer.
    pub const QUICK_XML: &str = "raw quick-xml events";
    /// A general writer.
    pub const QUICK_XML_WRITER: &str = "quick-xml Writer";
    /// Base64, UTF-8 and CLIXML one after the other.
    pub const SUM: &str = "base64 + UTF-8 + own CLIXML";
    /// The PSRP client of crates.io.
    pub const PSRP_RS: &str = "psrp-rs";
    /// The WinRM client of crates.io, and what is made of its output.
    pub const WINRM_RS: &str = "winrm-rs + psrp-rs";
    /// The last of both whose time grows with the square of how many streams an answer holds.
    pub const WINRM_RS_BEFORE: &str = "winrm-rs 1 + psrp-rs 3";
    /// The PSRP implementation of PyPI.
    pub const PSRPCORE: &str = "psrpcore";
}

/// Races by name.
pub mod race {
    /// Headers of fragments.
    pub const HEADER: &str = "fragment header decode";
    /// Joining what is half small messages and half large ones.
    pub const MIXED: &str = "reassemble, mixed messages";
    /// Joining messages that all take several fragments.
    pub const SEVERAL: &str = "reassemble, messages of several fragments";
    /// Reading CLIXML.
    pub const DECODE: &str = "CLIXML decode";
    /// Writing CLIXML.
    pub const ENCODE: &str = "CLIXML encode";
    /// From the body of an answer to objects, small packets.
    pub const RECEIVE_32K: &str = "ReceiveResponse body, 32 KiB packets";
    /// The same with large packets.
    pub const RECEIVE_150K: &str = "ReceiveResponse body, 150 KiB packets";
    /// Small packets with objects of every kind, the smallest of which fill an answer with streams.
    pub const RECEIVE_EVERY_32K: &str = "ReceiveResponse body, 32 KiB, every kind";
    /// The same with large packets.
    pub const RECEIVE_EVERY_150K: &str = "ReceiveResponse body, 150 KiB, every kind";
}

/// One promise.
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    /// Where it is measured.
    pub race: &'static str,
    /// Who of ours.
    pub ours: &'static str,
    /// Against whom; nobody where the promise is in nanoseconds.
    pub against: Option<&'static str>,
    /// Missing this fails.
    pub floor: f64,
    /// Missing this is worth a word.
    pub goal: f64,
}

impl Goal {
    /// Whether `measured` is as good as `bound`: at most as long, or at least as many times as
    /// fast.
    #[must_use]
    pub fn holds(&self, measured: f64, bound: f64) -> bool {
        match self.against {
            None => measured <= bound,
            Some(_) => measured >= bound,
        }
    }
}

/// Every promise about speed.
pub const GOALS: &[Goal] = &[
    nanoseconds(race::HEADER, name::OURS, 12.0, 8.0),
    times(race::MIXED, name::OURS, name::MEMCPY, 1.0, 1.3),
    times(race::SEVERAL, name::OURS, name::MEMCPY, 0.75, 0.95),
    times(race::DECODE, name::STRUCTURE, name::MEMCHR, 0.50, 0.70),
    times(race::DECODE, name::STRUCTURE, name::QUICK_XML, 4.0, 6.0),
    times(race::DECODE, name::STRUCTURE, name::PSRP_RS, 22.0, 32.0),
    times(race::DECODE, name::EVERY_VALUE, name::MEMCHR, 0.40, 0.58),
    times(race::DECODE, name::EVERY_VALUE, name::PSRP_RS, 18.0, 26.0),
    times(race::DECODE, name::COMPACT, name::QUICK_XML, 3.2, 4.8),
    times(race::DECODE, name::COMPACT, name::PSRP_RS, 17.0, 26.0),
    times(race::DECODE, name::TREE, name::QUICK_XML, 1.5, 2.5),
    times(race::DECODE, name::TREE, name::PSRP_RS, 8.0, 13.0),
    times(race::ENCODE, name::OURS, name::QUICK_XML_WRITER, 0.65, 1.1),
    times(race::ENCODE, name::OURS, name::PSRP_RS, 3.3, 6.0),
    times(race::RECEIVE_32K, name::OURS, name::SUM, 0.80, 0.95),
    times(race::RECEIVE_150K, name::OURS, name::SUM, 0.80, 0.95),
    times(
        race::RECEIVE_EVERY_32K,
        name::OURS,
        name::WINRM_RS_BEFORE,
        50.0,
        75.0,
    ),
    times(
        race::RECEIVE_EVERY_150K,
        name::OURS,
        name::WINRM_RS_BEFORE,
        170.0,
        240.0,
    ),
];

/// What is told without a promise: where it is measured, who of ours, and against whom.
pub const TOLD: &[(&str, &str, &str)] = &[
    (race::RECEIVE_32K, name::OURS, name::WINRM_RS),
    (race::RECEIVE_150K, name::OURS, name::WINRM_RS),
    (race::RECEIVE_EVERY_32K, name::OURS, name::SUM),
    (race::RECEIVE_EVERY_150K, name::OURS, name::SUM),
    (race::RECEIVE_EVERY_32K, name::OURS, name::WINRM_RS),
    (race::RECEIVE_EVERY_150K, name::OURS, name::WINRM_RS),
];

/// How many times as much a byte of 20 MB may cost as a byte of 1 MB.
pub const GROWTH: f64 = 1.10;

/// Allocations for each message in the borrowed pipeline.
pub const ALLOCATIONS_PER_MESSAGE: f64 = 0.0;

/// Allocations for each value in the owned tree.
pub const ALLOCATIONS_PER_VALUE: f64 = 1.0;

/// How many times as much memory a stream of 20 MB may hold at once as a stream of 1 MB.
pub const PEAK_GROWTH: f64 = 1.10;

const fn nanoseconds(race: &'static str, ours: &'static str, floor: f64, goal: f64) -> Goal {
    Goal {
        race,
        ours,
        against: None,
        floor,
        goal,
    }
}

const fn times(
    race: &'static str,
    ours: &'static str,
    against: &'static str,
    floor: f64,
    goal: f64,
) -> Goal {
    Goal {
        race,
        ours,
        against: Some(against),
        floor,
        goal,
    }
}
