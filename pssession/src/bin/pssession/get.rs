//! `get`: the sessions made from here, or those that a computer has.

use pssession::{Error, RunspaceState, SessionInfo};

use crate::arguments::{Get, StateFilter};
use crate::chosen::wildcard;
use crate::state;
use crate::table::SessionTable;
use crate::{Status, report};

/// Lists sessions.
pub(crate) async fn get(arguments: Get) -> Result<Status, Error> {
    let mut table = SessionTable::new(arguments.output.form);
    if !arguments.target.names_a_computer() {
        for session in state::read()?
            .sessions
            .iter()
            .filter(|one| arguments.chosen.matches(one))
        {
            table.remembered(session);
        }
        table.print();
        return Ok(Status::Success);
    }
    let mut status = Status::Success;
    for builder in arguments.target.builders()? {
        let found = match builder.list().await {
            Ok(found) => found,
            Err(error) => {
                status = Status::of(&error);
                report(&error);
                continue;
            }
        };
        let known = state::read()?;
        for info in found.iter().filter(|info| is_wanted(&arguments, info)) {
            let id = known
                .sessions
                .iter()
                .find(|one| one.instance_id == info.instance_id);
            table.found(info, id.map(|known| known.id));
        }
    }
    table.print();
    Ok(status)
}

fn is_wanted(arguments: &Get, info: &SessionInfo) -> bool {
    let chosen = &arguments.chosen;
    let state = match arguments.state {
        StateFilter::All => true,
        StateFilter::Opened => info.state == RunspaceState::Opened,
        StateFilter::Disconnected => info.state == RunspaceState::Disconnected,
        StateFilter::Closed => info.state == RunspaceState::Closed,
        StateFilter::Broken => info.state == RunspaceState::Broken,
    };
    state
        && (chosen.is_empty()
            || chosen.instance_id.contains(&info.instance_id)
            || chosen
                .name
                .iter()
                .any(|pattern| wildcard(pattern, &info.name)))
}
