//! The ceilings for everything that a peer can make us hold.

/// How much a peer may make a decoder read, hold or nest. Every ceiling is checked before the
/// memory is taken; [`Limits::default`] gives the values of a PowerShell server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one message, fragment headers included. Default 10 MiB (MS-PSRP servers).
    pub message_size: usize,
    /// Bytes that one stream of fragments may deliver in its life; `None` for no ceiling.
    /// Default `None` for a pool, 50 MiB for the commands of a PowerShell server.
    pub total_size: Option<u64>,
    /// How many levels of values CLIXML may have: a property, an item or a key is one level below
    /// its object. Default 49, the most that PowerShell reads. Over 128 counts as 128.
    pub nesting: usize,
    /// How deep CLIXML elements that have others inside may nest, those that are passed over
    /// included. Default 256. Over 512 counts as 512.
    pub depth: usize,
    /// How many attributes one element may have beside those that CLIXML knows (`N`, `RefId`, `S`
    /// and `Version`, whichever has a meaning there or not). Declarations of namespaces are among
    /// them, and as many of those may hold at one place. Default 64.
    pub attributes: usize,
    /// How many CLIXML elements one value may consist of. Default 4,194,304.
    pub nodes: usize,
    /// How many objects and type-name lists one value may number with a `RefId`. Default 1,048,576.
    pub references: usize,
    /// How many properties one object may have. Default 65,536.
    pub properties: usize,
    /// Bytes of one text, as written. Default 10 MiB.
    pub text_size: usize,
    /// Bytes of one `BA` element once decoded. Default 10 MiB. Seen in place a blob is a text like
    /// others, until a node is asked for its bytes.
    pub blob_size: usize,
    /// Bytes of one line of a stream transport. Default 1 MiB; PowerShell's are at most 44 KiB.
    pub line_size: usize,
}

impl Limits {
    /// What [`Default`] gives.
    pub const DEFAULT: Self = {
        const MIB: usize = 1024 * 1024;
        Self {
            message_size: 10 * MIB,
            total_size: None,
            nesting: 49,
            depth: 256,
            attributes: 64,
            nodes: 4 * MIB,
            references: MIB,
            properties: 65_536,
            text_size: 10 * MIB,
            blob_size: 10 * MIB,
            line_size: MIB,
        }
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
