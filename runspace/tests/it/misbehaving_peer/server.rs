//! Servers that misbehave.

use bytes::Bytes;
use psrp_codec::{
    CallId, HostCall, HostMethod, HostRequest, MessageKind, PipelineState, PipelineStateInfo,
    RunspacePoolInitData, RunspacePoolState, RunspacePoolStateInfo, Value,
};
use runspace::{
    Carrier, ClientConfig, ClientEvent, ClientPool, Ending, Input, Loss, PoolState, Target,
};

use super::{Forged, broken_streams, capability, set_max};
use crate::pair::{Pair, pipeline_id, pool_id};

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
