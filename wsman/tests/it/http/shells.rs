//! The whole crate at once: shells through envelopes through HTTP, with two users.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use uuid::Uuid;
use wsman::auth::{AuthError, AuthErrorKind, BasicClient, BasicServer, Secret, UserStore};
use wsman::http::{Client, Listener, Server};
use wsman::identify::Identity;
use wsman::shell::{
    Command, CommandId, Create, ShellId, SignalCode, StreamData, StreamName, StreamSet,
};
use wsman::soap::OptionSet;
use wsman::{Dispatcher, ShellClient};

use super::setup::{Raw, status};
use crate::memory_shells::{MemoryShells, RESOURCE};

/// Everyone whose password is the name backwards.
struct Backwards;

impl UserStore for Backwards {
    fn verify(&self, user: &str, password: &Secret) -> Result<String, AuthError> {
        if password.expose().iter().rev().eq(user.as_bytes()) {
            Ok(user.to_owned())
        } else {
            Err(AuthError::new(AuthErrorKind::Refused, "no"))
        }
    }
}

/// A server of shells; it stops when the sender is dropped.
async fn serve() -> (SocketAddr, oneshot::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::new(Dispatcher::new(MemoryShells::default()))
        .scheme(BasicServer::new(Backwards).unwrap())
        .listen(Listener::tcp(listener));
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(server.serve(async { drop(stopped.await) }));
    (address, stop)
}

fn client(address: SocketAddr, user: &str) -> ShellClient<Client> {
    let password: String = user.chars().rev().collect();
    let http = Client::builder(&format!("http://{address}/wsman"))
        .unwrap()
        .scheme(BasicClient::new(user, &Secret::from(password)).unwrap())
        .build()
        .unwrap();
    ShellClient::new(http, RESOURCE)
}

async fn open(client: &ShellClient<Client>) -> ShellId {
    let create = Create {
        shell_id: Some(ShellId::from_uuid(Uuid::new_v4())),
        input_streams: StreamSet::parse("stdin pr"),
        output_streams: StreamSet::parse("stdout"),
        creation: Some(Bytes::from_static(b"hello")),
        ..Create::default()
    };
    let options = OptionSet::new().with_mandatory("protocolversion", "2.3");
    let created = client.create(create, options).await.unwrap();
    created.shell_id().unwrap()
}

#[tokio::test]
async fn input_gets_through_while_output_is_waited_for() {
    let (address, _stop) = serve().await;
    let client = client(address, "alice").operation_timeout(Duration::from_secs(20));
    let shell = open(&client).await;
    let command = Command::with_bytes(CommandId::from_uuid(Uuid::new_v4()), "echo", b"first");
    let command = client
        .command(&shell, command, OptionSet::new())
        .await
        .unwrap();
    let receive = || client.receive(&shell, Some(command.clone()), StreamSet::parse("stdout"));
    assert_eq!(receive().await.unwrap().streams.joined(), "first");

    let large: Bytes = (0..200_000_u32).map(|number| number as u8).collect();
    let send = async {
        // Late enough for the poll to be there first, and harmless when it is not.
        tokio::time::sleep(Duration::from_millis(100)).await;
        let input = StreamData::new(StreamName::STDIN, large.clone()).of_command(command.clone());
        client.send(&shell, vec![input]).await
    };
    let (received, sent) = tokio::join!(receive(), send);
    sent.unwrap();
    assert_eq!(received.unwrap().streams.joined(), large);

    client
        .signal(&shell, Some(command.clone()), SignalCode::Terminate)
        .await
        .unwrap();
    client.delete(&shell).await.unwrap();
    let gone = receive().await.unwrap_err();
    assert!(gone.is_gone(), "{gone}");
}

#[tokio::test]
async fn a_shell_is_its_owners_and_nobody_elses() {
    let (address, _stop) = serve().await;
    let (alice, bob) = (client(address, "alice"), client(address, "bob"));
    let shell = open(&alice).await;
    assert!(alice.get(&shell).await.is_ok());
    assert!(bob.get(&shell).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_wrong_password_is_access_denied_in_every_operation() {
    let (address, _stop) = serve().await;
    let http = Client::builder(&format!("http://{address}/wsman"))
        .unwrap()
        .scheme(BasicClient::new("alice", &Secret::from("alice")).unwrap())
        .build()
        .unwrap();
    let intruder = ShellClient::new(http, RESOURCE);
    let shell = ShellId::from_uuid(Uuid::new_v4());
    assert!(intruder.identify().await.unwrap_err().is_access_denied());
    assert!(intruder.get(&shell).await.unwrap_err().is_access_denied());
    assert!(
        intruder
            .delete(&shell)
            .await
            .unwrap_err()
            .is_access_denied()
    );
}

#[tokio::test]
async fn who_says_identify_and_means_something_else_is_refused() {
    let (address, _stop) = serve().await;
    let mut raw = Raw(tokio::net::TcpStream::connect(address).await.unwrap());
    let request = |envelope: &str| {
        format!(
            "POST /wsman HTTP/1.1\r\nHost: x\r\nWSMANIDENTIFY: unauthenticated\r\nContent-Type: application/soap+xml\r\nContent-Length: {}\r\n\r\n{envelope}",
            envelope.len()
        )
    };
    let identify = String::from_utf8(Identity::request().to_vec()).unwrap();
    let answer = raw.ask(&request(&identify)).await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(answer.contains("IdentifyResponse"), "{answer}");
    let enumerate = identify.replace("Identify", "Enumerate");
    let answer = raw.ask(&request(&enumerate)).await;
    assert_eq!(status(&answer), 500, "{answer}");
    assert!(answer.contains("AccessDenied"), "{answer}");
}
