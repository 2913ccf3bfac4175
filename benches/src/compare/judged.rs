//! The input that is judged: what `Get-Process` and what `Get-ChildItem` put out, and beside them
//! objects of every kind, where many small messages matter.

use bytes::Bytes;
use psrp_codec::Value;

use crate::objects::Corpus;

/// Both kinds of them.
pub const CORPORA: [Corpus; 2] = [Corpus::Processes, Corpus::Files];

/// The objects, about `size` bytes of each kind as CLIXML.
#[must_use]
pub fn values(size: usize) -> Vec<Value> {
    let corpora = CORPORA.into_iter();
    corpora.flat_map(|corpus| corpus.values(size)).collect()
}

/// Their CLIXML, every object a message.
#[must_use]
pub fn messages(size: usize) -> Vec<Bytes> {
    let corpora = CORPORA.into_iter();
    corpora.flat_map(|corpus| corpus.messages(size)).collect()
}

/// The CLIXML of objects of every kind, about `size` bytes of each, every object a message.
#[must_use]
pub fn messages_of_every_kind(size: usize) -> Vec<Bytes> {
    let corpora = Corpus::ALL.into_iter();
    corpora.flat_map(|corpus| corpus.messages(size)).collect()
}
