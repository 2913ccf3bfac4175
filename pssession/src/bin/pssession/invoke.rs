//! `invoke`: runs a script in a session that is there, or in temporary ones.

use std::io::{BufRead, Read};
use std::time::Duration;

use pssession::{
    DisconnectOption, Error, ErrorKind, FanOut, Invocation, Outcome, Script, Session,
    SessionBuilder,
};

use crate::arguments::Invoke;
use crate::interrupt::interrupted;
use crate::results::Results;
use crate::state::{self, Remembered, RememberedTarget};
use crate::table::SessionTable;
use crate::{Status, report};

/// After how much silence what is kept back to lay out a table is shown, as in PowerShell.
const PAUSE: Duration = Duration::from_millis(300);

/// Runs the script.
pub(crate) async fn invoke(arguments: Invoke) -> Result<Status, Error> {
    let script = script(&arguments)?;
    if !arguments.chosen.is_empty() {
        return in_sessions(&arguments, script).await;
    }
    if arguments.in_disconnected_session {
        return in_disconnected_sessions(&arguments, &script).await;
    }
    let builders = arguments.target.builders()?;
    if !arguments.target.names_a_computer() || builders.len() == 1 {
        return in_temporary_session(&arguments, script, builders).await;
    }
    on_many(
        &arguments,
        FanOut::invoke(builders, &script, arguments.target.throttle_limit),
    )
    .await
}

/// The script and its arguments, from wherever they come.
fn script(arguments: &Invoke) -> Result<Script, Error> {
    let text = match (&arguments.file_path, arguments.script.as_deref()) {
        (Some(path), _) => std::fs::read_to_string(path).map_err(|error| {
            Error::new(ErrorKind::Usage, format!("{}: {error}", path.display())).with_source(error)
        })?,
        (None, Some("-")) => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
        (None, text) => text.unwrap_or_default().to_owned(),
    };
    // A file may begin with a byte order mark, a script may not.
    let mut script = Script::new(text.trim_start_matches('\u{feff}'));
    for argument in &arguments.argument_list {
        script = script.argument(argument.as_str());
    }
    Ok(script)
}

/// One computer and a session of its own, which ends with the command.
async fn in_temporary_session(
    arguments: &Invoke,
    script: Script,
    builders: Vec<SessionBuilder>,
) -> Result<Status, Error> {
    let mut results = Results::new(arguments.output.form, !arguments.hide_computer_name);
    let mut status = Status::Success;
    for builder in builders {
        let session = builder.open().await?;
        let local = !arguments.target.names_a_computer();
        status = run(
            &session,
            script.clone(),
            arguments.input,
            &mut results,
            local,
        )
        .await?;
        session.close().await?;
    }
    results.finish();
    Ok(status)
}

/// Sessions that were made before; they stay.
async fn in_sessions(arguments: &Invoke, script: Script) -> Result<Status, Error> {
    let sessions = arguments.chosen.resolve()?;
    let mut results = Results::new(arguments.output.form, !arguments.hide_computer_name);
    let mut status = Status::Success;
    for remembered in sessions {
        let session = match remembered.connect(&arguments.target.login).await {
            Ok(session) => session,
            Err(error) => {
                status = Status::of(&error);
                report(&error);
                continue;
            }
        };
        if arguments.in_disconnected_session {
            let invocation = session.invoke(script.clone()).await?;
            session.disconnect(DisconnectOption::default()).await?;
            drop(invocation);
            continue;
        }
        let local = matches!(remembered.target, RememberedTarget::Local { .. });
        let outcome = run(
            &session,
            script.clone(),
            arguments.input,
            &mut results,
            local,
        )
        .await;
        // The session stays whatever became of the script.
        let left = session.disconnect(DisconnectOption::default()).await;
        if outcome? != Status::Success {
            status = Status::Failed;
        }
        left?;
    }
    results.finish();
    Ok(status)
}

/// Starts the script everywhere and leaves it running.
async fn in_disconnected_sessions(arguments: &Invoke, script: &Script) -> Result<Status, Error> {
    let mut names = arguments.session_name.iter();
    let mut builders = Vec::new();
    let mut ids = std::collections::HashMap::new();
    for builder in arguments.target.builders()? {
        let (_, id) = state::change(state::State::next_id)?;
        let name = names
            .next()
            .cloned()
            .unwrap_or_else(|| format!("Runspace{id}"));
        ids.insert(name.clone(), id);
        builders.push(builder.name(name));
    }
    let limit = arguments.target.throttle_limit;
    let mut fan_out = FanOut::invoke_in_disconnected_sessions(builders, script, limit);
    let mut table = SessionTable::new(arguments.output.form);
    let mut status = Status::Success;
    while let Some((_, arrival)) = fan_out.next().await {
        match arrival {
            pssession::Arrival::Left(session) => {
                let id = ids.get(session.name()).copied().unwrap_or_default();
                if let Some(remembered) = remember(&session, id, arguments) {
                    state::change(|state| state.put(remembered.clone()))?;
                    table.remembered(&remembered);
                }
            }
            pssession::Arrival::Failed(error) => {
                status = Status::of(&error);
                report(&error);
            }
            _ => {}
        }
    }
    table.print();
    Ok(status)
}

fn remember(session: &Session, id: u32, arguments: &Invoke) -> Option<Remembered> {
    Some(Remembered {
        id,
        name: session.name().to_owned(),
        instance_id: session.instance_id(),
        target: RememberedTarget::of(session.address())?,
        user: arguments.target.login.user.clone(),
        configuration_name: session.configuration_name().to_owned(),
        allow_unencrypted: arguments.target.login.allow_unencrypted,
        state: "Disconnected".to_owned(),
        availability: "None".to_owned(),
    })
}

/// Prints what arrives from many computers.
async fn on_many(arguments: &Invoke, mut fan_out: FanOut) -> Result<Status, Error> {
    let mut results = Results::new(arguments.output.form, !arguments.hide_computer_name);
    let mut status = Status::Success;
    loop {
        let next = tokio::select! {
            next = fan_out.next() => next,
            () = interrupted() => {
                results.finish();
                return Ok(Status::Interrupted);
            }
        };
        let Some((origin, arrival)) = next else { break };
        match arrival {
            pssession::Arrival::Output(output) => {
                let is_error = results.output(output, Some(&origin));
                results.write_out();
                status = if is_error {
                    worse(status, Status::Failed)
                } else {
                    status
                };
            }
            pssession::Arrival::Ended(outcome) => {
                let has_failed = results.outcome(&outcome);
                status = if has_failed {
                    worse(status, Status::Failed)
                } else {
                    status
                };
            }
            pssession::Arrival::Failed(error) => {
                status = worse(status, Status::of(&error));
                results.failure(&origin, &error);
            }
            _ => {}
        }
    }
    results.finish();
    Ok(status)
}

fn worse(old: Status, new: Status) -> Status {
    if old == Status::Success { new } else { old }
}

/// Runs the script in one session; Ctrl+C stops it.
async fn run(
    session: &Session,
    script: Script,
    with_input: bool,
    results: &mut Results,
    local: bool,
) -> Result<Status, Error> {
    let invocation = if with_input {
        let invocation = session.invoke_with_input(script).await?;
        send_lines(&invocation).await?;
        invocation
    } else {
        session.invoke(script).await?
    };
    drain(session, invocation, results, local).await
}

async fn send_lines(invocation: &Invocation) -> Result<(), Error> {
    // Reading a line blocks, so a thread reads and the queue between holds it back.
    let (sender, mut lines) = tokio::sync::mpsc::channel(64);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    while let Some(line) = lines.recv().await {
        if let Err(error) = invocation.send_input(line?).await {
            // A pipeline such as `Select-Object -First 1` ends before its input does.
            tracing::debug!(%error, "the pipeline takes no more input");
            return Ok(());
        }
    }
    invocation.close_input().await;
    Ok(())
}

/// Prints all that a pipeline brings.
pub(crate) async fn drain(
    session: &Session,
    mut invocation: Invocation,
    results: &mut Results,
    local: bool,
) -> Result<Status, Error> {
    let origin = (!local).then(|| pssession::Origin {
        computer_name: session.address().computer_name().into(),
        runspace_id: session.instance_id(),
    });
    let mut status = Status::Success;
    let mut stopping = false;
    // Whether something may be kept back that the person has not seen.
    let mut fresh = false;
    loop {
        // What is in hand is written before the server is asked for more, which makes it forget
        // what it gave. Only the rows that a table is laid out by wait for others.
        if invocation.is_at_end() {
            results.pause();
        } else if !invocation.has_more() {
            results.write_out();
        }
        tokio::select! {
            output = invocation.next() => match output? {
                Some(output) => {
                    fresh = true;
                    if results.output(output, origin.as_ref()) {
                        status = Status::Failed;
                    }
                }
                None => break,
            },
            () = tokio::time::sleep(PAUSE), if fresh => {
                fresh = false;
                results.pause();
            }
            () = interrupted(), if !stopping => {
                stopping = true;
                invocation.stop().await;
            }
        }
    }
    if invocation
        .outcome()
        .is_some_and(|outcome| results.outcome(outcome))
    {
        status = Status::Failed;
    }
    if stopping && matches!(invocation.outcome(), Some(Outcome::Stopped)) {
        return Ok(Status::Interrupted);
    }
    Ok(status)
}
