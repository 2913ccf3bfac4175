//! What waits for one target: messages in, packets out, and back again if a packet got lost.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use psrp_codec::{ObjectId, fragment::UnsentMessage};

/// The queue of messages for one target.
///
/// A message stays until all of it is confirmed. Between handing out and confirming there is at
/// most one packet in doubt for a poll-based transport; [`rewind`](Self::rewind) and
/// [`restart`](Self::restart) give it again.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queue: VecDeque<Queued>,
    /// How many at the front of `queue` have been handed out whole.
    // INVARIANT: at most `queue.len()`; exactly the first `handed_out` have a sent cursor.
    handed_out: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Queued {
    message: Bytes,
    /// Where the confirmed part ends.
    confirmed: UnsentMessage,
    /// Where the handed-out part ends.
    cursor: UnsentMessage,
    /// Blob lengths of the fragments between `confirmed` and the furthest that was ever handed
    /// out. A receiver that has one of them must find it cut alike when it comes again.
    cuts: Vec<usize>,
    /// How many of `cuts` are handed out now: fewer than all after a rewind.
    // INVARIANT: at most `cuts.len()`.
    cut: usize,
    droppable: bool,
}

impl Outbox {
    /// Appends `message`, which travels as `object`. `droppable` are those that a pool in buffer
    /// mode Drop may lose.
    pub(crate) fn push(&mut self, object: ObjectId, message: Bytes, droppable: bool) {
        self.bytes = self.bytes.saturating_add(message.len());
        let unsent = UnsentMessage::new(object, message.clone());
        self.queue.push_back(Queued {
            message,
            confirmed: unsent.clone(),
            cursor: unsent,
            cuts: Vec::new(),
            cut: 0,
            droppable,
        });
    }

    /// Appends to `packet` as many whole fragments as keep it within `max_len`.
    ///
    /// A message that does not fit is cut when at least half of the packet is free for it: packets
    /// are well filled and no message is cut into crumbs. A fragment that was handed out before is
    /// cut as it was then, and comes alone if `max_len` has become too small for it.
    pub(crate) fn fill(&mut self, max_len: usize, packet: &mut BytesMut) {
        while let Some(queued) = self.queue.get_mut(self.handed_out) {
            let room = max_len.saturating_sub(packet.len());
            let room = match queued.cuts.get(queued.cut) {
                Some(len) => {
                    let len = len.saturating_add(HEADER);
                    if len > room && !packet.is_empty() {
                        return;
                    }
                    len
                }
                None => {
                    let fits = queued.cursor.remaining().saturating_add(HEADER) <= room;
                    if !fits && !packet.is_empty() && room < max_len / 2 {
                        return;
                    }
                    room
                }
            };
            if !queued.write_fragment(room, packet) {
                return;
            }
            if queued.cursor.is_sent() {
                self.handed_out = self.handed_out.saturating_add(1);
            }
        }
    }

    /// What was handed out has arrived.
    pub(crate) fn confirm(&mut self) {
        for queued in self.queue.drain(..self.handed_out.min(self.queue.len())) {
            self.bytes = self.bytes.saturating_sub(queued.message.len());
        }
        self.handed_out = 0;
        if let Some(front) = self.queue.front_mut() {
            front.confirmed = front.cursor.clone();
            front.cuts.drain(..front.cut.min(front.cuts.len()));
            front.cut = 0;
        }
    }

    /// What was handed out and not confirmed has not arrived: the same receiver, which has what
    /// was confirmed, gets the rest again.
    pub(crate) fn rewind(&mut self) {
        let in_doubt = self.handed_out.saturating_add(1);
        for queued in self.queue.iter_mut().take(in_doubt) {
            queued.cursor = queued.confirmed.clone();
            queued.cut = 0;
        }
        self.handed_out = 0;
    }

    /// Another receiver takes over, which has nothing: every message that was not confirmed whole
    /// is given from its start.
    pub(crate) fn restart(&mut self) {
        let in_doubt = self.handed_out.saturating_add(1);
        for queued in self.queue.iter_mut().take(in_doubt) {
            let whole = UnsentMessage::new(queued.cursor.object(), queued.message.clone());
            queued.confirmed = whole.clone();
            queued.cursor = whole;
            queued.cuts.clear();
            queued.cut = 0;
        }
        self.handed_out = 0;
    }

    /// Drops the oldest messages that may be dropped and of which nothing has been handed out,
    /// until at most `max_bytes` and `max_messages` are left; gives how many.
    pub(crate) fn drop_oldest(&mut self, max_bytes: usize, max_messages: usize) -> usize {
        let mut dropped: usize = 0;
        let mut bytes = self.bytes;
        let mut count = self.queue.len();
        self.queue.retain(|queued| {
            let over = bytes > max_bytes || count > max_messages;
            let keep = !over || !queued.droppable || !queued.cursor.is_untouched();
            if !keep {
                bytes = bytes.saturating_sub(queued.message.len());
                count = count.saturating_sub(1);
                dropped = dropped.saturating_add(1);
            }
            keep
        });
        self.bytes = bytes;
        dropped
    }

    /// Whether the message that travels as `object` is not confirmed.
    pub(crate) fn holds(&self, object: ObjectId) -> bool {
        self.queue
            .iter()
            .any(|queued| queued.cursor.object() == object)
    }

    /// Messages that are not confirmed.
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Bytes of the messages that are not confirmed.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether everything has been handed out, confirmed or not.
    pub(crate) fn is_drained(&self) -> bool {
        self.handed_out >= self.queue.len()
    }
}

impl Queued {
    fn write_fragment(&mut self, room: usize, packet: &mut BytesMut) -> bool {
        let before = self.cursor.remaining();
        if !self.cursor.write_fragment(room, packet) {
            return false;
        }
        if self.cut >= self.cuts.len() {
            self.cuts
                .push(before.saturating_sub(self.cursor.remaining()));
        }
        self.cut = self.cut.saturating_add(1);
        true
    }
}

const HEADER: usize = psrp_codec::Fragment::HEADER_LEN;

#[cfg(test)]
mod tests {
    use psrp_codec::{Decode, Fragment};

    use super::*;

    fn outbox(lengths: &[usize]) -> Outbox {
        let mut outbox = Outbox::default();
        let mut object = ObjectId::FIRST;
        for len in lengths {
            outbox.push(object, Bytes::from(vec![7; *len]), true);
            object = object.next();
        }
        outbox
    }

    /// Object, index and length of every fragment in the next packet.
    fn packet(outbox: &mut Outbox, max_len: usize) -> Vec<(u64, u64, usize)> {
        let mut packet = BytesMut::new();
        outbox.fill(max_len, &mut packet);
        assert!(packet.len() <= max_len);
        let mut rest = &packet[..];
        let mut fragments = Vec::new();
        while !rest.is_empty() {
            let (fragment, after) = Fragment::decode(rest).unwrap();
            fragments.push((fragment.object.get(), fragment.index, fragment.blob.len()));
            rest = after;
        }
        fragments
    }

    #[test]
    fn packets_are_filled_with_whole_fragments() {
        let mut outbox = outbox(&[10, 10, 200, 10]);
        assert_eq!(packet(&mut outbox, 100), [(1, 0, 10), (2, 0, 10)]);
        assert_eq!(packet(&mut outbox, 100), [(3, 0, 79)]);
        assert_eq!(packet(&mut outbox, 100), [(3, 1, 79)]);
        assert_eq!(packet(&mut outbox, 100), [(3, 2, 42), (4, 0, 10)]);
        assert!(outbox.is_drained());
        assert_eq!(outbox.len(), 4);
        outbox.confirm();
        assert_eq!((outbox.len(), outbox.bytes()), (0, 0));
    }

    #[test]
    fn the_same_receiver_gets_the_unconfirmed_fragments_again() {
        let mut outbox = outbox(&[200]);
        packet(&mut outbox, 100);
        outbox.confirm();
        assert_eq!(packet(&mut outbox, 100), [(1, 1, 79)]);
        outbox.rewind();
        assert_eq!(packet(&mut outbox, 100), [(1, 1, 79)]);
        assert_eq!(packet(&mut outbox, 100), [(1, 2, 42)]);
    }

    #[test]
    fn what_is_given_again_is_cut_as_it_was() {
        let mut outbox = outbox(&[200, 10]);
        packet(&mut outbox, 100);
        outbox.confirm();
        assert_eq!(packet(&mut outbox, 100), [(1, 1, 79)]);
        outbox.rewind();
        let mut again = BytesMut::new();
        outbox.fill(60, &mut again);
        assert_eq!(again.len(), 100);
        assert_eq!(packet(&mut outbox, 60), [(1, 2, 39)]);
        outbox.rewind();
        let fragments = packet(&mut outbox, 300);
        assert_eq!(fragments, [(1, 1, 79), (1, 2, 39), (1, 3, 3), (2, 0, 10)]);
    }

    #[test]
    fn another_receiver_gets_unconfirmed_messages_from_their_start() {
        let mut outbox = outbox(&[10, 200]);
        packet(&mut outbox, 31);
        outbox.confirm();
        assert_eq!(packet(&mut outbox, 100), [(2, 0, 79)]);
        outbox.confirm();
        outbox.restart();
        assert_eq!(packet(&mut outbox, 300), [(2, 0, 200)]);
    }

    #[test]
    fn only_what_is_droppable_and_untouched_is_dropped() {
        let mut outbox = outbox(&[50, 50, 50]);
        outbox.push(ObjectId::LAST, Bytes::from_static(b"state"), false);
        packet(&mut outbox, 40);
        assert_eq!(outbox.drop_oldest(60, 100), 2);
        assert_eq!((outbox.len(), outbox.bytes()), (2, 55));
        assert_eq!(
            packet(&mut outbox, 100),
            [(1, 1, 31), (i64::MAX as u64, 0, 5)]
        );
    }

    #[test]
    fn a_room_too_small_for_a_fragment_moves_nothing() {
        let mut outbox = outbox(&[10]);
        assert_eq!(packet(&mut outbox, 21), []);
        assert_eq!(packet(&mut outbox, 22), [(1, 0, 1)]);
    }
}
