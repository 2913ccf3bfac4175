//! Joining fragments into messages.

use std::fmt;

use bytes::{Buf, Bytes, BytesMut};

use super::{Fragment, Header};
use crate::{DecodeError, DecodeErrorKind, Encode, Limits, ObjectId, unseen::Unseen};

/// Joins the fragments of one reassembly context: one session or one command, one of its streams.
///
/// What comes in may be cut anywhere, in the middle of a header too. A message that arrives whole
/// in one fragment is handed on as a slice of what was received; only messages of several
/// fragments, and blobs that arrive in pieces, are copied, once.
///
/// An error is final for the context, as MS-PSRP 3.1.5.1.2 demands: every later call gives it
/// again.
pub struct Reassembler {
    message_size: usize,
    total_size: Option<u64>,
    /// Bytes received in the life of the context.
    total: u64,
    /// The start of a header that is not complete yet.
    header: HeaderBuffer,
    /// The fragment whose blob is not complete yet, and how much of it is still to come.
    pending: Option<(Header, usize)>,
    /// What to do with the blob of `pending`.
    skipping: bool,
    open: Option<OpenMessage>,
    /// The blobs of the open message, or of the last one that was lent out. Kept between messages
    /// so that its memory is used again.
    joined: BytesMut,
    ignore_off_sync: bool,
    failed: Option<DecodeError>,
}

/// The message that has begun and not ended.
#[derive(Clone, Copy, Debug)]
struct OpenMessage {
    object: ObjectId,
    next_index: u64,
    /// Bytes so far, headers included: that is how PowerShell counts against its limit.
    size: usize,
}

/// What a look at received bytes came to.
#[derive(Clone, Copy, Debug)]
enum Found {
    /// All is used up and no message is complete.
    Nothing,
    /// A message: the last `len` of the bytes used.
    Whole { len: usize },
    /// A message: `joined`.
    Joined,
}

impl Reassembler {
    /// A context in which nothing has arrived. Of `limits`, `message_size` and `total_size` count.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            message_size: limits.message_size,
            total_size: limits.total_size,
            total: 0,
            header: HeaderBuffer::default(),
            pending: None,
            skipping: false,
            open: None,
            joined: BytesMut::new(),
            ignore_off_sync: false,
            failed: None,
        }
    }

    /// Forgets what is half received and lets the tail of a message pass whose start went to
    /// someone else: for a stream that has just been connected to a pool or command that was
    /// already running. Ends with the next fragment that starts a message.
    pub fn ignore_off_sync(&mut self) {
        self.header = HeaderBuffer::default();
        self.pending = None;
        self.open = None;
        self.joined.clear();
        self.ignore_off_sync = true;
    }

    /// Takes from `received` up to the end of the next message and gives that message; `None`
    /// once `received` is used up and the message is not complete.
    ///
    /// Call it until it gives `None`: `received` may hold several messages.
    ///
    /// # Errors
    /// When a fragment is out of order or a limit is exceeded. No blob is waited for that would
    /// exceed a limit.
    pub fn push(&mut self, received: &mut Bytes) -> Result<Option<Bytes>, DecodeError> {
        let (found, rest) = self.take(received)?;
        let used = received.len().saturating_sub(rest.len());
        Ok(match found {
            Found::Nothing => {
                received.advance(used);
                None
            }
            Found::Whole { len } => {
                let mut message = received.split_to(used);
                message.advance(used.saturating_sub(len));
                Some(message)
            }
            Found::Joined => {
                received.advance(used);
                Some(self.joined.split().freeze())
            }
        })
    }

    /// Does what [`push`](Self::push) does and lends the message out, for those who are done with
    /// it before they take the next: nothing is counted and, once the memory for messages of
    /// several fragments has grown, nothing is allocated.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    #[inline]
    pub fn push_borrowed<'m, 'r: 'm>(
        &'m mut self,
        received: &mut &'r [u8],
    ) -> Result<Option<&'m [u8]>, DecodeError> {
        let all = *received;
        let (found, rest) = self.take(all)?;
        *received = rest;
        Ok(match found {
            Found::Nothing => None,
            Found::Whole { len } => {
                let end = all.len().saturating_sub(rest.len());
                all.get(end.saturating_sub(len)..end)
            }
            Found::Joined => Some(self.joined.as_ref()),
        })
    }

    /// Whether a message has begun and not ended.
    #[must_use]
    pub const fn is_mid_message(&self) -> bool {
        self.open.is_some() || self.pending.is_some() || self.header.len > 0
    }

    /// Bytes that have arrived in the life of the context.
    #[must_use]
    pub const fn total_received(&self) -> u64 {
        self.total
    }

    /// Takes from `received` up to the end of the next message; gives what is left.
    #[inline]
    fn take<'r>(&mut self, received: &'r [u8]) -> Result<(Found, &'r [u8]), DecodeError> {
        if let Some((len, rest)) = self.take_whole(received) {
            return Ok((Found::Whole { len }, rest));
        }
        self.take_any(received)
    }

    /// The short way for what most messages are: one fragment, all there, with nothing begun
    /// before it. Whatever else it is goes the long way, which also knows what is wrong.
    #[inline]
    fn take_whole<'r>(&mut self, received: &'r [u8]) -> Option<(usize, &'r [u8])> {
        if self.is_mid_message() || self.ignore_off_sync || self.failed.is_some() {
            return None;
        }
        let (fragment, rest) = Fragment::read(received)?;
        if !(fragment.start && fragment.end && fragment.index == 0) {
            return None;
        }
        let len = fragment.encoded_len();
        let total = self.total.saturating_add(len as u64);
        if len > self.message_size || self.total_size.is_some_and(|limit| total > limit) {
            return None;
        }
        self.total = total;
        Some((fragment.blob.len(), rest))
    }

    fn take_any<'r>(&mut self, received: &'r [u8]) -> Result<(Found, &'r [u8]), DecodeError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.take_fragments(received).inspect_err(|error| {
            self.failed = Some(error.clone());
            self.joined = BytesMut::new();
        })
    }

    fn take_fragments<'r>(&mut self, mut rest: &'r [u8]) -> Result<(Found, &'r [u8]), DecodeError> {
        loop {
            let (header, missing) = match self.pending.take() {
                Some(pending) => pending,
                None => match self.next_header(&mut rest)? {
                    Some(header) => {
                        self.admit(&header, rest)?;
                        (header, header.blob_len)
                    }
                    None => return Ok((Found::Nothing, rest)),
                },
            };
            let Some((blob, after)) = rest.split_at_checked(missing) else {
                self.keep(rest);
                self.pending = Some((header, missing.saturating_sub(rest.len())));
                return Ok((Found::Nothing, &[]));
            };
            rest = after;
            // The whole message in one piece: handed on where it lies.
            let alone = header.start && header.end && missing == header.blob_len;
            if alone && !self.skipping {
                self.open = None;
                return Ok((Found::Whole { len: missing }, rest));
            }
            self.keep(blob);
            if header.end && !self.skipping {
                self.open = None;
                return Ok((Found::Joined, rest));
            }
        }
    }

    /// The next header, from `received` alone or joined with what an earlier packet began.
    fn next_header(&mut self, received: &mut &[u8]) -> Result<Option<Header>, DecodeError> {
        if self.header.len == 0 && received.len() >= Fragment::HEADER_LEN {
            let all = *received;
            let (header, rest) = Header::decode(all)?;
            *received = rest;
            return Ok(Some(header));
        }
        let taken = self.header.fill(received);
        *received = received.get(taken..).unwrap_or_default();
        let Some(bytes) = self.header.complete() else {
            return Ok(None);
        };
        let (header, _) = Header::decode(bytes)?;
        self.header = HeaderBuffer::default();
        Ok(Some(header))
    }

    /// Whether the fragment may come now, checked before its blob is waited for.
    fn admit(&mut self, header: &Header, received: &[u8]) -> Result<(), DecodeError> {
        let len = Fragment::HEADER_LEN.saturating_add(header.blob_len);
        self.total = self.total.saturating_add(len as u64);
        if let Some(limit) = self.total_size.filter(|limit| self.total > *limit) {
            return Err(too_large("total_size", self.total, limit));
        }
        self.skipping = false;
        let size = match &mut self.open {
            _ if header.start => return self.begin(header, len, received),
            None if self.ignore_off_sync => {
                self.skipping = true;
                return self.check_size(len);
            }
            None => {
                return Err(malformed("a message goes on that has not begun"));
            }
            Some(open) if open.object != header.object => {
                let (expected, got) = (open.object.get(), header.object.get());
                return Err(out_of_order("the ObjectId", expected, got));
            }
            Some(open) if open.next_index != header.index => {
                let (expected, got) = (open.next_index, header.index);
                return Err(out_of_order("the FragmentId", expected, got));
            }
            Some(open) => {
                open.next_index = open.next_index.saturating_add(1);
                open.size = open.size.saturating_add(len);
                open.size
            }
        };
        self.check_size(size)
    }

    fn begin(&mut self, header: &Header, size: usize, received: &[u8]) -> Result<(), DecodeError> {
        // PowerShell accepts both of these; nobody sends them, and dropping half a message in
        // silence would be the worse answer.
        if header.index != 0 {
            return Err(out_of_order("the FragmentId", 0, header.index));
        }
        if self.open.is_some() {
            return Err(malformed("a message begins before the last one has ended"));
        }
        self.check_size(size)?;
        self.ignore_off_sync = false;
        // What the last message left when it was lent out.
        self.joined.clear();
        if !header.end {
            self.joined
                .reserve(self.bytes_in_sight(header, received).min(self.message_size));
        }
        self.open = Some(OpenMessage {
            object: header.object,
            next_index: 1,
            size,
        });
        Ok(())
    }

    /// How many bytes of the message that begins with `first` are in `received` already: to
    /// reserve them in one piece. Only headers are looked at.
    fn bytes_in_sight(&self, first: &Header, received: &[u8]) -> usize {
        let mut bytes = first.blob_len.min(received.len());
        let mut rest = received.get(first.blob_len..).unwrap_or_default();
        while let Ok((header, after)) = Header::decode(rest) {
            if header.object != first.object {
                break;
            }
            bytes = bytes.saturating_add(header.blob_len.min(after.len()));
            rest = after.get(header.blob_len..).unwrap_or_default();
            if header.end {
                break;
            }
        }
        bytes
    }

    fn check_size(&self, size: usize) -> Result<(), DecodeError> {
        if size > self.message_size {
            return Err(too_large(
                "message_size",
                size as u64,
                self.message_size as u64,
            ));
        }
        Ok(())
    }

    fn keep(&mut self, piece: &[u8]) {
        if !self.skipping {
            self.joined.extend_from_slice(piece);
        }
    }
}

/// Where it stands, and how much of a message there is.
impl fmt::Debug for Reassembler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reassembler")
            .field("total", &self.total)
            .field("pending", &self.pending)
            .field("open", &self.open)
            .field("joined", &Unseen(&self.joined))
            .field("ignore_off_sync", &self.ignore_off_sync)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

impl Default for Reassembler {
    fn default() -> Self {
        Self::new(&Limits::default())
    }
}

/// The first bytes of a header that a packet cut in two.
#[derive(Clone, Copy, Default)]
struct HeaderBuffer {
    bytes: [u8; Fragment::HEADER_LEN],
    // INVARIANT: at most HEADER_LEN.
    len: usize,
}

impl HeaderBuffer {
    /// Takes what is missing from `from`; gives how much that was.
    fn fill(&mut self, from: &[u8]) -> usize {
        let free = self.bytes.get_mut(self.len..).unwrap_or_default();
        let count = free.len().min(from.len());
        for (to, from) in free.iter_mut().zip(from) {
            *to = *from;
        }
        self.len = self.len.saturating_add(count);
        count
    }

    fn complete(&self) -> Option<&[u8]> {
        (self.len == Fragment::HEADER_LEN).then_some(&self.bytes[..])
    }
}

fn too_large(what: &'static str, got: u64, limit: u64) -> DecodeError {
    DecodeError::in_value(ITEM, DecodeErrorKind::TooLarge { what, got, limit })
}

fn malformed(why: &'static str) -> DecodeError {
    DecodeError::in_value(ITEM, DecodeErrorKind::Malformed(why))
}

fn out_of_order(what: &'static str, expected: u64, got: u64) -> DecodeError {
    DecodeError::in_value(
        ITEM,
        DecodeErrorKind::OutOfOrder {
            what,
            expected,
            got,
        },
    )
}

const ITEM: &str = "fragment";
