//! `connect`: connects sessions again, to see that they live and can be used.

use pssession::{DisconnectOption, Error};

use crate::arguments::Connect;
use crate::state::{self, Remembered, RememberedTarget};
use crate::table::SessionTable;
use crate::{Status, report};

/// Connects to each session. A session found at a computer is remembered from then on. When the
/// command ends it leaves them at their computers again; only the table shows them open.
pub(crate) async fn connect(arguments: Connect) -> Result<Status, Error> {
    if arguments.target.names_a_computer() {
        remember_found(&arguments).await?;
    }
    let login = &arguments.target.login;
    let sessions = if arguments.chosen.is_empty() && arguments.target.names_a_computer() {
        state::read()?.sessions
    } else {
        arguments.chosen.resolve()?
    };
    let mut table = SessionTable::new(arguments.output.form);
    let mut status = Status::Success;
    for remembered in sessions {
        match remembered.connect(login).await {
            Ok(session) => {
                let mut shown = remembered.clone();
                shown.state = "Opened".to_owned();
                shown.availability = session.availability().to_string();
                table.remembered(&shown);
                session.disconnect(DisconnectOption::default()).await?;
            }
            Err(error) => {
                status = Status::of(&error);
                report(&error);
            }
        }
    }
    table.print();
    Ok(status)
}

/// Puts the sessions of the named computers into the list of those known here.
async fn remember_found(arguments: &Connect) -> Result<(), Error> {
    for builder in arguments.target.builders()? {
        for info in builder.list().await? {
            let Some(target) = RememberedTarget::of(&info.address) else {
                continue;
            };
            state::change(|state| {
                if state
                    .sessions
                    .iter()
                    .any(|known| known.instance_id == info.instance_id)
                {
                    return;
                }
                let id = state.next_id();
                state.put(Remembered {
                    id,
                    name: info.name.clone(),
                    instance_id: info.instance_id,
                    target,
                    user: arguments.target.login.user.clone(),
                    configuration_name: info.configuration_name.clone(),
                    allow_unencrypted: arguments.target.login.allow_unencrypted,
                    state: "Disconnected".to_owned(),
                    availability: info.availability.to_string(),
                });
            })?;
        }
    }
    Ok(())
}
