//! The client's part in the exchange of the session key.

use std::time::Instant;

use psrp_codec::{MessageKind, OwnedMessage, SecureString, message::EncryptedSessionKey};
use tracing::warn;
use zeroize::Zeroizing;

use super::{ClientEvent, ClientPool, Timer};
use crate::{
    MisuseError, PeerError, PoolState,
    session_key::{ClientKeyState, Secrecy},
    wire,
};

impl ClientPool {
    /// Asks the server for the session key. [`ClientEvent::SessionKeyReady`] follows; at once when
    /// there is one already or none is needed (protocol 2.4).
    ///
    /// A message that holds a secret can be built once this is done: exchange first, then create
    /// the pipeline, as PowerShell does.
    ///
    /// # Errors
    /// When the pool is not open, or the [`ClientConfig`](super::ClientConfig) has no keys.
    pub fn exchange_session_key(&mut self, now: Instant) -> Result<(), MisuseError> {
        self.must_be(PoolState::Opened)?;
        if !self.needs_session_key() {
            self.events.push_back(ClientEvent::SessionKeyReady);
            return Ok(());
        }
        if !self.key.is_sent() {
            self.send_public_key(now)?;
        }
        Ok(())
    }

    /// Whether [`protect`](Self::protect) and [`reveal`](Self::reveal) have to wait for
    /// [`exchange_session_key`](Self::exchange_session_key).
    #[must_use]
    pub fn needs_session_key(&self) -> bool {
        matches!(self.secrecy(), Secrecy::Locked)
    }

    /// What stands for a secret, UTF-16, on this connection.
    ///
    /// # Errors
    /// When there is no session key yet, or the cipher fails.
    pub fn protect(&self, secret: &[u16]) -> Result<SecureString, MisuseError> {
        self.secrecy().protect(secret)
    }

    /// The secret, UTF-16, that the server sent. It may come before there is a key: exchange, and
    /// ask again.
    ///
    /// # Errors
    /// When there is no session key yet, or this was not encrypted with it.
    pub fn reveal(&self, secret: &SecureString) -> Result<Zeroizing<Vec<u16>>, MisuseError> {
        self.secrecy().reveal(secret)
    }

    fn secrecy(&self) -> Secrecy<'_> {
        Secrecy::of(self.agreed, self.key.cipher())
    }

    fn send_public_key(&mut self, now: Instant) -> Result<(), MisuseError> {
        let keys = self.config.keys.as_mut().ok_or(MisuseError::NoSessionKey)?;
        let key = keys.public_key()?;
        self.queue_for_pool(MessageKind::PublicKey, &key.to_value());
        self.key = ClientKeyState::Sent;
        self.set_timer(now, Timer::SessionKey, self.config.timeouts.session_key);
        Ok(())
    }

    /// The server wants our key. While one is under way, or with nothing to make one, the request
    /// is passed over.
    pub(super) fn on_public_key_request(&mut self, now: Instant) {
        if self.key.is_sent() || self.agreed.is_some_and(|agreed| agreed.has_plain_secrets()) {
            return;
        }
        if let Err(error) = self.send_public_key(now) {
            warn!(pool = %self.id, %error, "The server asks for a key and there is none");
        }
    }

    /// A session key that nobody waits for is passed over.
    pub(super) fn on_session_key(&mut self, message: &OwnedMessage) -> Result<(), PeerError> {
        if !self.key.is_sent() {
            return Ok(());
        }
        let limits = self.config.limits.codec;
        let wrapped = wire::body(message, &limits, EncryptedSessionKey::from_value)?;
        let Some(keys) = &mut self.config.keys else {
            return Ok(());
        };
        let cipher = keys
            .unwrap_session_key(&wrapped)
            .map_err(PeerError::SessionKey)?;
        self.key = ClientKeyState::Ready(cipher);
        self.timers.cancel(Timer::SessionKey);
        self.events.push_back(ClientEvent::SessionKeyReady);
        Ok(())
    }
}
