//! [MS-NLMP] 3.4 in as few lines as possible, to judge recordings by: a second opinion beside the library in use.
#![expect(
    clippy::unwrap_used,
    reason = "only tests use it, and a test fails by panicking"
)]

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};

use super::sealed_body::SealedMessage;

/// The exported session key of a context.
pub(super) struct Keys(Vec<u8>);

#[derive(Clone, Copy)]
pub(super) enum Direction {
    ToServer,
    ToClient,
}

impl Keys {
    pub(super) fn from_hex(text: &str) -> Self {
        let digit = |byte: u8| char::from(byte).to_digit(16).unwrap() as u8;
        Self(
            text.as_bytes()
                .chunks_exact(2)
                .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
                .collect(),
        )
    }

    /// The state of one direction, at its beginning.
    pub(super) fn stream(&self, direction: Direction) -> Stream {
        let way = match direction {
            Direction::ToServer => "client-to-server",
            Direction::ToClient => "server-to-client",
        };
        let key = |what: &str| {
            let magic = format!("session key to {way} {what} key magic constant\0");
            Md5::new_with_prefix(&self.0).chain_update(magic).finalize()
        };
        Stream {
            signing: key("signing").to_vec(),
            sealing: Rc4::new(&key("sealing")),
        }
    }
}

pub(super) struct Stream {
    signing: Vec<u8>,
    sealing: Rc4,
}

impl Stream {
    /// Decrypts a message and verifies its signature.
    pub(super) fn open(&mut self, message: &SealedMessage<'_>) -> Vec<u8> {
        let plain = self.sealing.apply(message.ciphertext);
        let sequence = &message.signature[12..];
        let mut mac = Hmac::<Md5>::new_from_slice(&self.signing).unwrap();
        mac.update(sequence);
        mac.update(&plain);
        let checksum = self.sealing.apply(&mac.finalize().into_bytes()[..8]);
        assert_eq!(message.signature[..4], [1, 0, 0, 0], "version");
        assert_eq!(message.signature[4..12], checksum, "checksum");
        plain
    }
}

struct Rc4 {
    state: [u8; 256],
    i: u8,
    j: u8,
}

impl Rc4 {
    fn new(key: &[u8]) -> Self {
        let mut state: [u8; 256] = std::array::from_fn(|index| index as u8);
        let mut j = 0_u8;
        for i in 0..256 {
            j = j.wrapping_add(state[i]).wrapping_add(key[i % key.len()]);
            state.swap(i, usize::from(j));
        }
        Self { state, i: 0, j: 0 }
    }

    fn apply(&mut self, data: &[u8]) -> Vec<u8> {
        data.iter()
            .map(|byte| {
                self.i = self.i.wrapping_add(1);
                let at_i = self.state[usize::from(self.i)];
                self.j = self.j.wrapping_add(at_i);
                let at_j = self.state[usize::from(self.j)];
                self.state.swap(usize::from(self.i), usize::from(self.j));
                byte ^ self.state[usize::from(at_i.wrapping_add(at_j))]
            })
            .collect()
    }
}
