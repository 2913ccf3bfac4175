use psrp_codec::{ErrorCategory, ErrorRecord, InitRunspacePool, message::AvailabilityResponse};
use runspace::{
    Carrier, ClientConfig, ClientEvent, Loss, MisuseError, PoolState, ProtocolVersion,
    ServerConfig, ServerEvent, SizeChange, Transmit,
};

use crate::pair::{Pair, pipeline_id};

#[test]
fn a_pool_opens_on_either_kind_of_transport() {
    for pair in Pair::opened() {
        assert_eq!(pair.client.protocol(), Some(ProtocolVersion::V2_3));
        assert_eq!(pair.server.protocol(), Some(ProtocolVersion::V2_3));
        assert!(pair.client.application_private_data().is_some());
        assert_eq!(pair.client.poll_timeout(), None);
        assert_eq!(pair.server.poll_timeout(), None);
    }
}

#[test]
fn a_pool_opens_through_the_smallest_packets_there_are() {
    for carrier in [Carrier::Push, Carrier::Poll] {
        let mut pair = Pair::new(carrier);
        pair.max_len = runspace::MIN_TRANSMIT;
        pair.open();
    }
}

#[test]
fn capability_and_init_ride_whole_in_the_first_packet() {
    let mut pair = Pair::new(Carrier::Poll);
    pair.client.open(pair.now).unwrap();
    let Some(Transmit::OpenPool { first }) = pair.client.poll_transmit(32_768) else {
        panic!("the pool is opened first");
    };
    pair.carry(Transmit::OpenPool { first });
    assert_eq!(pair.client.poll_transmit(32_768), None);
}

#[test]
fn the_version_is_the_older_of_the_two() {
    let versions = [
        ProtocolVersion::V2_2,
        ProtocolVersion::V2_3,
        ProtocolVersion::V2_4,
    ];
    for client in versions {
        for server in versions {
            let carrier = Carrier::Push;
            let mut pair = Pair::with(
                carrier,
                ClientConfig::default().protocol(client),
                ServerConfig::new(carrier).protocol(server),
            );
            pair.open();
            assert_eq!(pair.client.protocol(), Some(client.min(server)));
            assert_eq!(pair.server.protocol(), Some(client.min(server)));
        }
    }
}

#[test]
fn a_pool_that_cannot_be_made_is_broken_with_the_servers_reason() {
    for carrier in [Carrier::Push, Carrier::Poll] {
        let mut pair = Pair::new(carrier);
        pair.answers = false;
        pair.client.open(pair.now).unwrap();
        pair.drive();
        assert!(matches!(
            pair.take_asked()[..],
            [ServerEvent::OpenRequested { .. }]
        ));
        let reason = ErrorRecord::new(
            "System.Exception",
            "no runspace is left",
            "NoRunspace",
            ErrorCategory::RESOURCE_UNAVAILABLE,
        );
        pair.server.open_failed(reason).unwrap();
        pair.drive();
        let heard = pair.take_heard();
        let [
            ClientEvent::PoolBroken {
                loss: Loss::PoolBroken(Some(reason)),
            },
        ] = &heard[..]
        else {
            panic!("{heard:?}");
        };
        assert_eq!(
            reason.message().unwrap().to_string_lossy(),
            "no runspace is left"
        );
        assert_eq!(pair.client.state(), PoolState::Broken);
        assert_eq!(pair.server.state(), PoolState::Broken);
    }
}

#[test]
fn what_comes_too_early_is_refused_and_changes_nothing() {
    let mut pair = Pair::new(Carrier::Push);
    let error = pair.client.get_available_runspaces().unwrap_err();
    assert_eq!(error.to_string(), "the pool is not open yet, not open");
    assert!(pair.client.reconnect(pair.now).is_err());
    assert!(pair.client.disconnect(pair.now).is_err());
    assert_eq!(
        pair.client.stop(pair.now, pipeline_id(5)).unwrap_err(),
        MisuseError::PoolState {
            must_be: PoolState::Opened,
            is: PoolState::BeforeOpen
        }
    );
    assert!(pair.client.poll_transmit(100).is_none());
    pair.open();
    assert!(pair.client.open(pair.now).is_err());
}

#[test]
fn the_size_is_asked_for_and_changed() {
    let mut init = InitRunspacePool::new();
    (init.min_runspaces, init.max_runspaces) = (1, 3);
    for carrier in [Carrier::Push, Carrier::Poll] {
        let mut pair = Pair::with(
            carrier,
            ClientConfig::new(init.clone()),
            ServerConfig::new(carrier),
        );
        pair.open();
        let call = pair.client.get_available_runspaces().unwrap();
        pair.drive();
        let answer = AvailabilityResponse::Available(3);
        assert_eq!(
            pair.take_heard(),
            [ClientEvent::PoolCallAnswered { call, answer }]
        );
        let SizeChange::Asked(call) = pair.client.set_max_runspaces(5).unwrap() else {
            panic!("a change is asked for");
        };
        pair.drive();
        let answer = AvailabilityResponse::Done(true);
        assert_eq!(
            pair.take_heard(),
            [ClientEvent::PoolCallAnswered { call, answer }]
        );
        assert_eq!(
            pair.take_asked(),
            [ServerEvent::RunspacesChanged { min: 1, max: 5 }]
        );
        assert_eq!(
            (pair.client.runspaces(), pair.server.runspaces()),
            ((1, 5), (1, 5))
        );
        assert_eq!(
            pair.client.set_max_runspaces(5),
            Ok(SizeChange::Settled(true))
        );
        assert_eq!(
            pair.client.set_max_runspaces(0),
            Ok(SizeChange::Settled(false))
        );
        assert_eq!(
            pair.client.set_min_runspaces(9),
            Ok(SizeChange::Settled(false))
        );
        pair.start(7);
        let call = pair.client.get_available_runspaces().unwrap();
        pair.drive();
        let answer = AvailabilityResponse::Available(4);
        assert_eq!(
            pair.take_heard(),
            [ClientEvent::PoolCallAnswered { call, answer }]
        );
        // A pool of several cannot be reset.
        let call = pair.client.reset_runspace_state().unwrap();
        pair.drive();
        let answer = AvailabilityResponse::Done(false);
        assert_eq!(
            pair.take_heard(),
            [ClientEvent::PoolCallAnswered { call, answer }]
        );
    }
}

#[test]
fn a_pool_of_one_is_reset_by_the_application() {
    for mut pair in Pair::opened() {
        let call = pair.client.reset_runspace_state().unwrap();
        pair.drive();
        assert_eq!(pair.take_asked(), [ServerEvent::ResetRequested { call }]);
        pair.server.reset_done(call, true).unwrap();
        assert!(pair.server.reset_done(call, true).is_err());
        pair.drive();
        let answer = AvailabilityResponse::Done(true);
        assert_eq!(
            pair.take_heard(),
            [ClientEvent::PoolCallAnswered { call, answer }]
        );
    }
}

#[test]
fn a_server_before_2_3_cannot_be_asked_to_reset() {
    let carrier = Carrier::Push;
    let mut pair = Pair::with(
        carrier,
        ClientConfig::default(),
        ServerConfig::new(carrier).protocol(ProtocolVersion::V2_2),
    );
    pair.open();
    assert_eq!(
        pair.client.reset_runspace_state().unwrap_err().to_string(),
        "this takes protocol 2.3, and 2.2 is what the two sides agreed on"
    );
}
