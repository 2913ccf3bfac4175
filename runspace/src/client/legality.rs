//! Which message may come when: the client's half of the table.

use psrp_codec::{MessageKind, MessageTarget};

use crate::legality::Legality;

/// The states of a client's pool as far as they tell messages apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Column {
    /// Our SESSION_CAPABILITY is out, the server's is not in.
    NegotiationSent,
    /// Versions are agreed on, the pool is being opened.
    Opening,
    /// The pool is open.
    Opened,
    /// We are connecting to a pool and versions are agreed on.
    Connecting,
    /// We are leaving, are away, or come back.
    Disconnected,
    /// The pool is being closed.
    Closing,
    /// It is over, or has not begun.
    Over,
}

/// MS-PSRP 3.1.5 as PowerShell's client does it.
pub(super) const fn legality(kind: MessageKind, column: Column) -> Legality {
    use Legality::{Fatal, Ignore, Process};
    use MessageKind as Kind;
    if matches!(column, Column::Over) {
        return Ignore;
    }
    match kind {
        Kind::SessionCapability => match column {
            Column::NegotiationSent => Process,
            Column::Closing => Ignore,
            _ => Fatal,
        },
        Kind::ApplicationPrivateData => match column {
            Column::NegotiationSent => Fatal,
            Column::Opening | Column::Connecting => Process,
            _ => Ignore,
        },
        Kind::RunspacePoolInitData => match column {
            Column::NegotiationSent => Fatal,
            Column::Opening | Column::Opened | Column::Connecting => Process,
            _ => Ignore,
        },
        Kind::RunspacePoolState => match column {
            Column::NegotiationSent => Fatal,
            _ => Process,
        },
        Kind::RunspaceAvailability => match column {
            Column::NegotiationSent => Fatal,
            Column::Opened | Column::Connecting | Column::Disconnected => Process,
            _ => Ignore,
        },
        Kind::RunspacePoolHostCall | Kind::UserEvent => match column {
            Column::NegotiationSent => Fatal,
            Column::Closing => Ignore,
            _ => Process,
        },
        Kind::PublicKeyRequest => match column {
            Column::Opening | Column::Opened | Column::Connecting => Process,
            _ => Ignore,
        },
        // Whether it is waited for decides.
        Kind::EncryptedSessionKey => match column {
            Column::NegotiationSent | Column::Closing => Ignore,
            _ => Process,
        },
        // Messages that only a server gets, and those that nobody knows.
        Kind::CloseSession
        | Kind::InitRunspacePool
        | Kind::PublicKey
        | Kind::ConnectRunspacePool => Fatal,
        _ => match kind.target() {
            // A type for the session that is not known cannot be passed over safely.
            Some(MessageTarget::Session) => Fatal,
            Some(MessageTarget::Pipeline) => match column {
                Column::NegotiationSent => Fatal,
                Column::Opening | Column::Closing => Ignore,
                _ => Process,
            },
            Some(MessageTarget::RunspacePool) | None => match column {
                Column::NegotiationSent => Fatal,
                _ => Ignore,
            },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Column::*, *};
    use crate::legality::row;

    const COLUMNS: [Column; 7] = [
        NegotiationSent,
        Opening,
        Opened,
        Connecting,
        Disconnected,
        Closing,
        Over,
    ];

    #[test]
    fn the_table_is_that_of_the_protocol() {
        use MessageKind as Kind;
        let rows = [
            (Kind::SessionCapability, "✓✗✗✗✗··"),
            (Kind::ApplicationPrivateData, "✗✓·✓···"),
            (Kind::RunspacePoolInitData, "✗✓✓✓···"),
            (Kind::RunspacePoolState, "✗✓✓✓✓✓·"),
            (Kind::RunspaceAvailability, "✗·✓✓✓··"),
            (Kind::RunspacePoolHostCall, "✗✓✓✓✓··"),
            (Kind::UserEvent, "✗✓✓✓✓··"),
            (Kind::PipelineOutput, "✗·✓✓✓··"),
            (Kind::PipelineState, "✗·✓✓✓··"),
            (Kind::PipelineHostCall, "✗·✓✓✓··"),
            (Kind::PublicKeyRequest, "·✓✓✓···"),
            (Kind::EncryptedSessionKey, "·✓✓✓✓··"),
            (Kind::InitRunspacePool, "✗✗✗✗✗✗·"),
            (Kind::Unknown(0x0001_000F), "✗✗✗✗✗✗·"),
            (Kind::Unknown(0x0002_1FFF), "✗······"),
            (Kind::Unknown(0), "✗······"),
        ];
        for (kind, expected) in rows {
            let cells = COLUMNS.map(|column| legality(kind, column));
            assert_eq!(row(cells), expected, "{kind}");
        }
    }
}
