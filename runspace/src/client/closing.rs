//! How pipelines and the pool end.

use std::time::Instant;

use psrp_codec::{PipelineId, PipelineState};

use super::{
    ClientEvent, ClientPool, Phase, Timer,
    pipeline::{InputSide, Lane, Wire},
};
use crate::{Ending, Loss, MisuseError, PoolState, Transmit};

impl ClientPool {
    /// Stops the pipeline. [`ClientEvent::PipelineEnded`] follows, with
    /// [`Ending::Stopped`] whatever the server says. Input that waits is dropped. A pipeline that
    /// is being stopped is left alone.
    ///
    /// # Errors
    /// When there is no such pipeline, it has ended, or the pool is disconnected.
    pub fn stop(&mut self, now: Instant, pipeline: PipelineId) -> Result<(), MisuseError> {
        if !matches!(self.phase, Phase::Opened | Phase::Disconnecting { .. }) {
            return Err(self.not(PoolState::Opened));
        }
        let timeout = self.config.timeouts.cancel;
        let entry = self.pipeline_mut(pipeline)?;
        if entry.has_ended() {
            return Err(MisuseError::PipelineEnded(pipeline));
        }
        if entry.wire == Wire::Unsent && !entry.foreign {
            self.end_pipeline(now, pipeline, Ending::Stopped(None));
            return Ok(());
        }
        if !entry.stop_asked {
            entry.stop_asked = true;
            entry.signal_wanted = true;
            entry.input = InputSide::Ended;
            entry.state = PipelineState::Stopping;
            entry.lane.clear();
            self.set_timer(now, Timer::Stop(pipeline), timeout);
        }
        Ok(())
    }

    /// Closes the pool and every pipeline in it. [`ClientEvent::PoolClosed`] follows; for a pool
    /// that had not been opened, at once. A pool that is closed, closing or broken stays as it is.
    ///
    /// A disconnected pool is closed too: it is deleted at the server without connecting to it.
    pub fn close(&mut self, now: Instant) {
        match self.phase {
            Phase::Closing { .. } | Phase::Closed | Phase::Broken => return,
            _ if !self.is_on_wire => {
                self.finish(now, Phase::Closed, ClientEvent::PoolClosed, None);
                return;
            }
            _ => {}
        }
        self.end_all_pipelines(now, None);
        self.control.clear();
        self.lane.clear();
        self.timers.clear();
        self.enter(Phase::Closing { told: false });
        self.set_timer(now, Timer::Close, self.config.timeouts.close);
    }

    /// The pipeline is over: its one `PipelineEnded`, and it will be closed on the wire.
    pub(super) fn end_pipeline(&mut self, now: Instant, pipeline: PipelineId, how: Ending) {
        let Some(entry) = self
            .pipelines
            .get_mut(&pipeline)
            .filter(|entry| !entry.has_ended())
        else {
            return;
        };
        // Whatever the server says of a pipeline that was stopped, it was stopped.
        let how = match how {
            Ending::Completed if entry.stop_asked => Ending::Stopped(None),
            Ending::Failed(reason) if entry.stop_asked => Ending::Stopped(reason),
            Ending::Lost(_) if entry.stop_asked => Ending::Stopped(None),
            how => how,
        };
        entry.end(match &how {
            Ending::Completed => PipelineState::Completed,
            Ending::Stopped(_) => PipelineState::Stopped,
            Ending::Failed(_) | Ending::Lost(_) => PipelineState::Failed,
        });
        if entry.wire == Wire::Unsent {
            self.forget_pipeline(pipeline);
        } else {
            self.timers.cancel(Timer::Stop(pipeline));
            self.set_timer(
                now,
                Timer::ClosePipeline(pipeline),
                self.config.timeouts.close,
            );
        }
        self.events
            .push_back(ClientEvent::PipelineEnded { pipeline, how });
    }

    /// Ends every pipeline, because the pool is closed (`None`) or lost.
    pub(super) fn end_all_pipelines(&mut self, now: Instant, loss: Option<&Loss>) {
        let pipelines: Vec<_> = self.pipelines.keys().copied().collect();
        for pipeline in pipelines {
            let how = loss.map_or(Ending::Stopped(None), |loss| Ending::Lost(loss.clone()));
            self.end_pipeline(now, pipeline, how);
        }
    }

    pub(super) fn forget_pipeline(&mut self, pipeline: PipelineId) {
        self.pipelines.remove(&pipeline);
        self.timers.cancel(Timer::Stop(pipeline));
        self.timers.cancel(Timer::ClosePipeline(pipeline));
    }

    /// The pool is lost. The last word to the peer is to close what is left, unless it is the
    /// transport that failed.
    pub(super) fn break_off(&mut self, now: Instant, loss: Loss) {
        if self.state().is_final() {
            return;
        }
        let mut last_words = Vec::new();
        if self.is_on_wire && !matches!(loss, Loss::Transport(_)) {
            let open = |wire| matches!(wire, Wire::Opening | Wire::Open);
            let open = self.pipelines.iter().filter(|(_, entry)| open(entry.wire));
            last_words.extend(open.map(|(pipeline, _)| Transmit::ClosePipeline {
                pipeline: *pipeline,
            }));
            last_words.push(Transmit::ClosePool);
        }
        self.finish(
            now,
            Phase::Broken,
            ClientEvent::PoolBroken { loss: loss.clone() },
            Some(&loss),
        );
        self.control.extend(last_words);
    }

    pub(super) fn finish(
        &mut self,
        now: Instant,
        phase: Phase,
        event: ClientEvent,
        loss: Option<&Loss>,
    ) {
        self.end_all_pipelines(now, loss);
        self.pipelines.clear();
        self.calls.clear();
        self.host_calls.clear();
        self.control.clear();
        self.lane = Lane::default();
        self.timers.clear();
        self.enter(phase);
        self.events.push_back(event);
    }
}
