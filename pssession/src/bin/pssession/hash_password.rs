//! `hash-password`: a line for the users file.

use pssession::{Error, ErrorKind};

use wsman::auth::{HashCost, Secret, UsersFile};

use crate::Status;
use crate::password::ask;

/// Reads a password and prints the user's entry.
pub(crate) fn hash_password(user: &str) -> Result<Status, Error> {
    let password = ask(&format!("New password for {user}: "))?;
    let password = Secret::new(password.as_bytes());
    let entry = UsersFile::line(user, &password, HashCost::default())
        .map_err(|error| Error::new(ErrorKind::Usage, error.to_string()).with_source(error))?;
    println!("{entry}");
    Ok(Status::Success)
}
