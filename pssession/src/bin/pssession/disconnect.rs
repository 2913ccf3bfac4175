//! `disconnect`: leaves sessions at their computers, with a new idle timeout if one is given.

use pssession::{DisconnectOption, Error};

use crate::arguments::Disconnect;
use crate::table::SessionTable;
use crate::{Status, report, state};

/// Tells each session how long it may stay, and what to do when its buffer is full.
pub(crate) async fn disconnect(arguments: Disconnect) -> Result<Status, Error> {
    let option = DisconnectOption {
        idle_timeout: arguments.idle_timeout,
        output_buffering_mode: arguments
            .output_buffering_mode
            .map(Into::into)
            .unwrap_or_default(),
    };
    if let Some(idle) = option.idle_timeout {
        pssession::check_idle_timeout(idle)?;
    }
    let mut table = SessionTable::new(arguments.output.form);
    let mut status = Status::Success;
    for mut remembered in arguments.chosen.resolve()? {
        let left = async {
            let session = remembered.connect(&arguments.login).await?;
            session.disconnect(option).await
        };
        match left.await {
            Ok(()) => {
                "Disconnected".clone_into(&mut remembered.state);
                "None".clone_into(&mut remembered.availability);
                state::change(|state| state.put(remembered.clone()))?;
                table.remembered(&remembered);
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
