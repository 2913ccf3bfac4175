//! Joining fragments into messages.

use bytes::{Buf, Bytes, BytesMut};

use super::{Fragment, Header};
use crate::{Decode, DecodeError, DecodeErrorKind, Limits, ObjectId};

/// Joins the fragments of one reassembly context: one session or one command, one of its streams.
///
/// What comes in may be cut anywhere, in the middle of a header too. A message that arrives whole
/// in one fragment is handed on as a slice of what was received; only messages of several
/// fragments, and blobs that arrive in pieces, are copied, once.
///
/// An error is final for the context, as MS-PSRP 3.1.5.1.2 demands: every later call gives it
/// again.
#[derive(Debug)]
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
    /// The blobs of the open message. Kept between messages so that its memory is used again.
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
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        if let Some(message) = self.take_whole(received) {
            return Ok(Some(message));
        }
        self.take_fragments(received).inspect_err(|error| {
            self.failed = Some(error.clone());
            self.joined = BytesMut::new();
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

    /// The short way for what most messages are: one fragment, all there, with nothing begun
    /// before it. Whatever else it is goes the long way, which also knows what is wrong.
    fn take_whole(&mut self, received: &mut Bytes) -> Option<Bytes> {
        if self.is_mid_message() || self.ignore_off_sync {
            return None;
        }
        let (fragment, rest) = Fragment::decode(received).ok()?;
        if !(fragment.start && fragment.end && fragment.index == 0) {
            return None;
        }
        let len = received.len().saturating_sub(rest.len());
        let total = self.total.saturating_add(len as u64);
        if len > self.message_size || self.total_size.is_some_and(|limit| total > limit) {
            return None;
        }
        self.total = total;
        let mut message = received.split_to(len);
        message.advance(Fragment::HEADER_LEN);
        Some(message)
    }

    fn take_fragments(&mut self, received: &mut Bytes) -> Result<Option<Bytes>, DecodeError> {
        loop {
            let (header, missing) = match self.pending.take() {
                Some(pending) => pending,
                None => match self.next_header(received)? {
                    Some(header) => {
                        self.admit(&header, received)?;
                        (header, header.blob_len)
                    }
                    None => return Ok(None),
                },
            };
            if missing > received.len() {
                let missing = missing.saturating_sub(received.len());
                self.keep(received.split_to(received.len()));
                self.pending = Some((header, missing));
                return Ok(None);
            }
            let blob = received.split_to(missing);
            if self.skipping {
                continue;
            }
            // The whole message in one piece: hand on the slice itself.
            let alone = header.start && header.end && missing == header.blob_len;
            if !alone {
                self.keep_bytes(&blob);
            }
            if header.end {
                self.open = None;
                return Ok(Some(if alone {
                    blob
                } else {
                    self.joined.split().freeze()
                }));
            }
        }
    }

    /// The next header, from `received` alone or joined with what an earlier packet began.
    fn next_header(&mut self, received: &mut Bytes) -> Result<Option<Header>, DecodeError> {
        let header = if self.header.len == 0 && received.len() >= Fragment::HEADER_LEN {
            let (header, _) = Header::decode(received)?;
            received.advance(Fragment::HEADER_LEN);
            header
        } else {
            let taken = self.header.fill(received);
            received.advance(taken);
            let Some(bytes) = self.header.complete() else {
                return Ok(None);
            };
            let (header, _) = Header::decode(bytes)?;
            self.header = HeaderBuffer::default();
            header
        };
        Ok(Some(header))
    }

    /// Whether the fragment may come now, checked before its blob is waited for.
    fn admit(&mut self, header: &Header, received: &Bytes) -> Result<(), DecodeError> {
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

    fn begin(&mut self, header: &Header, size: usize, received: &Bytes) -> Result<(), DecodeError> {
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
    fn bytes_in_sight(&self, first: &Header, received: &Bytes) -> usize {
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

    fn keep(&mut self, piece: Bytes) {
        if !self.skipping {
            self.keep_bytes(&piece);
        }
    }

    fn keep_bytes(&mut self, piece: &[u8]) {
        self.joined.extend_from_slice(piece);
    }
}

impl Default for Reassembler {
    fn default() -> Self {
        Self::new(&Limits::default())
    }
}

/// The first bytes of a header that a packet cut in two.
#[derive(Clone, Copy, Debug, Default)]
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
