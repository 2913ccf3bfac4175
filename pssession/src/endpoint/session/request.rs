//! What transports ask of a session, and what they are told.

use std::sync::atomic::Ordering;
use std::time::Instant;

use psrp_codec::PipelineId;
use runspace::{Receive, ServerEvent, ServerInput, ServerTransmit, Target};
use tokio::sync::oneshot;

use super::{Answer, Received, Request, Session};

impl Session {
    /// Gives open receives what there is; tells whether there was anything.
    pub(super) fn answer_receives(&mut self) -> bool {
        let mut answered = false;
        let targets: Vec<Target> = self.receives.keys().copied().collect();
        for target in targets {
            let Some(open) = self.receives.remove(&target) else {
                continue;
            };
            // Asking confirms what was given before, so ask only for a client that is there.
            if open.reply.is_closed() {
                continue;
            }
            // Nor is what was given confirmed when it never left this process.
            if let Some(taken) = self.given.remove(&target)
                && !taken.load(Ordering::Acquire)
            {
                self.pool.rewind(target);
            }
            match self.pool.poll_receive(target, open.max_len) {
                None => {
                    self.receives.insert(target, open);
                }
                Some(receive) => {
                    answered = true;
                    if open.reply.send(Received::Data(receive)).is_err() {
                        self.pool.rewind(target);
                    } else {
                        self.given.insert(target, open.taken);
                    }
                }
            }
        }
        answered
    }

    pub(super) fn on_request(&mut self, request: Request) {
        let now = Instant::now();
        match request {
            Request::Input { input, reply } => self.on_input(now, input, reply),
            Request::Send { pieces, reply } => self.on_send(now, pieces, reply),
            Request::Receive { target, open } => {
                if let Some(older) = self.receives.insert(target, open) {
                    let _client_gone = older.reply.send(Received::Nothing);
                }
            }
            Request::BufferMode(mode) => self.pool.set_buffer_mode(mode),
            Request::Expire => self.pool.close(now),
        }
    }

    pub(super) fn on_input(
        &mut self,
        now: Instant,
        input: ServerInput,
        reply: oneshot::Sender<Answer>,
    ) {
        match &input {
            ServerInput::Signal { pipeline } => {
                self.waiting
                    .signals
                    .entry(*pipeline)
                    .or_default()
                    .push(reply);
                return self.pool.handle_input(now, input);
            }
            ServerInput::ClosePipeline { pipeline } => {
                self.waiting
                    .closes
                    .entry(*pipeline)
                    .or_default()
                    .push(reply);
                return self.pool.handle_input(now, input);
            }
            ServerInput::ClosePool => {
                self.waiting.pool_closed.push(reply);
                return self.pool.handle_input(now, input);
            }
            ServerInput::Disconnect => {
                // Receives end with what there is; a client that leaves has read its answers.
                self.answer_receives();
                for (_, open) in self.receives.drain() {
                    let _client_gone = open.reply.send(Received::Nothing);
                }
            }
            // Nobody takes the answers to what was asked before; what they would hold is given to
            // whoever asks from now on.
            ServerInput::ConnectPool { .. } | ServerInput::Reconnect => {
                for (_, open) in self.receives.drain() {
                    let _client_gone = open.reply.send(Received::Nothing);
                }
            }
            _ => {}
        }
        let opened = match &input {
            ServerInput::OpenPipeline { pipeline, .. } => Some(*pipeline),
            _ => None,
        };
        self.pool.handle_input(now, input);
        let mut answer = self.heed(opened);
        while let Some(transmit) = self.next_transmit() {
            match transmit {
                ServerTransmit::PoolConnected { payload } => answer = Answer::Connected(payload),
                ServerTransmit::ConnectRefused { error } => {
                    answer = Answer::Refused(error.to_string());
                }
                ServerTransmit::PipelineRefused { pipeline, error } if opened == Some(pipeline) => {
                    answer = Answer::Refused(error.to_string());
                }
                other => self.on_transmit(other),
            }
        }
        // What the client asks next may hang on what this has changed.
        self.publish();
        let _client_gone = reply.send(answer);
    }

    /// Data for several targets. The first that breaks the pool is the answer to all.
    pub(super) fn on_send(
        &mut self,
        now: Instant,
        pieces: Vec<ServerInput>,
        reply: oneshot::Sender<Answer>,
    ) {
        let mut answer = Answer::Taken;
        for piece in pieces {
            self.pool.handle_input(now, piece);
            if let Answer::Refused(error) = self.heed(None) {
                answer = Answer::Refused(error);
            }
        }
        self.publish();
        let _client_gone = reply.send(answer);
    }

    /// Takes in what an input has led to. What breaks the pool, or the pipeline that it was to
    /// open, is the fault of whoever sent it, who is waiting for the answer.
    pub(super) fn heed(&mut self, opened: Option<PipelineId>) -> Answer {
        let mut answer = Answer::Taken;
        while let Some(event) = self.pool.poll_event() {
            match &event {
                ServerEvent::PoolBroken { error } => answer = Answer::Refused(error.to_string()),
                ServerEvent::PipelineFaulted { pipeline, error } if opened == Some(*pipeline) => {
                    answer = Answer::Refused(error.to_string());
                    let pipeline = *pipeline;
                    self.on_event(event);
                    // It was never opened as far as the client knows, so nobody else closes it.
                    let close = ServerInput::ClosePipeline { pipeline };
                    self.pool.handle_input(Instant::now(), close);
                    continue;
                }
                _ => {}
            }
            self.on_event(event);
        }
        answer
    }

    pub(super) fn on_transmit(&mut self, transmit: ServerTransmit) {
        let (waiting, answer) = match transmit {
            ServerTransmit::Signalled { pipeline } => {
                (self.waiting.signals.remove(&pipeline), Answer::Taken)
            }
            ServerTransmit::PipelineClosed { pipeline } => {
                self.given.remove(&Target::Pipeline(pipeline));
                if let Some(open) = self.receives.remove(&Target::Pipeline(pipeline)) {
                    let done = Receive {
                        payload: bytes::Bytes::new(),
                        done: true,
                    };
                    let _client_gone = open.reply.send(Received::Data(done));
                }
                (self.waiting.closes.remove(&pipeline), Answer::Taken)
            }
            ServerTransmit::PoolClosed => (
                Some(std::mem::take(&mut self.waiting.pool_closed)),
                Answer::Taken,
            ),
            _ => return,
        };
        let mut waiting = waiting.unwrap_or_default().into_iter();
        if let Some(first) = waiting.next() {
            let _client_gone = first.send(answer);
        }
        for other in waiting {
            let _client_gone = other.send(Answer::Taken);
        }
    }
}
