//! What the pool wants done, and what comes of it.

use std::sync::Arc;

use psrp_codec::message::PipelineStateInfo;
use psrp_codec::{CallId, ErrorCategory, ErrorRecord, PipelineId, PipelineState, Version};
use runspace::{ServerEvent, Target};

use super::Session;
use crate::endpoint::engine::{RunspaceRequest, WorkEnd};
use crate::endpoint::private_data::private_data;
use crate::endpoint::runspaces::{Job, News, Runspaces};

impl Session {
    pub(super) fn on_event(&mut self, event: ServerEvent) {
        match event {
            ServerEvent::OpenRequested { init } => self.open(&init),
            ServerEvent::PipelineCreated { pipeline, create } => {
                let with_input = !create.no_input;
                self.begin(pipeline, Job::Pipeline(create), with_input);
            }
            ServerEvent::CommandMetadataRequested { pipeline, request } => {
                self.begin(pipeline, Job::Metadata(request), false);
            }
            ServerEvent::PipelineInput { pipeline, value } => {
                let input = self
                    .running
                    .get(&pipeline)
                    .and_then(|running| running.input.as_ref());
                if let Some(input) = input {
                    // The pipeline may have ended before its input: the rest is for nobody.
                    let _ended = input.send(value);
                }
            }
            ServerEvent::InputEnded { pipeline } => {
                if let Some(running) = self.running.get_mut(&pipeline) {
                    running.input = None;
                }
            }
            ServerEvent::StopRequested { pipeline } => self.stop(pipeline),
            ServerEvent::PipelineFaulted { pipeline, .. }
            | ServerEvent::PipelineAbandoned { pipeline } => {
                self.stop(pipeline);
                // What it still brings is for nobody; its runspace is free when it ends.
                if let Some(running) = self.running.get_mut(&pipeline) {
                    running.input = None;
                }
            }
            ServerEvent::HostCallAnswered {
                target,
                call,
                answer,
            } => {
                if let Some(reply) = self.host_calls.remove(&(target, call)) {
                    let _ended = reply.send(answer);
                }
            }
            ServerEvent::RunspacesChanged { max, .. } => {
                if let Some(runspaces) = &mut self.runspaces {
                    runspaces.set_most(max);
                }
            }
            ServerEvent::ResetRequested { call } => self.reset(call),
            ServerEvent::PoolBroken { error } => {
                tracing::warn!(user = self.user, %error, "the client broke the protocol");
            }
            _ => {}
        }
    }

    pub(super) fn open(&mut self, init: &psrp_codec::message::InitRunspacePool) {
        let request = RunspaceRequest {
            user: self.user.clone(),
            application_arguments: init.application_arguments.clone(),
            host_info: init.host_info.clone(),
        };
        let mut runspaces = Runspaces::new(Arc::clone(&self.engine), request, init.max_runspaces);
        let opened = match runspaces.start() {
            Ok(()) => {
                let protocol = self
                    .pool
                    .protocol()
                    .map_or(Version::new(2, 3), Version::from);
                self.runspaces = Some(runspaces);
                self.pool.opened(private_data(&*self.engine, protocol))
            }
            Err(error) => self.pool.open_failed(ErrorRecord::new(
                "System.InvalidOperationException",
                error,
                "RunspaceOpenFailed",
                ErrorCategory::OPEN_ERROR,
            )),
        };
        if let Err(error) = opened {
            tracing::debug!(%error, "nobody waits for the pool any more");
        }
    }

    pub(super) fn begin(&mut self, pipeline: PipelineId, job: Job, with_input: bool) {
        let Some(runspaces) = &mut self.runspaces else {
            return;
        };
        let running = runspaces.run(pipeline, job, with_input);
        self.running.insert(pipeline, running);
    }

    pub(super) fn stop(&mut self, pipeline: PipelineId) {
        let Some(running) = self.running.get_mut(&pipeline) else {
            return;
        };
        // A script that waits for input or for the host waits no more.
        running.input = None;
        self.host_calls
            .retain(|(target, _), _| *target != Target::Pipeline(pipeline));
        let Some(runspaces) = &mut self.runspaces else {
            return;
        };
        if runspaces.stop(pipeline) {
            self.running.remove(&pipeline);
            self.end(pipeline, &PipelineStateInfo::new(PipelineState::Stopped));
        } else if !self.stopping.contains(&pipeline) {
            self.stopping.push(pipeline);
        }
    }

    /// A stop that came before the script had begun is told again until it takes.
    pub(super) fn stop_again(&mut self) {
        if let Some(runspaces) = &mut self.runspaces {
            for pipeline in &self.stopping {
                runspaces.stop(*pipeline);
            }
        }
    }

    pub(super) fn reset(&mut self, call: CallId) {
        let done = match &mut self.runspaces {
            // As PowerShell: only a session of one runspace, and only while nothing runs.
            Some(runspaces) if self.pool.runspaces().1 == 1 && runspaces.is_idle() => {
                runspaces.reset().is_ok()
            }
            _ => false,
        };
        if let Err(error) = self.pool.reset_done(call, done) {
            tracing::debug!(%error, "nobody waits for the reset any more");
        }
    }

    pub(super) fn on_news(&mut self, pipeline: PipelineId, news: News) {
        match news {
            News::Output { stream, value } => {
                if self.is_superfluous(pipeline) {
                    return;
                }
                let put = self.pool.encoded_output(pipeline, stream, value.as_ref());
                if let Err(error) = put {
                    tracing::trace!(%pipeline, %error, "output for nobody");
                }
            }
            News::HostCall { request, reply } => {
                match self.pool.host_call(Target::Pipeline(pipeline), *request) {
                    Ok(Some(call)) => {
                        self.host_calls
                            .insert((Target::Pipeline(pipeline), call), reply);
                    }
                    Ok(None) => {}
                    // Dropping the reply tells the script that nobody will answer.
                    Err(error) => tracing::debug!(%pipeline, %error, "no host call possible"),
                }
            }
            News::Ended(end) => {
                self.running.remove(&pipeline);
                self.stopping.retain(|stopping| *stopping != pipeline);
                if let Some(runspaces) = &mut self.runspaces {
                    runspaces.ended(pipeline);
                }
                let info = match end {
                    WorkEnd::Completed => PipelineStateInfo::new(PipelineState::Completed),
                    WorkEnd::Stopped(None) => {
                        PipelineStateInfo::because(PipelineState::Stopped, pipeline_stopped())
                    }
                    WorkEnd::Stopped(Some(record)) => {
                        PipelineStateInfo::because(PipelineState::Stopped, *record)
                    }
                    WorkEnd::Failed(record) => {
                        PipelineStateInfo::because(PipelineState::Failed, *record)
                    }
                };
                self.end(pipeline, &info);
            }
        }
    }

    /// Whether output comes from a pipeline that is being stopped and whose reader is behind: from
    /// the first such thing on, all of it is dropped, so that what is read has no gap.
    pub(super) fn is_superfluous(&mut self, pipeline: PipelineId) -> bool {
        let is_full = self.pool.is_full(Target::Pipeline(pipeline));
        let is_stopping = self.stopping.contains(&pipeline);
        self.running.get_mut(&pipeline).is_some_and(|running| {
            running.is_superfluous |= is_full && is_stopping;
            running.is_superfluous
        })
    }

    pub(super) fn end(&mut self, pipeline: PipelineId, info: &PipelineStateInfo) {
        if let Err(error) = self.pool.pipeline_ended(pipeline, info) {
            tracing::trace!(%pipeline, %error, "nobody waits for that end");
        }
    }
}

/// The record that PowerShell gives a pipeline that was stopped.
pub(super) fn pipeline_stopped() -> ErrorRecord {
    ErrorRecord::new(
        "System.Management.Automation.PipelineStoppedException",
        "The pipeline has been stopped.",
        "PipelineStopped",
        ErrorCategory::OPERATION_STOPPED,
    )
}
