//! Bytes that `Debug` does not show.

use std::fmt;

/// Stands for bytes of the wire in `Debug`: how many they are. What is in them may be a secret,
/// and what is printed ends in a log.
pub(crate) struct Unseen<'a>(pub(crate) &'a [u8]);

impl fmt::Debug for Unseen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}
