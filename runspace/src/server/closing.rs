//! How pipelines and the pool end.

use std::time::Instant;

use psrp_codec::{
    ErrorCategory, ErrorRecord, MessageKind, PipelineId, PipelineState, RunspacePoolState,
    message::{PipelineStateInfo, RunspacePoolStateInfo},
};

use super::{
    Phase, ServerEvent, ServerPool, Timer,
    pipeline::{InputSide, Stage},
};
use crate::{Carrier, MisuseError, PeerError, PoolState, ServerTransmit, Target};

impl ServerPool {
    /// The pipeline is over: its state goes to the client after everything it wrote.
    ///
    /// # Errors
    /// When the state is none that ends a pipeline, or the pipeline is not running (any more).
    pub fn pipeline_ended(
        &mut self,
        pipeline: PipelineId,
        info: &PipelineStateInfo,
    ) -> Result<(), MisuseError> {
        if !info.state.is_terminal() {
            return Err(MisuseError::NotAnEnd);
        }
        let entry = self
            .pipelines
            .get(&pipeline)
            .ok_or(MisuseError::UnknownPipeline(pipeline))?;
        if !entry.is_running() {
            return Err(MisuseError::PipelineEnded(pipeline));
        }
        self.end_pipeline(pipeline, info);
        Ok(())
    }

    /// Closes the pool: pipelines are stopped, the client is told. [`ServerEvent::PoolClosed`]
    /// follows. A pool that is closed or broken stays as it is.
    pub fn close(&mut self, now: Instant) {
        match self.phase {
            Phase::Closed | Phase::Broken => {}
            Phase::Closing { .. } => self.stop_all(now),
            _ => {
                self.enter(Phase::Closing {
                    wait_for_client: false,
                });
                self.owe_close_unasked();
                self.events.push_back(ServerEvent::CloseRequested);
                self.stop_all(now);
            }
        }
    }

    /// Something went wrong here: pipelines are cut off, the client is told why.
    /// A pool that is closed or broken stays as it is.
    pub fn fail(&mut self, reason: ErrorRecord) {
        if self.state().is_final() {
            return;
        }
        let info = RunspacePoolStateInfo::because(RunspacePoolState::Broken, reason);
        self.last_words(&[info]);
        self.enter(Phase::Broken);
    }

    /// A pipeline that the application must end: when it has, or when time is up, the client
    /// hears of it.
    pub(super) fn request_stop(&mut self, now: Instant, pipeline: PipelineId) {
        let Some(entry) = self.pipelines.get_mut(&pipeline) else {
            return;
        };
        entry.channel.host_calls.clear();
        match entry.stage {
            // It never came to anything: there is nobody to ask.
            Stage::Awaiting | Stage::Held(_) => {
                let info = PipelineStateInfo::new(PipelineState::Stopped);
                self.end_pipeline(pipeline, &info);
            }
            Stage::Running => {
                entry.stage = Stage::Stopping;
                entry.input = InputSide::Ended;
                self.events
                    .push_back(ServerEvent::StopRequested { pipeline });
                self.set_timer(now, Timer::Stop(pipeline), self.config.timeouts.stop);
            }
            Stage::Stopping | Stage::Ended => {}
        }
    }

    pub(super) fn on_signal(&mut self, now: Instant, pipeline: PipelineId) {
        match self.pipelines.get_mut(&pipeline) {
            Some(entry) => {
                entry.signals = entry.signals.saturating_add(1);
                self.request_stop(now, pipeline);
            }
            None => self
                .replies
                .push_back(ServerTransmit::Signalled { pipeline }),
        }
    }

    pub(super) fn on_close_pipeline(&mut self, now: Instant, pipeline: PipelineId) {
        match self.pipelines.get_mut(&pipeline) {
            Some(entry) => {
                entry.close_wanted = true;
                self.request_stop(now, pipeline);
            }
            None => self
                .replies
                .push_back(ServerTransmit::PipelineClosed { pipeline }),
        }
    }

    pub(super) fn on_close_pool(&mut self, now: Instant) {
        match self.phase {
            // Asked again: answered again.
            Phase::Closed | Phase::Broken => self.pool_closed_owed = true,
            Phase::Closing { .. } => {}
            _ => {
                // On stream transports a client has to close every pipeline before the pool.
                let wait_for_client =
                    self.config.carrier == Carrier::Push && !self.pipelines.is_empty();
                self.enter(Phase::Closing { wait_for_client });
                self.pool_closed_owed = true;
                self.events.push_back(ServerEvent::CloseRequested);
                if wait_for_client {
                    let after = self.config.timeouts.pipelines_close;
                    self.set_timer(now, Timer::PipelinesClose, after);
                } else {
                    self.stop_all(now);
                }
            }
        }
    }

    /// Ends every pipeline that has not ended, and then the pool.
    pub(super) fn stop_all(&mut self, now: Instant) {
        if self.state().is_final() {
            return;
        }
        self.phase = Phase::Closing {
            wait_for_client: false,
        };
        let pipelines: Vec<_> = self.pipelines.keys().copied().collect();
        for pipeline in pipelines {
            self.request_stop(now, pipeline);
        }
        self.finish_when_idle();
    }

    /// The pipeline did not stop in time.
    pub(super) fn abandon(&mut self, pipeline: PipelineId) {
        if self
            .pipelines
            .get(&pipeline)
            .is_some_and(|entry| entry.is_running())
        {
            self.events
                .push_back(ServerEvent::PipelineAbandoned { pipeline });
            let info = PipelineStateInfo::new(PipelineState::Stopped);
            self.end_pipeline(pipeline, &info);
        }
    }

    pub(super) fn end_pipeline(&mut self, pipeline: PipelineId, info: &PipelineStateInfo) {
        let target = Target::Pipeline(pipeline);
        self.queue(target, MessageKind::PipelineState, &info.to_value());
        if let Some(entry) = self.pipelines.get_mut(&pipeline) {
            entry.stage = Stage::Ended;
            entry.input = InputSide::Ended;
            entry.channel.host_calls.clear();
        }
        self.timers.cancel(Timer::Stop(pipeline));
        self.finish_when_idle();
    }

    /// What a signal or a close of this pipeline is answered with, if it can be now.
    pub(super) fn answer_of(&mut self, pipeline: PipelineId) -> Option<ServerTransmit> {
        let entry = self.pipelines.get_mut(&pipeline)?;
        // Where the server pushes, the state goes before the answer.
        let is_told = self.config.carrier == Carrier::Poll || entry.channel.outbox.is_drained();
        if !entry.has_ended() || !is_told {
            return None;
        }
        if entry.signals > 0 {
            entry.signals = entry.signals.saturating_sub(1);
            return Some(ServerTransmit::Signalled { pipeline });
        }
        if !entry.close_wanted {
            return None;
        }
        self.pipelines.remove(&pipeline);
        self.finish_when_idle();
        Some(ServerTransmit::PipelineClosed { pipeline })
    }

    /// Closes a pool that is closing once nothing runs in it, or, when the client has to close its
    /// pipelines, once it has.
    fn finish_when_idle(&mut self) {
        let Phase::Closing { wait_for_client } = self.phase else {
            return;
        };
        let is_idle = if wait_for_client {
            self.pipelines.is_empty()
        } else {
            self.pipelines.values().all(|entry| entry.has_ended())
        };
        if !is_idle {
            return;
        }
        self.timers.clear();
        // Over WS-Management the end of the shell says it all.
        if self.config.carrier == Carrier::Push && self.id.is_some() {
            self.say_closed();
        }
        self.enter(Phase::Closed);
        self.events.push_back(ServerEvent::PoolClosed);
    }

    fn say_closed(&mut self) {
        for state in [RunspacePoolState::Closing, RunspacePoolState::Closed] {
            let info = RunspacePoolStateInfo::new(state);
            self.queue(
                Target::Pool,
                MessageKind::RunspacePoolState,
                &info.to_value(),
            );
        }
    }

    /// The client broke the protocol: a last word to it, and that is the end of the pool.
    pub(super) fn break_off(&mut self, error: PeerError) {
        if self.state().is_final() {
            return;
        }
        let infos = match &error {
            // PowerShell closes without a reason here.
            PeerError::ClosedByPeer(_)
            | PeerError::WrongPool { .. }
            | PeerError::OutOfOrder {
                got: MessageKind::SessionCapability,
                ..
            } => vec![
                RunspacePoolStateInfo::new(RunspacePoolState::Closing),
                RunspacePoolStateInfo::new(RunspacePoolState::Closed),
            ],
            error => vec![RunspacePoolStateInfo::because(
                RunspacePoolState::Broken,
                protocol_error(error, "RemoteRunspaceStateInfoReason"),
            )],
        };
        self.last_words(&infos);
        self.enter(Phase::Broken);
        self.events.push_back(ServerEvent::PoolBroken { error });
    }

    fn last_words(&mut self, infos: &[RunspacePoolStateInfo]) {
        self.timers.clear();
        self.pipelines.clear();
        self.resets.clear();
        // Before there is a pool there is nobody whose state it could be.
        if self.id.is_some() {
            for info in infos {
                self.queue(
                    Target::Pool,
                    MessageKind::RunspacePoolState,
                    &info.to_value(),
                );
            }
        }
        self.owe_close_unasked();
    }

    /// On a transport that pushes, the client hears of the end without asking; on one that is
    /// polled, only what was asked has an answer, and the client learns from its receives.
    fn owe_close_unasked(&mut self) {
        self.pool_closed_owed |= self.config.carrier == Carrier::Push;
    }

    /// The client broke the protocol where it concerns one pipeline only.
    pub(super) fn fault_pipeline(&mut self, pipeline: PipelineId, error: PeerError) {
        let Some(entry) = self
            .pipelines
            .get(&pipeline)
            .filter(|entry| !entry.has_ended())
        else {
            return;
        };
        let was_running = entry.is_running();
        let info = PipelineStateInfo::because(
            PipelineState::Failed,
            protocol_error(&error, "RemotePSInvocationStateInfoReason"),
        );
        self.end_pipeline(pipeline, &info);
        if was_running {
            self.events
                .push_back(ServerEvent::PipelineFaulted { pipeline, error });
        }
    }

    pub(super) fn end_of_stream(&mut self, now: Instant) {
        match self.phase {
            Phase::Closed | Phase::Broken => {}
            _ if self.state() == PoolState::Closing => self.stop_all(now),
            _ => self.close(now),
        }
    }
}

fn protocol_error(error: &PeerError, id: &'static str) -> ErrorRecord {
    ErrorRecord::new(
        "System.Management.Automation.Remoting.PSRemotingDataStructureException",
        error.to_string(),
        id,
        ErrorCategory::PROTOCOL_ERROR,
    )
}
