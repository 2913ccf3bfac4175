use std::time::Duration;

use runspace::{
    Carrier, ClientEvent, Ending, Input, Loss, PeerError, PoolState, ServerEvent, ServerInput,
    Target, Transmit,
};

use crate::pair::Pair;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_pool_that_does_not_open_is_given_up_after_three_minutes() {
    let mut pair = Pair::new(Carrier::Poll);
    pair.answers = false;
    pair.client.open(pair.now).unwrap();
    pair.drive();
    assert_eq!(pair.client.poll_timeout(), Some(pair.now + 180 * SECOND));
    pair.wind(179 * SECOND);
    assert_eq!(pair.client.state(), PoolState::Opening);
    pair.wind(SECOND);
    let loss = Loss::Peer(PeerError::TimedOut("open the pool"));
    assert_eq!(loss.to_string(), "the peer did not open the pool in time");
    assert_eq!(pair.take_heard(), [ClientEvent::PoolBroken { loss }]);
    // What it may have left behind is closed.
    assert_eq!(pair.server.state(), PoolState::Closed);
}

#[test]
fn a_pipeline_that_does_not_stop_is_given_up_on_both_sides() {
    for mut pair in Pair::opened() {
        pair.answers = false;
        let pipeline = pair.start(7);
        pair.client.stop(pair.now, pipeline).unwrap();
        pair.drive();
        assert_eq!(pair.take_asked(), [ServerEvent::StopRequested { pipeline }]);
        pair.wind(29 * SECOND);
        assert_eq!(pair.endings(pipeline), []);
        pair.wind(SECOND);
        assert_eq!(
            pair.take_asked(),
            [ServerEvent::PipelineAbandoned { pipeline }]
        );
        assert_eq!(pair.endings(pipeline), [Ending::Stopped(None)]);
    }
}

#[test]
fn a_server_that_never_says_that_it_stopped_is_not_waited_for() {
    for mut pair in Pair::opened() {
        let pipeline = pair.start(7);
        pair.client.stop(pair.now, pipeline).unwrap();
        assert_eq!(
            pair.client.poll_transmit(1_000),
            Some(Transmit::Signal { pipeline })
        );
        pair.wind(60 * SECOND);
        assert_eq!(pair.endings(pipeline), [Ending::Stopped(None)]);
    }
}

#[test]
fn a_state_that_stays_out_after_the_signal_is_made_up() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let pipeline = pair.start(7);
    pair.client.stop(pair.now, pipeline).unwrap();
    assert!(pair.client.poll_transmit(1_000).is_some());
    pair.client
        .handle_input(pair.now, Input::Signalled { pipeline });
    assert_eq!(pair.client.poll_timeout(), Some(pair.now + 5 * SECOND));
    pair.wind(5 * SECOND);
    assert_eq!(pair.endings(pipeline), [Ending::Stopped(None)]);
}

#[test]
fn a_pool_that_does_not_close_is_taken_for_closed() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    pair.client.close(pair.now);
    assert_eq!(pair.client.poll_transmit(1_000), Some(Transmit::ClosePool));
    pair.now += 60 * SECOND;
    pair.client.handle_timeout(pair.now);
    assert_eq!(pair.client.poll_event(), Some(ClientEvent::PoolClosed));
}

#[test]
fn a_pipeline_that_does_not_close_is_forgotten() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    let pipeline = pair.start(7);
    pair.complete(pipeline);
    assert!(pair.receive(Target::Pipeline(pipeline)));
    assert_eq!(
        pair.client.poll_transmit(1_000),
        Some(Transmit::ClosePipeline { pipeline })
    );
    assert_eq!(pair.client.pipelines().count(), 1);
    pair.wind(60 * SECOND);
    assert_eq!(pair.client.pipelines().count(), 0);
}

#[test]
fn a_disconnect_or_reconnect_that_gets_no_answer_breaks_the_pool() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    pair.client.disconnect(pair.now).unwrap();
    assert_eq!(pair.client.poll_transmit(1_000), Some(Transmit::Disconnect));
    pair.wind(180 * SECOND);
    assert_eq!(pair.client.state(), PoolState::Broken);

    let mut pair = Pair::opened_by(Carrier::Poll);
    pair.client.disconnect(pair.now).unwrap();
    pair.drive();
    pair.client.reconnect(pair.now).unwrap();
    assert_eq!(pair.client.poll_transmit(1_000), Some(Transmit::Reconnect));
    pair.wind(180 * SECOND);
    assert_eq!(pair.client.state(), PoolState::Broken);
}

#[test]
fn a_pool_that_closes_gives_up_what_does_not_stop() {
    let mut pair = Pair::opened_by(Carrier::Poll);
    pair.answers = false;
    let pipeline = pair.start(7);
    pair.server.handle_input(pair.now, ServerInput::ClosePool);
    pair.events();
    assert_eq!(
        pair.take_asked(),
        [
            ServerEvent::CloseRequested,
            ServerEvent::StopRequested { pipeline }
        ]
    );
    pair.wind(30 * SECOND);
    assert_eq!(
        pair.take_asked(),
        [
            ServerEvent::PipelineAbandoned { pipeline },
            ServerEvent::PoolClosed
        ]
    );
}
