//! Which of the remembered sessions the options mean.

use pssession::{Error, ErrorKind, Session, SessionBuilder, SessionOption};

use crate::arguments::{Chosen, Login};
use crate::password::credential;
use crate::state::{self, Remembered};
use crate::target::builder_at;

impl Chosen {
    /// Whether the session is meant; everything is when nothing was chosen.
    pub(crate) fn matches(&self, session: &Remembered) -> bool {
        self.is_empty()
            || self.id.contains(&session.id)
            || self.instance_id.contains(&session.instance_id)
            || self
                .name
                .iter()
                .any(|pattern| wildcard(pattern, &session.name))
    }

    /// The sessions that were chosen.
    ///
    /// # Errors
    /// When nothing was chosen, or something that is not there.
    pub(crate) fn resolve(&self) -> Result<Vec<Remembered>, Error> {
        if self.is_empty() {
            let message = "choose sessions with --id, --name or --instance-id";
            return Err(Error::new(ErrorKind::Usage, message));
        }
        let sessions = state::read()?.sessions;
        let missing = |what: String| {
            let message = format!("no session made from here has the {what}; see `pssession get`");
            Err(Error::new(ErrorKind::SessionNotFound, message))
        };
        for id in &self.id {
            if !sessions.iter().any(|session| session.id == *id) {
                return missing(format!("id {id}"));
            }
        }
        for id in &self.instance_id {
            if !sessions.iter().any(|session| session.instance_id == *id) {
                return missing(format!("instance id {id}"));
            }
        }
        for name in &self.name {
            // A pattern may match nothing; a plain name is expected to be there.
            let plain = !name.contains(['*', '?', '[']);
            if plain && !sessions.iter().any(|session| wildcard(name, &session.name)) {
                return missing(format!("name {name}"));
            }
        }
        Ok(sessions
            .into_iter()
            .filter(|session| self.matches(session))
            .collect())
    }

    /// The one session that was chosen.
    pub(crate) fn resolve_one(&self) -> Result<Remembered, Error> {
        let mut sessions = self.resolve()?;
        match (sessions.pop(), sessions.is_empty()) {
            (Some(session), true) => Ok(session),
            (None, _) => Err(Error::new(
                ErrorKind::SessionNotFound,
                "no session was chosen",
            )),
            _ => Err(Error::new(
                ErrorKind::Usage,
                "more than one session was chosen",
            )),
        }
    }
}

impl Remembered {
    /// What reaches the session's computer.
    pub(crate) fn builder(&self, login: &Login) -> Result<SessionBuilder, Error> {
        let mut option = SessionOption::default();
        option.no_encryption = login.allow_unencrypted || self.allow_unencrypted;
        option.skip_ca_check = login.skip_ca_check;
        option.skip_cn_check = login.skip_cn_check;
        let user = login.user.clone().or_else(|| self.user.clone());
        let login = Login {
            user,
            ..login.clone()
        };
        let builder = builder_at(self.target.address(), &login, &credential(&login)?)?;
        Ok(builder
            .configuration_name(self.configuration_name.as_str())
            .option(option))
    }

    /// Connects to the session. One that is gone from its computer is forgotten here too.
    pub(crate) async fn connect(&self, login: &Login) -> Result<Session, Error> {
        let connected = self.builder(login)?.connect(self.instance_id).await;
        if connected.as_ref().is_err_and(Error::is_session_not_found) {
            state::change(|state| state.forget(self.instance_id))?;
        }
        connected
    }
}

/// PowerShell's wildcards, without regard to case: `*`, `?`, `[a-c]`; a backtick takes the next
/// character as it stands.
pub(crate) fn wildcard(pattern: &str, text: &str) -> bool {
    let fold = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
    matches(&fold(pattern), &fold(text))
}

/// Goes back to the last `*` only, so the time is at most the product of the lengths.
fn matches(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, t));
            p += 1;
            continue;
        }
        let step = match (pattern.get(p..), text.get(t)) {
            (Some(rest), Some(c)) => one(rest, *c),
            _ => None,
        };
        if let Some(length) = step {
            p += length;
            t += 1;
        } else if p == pattern.len() && t == text.len() {
            return true;
        } else if let Some((at, from)) = star
            && from < text.len()
        {
            star = Some((at, from + 1));
            (p, t) = (at + 1, from + 1);
        } else {
            return false;
        }
    }
}

/// How much of the pattern stands for one character, if it is this one.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match pattern {
        ['?', ..] => Some(1),
        ['`', escaped, ..] => (*escaped == c).then_some(2),
        ['[', set @ ..] => {
            let end = set.iter().position(|c| *c == ']')?;
            let (set, _) = set.split_at(end);
            let mut rest = set;
            while let Some((first, tail)) = rest.split_first() {
                if let ['-', last, after @ ..] = tail {
                    if (*first..=*last).contains(&c) {
                        return Some(end + 2);
                    }
                    rest = after;
                } else {
                    if *first == c {
                        return Some(end + 2);
                    }
                    rest = tail;
                }
            }
            None
        }
        [plain, ..] => (*plain == c).then_some(1),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_powershell_s_do() {
        for (pattern, text) in [
            ("build", "BUILD"),
            ("b*d", "build"),
            ("*", ""),
            ("b?ild", "build"),
            ("b[t-v]ild", "build"),
            ("*a*b*", "xxaxxbxx"),
            ("`*", "*"),
        ] {
            assert!(wildcard(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("build", "builds"),
            ("b?d", "bd"),
            ("[a-c]", "d"),
            ("`*", "x"),
            ("", "x"),
            ("[a", "a"),
        ] {
            assert!(!wildcard(pattern, text), "{pattern} {text}");
        }
    }
}
