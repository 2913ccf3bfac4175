//! What a session promises, over WS-Management on a Unix socket and over lines.

use std::time::Duration;

use psrp_codec::Value;
use pssession::endpoint::{Endpoint, EndpointConfig};
use pssession::{
    Address, DisconnectOption, Outcome, Output, RunspaceAvailability, RunspaceState, Session,
    SessionBuilder,
};
use tempfile::TempDir;
use tokio::net::UnixListener;
use wsman::http::{Listener, UnixPeers};

use crate::scripted_engine::ScriptedEngine;

/// An endpoint on a socket of its own, and a builder for sessions there.
pub(crate) struct Served {
    pub(crate) builder: SessionBuilder,
    pub(crate) endpoint: Endpoint,
    _folder: TempDir,
}

pub(crate) async fn served(change: impl FnOnce(&mut EndpointConfig)) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("endpoint.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let mut config = EndpointConfig::default();
    change(&mut config);
    let endpoint = Endpoint::new(ScriptedEngine, config);
    let serving = endpoint.clone();
    tokio::spawn(async move {
        let listen = |server: wsman::http::Server<_>| {
            server.listen(Listener::unix(listener, UnixPeers::same_user()))
        };
        serving.serve(listen, std::future::pending()).await;
    });
    let builder = SessionBuilder::new(Address::Local {
        socket: Some(socket),
    });
    Served {
        builder,
        endpoint,
        _folder: folder,
    }
}

pub(crate) async fn objects(session: &Session, script: &str) -> Vec<Value> {
    session
        .invoke(script)
        .await
        .unwrap()
        .collect()
        .await
        .unwrap()
        .objects
}

pub(crate) fn numbers(range: std::ops::RangeInclusive<i32>) -> Vec<Value> {
    range.map(Value::Int32).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_opens_runs_and_closes() {
    let served = served(|_| ()).await;
    let session = served.builder.clone().name("build").open().await.unwrap();
    assert_eq!(session.state(), RunspaceState::Opened);
    assert_eq!(session.availability(), RunspaceAvailability::Available);
    assert_eq!(objects(&session, "say hello").await, [Value::from("hello")]);
    session.close().await.unwrap();
    assert_eq!(session.state(), RunspaceState::Closed);
    assert_eq!(served.endpoint.session_count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_of_a_session_share_what_they_set() {
    let served = served(|_| ()).await;
    let session = served.builder.open().await.unwrap();
    objects(&session, "set 42").await;
    assert_eq!(objects(&session, "get").await, [Value::Int32(42)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_and_failures_come_as_records() {
    let served = served(|_| ()).await;
    let session = served.builder.open().await.unwrap();
    let collected = session
        .invoke("nonsense")
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    assert_eq!(collected.errors.len(), 1);
    assert_eq!(collected.outcome, Outcome::Completed);
    let failed = session
        .invoke("fail badly")
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    let Outcome::Failed(Some(record)) = failed.outcome else {
        panic!("{:?}", failed.outcome)
    };
    assert_eq!(record.message().unwrap().to_string_lossy(), "fail badly");
}

#[tokio::test(flavor = "multi_thread")]
async fn input_reaches_the_script_in_order_and_ends() {
    let served = served(|_| ()).await;
    let session = served.builder.open().await.unwrap();
    let invocation = session.invoke_with_input("add").await.unwrap();
    for n in 1..=100 {
        invocation.send_input(n).await.unwrap();
    }
    invocation.close_input().await;
    assert_eq!(
        invocation.collect().await.unwrap().objects,
        [Value::Int32(5050)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_script_stops_and_the_session_goes_on() {
    let served = served(|_| ()).await;
    let session = served.builder.open().await.unwrap();
    let invocation = session.invoke("sleep 60000").await.unwrap();
    invocation.stop().await;
    let collected = invocation.collect().await.unwrap();
    assert_eq!(collected.outcome, Outcome::Stopped);
    assert_eq!(objects(&session, "say on").await, [Value::from("on")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_waits_for_its_reader_can_be_stopped_and_leaves_no_gap() {
    let served = served(|_| ()).await;
    let session = served.builder.open().await.unwrap();
    let begun = std::time::Instant::now();
    let invocation = session.invoke("count 100000000 0").await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    invocation.stop().await;
    let collected = invocation.collect().await.unwrap();
    assert_eq!(collected.outcome, Outcome::Stopped);
    let came = i32::try_from(collected.objects.len()).unwrap();
    assert_eq!(collected.objects, numbers(1..=came));
    assert!(begun.elapsed() < Duration::from_secs(15));
    assert_eq!(objects(&session, "say on").await, [Value::from("on")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_output_nobody_reads_can_be_left_at_once() {
    let served = served(|_| ()).await;
    let session = served.builder.open().await.unwrap();
    let invocation = session.invoke("count 20000 0").await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let begun = std::time::Instant::now();
    session
        .disconnect(DisconnectOption::default())
        .await
        .unwrap();
    assert!(begun.elapsed() < Duration::from_secs(3));
    let mut objects = invocation.collect().await.unwrap().objects;
    session.reconnect().await.unwrap();
    for received in session.receive().await.unwrap() {
        objects.extend(received.collect().await.unwrap().objects);
    }
    assert_eq!(objects, numbers(1..=20_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invocation_that_nobody_reads_is_stopped() {
    let served = served(|_| ()).await;
    let session = served.builder.open().await.unwrap();
    drop(session.invoke("sleep 60000").await.unwrap());
    // The only runspace is free again, or this would wait a minute.
    assert_eq!(objects(&session, "say free").await, [Value::from("free")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_gets_everything_once_and_in_order() {
    let served = served(|_| ()).await;
    let session = served.builder.open().await.unwrap();
    let mut invocation = session.invoke("count 20000 0").await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut next = 1;
    while let Some(output) = invocation.next().await.unwrap() {
        let Output::Object(value) = output else {
            panic!("{output:?}")
        };
        assert_eq!(value, Value::Int32(next));
        next += 1;
    }
    assert_eq!(next, 20_001);
}

#[tokio::test(flavor = "multi_thread")]
async fn output_of_a_disconnected_session_waits_for_the_next_client() {
    let served = served(|_| ()).await;
    let session = served.builder.clone().name("left").open().await.unwrap();
    objects(&session, "set 7").await;
    let invocation = session.invoke("count 5 60").await.unwrap();
    session
        .disconnect(DisconnectOption::default())
        .await
        .unwrap();
    assert_eq!(
        invocation.collect().await.unwrap().outcome,
        Outcome::Disconnected
    );
    let id = session.instance_id();
    drop(session);

    let found = served.builder.list().await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].instance_id, found[0].name.as_str()), (id, "left"));
    assert!(found[0].owner.is_some() && found[0].disconnected_on.is_some());

    let session = served.builder.connect(id).await.unwrap();
    let mut received = session.receive().await.unwrap();
    assert_eq!(received.len(), 1);
    let collected = received.remove(0).collect().await.unwrap();
    assert_eq!(collected.objects, numbers(1..=5));
    assert_eq!(objects(&session, "get").await, [Value::Int32(7)]);
    session.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_client_comes_back_to_what_it_left() {
    let served = served(|_| ()).await;
    let session = served.builder.open().await.unwrap();
    objects(&session, "set 9").await;
    session
        .disconnect(DisconnectOption::default())
        .await
        .unwrap();
    assert_eq!(session.state(), RunspaceState::Disconnected);
    session.reconnect().await.unwrap();
    assert_eq!(objects(&session, "get").await, [Value::Int32(9)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_held_is_not_given_to_another_client() {
    let served = served(|_| ()).await;
    let session = served.builder.open().await.unwrap();
    let error = served
        .builder
        .connect(session.instance_id())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), pssession::ErrorKind::SessionInUse, "{error}");
    assert_eq!(objects(&session, "say mine").await, [Value::from("mine")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_session_leaves_nothing_at_the_endpoint() {
    let served = served(|_| ()).await;
    drop(served.builder.open().await.unwrap());
    for _ in 0..200 {
        if served.endpoint.session_count() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the session is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_nobody_contacts_ends_after_its_idle_time() {
    let served = served(|config| {
        config.min_idle_timeout = Duration::from_millis(100);
        config.idle_timeout = Duration::from_millis(300);
    })
    .await;
    let session = served.builder.open().await.unwrap();
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(
        served.endpoint.session_count(),
        1,
        "a client that waits for output is contact"
    );
    session
        .disconnect(DisconnectOption::default())
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(served.endpoint.session_count(), 0);
    let error = session.reconnect().await.unwrap_err();
    assert!(error.is_session_not_found(), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn quotas_refuse_what_is_too_much() {
    let served = served(|config| config.max_sessions_per_user = 1).await;
    let _session = served.builder.open().await.unwrap();
    let error = served.builder.open().await.unwrap_err();
    assert!(error.to_string().contains("as many shells"), "{error}");
}
