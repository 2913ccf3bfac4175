//! An account of captured bytes, for a person who looks for what went wrong.
//!
//! [`explain`] takes whatever a capture is likely to be, and says of it all that it can: which
//! packets, which fragments, which messages, which values. What is broken is named where it is,
//! and the account goes on behind it. Secrets are counted and not shown.
//!
//! ```
//! use psrp_codec::explain::{ExplainOptions, explain};
//!
//! let packet = "0000000000000007 0000000000000000 03 00000028 \
//!     02000000 03100400 33221100554477668899aabbccddeeff 11111111222233334444555555555555";
//! let account = explain(packet.as_bytes(), &ExplainOptions::default());
//! assert_eq!(account, "\
//! hexadecimal digits for 61 bytes
//!   fragment 7.0, start and end, 40 bytes
//!     END_OF_PIPELINE_INPUT from client to server
//!       pool 00112233-4455-6677-8899-aabbccddeeff
//!       pipeline 11111111-2222-3333-4444-555555555555
//! ");
//! ```

mod account;
mod capture;
mod fragments;
mod hex_dump;
mod message;
mod value;

use crate::Limits;
use account::Account;

/// What an account shows, and how much of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ExplainOptions {
    /// Colors for a terminal. Default `false`.
    pub color: bool,
    /// Lines before the account breaks off. Default 10,000.
    pub lines: usize,
    /// Characters of one text that are shown. Default 160.
    pub text: usize,
    /// Items of one list and properties of one object that are shown. Default 100.
    pub items: usize,
    /// How much a capture may make the decoders hold. Its nesting is one more than that of the
    /// default, since PowerShell's writer is known to go there.
    pub limits: Limits,
}

impl Default for ExplainOptions {
    fn default() -> Self {
        let mut limits = Limits::default();
        limits.nesting = limits.nesting.saturating_add(1);
        Self {
            color: false,
            lines: 10_000,
            text: 160,
            items: 100,
            limits,
        }
    }
}

/// Says what `capture` is: fragments in binary, base64 or hexadecimal, in digits alone or as a dump
/// with offsets; a message or a value without fragments around; a file of values, or what a child
/// process wrote; lines of a stream transport; or text that holds WS-Management envelopes, such as
/// an HTTP log. Text may be in UTF-8, or in UTF-16 with a byte order mark.
#[must_use]
pub fn explain(capture: &[u8], options: &ExplainOptions) -> String {
    let mut account = Account::new(*options);
    capture::explain(capture, &mut account);
    account.finish()
}
