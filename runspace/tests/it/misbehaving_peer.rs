//! Each rule of the protocol, broken once.

use bytes::{Bytes, BytesMut};
use psrp_codec::{
    CallId, ConnectRunspacePool, CreatePipeline, Destination, Encode, HostCall, HostMethod,
    HostRequest, InitRunspacePool, Limits, Message, MessageKind, ObjectId, PipelineId,
    PipelineState, PipelineStateInfo, PoolId, RunspacePoolInitData, RunspacePoolState,
    RunspacePoolStateInfo, SessionCapability, Value, Version, clixml,
    message::{BYTE_ORDER_MARK, SetMaxRunspaces},
    split,
};
use runspace::{
    Carrier, ClientConfig, ClientEvent, ClientPool, Ending, Input, Loss, PeerError, PoolLimits,
    PoolState, ServerConfig, ServerEvent, ServerInput, ServerPool, ServerTransmit, Stream, Target,
};

use crate::pair::{Pair, pipeline_id, pool_id};

/// A message that somebody else wrote.
#[derive(Clone)]
struct Forged {
    destination: Destination,
    kind: MessageKind,
    pool: Option<PoolId>,
    pipeline: Option<PipelineId>,
    data: Vec<u8>,
}

impl Forged {
    fn to_server(kind: MessageKind, value: &Value) -> Self {
        Self::new(Destination::Server, kind, value)
    }

    fn to_client(kind: MessageKind, value: &Value) -> Self {
        Self::new(Destination::Client, kind, value)
    }

    fn new(destination: Destination, kind: MessageKind, value: &Value) -> Self {
        let mut data = BytesMut::new();
        if !value.is_null() {
            data.extend_from_slice(BYTE_ORDER_MARK);
            clixml::write(value, &mut data);
        }
        Self {
            destination,
            kind,
            pool: Some(pool_id(1)),
            pipeline: None,
            data: data.to_vec(),
        }
    }

    fn of(mut self, pipeline: PipelineId) -> Self {
        self.pipeline = Some(pipeline);
        self
    }

    fn in_pool(mut self, pool: Option<PoolId>) -> Self {
        self.pool = pool;
        self
    }

    fn saying(mut self, xml: &str) -> Self {
        self.data = xml.as_bytes().to_vec();
        self
    }

    fn message(&self) -> BytesMut {
        let mut out = BytesMut::new();
        let message = Message {
            destination: self.destination,
            kind: self.kind,
            pool: self.pool,
            pipeline: self.pipeline,
            data: &self.data,
        };
        message.encode(&mut out);
        out
    }

    fn packet(&self) -> Bytes {
        fragments(&self.message(), usize::MAX)
    }
}

fn fragments(message: &[u8], max_len: usize) -> Bytes {
    let mut out = BytesMut::new();
    for fragment in split(ObjectId::new(1_000).unwrap(), message, max_len) {
        fragment.encode(&mut out);
    }
    out.freeze()
}

fn fragment(object: u64, index: u64, flags: u8, len: u32, blob: &[u8]) -> Bytes {
    let mut out = Vec::new();
    out.extend(object.to_be_bytes());
    out.extend(index.to_be_bytes());
    out.push(flags);
    out.extend(len.to_be_bytes());
    out.extend(blob);
    out.into()
}

/// Bytes that are no stream of fragments, and what is said about them.
fn broken_streams() -> Vec<(Bytes, &'static str)> {
    vec![
        (
            fragment(0, 0, 3, 2, b"hi"),
            "fragment at byte 0: the ObjectId is zero",
        ),
        (
            fragment(1, 0, 0, 2, b"hi"),
            "fragment: a message goes on that has not begun",
        ),
        (
            fragment(1, 5, 3, 2, b"hi"),
            "fragment: the FragmentId is 5 where 0 is due",
        ),
        (
            fragment(1, 0, 3, 2, b"hi"),
            "message header at byte 2: the input ends too early",
        ),
        (
            fragment(1, 0, 3, 0x7fff_ffff, b""),
            "fragment: 2147483668 is over the limit of 10485760 (message_size)",
        ),
        (
            [fragment(1, 0, 1, 2, b"hi"), fragment(2, 1, 2, 2, b"hi")]
                .concat()
                .into(),
            "fragment: the ObjectId is 2 where 1 is due",
        ),
        (
            [fragment(1, 0, 1, 2, b"hi"), fragment(1, 2, 2, 2, b"hi")]
                .concat()
                .into(),
            "fragment: the FragmentId is 2 where 1 is due",
        ),
        (
            [fragment(1, 0, 1, 2, b"hi"), fragment(2, 0, 3, 2, b"hi")]
                .concat()
                .into(),
            "fragment: a message begins before the last one has ended",
        ),
    ]
}

fn capability(major: u32, minor: u32) -> Value {
    SessionCapability::new(Version::new(major, minor)).to_value()
}

fn set_max(max_runspaces: i32) -> Forged {
    let call = SetMaxRunspaces {
        max_runspaces,
        call: CallId::FIRST,
    };
    Forged::to_server(MessageKind::SetMaxRunspaces, &call.to_value())
}

fn create() -> Forged {
    let create = CreatePipeline::script("1");
    Forged::to_server(MessageKind::CreatePipeline, &create.to_value())
}

// ---- Clients that misbehave ----

fn to_pool(payload: Bytes) -> ServerInput {
    ServerInput::Data {
        target: Target::Pool,
        stream: Stream::Default,
        payload,
    }
}

/// What an open server makes of bytes for its pool: the error, if the pool is broken by it.
fn server_says(payload: Bytes) -> Option<String> {
    let mut pair = Pair::opened_by(Carrier::Push);
    let pipeline = pair.start(7);
    pair.server.handle_input(pair.now, to_pool(payload));
    broken_server(&mut pair, pipeline)
}

fn broken_server(pair: &mut Pair, pipeline: PipelineId) -> Option<String> {
    let mut broken = None;
    while let Some(event) = pair.server.poll_event() {
        if let ServerEvent::PoolBroken { error } = event {
            broken = Some(error.to_string());
        }
    }
    if broken.is_some() {
        assert_eq!(pair.server.state(), PoolState::Broken);
        // The client hears of it, and nothing else works any more.
        pair.drive();
        assert!(matches!(
            pair.heard.last(),
            Some(ClientEvent::PoolBroken { .. } | ClientEvent::PoolClosed)
        ));
        assert_eq!(pair.endings(pipeline).len(), 1);
    } else {
        pair.drive();
        pair.write(pipeline, 1);
        pair.drive();
        assert_eq!(pair.numbers(pipeline), [1]);
    }
    broken
}

#[test]
fn what_is_no_stream_of_fragments_breaks_the_servers_pool() {
    for (bytes, expected) in broken_streams() {
        let said = server_says(bytes).unwrap();
        assert_eq!(
            said,
            format!("the stream of fragments is broken: {expected}")
        );
    }
}

#[test]
fn messages_that_must_not_come_break_the_servers_pool() {
    use MessageKind as Kind;
    let cases = [
        (
            Forged::to_server(Kind::SessionCapability, &capability(2, 3)),
            "SESSION_CAPABILITY is not valid while the pool is open",
        ),
        (
            Forged::to_server(Kind::InitRunspacePool, &InitRunspacePool::new().to_value()),
            "INIT_RUNSPACEPOOL is not valid while the pool is open",
        ),
        (
            Forged::new(Destination::Client, Kind::SetMaxRunspaces, &Value::from(1)),
            "SET_MAX_RUNSPACES is not for this side",
        ),
        (
            set_max(2).in_pool(Some(pool_id(2))),
            "SET_MAX_RUNSPACES is for another pool, \
             Some(PoolId(00000000-0000-0000-0000-000000000002))",
        ),
        (
            set_max(2).in_pool(None),
            "SET_MAX_RUNSPACES is for another pool, None",
        ),
        (
            set_max(2).saying("<Obj RefId=\"0\"><MS><I32 N=\"MaxRunspaces\">2</I32></MS></Obj>"),
            "SET_MAX_RUNSPACES cannot be read: SET_MAX_RUNSPACES: the property ci is missing",
        ),
        (
            set_max(2).saying(""),
            "SET_MAX_RUNSPACES cannot be read: SET_MAX_RUNSPACES at byte 40: there is no value",
        ),
        (
            Forged::to_server(Kind::CloseSession, &Value::Null),
            "the peer sent CLOSE_SESSION",
        ),
        (
            create().of(pipeline_id(9)),
            "CREATE_PIPELINE is for another pipeline than the one it came for",
        ),
        (
            Forged::to_server(Kind::PipelineInput, &Value::from(1)).of(pipeline_id(7)),
            "PIPELINE_INPUT is for another pipeline than the one it came for",
        ),
        (
            Forged::to_server(
                Kind::PublicKey,
                &psrp_codec::PublicKey::from_rsa(&[1; 256], 3).to_value(),
            ),
            "the session key exchange failed: this server has no keys",
        ),
    ];
    for (forged, expected) in cases {
        assert_eq!(server_says(forged.packet()).as_deref(), Some(expected));
    }
}

#[test]
fn messages_that_mean_nothing_are_passed_over_by_the_server() {
    use MessageKind as Kind;
    let cases = [
        Forged::to_server(
            Kind::ConnectRunspacePool,
            &ConnectRunspacePool::default().to_value(),
        ),
        Forged::to_server(Kind::Unknown(0x0001_000f), &Value::from(1)),
        Forged::to_server(Kind::Unknown(0x0002_1fff), &Value::from(1)),
        Forged::to_server(Kind::Unknown(0), &Value::from(1)),
        Forged::to_server(Kind::RunspacePoolState, &Value::from(1)),
        Forged::to_server(
            Kind::RunspacePoolHostResponse,
            &psrp_codec::HostResponse {
                call: CallId::new(77),
                method: HostMethod::ReadLine as i32,
                answer: Ok(psrp_codec::HostAnswer::Null),
            }
            .to_value(),
        ),
    ];
    for forged in cases {
        assert_eq!(server_says(forged.packet()), None);
    }
}

#[test]
fn a_server_that_has_not_heard_versions_hears_nothing_else() {
    for carrier in [Carrier::Push, Carrier::Poll] {
        let mut pair = Pair::new(carrier);
        let init = Forged::to_server(
            MessageKind::InitRunspacePool,
            &InitRunspacePool::new().to_value(),
        );
        pair.server.handle_input(
            pair.now,
            ServerInput::OpenPool {
                first: init.packet(),
            },
        );
        assert!(matches!(
            pair.server.poll_event(),
            Some(ServerEvent::PoolBroken {
                error: PeerError::OutOfOrder { .. }
            })
        ));
        // There is no pool yet whose state could be told.
        assert_eq!(pair.server.outbox_len(Target::Pool), (0, 0));
    }
}

#[test]
fn a_server_says_its_version_even_to_those_it_cannot_serve() {
    let mut server = ServerPool::new(ServerConfig::new(Carrier::Push));
    let now = std::time::Instant::now();
    let forged = Forged::to_server(MessageKind::SessionCapability, &capability(3, 0));
    server.handle_input(now, to_pool(forged.packet()));
    let Some(ServerTransmit::Data { payload, .. }) = server.poll_transmit(10_000) else {
        panic!("the capability goes out");
    };
    assert!(payload.windows(3).any(|window| window == b"2.3"));
    assert_eq!(
        server.poll_transmit(10_000),
        Some(ServerTransmit::PoolClosed)
    );
    let Some(ServerEvent::PoolBroken { error }) = server.poll_event() else {
        panic!("the pool is broken");
    };
    assert_eq!(
        error.to_string(),
        "the peer has protocolversion 3.0, which does not go with 2.3"
    );
}

#[test]
fn a_pool_of_no_runspaces_is_not_opened() {
    for (min, max) in [(0, 1), (1, 0), (2, 1), (-1, -1)] {
        let mut server = ServerPool::new(ServerConfig::new(Carrier::Push));
        let now = std::time::Instant::now();
        let mut init = InitRunspacePool::new();
        (init.min_runspaces, init.max_runspaces) = (min, max);
        let capability = Forged::to_server(MessageKind::SessionCapability, &capability(2, 3));
        let init = Forged::to_server(MessageKind::InitRunspacePool, &init.to_value());
        server.handle_input(now, to_pool(capability.packet()));
        server.handle_input(now, to_pool(init.packet()));
        assert_eq!(
            server.poll_event(),
            Some(ServerEvent::PoolBroken {
                error: PeerError::Runspaces { min, max }
            })
        );
    }
}

/// Sends to a pipeline that runs, and gives what its fault was; the pool goes on in any case.
fn pipeline_fault(no_input: bool, payloads: &[Bytes]) -> Option<String> {
    let mut pair = Pair::opened_by(Carrier::Push);
    let other = pair.start(8);
    let pipeline = pair.start_with(7, no_input);
    for payload in payloads {
        let target = Target::Pipeline(pipeline);
        let stream = Stream::Default;
        let payload = payload.clone();
        pair.server.handle_input(
            pair.now,
            ServerInput::Data {
                target,
                stream,
                payload,
            },
        );
    }
    pair.drive();
    pair.write(other, 1);
    pair.drive();
    assert_eq!(pair.numbers(other), [1]);
    let fault = pair.take_asked().into_iter().find_map(|event| match event {
        ServerEvent::PipelineFaulted {
            pipeline: faulted,
            error,
        } => {
            assert_eq!(faulted, pipeline);
            Some(error.to_string())
        }
        _ => None,
    });
    assert_eq!(
        fault.is_some(),
        matches!(pair.endings(pipeline)[..], [Ending::Failed(Some(_))])
    );
    fault
}

#[test]
fn what_is_wrong_in_a_pipelines_stream_costs_that_pipeline() {
    use MessageKind as Kind;
    for (bytes, expected) in broken_streams() {
        let said = pipeline_fault(true, &[bytes]).unwrap();
        // A pipeline has a total too, which so large a fragment exceeds first.
        let expected = expected.replace(
            "2147483668 is over the limit of 10485760 (message_size)",
            "2147485851 is over the limit of 52428800 (total_size)",
        );
        assert_eq!(
            said,
            format!("the stream of fragments is broken: {expected}")
        );
    }
    let input = || Forged::to_server(Kind::PipelineInput, &Value::from(1)).of(pipeline_id(7));
    let end = || Forged::to_server(Kind::EndOfPipelineInput, &Value::Null).of(pipeline_id(7));
    let cases = [
        (
            vec![create().of(pipeline_id(7))],
            Some("there is a pipeline 00000000-0000-0000-0000-000000000007 already"),
        ),
        (
            vec![create().of(pipeline_id(9))],
            Some("CREATE_PIPELINE is for another pipeline than the one it came for"),
        ),
        (vec![end(), input()], Some("input came after its end")),
        (vec![end(), end()], None),
        (
            vec![input().saying("\u{feff}")],
            Some(
                "PIPELINE_INPUT cannot be read: PIPELINE_INPUT at byte 3: the input ends too early",
            ),
        ),
        (
            vec![Forged::to_server(Kind::Unknown(0x0004_1fff), &Value::Null).of(pipeline_id(7))],
            None,
        ),
    ];
    for (forged, expected) in cases {
        let packets: Vec<_> = forged.iter().map(Forged::packet).collect();
        assert_eq!(pipeline_fault(false, &packets).as_deref(), expected);
    }
    // Input that nobody wants is no fault.
    assert_eq!(
        pipeline_fault(true, &[input().packet(), end().packet(), input().packet()]),
        None
    );
}

#[test]
fn a_pipeline_that_cannot_be_read_fails_and_nobody_runs_it() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let pipeline = pipeline_id(7);
    let first = create()
        .of(pipeline)
        .saying("<Obj RefId=\"0\"><MS></MS></Obj>")
        .packet();
    pair.server
        .handle_input(pair.now, ServerInput::OpenPipeline { pipeline, first });
    assert_eq!(pair.server.poll_event(), None);
    let receive = pair
        .server
        .poll_receive(Target::Pipeline(pipeline), 32_768)
        .unwrap();
    assert!(receive.done);
    assert!(receive.payload.windows(4).any(|window| window == b">5</"));
}

#[test]
fn pipelines_that_cannot_be_are_refused() {
    let mut limits = PoolLimits::default();
    limits.pipelines = 2;
    let mut pair = Pair::with(
        Carrier::Push,
        ClientConfig::default(),
        ServerConfig::new(Carrier::Push).limits(limits),
    );
    pair.open();
    pair.start(7);
    pair.start(8);
    for (number, expected) in [
        (7, PeerError::DuplicatePipeline(pipeline_id(7))),
        (
            9,
            PeerError::TooMany {
                what: "pipelines",
                limit: 2,
            },
        ),
    ] {
        let pipeline = pipeline_id(number);
        let first = Bytes::new();
        pair.server
            .handle_input(pair.now, ServerInput::OpenPipeline { pipeline, first });
        assert_eq!(
            pair.server.poll_transmit(1_000),
            Some(ServerTransmit::PipelineRefused {
                pipeline,
                error: expected
            })
        );
    }
    let mut server = ServerPool::new(ServerConfig::new(Carrier::Push));
    let pipeline = pipeline_id(7);
    let first = Bytes::new();
    server.handle_input(pair.now, ServerInput::OpenPipeline { pipeline, first });
    let error = PeerError::NotReady(PoolState::BeforeOpen);
    assert_eq!(
        server.poll_transmit(1_000),
        Some(ServerTransmit::PipelineRefused { pipeline, error })
    );
}

#[test]
fn a_pipeline_may_not_be_sent_more_than_its_total() {
    let mut limits = PoolLimits::default();
    limits.pipeline_total = Some(20_000);
    let mut pair = Pair::with(
        Carrier::Push,
        ClientConfig::default(),
        ServerConfig::new(Carrier::Push).limits(limits),
    );
    pair.open();
    let pipeline = pair.start_with(7, false);
    let value = Value::from("x".repeat(6_000));
    for _ in 0..3 {
        pair.client.send_input(pipeline, &value).unwrap();
        pair.drive();
    }
    assert!(matches!(
        pair.endings(pipeline)[..],
        [Ending::Failed(Some(_))]
    ));
    assert_eq!(pair.server.state(), PoolState::Opened);
}

#[test]
fn a_stop_by_message_is_honoured() {
    let mut pair = Pair::opened_by(Carrier::Push);
    let pipeline = pair.start(7);
    let stop = Forged::to_server(MessageKind::StopPipeline, &Value::Null).of(pipeline);
    let target = Target::Pipeline(pipeline);
    let (stream, payload) = (Stream::Default, stop.packet());
    pair.server.handle_input(
        pair.now,
        ServerInput::Data {
            target,
            stream,
            payload,
        },
    );
    pair.drive();
    assert_eq!(pair.endings(pipeline), [Ending::Stopped(None)]);
}

#[test]
fn a_connect_that_is_not_two_whole_messages_is_refused() {
    use MessageKind as Kind;
    let hello = Forged::to_server(Kind::SessionCapability, &capability(2, 3));
    let sized = |min, max| {
        let sizes = ConnectRunspacePool {
            min_runspaces: Some(min),
            max_runspaces: Some(max),
        };
        Forged::to_server(Kind::ConnectRunspacePool, &sizes.to_value())
    };
    let connect = sized(1, 1);
    let both = |a: &Forged, b: &Forged| Bytes::from([a.packet(), b.packet()].concat());
    let good = both(&hello, &connect);
    let mut pair = Pair::opened_by(Carrier::Poll);
    let pipeline = pair.start(7);
    let mut answer = |payload: Bytes| {
        pair.server
            .handle_input(pair.now, ServerInput::ConnectPool { payload });
        match pair.server.poll_transmit(1_000) {
            Some(ServerTransmit::ConnectRefused { error }) => Err(error),
            Some(ServerTransmit::PoolConnected { .. }) => Ok(()),
            other => panic!("{other:?}"),
        }
    };
    for len in 0..good.len() {
        assert!(answer(good.slice(..len)).is_err(), "cut at {len}");
    }
    let halves = [
        fragments(&hello.message(), hello.message().len() / 2),
        connect.packet(),
    ];
    for (payload, expected) in [
        (
            both(&connect, &hello),
            "the connect payload is not SESSION_CAPABILITY",
        ),
        (
            both(&hello, &hello),
            "the connect payload is not CONNECT_RUNSPACEPOOL",
        ),
        (
            Bytes::from([&good[..], b"x"].concat()),
            "the connect payload is not two messages and nothing more",
        ),
        (
            halves.concat().into(),
            "the connect payload is not of single fragments",
        ),
        (
            both(&hello, &sized(2, 5)),
            "a pool of 2 to 5 runspaces cannot be",
        ),
        (
            both(&hello, &sized(0, 1)),
            "a pool of 0 to 1 runspaces cannot be",
        ),
        (
            both(
                &Forged::to_server(Kind::SessionCapability, &capability(2, 1)),
                &connect,
            ),
            "protocol 2.1 cannot connect to a pool that is there",
        ),
        (
            both(
                &Forged::to_client(Kind::SessionCapability, &capability(2, 3)),
                &connect,
            ),
            "SESSION_CAPABILITY is not for this side",
        ),
    ] {
        assert_eq!(answer(payload).unwrap_err().to_string(), expected);
    }
    assert_eq!(answer(both(&hello, &sized(1, 9))), Ok(()));
    // The refused ones left no trace.
    pair.write(pipeline, 1);
    pair.drive();
    assert_eq!(pair.numbers(pipeline), [1]);
}

// ---- Servers that misbehave ----

/// What an open client makes of bytes for its pool.
fn client_says(target: Target, payload: Bytes) -> (Pair, Option<Loss>) {
    let mut pair = Pair::opened_by(Carrier::Push);
    pair.start(7);
    pair.client
        .handle_input(pair.now, Input::Data { target, payload });
    pair.events();
    let loss = pair.heard.iter().find_map(|event| match event {
        ClientEvent::PoolBroken { loss } => Some(loss.clone()),
        _ => None,
    });
    (pair, loss)
}

#[test]
fn what_is_no_stream_of_fragments_breaks_the_clients_pool() {
    for (bytes, expected) in broken_streams() {
        let (mut pair, loss) = client_says(Target::Pool, bytes);
        let expected = format!("the stream of fragments is broken: {expected}");
        assert_eq!(loss.unwrap().to_string(), expected);
        assert_eq!(pair.endings(pipeline_id(7)).len(), 1);
        // The last word: the server is told to close what is left.
        pair.drive();
        assert_eq!(pair.server.state(), PoolState::Closed);
    }
}

#[test]
fn messages_that_must_not_come_break_the_clients_pool() {
    use MessageKind as Kind;
    let cases = [
        (
            Forged::to_client(Kind::SessionCapability, &capability(2, 3)),
            "SESSION_CAPABILITY is not valid while the pool is open",
        ),
        (
            Forged::to_client(Kind::InitRunspacePool, &Value::from(1)),
            "INIT_RUNSPACEPOOL is not valid while the pool is open",
        ),
        (
            Forged::to_client(Kind::Unknown(0x0001_000f), &Value::from(1)),
            "unknown message 0x0001000f is not valid while the pool is open",
        ),
        (set_max(1), "SET_MAX_RUNSPACES is not for this side"),
        (
            Forged::to_client(Kind::RunspacePoolState, &Value::from("x")),
            "RUNSPACEPOOL_STATE cannot be read: RUNSPACEPOOL_STATE: the property (value) is a S, not a Obj",
        ),
    ];
    for (forged, expected) in cases {
        let (_, loss) = client_says(Target::Pool, forged.packet());
        assert_eq!(loss.unwrap().to_string(), expected);
    }
}

#[test]
fn messages_that_mean_nothing_are_passed_over_by_the_client() {
    use MessageKind as Kind;
    let opened = RunspacePoolStateInfo::new(RunspacePoolState::Opened).to_value();
    let broken = RunspacePoolStateInfo::new(RunspacePoolState::Broken).to_value();
    let answer = psrp_codec::RunspaceAvailability {
        response: psrp_codec::message::AvailabilityResponse::Done(true),
        call: CallId::new(99),
    };
    let cases = [
        Forged::to_client(Kind::RunspacePoolState, &opened),
        Forged::to_client(Kind::RunspacePoolState, &broken).in_pool(Some(pool_id(2))),
        Forged::to_client(Kind::RunspaceAvailability, &answer.to_value()),
        Forged::to_client(Kind::PipelineOutput, &Value::from(1)),
        Forged::to_client(Kind::PipelineOutput, &Value::from(1)).of(pipeline_id(99)),
        Forged::to_client(Kind::EncryptedSessionKey, &Value::from(1)).in_pool(None),
        Forged::to_client(Kind::PublicKeyRequest, &Value::from("")).in_pool(None),
        Forged::to_client(Kind::Unknown(0x0002_1fff), &Value::from(1)),
        Forged::to_client(Kind::Unknown(0), &Value::from(1)),
    ];
    for forged in cases {
        let (mut pair, loss) = client_says(Target::Pool, forged.packet());
        assert_eq!((loss, pair.take_heard()), (None, vec![]));
        pair.write(pipeline_id(7), 1);
        pair.drive();
        assert_eq!(pair.numbers(pipeline_id(7)), [1]);
    }
}

#[test]
fn a_server_that_breaks_a_pipelines_stream_loses_that_pipeline() {
    use MessageKind as Kind;
    let pipeline = pipeline_id(7);
    let mut cases: Vec<_> = broken_streams()
        .into_iter()
        .map(|(bytes, _)| bytes)
        .collect();
    cases.extend([
        Forged::to_client(Kind::PipelineState, &Value::from(1))
            .of(pipeline)
            .packet(),
        Forged::to_client(Kind::PipelineHostCall, &Value::from(1))
            .of(pipeline)
            .packet(),
        Forged::to_client(Kind::PipelineOutput, &Value::Null)
            .of(pipeline)
            .saying("\u{feff}")
            .packet(),
    ]);
    let call = |number| {
        let request = HostRequest::Plain(HostMethod::ReadLine);
        let call = HostCall {
            call: CallId::new(number),
            request,
        };
        Forged::to_client(Kind::PipelineHostCall, &call.to_value())
            .of(pipeline)
            .packet()
    };
    let calls: Vec<_> = (0..65).map(call).collect();
    cases.push(calls.concat().into());
    for bytes in cases {
        let (mut pair, loss) = client_says(Target::Pipeline(pipeline), bytes);
        assert_eq!(loss, None);
        assert!(matches!(
            pair.endings(pipeline)[..],
            [Ending::Lost(Loss::Peer(_))]
        ));
        // It is closed at the server, and the pool is as good as ever.
        pair.drive();
        assert_eq!(pair.server.pipelines().count(), 0);
        pair.start(8);
    }
}

#[test]
fn a_client_that_has_not_heard_versions_hears_nothing_else() {
    use MessageKind as Kind;
    let opened = RunspacePoolStateInfo::new(RunspacePoolState::Opened).to_value();
    let cases = [
        (
            Forged::to_client(Kind::RunspacePoolState, &opened),
            "RUNSPACEPOOL_STATE is not valid while the pool is opening",
        ),
        (
            Forged::to_client(Kind::SessionCapability, &capability(2, 4)),
            "the peer has protocolversion 2.4, which does not go with 2.3",
        ),
    ];
    for (forged, expected) in cases {
        let mut pair = Pair::new(Carrier::Push);
        pair.client.open(pair.now).unwrap();
        assert!(pair.client.poll_transmit(32_768).is_some());
        let payload = forged.packet();
        pair.client.handle_input(
            pair.now,
            Input::Data {
                target: Target::Pool,
                payload,
            },
        );
        pair.events();
        let heard = pair.take_heard();
        let [ClientEvent::PoolBroken { loss }] = &heard[..] else {
            panic!("{heard:?}");
        };
        assert_eq!(loss.to_string(), expected);
    }
}

#[test]
fn a_connect_response_that_is_not_its_two_messages_breaks_the_pool() {
    use MessageKind as Kind;
    let hello = Forged::to_client(Kind::SessionCapability, &capability(2, 3));
    let data = RunspacePoolInitData {
        min_runspaces: 5,
        max_runspaces: 1,
    };
    let data = Forged::to_client(Kind::RunspacePoolInitData, &data.to_value());
    let both = |a: &Forged, b: &Forged| Bytes::from([a.packet(), b.packet()].concat());
    let answered = |payload: Bytes| {
        let config = ClientConfig::default().transport_can_disconnect(true);
        let mut client = ClientPool::new(config, pool_id(1));
        let now = std::time::Instant::now();
        client.connect(now, []).unwrap();
        assert!(client.poll_transmit(32_768).is_some());
        client.handle_input(now, Input::PoolConnected { payload });
        (client.state(), client.runspaces())
    };
    let good = both(&hello, &data);
    for len in 0..good.len() {
        assert_eq!(
            answered(good.slice(..len)).0,
            PoolState::Broken,
            "cut at {len}"
        );
    }
    assert_eq!(answered(both(&data, &hello)).0, PoolState::Broken);
    let old = Forged::to_client(Kind::SessionCapability, &capability(2, 1));
    assert_eq!(answered(both(&old, &data)).0, PoolState::Broken);
    // PowerShell swaps the sizes.
    assert_eq!(answered(good), (PoolState::Connecting, (1, 5)));
}

#[test]
fn a_pipeline_that_ends_without_a_word_is_lost() {
    for input in [
        Input::PipelineDone {
            pipeline: pipeline_id(7),
        },
        Input::PipelineClosed {
            pipeline: pipeline_id(7),
        },
    ] {
        let mut pair = Pair::opened_by(Carrier::Poll);
        let pipeline = pair.start(7);
        pair.client.handle_input(pair.now, input);
        pair.events();
        assert_eq!(pair.endings(pipeline), [Ending::Lost(Loss::NoEnd)]);
    }
}

#[test]
fn states_that_no_server_sends_do_nothing() {
    for state in [
        PipelineState::Running,
        PipelineState::Stopping,
        PipelineState::Other(77),
    ] {
        let info = PipelineStateInfo::new(state).to_value();
        let forged = Forged::to_client(MessageKind::PipelineState, &info).of(pipeline_id(7));
        let (pair, loss) = client_says(Target::Pipeline(pipeline_id(7)), forged.packet());
        assert_eq!((loss, pair.endings(pipeline_id(7))), (None, vec![]));
    }
}

#[test]
fn every_message_cut_short_is_an_error_and_not_a_panic() {
    let limits = Limits::default();
    let whole = create().of(pipeline_id(7));
    for len in 0..whole.data.len() {
        let mut cut = whole.clone();
        cut.data.truncate(len);
        let mut server = Pair::opened_by(Carrier::Push);
        let pipeline = pipeline_id(7);
        let first = cut.packet();
        server
            .server
            .handle_input(server.now, ServerInput::OpenPipeline { pipeline, first });
        assert_eq!(server.server.poll_event(), None, "cut at {len}");
        assert!(server.server.pipelines().all(|(_, has_ended)| has_ended));
    }
    assert!(clixml::read(&whole.data, &limits).is_ok());
}
