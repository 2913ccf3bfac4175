//! A scheme of several legs that seals what it carries, as Negotiate does, through client and server.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use wsman::auth::{
    AuthError, AuthErrorKind, AuthFuture, BodySealer, ClientContext, ClientScheme, ClientStep,
    ConnectionSecurity, Identity, Scope, SealedBody, Secret, ServerContext, ServerScheme,
    ServerStep,
};
use wsman::http::Client;
use wsman::{AuthenticationKind, ExchangeErrorKind};

use super::setup::{Serving, exchange};

const CONTENT_TYPE: &str =
    "multipart/encrypted;protocol=\"application/HTTP-SPNEGO-session-encrypted\";boundary=\"x\"";

/// `one` → `two` → `three` → done with `four`; bodies are numbered and turned around by a fixed mask.
#[derive(Clone, Debug, Default)]
struct Legs {
    seals: bool,
    /// The client sends this in place of `three`.
    wrong: bool,
    authentications: Arc<AtomicUsize>,
}

struct Context {
    settings: Legs,
    leg: usize,
    sealer: Option<Masked>,
}

impl Context {
    fn new(settings: &Legs) -> Self {
        Self {
            sealer: settings.seals.then(Masked::default),
            settings: settings.clone(),
            leg: 0,
        }
    }
}

#[derive(Default)]
struct Masked {
    sealed: u8,
    opened: u8,
}

impl BodySealer for Masked {
    fn seal(&mut self, plain: &[u8]) -> Result<SealedBody, AuthError> {
        let mut body = vec![self.sealed];
        body.extend(plain.iter().map(|byte| byte ^ 0x55));
        self.sealed += 1;
        Ok(SealedBody {
            content_type: Cow::Borrowed(CONTENT_TYPE),
            body: body.into(),
        })
    }

    fn unseal(&mut self, content_type: &str, body: &[u8]) -> Result<Bytes, AuthError> {
        assert_eq!(content_type, CONTENT_TYPE);
        let (number, masked) = body.split_first().unwrap();
        if *number != self.opened {
            return Err(AuthError::new(AuthErrorKind::Tampered, "out of order"));
        }
        self.opened += 1;
        Ok(masked.iter().map(|byte| byte ^ 0x55).collect())
    }
}

fn as_sealer(sealer: &mut Option<Masked>) -> Option<&mut dyn BodySealer> {
    sealer.as_mut().map(|sealer| sealer as &mut dyn BodySealer)
}

impl ClientScheme for Legs {
    fn name(&self) -> &'static str {
        "Negotiate"
    }

    fn start(&self, connection: &ConnectionSecurity) -> Result<Box<dyn ClientContext>, AuthError> {
        assert_eq!(connection.host, "127.0.0.1");
        Ok(Box::new(Context::new(self)))
    }
}

impl ClientContext for Context {
    fn scope(&self) -> Scope {
        Scope::Connection
    }

    fn is_complete(&self) -> bool {
        self.leg == 3
    }

    fn next_token<'a>(&'a mut self, challenge: Option<&'a [u8]>) -> AuthFuture<'a, ClientStep> {
        Box::pin(async move {
            self.leg += 1;
            match (self.leg, challenge) {
                (1, None) => Ok(ClientStep::Token(Secret::from("one"))),
                (2, Some(b"two")) if self.settings.wrong => {
                    Ok(ClientStep::Token(Secret::from("3")))
                }
                (2, Some(b"two")) => Ok(ClientStep::Token(Secret::from("three"))),
                (3, Some(b"four")) => Ok(ClientStep::Done),
                other => panic!("unexpected {other:?}"),
            }
        })
    }

    fn sealer(&mut self) -> Option<&mut dyn BodySealer> {
        as_sealer(&mut self.sealer)
    }
}

impl ServerScheme for Legs {
    fn name(&self) -> &'static str {
        "Negotiate"
    }

    fn is_available(&self, _: &ConnectionSecurity) -> bool {
        true
    }

    fn start(&self, _: &ConnectionSecurity) -> Box<dyn ServerContext> {
        Box::new(Context::new(self))
    }
}

impl ServerContext for Context {
    fn scope(&self) -> Scope {
        Scope::Connection
    }

    fn accept<'a>(&'a mut self, token: &'a [u8]) -> AuthFuture<'a, ServerStep> {
        Box::pin(async move {
            self.leg += 1;
            match (self.leg, token) {
                (1, b"one") => Ok(ServerStep::Continue(b"two".to_vec())),
                (2, b"three") => {
                    self.settings.authentications.fetch_add(1, Ordering::SeqCst);
                    Ok(ServerStep::Done {
                        identity: Identity {
                            user: "anna".to_owned(),
                            authenticated_by: AuthenticationKind::Negotiate,
                        },
                        token: Some(b"four".to_vec()),
                    })
                }
                _ => Err(AuthError::new(AuthErrorKind::Refused, "no")),
            }
        })
    }

    fn sealer(&mut self) -> Option<&mut dyn BodySealer> {
        as_sealer(&mut self.sealer)
    }
}

fn client(serving: &Serving, scheme: &Legs) -> Client {
    Client::builder(&serving.url())
        .unwrap()
        .scheme(scheme.clone())
        .local_peers(|_| false)
        .build()
        .unwrap()
}

#[tokio::test]
async fn sealed_envelopes_go_over_a_connection_that_others_can_read() {
    let scheme = Legs {
        seals: true,
        ..Legs::default()
    };
    let serving =
        Serving::bare(|server| server.local_peers(|_| false).scheme(scheme.clone())).await;
    let client = client(&serving, &scheme);
    for _ in 0..3 {
        let reply = exchange(&client, "<hello/>").await.unwrap();
        assert_eq!(reply.body, "Negotiate anna 127.0.0.1 true <hello/>");
    }
    let fault = exchange(&client, "<fault/>").await.unwrap();
    assert_eq!((fault.status, &fault.body[..]), (500, &b"<s:Fault/>"[..]));
    // The connection stayed authenticated.
    assert_eq!(scheme.authentications.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn every_connection_is_authenticated_by_itself() {
    let scheme = Legs {
        seals: true,
        ..Legs::default()
    };
    let serving = Serving::bare(|server| server.scheme(scheme.clone())).await;
    let client = client(&serving, &scheme);
    let polling = tokio::spawn({
        let client = client.clone();
        async move { exchange(&client, "<wait/>").await }
    });
    serving.handler.arrived().await;
    assert!(exchange(&client, "<hello/>").await.is_ok());
    serving.handler.release();
    assert_eq!(polling.await.unwrap().unwrap().body, "<waited/>");
    assert_eq!(scheme.authentications.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn without_sealing_the_envelope_goes_along_with_the_last_token() {
    let scheme = Legs::default();
    let serving = Serving::bare(|server| server.scheme(scheme.clone())).await;
    let client = Client::builder(&serving.url())
        .unwrap()
        .scheme(scheme.clone())
        .build()
        .unwrap();
    for _ in 0..2 {
        let reply = exchange(&client, "<hello/>").await.unwrap();
        assert_eq!(reply.body, "Negotiate anna 127.0.0.1 true <hello/>");
    }
    assert_eq!(serving.handler.calls(), 2);
    assert_eq!(scheme.authentications.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_clear_envelope_on_an_authenticated_but_readable_connection_is_refused() {
    let scheme = Legs::default();
    let serving =
        Serving::bare(|server| server.local_peers(|_| false).scheme(scheme.clone())).await;
    let client = Client::builder(&serving.url())
        .unwrap()
        .scheme(scheme)
        .build()
        .unwrap();
    let error = exchange(&client, "<hello/>").await.unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::Status(403));
    assert_eq!(serving.handler.calls(), 0);
}

#[tokio::test]
async fn a_wrong_last_token_is_access_denied() {
    let scheme = Legs {
        seals: true,
        wrong: true,
        ..Legs::default()
    };
    let serving = Serving::bare(|server| server.scheme(scheme.clone())).await;
    let error = exchange(&client(&serving, &scheme), "<hello/>")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::Authentication);
    assert_eq!(serving.handler.calls(), 0);
}
