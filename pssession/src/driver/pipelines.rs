//! Pipelines and their readers: input that waits for room, output that is asked for, and how they
//! end. A pipeline is closed at the server when its reader has all that it brought.

use std::time::Instant;

use psrp_codec::{PipelineId, Value};
use runspace::{Ending, PoolState, Transmit};
use tokio::sync::oneshot;

use super::{Driver, misuse};
use crate::outlet::{End, Inlet, Outlet, Wish, outlet};
use crate::transport::Wire;
use crate::{Error, ErrorKind};

/// One pipeline and whoever reads it.
pub(super) struct Pipeline {
    pub(super) inlet: Inlet,
    pub(super) close_input_after: bool,
}

/// An object that waits for room in the pool, and who waits for that.
pub(super) type PendingInput = (Value, oneshot::Sender<Result<(), Error>>);

impl<W: Wire> Driver<W> {
    /// Begins to read what nobody has read yet.
    pub(super) fn attach(&mut self) -> Result<Vec<Outlet>, Error> {
        let mut outlets = Vec::new();
        for pipeline in std::mem::take(&mut self.unread) {
            // One that we started ourselves is there, though we left and came back.
            if self.pool.pipeline_state(pipeline).is_none() {
                self.pool.connect_pipeline(pipeline).map_err(misuse)?;
            }
            outlets.push(self.add_pipeline(pipeline));
        }
        Ok(outlets)
    }

    pub(super) fn add_pipeline(&mut self, pipeline: PipelineId) -> Outlet {
        let (inlet, outlet) = outlet(pipeline, self.read_ahead, self.wishes.clone());
        let known = Pipeline {
            inlet,
            close_input_after: false,
        };
        self.pipelines.insert(pipeline, known);
        outlet
    }

    /// After something came for a pipeline: asks for more at once when none of it was for the
    /// reader, or there is room to read ahead. Otherwise the reader asks, when it is through.
    pub(super) fn ask_for_more(&mut self) {
        let Some(pipeline) = self.answered.take() else {
            return;
        };
        if let Some(known) = self.pipelines.get(&pipeline) {
            match known.inlet.answered() {
                true => self.wire.ask(pipeline),
                false => self.wire.hold(pipeline),
            }
        }
    }

    /// Gives the pool what waited for room, as far as there is some now.
    pub(super) fn feed_inputs(&mut self) {
        let mut finished = Vec::new();
        for (pipeline, waiting) in &mut self.inputs {
            let mut taken = 0;
            while taken < waiting.len() && !self.pool.is_full(*pipeline) {
                let Some((value, _)) = waiting.get(taken) else {
                    break;
                };
                if let Err(error) = self.pool.send_input(*pipeline, value) {
                    for (_, reply) in waiting.drain(..) {
                        let _dropped = reply.send(Err(misuse(error.clone())));
                    }
                    taken = 0;
                    break;
                }
                taken += 1;
            }
            for (_, reply) in waiting.drain(..taken) {
                let _dropped = reply.send(Ok(()));
            }
            if waiting.is_empty() {
                finished.push(*pipeline);
            }
        }
        for pipeline in finished {
            self.inputs.remove(&pipeline);
            let close = self
                .pipelines
                .get_mut(&pipeline)
                .is_some_and(|known| std::mem::take(&mut known.close_input_after));
            if close {
                self.close_input(pipeline);
            }
        }
    }

    pub(super) fn close_input(&mut self, pipeline: PipelineId) {
        if let Err(error) = self.pool.close_input(pipeline) {
            tracing::debug!(%pipeline, %error, "there was no input to close");
        }
    }

    pub(super) fn stop(&mut self, pipeline: PipelineId) {
        self.inputs.remove(&pipeline);
        if let Err(error) = self.pool.stop(Instant::now(), pipeline) {
            tracing::debug!(%pipeline, %error, "there was nothing to stop");
        }
    }

    pub(super) fn on_wish(&mut self, wish: Wish) {
        match wish {
            Wish::More(pipeline) => self.wire.ask(pipeline),
            Wish::Abandon(pipeline) => {
                self.ended.remove(&pipeline);
                self.wire.ask(pipeline);
                self.stop(pipeline);
            }
            Wish::Finished(pipeline) => {
                self.ended.remove(&pipeline);
            }
        }
    }

    pub(super) fn on_ended(&mut self, pipeline: PipelineId, how: Ending) {
        for (_, reply) in self.inputs.remove(&pipeline).unwrap_or_default() {
            let ended = Error::new(ErrorKind::InvalidState, "the pipeline has ended");
            let _dropped = reply.send(Err(ended));
        }
        let end = match how {
            Ending::Completed => End::Completed,
            Ending::Stopped(_) => End::Stopped,
            Ending::Failed(record) => End::Failed(record),
            Ending::Lost(loss) => End::Lost(
                self.wire
                    .take_error()
                    .unwrap_or_else(|| Error::new(ErrorKind::Protocol, loss.to_string())),
            ),
        };
        self.unread.retain(|unread| *unread != pipeline);
        if let Some(known) = self.pipelines.remove(&pipeline) {
            known.inlet.end(end);
            if !known.inlet.reads_ahead() {
                self.ended.insert(pipeline, known.inlet);
            }
        }
    }

    /// Whether the server has to keep what the pipeline brought last, because its reader does not
    /// have it all. A Disconnect makes the server forget it anyway.
    pub(super) fn is_unread(&self, pipeline: PipelineId) -> bool {
        self.ended.contains_key(&pipeline)
            && self.pool.state() == PoolState::Opened
            && self.leaving.is_none()
    }

    /// Closes the pipelines whose closing had to wait and need not any more.
    pub(super) async fn close_pipelines(&mut self) {
        match self.pool.state() {
            // The server does not listen.
            PoolState::Disconnected | PoolState::Connecting => return,
            PoolState::Closing | PoolState::Closed | PoolState::Broken => self.closes.clear(),
            _ => {}
        }
        for pipeline in std::mem::take(&mut self.closes) {
            if self.is_unread(pipeline) {
                self.closes.push(pipeline);
            } else {
                self.wire.send(Transmit::ClosePipeline { pipeline }).await;
            }
        }
    }
}
