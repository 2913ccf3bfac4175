use psrp_codec::{
    CreatePipeline, GetCommandMetadata, Limits, PipelineState, PipelineStateInfo, Value,
};
use runspace::{
    Carrier, ClientConfig, ClientEvent, Ending, MisuseError, OutputStream, PoolLimits,
    ProtocolVersion, ServerConfig, ServerEvent, Target, Transmit,
};

use crate::pair::{Pair, pipeline_id};

#[test]
fn output_of_every_stream_comes_in_order_and_then_the_end() {
    const STREAMS: [OutputStream; 7] = [
        OutputStream::Output,
        OutputStream::Error,
        OutputStream::Warning,
        OutputStream::Verbose,
        OutputStream::Debug,
        OutputStream::Progress,
        OutputStream::Information,
    ];
    for mut pair in Pair::opened() {
        let pipeline = pair.start(7);
        for stream in STREAMS {
            pair.server
                .output(pipeline, stream, &Value::from("a"))
                .unwrap();
        }
        pair.server
            .output(pipeline, OutputStream::Output, &Value::Null)
            .unwrap();
        pair.complete(pipeline);
        pair.drive();
        let heard = pair.take_heard();
        let streams: Vec<_> = heard
            .iter()
            .filter_map(|event| match event {
                ClientEvent::PipelineOutput { stream, value, .. } => {
                    Some((*stream, value.is_some()))
                }
                _ => None,
            })
            .collect();
        let mut expected: Vec<_> = STREAMS.map(|stream| (stream, true)).to_vec();
        expected.push((OutputStream::Output, false));
        assert_eq!(streams, expected);
        let how = Ending::Completed;
        assert_eq!(
            heard.last(),
            Some(&ClientEvent::PipelineEnded { pipeline, how })
        );
        // Closed on both sides.
        assert_eq!(pair.client.pipelines().count(), 0);
        assert_eq!(pair.server.pipelines().count(), 0);
    }
}

#[test]
fn large_objects_cross_small_packets_both_ways() {
    let text = "x".repeat(100_000);
    for mut pair in Pair::opened() {
        pair.max_len = 1_000;
        let pipeline = pipeline_id(7);
        let mut create = CreatePipeline::script(text.as_str());
        create.no_input = false;
        pair.client.create_pipeline(pipeline, &create).unwrap();
        pair.client
            .send_input(pipeline, &Value::from(text.as_str()))
            .unwrap();
        pair.client.close_input(pipeline).unwrap();
        pair.drive();
        let asked = pair.take_asked();
        let [
            ServerEvent::PipelineCreated { create: got, .. },
            ServerEvent::PipelineInput {
                value: Some(input), ..
            },
            ServerEvent::InputEnded { .. },
        ] = &asked[..]
        else {
            panic!("{asked:?}");
        };
        assert_eq!(**got, create);
        assert_eq!(
            input.decode(&Limits::default()).unwrap().as_str(),
            Some(text.as_str())
        );
        pair.server
            .output(pipeline, OutputStream::Output, &Value::from(text.as_str()))
            .unwrap();
        pair.complete(pipeline);
        pair.drive();
        let heard = pair.take_heard();
        let [
            ClientEvent::PipelineOutput {
                value: Some(value), ..
            },
            _,
        ] = &heard[..]
        else {
            panic!("{heard:?}");
        };
        assert_eq!(
            value.decode(&Limits::default()).unwrap().as_str(),
            Some(text.as_str())
        );
    }
}

#[test]
fn several_pipelines_run_at_once() {
    for mut pair in Pair::opened() {
        let pipelines = [7, 8, 9].map(|number| pair.start(number));
        for round in 0..10 {
            for pipeline in pipelines {
                pair.write(pipeline, round);
            }
            pair.drive();
        }
        for pipeline in pipelines {
            pair.complete(pipeline);
        }
        pair.drive();
        for pipeline in pipelines {
            assert_eq!(pair.numbers(pipeline), (0..10).collect::<Vec<_>>());
            assert_eq!(pair.endings(pipeline), [Ending::Completed]);
        }
    }
}

#[test]
fn pipelines_take_turns_in_transmitting() {
    let mut pair = Pair::opened_by(Carrier::Push);
    let pipelines = [7, 8].map(|number| pair.start_with(number, false));
    for _ in 0..3 {
        for pipeline in pipelines {
            pair.client
                .send_input(pipeline, &Value::from("x".repeat(50)))
                .unwrap();
        }
    }
    let mut order = Vec::new();
    while let Some(transmit) = pair.client.poll_transmit(150) {
        if let Transmit::Data { target, .. } = &transmit {
            order.push(*target);
        }
        pair.carry(transmit);
    }
    let [a, b] = pipelines.map(Target::Pipeline);
    assert_eq!(order, [a, b, a, b, a, b]);
}

#[test]
fn a_target_waits_until_its_last_bytes_are_accepted() {
    let mut pair = Pair::opened_by(Carrier::Push);
    let pipeline = pair.start_with(7, false);
    for number in 0..3 {
        pair.client
            .send_input(pipeline, &Value::from(number))
            .unwrap();
    }
    let first = pair.client.poll_transmit(100).unwrap();
    assert!(matches!(first, Transmit::Data { .. }));
    assert_eq!(pair.client.poll_transmit(100), None);
    pair.carry(first);
    assert!(pair.client.poll_transmit(100).is_some());
}

#[test]
fn a_stopped_pipeline_ends_exactly_once() {
    for mut pair in Pair::opened() {
        let pipeline = pair.start(7);
        pair.client.stop(pair.now, pipeline).unwrap();
        pair.client.stop(pair.now, pipeline).unwrap();
        pair.drive();
        assert_eq!(pair.endings(pipeline), [Ending::Stopped(None)]);
        assert_eq!(pair.client.poll_timeout(), None);
        assert_eq!(pair.server.poll_timeout(), None);
        assert_eq!(
            pair.client.stop(pair.now, pipeline),
            Err(MisuseError::UnknownPipeline(pipeline))
        );
    }
}

#[test]
fn a_pipeline_that_ends_while_it_is_stopped_counts_as_stopped() {
    for mut pair in Pair::opened() {
        let pipeline = pair.start(7);
        pair.write(pipeline, 1);
        pair.complete(pipeline);
        pair.client.stop(pair.now, pipeline).unwrap();
        pair.drive();
        assert_eq!(pair.endings(pipeline), [Ending::Stopped(None)]);
        assert_eq!(pair.numbers(pipeline), [1]);
    }
}

#[test]
fn a_pipeline_that_nobody_has_heard_of_is_stopped_without_a_word() {
    for mut pair in Pair::opened() {
        let pipeline = pipeline_id(7);
        pair.client
            .create_pipeline(pipeline, &CreatePipeline::script("1"))
            .unwrap();
        pair.client.stop(pair.now, pipeline).unwrap();
        assert_eq!(pair.client.poll_transmit(1_000), None);
        pair.drive();
        assert_eq!(pair.endings(pipeline), [Ending::Stopped(None)]);
    }
}

#[test]
fn input_is_refused_where_there_is_none() {
    for mut pair in Pair::opened() {
        let without = pair.start(7);
        let value = Value::from(1);
        assert_eq!(
            pair.client.send_input(without, &value),
            Err(MisuseError::NoInput(without))
        );
        assert_eq!(
            pair.client.close_input(without),
            Err(MisuseError::NoInput(without))
        );
        let with = pair.start_with(8, false);
        pair.client.close_input(with).unwrap();
        pair.client.close_input(with).unwrap();
        assert_eq!(
            pair.client.send_input(with, &value),
            Err(MisuseError::NoInput(with))
        );
        pair.drive();
        assert_eq!(
            pair.take_asked(),
            [ServerEvent::InputEnded { pipeline: with }]
        );
    }
}

#[test]
fn full_outboxes_say_so_on_both_sides() {
    let mut limits = PoolLimits::default();
    limits.outbox_messages = 3;
    let carrier = Carrier::Poll;
    let mut pair = Pair::with(
        carrier,
        ClientConfig::default().limits(limits.clone()),
        ServerConfig::new(carrier).limits(limits),
    );
    pair.open();
    let pipeline = pair.start_with(7, false);
    let target = Target::Pipeline(pipeline);
    for number in 0..3 {
        assert!(!pair.server.is_full(target) && !pair.client.is_full(pipeline));
        pair.write(pipeline, number);
        pair.client
            .send_input(pipeline, &Value::from(number))
            .unwrap();
    }
    assert!(pair.server.is_full(target) && pair.client.is_full(pipeline));
    let value = Value::from(3);
    assert_eq!(
        pair.server.output(pipeline, OutputStream::Output, &value),
        Err(MisuseError::OutboxFull)
    );
    assert_eq!(
        pair.client.send_input(pipeline, &value),
        Err(MisuseError::OutboxFull)
    );
    // The state goes out all the same.
    pair.complete(pipeline);
    pair.drive();
    assert_eq!(pair.numbers(pipeline), [0, 1, 2]);
    assert_eq!(pair.endings(pipeline), [Ending::Completed]);
}

#[test]
fn command_metadata_comes_as_output() {
    for mut pair in Pair::opened() {
        let pipeline = pipeline_id(7);
        let request = GetCommandMetadata::named(["Get-*"]);
        pair.client
            .get_command_metadata(pipeline, &request)
            .unwrap();
        pair.drive();
        let asked = pair.take_asked();
        let [ServerEvent::CommandMetadataRequested { request: got, .. }] = &asked[..] else {
            panic!("{asked:?}");
        };
        assert_eq!(**got, request);
        pair.write(pipeline, 0);
        pair.complete(pipeline);
        pair.drive();
        assert_eq!(pair.numbers(pipeline), [0]);
        assert_eq!(pair.endings(pipeline), [Ending::Completed]);
    }
}

#[test]
fn information_is_not_for_clients_before_2_3() {
    let carrier = Carrier::Push;
    let mut pair = Pair::with(
        carrier,
        ClientConfig::default().protocol(ProtocolVersion::V2_2),
        ServerConfig::new(carrier),
    );
    pair.open();
    let pipeline = pair.start(7);
    let value = Value::from(1);
    pair.server
        .output(pipeline, OutputStream::Information, &value)
        .unwrap();
    pair.server
        .output(pipeline, OutputStream::Verbose, &value)
        .unwrap();
    pair.drive();
    assert_eq!(pair.numbers(pipeline).len(), 1);
}

#[test]
fn a_pipeline_of_a_pool_that_is_opening_waits_for_it() {
    let mut pair = Pair::new(Carrier::Poll);
    pair.answers = false;
    pair.client.open(pair.now).unwrap();
    pair.drive();
    pair.take_asked();
    // Our client waits; another may not.
    let mut other = Pair::opened_by(Carrier::Poll);
    other
        .client
        .create_pipeline(pipeline_id(7), &CreatePipeline::script("1"))
        .unwrap();
    let Some(transmit) = other.client.poll_transmit(10_000) else {
        panic!("a pipeline is opened");
    };
    pair.carry(transmit);
    pair.drive();
    assert_eq!(pair.take_asked(), []);
    let data = psrp_codec::ApplicationPrivateData { data: Value::Null };
    pair.server.opened(data).unwrap();
    pair.drive();
    assert!(matches!(
        pair.take_asked()[..],
        [ServerEvent::PipelineCreated { .. }]
    ));
}

#[test]
fn the_end_of_a_pipeline_is_told_once_and_nothing_comes_after() {
    for mut pair in Pair::opened() {
        let pipeline = pair.start(7);
        let running = PipelineStateInfo::new(PipelineState::Running);
        assert_eq!(
            pair.server.pipeline_ended(pipeline, &running),
            Err(MisuseError::NotAnEnd)
        );
        pair.complete(pipeline);
        let info = PipelineStateInfo::new(PipelineState::Failed);
        assert_eq!(
            pair.server.pipeline_ended(pipeline, &info),
            Err(MisuseError::PipelineEnded(pipeline))
        );
        assert_eq!(
            pair.server
                .output(pipeline, OutputStream::Output, &Value::from(1)),
            Err(MisuseError::PipelineEnded(pipeline))
        );
        pair.drive();
        assert_eq!(pair.take_heard().len(), 1);
    }
}
