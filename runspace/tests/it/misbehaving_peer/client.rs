//! Clients that misbehave towards a pool.

use bytes::Bytes;
use psrp_codec::{
    CallId, ConnectRunspacePool, Destination, HostMethod, InitRunspacePool, MessageKind,
    PipelineId, Value,
};
use runspace::{
    Carrier, ClientEvent, PeerError, PoolState, ServerConfig, ServerEvent, ServerInput, ServerPool,
    ServerTransmit, Stream, Target,
};

use super::{Forged, broken_streams, capability, create, fragments, set_max};
use crate::pair::{Pair, pipeline_id, pool_id};

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
