//! One envelope on one connection: the legs of the authentication, the request, the answer.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, HeaderMap, HeaderName,
    HeaderValue, LOCATION, USER_AGENT, WWW_AUTHENTICATE,
};
use hyper::{Request, StatusCode};

use super::Shared;
use super::connection::{Answer, Connection};
use crate::auth::{
    AuthError, AuthErrorKind, Challenge, ClientContext, ClientScheme, ClientStep,
    ConnectionSecurity, Scope, Secret, format_token,
};
use crate::exchange::{ExchangeError, ExchangeErrorKind, ExchangeReply};
use crate::http::media_type::{MediaType, SOAP_UTF8};

/// How many tokens an authentication may send. NTLM needs two, Kerberos two, CredSSP about five.
const MAX_LEGS: usize = 8;
/// How much text of a server goes into an error.
const MAX_QUOTED_LEN: usize = 200;

/// Why a conversation ended without an answer.
pub(super) enum Failure {
    /// The server has not looked at the envelope: on another connection it may be sent again.
    NotExecuted(ExchangeError),
    /// It may have been executed, or sending it again would not help.
    Final(ExchangeError),
}

impl From<ExchangeError> for Failure {
    fn from(error: ExchangeError) -> Self {
        Self::Final(error)
    }
}

impl Shared {
    /// Authenticates the connection as far as it needs it, then exchanges the envelope.
    pub(super) async fn converse(
        &self,
        connection: &mut Connection,
        envelope: &Bytes,
    ) -> Result<ExchangeReply, Failure> {
        let Some(scheme) = &self.scheme else {
            self.check_plain(&connection.security)?;
            let answer = self.post_plain(connection, None, envelope.clone()).await?;
            return Ok(self.reply(answer)?);
        };
        // Taken out for the time of the conversation; a connection whose conversation fails is not kept.
        let mut context = match connection.context.take() {
            Some(context) => context,
            None => scheme
                .start(&connection.security)
                .map_err(|error| self.auth_error(&error))?,
        };
        let was_authenticated = connection.authenticated;
        if !was_authenticated
            && let Some(answer) = self
                .authenticate(connection, scheme.as_ref(), context.as_mut(), envelope)
                .await?
        {
            connection.context = Some(context);
            return Ok(self.reply(answer)?);
        }
        let answer = match context.sealer() {
            Some(sealer) => {
                let sealed = sealer
                    .seal(envelope)
                    .map_err(|error| self.auth_error(&error))?;
                let mut answer = self
                    .post(connection, None, &sealed.content_type, sealed.body)
                    .await?;
                match media_type(&answer.headers) {
                    (MediaType::Sealed, content_type) => {
                        answer.body = sealer
                            .unseal(content_type, &answer.body)
                            .map_err(|error| self.auth_error(&error))?;
                        answer
                            .headers
                            .insert(CONTENT_TYPE, HeaderValue::from_static(SOAP_UTF8));
                    }
                    // Nobody vouches for a clear body here: no more than the status is believed.
                    _ => {
                        answer.headers.remove(CONTENT_TYPE);
                    }
                }
                answer
            }
            None => {
                self.check_plain(&connection.security)?;
                self.post_plain(connection, None, envelope.clone()).await?
            }
        };
        if was_authenticated && answer.status == StatusCode::UNAUTHORIZED {
            let error = self.refused(&answer.headers);
            return Err(Failure::NotExecuted(error));
        }
        connection.context = Some(context);
        Ok(self.reply(answer)?)
    }

    /// Goes through the legs. Gives the answer when the envelope went along with the last of them.
    async fn authenticate(
        &self,
        connection: &mut Connection,
        scheme: &dyn ClientScheme,
        context: &mut dyn ClientContext,
        envelope: &Bytes,
    ) -> Result<Option<Answer>, Failure> {
        let mut challenge: Option<Vec<u8>> = None;
        for _ in 0..MAX_LEGS {
            let step = context
                .next_token(challenge.as_deref())
                .await
                .map_err(|error| self.auth_error(&error))?;
            let authorization = match step {
                ClientStep::Token(token) => format_token(scheme.name(), token.expose()),
                ClientStep::NameOnly => Secret::from(scheme.name()),
                ClientStep::Done => {
                    connection.authenticated = context.scope() == Scope::Connection;
                    return Ok(None);
                }
            };
            let sealed = context.sealer().is_some();
            let body = if sealed {
                Bytes::new()
            } else {
                self.check_plain(&connection.security)?;
                envelope.clone()
            };
            let answer = self
                .post_plain(connection, Some(authorization), body)
                .await?;
            let token = offers(&answer.headers)
                .into_iter()
                .find(|offer| offer.scheme.eq_ignore_ascii_case(scheme.name()))
                .and_then(|offer| offer.token);
            if answer.status == StatusCode::UNAUTHORIZED {
                let Some(token) = token else {
                    return Err(self.refused(&answer.headers).into());
                };
                challenge = Some(token);
                continue;
            }
            if context.scope() == Scope::Request {
                return Ok(Some(answer));
            }
            if let Some(token) = token {
                let last = context
                    .next_token(Some(&token))
                    .await
                    .map_err(|error| self.auth_error(&error))?;
                if !matches!(last, ClientStep::Done) {
                    return Err(self
                        .protocol("the server ended the authentication too early")
                        .into());
                }
            }
            if !context.is_complete() {
                return Err(self
                    .protocol("the server left the last token of the authentication out")
                    .into());
            }
            connection.authenticated = true;
            if !sealed {
                return Ok(Some(answer));
            }
            if answer.status.is_success() {
                return Ok(None);
            }
            return Err(self.without_envelope(&answer).into());
        }
        Err(self
            .protocol("the authentication does not come to an end")
            .into())
    }

    async fn post_plain(
        &self,
        connection: &mut Connection,
        authorization: Option<Secret>,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        self.post(connection, authorization, SOAP_UTF8, body).await
    }

    async fn post(
        &self,
        connection: &mut Connection,
        authorization: Option<Secret>,
        content_type: &str,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = hyper::Method::POST;
        *request.uri_mut() = self
            .address
            .target()
            .parse()
            .map_err(|_| self.protocol("the path of the address cannot be requested"))?;
        let headers = request.headers_mut();
        let mut set = |name: HeaderName, value: &str| match HeaderValue::from_str(value) {
            Ok(value) => {
                headers.insert(name, value);
                Ok(())
            }
            Err(_) => Err(self.protocol("a field of the request holds a forbidden character")),
        };
        set(HOST, &self.address.host_field())?;
        set(CONNECTION, "Keep-Alive")?;
        set(USER_AGENT, &self.user_agent)?;
        set(ACCEPT_ENCODING, "identity")?;
        set(CONTENT_TYPE, content_type)?;
        if let Some(authorization) = authorization {
            // The field shares the memory of the secret, which is overwritten when the request is dropped.
            let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(authorization))
                .map_err(|_| self.protocol("the scheme gave a name that no field can hold"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        connection.send(request, self.max_response_len).await
    }

    /// Whether an envelope may go over the connection as it is.
    fn check_plain(&self, security: &ConnectionSecurity) -> Result<(), ExchangeError> {
        if security.is_private() || self.allow_unencrypted {
            Ok(())
        } else {
            Err(ExchangeError::new(
                ExchangeErrorKind::NotAllowed,
                format!(
                    "everyone on the way to {} could read and change the session: use https, or allow it by name",
                    self.address
                ),
            ))
        }
    }

    /// The envelope of an answer, or what its status means.
    fn reply(&self, answer: Answer) -> Result<ExchangeReply, ExchangeError> {
        if answer.status == StatusCode::UNAUTHORIZED {
            return Err(self.refused(&answer.headers));
        }
        if media_type(&answer.headers).0 == MediaType::Soap && !answer.body.is_empty() {
            return Ok(ExchangeReply {
                status: answer.status.as_u16(),
                body: answer.body,
            });
        }
        Err(self.without_envelope(&answer))
    }

    fn without_envelope(&self, answer: &Answer) -> ExchangeError {
        let status = answer.status;
        if status.is_redirection() {
            let location = answer
                .headers
                .get(LOCATION)
                .map(quote)
                .unwrap_or_else(|| "an address that it does not name".to_owned());
            return ExchangeError::new(
                ExchangeErrorKind::Redirect,
                format!(
                    "{} sends to {location}, which is not followed",
                    self.address
                ),
            );
        }
        if status.is_success() {
            return self.protocol("the answer holds no SOAP envelope");
        }
        ExchangeError::new(
            ExchangeErrorKind::Status(status.as_u16()),
            format!("{} answered HTTP {status}", self.address),
        )
    }

    fn refused(&self, headers: &HeaderMap) -> ExchangeError {
        let offered: Vec<String> = offers(headers)
            .into_iter()
            .map(|offer| offer.scheme)
            .collect();
        let offered = match offered.join(", ") {
            list if list.is_empty() => "nothing".to_owned(),
            list => shorten(&list),
        };
        let message = match &self.scheme {
            Some(scheme) => format!(
                "{} did not accept the {} credentials (it offers {offered})",
                self.address,
                scheme.name()
            ),
            None => format!(
                "{} wants credentials and none were given (it offers {offered})",
                self.address
            ),
        };
        ExchangeError::new(ExchangeErrorKind::Authentication, message)
    }

    fn auth_error(&self, error: &AuthError) -> ExchangeError {
        let kind = match error.kind() {
            AuthErrorKind::NotAllowed => ExchangeErrorKind::NotAllowed,
            AuthErrorKind::Malformed | AuthErrorKind::Tampered => ExchangeErrorKind::Protocol,
            _ => ExchangeErrorKind::Authentication,
        };
        ExchangeError::new(kind, format!("{}: {error}", self.address)).with_source(error.clone())
    }

    fn protocol(&self, problem: &str) -> ExchangeError {
        ExchangeError::new(
            ExchangeErrorKind::Protocol,
            format!("{}: {problem}", self.address),
        )
    }
}

fn offers(headers: &HeaderMap) -> Vec<Challenge> {
    headers
        .get_all(WWW_AUTHENTICATE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Challenge::read_field)
        .collect()
}

fn media_type(headers: &HeaderMap) -> (MediaType, &str) {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    (MediaType::read(value), value)
}

/// Text of the server, fit for a message.
fn quote(value: &HeaderValue) -> String {
    shorten(&String::from_utf8_lossy(value.as_bytes()))
}

fn shorten(text: &str) -> String {
    let mut short: String = text
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_QUOTED_LEN)
        .collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
