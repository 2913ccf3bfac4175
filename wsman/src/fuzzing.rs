//! Oracles for fuzz targets, which ordinary tests feed too.

use bytes::Bytes;

use crate::message::Message;
use crate::soap::EnvelopeLimits;

/// What can be read can be written, and what we write reads as the same.
///
/// # Panics
///
/// When that is not so.
pub fn envelope_round_trip(data: &[u8]) {
    let limits = EnvelopeLimits {
        size: 256 * 1024,
        ..EnvelopeLimits::default()
    };
    let Ok(message) = Message::decode(&Bytes::copy_from_slice(data), &limits) else {
        return;
    };
    let written = message.encode();
    // Namespaces and escapes can make it longer than what was read.
    let again =
        Message::decode(&written, &EnvelopeLimits::default()).expect("what we write can be read");
    assert_eq!(again.encode(), written, "what we write reads as the same");
}
