//! Which message may come when: the server's half of the table.

use psrp_codec::{MessageKind, MessageTarget};

use crate::legality::Legality;

/// The states of a server's pool as far as they tell messages apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Column {
    /// The client's SESSION_CAPABILITY is not in.
    NegotiationPending,
    /// Versions are agreed on, no pool is asked for.
    Established,
    /// The runspaces are being made.
    Opening,
    /// The pool is open.
    Opened,
    /// No client is there.
    Disconnected,
    /// It is over, or about to be.
    Over,
}

/// MS-PSRP 3.2.5 as PowerShell's server does it. Connect payloads do not come by here.
pub(super) const fn legality(kind: MessageKind, column: Column) -> Legality {
    use Legality::{Fatal, Ignore, Process};
    use MessageKind as Kind;
    if matches!(column, Column::Over) {
        return Ignore;
    }
    match kind {
        Kind::SessionCapability => match column {
            Column::NegotiationPending => Process,
            _ => Fatal,
        },
        _ if matches!(column, Column::NegotiationPending) => Fatal,
        Kind::CloseSession => Process,
        Kind::InitRunspacePool => match column {
            Column::Established => Process,
            _ => Fatal,
        },
        Kind::ConnectRunspacePool => match column {
            Column::Opened => Ignore,
            _ => Fatal,
        },
        // Pipelines that come while the pool opens wait until it is open.
        Kind::CreatePipeline
        | Kind::GetCommandMetadata
        | Kind::SetMaxRunspaces
        | Kind::SetMinRunspaces
        | Kind::GetAvailableRunspaces
        | Kind::ResetRunspaceState => match column {
            Column::Opening | Column::Opened => Process,
            _ => Fatal,
        },
        Kind::PublicKey => match column {
            Column::Disconnected => Ignore,
            _ => Process,
        },
        Kind::RunspacePoolHostResponse => match column {
            Column::Established => Fatal,
            Column::Disconnected => Ignore,
            _ => Process,
        },
        Kind::PipelineInput
        | Kind::EndOfPipelineInput
        | Kind::PipelineHostResponse
        | Kind::StopPipeline => match column {
            Column::Established => Fatal,
            Column::Opened => Process,
            _ => Ignore,
        },
        // What only a client gets, and what nobody knows.
        _ => match kind.target() {
            Some(MessageTarget::Pipeline | MessageTarget::RunspacePool)
                if matches!(column, Column::Established) =>
            {
                Fatal
            }
            _ => Ignore,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Column::*, *};
    use crate::legality::row;

    const COLUMNS: [Column; 6] = [
        NegotiationPending,
        Established,
        Opening,
        Opened,
        Disconnected,
        Over,
    ];

    #[test]
    fn the_table_is_that_of_the_protocol() {
        use MessageKind as Kind;
        let rows = [
            (Kind::SessionCapability, "✓✗✗✗✗·"),
            (Kind::InitRunspacePool, "✗✓✗✗✗·"),
            (Kind::ConnectRunspacePool, "✗✗✗·✗·"),
            (Kind::CreatePipeline, "✗✗✓✓✗·"),
            (Kind::GetCommandMetadata, "✗✗✓✓✗·"),
            (Kind::SetMaxRunspaces, "✗✗✓✓✗·"),
            (Kind::GetAvailableRunspaces, "✗✗✓✓✗·"),
            (Kind::ResetRunspaceState, "✗✗✓✓✗·"),
            (Kind::PublicKey, "✗✓✓✓··"),
            (Kind::RunspacePoolHostResponse, "✗✗✓✓··"),
            (Kind::PipelineInput, "✗✗·✓··"),
            (Kind::EndOfPipelineInput, "✗✗·✓··"),
            (Kind::PipelineHostResponse, "✗✗·✓··"),
            (Kind::CloseSession, "✗✓✓✓✓·"),
            (Kind::Unknown(0x0001_000F), "✗·····"),
            (Kind::Unknown(0x0002_1FFF), "✗✗····"),
            (Kind::Unknown(0), "✗·····"),
        ];
        for (kind, expected) in rows {
            let cells = COLUMNS.map(|column| legality(kind, column));
            assert_eq!(row(cells), expected, "{kind}");
        }
    }
}
