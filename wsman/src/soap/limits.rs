//! Ceilings for envelopes from peers.

/// What an envelope may cost before it is refused.
///
/// Reading takes time and memory linear in [`size`](Self::size); the other limits keep the factor small.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EnvelopeLimits {
    /// Bytes of one envelope, after decryption and conversion to UTF-8. Defaults to 1 MiB: clients on Unix send up to
    /// 684 kB in one request, whatever the server announces.
    pub size: usize,
    /// Elements inside elements. Defaults to 64.
    pub depth: usize,
    /// Attributes of one element, namespace declarations included. Defaults to 256.
    pub attributes: usize,
    /// Elements of one envelope. Defaults to 65,536.
    pub elements: usize,
    /// Namespace declarations in force at one place. Defaults to 128.
    pub namespaces: usize,
}

impl Default for EnvelopeLimits {
    fn default() -> Self {
        Self {
            size: 1024 * 1024,
            depth: 64,
            attributes: 256,
            elements: 65_536,
            namespaces: 128,
        }
    }
}
