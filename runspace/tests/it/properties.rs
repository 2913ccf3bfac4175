//! Any legal order of operations settles, and nothing is delivered twice or lost.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use psrp_codec::{
    CreatePipeline, DateTime, PipelineId, PipelineState, PipelineStateInfo, UserEvent, Value,
};
use runspace::{Carrier, ClientEvent, OutputStream, PoolState, ServerEvent, Target};
use uuid::Uuid;

use crate::pair::{Pair, numbers, pipeline_id};

/// What applications and networks do. Operations that are not legal when their turn comes are
/// refused by the cores and change nothing, so any list is a legal order.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Start,
    Input(u8),
    CloseInput(u8),
    Stop(u8),
    Disconnect,
    Reconnect,
    ExchangeSizes(u8),
    /// The server's script writes.
    Write(u8),
    Complete(u8),
    Event,
    /// One thing moves.
    ClientToServer,
    ServerToClient,
    Receive(u8),
    /// An answer to a receive gets lost, and the transport knows it.
    LoseAnswer(u8),
    /// An answer to a receive gets lost with the connection.
    LoseAnswerAndConnection(u8),
    /// The connection breaks between two receives.
    LoseConnection,
    /// The client is killed, with an answer on its way or not, and another takes its place.
    Kill(Option<u8>),
    PacketSize(u16),
}

fn operation() -> impl Strategy<Value = Operation> {
    use Operation::*;
    let pipeline = 0..4_u8;
    prop_oneof![
        3 => Just(Start),
        2 => pipeline.clone().prop_map(Input),
        1 => pipeline.clone().prop_map(CloseInput),
        1 => pipeline.clone().prop_map(Stop),
        1 => Just(Disconnect),
        2 => Just(Reconnect),
        1 => any::<u8>().prop_map(ExchangeSizes),
        8 => pipeline.clone().prop_map(Write),
        1 => pipeline.prop_map(Complete),
        2 => Just(Event),
        12 => Just(ClientToServer),
        8 => Just(ServerToClient),
        16 => any::<u8>().prop_map(Receive),
        2 => any::<u8>().prop_map(LoseAnswer),
        1 => any::<u8>().prop_map(LoseAnswerAndConnection),
        1 => Just(LoseConnection),
        1 => any::<Option<u8>>().prop_map(Kill),
        1 => (61..400_u16).prop_map(PacketSize),
    ]
}

/// What should have arrived of one target.
#[derive(Debug, Default)]
struct Expected {
    /// How many items the server wrote.
    written: i32,
    /// How many of them some client is known to have read.
    confirmed: i32,
    /// The item that comes next.
    next: i32,
    /// Nothing has come to the client that is there now.
    is_fresh: bool,
    /// What was read last is given again, by one receive or several, which until something new
    /// comes may confirm it or not.
    is_rewound: bool,
    /// How many of them may have been confirmed: receives that repeat what was rewound confirm one
    /// another, and which of them did so shows only when something new comes.
    maybe_confirmed: i32,
    /// The last item that may come first to a new client; `confirmed` unless it was rewound.
    at_most: i32,
}

struct World {
    pair: Pair,
    expected: BTreeMap<Target, Expected>,
    running: BTreeSet<PipelineId>,
    /// Pipelines whose end the client that is there now has heard.
    ended: BTreeSet<PipelineId>,
    /// Inputs that the server got, by pipeline.
    inputs: BTreeMap<PipelineId, Vec<i32>>,
    sent: BTreeMap<PipelineId, i32>,
    started: u128,
}

impl World {
    fn new(carrier: Carrier) -> Self {
        Self {
            pair: Pair::opened_by(carrier),
            expected: BTreeMap::from([(Target::Pool, Expected::default())]),
            running: BTreeSet::new(),
            ended: BTreeSet::new(),
            inputs: BTreeMap::new(),
            sent: BTreeMap::new(),
            started: 100,
        }
    }

    fn apply(&mut self, operation: Operation) {
        let is_polled = self.pair.carrier == Carrier::Poll;
        match operation {
            Operation::Start => self.start(),
            Operation::Input(which) => {
                if let Some(pipeline) = self.pick(which) {
                    let sent = self.sent.entry(pipeline).or_default();
                    let value = Value::from(*sent);
                    if self.pair.client.send_input(pipeline, &value).is_ok() {
                        *sent += 1;
                    }
                }
            }
            Operation::CloseInput(which) => {
                if let Some(pipeline) = self.pick(which) {
                    let _ = self.pair.client.close_input(pipeline);
                }
            }
            Operation::Stop(which) => {
                if let Some(pipeline) = self.pick(which) {
                    let _ = self.pair.client.stop(self.pair.now, pipeline);
                }
            }
            Operation::Disconnect => {
                let _ = self.pair.client.disconnect(self.pair.now);
            }
            Operation::Reconnect => {
                let _ = self.pair.client.reconnect(self.pair.now);
            }
            Operation::ExchangeSizes(max) => {
                let _ = self.pair.client.set_max_runspaces(max.into());
            }
            Operation::Write(which) => self.write(which),
            Operation::Complete(which) => {
                if let Some(pipeline) = pick_of(&self.running, which) {
                    self.complete(pipeline);
                }
            }
            Operation::Event => self.event(),
            Operation::ClientToServer => self.client_to_server(),
            Operation::ServerToClient => {
                self.pair.server_to_client();
            }
            Operation::Receive(which) => {
                if let Some(target) = pick_of(&self.pair.receiving, which) {
                    self.receive(target);
                }
            }
            Operation::LoseAnswer(which) if is_polled => {
                if let Some(target) = pick_of(&self.pair.receiving, which) {
                    self.lose_answer(target);
                    self.pair.server.rewind(target);
                }
            }
            Operation::LoseAnswerAndConnection(which) if is_polled => {
                if let Some(target) = pick_of(&self.pair.receiving, which) {
                    self.lose_answer(target);
                    // While it comes or goes, a client tries again until it is through.
                    if self.pair.client.state() != PoolState::Opened {
                        self.pair.server.rewind(target);
                    }
                    self.lose_connection();
                }
            }
            Operation::LoseConnection if is_polled => self.lose_connection(),
            Operation::Kill(which) if is_polled => self.kill(which),
            Operation::PacketSize(size) => self.pair.max_len = size.into(),
            _ => {}
        }
        self.look();
    }

    fn start(&mut self) {
        self.started += 1;
        let pipeline = pipeline_id(self.started);
        let mut create = CreatePipeline::script("x".repeat(50));
        create.no_input = false;
        if self.pair.client.create_pipeline(pipeline, &create).is_ok() {
            self.expected
                .insert(Target::Pipeline(pipeline), Expected::default());
        }
    }

    /// One of the client's pipelines.
    fn pick(&self, which: u8) -> Option<PipelineId> {
        pick_of(
            &self.pair.client.pipelines().map(|(id, _)| id).collect(),
            which,
        )
    }

    fn write(&mut self, which: u8) {
        let Some(pipeline) = pick_of(&self.running, which) else {
            return;
        };
        let expected = self.expected.get_mut(&Target::Pipeline(pipeline)).unwrap();
        let value = Value::from(expected.written);
        let written = self
            .pair
            .server
            .output(pipeline, OutputStream::Output, &value);
        if written.is_ok() {
            expected.written += 1;
        }
    }

    fn complete(&mut self, pipeline: PipelineId) {
        let info = PipelineStateInfo::new(PipelineState::Completed);
        let _ = self.pair.server.pipeline_ended(pipeline, &info);
        self.running.remove(&pipeline);
    }

    fn event(&mut self) {
        let expected = self.expected.get_mut(&Target::Pool).unwrap();
        let event = UserEvent {
            event_identifier: expected.written,
            source_identifier: "x".repeat(100).into(),
            time_generated: DateTime::parse("2026-01-02T03:04:05Z").unwrap(),
            sender: Value::Null,
            source_args: Value::list::<i32>([]),
            message_data: Value::Null,
            computer_name: None,
            runspace_id: Uuid::from_u128(9),
        };
        if self.pair.server.user_event(&event).is_ok() {
            expected.written += 1;
        }
    }

    fn client_to_server(&mut self) {
        let was = self.pair.client.state();
        self.pair.client_to_server();
        // An orderly client has read everything before it leaves.
        if was == PoolState::Disconnecting && self.pair.client.state() == PoolState::Disconnected {
            self.look();
            for expected in self.expected.values_mut() {
                if expected.is_fresh || expected.is_rewound {
                    continue;
                }
                expected.confirmed = expected.next;
            }
        }
    }

    /// To ask again is to have read the last answer.
    fn confirm(&mut self, target: Target) {
        if let Some(expected) = self.expected.get_mut(&target)
            && !expected.is_rewound
            && !expected.is_fresh
        {
            expected.confirmed = expected.next;
        }
    }

    fn receive(&mut self, target: Target) {
        self.confirm(target);
        self.pair.receive(target);
    }

    fn lose_answer(&mut self, target: Target) {
        self.confirm(target);
        let _ = self.pair.server.poll_receive(target, self.pair.max_len);
    }

    fn lose_connection(&mut self) {
        if self.pair.client.state() == PoolState::Opened {
            self.pair.break_connection();
            for expected in self.expected.values_mut() {
                expected.is_rewound = true;
            }
        }
    }

    fn kill(&mut self, which: Option<u8>) {
        if let Some(target) = which.and_then(|which| pick_of(&self.pair.receiving, which)) {
            self.lose_answer(target);
        }
        self.pair.replace_client();
        self.pair.heard.clear();
        self.ended.clear();
        for expected in self.expected.values_mut() {
            if !expected.is_fresh {
                expected.at_most = if expected.is_rewound {
                    expected.next
                } else {
                    expected.confirmed.max(expected.maybe_confirmed)
                };
            }
            expected.is_fresh = true;
            expected.is_rewound = false;
        }
        let known: Vec<_> = self.pair.server.pipelines().map(|(id, _)| id).collect();
        self.pair.client.connect(self.pair.now, known).unwrap();
    }

    /// Checks what was heard since the last look.
    fn look(&mut self) {
        self.pair.events();
        for event in self.pair.take_asked() {
            match event {
                ServerEvent::PipelineCreated { pipeline, .. } => {
                    assert!(self.running.insert(pipeline), "created twice");
                }
                ServerEvent::PipelineInput { pipeline, value } => {
                    let value = value.unwrap().decode(&psrp_codec::Limits::default());
                    let inputs = self.inputs.entry(pipeline).or_default();
                    assert_eq!(value.unwrap().as_i32(), Some(inputs.len() as i32));
                    inputs.push(inputs.len() as i32);
                }
                ServerEvent::PipelineFaulted { error, .. } | ServerEvent::PoolBroken { error } => {
                    panic!("the server complains: {error}");
                }
                _ => {}
            }
        }
        let heard = self.pair.take_heard();
        for event in &heard {
            match event {
                ClientEvent::PoolBroken { loss } => panic!("the client complains: {loss}"),
                ClientEvent::UserEvent(event) => {
                    self.arrived(Target::Pool, event.event_identifier);
                }
                ClientEvent::PipelineOutput { pipeline, .. } => {
                    let [number] = numbers(std::slice::from_ref(event), *pipeline)[..] else {
                        panic!("no number");
                    };
                    self.arrived(Target::Pipeline(*pipeline), number);
                }
                ClientEvent::PipelineEnded { pipeline, .. } => {
                    assert!(self.ended.insert(*pipeline), "ended twice");
                    self.all_arrived(Target::Pipeline(*pipeline));
                    self.running.remove(pipeline);
                }
                _ => {}
            }
        }
    }

    fn arrived(&mut self, target: Target, number: i32) {
        let expected = self.expected.get_mut(&target).unwrap();
        if expected.is_fresh {
            // The new client begins where the old one has confirmed, and nowhere else.
            let first = expected.confirmed..=expected.at_most;
            assert!(first.contains(&number), "{target:?} {number} {expected:?}");
            // What is not given again was confirmed.
            expected.confirmed = number;
            expected.maybe_confirmed = number;
            expected.is_fresh = false;
        } else {
            assert_eq!(number, expected.next, "{target:?} {expected:?}");
            if expected.is_rewound {
                expected.maybe_confirmed = number;
            }
        }
        expected.is_rewound = false;
        expected.next = number + 1;
    }

    fn all_arrived(&self, target: Target) {
        let expected = &self.expected[&target];
        let so_far = if expected.is_fresh {
            expected.confirmed..=expected.at_most
        } else {
            expected.next..=expected.next
        };
        assert!(
            so_far.contains(&expected.written),
            "{target:?} {expected:?}"
        );
    }

    /// Lets everything come to its end.
    fn settle(&mut self) {
        for _ in 0..3 {
            let _ = self.pair.client.reconnect(self.pair.now);
            self.pair.drive();
            self.look();
        }
        for pipeline in self.running.clone() {
            self.complete(pipeline);
        }
        self.pair.drive();
        self.look();
        assert_eq!(self.pair.client.state(), PoolState::Opened);
        assert_eq!(self.pair.server.state(), PoolState::Opened);
        assert_eq!(self.pair.client.pipelines().count(), 0);
        assert_eq!(self.pair.server.pipelines().count(), 0);
        assert_eq!(self.pair.client.poll_timeout(), None);
        assert_eq!(self.pair.server.poll_timeout(), None);
        self.all_arrived(Target::Pool);
        self.pair.client.close(self.pair.now);
        self.pair.drive();
        assert_eq!(self.pair.client.state(), PoolState::Closed);
        assert_eq!(self.pair.server.state(), PoolState::Closed);
    }
}

fn pick_of<T: Copy + Ord>(set: &BTreeSet<T>, which: u8) -> Option<T> {
    let count = set.len().max(1);
    set.iter().nth(usize::from(which) % count).copied()
}

proptest! {
    #[test]
    fn on_a_transport_that_is_polled(operations in prop::collection::vec(operation(), 0..200)) {
        let mut world = World::new(Carrier::Poll);
        for operation in operations {
            world.apply(operation);
        }
        world.settle();
    }

    #[test]
    fn on_a_transport_that_pushes(operations in prop::collection::vec(operation(), 0..200)) {
        let mut world = World::new(Carrier::Push);
        for operation in operations {
            world.apply(operation);
        }
        world.settle();
    }
}
