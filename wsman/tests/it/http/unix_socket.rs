//! The kernel as the authentication.

use std::path::Path;

use tempfile::TempDir;
use tokio::net::UnixListener;
use wsman::ExchangeErrorKind;
use wsman::http::{Client, Listener, UnixPeers};

use super::setup::{Serving, basic, exchange};

fn serve(directory: &TempDir, peers: UnixPeers) -> (Serving, Client) {
    let path = directory.path().join("wsman.sock");
    let listener = Listener::unix(UnixListener::bind(&path).unwrap(), peers);
    let unused = "127.0.0.1:0".parse().unwrap();
    (
        Serving::on(unused, listener, |server| server),
        client(&path),
    )
}

fn client(path: &Path) -> Client {
    Client::builder(&format!("unix:{}", path.display()))
        .unwrap()
        .build()
        .unwrap()
}

#[tokio::test]
async fn the_own_account_gets_in_without_credentials() {
    let directory = tempfile::tempdir().unwrap();
    let (_serving, client) = serve(&directory, UnixPeers::same_user());
    let reply = exchange(&client, "<hello/>").await.unwrap();
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    let user = nix::unistd::User::from_uid(nix::unistd::Uid::effective())
        .unwrap()
        .unwrap()
        .name;
    let path = directory.path().join("wsman.sock");
    assert_eq!(
        text,
        format!("PeerCredentials {user} {} true <hello/>", path.display())
    );
}

#[tokio::test]
async fn credentials_in_the_request_do_not_make_it_somebody_elses() {
    let directory = tempfile::tempdir().unwrap();
    let (_serving, client) = serve(&directory, UnixPeers::same_user());
    let claiming = Client::builder(&client.address().to_string())
        .unwrap()
        .scheme(basic("whatever"))
        .build()
        .unwrap();
    let reply = exchange(&claiming, "<hello/>").await.unwrap();
    assert!(reply.body.starts_with(b"PeerCredentials "));
}

#[tokio::test]
async fn an_account_that_was_not_named_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let other = nix::unistd::Uid::effective().as_raw() + 1;
    let (serving, client) = serve(&directory, UnixPeers::only([other]));
    let error = exchange(&client, "<hello/>").await.unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::Status(403));
    assert_eq!(serving.handler.calls(), 0);
}

#[tokio::test]
async fn a_socket_that_nobody_serves_is_a_connect_error() {
    let directory = tempfile::tempdir().unwrap();
    let error = exchange(&client(&directory.path().join("none")), "<hello/>")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::Connect);
}
