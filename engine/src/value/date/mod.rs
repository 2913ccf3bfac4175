//! Dates and durations as text.

mod format;
mod parse;
mod parse_exact;
mod time_span;

pub use format::format_date_time;
pub use parse::{DateParseError, ParsedDate, parse_date_time, parse_with_offset};
pub use parse_exact::parse_exact;
pub use time_span::{format_time_span, parse_time_span};

/// Culture-dependent parts of dates.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DateCulture {
    /// The invariant culture.
    Invariant,
    /// en-US as ICU 72 has it: a narrow space before AM and PM.
    EnUs,
}

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
