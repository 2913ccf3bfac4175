//! The endpoint of this computer: where its socket lies, and how it is started when it is missing.

use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::time::{Instant, sleep};

use crate::{Error, ErrorKind};

/// How long an endpoint without sessions stays before it ends; the next command starts another.
const EXIT_WHEN_IDLE: &str = "300s";
/// How long a new endpoint may take until it listens.
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// The socket of this user's endpoint: `$XDG_RUNTIME_DIR/pssession/endpoint.sock`, or below
/// `/tmp/pssession-UID` where there is no such folder. The folder belongs to the user alone.
///
/// # Errors
/// When the folder cannot be made, or belongs to somebody else.
pub fn endpoint_socket() -> Result<PathBuf, Error> {
    let user = rustix::process::geteuid().as_raw();
    let folder = match std::env::var_os("XDG_RUNTIME_DIR") {
        Some(base) if Path::new(&base).is_absolute() => Path::new(&base).join("pssession"),
        _ => std::env::temp_dir().join(format!("pssession-{user}")),
    };
    own_folder(&folder, user)?;
    Ok(folder.join("endpoint.sock"))
}

/// Makes the folder, or makes sure that nobody else can put a socket of theirs into it.
fn own_folder(folder: &Path, user: u32) -> Result<(), Error> {
    let failed = |error: std::io::Error| {
        Error::new(ErrorKind::Io, format!("{}: {error}", folder.display())).with_source(error)
    };
    match std::fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(failed(error));
        }
        _ => {}
    }
    // Not followed: a link planted in a shared folder must not lead us anywhere.
    let found = std::fs::symlink_metadata(folder).map_err(failed)?;
    if !found.is_dir() || found.uid() != user || found.mode() & 0o077 != 0 {
        return Err(Error::new(
            ErrorKind::AccessDenied,
            format!("{} does not belong to this user alone", folder.display()),
        ));
    }
    Ok(())
}

/// Makes sure that this user's endpoint listens, starting it if need be, and gives its socket.
///
/// # Errors
/// When there is no program to start, or it does not listen in time.
pub async fn ensure_endpoint() -> Result<PathBuf, Error> {
    let socket = endpoint_socket()?;
    if UnixStream::connect(&socket).await.is_ok() {
        return Ok(socket);
    }
    let program = endpoint_program()?;
    tracing::debug!(program = %program.display(), socket = %socket.display(), "starting the endpoint");
    start(&program, &socket)?;
    let deadline = Instant::now() + START_TIMEOUT;
    let mut pause = Duration::from_millis(2);
    loop {
        match UnixStream::connect(&socket).await {
            Ok(_) => return Ok(socket),
            Err(error) if Instant::now() > deadline => {
                let message = format!("the endpoint {} does not listen", program.display());
                return Err(Error::new(ErrorKind::CannotConnect, message).with_source(error));
            }
            Err(_) => {}
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// Which program is the endpoint: `PSSESSION_ENDPOINT`, this program if it is `pssession`, or the
/// first `pssession` of the search path.
fn endpoint_program() -> Result<PathBuf, Error> {
    if let Some(program) = std::env::var_os("PSSESSION_ENDPOINT") {
        return Ok(PathBuf::from(program));
    }
    if let Ok(program) = std::env::current_exe()
        && program.file_stem().is_some_and(|name| name == "pssession")
    {
        return Ok(program);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join("pssession"))
        .find(|program| program.is_file())
        .ok_or_else(|| {
            Error::new(
                ErrorKind::CannotConnect,
                "no endpoint runs here and there is no `pssession` program to start one",
            )
        })
}

fn start(program: &Path, socket: &Path) -> Result<(), Error> {
    let mut child = Command::new(program)
        .args(["serve", "--socket"])
        .arg(socket)
        .args(["--exit-when-idle", EXIT_WHEN_IDLE])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A group of its own: Ctrl+C in the terminal is for the command, not for the endpoint.
        .process_group(0)
        .spawn()
        .map_err(|error| {
            let message = format!("could not start {}: {error}", program.display());
            Error::new(ErrorKind::CannotConnect, message).with_source(error)
        })?;
    // Somebody has to take its exit status, or it stays a zombie for as long as we live.
    std::thread::spawn(move || child.wait());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_folder_that_others_may_write_is_refused() {
        let user = rustix::process::geteuid().as_raw();
        let folder = std::env::temp_dir().join(format!("pssession-test-{}", uuid::Uuid::new_v4()));
        own_folder(&folder, user).unwrap();
        own_folder(&folder, user).unwrap();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
        assert!(own_folder(&folder, user).unwrap_err().is_access_denied());
        std::fs::remove_dir(&folder).unwrap();
    }
}
