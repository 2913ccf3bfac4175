//! One request of a connection: where it goes, who sends it, what it says.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{
    ALLOW, AUTHORIZATION, CONNECTION, CONTENT_TYPE, EXPECT, HeaderMap, HeaderValue,
    WWW_AUTHENTICATE,
};
use hyper::{Method, Request, Response, StatusCode};
use tracing::{debug, error, warn};

use super::body;
use super::connection::{Admission, Connection};
use crate::auth::{
    AuthErrorKind, Authorization, Identity, Scope, ServerContext, ServerScheme, ServerStep,
    format_token,
};
use crate::exchange::{AuthenticationKind, Caller, EnvelopeHandler, HandlerReply};
use crate::http::media_type::{MediaType, SOAP_UTF8};

type Answer = Response<Full<Bytes>>;

/// Where Windows clients post an Identify without credentials.
const ANONYMOUS_PATH: &str = "/wsman-anon/identify";
/// The field that says that an Identify comes without credentials.
const IDENTIFY_FIELD: &str = "wsmanidentify";
/// An Identify has 300 bytes; strangers may send no more than this.
const MAX_IDENTIFY_LEN: usize = 16 * 1024;

/// How far the authentication of a connection has come.
#[derive(Default)]
pub(super) struct Authentication {
    /// The context of the last token, with the name of its scheme.
    context: Option<(&'static str, Box<dyn ServerContext>)>,
    /// Whose connection it is, once a context that lasts for the connection is complete.
    identity: Option<Identity>,
    legs: u32,
    failures: u32,
}

/// What the head of a request says about its sender.
enum Verdict {
    /// Authenticated, with a token for the answer.
    Authenticated {
        identity: Identity,
        token: Option<HeaderValue>,
    },
    /// No credentials yet, wrong ones, or the next leg of an authentication.
    Unauthorized { offers: Vec<HeaderValue> },
    /// Nothing that could be offered would help.
    Forbidden,
}

/// Answers one request. Never fails: what goes wrong is an answer, too.
pub(super) async fn answer<H: EnvelopeHandler>(
    connection: Arc<Connection<H>>,
    request: Request<Incoming>,
) -> Result<Answer, Infallible> {
    let _busy = connection.activity.busy();
    Ok(connection.answer(request).await)
}

impl<H: EnvelopeHandler> Connection<H> {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let (head, body) = request.into_parts();
        let settings = &self.shared.settings;
        let path = head.uri.path();
        let anonymous_path = settings.unauthenticated_identify && path == ANONYMOUS_PATH;
        if !anonymous_path && path.strip_suffix('/').unwrap_or(path) != settings.path {
            return reject(StatusCode::NOT_FOUND, &head.headers, body).await;
        }
        if head.method != Method::POST {
            let mut answer = reject(StatusCode::METHOD_NOT_ALLOWED, &head.headers, body).await;
            answer
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("POST"));
            return answer;
        }
        if anonymous_path
            || (settings.unauthenticated_identify && asks_unauthenticated(&head.headers))
        {
            return self.identify(&head.headers, body).await;
        }
        let mut authentication = self.authentication.lock().await;
        match self.authenticate(&mut authentication, &head.headers).await {
            Verdict::Authenticated { identity, token } => {
                self.activity.set_authenticated();
                let mut answer = self
                    .envelope(&mut authentication, identity, &head.headers, body)
                    .await;
                if let Some(token) = token {
                    answer.headers_mut().append(WWW_AUTHENTICATE, token);
                }
                answer
            }
            Verdict::Unauthorized { offers } => {
                let mut answer = reject(StatusCode::UNAUTHORIZED, &head.headers, body).await;
                for offer in offers {
                    answer.headers_mut().append(WWW_AUTHENTICATE, offer);
                }
                if authentication.failures >= settings.limits.failed_authentications {
                    close_after(&mut answer);
                }
                answer
            }
            Verdict::Forbidden => {
                let mut answer = reject(StatusCode::FORBIDDEN, &head.headers, body).await;
                close_after(&mut answer);
                answer
            }
        }
    }

    /// Answers an Identify of somebody unknown.
    async fn identify(&self, headers: &HeaderMap, body: Incoming) -> Answer {
        if media_type(headers).0 != MediaType::Soap {
            return reject(StatusCode::UNSUPPORTED_MEDIA_TYPE, headers, body).await;
        }
        let limits = &self.shared.settings.limits;
        let max_len = MAX_IDENTIFY_LEN.min(limits.body_len);
        match body::read(body, max_len, limits.head_timeout).await {
            Ok(envelope) => {
                let caller = Caller {
                    user: String::new(),
                    authenticated_by: AuthenticationKind::Anonymous,
                    peer: self.peer.clone(),
                    secure: self.security.is_private(),
                };
                soap(self.call_handler(caller, envelope).await)
            }
            Err(status) => closing(status),
        }
    }

    /// Finds out who sends a request, before anything of its body is read.
    async fn authenticate(
        &self,
        authentication: &mut Authentication,
        headers: &HeaderMap,
    ) -> Verdict {
        match &self.admission {
            Admission::Known(identity) => {
                return Verdict::Authenticated {
                    identity: identity.clone(),
                    token: None,
                };
            }
            Admission::Refused => {
                warn!(
                    peer = self.peer,
                    "An account that may not use the socket was refused"
                );
                return Verdict::Forbidden;
            }
            Admission::ByScheme => {}
        }
        let Some(field) = headers.get(AUTHORIZATION) else {
            return match &authentication.identity {
                Some(identity) => Verdict::Authenticated {
                    identity: identity.clone(),
                    token: None,
                },
                None => self.offer(),
            };
        };
        // A new proof replaces the old one, whether it succeeds or not.
        authentication.identity = None;
        let authorization = field
            .to_str()
            .ok()
            .and_then(|field| Authorization::read(field).ok());
        let scheme = authorization.as_ref().and_then(|authorization| {
            self.available()
                .find(|scheme| scheme.name().eq_ignore_ascii_case(authorization.scheme))
        });
        let (Some(authorization), Some(scheme)) = (authorization, scheme) else {
            return self.refuse(authentication, "a scheme that is not offered");
        };
        let mut context = match authentication.context.take() {
            Some((name, context)) if name == scheme.name() && authentication.legs > 0 => context,
            _ => {
                authentication.legs = 0;
                scheme.start(&self.security)
            }
        };
        authentication.legs += 1;
        if authentication.legs > self.shared.settings.limits.authentication_legs {
            return self.refuse(authentication, "too many legs");
        }
        match context.accept(authorization.token.expose()).await {
            Ok(ServerStep::Continue(token)) => {
                authentication.context = Some((scheme.name(), context));
                match token_field(scheme, &token) {
                    Some(token) => Verdict::Unauthorized {
                        offers: vec![token],
                    },
                    None => self.refuse(authentication, "a token that no field can hold"),
                }
            }
            Ok(ServerStep::Done { identity, token }) => {
                authentication.legs = 0;
                authentication.failures = 0;
                if context.scope() == Scope::Connection {
                    authentication.identity = Some(identity.clone());
                    authentication.context = Some((scheme.name(), context));
                }
                Verdict::Authenticated {
                    identity,
                    token: token.and_then(|token| token_field(scheme, &token)),
                }
            }
            Err(error) => {
                if error.kind() == AuthErrorKind::Unavailable {
                    error!(peer = self.peer, scheme = scheme.name(), %error, "Cannot authenticate");
                }
                // Not the name: people type passwords into the wrong field.
                self.refuse(authentication, "credentials that are not accepted")
            }
        }
    }

    fn refuse(&self, authentication: &mut Authentication, what: &'static str) -> Verdict {
        warn!(peer = self.peer, what, "A client was refused");
        authentication.context = None;
        authentication.legs = 0;
        authentication.failures = authentication.failures.saturating_add(1);
        self.offer()
    }

    fn available(&self) -> impl Iterator<Item = &dyn ServerScheme> {
        self.shared
            .settings
            .schemes
            .iter()
            .map(AsRef::as_ref)
            .filter(|scheme| scheme.is_available(&self.security))
    }

    fn offer(&self) -> Verdict {
        let offers: Vec<HeaderValue> = self
            .available()
            .filter_map(|scheme| HeaderValue::from_str(&scheme.offer()).ok())
            .collect();
        if offers.is_empty() {
            debug!(peer = self.peer, "No scheme may be used on this connection");
            Verdict::Forbidden
        } else {
            Verdict::Unauthorized { offers }
        }
    }

    /// Reads, opens and answers the envelope of an authenticated request.
    async fn envelope(
        &self,
        authentication: &mut Authentication,
        identity: Identity,
        headers: &HeaderMap,
        body: Incoming,
    ) -> Answer {
        let limits = &self.shared.settings.limits;
        let (media_type, content_type) = media_type(headers);
        let last_leg = headers.contains_key(AUTHORIZATION) && authentication.identity.is_some();
        let received = match body::read(body, limits.body_len, limits.body_timeout).await {
            Ok(received) => received,
            Err(status) => return closing(status),
        };
        if received.is_empty() {
            // The last leg of an authentication that seals: the envelope comes with the next request.
            return empty(if last_leg {
                StatusCode::OK
            } else {
                StatusCode::BAD_REQUEST
            });
        }
        let caller = |secure| Caller {
            user: identity.user,
            authenticated_by: identity.authenticated_by,
            peer: self.peer.clone(),
            secure,
        };
        match media_type {
            MediaType::Soap => {
                if !self.security.is_private() && !self.shared.settings.allow_unencrypted {
                    debug!(peer = self.peer, "A request in clear text was refused");
                    return closing(StatusCode::FORBIDDEN);
                }
                soap(
                    self.call_handler(caller(self.security.is_private()), received)
                        .await,
                )
            }
            MediaType::Sealed => {
                let Some(sealer) = authentication
                    .context
                    .as_mut()
                    .and_then(|(_, context)| context.sealer())
                else {
                    return empty(StatusCode::UNSUPPORTED_MEDIA_TYPE);
                };
                let opened = match sealer.unseal(content_type, &received) {
                    Ok(opened) => opened,
                    Err(error) => {
                        warn!(peer = self.peer, %error, "A sealed request could not be opened");
                        *authentication = Authentication::default();
                        return closing(StatusCode::BAD_REQUEST);
                    }
                };
                let reply = self.call_handler(caller(true), opened).await;
                match sealer.seal(&reply.body) {
                    Ok(sealed) => {
                        let mut answer = empty(status(reply.status));
                        *answer.body_mut() = Full::new(sealed.body);
                        if let Ok(value) = HeaderValue::from_str(&sealed.content_type) {
                            answer.headers_mut().insert(CONTENT_TYPE, value);
                        }
                        answer
                    }
                    Err(error) => {
                        error!(peer = self.peer, %error, "An answer could not be sealed");
                        closing(StatusCode::INTERNAL_SERVER_ERROR)
                    }
                }
            }
            MediaType::Other => empty(StatusCode::UNSUPPORTED_MEDIA_TYPE),
        }
    }

    /// Calls the handler; a panic in it costs this request and not the connection.
    async fn call_handler(&self, caller: Caller, envelope: Bytes) -> HandlerReply {
        let handling = async { self.shared.handler.handle(caller, envelope).await };
        let mut handling = pin!(handling);
        let outcome = poll_fn(|cx| {
            // After a panic the future is not polled again, so nobody sees what it left behind.
            match catch_unwind(AssertUnwindSafe(|| handling.as_mut().poll(cx))) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(reply)) => Poll::Ready(Some(reply)),
                Err(_) => Poll::Ready(None),
            }
        })
        .await;
        outcome.unwrap_or_else(|| {
            error!(peer = self.peer, "The handler of a request panicked");
            HandlerReply {
                status: StatusCode::INTERNAL_SERVER_ERROR.as_u16(),
                body: Bytes::new(),
            }
        })
    }
}

fn asks_unauthenticated(headers: &HeaderMap) -> bool {
    !headers.contains_key(AUTHORIZATION)
        && headers
            .get(IDENTIFY_FIELD)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"unauthenticated"))
}

fn media_type(headers: &HeaderMap) -> (MediaType, &str) {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    (MediaType::read(value), value)
}

fn token_field(scheme: &dyn ServerScheme, token: &[u8]) -> Option<HeaderValue> {
    let value = format_token(scheme.name(), token);
    let mut value = HeaderValue::from_bytes(value.expose()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// An answer to a request whose body nobody reads.
async fn reject(status: StatusCode, headers: &HeaderMap, body: Incoming) -> Answer {
    let mut answer = empty(status);
    // Reading would ask a client that waits for 100 (Continue) to send what is thrown away.
    if headers.contains_key(EXPECT) || !body::discard(body).await {
        close_after(&mut answer);
    }
    answer
}

fn closing(status: StatusCode) -> Answer {
    let mut answer = empty(status);
    close_after(&mut answer);
    answer
}

fn close_after(answer: &mut Answer) {
    answer
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
}

fn soap(reply: HandlerReply) -> Answer {
    let mut answer = empty(status(reply.status));
    if !reply.body.is_empty() {
        answer
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(SOAP_UTF8));
    }
    *answer.body_mut() = Full::new(reply.body);
    answer
}

fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    answer
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
