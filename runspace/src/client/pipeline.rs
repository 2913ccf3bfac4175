//! One pipeline, seen from the client.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use psrp_codec::{CallId, Limits, ObjectId, PipelineState};

use crate::{Stream, inbox::Inbox, outbox::Outbox};

/// What goes to one target: its two streams and the one window that they share.
#[derive(Debug, Default)]
pub(super) struct Lane {
    default: Outbox,
    prompt_response: Outbox,
    /// Something is on its way and not accepted.
    pub(super) in_flight: bool,
}

impl Lane {
    pub(super) fn push(&mut self, stream: Stream, object: ObjectId, message: Bytes) {
        match stream {
            Stream::Default => &mut self.default,
            Stream::PromptResponse => &mut self.prompt_response,
        }
        .push(object, message, false);
    }

    /// The next packet, answers to host calls first; `None` while one is in flight.
    pub(super) fn take(&mut self, max_len: usize) -> Option<(Stream, Bytes)> {
        let lanes = [
            (Stream::PromptResponse, &mut self.prompt_response),
            (Stream::Default, &mut self.default),
        ];
        for (stream, outbox) in lanes {
            if !self.in_flight
                && let Some(payload) = packet(outbox, max_len)
            {
                self.in_flight = true;
                return Some((stream, payload));
            }
        }
        None
    }

    /// The first packet, which opens the target.
    pub(super) fn take_first(&mut self, max_len: usize) -> Option<Bytes> {
        let first = packet(&mut self.default, max_len)?;
        self.in_flight = true;
        Some(first)
    }

    /// Forgets what is not on its way.
    pub(super) fn clear(&mut self) {
        *self = Self {
            in_flight: self.in_flight,
            ..Self::default()
        };
    }

    /// Messages and bytes that wait.
    pub(super) fn len(&self) -> (usize, usize) {
        (
            self.default
                .len()
                .saturating_add(self.prompt_response.len()),
            self.default
                .bytes()
                .saturating_add(self.prompt_response.bytes()),
        )
    }
}

/// What is handed to the driver is the driver's: it tells when it could not be delivered.
fn packet(outbox: &mut Outbox, max_len: usize) -> Option<Bytes> {
    let mut packet = BytesMut::new();
    outbox.fill(max_len, &mut packet);
    outbox.confirm();
    (!packet.is_empty()).then(|| packet.freeze())
}

/// How far the transport has come with a pipeline.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wire {
    /// The transport has not heard of it.
    Unsent,
    /// It is being opened or connected.
    Opening,
    /// It is there.
    Open,
    /// It is being closed.
    Closing,
}

/// Whether the pipeline takes input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum InputSide {
    None,
    Open,
    Ended,
}

#[derive(Debug)]
pub(super) struct Pipeline {
    pub(super) lane: Lane,
    pub(super) inbox: Inbox,
    pub(super) state: PipelineState,
    pub(super) wire: Wire,
    /// Another client started it: it is connected to and not opened.
    pub(super) foreign: bool,
    pub(super) input: InputSide,
    pub(super) stop_asked: bool,
    pub(super) signal_wanted: bool,
    pub(super) close_wanted: bool,
    /// Host calls that wait for their answer, with the number of their method.
    pub(super) host_calls: BTreeMap<CallId, i32>,
}

impl Pipeline {
    pub(super) fn new(limits: &Limits, input: InputSide) -> Self {
        Self {
            lane: Lane::default(),
            inbox: Inbox::new(limits),
            state: PipelineState::Running,
            wire: Wire::Unsent,
            foreign: false,
            input,
            stop_asked: false,
            signal_wanted: false,
            close_wanted: false,
            host_calls: BTreeMap::new(),
        }
    }

    /// A pipeline that another client started.
    pub(super) fn foreign(limits: &Limits) -> Self {
        Self {
            inbox: Inbox::joined(limits),
            state: PipelineState::Disconnected,
            foreign: true,
            ..Self::new(limits, InputSide::None)
        }
    }

    pub(super) const fn has_ended(&self) -> bool {
        self.state.is_terminal()
    }

    /// Marks it as ended: what waits to be sent to it is of no use any more.
    pub(super) fn end(&mut self, state: PipelineState) {
        self.state = state;
        self.signal_wanted = false;
        self.close_wanted = true;
        self.input = InputSide::Ended;
        self.host_calls.clear();
        self.lane.clear();
    }
}
