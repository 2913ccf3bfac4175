//! Negotiate for clients: NTLM version 2 inside SPNEGO, with sealed bodies where TLS does not protect them.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use sspi::ntlm::NtlmConfig;
use sspi::{
    AuthIdentity, BufferType, ClientRequestFlags, CredentialUse, CredentialsBuffers,
    DataRepresentation, EncryptionFlags, Negotiate, NegotiateConfig, SecurityBuffer,
    SecurityBufferRef, SecurityStatus, Sspi, SspiImpl, Username,
};
use tracing::subscriber::{NoSubscriber, with_default};
use zeroize::Zeroizing;

use super::channel_binding::{sec_channel_bindings, tls_server_end_point};
use super::sealed_body::{SealedBy, SealedMessage};
use super::{
    AuthError, AuthErrorKind, AuthFuture, BodySealer, ClientContext, ClientScheme, ClientStep,
    ConnectionSecurity, Scope, SealedBody, Secret,
};

/// User name and password for Negotiate.
///
/// The mechanism is NTLM: it needs no domain and does not show the password, but it does not prove who the server is
/// either. Over plain HTTP whoever answers under the server's address is believed, so use https where the network is
/// not trusted. Over https the authentication is bound to the server's certificate.
#[derive(Clone)]
pub struct NegotiateClient {
    identity: AuthIdentity,
    computer: String,
}

impl NegotiateClient {
    /// These credentials. The user name may be `DOMAIN\user` or `user@domain`.
    ///
    /// # Errors
    /// When the name or the password cannot be one of Windows.
    pub fn new(user: &str, password: &Secret) -> Result<Self, AuthError> {
        let not_allowed = |what: &str| AuthError::new(AuthErrorKind::NotAllowed, what);
        let username = Username::parse(user).map_err(|_| {
            not_allowed("not a user name for Negotiate: user, DOMAIN\\user or user@domain")
        })?;
        let password = std::str::from_utf8(password.expose())
            .map_err(|_| not_allowed("a password for Negotiate is text"))?;
        if user.is_empty() {
            return Err(not_allowed("Negotiate needs a user name"));
        }
        Ok(Self {
            identity: AuthIdentity {
                username,
                password: password.to_owned().into(),
            },
            computer: String::new(),
        })
    }

    /// The name of this computer, which servers log. Defaults to none.
    #[must_use]
    pub fn computer_name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.computer);
        self
    }
}

impl ClientScheme for NegotiateClient {
    fn name(&self) -> &'static str {
        "Negotiate"
    }

    fn start(&self, connection: &ConnectionSecurity) -> Result<Box<dyn ClientContext>, AuthError> {
        silently(|| {
            let config = NegotiateConfig::new(
                Box::new(NtlmConfig::new(self.computer.clone())),
                Some("ntlm,!kerberos,!pku2u".to_owned()),
                self.computer.clone(),
            );
            let mut spnego = Negotiate::new_client(config).map_err(|error| failed(&error))?;
            let credentials = spnego
                .acquire_credentials_handle()
                .with_credential_use(CredentialUse::Outbound)
                .with_auth_data(&sspi::Credentials::AuthIdentity(self.identity.clone()))
                .execute(&mut spnego)
                .map_err(|error| failed(&error))?
                .credentials_handle;
            Ok(Box::new(NegotiateContext {
                spnego,
                credentials,
                target: format!("HTTP/{}", connection.host),
                binding: connection
                    .server_certificate
                    .as_ref()
                    .map(|certificate| sec_channel_bindings(&tls_server_end_point(certificate))),
                seals: !connection.encrypted,
                complete: false,
            }) as Box<dyn ClientContext>)
        })
    }
}

impl fmt::Debug for NegotiateClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NegotiateClient")
            .field("user", &self.identity.username.account_name())
            .finish_non_exhaustive()
    }
}

struct NegotiateContext {
    spnego: Negotiate,
    credentials: Option<CredentialsBuffers>,
    target: String,
    /// Over TLS, what binds the authentication to it.
    binding: Option<Vec<u8>>,
    seals: bool,
    complete: bool,
}

impl NegotiateContext {
    fn step(&mut self, challenge: &[u8]) -> Result<ClientStep, AuthError> {
        let mut input = vec![SecurityBuffer::new(challenge.to_vec(), BufferType::Token)];
        if let Some(binding) = &self.binding {
            input.push(SecurityBuffer::new(
                binding.clone(),
                BufferType::ChannelBindings,
            ));
        }
        let mut output = [SecurityBuffer::new(Vec::new(), BufferType::Token)];
        let mut request = self
            .spnego
            .initialize_security_context()
            .with_credentials_handle(&mut self.credentials)
            // The session key is asked for because SPNEGO exchanges the signatures of its list of mechanisms only
            // then, and these are mandatory with NTLM.
            .with_context_requirements(
                ClientRequestFlags::CONFIDENTIALITY
                    | ClientRequestFlags::INTEGRITY
                    | ClientRequestFlags::MUTUAL_AUTH
                    | ClientRequestFlags::SEQUENCE_DETECT
                    | ClientRequestFlags::REPLAY_DETECT
                    | ClientRequestFlags::USE_SESSION_KEY,
            )
            .with_target_data_representation(DataRepresentation::Native)
            .with_target_name(&self.target)
            .with_input(&mut input)
            .with_output(&mut output);
        let status = self
            .spnego
            .initialize_security_context_impl(&mut request)
            .and_then(|mut generator| generator.resolve_to_result())
            .map_err(|error| failed(&error))?
            .status;
        self.complete = match status {
            SecurityStatus::Ok => true,
            SecurityStatus::ContinueNeeded => false,
            _ => {
                return Err(AuthError::new(
                    AuthErrorKind::Malformed,
                    "Negotiate ended in a state that NTLM does not have",
                ));
            }
        };
        let [token] = output;
        if token.buffer.is_empty() {
            Ok(ClientStep::Done)
        } else {
            Ok(ClientStep::Token(Secret::new(token.buffer)))
        }
    }
}

impl ClientContext for NegotiateContext {
    fn scope(&self) -> Scope {
        Scope::Connection
    }

    fn is_complete(&self) -> bool {
        self.complete
    }

    fn next_token<'a>(&'a mut self, challenge: Option<&'a [u8]>) -> AuthFuture<'a, ClientStep> {
        // NTLM asks nobody, so there is nothing to wait for.
        let step = silently(|| self.step(challenge.unwrap_or_default()));
        Box::pin(std::future::ready(step))
    }

    fn sealer(&mut self) -> Option<&mut dyn BodySealer> {
        self.seals.then_some(self)
    }
}

impl BodySealer for NegotiateContext {
    fn seal(&mut self, plain: &[u8]) -> Result<SealedBody, AuthError> {
        silently(|| {
            let sizes = self
                .spnego
                .query_context_sizes()
                .map_err(|error| failed(&error))?;
            let mut signature = vec![0; sizes.security_trailer as usize];
            let mut data = Zeroizing::new(plain.to_vec());
            let written = {
                let mut buffers = [
                    SecurityBufferRef::token_buf(&mut signature),
                    SecurityBufferRef::data_buf(&mut data),
                ];
                self.spnego
                    .encrypt_message(EncryptionFlags::empty(), &mut buffers)
                    .map_err(|error| failed(&error))?;
                buffers[0].data().len()
            };
            signature.truncate(written);
            let message = SealedMessage {
                signature: &signature,
                ciphertext: &data,
            };
            Ok(SealedBody {
                content_type: Cow::Borrowed(SealedBy::Spnego.content_type()),
                body: message.write(SealedBy::Spnego),
            })
        })
    }

    fn unseal(&mut self, content_type: &str, body: &[u8]) -> Result<Bytes, AuthError> {
        silently(|| {
            let message = SealedMessage::read(SealedBy::Spnego, content_type, body)?;
            let mut signature = message.signature.to_vec();
            let mut data = message.ciphertext.to_vec();
            let mut buffers = [
                SecurityBufferRef::token_buf(&mut signature),
                SecurityBufferRef::data_buf(&mut data),
            ];
            self.spnego.decrypt_message(&mut buffers).map_err(|_| {
                AuthError::new(
                    AuthErrorKind::Tampered,
                    "the signature of a sealed answer does not match",
                )
            })?;
            // Some peers fill up to whole blocks before they seal.
            let filling = data.iter().rev().take_while(|&&byte| byte == 0).count();
            data.truncate(data.len() - filling);
            Ok(data.into())
        })
    }
}

/// Runs the library where nothing is logged: at the finest level it writes tokens, from which passwords can be
/// guessed offline.
fn silently<T>(work: impl FnOnce() -> T) -> T {
    with_default(NoSubscriber::default(), work)
}

/// The library's account of an error, without what it quotes of the peer's tokens.
fn failed(error: &sspi::Error) -> AuthError {
    let kind = match error.error_type {
        sspi::ErrorKind::LogonDenied | sspi::ErrorKind::NoCredentials => AuthErrorKind::Refused,
        _ => AuthErrorKind::Malformed,
    };
    AuthError::new(kind, format!("Negotiate failed: {:?}", error.error_type))
}
