//! NTLM inside SPNEGO against an acceptor of the same library, over HTTP that others can read and over TLS.
//!
//! The acceptor is good enough to speak with; it is not one to guard a server with, as it lets some wrong clients in.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use sspi::ntlm::NtlmConfig;
use sspi::{
    AuthIdentity, BufferType, CredentialUse, CredentialsBuffers, DataRepresentation,
    EncryptionFlags, Negotiate, NegotiateConfig, SecurityBuffer, SecurityBufferRef, SecurityStatus,
    ServerRequestFlags, Sspi, SspiImpl, Username,
};
use tokio::net::TcpListener;
use wsman::auth::{
    AuthError, AuthErrorKind, AuthFuture, BodySealer, ConnectionSecurity, Identity,
    NegotiateClient, Scope, SealedBody, Secret, ServerContext, ServerScheme, ServerStep,
};
use wsman::http::{Client, ClientTls, Listener, ServerTls};
use wsman::{AuthenticationKind, ExchangeErrorKind};

use super::secrets::Log;
use super::setup::{PASSWORD, Serving, USER, exchange};

const CONTENT_TYPE: &str = "multipart/encrypted;protocol=\"application/HTTP-SPNEGO-session-encrypted\";boundary=\"Encrypted Boundary\"";

/// Accepts [`USER`] with [`PASSWORD`].
#[derive(Clone, Debug, Default)]
struct Acceptor {
    /// Damages the sealed answer with this number, counted from 1.
    damage: u32,
    /// Leaves the last token out.
    taciturn: bool,
    /// Believes that the TLS connection ends in another certificate.
    bound_elsewhere: bool,
    bodies: Arc<Mutex<Vec<Bytes>>>,
    authentications: Arc<AtomicU32>,
}

struct Context {
    settings: Acceptor,
    spnego: Negotiate,
    credentials: Option<CredentialsBuffers>,
    answers: u32,
    /// What binds the authentication to TLS; its presence says that bodies are not sealed.
    binding: Option<Vec<u8>>,
}

fn identity() -> AuthIdentity {
    AuthIdentity {
        username: Username::parse(USER).unwrap(),
        password: PASSWORD.to_owned().into(),
    }
}

/// SEC_CHANNEL_BINDINGS with `tls-server-end-point:` of a certificate that was signed with SHA-256.
fn binding(certificate: &[u8], wrong: bool) -> Vec<u8> {
    let mut hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, certificate)
        .as_ref()
        .to_vec();
    hash[0] ^= u8::from(wrong);
    let mut buffer = vec![0; 24];
    buffer.extend([21 + 32, 0, 0, 0, 32, 0, 0, 0]);
    buffer.extend(b"tls-server-end-point:");
    buffer.extend(hash);
    buffer
}

impl ServerScheme for Acceptor {
    fn name(&self) -> &'static str {
        "Negotiate"
    }

    fn is_available(&self, _: &ConnectionSecurity) -> bool {
        true
    }

    fn start(&self, connection: &ConnectionSecurity) -> Box<dyn ServerContext> {
        let config = NegotiateConfig::new(
            Box::new(NtlmConfig::new("srv01".to_owned())),
            Some("ntlm,!kerberos,!pku2u".to_owned()),
            "srv01".to_owned(),
        );
        let mut spnego = Negotiate::new_server(config, vec![identity()]).unwrap();
        let credentials = spnego
            .acquire_credentials_handle()
            .with_credential_use(CredentialUse::Inbound)
            .with_auth_data(&sspi::Credentials::AuthIdentity(identity()))
            .execute(&mut spnego)
            .unwrap()
            .credentials_handle;
        Box::new(Context {
            settings: self.clone(),
            spnego,
            credentials,
            answers: 0,
            binding: connection
                .server_certificate
                .as_ref()
                .map(|certificate| binding(certificate, self.bound_elsewhere)),
        })
    }
}

impl ServerContext for Context {
    fn scope(&self) -> Scope {
        Scope::Connection
    }

    fn accept<'a>(&'a mut self, token: &'a [u8]) -> AuthFuture<'a, ServerStep> {
        let step = (|| {
            let refused = |_| AuthError::new(AuthErrorKind::Refused, "no");
            let mut input = vec![SecurityBuffer::new(token.to_vec(), BufferType::Token)];
            if let Some(binding) = &self.binding {
                input.push(SecurityBuffer::new(
                    binding.clone(),
                    BufferType::ChannelBindings,
                ));
            }
            let mut output = vec![SecurityBuffer::new(Vec::new(), BufferType::Token)];
            let request = self
                .spnego
                .accept_security_context()
                .with_credentials_handle(&mut self.credentials)
                .with_context_requirements(
                    ServerRequestFlags::CONFIDENTIALITY | ServerRequestFlags::INTEGRITY,
                )
                .with_target_data_representation(DataRepresentation::Native)
                .with_input(&mut input)
                .with_output(&mut output);
            let status = self
                .spnego
                .accept_security_context_impl(request)
                .and_then(|mut generator| generator.resolve_to_result())
                .map_err(refused)?
                .status;
            let token = std::mem::take(&mut output[0].buffer);
            if status == SecurityStatus::ContinueNeeded {
                return Ok(ServerStep::Continue(token));
            }
            let user = self.spnego.query_context_names().map_err(refused)?.username;
            self.settings.authentications.fetch_add(1, Ordering::SeqCst);
            Ok(ServerStep::Done {
                identity: Identity {
                    user: user.account_name().to_owned(),
                    authenticated_by: AuthenticationKind::Negotiate,
                },
                token: (!self.settings.taciturn).then_some(token),
            })
        })();
        Box::pin(std::future::ready(step))
    }

    fn sealer(&mut self) -> Option<&mut dyn BodySealer> {
        self.binding.is_none().then_some(self)
    }
}

/// Its own reading and writing of sealed bodies, by fixed lengths, as a second opinion.
impl BodySealer for Context {
    fn seal(&mut self, plain: &[u8]) -> Result<SealedBody, AuthError> {
        self.answers += 1;
        let (mut signature, mut data) = (vec![0; 16], plain.to_vec());
        let mut buffers = [
            SecurityBufferRef::token_buf(&mut signature),
            SecurityBufferRef::data_buf(&mut data),
        ];
        self.spnego
            .encrypt_message(EncryptionFlags::empty(), &mut buffers)
            .unwrap();
        if self.answers == self.settings.damage {
            data[0] ^= 1;
        }
        let mut body = format!(
            "--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={}\r\n--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n\x10\0\0\0",
            plain.len()
        )
        .into_bytes();
        body.extend(signature);
        body.extend(data);
        body.extend(b"--Encrypted Boundary--\r\n");
        Ok(SealedBody {
            content_type: Cow::Borrowed(CONTENT_TYPE),
            body: body.into(),
        })
    }

    fn unseal(&mut self, content_type: &str, body: &[u8]) -> Result<Bytes, AuthError> {
        assert_eq!(content_type, CONTENT_TYPE);
        self.settings
            .bodies
            .lock()
            .unwrap()
            .push(Bytes::copy_from_slice(body));
        let start = b"application/octet-stream\r\n\x10\0\0\0";
        let at = body
            .windows(start.len())
            .position(|window| window == start)
            .unwrap()
            + start.len();
        let mut signature = body[at..at + 16].to_vec();
        let mut data = body[at + 16..body.len() - "--Encrypted Boundary--\r\n".len()].to_vec();
        let mut buffers = [
            SecurityBufferRef::token_buf(&mut signature),
            SecurityBufferRef::data_buf(&mut data),
        ];
        self.spnego.decrypt_message(&mut buffers).unwrap();
        Ok(data.into())
    }
}

async fn serve(acceptor: &Acceptor) -> Serving {
    // Nothing here may depend on the connection being local.
    Serving::bare(|server| server.local_peers(|_| false).scheme(acceptor.clone())).await
}

fn client(serving: &Serving, password: &str) -> Client {
    let scheme = NegotiateClient::new(USER, &Secret::from(password)).unwrap();
    Client::builder(&serving.url())
        .unwrap()
        .local_peers(|_| false)
        .scheme(scheme.computer_name("testhost"))
        .build()
        .unwrap()
}

#[tokio::test]
async fn envelopes_go_sealed_over_a_connection_that_others_can_read() {
    let acceptor = Acceptor::default();
    let serving = serve(&acceptor).await;
    let client = client(&serving, PASSWORD);
    for _ in 0..3 {
        let reply = exchange(&client, "<hello/>").await.unwrap();
        assert_eq!(reply.body, "Negotiate operator 127.0.0.1 true <hello/>");
    }
    let fault = exchange(&client, "<fault/>").await.unwrap();
    assert_eq!((fault.status, &fault.body[..]), (500, &b"<s:Fault/>"[..]));
    assert_eq!(
        exchange(&client, "<big/>").await.unwrap().body.len(),
        300_000
    );
    assert_eq!(acceptor.authentications.load(Ordering::SeqCst), 1);
    let bodies = acceptor.bodies.lock().unwrap();
    assert_eq!(bodies.len(), 5);
    for body in bodies.iter() {
        assert!(!body.windows(5).any(|window| window == b"hello"));
    }
    // The same plain text looks different each time.
    assert_ne!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn a_wrong_password_is_access_denied() {
    let serving = serve(&Acceptor::default()).await;
    let error = exchange(&client(&serving, "wrong"), "<hello/>")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::Authentication, "{error}");
    assert_eq!(serving.handler.calls(), 0);
}

#[tokio::test]
async fn a_damaged_answer_is_not_believed() {
    let acceptor = Acceptor {
        damage: 2,
        ..Acceptor::default()
    };
    let serving = serve(&acceptor).await;
    let client = client(&serving, PASSWORD);
    assert!(exchange(&client, "<hello/>").await.is_ok());
    let error = exchange(&client, "<hello/>").await.unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::Protocol, "{error}");
    // The next request begins anew, on another connection.
    assert!(exchange(&client, "<hello/>").await.is_ok());
    assert_eq!(acceptor.authentications.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_server_that_leaves_the_last_token_out_gets_no_envelope() {
    let acceptor = Acceptor {
        taciturn: true,
        ..Acceptor::default()
    };
    let serving = serve(&acceptor).await;
    let error = exchange(&client(&serving, PASSWORD), "<hello/>")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::Protocol, "{error}");
    assert_eq!(serving.handler.calls(), 0);
}

/// The outcome of two requests over TLS, and how many were handled.
async fn over_tls(acceptor: &Acceptor) -> (Vec<Result<Bytes, ExchangeErrorKind>>, usize) {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let tls = ServerTls::new(certificate.pem().as_bytes(), key.serialize_pem().as_bytes());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = Serving::on(address, Listener::tls(listener, tls.unwrap()), |server| {
        server.local_peers(|_| false).scheme(acceptor.clone())
    });
    let client = Client::builder(&format!("https://{address}/wsman"))
        .unwrap()
        .scheme(NegotiateClient::new(USER, &Secret::from(PASSWORD)).unwrap())
        .tls(
            ClientTls::new()
                .root_certificates(certificate.pem().as_bytes())
                .unwrap(),
        )
        .build()
        .unwrap();
    let mut outcomes = Vec::new();
    for _ in 0..2 {
        let outcome = exchange(&client, "<hello/>").await;
        outcomes.push(
            outcome
                .map(|reply| reply.body)
                .map_err(|error| error.kind()),
        );
    }
    (outcomes, serving.handler.calls())
}

#[tokio::test]
async fn over_tls_the_envelope_goes_along_and_is_not_sealed_twice() {
    let acceptor = Acceptor::default();
    let (outcomes, handled) = over_tls(&acceptor).await;
    let expected = Ok(Bytes::from("Negotiate operator 127.0.0.1 true <hello/>"));
    assert_eq!(outcomes, [expected.clone(), expected]);
    assert_eq!(handled, 2);
    assert_eq!(acceptor.authentications.load(Ordering::SeqCst), 1);
    assert!(acceptor.bodies.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_authentication_is_bound_to_the_certificate_that_the_client_saw() {
    let acceptor = Acceptor {
        bound_elsewhere: true,
        ..Acceptor::default()
    };
    let (outcomes, handled) = over_tls(&acceptor).await;
    let refused = Err(ExchangeErrorKind::Authentication);
    assert_eq!(outcomes, [refused.clone(), refused]);
    assert_eq!(handled, 0);
}

/// The server runs on other threads than the test, so that only the client's log is seen.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn logs_at_the_finest_level_hold_no_token() {
    let serving = serve(&Acceptor::default()).await;
    let client = client(&serving, PASSWORD);
    let log = Log::default();
    let guard = log.for_this_thread();
    exchange(&client, "<hello/>").await.unwrap();
    drop(guard);
    let text = log.text();
    assert!(text.contains("Connected"), "{text}");
    for secret in [PASSWORD, "NTLM", "78, 84, 76, 77", "hello"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn credentials_that_windows_cannot_have_are_refused() {
    assert!(NegotiateClient::new("", &Secret::from("pw")).is_err());
    assert!(NegotiateClient::new("anna", &Secret::new([0xff, 0xfe])).is_err());
    for user in ["anna", "CONTOSO\\anna", "anna@contoso.com"] {
        let client = NegotiateClient::new(user, &Secret::from(PASSWORD)).unwrap();
        let shown = format!("{client:?}");
        assert!(
            shown.contains("anna") && !shown.contains(PASSWORD),
            "{shown}"
        );
    }
}
