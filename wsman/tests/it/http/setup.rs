//! A handler whose answers the envelope chooses, a store with one account, and raw peers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use wsman::auth::{AuthError, AuthErrorKind, BasicClient, BasicServer, Secret, UserStore};
use wsman::http::{Client, ClientBuilder, Listener, Server, ServerLimits};
use wsman::{Caller, EnvelopeHandler, Exchange, ExchangeError, ExchangeReply, HandlerReply};

pub(crate) const USER: &str = "operator";
pub(crate) const PASSWORD: &str = "Passw0rd!";
/// Long enough for a slow machine, short enough to notice a hang.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Knows [`USER`] with [`PASSWORD`] and nobody else.
pub(crate) struct OneUser;

impl UserStore for OneUser {
    fn verify(&self, user: &str, password: &Secret) -> Result<String, AuthError> {
        if user == USER && password.expose() == PASSWORD.as_bytes() {
            Ok(user.to_owned())
        } else {
            Err(AuthError::new(AuthErrorKind::Refused, "no"))
        }
    }
}

/// Does what the envelope says: `<wait/>` until [`Handler::release`], `<panic/>`, `<fault/>`, `<big/>`, `<huge/>`; the answer to
/// anything else says who called and what was sent.
#[derive(Clone, Default)]
pub(crate) struct Handler(Arc<HandlerState>);

#[derive(Default)]
struct HandlerState {
    calls: AtomicUsize,
    arrived: Notify,
    released: Notify,
    abandoned: Notify,
}

/// Tells when the future that holds it is dropped before its end.
struct Unfinished<'a>(&'a Notify);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Handler {
    pub(crate) fn calls(&self) -> usize {
        self.0.calls.load(Ordering::SeqCst)
    }

    /// Waits until a `<wait/>` is being handled.
    pub(crate) async fn arrived(&self) {
        self.0.arrived.notified().await;
    }

    /// Waits until the future of a `<wait/>` is dropped.
    pub(crate) async fn abandoned(&self) {
        self.0.abandoned.notified().await;
    }

    pub(crate) fn release(&self) {
        self.0.released.notify_one();
    }
}

impl EnvelopeHandler for Handler {
    async fn handle(&self, caller: Caller, body: Bytes) -> HandlerReply {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        let reply = |status, body: String| HandlerReply {
            status,
            body: body.into(),
        };
        match &body[..] {
            b"<wait/>" => {
                self.0.arrived.notify_one();
                let unfinished = Unfinished(&self.0.abandoned);
                self.0.released.notified().await;
                std::mem::forget(unfinished);
                reply(200, "<waited/>".to_owned())
            }
            b"<panic/>" => panic!("asked to"),
            b"<fault/>" => reply(500, "<s:Fault/>".to_owned()),
            b"<huge/>" => reply(200, "x".repeat(64 * 1024 * 1024)),
            b"<big/>" => reply(200, "x".repeat(300_000)),
            other => reply(
                200,
                format!(
                    "{:?} {} {} {} {}",
                    caller.authenticated_by,
                    caller.user,
                    caller.peer,
                    caller.secure,
                    String::from_utf8_lossy(other)
                ),
            ),
        }
    }
}

/// A server that runs until it is dropped or stopped.
pub(crate) struct Serving {
    pub(crate) address: SocketAddr,
    pub(crate) handler: Handler,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Serving {
    /// With Basic on loopback.
    pub(crate) async fn basic() -> Self {
        Self::with(|server| server).await
    }

    /// With Basic, and settings.
    pub(crate) async fn with(settings: impl FnOnce(Server<Handler>) -> Server<Handler>) -> Self {
        Self::bare(|server| settings(server.scheme(BasicServer::new(OneUser).unwrap()))).await
    }

    pub(crate) async fn limited(change: impl FnOnce(&mut ServerLimits)) -> Self {
        let mut limits = ServerLimits::default();
        change(&mut limits);
        Self::with(|server| server.limits(limits)).await
    }

    /// Without a scheme.
    pub(crate) async fn bare(settings: impl FnOnce(Server<Handler>) -> Server<Handler>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Self::on(address, Listener::tcp(listener), settings)
    }

    pub(crate) fn on(
        address: SocketAddr,
        listener: Listener,
        settings: impl FnOnce(Server<Handler>) -> Server<Handler>,
    ) -> Self {
        let handler = Handler::default();
        let server = settings(Server::new(handler.clone())).listen(listener);
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(server.serve(async {
            // Dropping the sender stops the server, too.
            drop(stopped.await);
        }));
        Self {
            address,
            handler,
            stop: Some(stop),
            task,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/wsman", self.address)
    }

    pub(crate) fn client(&self) -> ClientBuilder {
        Client::builder(&self.url())
            .unwrap()
            .scheme(basic(PASSWORD))
    }

    /// Asks the server to stop; see [`stopped`](Self::stopped).
    pub(crate) fn stop(&mut self) {
        self.stop.take();
    }

    /// Waits until `serve` has returned.
    pub(crate) async fn stopped(self) {
        tokio::time::timeout(PATIENCE, self.task)
            .await
            .expect("the server does not stop")
            .unwrap();
    }

    /// A raw connection.
    pub(crate) async fn connect(&self) -> Raw {
        Raw(TcpStream::connect(self.address).await.unwrap())
    }
}

pub(crate) fn basic(password: &str) -> BasicClient {
    BasicClient::new(USER, &Secret::from(password)).unwrap()
}

pub(crate) async fn exchange(
    client: &Client,
    envelope: &'static str,
) -> Result<ExchangeReply, ExchangeError> {
    client.exchange(envelope.into(), PATIENCE).await
}

/// `Basic b3Bl…`, as a client sends it.
pub(crate) fn authorization(password: &str) -> String {
    let token = base64_simd::STANDARD.encode_to_string(format!("{USER}:{password}"));
    format!("Authorization: Basic {token}\r\n")
}

/// A POST with valid credentials.
pub(crate) fn post(path: &str, fields: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\n{}Content-Type: application/soap+xml;charset=UTF-8\r\n{fields}Content-Length: {}\r\n\r\n{body}",
        authorization(PASSWORD),
        body.len()
    )
}

/// A connection on which a test writes the bytes itself.
pub(crate) struct Raw(pub(crate) TcpStream);

impl Raw {
    pub(crate) async fn write(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Reads one answer: the head, and as much body as `Content-Length` says.
    pub(crate) async fn answer(&mut self) -> String {
        tokio::time::timeout(PATIENCE, async {
            let mut read = Vec::new();
            loop {
                let text = String::from_utf8_lossy(&read);
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    let len = head
                        .lines()
                        .find_map(|line| {
                            line.to_ascii_lowercase()
                                .strip_prefix("content-length: ")?
                                .parse()
                                .ok()
                        })
                        .unwrap_or(0);
                    if body.len() >= len {
                        return text.into_owned();
                    }
                }
                let mut buffer = [0; 4096];
                match self.0.read(&mut buffer).await.unwrap() {
                    0 => panic!("the connection ended after {text:?}"),
                    len => read.extend_from_slice(&buffer[..len]),
                }
            }
        })
        .await
        .expect("no answer")
    }

    pub(crate) async fn ask(&mut self, request: &str) -> String {
        self.write(request).await;
        self.answer().await
    }

    /// What comes until the server closes the connection.
    pub(crate) async fn rest(&mut self) -> String {
        tokio::time::timeout(PATIENCE, async {
            let mut read = Vec::new();
            // A reset ends a connection as well.
            drop(self.0.read_to_end(&mut read).await);
            String::from_utf8_lossy(&read).into_owned()
        })
        .await
        .expect("the connection stays open")
    }
}

/// The status of an answer.
pub(crate) fn status(answer: &str) -> u16 {
    answer
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or_else(|| panic!("no status in {answer:?}"))
}
