//! The file in which this user's sessions stand: what `get` lists without asking anyone.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use pssession::{Address, Error, ErrorKind, WsManAddress};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Everything that is remembered between commands. It holds no secret.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct State {
    /// The id that the latest session got; ids are never used again.
    last_id: u32,
    /// The sessions, oldest first.
    pub(crate) sessions: Vec<Remembered>,
}

/// A session as it was when a command last saw it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Remembered {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) instance_id: Uuid,
    pub(crate) target: RememberedTarget,
    pub(crate) user: Option<String>,
    pub(crate) configuration_name: String,
    pub(crate) allow_unencrypted: bool,
    pub(crate) state: String,
    pub(crate) availability: String,
}

/// Where the session lives.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RememberedTarget {
    Local {
        socket: Option<PathBuf>,
    },
    WsMan {
        use_ssl: bool,
        host: String,
        port: u16,
        application_name: String,
    },
}

impl RememberedTarget {
    /// What can be found again by another process; a child process of ours cannot.
    pub(crate) fn of(address: &Address) -> Option<Self> {
        match address {
            Address::Local { socket } => Some(Self::Local {
                socket: socket.clone(),
            }),
            Address::WsMan(address) => Some(Self::WsMan {
                use_ssl: address.use_ssl,
                host: address.host.clone(),
                port: address.port,
                application_name: address.application_name.clone(),
            }),
            _ => None,
        }
    }

    pub(crate) fn address(&self) -> Address {
        match self {
            Self::Local { socket } => Address::Local {
                socket: socket.clone(),
            },
            Self::WsMan {
                use_ssl,
                host,
                port,
                application_name,
            } => Address::WsMan(
                WsManAddress::new(host)
                    .use_ssl(*use_ssl)
                    .port(*port)
                    .application_name(application_name.as_str()),
            ),
        }
    }
}

impl State {
    /// The next id for a session.
    pub(crate) fn next_id(&mut self) -> u32 {
        self.last_id = self.last_id.saturating_add(1);
        self.last_id
    }

    /// Adds a session, or replaces what was known of the same one.
    pub(crate) fn put(&mut self, session: Remembered) {
        match self
            .sessions
            .iter_mut()
            .find(|known| known.instance_id == session.instance_id)
        {
            Some(known) => *known = session,
            None => self.sessions.push(session),
        }
    }

    /// Forgets a session.
    pub(crate) fn forget(&mut self, instance_id: Uuid) {
        self.sessions
            .retain(|known| known.instance_id != instance_id);
    }
}

/// Where the file lies: `$XDG_STATE_HOME/pssession`, or `~/.local/state/pssession`.
fn folder() -> Result<PathBuf, Error> {
    let base = std::env::var_os("XDG_STATE_HOME")
        .filter(|path| Path::new(path).is_absolute())
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/state")))
        .ok_or_else(|| Error::new(ErrorKind::Io, "neither XDG_STATE_HOME nor HOME is set"))?;
    Ok(base.join("pssession"))
}

/// Reads what is remembered.
pub(crate) fn read() -> Result<State, Error> {
    change(|_| ()).map(|(state, ())| state)
}

/// Changes what is remembered. Other commands wait meanwhile, so that none undoes another's change.
pub(crate) fn change<T>(change: impl FnOnce(&mut State) -> T) -> Result<(State, T), Error> {
    let folder = folder()?;
    let context = |error: std::io::Error| {
        Error::new(ErrorKind::Io, format!("{}: {error}", folder.display())).with_source(error)
    };
    fs::create_dir_all(&folder).map_err(context)?;
    change_in(&folder, change).map_err(context)
}

fn change_in<T>(
    folder: &Path,
    change: impl FnOnce(&mut State) -> T,
) -> std::io::Result<(State, T)> {
    let mut file = open(&folder.join("sessions.json"))?;
    file.lock()?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let mut state: State = if text.trim().is_empty() {
        State::default()
    } else {
        serde_json::from_str(&text).map_err(std::io::Error::other)?
    };
    let before = serde_json::to_string_pretty(&state)?;
    let result = change(&mut state);
    let after = serde_json::to_string_pretty(&state)?;
    if after != before {
        file.rewind()?;
        file.set_len(0)?;
        file.write_all(after.as_bytes())?;
        file.sync_data()?;
    }
    Ok((state, result))
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_command_remembers_the_next_one_finds_and_ids_are_never_used_again() {
        let folder = std::env::temp_dir().join(format!("pssession-state-{}", Uuid::new_v4()));
        fs::create_dir_all(&folder).unwrap();
        let instance_id = Uuid::new_v4();
        let (_, id) = change_in(&folder, |state| {
            let id = state.next_id();
            state.put(Remembered {
                id,
                name: "build".to_owned(),
                instance_id,
                target: RememberedTarget::of(&Address::local()).unwrap(),
                user: None,
                configuration_name: "Microsoft.PowerShell".to_owned(),
                allow_unencrypted: false,
                state: "Disconnected".to_owned(),
                availability: "None".to_owned(),
            });
            id
        })
        .unwrap();
        let (state, ()) = change_in(&folder, |_| ()).unwrap();
        assert_eq!(state.sessions[0].instance_id, instance_id);
        change_in(&folder, |state| state.forget(instance_id)).unwrap();
        let (state, next) = change_in(&folder, State::next_id).unwrap();
        assert!(state.sessions.is_empty());
        assert!(next > id);
        fs::remove_dir_all(&folder).unwrap();
    }
}
