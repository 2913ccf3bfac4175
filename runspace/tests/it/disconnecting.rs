use psrp_codec::{HostMethod, HostRequest, PipelineState, Value};
use runspace::{
    BufferMode, Carrier, ClientConfig, ClientEvent, Ending, Input, Loss, MisuseError, OutputStream,
    PeerError, PoolLimits, PoolState, ProtocolVersion, ServerConfig, ServerEvent, ServerInput,
    Stream, Target, Transmit,
};

use crate::pair::{Pair, numbers, pipeline_id};

#[test]
fn a_pipeline_goes_on_while_its_client_is_away() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let pipeline = pair.start(7);
    pair.write(pipeline, 1);
    pair.drive();
    pair.client.disconnect(pair.now).unwrap();
    pair.drive();
    assert_eq!(pair.client.state(), PoolState::Disconnected);
    assert_eq!(
        pair.client.pipeline_state(pipeline),
        Some(PipelineState::Disconnected)
    );
    assert_eq!(pair.take_asked(), [ServerEvent::Disconnected]);
    pair.write(pipeline, 2);
    pair.complete(pipeline);
    pair.drive();
    assert_eq!(pair.numbers(pipeline), [1]);
    pair.client.reconnect(pair.now).unwrap();
    pair.drive();
    assert_eq!(pair.numbers(pipeline), [1, 2]);
    assert_eq!(pair.endings(pipeline), [Ending::Completed]);
    assert_eq!(pair.take_asked(), [ServerEvent::Reconnected]);
    assert_eq!(pair.client.poll_timeout(), None);
}

#[test]
fn another_client_gets_what_the_first_has_not_confirmed() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let pipeline = pair.start(7);
    for number in 0..3 {
        pair.write(pipeline, number);
        pair.drive();
    }
    assert_eq!(pair.numbers(pipeline), [0, 1, 2]);
    pair.write(pipeline, 3);
    // The answer leaves the server, and the client dies before it asks again.
    let lost = pair
        .server
        .poll_receive(Target::Pipeline(pipeline), 32_768)
        .unwrap();
    assert!(!lost.payload.is_empty());
    pair.take_heard();
    pair.replace_client();
    pair.write(pipeline, 4);
    pair.client.connect(pair.now, [pipeline]).unwrap();
    pair.drive();
    assert_eq!(
        pair.heard[..2],
        [
            ClientEvent::PoolOpened,
            ClientEvent::PipelineConnected { pipeline }
        ]
    );
    assert_eq!(pair.numbers(pipeline), [3, 4]);
    pair.complete(pipeline);
    pair.drive();
    assert_eq!(pair.endings(pipeline), [Ending::Completed]);
    assert_eq!(pair.server.pipelines().count(), 0);
}

#[test]
fn a_client_that_is_lost_leaves_what_it_has_not_confirmed() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let pipeline = pair.start(7);
    pair.write(pipeline, 1);
    pair.drive();
    pair.write(pipeline, 2);
    let _unread = pair.server.poll_receive(Target::Pipeline(pipeline), 32_768);
    pair.server.handle_input(pair.now, ServerInput::ClientLost);
    assert_eq!(pair.server.state(), PoolState::Disconnected);
    pair.replace_client();
    pair.take_heard();
    pair.client.connect(pair.now, [pipeline]).unwrap();
    pair.drive();
    assert_eq!(pair.numbers(pipeline), [2]);
}

#[test]
fn a_pipeline_that_was_not_on_its_way_starts_after_the_reconnect() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let pipeline = pipeline_id(7);
    let create = psrp_codec::CreatePipeline::script("1");
    pair.client.create_pipeline(pipeline, &create).unwrap();
    pair.client.disconnect(pair.now).unwrap();
    pair.drive();
    assert_eq!(pair.server.pipelines().count(), 0);
    pair.client.reconnect(pair.now).unwrap();
    pair.drive();
    assert_eq!(
        pair.client.pipeline_state(pipeline),
        Some(PipelineState::Running)
    );
    pair.write(pipeline, 1);
    pair.complete(pipeline);
    pair.drive();
    assert_eq!(pair.numbers(pipeline), [1]);
}

#[test]
fn a_message_that_the_first_client_got_half_of_comes_whole_to_the_second() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let pipeline = pair.start(7);
    let text = "x".repeat(1_000);
    let value = Value::from(text.as_str());
    pair.server
        .output(pipeline, OutputStream::Output, &value)
        .unwrap();
    pair.max_len = 300;
    assert!(pair.receive(Target::Pipeline(pipeline)));
    assert!(pair.receive(Target::Pipeline(pipeline)));
    pair.replace_client();
    pair.client.connect(pair.now, [pipeline]).unwrap();
    pair.drive();
    let outputs = pair.heard.iter().filter(|event| {
        matches!(event, ClientEvent::PipelineOutput { value: Some(value), .. }
            if value.as_bytes().len() > 1_000)
    });
    assert_eq!(outputs.count(), 1);
}

#[test]
fn an_ended_pipeline_waits_for_somebody_to_hear_of_it() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let pipeline = pair.start(7);
    pair.client.disconnect(pair.now).unwrap();
    pair.drive();
    pair.write(pipeline, 1);
    pair.complete(pipeline);
    pair.replace_client();
    pair.take_heard();
    pair.client.connect(pair.now, [pipeline]).unwrap();
    pair.drive();
    assert_eq!(pair.numbers(pipeline), [1]);
    assert_eq!(pair.endings(pipeline), [Ending::Completed]);
}

#[test]
fn an_answer_that_got_lost_is_given_again_to_the_client_that_is_still_there() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let pipeline = pair.start(7);
    let target = Target::Pipeline(pipeline);
    pair.write(pipeline, 1);
    let lost = pair.server.poll_receive(target, 32_768).unwrap();
    pair.server.rewind(target);
    let again = pair.server.poll_receive(target, 32_768).unwrap();
    assert_eq!(lost, again);
}

#[test]
fn a_client_that_lost_its_connection_gets_nothing_twice() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let pipeline = pair.start(7);
    pair.write(pipeline, 1);
    // Read, but the next receive never reached the server.
    assert!(pair.receive(Target::Pipeline(pipeline)));
    pair.break_connection();
    pair.events();
    assert_eq!(pair.client.state(), PoolState::Disconnected);
    pair.write(pipeline, 2);
    pair.client.reconnect(pair.now).unwrap();
    pair.drive();
    assert_eq!(pair.numbers(pipeline), [1, 2]);
}

#[test]
fn a_new_client_ends_the_input_of_the_old_one() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let open = pair.start_with(7, false);
    let none = pair.start_with(8, true);
    let half = Value::from("x".repeat(1_000));
    pair.client.send_input(open, &half).unwrap();
    pair.max_len = 500;
    // Half of a message is at the server when the client dies.
    assert!(pair.client_to_server());
    pair.replace_client();
    pair.client.connect(pair.now, [open, none]).unwrap();
    pair.drive();
    assert_eq!(
        pair.take_asked(),
        [
            ServerEvent::Connected,
            ServerEvent::InputEnded { pipeline: open }
        ]
    );
    pair.complete(open);
    pair.complete(none);
    pair.drive();
    assert_eq!(pair.endings(open), [Ending::Completed]);
    assert_eq!(pair.endings(none), [Ending::Completed]);
}

#[test]
fn an_unanswered_host_call_is_put_to_the_next_client() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let pipeline = pair.start(7);
    let target = Target::Pipeline(pipeline);
    let request = HostRequest::Plain(HostMethod::ReadLine);
    let call = pair.server.host_call(target, request).unwrap();
    pair.drive();
    pair.replace_client();
    pair.take_heard();
    pair.client.connect(pair.now, [pipeline]).unwrap();
    pair.drive();
    let calls: Vec<_> = pair
        .heard
        .iter()
        .filter_map(|event| match event {
            ClientEvent::HostCall { call, .. } => Some(*call),
            _ => None,
        })
        .collect();
    assert_eq!(calls, [call]);
}

#[test]
fn disconnecting_waits_for_what_is_on_its_way() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let pipeline = pair.start_with(7, false);
    pair.client.send_input(pipeline, &Value::from(1)).unwrap();
    let data = pair.client.poll_transmit(32_768).unwrap();
    pair.client.send_input(pipeline, &Value::from(2)).unwrap();
    pair.client.disconnect(pair.now).unwrap();
    assert_eq!(pair.client.poll_transmit(32_768), None);
    pair.carry(data);
    assert_eq!(
        pair.client.poll_transmit(32_768),
        Some(Transmit::Disconnect)
    );
    pair.carry(Transmit::Disconnect);
    pair.drive();
    // What was not on its way goes after the reconnect.
    pair.client.reconnect(pair.now).unwrap();
    pair.drive();
    let inputs = |event: &ServerEvent| matches!(event, ServerEvent::PipelineInput { .. });
    assert_eq!(
        pair.take_asked()
            .iter()
            .filter(|event| inputs(event))
            .count(),
        2
    );
}

#[test]
fn a_disconnected_pool_blocks_or_drops_as_it_is_told() {
    for mode in [BufferMode::Block, BufferMode::Drop] {
        let mut limits = PoolLimits::default();
        limits.outbox_messages = 4;
        let carrier = Carrier::Poll;
        let config = ServerConfig::new(carrier).limits(limits).buffer_mode(mode);
        let mut pair = Pair::with(carrier, ClientConfig::default(), config);
        pair.open();
        let pipeline = pair.start(7);
        let target = Target::Pipeline(pipeline);
        pair.client.disconnect(pair.now).unwrap();
        pair.drive();
        let mut written = 0;
        for number in 0..10 {
            let value = Value::from(number);
            match pair.server.output(pipeline, OutputStream::Output, &value) {
                Ok(()) => written += 1,
                Err(error) => assert_eq!(error, MisuseError::OutboxFull),
            }
        }
        pair.complete(pipeline);
        let dropped = pair.server.dropped(target);
        assert_eq!(
            (written, dropped),
            if mode == BufferMode::Block {
                (4, 0)
            } else {
                (10, 7)
            }
        );
        pair.client.reconnect(pair.now).unwrap();
        pair.drive();
        let expected = if mode == BufferMode::Block {
            vec![0, 1, 2, 3]
        } else {
            vec![7, 8, 9]
        };
        assert_eq!(pair.numbers(pipeline), expected);
        assert_eq!(pair.endings(pipeline), [Ending::Completed]);
    }
}

#[test]
fn stream_transports_and_old_protocols_do_not_disconnect() {
    let mut pair = Pair::opened_by(Carrier::Push);
    assert_eq!(
        pair.client.disconnect(pair.now).unwrap_err().to_string(),
        "this transport cannot disconnect and connect"
    );
    let mut pair = Pair::with(
        Carrier::Poll,
        ClientConfig::default().protocol(ProtocolVersion::V2_1),
        ServerConfig::new(Carrier::Poll),
    );
    pair.open();
    assert!(matches!(
        pair.client.disconnect(pair.now),
        Err(MisuseError::NeedsVersion {
            needs: ProtocolVersion::V2_2,
            ..
        })
    ));
}

#[test]
fn a_client_of_an_old_protocol_is_refused_and_the_pool_is_unharmed() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let pipeline = pair.start(7);
    let old = ClientConfig::default()
        .protocol(ProtocolVersion::V2_1)
        .transport_can_disconnect(true);
    let first = std::mem::replace(
        &mut pair.client,
        runspace::ClientPool::new(old, crate::pair::pool_id(1)),
    );
    pair.client.connect(pair.now, [pipeline]).unwrap();
    pair.drive();
    let heard = pair.take_heard();
    let Some(ClientEvent::PoolBroken {
        loss: Loss::Transport(error),
    }) = heard.last()
    else {
        panic!("{heard:?}");
    };
    assert_eq!(
        *error,
        PeerError::CannotConnect(ProtocolVersion::V2_1).to_string()
    );
    pair.client = first;
    pair.receive_everything();
    pair.write(pipeline, 1);
    pair.drive();
    assert_eq!(numbers(&pair.heard, pipeline), [1]);
}

#[test]
fn a_pool_with_another_id_cannot_be_taken_over() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let config = ClientConfig::default().transport_can_disconnect(true);
    pair.client = runspace::ClientPool::new(config, crate::pair::pool_id(2));
    pair.client.connect(pair.now, []).unwrap();
    pair.drive();
    assert_eq!(pair.client.state(), PoolState::Broken);
    assert_eq!(pair.server.state(), PoolState::Opened);
}

#[test]
fn one_more_pipeline_can_be_connected_later() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let pipeline = pair.start(7);
    pair.replace_client();
    pair.client.connect(pair.now, []).unwrap();
    pair.drive();
    pair.client.connect_pipeline(pipeline).unwrap();
    assert!(pair.client.connect_pipeline(pipeline).is_err());
    pair.write(pipeline, 1);
    pair.drive();
    assert_eq!(pair.numbers(pipeline), [1]);
    // A foreign pipeline is stopped like an own one.
    pair.client.stop(pair.now, pipeline).unwrap();
    pair.drive();
    assert_eq!(pair.endings(pipeline), [Ending::Stopped(None)]);
}

#[test]
fn a_pipeline_that_cannot_be_connected_is_lost_alone() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    pair.replace_client();
    let pipeline = pipeline_id(7);
    pair.client.connect(pair.now, [pipeline]).unwrap();
    // Carried by hand, since the pair would connect it.
    loop {
        match pair.client.poll_transmit(32_768) {
            Some(Transmit::ConnectPipeline { pipeline }) => {
                let error = "no such command".to_owned();
                pair.client
                    .handle_input(pair.now, Input::PipelineFailed { pipeline, error });
                break;
            }
            Some(transmit) => pair.carry(transmit),
            None => {
                pair.server_to_client();
                pair.receive(Target::Pool);
            }
        }
    }
    pair.drive();
    assert!(matches!(
        pair.endings(pipeline)[..],
        [Ending::Lost(Loss::Transport(_))]
    ));
    assert_eq!(pair.client.state(), PoolState::Opened);
}

#[test]
fn answers_to_host_calls_have_their_own_stream_and_go_first() {
    let mut pair = Pair::opened_by(Carrier::Push);
    let pipeline = pair.start_with(7, false);
    let target = Target::Pipeline(pipeline);
    let request = HostRequest::Plain(HostMethod::ReadLine);
    let call = pair.server.host_call(target, request).unwrap().unwrap();
    pair.drive();
    for number in 0..3 {
        pair.client
            .send_input(pipeline, &Value::from(number))
            .unwrap();
    }
    let answer = Ok(psrp_codec::HostAnswer::String("a line".into()));
    pair.client.answer_host_call(target, call, answer).unwrap();
    let streams: Vec<_> = std::iter::from_fn(|| {
        let transmit = pair.client.poll_transmit(32_768)?;
        let Transmit::Data { stream, .. } = &transmit else {
            panic!("{transmit:?}");
        };
        let stream = *stream;
        pair.carry(transmit);
        Some(stream)
    })
    .collect();
    assert_eq!(streams, [Stream::PromptResponse, Stream::Default]);
}
