//! What becomes of a message that comes when it comes.

/// What to do with a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Legality {
    /// Take it.
    Process,
    /// Pass it over.
    Ignore,
    /// The peer broke the protocol.
    Fatal,
}

/// A row of a table, as the documents of the protocol draw it.
#[cfg(test)]
pub(crate) fn row(cells: impl IntoIterator<Item = Legality>) -> String {
    let mark = |cell| match cell {
        Legality::Process => '✓',
        Legality::Ignore => '·',
        Legality::Fatal => '✗',
    };
    cells.into_iter().map(mark).collect()
}
