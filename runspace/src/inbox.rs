//! What arrives for one target: fragments in, messages out.

use std::collections::VecDeque;

use bytes::Bytes;
use psrp_codec::{
    Decode, DecodeError, DecodeErrorKind, Fragment, Limits, ObjectId, OwnedMessage, Reassembler,
};

use crate::limits::REMEMBERED_FRAGMENTS;

/// One reassembly context, and what is in it and not yet looked at.
#[derive(Debug)]
pub(crate) struct Inbox {
    reassembler: Reassembler,
    received: Bytes,
    seen: Seen,
}

impl Inbox {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            reassembler: Reassembler::new(limits),
            received: Bytes::new(),
            seen: Seen::new(),
        }
    }

    /// A context that begins in the middle of a stream: the tail of a message whose start went
    /// to another client is passed over.
    pub(crate) fn joined(limits: &Limits) -> Self {
        let mut inbox = Self::new(limits);
        inbox.reassembler.ignore_off_sync();
        inbox
    }

    /// From here on the peer may send again what it sent last and what was received: such
    /// fragments are dropped until the first that is new.
    pub(crate) const fn expect_repeats(&mut self) {
        self.seen.expect_repeats();
    }

    /// Takes bytes in. Call [`next`](Self::next) until it gives `None` before the next bytes.
    pub(crate) fn put(&mut self, payload: Bytes) {
        self.received = self.seen.without_repeats(payload);
    }

    /// The next whole message.
    pub(crate) fn next(&mut self) -> Result<Option<OwnedMessage>, DecodeError> {
        match self.reassembler.push(&mut self.received)? {
            Some(message) => OwnedMessage::decode(&message).map(Some),
            None => Ok(None),
        }
    }
}

/// The fragments that came last. A server that cannot know whether its last answer was of use
/// gives it again after a reconnect; ids do not have to rise, so only what was really seen is
/// dropped: a run of fragments with the same ids and of the same lengths.
#[derive(Debug)]
struct Seen {
    /// All of the last payload that brought anything new, and as many as [`REMEMBERED_FRAGMENTS`]
    /// of those before.
    last: VecDeque<(ObjectId, u64, usize)>,
    /// Whether payloads have begun where fragments begin. If a peer cuts elsewhere its fragments
    /// cannot be told apart here, and nothing is dropped.
    aligned: bool,
    expecting_repeats: bool,
    /// Which of `last` comes next, after one that has come again.
    repeat: Option<usize>,
}

impl Seen {
    const fn new() -> Self {
        Self {
            last: VecDeque::new(),
            aligned: true,
            expecting_repeats: false,
            repeat: None,
        }
    }

    const fn expect_repeats(&mut self) {
        self.expecting_repeats = true;
        self.repeat = None;
    }

    fn without_repeats(&mut self, mut payload: Bytes) -> Bytes {
        if !self.aligned {
            return payload;
        }
        let mut at = 0;
        let mut is_next = true;
        while let Some(rest) = payload.get(at..).filter(|rest| !rest.is_empty()) {
            let (fragment, after) = match Fragment::decode(rest) {
                Ok(decoded) => decoded,
                Err(error) => {
                    self.aligned = !matches!(error.kind(), DecodeErrorKind::Truncated);
                    break;
                }
            };
            let name = (fragment.object, fragment.index, fragment.blob.len());
            at = payload.len().saturating_sub(after.len());
            if self.expecting_repeats {
                if self.is_repeat(name) {
                    payload = payload.slice(at..);
                    at = 0;
                    is_next = false;
                    continue;
                }
                self.expecting_repeats = false;
            }
            // When the next payload follows, most of what came before has served.
            if std::mem::take(&mut is_next) {
                let forget = self.last.len().saturating_sub(REMEMBERED_FRAGMENTS);
                self.last.drain(..forget);
            }
            self.last.push_back(name);
        }
        payload
    }

    /// Whether this fragment stands where the repetition is. It is looked for once; from there on
    /// each has to follow the one before.
    fn is_repeat(&mut self, name: (ObjectId, u64, usize)) -> bool {
        let at = match self.repeat {
            Some(at) => Some(at).filter(|at| self.last.get(*at) == Some(&name)),
            None => self.last.iter().position(|last| *last == name),
        };
        self.repeat = at.map(|at| at.saturating_add(1));
        at.is_some()
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use psrp_codec::{Encode, split};

    use super::*;

    const MESSAGE: &[u8] = &[
        2, 0, 0, 0, 3, 0x10, 4, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2,
        2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    ];

    fn packet(object: u64, max_len: usize) -> Vec<Bytes> {
        split(ObjectId::new(object).unwrap(), MESSAGE, max_len)
            .map(|fragment| {
                let mut out = BytesMut::new();
                fragment.encode(&mut out);
                out.freeze()
            })
            .collect()
    }

    fn messages(inbox: &mut Inbox, payload: Bytes) -> usize {
        inbox.put(payload);
        let mut count = 0;
        while inbox.next().unwrap().is_some() {
            count += 1;
        }
        count
    }

    #[test]
    fn repeats_after_a_reconnect_are_dropped_and_what_is_new_is_not() {
        let mut inbox = Inbox::new(&Limits::default());
        let whole = packet(1, 100).remove(0);
        let halves = packet(2, 45);
        assert_eq!(messages(&mut inbox, whole.clone()), 1);
        assert_eq!(messages(&mut inbox, halves[0].clone()), 0);
        inbox.expect_repeats();
        let mut again = BytesMut::from(&whole[..]);
        again.extend_from_slice(&halves[0]);
        assert_eq!(messages(&mut inbox, again.freeze()), 0);
        assert_eq!(messages(&mut inbox, halves[1].clone()), 1);
    }

    #[test]
    fn a_repeated_answer_is_known_however_many_fragments_it_has() {
        let mut inbox = Inbox::new(&Limits::default());
        let count = REMEMBERED_FRAGMENTS as u64 * 3;
        let answer: BytesMut = (1..=count)
            .flat_map(|object| packet(object, 100).remove(0))
            .collect();
        let answer = answer.freeze();
        assert_eq!(messages(&mut inbox, answer.clone()) as u64, count);
        for _ in 0..2 {
            inbox.expect_repeats();
            // It may have grown by what followed in the meantime.
            let mut again = BytesMut::from(&answer[..]);
            again.extend_from_slice(&packet(count + 1, 100)[0]);
            assert!(messages(&mut inbox, again.freeze()) <= 1);
        }
        inbox.expect_repeats();
        assert_eq!(messages(&mut inbox, packet(count + 2, 100).remove(0)), 1);
        assert_eq!(messages(&mut inbox, packet(count + 3, 100).remove(0)), 1);
        assert!(inbox.seen.last.len() <= REMEMBERED_FRAGMENTS + 2);
    }

    #[test]
    fn without_a_reconnect_a_repeat_is_taken_as_it_is() {
        let mut inbox = Inbox::new(&Limits::default());
        let whole = packet(1, 100).remove(0);
        assert_eq!(messages(&mut inbox, whole.clone()), 1);
        assert_eq!(messages(&mut inbox, whole), 1);
    }

    #[test]
    fn a_joined_stream_may_begin_inside_a_message() {
        let mut inbox = Inbox::joined(&Limits::default());
        let halves = packet(2, 45);
        assert_eq!(messages(&mut inbox, halves[1].clone()), 0);
        assert_eq!(messages(&mut inbox, packet(3, 100).remove(0)), 1);
    }
}
