//! What is owed to the wire, and when its turn comes.

use std::ops::Bound;

use psrp_codec::PipelineId;

use super::{ClientPool, Phase, pipeline::Wire};
use crate::{Target, Transmit};

impl ClientPool {
    pub(super) fn next_transmit(&mut self, max_len: usize) -> Option<Transmit> {
        if let Some(transmit) = self.control.pop_front() {
            return Some(transmit);
        }
        match self.phase {
            Phase::BeforeOpen
            | Phase::Disconnected
            | Phase::Reconnecting
            | Phase::Disconnecting { told: true }
            | Phase::Closing { told: true }
            | Phase::Closed
            | Phase::Broken => None,
            Phase::Opening { .. } if !self.is_on_wire => {
                let first = self.lane.take_first(max_len)?;
                self.is_on_wire = true;
                Some(Transmit::OpenPool { first })
            }
            Phase::Opening { .. } | Phase::Connecting { .. } => self.pool_data(max_len),
            Phase::Opened => self
                .pool_data(max_len)
                .or_else(|| self.pipeline_transmit(max_len)),
            Phase::Disconnecting { told: false } => self.disconnect_when_idle(max_len),
            Phase::Closing { told: false } => Some(self.close_transmit()),
        }
    }

    pub(super) fn pool_data(&mut self, max_len: usize) -> Option<Transmit> {
        let (stream, payload) = self.lane.take(max_len)?;
        Some(Transmit::Data {
            target: Target::Pool,
            stream,
            payload,
        })
    }

    /// What one of the pipelines owes; they take turns.
    pub(super) fn pipeline_transmit(&mut self, max_len: usize) -> Option<Transmit> {
        let last = self.turn;
        for _ in 0..self.pipelines.len() {
            let after = self.turn.map_or(Bound::Unbounded, Bound::Excluded);
            let next = self.pipelines.range((after, Bound::Unbounded)).next();
            let (pipeline, _) = next.or_else(|| self.pipelines.iter().next())?;
            let pipeline = *pipeline;
            self.turn = Some(pipeline);
            if let Some(transmit) = self.transmit_of(pipeline, max_len) {
                return Some(transmit);
            }
        }
        self.turn = last;
        None
    }

    pub(super) fn transmit_of(&mut self, pipeline: PipelineId, max_len: usize) -> Option<Transmit> {
        let entry = self.pipelines.get_mut(&pipeline)?;
        match entry.wire {
            Wire::Unsent if entry.foreign => {
                entry.wire = Wire::Opening;
                Some(Transmit::ConnectPipeline { pipeline })
            }
            Wire::Unsent => {
                let first = entry.lane.take_first(max_len)?;
                entry.wire = Wire::Opening;
                Some(Transmit::OpenPipeline { pipeline, first })
            }
            // Signal and close wait until the pipeline is there.
            Wire::Opening | Wire::Closing => None,
            Wire::Open if entry.signal_wanted => {
                entry.signal_wanted = false;
                Some(Transmit::Signal { pipeline })
            }
            Wire::Open if entry.close_wanted => {
                entry.wire = Wire::Closing;
                Some(Transmit::ClosePipeline { pipeline })
            }
            Wire::Open => {
                let (stream, payload) = entry.lane.take(max_len)?;
                Some(Transmit::Data {
                    target: Target::Pipeline(pipeline),
                    stream,
                    payload,
                })
            }
        }
    }

    /// Every pipeline that the server may know, then the pool.
    pub(super) fn close_transmit(&mut self) -> Transmit {
        let open = self
            .pipelines
            .iter_mut()
            .find(|(_, entry)| entry.wire != Wire::Closing);
        match open {
            Some((pipeline, entry)) => {
                entry.wire = Wire::Closing;
                Transmit::ClosePipeline {
                    pipeline: *pipeline,
                }
            }
            None => {
                self.phase = Phase::Closing { told: true };
                Transmit::ClosePool
            }
        }
    }
}

pub(super) fn name_of(transmit: &Transmit) -> &'static str {
    match transmit {
        Transmit::OpenPool { .. } => "OpenPool",
        Transmit::ConnectPool { .. } => "ConnectPool",
        Transmit::OpenPipeline { .. } => "OpenPipeline",
        Transmit::ConnectPipeline { .. } => "ConnectPipeline",
        Transmit::Data { .. } => "Data",
        Transmit::Signal { .. } => "Signal",
        Transmit::ClosePipeline { .. } => "ClosePipeline",
        Transmit::ClosePool => "ClosePool",
        Transmit::Disconnect => "Disconnect",
        Transmit::Reconnect => "Reconnect",
    }
}
