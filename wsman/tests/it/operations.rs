//! Every operation, from a client through a dispatcher to a service and back.

use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;
use wsman::ShellClient;
use wsman::service::DispatcherConfig;
use wsman::shell::{
    BufferMode, Command, CommandId, Connect, Create, Disconnect, Reconnect, ShellId, ShellState,
    SignalCode, StreamData, StreamName, StreamSet,
};
use wsman::soap::{ErrorCode, OptionSet};

use crate::soap_setup::{InMemory, client, server, server_with};

const STDOUT: &str = "stdout";

fn create(name: &str) -> Create {
    Create {
        shell_id: Some(ShellId::from_uuid(Uuid::new_v4())),
        name: Some(name.to_owned()),
        input_streams: StreamSet::parse("stdin pr"),
        output_streams: StreamSet::parse(STDOUT),
        creation: Some(Bytes::from_static(b"hello")),
        ..Create::default()
    }
}

async fn open(client: &ShellClient<InMemory>, name: &str) -> ShellId {
    let options = OptionSet::new().with_mandatory("protocolversion", "2.3");
    client
        .create(create(name), options)
        .await
        .unwrap()
        .shell_id()
        .unwrap()
}

async fn start(
    client: &ShellClient<InMemory>,
    shell: &ShellId,
    text: &str,
    first: &[u8],
) -> CommandId {
    let proposed = CommandId::from_uuid(Uuid::new_v4());
    let command = Command::with_bytes(proposed.clone(), text, first);
    let started = client
        .command(shell, command, OptionSet::new())
        .await
        .unwrap();
    assert_eq!(started, proposed);
    started
}

#[tokio::test(start_paused = true)]
async fn a_shell_lives_from_create_to_delete() {
    let (server, streams) = (server(), StreamSet::parse(STDOUT));
    let client = client(&server, "alice");
    let shell = open(&client, "one").await;

    let received = client.receive(&shell, None, streams.clone()).await.unwrap();
    assert_eq!(
        received.streams,
        StreamData::new(StreamName::STDOUT, Bytes::from_static(b"hello")).into()
    );
    assert_eq!(received.status, None);

    let command = start(&client, &shell, "echo", b"first").await;
    let more = StreamData::new(StreamName::STDIN, Bytes::from_static(b" \0\xFF more"))
        .of_command(command.clone());
    client.send(&shell, vec![more]).await.unwrap();
    let received = client
        .receive(&shell, Some(command.clone()), streams.clone())
        .await
        .unwrap();
    assert_eq!(received.streams.joined(), &b"first \0\xFF more"[..]);
    assert!(
        received
            .streams
            .iter()
            .all(|stream| stream.command == Some(&command))
    );
    assert!(!received.is_done());

    client
        .signal(&shell, Some(command.clone()), SignalCode::Stop)
        .await
        .unwrap();
    assert!(
        client
            .receive(&shell, Some(command.clone()), streams.clone())
            .await
            .unwrap()
            .is_done()
    );
    client
        .signal(&shell, Some(command.clone()), SignalCode::Terminate)
        .await
        .unwrap();
    assert!(
        client
            .receive(&shell, Some(command), streams.clone())
            .await
            .unwrap_err()
            .is_not_found()
    );

    let described = client.get(&shell).await.unwrap();
    assert_eq!(
        (described.name.as_deref(), described.owner.as_deref()),
        (Some("one"), Some("alice"))
    );
    client.delete(&shell).await.unwrap();
    client.delete(&shell).await.unwrap(); // what is gone is gone
    assert!(client.get(&shell).await.unwrap_err().is_gone());
}

#[tokio::test(start_paused = true)]
async fn a_receive_without_output_comes_back_empty_after_the_operation_timeout() {
    let server = server();
    let client = client(&server, "alice").operation_timeout(Duration::from_secs(20));
    let shell = open(&client, "one").await;
    client.receive(&shell, None, STDOUT.into()).await.unwrap();
    let before = tokio::time::Instant::now();
    let nothing = client.receive(&shell, None, STDOUT.into()).await.unwrap();
    assert!(nothing.streams.is_empty() && !nothing.is_done());
    assert_eq!(before.elapsed().as_secs(), 20);
    // The server's own ceiling is lower than three minutes.
    client
        .within(Duration::from_secs(180))
        .receive(&shell, None, STDOUT.into())
        .await
        .unwrap();
    assert_eq!(before.elapsed().as_secs(), 80);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_receive_does_not_hold_up_a_send_and_gets_what_it_brings() {
    let server = server();
    let client = client(&server, "alice");
    let shell = open(&client, "one").await;
    client.receive(&shell, None, STDOUT.into()).await.unwrap();
    let send = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let data = StreamData::new(StreamName::PR, Bytes::from_static(b"now"));
        client.send(&shell, vec![data]).await.unwrap();
    };
    let (received, ()) = tokio::join!(client.receive(&shell, None, STDOUT.into()), send);
    assert_eq!(received.unwrap().streams.joined(), "now");
}

#[tokio::test(start_paused = true)]
async fn a_disconnected_shell_goes_back_to_its_session_or_to_another_of_the_same_user() {
    let server = server();
    let (alice, other) = (client(&server, "alice"), client(&server, "alice"));
    let shell = open(&alice, "one").await;
    let command = start(&alice, &shell, "echo", b"x").await;

    let taken = other
        .connect(&shell, Connect::default(), OptionSet::new())
        .await
        .unwrap_err();
    assert!(taken.is_in_use(), "{taken}");
    let disconnect = Disconnect {
        idle_timeout: Some(Duration::from_secs(120)),
        buffer_mode: Some(BufferMode::Block),
    };
    alice.disconnect(&shell, disconnect).await.unwrap();
    let away = alice
        .receive(&shell, None, STDOUT.into())
        .await
        .unwrap_err();
    assert!(away.is_disconnected(), "{away}");
    alice.reconnect(&shell, Reconnect::default()).await.unwrap();
    alice.receive(&shell, None, STDOUT.into()).await.unwrap();

    alice
        .disconnect(&shell, Disconnect::default())
        .await
        .unwrap();
    let listed = other.enumerate_shells().await.unwrap();
    assert_eq!(listed[0].state, Some(ShellState::Disconnected));
    assert_eq!(listed[0].idle_timeout, Some(Duration::from_secs(120)));
    assert_eq!(
        other.enumerate_commands(&shell).await.unwrap()[0].command_id,
        command
    );
    assert!(
        other
            .reconnect(&shell, Reconnect::default())
            .await
            .unwrap_err()
            .is_other_session()
    );
    let connect = Connect {
        connection: Some(Bytes::from_static(b"it is me")),
        ..Connect::default()
    };
    let connected = other
        .connect(&shell, connect, OptionSet::new())
        .await
        .unwrap();
    assert_eq!(connected.connection.as_deref(), Some(&b"it is me"[..]));
    assert_eq!(connected.input_streams.to_string(), "stdin pr");
    let to_command = Connect {
        command: Some(command.clone()),
        ..Connect::default()
    };
    other
        .connect(&shell, to_command, OptionSet::new())
        .await
        .unwrap();
    assert_eq!(
        other
            .receive(&shell, Some(command), STDOUT.into())
            .await
            .unwrap()
            .streams
            .joined(),
        "x"
    );
}

#[tokio::test(start_paused = true)]
async fn a_shell_of_somebody_else_is_not_there() {
    let server = server();
    let (alice, mallory) = (client(&server, "alice"), client(&server, "mallory"));
    let shell = open(&alice, "one").await;
    let nowhere = ShellId::from_uuid(Uuid::new_v4());
    let (theirs, none) = (
        mallory.get(&shell).await.unwrap_err(),
        mallory.get(&nowhere).await.unwrap_err(),
    );
    assert_eq!(theirs.to_string(), none.to_string());
    assert!(mallory.enumerate_shells().await.unwrap().is_empty());
    assert!(
        mallory
            .enumerate_commands(&shell)
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert_eq!(
        mallory
            .send(&shell, Vec::new())
            .await
            .unwrap_err()
            .error_code(),
        none.error_code()
    );
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_does_not_fit_comes_in_parts() {
    let server = server_with(DispatcherConfig::new().max_envelope_size(8192));
    let client = client(&server, "alice");
    for number in 0..20 {
        open(
            &client,
            &format!("shell {number:02}, with a name that takes some room in the answer"),
        )
        .await;
    }
    let mut names: Vec<_> = client
        .enumerate_shells()
        .await
        .unwrap()
        .into_iter()
        .filter_map(|s| s.name)
        .collect();
    names.sort();
    assert_eq!(names.len(), 20);
    assert!(names[19].starts_with("shell 19"));
}

#[tokio::test(start_paused = true)]
async fn output_is_cut_to_what_the_client_takes() {
    let server = server();
    let client = client(&server, "alice");
    let shell = open(&client, "one").await;
    let command = start(&client, &shell, "echo", &vec![7; 100_000]).await;
    let small = client.clone().max_envelope_size(8192);
    let (mut total, mut answers) = (0, 0);
    while total < 100_000 {
        let received = small
            .receive(&shell, Some(command.clone()), STDOUT.into())
            .await
            .unwrap();
        total += received.streams.joined().len();
        answers += 1;
    }
    assert_eq!(total, 100_000);
    assert!(answers > 20, "{answers}");
}

#[tokio::test(start_paused = true)]
async fn the_fault_of_a_service_reaches_the_client_with_its_code() {
    let server = server();
    let client = client(&server, "alice");
    let first = create("one");
    client
        .create(first.clone(), OptionSet::new())
        .await
        .unwrap();
    let conflict = client.create(first, OptionSet::new()).await.unwrap_err();
    assert!(conflict.is_conflict());
    assert_eq!(
        conflict.to_string(),
        "Create: the server answered: The ShellId is in use. [AlreadyExists, SHELL_CLIENT_ID_RESOURCE_CONFLICT \
         (2150859223, 0x803381D7)]"
    );
    let unknown = OptionSet::new().with_mandatory("PS_Something", "1");
    let refused = client.create(create("two"), unknown).await.unwrap_err();
    assert_eq!(refused.error_code(), Some(ErrorCode::INVALID_OPTION));
    let ignored = OptionSet::new()
        .with("PS_Something", "1")
        .with_mandatory("WINRS_NOPROFILE", "TRUE");
    client.create(create("three"), ignored).await.unwrap();
    let short = Create {
        idle_timeout: Some(Duration::from_secs(5)),
        ..create("four")
    };
    let bounds = client.create(short, OptionSet::new()).await.unwrap_err();
    assert_eq!(
        bounds.error_code(),
        Some(ErrorCode::IDLE_TIMEOUT_OUT_OF_BOUNDS)
    );
    assert!(client.configuration().await.unwrap_err().is_access_denied());
}

#[tokio::test]
async fn identify_tells_strangers_no_more_than_it_is_set_to() {
    let mut known = wsman::identify::Identity::new("Example", "OS: 1.2.3 SP: 0.0 Stack: 3.0");
    known
        .security_profiles
        .push("http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/http/basic".to_owned());
    let stranger = wsman::identify::Identity::new("Example", "OS: 0.0.0 SP: 0.0 Stack: 3.0");
    let config = DispatcherConfig::new()
        .identity(known.clone())
        .anonymous_identity(Some(stranger.clone()));
    let server = server_with(config);
    assert_eq!(client(&server, "alice").identify().await.unwrap(), known);
    let mut caller = crate::soap_setup::caller("");
    caller.authenticated_by = wsman::AuthenticationKind::Anonymous;
    let nobody = ShellClient::new(
        InMemory {
            dispatcher: server,
            caller,
        },
        crate::memory_shells::RESOURCE,
    );
    assert_eq!(nobody.identify().await.unwrap(), stranger);
    assert!(
        nobody
            .enumerate_shells()
            .await
            .unwrap_err()
            .is_access_denied()
    );
}
