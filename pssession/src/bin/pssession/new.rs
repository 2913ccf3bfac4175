//! `new`: makes sessions that stay at their computers.

use pssession::{DisconnectOption, Error, SessionBuilder};
use tokio::task::JoinSet;

use crate::arguments::New;
use crate::state::{self, Remembered, RememberedTarget};
use crate::table::SessionTable;
use crate::{Status, report};

/// Makes a session at each computer. One that fails does not keep the others from being made.
pub(crate) async fn new(arguments: New) -> Result<Status, Error> {
    let builders = arguments.target.builders()?;
    if let Some(process) = &arguments.target.process {
        let message =
            format!("a session in the child process {process} cannot outlive this command");
        return Err(Error::new(pssession::ErrorKind::Usage, message));
    }
    let mut names = arguments.name.iter();
    let mut made = JoinSet::new();
    let throttle = std::sync::Arc::new(tokio::sync::Semaphore::new(
        arguments.target.throttle_limit.max(1),
    ));
    for builder in builders {
        let (_, id) = state::change(state::State::next_id)?;
        let name = names
            .next()
            .cloned()
            .unwrap_or_else(|| format!("Runspace{id}"));
        let throttle = std::sync::Arc::clone(&throttle);
        made.spawn(async move {
            let _permit = throttle.acquire_owned().await;
            make(builder.name(name), id).await
        });
    }
    let mut table = SessionTable::new(arguments.output.form);
    let mut status = Status::Success;
    while let Some(result) = made.join_next().await {
        match result.map_err(|error| Error::new(pssession::ErrorKind::Io, error.to_string()))? {
            Ok(mut session) => {
                session.user.clone_from(&arguments.target.login.user);
                session.allow_unencrypted = arguments.target.login.allow_unencrypted;
                state::change(|state| state.put(session.clone()))?;
                table.remembered(&session);
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

async fn make(builder: SessionBuilder, id: u32) -> Result<Remembered, Error> {
    let session = builder.open().await?;
    let target = RememberedTarget::of(session.address()).ok_or_else(|| {
        Error::new(
            pssession::ErrorKind::Usage,
            "this session cannot outlive the command",
        )
    })?;
    session.disconnect(DisconnectOption::default()).await?;
    Ok(Remembered {
        id,
        name: session.name().to_owned(),
        instance_id: session.instance_id(),
        target,
        user: None,
        configuration_name: session.configuration_name().to_owned(),
        allow_unencrypted: false,
        state: "Disconnected".to_owned(),
        availability: "None".to_owned(),
    })
}
