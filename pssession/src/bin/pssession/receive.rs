//! `receive`: takes the results of what ran in a disconnected session.

use pssession::{DisconnectOption, Error, ErrorKind, Session};

use crate::Status;
use crate::arguments::Receive;
use crate::invoke::drain;
use crate::results::Results;
use crate::state::RememberedTarget;

/// Connects to the session and prints what its pipelines have brought and still bring.
pub(crate) async fn receive(arguments: Receive) -> Result<Status, Error> {
    let (session, local) = session(&arguments).await?;
    let mut results = Results::new(arguments.output.form, true);
    let mut status = Status::Success;
    for invocation in session.receive().await? {
        let outcome = drain(&session, invocation, &mut results, local).await?;
        if outcome != Status::Success {
            status = outcome;
        }
    }
    results.finish();
    session.disconnect(DisconnectOption::default()).await?;
    Ok(status)
}

async fn session(arguments: &Receive) -> Result<(Session, bool), Error> {
    if !arguments.target.names_a_computer() {
        let remembered = arguments.chosen.resolve_one()?;
        let local = matches!(remembered.target, RememberedTarget::Local { .. });
        return Ok((remembered.connect(&arguments.target.login).await?, local));
    }
    let chosen = &arguments.chosen;
    for builder in arguments.target.builders()? {
        for info in builder.list().await? {
            // Here a name has to be the whole name: nothing is received by accident.
            let wanted = chosen.instance_id.contains(&info.instance_id)
                || chosen
                    .name
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(&info.name));
            if wanted {
                return Ok((builder.connect(info.instance_id).await?, false));
            }
        }
    }
    Err(Error::new(
        ErrorKind::SessionNotFound,
        "no such session is at the computer",
    ))
}
