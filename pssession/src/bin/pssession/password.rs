//! Where a password comes from: a file, the environment, or the person.

use std::io::IsTerminal;

use pssession::{Credential, Error, ErrorKind};
use zeroize::Zeroizing;

use crate::arguments::Login;

/// The variable that holds a password for scripts.
const VARIABLE: &str = "PSSESSION_PASSWORD";

/// The credential that the options ask for; `None` when they name no user.
pub(crate) fn credential(login: &Login) -> Result<Option<Credential>, Error> {
    let Some(user) = &login.user else {
        return Ok(None);
    };
    let password = match &login.password_file {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map(Zeroizing::new)
                .map_err(|error| {
                    let message = format!("the password file {}: {error}", path.display());
                    Error::new(ErrorKind::Io, message).with_source(error)
                })?;
            Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())
        }
        None => match std::env::var(VARIABLE) {
            Ok(password) => Zeroizing::new(password),
            Err(_) => ask(&format!("Password for {user}: "))?,
        },
    };
    Ok(Some(Credential::new(user.as_str(), password.as_str())))
}

/// A password from standard input: typed unseen by a person, or the first line of a pipe.
pub(crate) fn ask(prompt: &str) -> Result<Zeroizing<String>, Error> {
    if std::io::stdin().is_terminal() {
        return Ok(Zeroizing::new(rpassword::prompt_password(prompt)?));
    }
    let mut line = Zeroizing::new(String::new());
    std::io::stdin().read_line(&mut line)?;
    if line.is_empty() {
        let message = format!("no password: give --password-file, {VARIABLE} or standard input");
        return Err(Error::new(ErrorKind::Usage, message));
    }
    Ok(Zeroizing::new(
        line.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}
