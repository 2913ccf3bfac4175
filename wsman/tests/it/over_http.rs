//! The same operations over a real connection: shells, envelopes, HTTP and Basic together.

use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use wsman::auth::{AuthError, AuthErrorKind, BasicClient, BasicServer, Secret, UserStore};
use wsman::http::{Client, Listener, Server};
use wsman::shell::{Command, Create, ShellId, SignalCode, StreamData, StreamName, StreamSet};
use wsman::soap::OptionSet;
use wsman::{ShellClient, identify::Identity};

use crate::memory_shells::RESOURCE;
use crate::soap_setup::server;

const PASSWORD: &str = "correct horse";

struct Alice;

impl UserStore for Alice {
    fn verify(&self, user: &str, password: &Secret) -> Result<String, AuthError> {
        if user == "alice" && password.expose() == PASSWORD.as_bytes() {
            return Ok(user.to_owned());
        }
        Err(AuthError::new(AuthErrorKind::Refused, "no"))
    }
}

/// The URL of a server that runs until the other end of the channel is dropped.
async fn serve() -> (String, oneshot::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/wsman", listener.local_addr().unwrap());
    let http = Server::new(server())
        .scheme(BasicServer::new(Alice).unwrap())
        .listen(Listener::tcp(listener));
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(http.serve(async { drop(stopped.await) }));
    (url, stop)
}

fn client(url: &str, password: &str) -> ShellClient<Client> {
    let basic = BasicClient::new("alice", &Secret::from(password)).unwrap();
    let http = Client::builder(url).unwrap().scheme(basic).build().unwrap();
    ShellClient::new(http, RESOURCE).operation_timeout(Duration::from_secs(20))
}

#[tokio::test]
async fn a_shell_is_used_while_its_receives_wait() {
    let (url, _stop) = serve().await;
    let client = client(&url, PASSWORD);
    let create = Create {
        shell_id: Some(ShellId::from_uuid(uuid::Uuid::new_v4())),
        input_streams: StreamSet::parse("stdin pr"),
        output_streams: StreamSet::parse("stdout"),
        ..Create::default()
    };
    let options = OptionSet::new().with_mandatory("protocolversion", "2.3");
    let shell = client
        .create(create, options)
        .await
        .unwrap()
        .shell_id()
        .unwrap();
    let proposed = wsman::shell::CommandId::from_uuid(uuid::Uuid::new_v4());
    let command = Command::with_bytes(proposed, "echo", b"x");
    let command = client
        .command(&shell, command, OptionSet::new())
        .await
        .unwrap();
    client
        .receive(&shell, Some(command.clone()), "stdout".into())
        .await
        .unwrap();

    // Both Receives wait before anything is sent; a single connection could not carry this.
    let big = Bytes::from(vec![0xA5; 300_000]);
    let ((of_shell, of_command), ()) = tokio::join!(
        async {
            tokio::join!(
                client.receive(&shell, None, "stdout".into()),
                client.receive(&shell, Some(command.clone()), "stdout".into()),
            )
        },
        async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let of_command =
                StreamData::new(StreamName::STDIN, big.clone()).of_command(command.clone());
            client.send(&shell, vec![of_command]).await.unwrap();
            let of_shell = StreamData::new(StreamName::PR, Bytes::from_static(b"pool"));
            client.send(&shell, vec![of_shell]).await.unwrap();
        }
    );
    assert_eq!(of_shell.unwrap().streams.joined(), "pool");
    assert_eq!(of_command.unwrap().streams.joined(), big);
    client
        .signal(&shell, Some(command), SignalCode::Terminate)
        .await
        .unwrap();
    client.delete(&shell).await.unwrap();
    assert!(client.get(&shell).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn strangers_learn_what_it_is_and_no_more() {
    let (url, _stop) = serve().await;
    let wrong = client(&url, "wrong").enumerate_shells().await.unwrap_err();
    assert!(wrong.is_access_denied(), "{wrong}");
    let identity: Identity = client(&url, PASSWORD).identify().await.unwrap();
    assert!(identity.product_version.contains("Stack: 3.0"));
    let nobody = client("http://127.0.0.1:1/wsman", PASSWORD)
        .enumerate_shells()
        .await
        .unwrap_err();
    assert!(nobody.may_retry(), "{nobody}");
}
