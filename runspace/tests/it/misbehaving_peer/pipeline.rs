//! Clients that misbehave towards a pipeline.

use bytes::Bytes;
use psrp_codec::{Limits, MessageKind, PipelineId, Value, clixml};
use runspace::{
    Carrier, ClientConfig, Ending, PeerError, PoolLimits, PoolState, ServerConfig, ServerEvent,
    ServerInput, ServerPool, ServerTransmit, Stream, Target,
};

use super::{Forged, broken_streams, create};
use crate::pair::{Pair, pipeline_id};

fn to_pipeline(pipeline: PipelineId, payload: Bytes) -> ServerInput {
    ServerInput::Data {
        target: Target::Pipeline(pipeline),
        stream: Stream::Default,
        payload,
    }
}

/// Sends to a pipeline that runs, and gives what its fault was; the pool goes on in any case.
fn pipeline_fault(no_input: bool, payloads: &[Bytes]) -> Option<String> {
    let mut pair = Pair::opened_by(Carrier::Push);
    let other = pair.start(8);
    let pipeline = pair.start_with(7, no_input);
    for payload in payloads {
        let input = to_pipeline(pipeline, payload.clone());
        pair.server.handle_input(pair.now, input);
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
    let input = to_pipeline(pipeline, stop.packet());
    pair.server.handle_input(pair.now, input);
    pair.drive();
    assert_eq!(pair.endings(pipeline), [Ending::Stopped(None)]);
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
