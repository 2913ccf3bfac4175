//! Fragments of a capture, joined by where they travel and by their object.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::account::{Account, Style};
use super::message;
use crate::fragment::Header;
use crate::{Decode, DecodeErrorKind, Fragment, Message, ObjectId, Reassembler};

/// What has begun and not ended, by the name of its stream and its object. A capture may show both
/// directions of a stream as one, so a stream alone does not keep messages apart.
#[derive(Default)]
pub(super) struct Contexts {
    open: BTreeMap<(String, ObjectId), Reassembler>,
    /// The start of a fragment that the stream's last packet cut in two.
    cut: BTreeMap<String, Cut>,
}

/// A fragment that is not complete yet.
struct Cut {
    bytes: Vec<u8>,
    /// How long it has to be before looking at it again is worth while.
    needed: usize,
}

impl Contexts {
    /// Goes through the fragments that `bytes`, the next of the stream named `stream`, hold.
    pub(super) fn explain(&mut self, stream: &str, bytes: &[u8], account: &mut Account) {
        let received = match self.cut.remove(stream) {
            None => Bytes::copy_from_slice(bytes),
            Some(mut cut) => {
                cut.bytes.extend_from_slice(bytes);
                if cut.bytes.len() < cut.needed {
                    account.line(Style::Place, &format!("{} bytes more of it", bytes.len()));
                    self.cut.insert(stream.to_owned(), cut);
                    return;
                }
                Bytes::from(cut.bytes)
            }
        };
        let mut rest = &received[..];
        while !rest.is_empty() && !account.is_full() {
            match Fragment::decode(rest) {
                Ok((fragment, after)) => {
                    let wire = rest.get(..rest.len().saturating_sub(after.len()));
                    let wire = received.slice_ref(wire.unwrap_or_default());
                    self.explain_fragment(stream, &fragment, wire, account);
                    rest = after;
                }
                Err(error) if *error.kind() == DecodeErrorKind::Truncated => {
                    return self.keep(stream, rest, account);
                }
                Err(error) => {
                    account.trouble(format!("{error}; {} bytes are passed over", rest.len()));
                    return;
                }
            }
        }
    }

    /// Keeps the start of a fragment for when more of it comes.
    fn keep(&mut self, stream: &str, rest: &[u8], account: &mut Account) {
        let header = Header::decode(rest).ok();
        let blob_len = header.map_or(0, |(header, _)| header.blob_len);
        let needed = Fragment::HEADER_LEN.saturating_add(blob_len);
        let limit = account.options().limits.message_size;
        if needed > limit {
            account.trouble(format!("a fragment of {needed} bytes is over {limit}"));
            return explain_text(rest, account);
        }
        let note = match header {
            Some((header, _)) => format!(
                "{} bytes of fragment {}.{}, which has {needed}",
                rest.len(),
                header.object,
                header.index
            ),
            None => format!("{} bytes of a fragment that goes on", rest.len()),
        };
        account.line(Style::Place, &note);
        let bytes = rest.to_vec();
        self.cut.insert(stream.to_owned(), Cut { bytes, needed });
    }

    fn explain_fragment(
        &mut self,
        stream: &str,
        fragment: &Fragment<'_>,
        mut wire: Bytes,
        account: &mut Account,
    ) {
        let place = match (fragment.start, fragment.end) {
            (true, true) => ", start and end",
            (true, false) => ", start",
            (false, true) => ", end",
            (false, false) => "",
        };
        let heading = format!("fragment {}.{}{place}", fragment.object, fragment.index);
        let len = format!(", {} bytes", fragment.blob.len());
        account.named_line(Style::Place, &heading, &len);
        let key = (stream.to_owned(), fragment.object);
        let mut context = match self.open.remove(&key) {
            Some(context) => context,
            None if self.open.len() < OPEN_MESSAGES => Reassembler::new(&account.options().limits),
            None => return account.trouble("too many messages are open at once"),
        };
        account.indented(|account| match context.push(&mut wire) {
            Ok(None) => {
                self.open.insert(key, context);
            }
            Ok(Some(joined)) => match Message::decode(&joined) {
                Ok((found, _)) => message::explain(&found, account),
                Err(error) => account.trouble(error),
            },
            Err(error) => account.trouble(error),
        });
    }

    /// Says what the capture does not show the end of.
    pub(super) fn explain_unfinished(&self, account: &mut Account) {
        for (stream, object) in self.open.keys() {
            account.trouble(format!(
                "the end of message {object} is missing{}",
                of(stream)
            ));
        }
        for (stream, cut) in &self.cut {
            let len = cut.bytes.len();
            account.trouble(format!("{len} bytes are left of a fragment{}", of(stream)));
        }
    }
}

/// What is no fragment at all may be what a program wrote. Words without markup are no part of a
/// value, and so of no secret.
fn explain_text(bytes: &[u8], account: &mut Account) {
    let start = bytes.get(..account.options().text.min(bytes.len()));
    let text = String::from_utf8_lossy(start.unwrap_or_default());
    if text.contains(' ') && !text.contains(['<', char::REPLACEMENT_CHARACTER]) {
        let shown = account.quoted_str(&text);
        account.named_line(Style::Place, "as text:", &format!(" {shown}"));
    }
}

fn of(stream: &str) -> String {
    match stream {
        "" => String::new(),
        stream => format!(", {stream}"),
    }
}

/// More than any client has at once.
const OPEN_MESSAGES: usize = 1024;
