//! One target, seen from the server: the pool itself or a pipeline.

use std::collections::BTreeMap;

use bytes::Bytes;
use psrp_codec::{
    CallId, Limits, ObjectId,
    message::{CreatePipeline, GetCommandMetadata},
};

use crate::{Stream, inbox::Inbox, outbox::Outbox};

/// What goes to and comes from one target.
#[derive(Debug)]
pub(super) struct Channel {
    default: Inbox,
    prompt_response: Inbox,
    pub(super) outbox: Outbox,
    next_call: CallId,
    /// Host calls that wait for their answer.
    pub(super) host_calls: BTreeMap<CallId, PendingHostCall>,
    /// Messages that buffer mode Drop has dropped.
    pub(super) dropped: u64,
}

/// A host call that a client has yet to answer. The message is kept, so that a client who takes
/// over is asked again what the one before it was asked in vain.
#[derive(Debug)]
pub(super) struct PendingHostCall {
    pub(super) object: ObjectId,
    pub(super) message: Bytes,
}

impl Channel {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            default: Inbox::new(limits),
            prompt_response: Inbox::new(limits),
            outbox: Outbox::default(),
            next_call: CallId::FIRST,
            host_calls: BTreeMap::new(),
            dropped: 0,
        }
    }

    pub(super) const fn inbox(&mut self, stream: Stream) -> &mut Inbox {
        match stream {
            Stream::Default => &mut self.default,
            Stream::PromptResponse => &mut self.prompt_response,
        }
    }

    pub(super) const fn take_call(&mut self) -> CallId {
        let call = self.next_call;
        self.next_call = call.next();
        call
    }

    /// Another client takes over: it begins its own streams, and gets every message that the one
    /// before it has not got whole.
    pub(super) fn change_client(&mut self, limits: &Limits) {
        self.default = Inbox::new(limits);
        self.prompt_response = Inbox::new(limits);
        self.outbox.restart();
    }

    /// Host calls that were delivered and never answered.
    pub(super) fn calls_to_repeat(&self) -> Vec<CallId> {
        self.host_calls
            .iter()
            .filter(|(_, pending)| !self.outbox.holds(pending.object))
            .map(|(call, _)| *call)
            .collect()
    }
}

/// What a pipeline is to do.
#[derive(Debug)]
pub(super) enum Work {
    Run(Box<CreatePipeline>),
    Metadata(Box<GetCommandMetadata>),
}

/// How far a pipeline has come.
#[derive(Debug)]
pub(super) enum Stage {
    /// The transport has it; what it is to do is not in yet.
    Awaiting,
    /// It waits for the pool to open.
    Held(Work),
    /// The application has it.
    Running,
    /// The application has been asked to stop it.
    Stopping,
    /// Its state is in the outbox, or has been.
    Ended,
}

/// Whether the pipeline takes input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum InputSide {
    /// It was created without: what comes is passed over.
    None,
    Open,
    Ended,
}

#[derive(Debug)]
pub(super) struct Pipeline {
    pub(super) channel: Channel,
    pub(super) stage: Stage,
    pub(super) input: InputSide,
    /// Signals that wait to be answered.
    pub(super) signals: usize,
    /// The client wants it freed.
    pub(super) close_wanted: bool,
}

impl Pipeline {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            channel: Channel::new(limits),
            stage: Stage::Awaiting,
            input: InputSide::None,
            signals: 0,
            close_wanted: false,
        }
    }

    pub(super) const fn is_running(&self) -> bool {
        matches!(self.stage, Stage::Running | Stage::Stopping)
    }

    pub(super) const fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended)
    }
}
