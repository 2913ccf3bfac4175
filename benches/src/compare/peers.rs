//! Others that do the same, where somebody brings them.

use bytes::Bytes;

use super::Race;
use crate::answers::Answer;

/// Enters others into races over the bytes that our own paths run over.
pub trait Peers {
    /// Joins the fragments in `packets` to messages.
    fn reassemble<'a>(&'a self, _packets: &'a [Bytes], _race: &mut Race<'a>) {}

    /// Reads CLIXML, one object a message.
    fn decode<'a>(&'a self, _messages: &'a [Bytes], _race: &mut Race<'a>) {}

    /// Writes what they themselves read from `messages`.
    fn encode<'a>(&'a self, _messages: &'a [Bytes], _race: &mut Race<'a>) {}

    /// From answers of a Receive to objects.
    fn receive<'a>(&'a self, _answers: &'a [Answer], _race: &mut Race<'a>) {}

    /// The same with earlier versions of them, which take many times as long for many streams.
    fn receive_before<'a>(&'a self, _answers: &'a [Answer], _race: &mut Race<'a>) {}

    /// What is worth knowing about their figures for `messages`.
    fn notes(&self, _messages: &[Bytes]) -> Vec<String> {
        Vec::new()
    }
}

/// Nobody else.
#[derive(Clone, Copy, Debug)]
pub struct Nobody;

impl Peers for Nobody {}
