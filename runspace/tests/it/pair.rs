//! A client and a server, and what carries bytes between them.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use bytes::Bytes;
use psrp_codec::{
    ApplicationPrivateData, CreatePipeline, Limits, PipelineId, PipelineState, PipelineStateInfo,
    PoolId, Value,
};
use runspace::{
    Carrier, ClientConfig, ClientEvent, ClientPool, Ending, Input, OutputStream, PoolState,
    ServerConfig, ServerEvent, ServerInput, ServerPool, ServerTransmit, Stream, Target, Transmit,
};
use uuid::Uuid;

pub(crate) fn pool_id(number: u128) -> PoolId {
    PoolId::new(Uuid::from_u128(number)).unwrap()
}

pub(crate) fn pipeline_id(number: u128) -> PipelineId {
    PipelineId::new(Uuid::from_u128(number)).unwrap()
}

/// Both sides of a pool, joined as the two kinds of transport join them.
pub(crate) struct Pair {
    pub(crate) client: ClientPool,
    pub(crate) server: ServerPool,
    pub(crate) carrier: Carrier,
    pub(crate) now: Instant,
    pub(crate) max_len: usize,
    /// What the client asks for again and again: open receives.
    pub(crate) receiving: BTreeSet<Target>,
    /// The same, of a client that is disconnected.
    pub(crate) parked: BTreeSet<Target>,
    /// What the client heard.
    pub(crate) heard: Vec<ClientEvent>,
    /// What the server's application heard, but for what the pair answers by itself.
    pub(crate) asked: Vec<ServerEvent>,
    /// Whether the pair opens the pool and ends stopped pipelines by itself, as an application
    /// would.
    pub(crate) answers: bool,
}

impl Pair {
    pub(crate) fn new(carrier: Carrier) -> Self {
        Self::with(carrier, ClientConfig::default(), ServerConfig::new(carrier))
    }

    pub(crate) fn with(carrier: Carrier, client: ClientConfig, server: ServerConfig) -> Self {
        let client = client.transport_can_disconnect(carrier == Carrier::Poll);
        Self {
            client: ClientPool::new(client, pool_id(1)),
            server: ServerPool::new(server),
            carrier,
            now: Instant::now(),
            max_len: 32_768,
            receiving: BTreeSet::new(),
            parked: BTreeSet::new(),
            heard: Vec::new(),
            asked: Vec::new(),
            answers: true,
        }
    }

    /// Both kinds, each opened.
    pub(crate) fn opened() -> [Self; 2] {
        [Carrier::Push, Carrier::Poll].map(Self::opened_by)
    }

    pub(crate) fn opened_by(carrier: Carrier) -> Self {
        let mut pair = Self::new(carrier);
        pair.open();
        pair
    }

    pub(crate) fn open(&mut self) {
        self.client.open(self.now).unwrap();
        self.drive();
        assert_eq!(self.take_heard(), [ClientEvent::PoolOpened]);
        assert_eq!(self.client.state(), PoolState::Opened);
        assert_eq!(self.server.state(), PoolState::Opened);
    }

    pub(crate) fn start(&mut self, number: u128) -> PipelineId {
        self.start_with(number, true)
    }

    pub(crate) fn start_with(&mut self, number: u128, no_input: bool) -> PipelineId {
        let pipeline = pipeline_id(number);
        let mut create = CreatePipeline::script("1");
        create.no_input = no_input;
        self.client.create_pipeline(pipeline, &create).unwrap();
        self.drive();
        assert!(matches!(
            self.take_asked()[..],
            [ServerEvent::PipelineCreated { .. }]
        ));
        pipeline
    }

    pub(crate) fn write(&mut self, pipeline: PipelineId, number: i32) {
        self.server
            .output(pipeline, OutputStream::Output, &Value::from(number))
            .unwrap();
    }

    pub(crate) fn complete(&mut self, pipeline: PipelineId) {
        let info = PipelineStateInfo::new(PipelineState::Completed);
        self.server.pipeline_ended(pipeline, &info).unwrap();
    }

    pub(crate) fn take_heard(&mut self) -> Vec<ClientEvent> {
        std::mem::take(&mut self.heard)
    }

    pub(crate) fn take_asked(&mut self) -> Vec<ServerEvent> {
        std::mem::take(&mut self.asked)
    }

    /// The numbers that came out of a pipeline so far.
    pub(crate) fn numbers(&self, pipeline: PipelineId) -> Vec<i32> {
        numbers(&self.heard, pipeline)
    }

    /// How the pipeline ended, as often as the client was told.
    pub(crate) fn endings(&self, pipeline: PipelineId) -> Vec<Ending> {
        let of = |event: &ClientEvent| match event {
            ClientEvent::PipelineEnded {
                pipeline: ended,
                how,
            } if *ended == pipeline => Some(how.clone()),
            _ => None,
        };
        self.heard.iter().filter_map(of).collect()
    }

    pub(crate) fn wind(&mut self, by: Duration) {
        self.now += by;
        self.client.handle_timeout(self.now);
        self.server.handle_timeout(self.now);
        self.drive();
    }

    /// Carries both ways until nothing moves any more.
    pub(crate) fn drive(&mut self) {
        for _ in 0..100_000 {
            if !self.step() {
                return;
            }
        }
        panic!("the two sides do not settle");
    }

    /// Carries one thing; gives whether there was one.
    pub(crate) fn step(&mut self) -> bool {
        self.events() || self.client_to_server() || self.server_to_client() || self.receive_any()
    }

    pub(crate) fn events(&mut self) -> bool {
        let mut any = false;
        while let Some(event) = self.client.poll_event() {
            any = true;
            self.heard.push(event);
        }
        while let Some(event) = self.server.poll_event() {
            any = true;
            match event {
                ServerEvent::OpenRequested { .. } if self.answers => {
                    let data = ApplicationPrivateData { data: Value::Null };
                    self.server.opened(data).unwrap();
                }
                ServerEvent::StopRequested { pipeline } if self.answers => {
                    let info = PipelineStateInfo::new(PipelineState::Stopped);
                    self.server.pipeline_ended(pipeline, &info).unwrap();
                }
                event => self.asked.push(event),
            }
        }
        any
    }

    pub(crate) fn client_to_server(&mut self) -> bool {
        let Some(transmit) = self.client.poll_transmit(self.max_len) else {
            return false;
        };
        self.carry(transmit);
        true
    }

    pub(crate) fn carry(&mut self, transmit: Transmit) {
        let now = self.now;
        let mut accepted = None;
        match transmit {
            Transmit::OpenPool { first } => {
                accepted = Some(Target::Pool);
                self.receiving.insert(Target::Pool);
                self.server
                    .handle_input(now, ServerInput::OpenPool { first });
            }
            Transmit::ConnectPool { payload } => {
                self.server
                    .handle_input(now, ServerInput::ConnectPool { payload });
            }
            Transmit::OpenPipeline { pipeline, first } => {
                let target = Target::Pipeline(pipeline);
                accepted = Some(target);
                self.receiving.insert(target);
                // A stream transport has no bytes in its Command.
                let (now_first, then) = match self.carrier {
                    Carrier::Poll => (first, None),
                    Carrier::Push => (Bytes::new(), Some(first)),
                };
                self.server.handle_input(
                    now,
                    ServerInput::OpenPipeline {
                        pipeline,
                        first: now_first,
                    },
                );
                if let Some(payload) = then {
                    let stream = Stream::Default;
                    self.server.handle_input(
                        now,
                        ServerInput::Data {
                            target,
                            stream,
                            payload,
                        },
                    );
                }
            }
            Transmit::ConnectPipeline { pipeline } => {
                self.receiving.insert(Target::Pipeline(pipeline));
                self.client
                    .handle_input(now, Input::PipelineConnected { pipeline });
            }
            Transmit::Data {
                target,
                stream,
                payload,
            } => {
                assert!(payload.len() <= self.max_len);
                accepted = Some(target);
                self.server.handle_input(
                    now,
                    ServerInput::Data {
                        target,
                        stream,
                        payload,
                    },
                );
            }
            Transmit::Signal { pipeline } => {
                self.server
                    .handle_input(now, ServerInput::Signal { pipeline });
            }
            Transmit::ClosePipeline { pipeline } => {
                self.receiving.remove(&Target::Pipeline(pipeline));
                self.server
                    .handle_input(now, ServerInput::ClosePipeline { pipeline });
            }
            Transmit::ClosePool => self.server.handle_input(now, ServerInput::ClosePool),
            Transmit::Disconnect => {
                self.parked = std::mem::take(&mut self.receiving);
                self.server.handle_input(now, ServerInput::Disconnect);
                self.client.handle_input(now, Input::Disconnected);
            }
            Transmit::Reconnect => {
                self.server.handle_input(now, ServerInput::Reconnect);
                self.receiving = std::mem::take(&mut self.parked);
                self.client.handle_input(now, Input::Reconnected);
            }
        }
        if let Some(target) = accepted {
            self.client.handle_input(now, Input::Accepted { target });
        }
    }

    /// Open receives for the pool and every pipeline of the client's.
    pub(crate) fn receive_everything(&mut self) {
        let pipelines = self.client.pipelines().map(|(id, _)| Target::Pipeline(id));
        self.receiving = pipelines.chain([Target::Pool]).collect();
    }

    pub(crate) fn server_to_client(&mut self) -> bool {
        let Some(transmit) = self.server.poll_transmit(self.max_len) else {
            return false;
        };
        let input = match transmit {
            ServerTransmit::Data { target, payload } => {
                assert!(payload.len() <= self.max_len);
                Input::Data { target, payload }
            }
            ServerTransmit::PoolConnected { payload } => {
                self.receiving.insert(Target::Pool);
                Input::PoolConnected { payload }
            }
            ServerTransmit::ConnectRefused { error } => Input::Failed {
                error: error.to_string(),
            },
            ServerTransmit::PipelineRefused { pipeline, error } => Input::PipelineFailed {
                pipeline,
                error: error.to_string(),
            },
            ServerTransmit::Signalled { pipeline } => Input::Signalled { pipeline },
            ServerTransmit::PipelineClosed { pipeline } => Input::PipelineClosed { pipeline },
            ServerTransmit::PoolClosed => {
                self.receiving.clear();
                Input::PoolClosed
            }
        };
        self.client.handle_input(self.now, input);
        true
    }

    /// Answers the open receives, one after the other.
    fn receive_any(&mut self) -> bool {
        let targets: Vec<_> = self.receiving.iter().copied().collect();
        targets.into_iter().any(|target| self.receive(target))
    }

    /// One receive, if it is answered.
    pub(crate) fn receive(&mut self, target: Target) -> bool {
        if self.carrier != Carrier::Poll {
            return false;
        }
        let Some(receive) = self.server.poll_receive(target, self.max_len) else {
            return false;
        };
        let payload = receive.payload;
        if !payload.is_empty() {
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

    /// The connection breaks, and the client, which has read what it has read, knows it.
    pub(crate) fn break_connection(&mut self) {
        self.parked = std::mem::take(&mut self.receiving);
        self.client.handle_input(self.now, Input::Disconnected);
    }

    /// The client is gone, as by `kill -9`; another one takes its place.
    pub(crate) fn replace_client(&mut self) {
        self.receiving.clear();
        self.parked.clear();
        // What is owed to the dead is paid to nobody.
        while self.server.poll_transmit(self.max_len).is_some() {}
        let config = ClientConfig::default().transport_can_disconnect(true);
        self.client = ClientPool::new(config, pool_id(1));
    }
}

pub(crate) fn numbers(events: &[ClientEvent], pipeline: PipelineId) -> Vec<i32> {
    let of = |event: &ClientEvent| match event {
        ClientEvent::PipelineOutput {
            pipeline: from,
            value,
            ..
        } if *from == pipeline => {
            let value = value.as_ref().unwrap().decode(&Limits::default()).unwrap();
            value.as_i32()
        }
        _ => None,
    };
    events.iter().filter_map(of).collect()
}
