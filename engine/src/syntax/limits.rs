//! Ceilings for scripts that nobody vouches for.

/// What a script may ask of the parser. Beyond it, parsing ends with an error; it never panics.
#[derive(Clone, Debug)]
pub struct ParseLimits {
    /// Bytes of text. Defaults to 64 MiB.
    pub max_bytes: usize,
    /// How deep parentheses, blocks, strings and operators may nest. Defaults to 400.
    pub max_depth: u32,
    /// How high the tree may become, chains of operators and members counted. Defaults to 2,000.
    pub max_height: u32,
    /// How many errors are collected before the parser gives up. Defaults to 100.
    pub max_errors: usize,
}

impl Default for ParseLimits {
    fn default() -> Self {
        Self {
            max_bytes: 64 << 20,
            max_depth: 400,
            max_height: 2_000,
            max_errors: 100,
        }
    }
}
