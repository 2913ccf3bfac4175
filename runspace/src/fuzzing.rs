//! Oracles for fuzzers: plain functions that panic when a promise is broken.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use psrp_codec::{
    ApplicationPrivateData, CreatePipeline, Destination, Encode, HostAnswer, HostMethod,
    HostRequest, Message, MessageKind, ObjectId, PipelineId, PipelineState, PipelineStateInfo,
    PoolId, Value, split,
};
use uuid::Uuid;

use crate::{
    BufferMode, Carrier, ClientConfig, ClientEvent, ClientPool, Input, OutputStream, PoolLimits,
    ServerConfig, ServerEvent, ServerInput, ServerPool, ServerTransmit, Stream, Target, Transmit,
};

/// Joins a client and a server and lets `data` decide what happens: commands of both
/// applications, packets carried, lost, given twice or spoilt, clients killed, clocks wound.
///
/// In any order it settles: once both pools are closed and the clock is wound, both are in a
/// final state and owe nothing more. No queue grows past its ceiling, and no pipeline ends twice
/// for one client.
///
/// # Panics
/// When one of these does not hold.
pub fn operations(data: &[u8], now: Instant) {
    let carrier = match data.first() {
        Some(first) if first.is_multiple_of(2) => Carrier::Push,
        _ => Carrier::Poll,
    };
    let mut world = World::new(carrier, now);
    for operation in data.get(1..).unwrap_or_default().chunks(3).take(2_000) {
        let [what, which, how] = [0, 1, 2].map(|at| operation.get(at).copied().unwrap_or(0));
        world.apply(what, which, how);
        world.look();
        world.check_ceilings();
    }
    world.settle();
}

const OUTBOX_MESSAGES: usize = 20;
const PIPELINES: usize = 6;

struct World {
    client: ClientPool,
    server: ServerPool,
    carrier: Carrier,
    now: Instant,
    receiving: BTreeSet<Target>,
    running: BTreeSet<PipelineId>,
    ended: BTreeSet<PipelineId>,
    calls: Vec<(Target, psrp_codec::CallId)>,
    pipelines: u128,
    packet: usize,
}

impl World {
    fn new(carrier: Carrier, now: Instant) -> Self {
        let config = ServerConfig::new(carrier)
            .limits(limits())
            .buffer_mode(BufferMode::Drop);
        let mut world = Self {
            client: client(carrier),
            server: ServerPool::new(config),
            carrier,
            now,
            receiving: BTreeSet::new(),
            running: BTreeSet::new(),
            ended: BTreeSet::new(),
            calls: Vec::new(),
            pipelines: 1,
            packet: 32_768,
        };
        drop(world.client.open(now));
        world
    }

    fn apply(&mut self, what: u8, which: u8, how: u8) {
        let now = self.now;
        let pipeline = pick(self.client.pipelines().map(|(id, _)| id), which);
        let running = pick(self.running.iter().copied(), which);
        let target = pick(self.receiving.iter().copied(), which).unwrap_or(Target::Pool);
        match what % 24 {
            0 => self.start(how),
            1 => drop(pipeline.map(|id| {
                self.client
                    .send_input(id, &Value::from("x".repeat(how.into())))
            })),
            2 => drop(pipeline.map(|id| self.client.close_input(id))),
            3 => drop(pipeline.map(|id| self.client.stop(now, id))),
            4 => drop(self.client.disconnect(now)),
            5 => drop(self.client.reconnect(now)),
            6 => drop(self.client.set_max_runspaces(how.into())),
            7 => drop(self.client.reset_runspace_state()),
            8 | 9 => drop(running.map(|id| {
                let value = Value::from("x".repeat(how.into()));
                self.server.output(id, OutputStream::Output, &value)
            })),
            10 => drop(running.map(|id| self.end(id))),
            11 => {
                let target = running.map_or(Target::Pool, Target::Pipeline);
                let request = HostRequest::Plain(HostMethod::ReadLine);
                drop(self.server.host_call(target, request));
            }
            12 => {
                if let Some((target, call)) = self.calls.pop() {
                    let answer = Ok(HostAnswer::String("a".into()));
                    drop(self.client.answer_host_call(target, call, answer));
                }
            }
            13 | 14 => drop(self.client_to_server(None)),
            15 => drop(self.server_to_client()),
            16 | 17 => drop(self.receive(target, None)),
            18 => self.server.rewind(target),
            19 => self.kill(),
            20 => drop(self.client_to_server(Some((which, how)))),
            21 => drop(self.receive(target, Some((which, how)))),
            22 => self.packet = usize::from(how).saturating_add(crate::MIN_TRANSMIT),
            _ => self.wind(Duration::from_secs(u64::from(how))),
        }
    }

    fn start(&mut self, how: u8) {
        self.pipelines = self.pipelines.saturating_add(1);
        if let Some(id) = PipelineId::new(Uuid::from_u128(self.pipelines)) {
            let mut create = CreatePipeline::script("x".repeat(how.into()));
            create.no_input = how.is_multiple_of(2);
            drop(self.client.create_pipeline(id, &create));
        }
    }

    fn end(&mut self, pipeline: PipelineId) {
        self.running.remove(&pipeline);
        let info = PipelineStateInfo::new(PipelineState::Completed);
        drop(self.server.pipeline_ended(pipeline, &info));
    }

    fn wind(&mut self, by: Duration) {
        self.now = self.now.checked_add(by).unwrap_or(self.now);
        self.client.handle_timeout(self.now);
        self.server.handle_timeout(self.now);
    }

    fn kill(&mut self) {
        if self.carrier == Carrier::Poll && self.server.id().is_some() {
            self.receiving.clear();
            self.ended.clear();
            self.calls.clear();
            while self.server.poll_transmit(self.packet).is_some() {}
            self.client = client(self.carrier);
            let known: Vec<_> = self.server.pipelines().map(|(id, _)| id).collect();
            drop(self.client.connect(self.now, known));
        }
    }

    fn client_to_server(&mut self, spoil: Option<(u8, u8)>) -> bool {
        let Some(transmit) = self.client.poll_transmit(self.packet) else {
            return false;
        };
        let spoilt = |payload: Bytes| spoilt(payload, spoil);
        let (input, accepted) = match transmit {
            Transmit::OpenPool { first } => {
                self.receiving.insert(Target::Pool);
                let first = spoilt(first);
                (ServerInput::OpenPool { first }, Some(Target::Pool))
            }
            Transmit::ConnectPool { payload } => {
                let payload = spoilt(payload);
                (ServerInput::ConnectPool { payload }, None)
            }
            Transmit::OpenPipeline { pipeline, first } => {
                let target = Target::Pipeline(pipeline);
                self.receiving.insert(target);
                let first = spoilt(first);
                (ServerInput::OpenPipeline { pipeline, first }, Some(target))
            }
            Transmit::ConnectPipeline { pipeline } => {
                self.receiving.insert(Target::Pipeline(pipeline));
                let input = Input::PipelineConnected { pipeline };
                self.client.handle_input(self.now, input);
                return true;
            }
            Transmit::Data {
                target,
                stream,
                payload,
            } => {
                let payload = spoilt(payload);
                (
                    ServerInput::Data {
                        target,
                        stream,
                        payload,
                    },
                    Some(target),
                )
            }
            Transmit::Signal { pipeline } => (ServerInput::Signal { pipeline }, None),
            Transmit::ClosePipeline { pipeline } => {
                self.receiving.remove(&Target::Pipeline(pipeline));
                (ServerInput::ClosePipeline { pipeline }, None)
            }
            Transmit::ClosePool => (ServerInput::ClosePool, None),
            Transmit::Disconnect => {
                self.server.handle_input(self.now, ServerInput::Disconnect);
                self.client.handle_input(self.now, Input::Disconnected);
                return true;
            }
            Transmit::Reconnect => {
                self.server.handle_input(self.now, ServerInput::Reconnect);
                self.client.handle_input(self.now, Input::Reconnected);
                return true;
            }
        };
        self.server.handle_input(self.now, input);
        if let Some(target) = accepted {
            self.client
                .handle_input(self.now, Input::Accepted { target });
        }
        true
    }

    fn server_to_client(&mut self) -> bool {
        let Some(transmit) = self.server.poll_transmit(self.packet) else {
            return false;
        };
        let input = match transmit {
            ServerTransmit::Data { target, payload } => Input::Data { target, payload },
            ServerTransmit::PoolConnected { payload } => {
                self.receiving.insert(Target::Pool);
                Input::PoolConnected { payload }
            }
            ServerTransmit::ConnectRefused { error } => {
                let error = error.to_string();
                Input::Failed { error }
            }
            ServerTransmit::PipelineRefused { pipeline, error } => {
                let error = error.to_string();
                Input::PipelineFailed { pipeline, error }
            }
            ServerTransmit::Signalled { pipeline } => Input::Signalled { pipeline },
            ServerTransmit::PipelineClosed { pipeline } => Input::PipelineClosed { pipeline },
            ServerTransmit::PoolClosed => Input::PoolClosed,
        };
        self.client.handle_input(self.now, input);
        true
    }

    fn receive(&mut self, target: Target, spoil: Option<(u8, u8)>) -> bool {
        if self.carrier == Carrier::Push || !self.receiving.contains(&target) {
            return false;
        }
        let Some(receive) = self.server.poll_receive(target, self.packet) else {
            return false;
        };
        if !receive.payload.is_empty() {
            let payload = spoilt(receive.payload, spoil);
            self.client
                .handle_input(self.now, Input::Data { target, payload });
        }
        if receive.done {
            self.receiving.remove(&target);
            if let Target::Pipeline(pipeline) = target {
                self.client
                    .handle_input(self.now, Input::PipelineDone { pipeline });
            }
        }
        true
    }

    fn look(&mut self) {
        while let Some(event) = self.server.poll_event() {
            match event {
                ServerEvent::OpenRequested { .. } => {
                    drop(
                        self.server
                            .opened(ApplicationPrivateData { data: Value::Null }),
                    );
                }
                ServerEvent::PipelineCreated { pipeline, .. }
                | ServerEvent::CommandMetadataRequested { pipeline, .. } => {
                    self.running.insert(pipeline);
                }
                ServerEvent::ResetRequested { call } => {
                    drop(self.server.reset_done(call, true));
                }
                ServerEvent::StopRequested { pipeline } => self.end(pipeline),
                _ => {}
            }
        }
        while let Some(event) = self.client.poll_event() {
            match event {
                ClientEvent::PipelineEnded { pipeline, .. } => {
                    assert!(self.ended.insert(pipeline), "{pipeline} ended twice");
                }
                ClientEvent::PipelineOutput { pipeline, .. } => {
                    let has_ended = self.ended.contains(&pipeline);
                    assert!(!has_ended, "{pipeline} wrote after its end");
                }
                ClientEvent::HostCall {
                    target,
                    call: Some(call),
                    ..
                } => {
                    self.calls.push((target, call));
                }
                _ => {}
            }
        }
    }

    fn check_ceilings(&self) {
        let targets = self.client.pipelines().map(|(id, _)| Target::Pipeline(id));
        for target in targets {
            // One more for the end of input, one for the message that starts the pipeline, and
            // the answers to host calls.
            let (messages, _) = self.client.outbox_len(target);
            assert!(
                messages <= OUTBOX_MESSAGES.saturating_add(70),
                "{target:?}: {messages}"
            );
        }
        assert!(self.client.pipelines().count() <= PIPELINES);
        assert!(self.server.pipelines().count() <= PIPELINES);
        let targets = self.server.pipelines().map(|(id, _)| Target::Pipeline(id));
        for target in targets {
            let (messages, _) = self.server.outbox_len(target);
            assert!(
                messages <= OUTBOX_MESSAGES.saturating_add(140),
                "{target:?}: {messages}"
            );
        }
    }

    /// Closes both sides and waits until nothing moves.
    fn settle(&mut self) {
        self.client.close(self.now);
        self.move_everything();
        self.server.handle_input(self.now, ServerInput::EndOfStream);
        self.move_everything();
        for _ in 0..4 {
            self.wind(Duration::from_secs(600));
            self.move_everything();
        }
        assert!(
            self.client.state().is_final(),
            "the client is {}",
            self.client.state()
        );
        assert!(
            self.server.state().is_final(),
            "the server is {}",
            self.server.state()
        );
        assert_eq!(self.client.poll_timeout(), None);
        assert_eq!(self.server.poll_timeout(), None);
        assert_eq!(self.client.pipelines().count(), 0);
    }

    fn move_everything(&mut self) {
        for _ in 0..100_000 {
            self.look();
            let targets: Vec<_> = self.receiving.iter().copied().collect();
            let moved = self.client_to_server(None)
                || self.server_to_client()
                || targets.into_iter().any(|target| self.receive(target, None));
            if !moved {
                return;
            }
        }
        panic!("the two sides do not settle");
    }
}

/// Takes `data` as what a client sends to the pool of a server that is open, first as it is and
/// then as one message whose kind is the first byte: no panic, and the server still closes.
pub fn server_input(data: &[u8], now: Instant) {
    for payloads in [raw(data), message(data, Destination::Server)] {
        let mut world = World::new(Carrier::Push, now);
        world.move_everything();
        for (at, payload) in payloads.into_iter().enumerate() {
            let stream = if at.is_multiple_of(2) {
                Stream::Default
            } else {
                Stream::PromptResponse
            };
            let target = Target::Pool;
            let input = ServerInput::Data {
                target,
                stream,
                payload,
            };
            world.server.handle_input(now, input);
        }
        world.settle();
    }
}

/// Takes `data` as what a server sends to the pool of a client that is open, likewise.
pub fn client_input(data: &[u8], now: Instant) {
    for payloads in [raw(data), message(data, Destination::Client)] {
        let mut world = World::new(Carrier::Push, now);
        world.move_everything();
        for payload in payloads {
            let target = Target::Pool;
            world
                .client
                .handle_input(now, Input::Data { target, payload });
        }
        world.settle();
    }
}

fn raw(data: &[u8]) -> Vec<Bytes> {
    data.chunks(1_000).map(Bytes::copy_from_slice).collect()
}

/// A whole message for the pool, in one fragment.
fn message(data: &[u8], destination: Destination) -> Vec<Bytes> {
    let Some((kind, data)) = data.split_first() else {
        return Vec::new();
    };
    let kind = MessageKind::ALL.iter().cycle().nth(usize::from(*kind));
    let Some(kind) = kind else {
        return Vec::new();
    };
    let mut message = BytesMut::new();
    Message {
        destination,
        kind: *kind,
        pool: PoolId::new(Uuid::from_u128(1)),
        pipeline: None,
        data,
    }
    .encode(&mut message);
    let mut packet = BytesMut::new();
    for fragment in split(ObjectId::LAST, &message, usize::MAX) {
        fragment.encode(&mut packet);
    }
    vec![packet.freeze()]
}

fn limits() -> PoolLimits {
    PoolLimits {
        pipelines: PIPELINES,
        outbox_messages: OUTBOX_MESSAGES,
        ..PoolLimits::default()
    }
}

fn client(carrier: Carrier) -> ClientPool {
    const ID: PoolId = match PoolId::new(Uuid::from_u128(1)) {
        Some(id) => id,
        None => unreachable!(),
    };
    let config = ClientConfig::default()
        .transport_can_disconnect(carrier == Carrier::Poll)
        .limits(limits());
    ClientPool::new(config, ID)
}

fn pick<T>(items: impl Iterator<Item = T>, which: u8) -> Option<T> {
    let items: Vec<_> = items.collect();
    let at = usize::from(which).checked_rem(items.len())?;
    items.into_iter().nth(at)
}

/// The payload with one byte changed.
fn spoilt(payload: Bytes, how: Option<(u8, u8)>) -> Bytes {
    let Some((place, change)) = how else {
        return payload;
    };
    let mut bytes = payload.to_vec();
    let at = usize::from(place).checked_rem(bytes.len()).unwrap_or(0);
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= change;
    }
    bytes.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_list_of_operations_settles(data in prop::collection::vec(any::<u8>(), 0..600)) {
            operations(&data, Instant::now());
        }

        #[test]
        fn any_bytes_are_survived(data in prop::collection::vec(any::<u8>(), 0..4_000)) {
            server_input(&data, Instant::now());
            client_input(&data, Instant::now());
        }
    }
}
