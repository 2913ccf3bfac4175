use std::time::Duration;

use psrp_codec::{EncryptedSessionKey, PublicKey, SecureString};
use runspace::{
    Carrier, ClientConfig, ClientEvent, MisuseError, PoolState, ProtocolVersion, ServerConfig,
    ServerEvent, Transmit,
    session_key::{ClientKeys, CryptoError, ServerKeys, SessionCipher},
};
use zeroize::Zeroizing;

use crate::pair::Pair;

/// Stands for AES: what matters here is who has which key when.
struct Mask(u8);

impl SessionCipher for Mask {
    fn encrypt(&self, plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
        Ok(plain.iter().map(|byte| byte ^ self.0).collect())
    }

    fn decrypt(&self, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        self.encrypt(encrypted).map(Zeroizing::new)
    }
}

/// Stands for RSA: the "ciphertext" names the public key that it was wrapped for.
struct Client(u8);

impl ClientKeys for Client {
    fn public_key(&mut self) -> Result<PublicKey, CryptoError> {
        Ok(PublicKey::from_rsa(&[self.0; 256], 65_537))
    }

    fn unwrap_session_key(
        &mut self,
        wrapped: &EncryptedSessionKey,
    ) -> Result<Box<dyn SessionCipher>, CryptoError> {
        match wrapped.ciphertext().as_deref() {
            Ok([key, whose]) if *whose == self.0 => Ok(Box::new(Mask(*key))),
            _ => Err(CryptoError("not wrapped for this key")),
        }
    }
}

struct Server(Mask);

impl ServerKeys for Server {
    fn wrap_session_key(&mut self, client: &PublicKey) -> Result<EncryptedSessionKey, CryptoError> {
        let (modulus, _) = client.to_rsa().map_err(|_| CryptoError("no key"))?;
        Ok(EncryptedSessionKey::from_ciphertext(&[
            self.0.0, modulus[0],
        ]))
    }

    fn cipher(&self) -> &dyn SessionCipher {
        &self.0
    }
}

fn pair(carrier: Carrier, protocol: ProtocolVersion) -> Pair {
    let mut pair = Pair::with(
        carrier,
        ClientConfig::default()
            .protocol(protocol)
            .keys(Box::new(Client(7))),
        ServerConfig::new(carrier)
            .protocol(ProtocolVersion::V2_4)
            .keys(Box::new(Server(Mask(0x5a)))),
    );
    pair.open();
    pair
}

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

#[test]
fn the_client_asks_for_the_key_and_both_can_read_secrets() {
    for carrier in [Carrier::Push, Carrier::Poll] {
        let mut pair = pair(carrier, ProtocolVersion::V2_3);
        // The server needs no exchange to encrypt; the client cannot read it yet.
        let early = pair.server.protect(&units("early")).unwrap();
        assert!(pair.client.needs_session_key());
        assert_eq!(pair.client.reveal(&early), Err(MisuseError::NoSessionKey));
        pair.client.exchange_session_key(pair.now).unwrap();
        pair.client.exchange_session_key(pair.now).unwrap();
        pair.drive();
        assert_eq!(pair.take_heard(), [ClientEvent::SessionKeyReady]);
        assert_eq!(pair.take_asked(), [ServerEvent::SessionKeyExchanged]);
        assert_eq!(*pair.client.reveal(&early).unwrap(), units("early"));
        let secret = pair.client.protect(&units("p\u{1f600}")).unwrap();
        assert_eq!(*pair.server.reveal(&secret).unwrap(), units("p\u{1f600}"));
        assert_eq!(pair.client.poll_timeout(), None);
    }
}

#[test]
fn protocol_2_4_needs_no_key() {
    let mut pair = pair(Carrier::Push, ProtocolVersion::V2_4);
    assert!(!pair.client.needs_session_key());
    pair.client.exchange_session_key(pair.now).unwrap();
    assert_eq!(pair.client.poll_transmit(1_000), None);
    pair.drive();
    assert_eq!(pair.take_heard(), [ClientEvent::SessionKeyReady]);
    let secret = pair.client.protect(&units("abc")).unwrap();
    assert_eq!(secret.expose(), "YQBiAGMA");
    assert_eq!(*pair.server.reveal(&secret).unwrap(), units("abc"));
    assert!(pair.server.request_public_key(pair.now).is_err());
}

#[test]
fn a_server_asks_a_client_of_2_1_for_its_key() {
    for carrier in [Carrier::Push, Carrier::Poll] {
        let mut pair = pair(carrier, ProtocolVersion::V2_1);
        pair.server.request_public_key(pair.now).unwrap();
        pair.drive();
        assert_eq!(pair.take_heard(), [ClientEvent::SessionKeyReady]);
        assert_eq!(pair.take_asked(), [ServerEvent::SessionKeyExchanged]);
        assert_eq!(pair.server.poll_timeout(), None);
    }
}

#[test]
fn a_client_without_keys_neither_asks_nor_answers() {
    let mut pair = pair(Carrier::Push, ProtocolVersion::V2_3);
    pair.client = {
        let mut other = Pair::new(Carrier::Push);
        other.open();
        other.client
    };
    assert_eq!(
        pair.client.exchange_session_key(pair.now),
        Err(MisuseError::NoSessionKey)
    );
    pair.server.request_public_key(pair.now).unwrap();
    pair.drive();
    assert_eq!(pair.client.state(), PoolState::Opened);
    // Asked and never answered.
    pair.wind(Duration::from_secs(240));
    assert_eq!(pair.server.state(), PoolState::Broken);
}

#[test]
fn a_key_that_does_not_come_breaks_the_pool_after_three_minutes() {
    let mut pair = pair(Carrier::Poll, ProtocolVersion::V2_3);
    pair.client.exchange_session_key(pair.now).unwrap();
    assert!(matches!(
        pair.client.poll_transmit(1_000),
        Some(Transmit::Data { .. })
    ));
    pair.wind(Duration::from_secs(180));
    assert_eq!(pair.client.state(), PoolState::Broken);
}

#[test]
fn a_client_does_not_leave_in_the_middle_of_an_exchange() {
    let mut pair = pair(Carrier::Poll, ProtocolVersion::V2_3);
    pair.client.exchange_session_key(pair.now).unwrap();
    pair.client.disconnect(pair.now).unwrap();
    pair.drive();
    assert_eq!(
        pair.take_heard(),
        [ClientEvent::SessionKeyReady, ClientEvent::PoolDisconnected]
    );
    // The same client has the key still.
    pair.client.reconnect(pair.now).unwrap();
    pair.drive();
    assert!(!pair.client.needs_session_key());
}

#[test]
fn every_client_exchanges_for_itself_and_gets_the_same_key() {
    let mut pair = pair(Carrier::Poll, ProtocolVersion::V2_3);
    let secret = pair.server.protect(&units("s")).unwrap();
    pair.receiving.clear();
    let config = ClientConfig::default()
        .transport_can_disconnect(true)
        .keys(Box::new(Client(9)));
    pair.client = runspace::ClientPool::new(config, crate::pair::pool_id(1));
    pair.client.connect(pair.now, []).unwrap();
    pair.drive();
    assert!(pair.client.needs_session_key());
    pair.client.exchange_session_key(pair.now).unwrap();
    pair.drive();
    assert_eq!(*pair.client.reveal(&secret).unwrap(), units("s"));
}

#[test]
fn what_is_no_secret_is_an_error_and_not_a_panic() {
    let pair = pair(Carrier::Push, ProtocolVersion::V2_4);
    for text in ["?", "YQ==", "Y"] {
        let error = pair.client.reveal(&SecureString::new(text)).unwrap_err();
        assert!(matches!(error, MisuseError::Crypto(_)));
    }
}
