//! `remove`: ends sessions and what runs in them.

use pssession::{Error, SessionBuilder};
use uuid::Uuid;

use crate::arguments::Remove;
use crate::chosen::wildcard;
use crate::{Status, report, state};

/// Removes each session at its computer and from the list. One that is gone there already only
/// leaves the list.
pub(crate) async fn remove(arguments: Remove) -> Result<Status, Error> {
    let mut status = Status::Success;
    for (builder, instance_id) in chosen(&arguments).await? {
        let removed = async {
            let session = builder.connect(instance_id).await?;
            session.close().await
        };
        match removed.await {
            Ok(()) => {}
            Err(error) if error.is_session_not_found() => {
                tracing::debug!(%instance_id, "the session was gone already");
            }
            Err(error) => {
                status = Status::of(&error);
                report(&error);
            }
        }
        // As Remove-PSSession does, the local entry goes in any case.
        state::change(|state| state.forget(instance_id))?;
    }
    Ok(status)
}

async fn chosen(arguments: &Remove) -> Result<Vec<(SessionBuilder, Uuid)>, Error> {
    let mut found = Vec::new();
    if arguments.target.names_a_computer() {
        for builder in arguments.target.builders()? {
            for info in builder.list().await? {
                let chosen = &arguments.chosen;
                let wanted = arguments.all
                    || chosen.instance_id.contains(&info.instance_id)
                    || chosen
                        .name
                        .iter()
                        .any(|pattern| wildcard(pattern, &info.name));
                if wanted {
                    found.push((builder.clone(), info.instance_id));
                }
            }
        }
        return Ok(found);
    }
    let sessions = if arguments.all {
        state::read()?.sessions
    } else {
        arguments.chosen.resolve()?
    };
    for session in sessions {
        found.push((
            session.builder(&arguments.target.login)?,
            session.instance_id,
        ));
    }
    Ok(found)
}
