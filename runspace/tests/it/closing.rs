use std::time::Duration;

use psrp_codec::{ErrorCategory, ErrorRecord};
use runspace::{
    Carrier, ClientEvent, Ending, Input, Loss, PoolState, ServerEvent, ServerInput, ServerTransmit,
    Transmit,
};

use crate::pair::Pair;

#[test]
fn closing_a_pool_closes_both_sides() {
    for mut pair in Pair::opened() {
        pair.client.close(pair.now);
        pair.client.close(pair.now);
        pair.drive();
        assert_eq!(pair.take_heard(), [ClientEvent::PoolClosed]);
        assert_eq!(
            pair.take_asked(),
            [ServerEvent::CloseRequested, ServerEvent::PoolClosed]
        );
        assert_eq!(pair.client.state(), PoolState::Closed);
        assert_eq!(pair.server.state(), PoolState::Closed);
        assert_eq!(pair.client.poll_timeout(), None);
        assert_eq!(pair.server.poll_timeout(), None);
    }
}

#[test]
fn a_pool_that_was_never_opened_is_closed_at_once() {
    let mut pair = Pair::new(Carrier::Push);
    pair.client.close(pair.now);
    assert_eq!(pair.client.poll_transmit(100), None);
    pair.drive();
    assert_eq!(pair.take_heard(), [ClientEvent::PoolClosed]);
}

#[test]
fn closing_stops_what_runs() {
    for mut pair in Pair::opened() {
        let pipelines = [7, 8].map(|number| pair.start(number));
        pair.client.close(pair.now);
        pair.drive();
        for pipeline in pipelines {
            assert_eq!(pair.endings(pipeline), [Ending::Stopped(None)]);
        }
        assert_eq!(pair.heard.last(), Some(&ClientEvent::PoolClosed));
        assert_eq!(pair.server.state(), PoolState::Closed);
    }
}

#[test]
fn a_pool_closes_also_from_afar_and_while_it_opens() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    pair.client.disconnect(pair.now).unwrap();
    pair.drive();
    pair.client.close(pair.now);
    pair.drive();
    assert_eq!(pair.server.state(), PoolState::Closed);
    assert_eq!(pair.client.state(), PoolState::Closed);

    let mut pair = Pair::new(Carrier::Poll);
    pair.answers = false;
    pair.client.open(pair.now).unwrap();
    pair.drive();
    pair.client.close(pair.now);
    pair.drive();
    assert_eq!(pair.server.state(), PoolState::Closed);
    assert_eq!(pair.client.state(), PoolState::Closed);
}

#[test]
fn a_server_waits_for_its_client_to_close_pipelines_first_but_not_for_ever() {
    let mut pair = Pair::opened_by(Carrier::Push);
    let pipeline = pair.start(7);
    pair.server.handle_input(pair.now, ServerInput::ClosePool);
    assert_eq!(pair.server.poll_transmit(32_768), None);
    assert_eq!(pair.server.state(), PoolState::Closing);
    pair.wind(Duration::from_secs(11));
    assert_eq!(pair.server.state(), PoolState::Closed);
    assert_eq!(pair.endings(pipeline), [Ending::Stopped(None)]);
    assert_eq!(pair.heard.last(), Some(&ClientEvent::PoolClosed));
}

#[test]
fn a_close_is_answered_as_often_as_it_comes() {
    for mut pair in Pair::opened() {
        pair.client.close(pair.now);
        pair.drive();
        pair.server.handle_input(pair.now, ServerInput::ClosePool);
        assert_eq!(
            pair.server.poll_transmit(100),
            Some(ServerTransmit::PoolClosed)
        );
        assert_eq!(pair.server.poll_transmit(100), None);
    }
}

#[test]
fn the_end_of_the_stream_stops_everything() {
    let mut pair = Pair::opened_by(Carrier::Push);
    pair.start(7);
    pair.server.handle_input(pair.now, ServerInput::EndOfStream);
    pair.events();
    assert_eq!(
        pair.take_asked(),
        [ServerEvent::CloseRequested, ServerEvent::PoolClosed]
    );
    assert_eq!(pair.server.state(), PoolState::Closed);
}

#[test]
fn a_server_that_closes_tells_its_client() {
    let mut pair = Pair::opened_by(Carrier::Push);
    let pipeline = pair.start(7);
    pair.server.close(pair.now);
    pair.drive();
    assert_eq!(pair.endings(pipeline), [Ending::Stopped(None)]);
    assert_eq!(pair.heard.last(), Some(&ClientEvent::PoolClosed));
}

#[test]
fn a_server_that_fails_tells_its_client_why() {
    for mut pair in Pair::opened() {
        let pipeline = pair.start(7);
        pair.server.fail(ErrorRecord::new(
            "System.Exception",
            "out of memory",
            "OutOfMemory",
            ErrorCategory::RESOURCE_UNAVAILABLE,
        ));
        pair.drive();
        let Some(ClientEvent::PoolBroken { loss }) = pair.heard.last() else {
            panic!("{:?}", pair.heard);
        };
        assert_eq!(
            loss.to_string(),
            "the server says that the pool is broken: out of memory"
        );
        // The end of the pipeline came from the pool, or before it as the end of its own stream.
        assert!(matches!(pair.endings(pipeline)[..], [Ending::Lost(_)]));
    }
}

#[test]
fn a_transport_that_fails_breaks_the_pool_without_last_words() {
    for mut pair in Pair::opened() {
        let pipeline = pair.start(7);
        let error = "connection reset".to_owned();
        pair.client.handle_input(
            pair.now,
            Input::Failed {
                error: error.clone(),
            },
        );
        assert_eq!(pair.client.poll_transmit(1_000), None);
        pair.events();
        let loss = Loss::Transport(error);
        assert_eq!(
            pair.take_heard(),
            [
                ClientEvent::PipelineEnded {
                    pipeline,
                    how: Ending::Lost(loss.clone())
                },
                ClientEvent::PoolBroken { loss }
            ]
        );
    }
}

#[test]
fn pipelines_are_closed_before_their_pool() {
    let mut pair = Pair::opened_by(Carrier::Push);
    let pipelines = [7, 8].map(|number| pair.start(number));
    pair.client.close(pair.now);
    let order: Vec<_> = std::iter::from_fn(|| pair.client.poll_transmit(1_000)).collect();
    let mut expected: Vec<_> = pipelines
        .map(|pipeline| Transmit::ClosePipeline { pipeline })
        .to_vec();
    expected.push(Transmit::ClosePool);
    assert_eq!(order, expected);
}
