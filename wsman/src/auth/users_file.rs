//! Accounts in a text file, one `name:hash` on a line.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::{
    AuthError, AuthErrorKind, HashCost, PasswordEntry, PasswordEntryError, Secret, UserStore,
};

/// The largest users file that is read.
const MAX_FILE_LEN: u64 = 4 * 1024 * 1024;
/// The longest account name, in bytes.
const MAX_NAME_LEN: usize = 256;

/// Accounts with hashed passwords, from a file that only its owner may write.
///
/// Each line is `name:hash`, the hash as [`PasswordEntry`] writes it; empty lines and lines that begin with `#` are
/// skipped. A name is compared as it stands and may hold a domain (`CONTOSO\anna`, `anna@contoso.com`).
pub struct UsersFile {
    path: Option<PathBuf>,
    accounts: RwLock<Arc<Accounts>>,
    generation: AtomicU64,
}

impl UsersFile {
    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read, others than its owner may write it, or a line is wrong.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, UsersFileError> {
        let path = path.into();
        let accounts = Accounts::parse(&read(&path)?)?;
        Ok(Self {
            path: Some(path),
            ..Self::holding(accounts)
        })
    }

    /// Takes the text of a users file from elsewhere. [`reload`](Self::reload) leaves it as it is.
    ///
    /// # Errors
    /// When a line is wrong.
    pub fn parse(text: &str) -> Result<Self, UsersFileError> {
        Accounts::parse(text).map(Self::holding)
    }

    /// The line to add for an account.
    ///
    /// # Errors
    /// When the name cannot stand in the file or in a Basic token, or hashing fails.
    pub fn line(name: &str, password: &Secret, cost: HashCost) -> Result<String, UsersFileError> {
        check_name(name).map_err(|problem| UsersFileError::Name { problem })?;
        let entry = PasswordEntry::new(password, cost)?;
        Ok(format!("{name}:{entry}"))
    }

    /// Reads the file again. On an error the accounts stay as they were.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn reload(&self) -> Result<(), UsersFileError> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let accounts = Accounts::parse(&read(path)?)?;
        *self
            .accounts
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(accounts);
        self.generation.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// How many accounts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.accounts().by_name.len()
    }

    /// Whether there is no account.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn holding(accounts: Accounts) -> Self {
        Self {
            path: None,
            accounts: RwLock::new(Arc::new(accounts)),
            generation: AtomicU64::new(0),
        }
    }

    fn accounts(&self) -> Arc<Accounts> {
        // A poisoned lock holds a whole map all the same: it is only ever replaced, not edited.
        Arc::clone(&self.accounts.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl UserStore for UsersFile {
    fn verify(&self, user: &str, password: &Secret) -> Result<String, AuthError> {
        let accounts = self.accounts();
        let (known, entry) = match accounts.by_name.get(user) {
            Some(entry) => (true, entry),
            // The same work for a name that does not exist, so that time does not tell which do.
            None => (false, &accounts.decoy),
        };
        if entry.matches(password) && known {
            Ok(user.to_owned())
        } else {
            Err(AuthError::new(
                AuthErrorKind::Refused,
                "unknown user name or wrong password",
            ))
        }
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }
}

impl fmt::Debug for UsersFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UsersFile")
            .field("path", &self.path)
            .field("accounts", &self.len())
            .finish()
    }
}

struct Accounts {
    by_name: HashMap<String, PasswordEntry>,
    /// Costs as much as the dearest entry and has a password that nobody knows.
    decoy: PasswordEntry,
}

impl Accounts {
    fn parse(text: &str) -> Result<Self, UsersFileError> {
        let mut by_name = HashMap::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (index, line) in text.lines().enumerate() {
            let at = |problem: LineProblem| UsersFileError::Line {
                line: index + 1,
                problem,
            };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, hash) = line
                .split_once(':')
                .ok_or_else(|| at(LineProblem::NoColon))?;
            check_name(name).map_err(|problem| at(LineProblem::Name(problem)))?;
            let entry = hash
                .parse::<PasswordEntry>()
                .map_err(|error| at(LineProblem::Hash(error)))?;
            if by_name.insert(name.to_owned(), entry).is_some() {
                return Err(at(LineProblem::Twice));
            }
        }
        let dearest = by_name
            .values()
            .map(PasswordEntry::cost)
            .max()
            .unwrap_or_default();
        let mut unknown = [0_u8; 32];
        aws_lc_rs::rand::fill(&mut unknown)
            .map_err(|_| PasswordEntryError::Hashing("the system has no randomness".to_owned()))?;
        let decoy = PasswordEntry::new(&Secret::new(unknown), dearest)?;
        Ok(Self { by_name, decoy })
    }
}

fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        Err("a user name is empty")
    } else if name.len() > MAX_NAME_LEN {
        Err("a user name is longer than 256 bytes")
    } else if name.contains(':') || name.chars().any(char::is_control) {
        Err("a user name holds a colon or a control character")
    } else if name.trim() != name || name.starts_with('#') {
        Err("a user name begins with '#' or has space around it")
    } else {
        Ok(())
    }
}

fn read(path: &Path) -> Result<String, UsersFileError> {
    let at = |source: io::Error| UsersFileError::Read {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(at)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(at)?.permissions().mode();
        if mode & 0o022 != 0 {
            return Err(UsersFileError::Writable {
                path: path.to_owned(),
                mode: mode & 0o7777,
            });
        }
    }
    let mut text = String::new();
    file.take(MAX_FILE_LEN + 1)
        .read_to_string(&mut text)
        .map_err(at)?;
    if text.len() as u64 > MAX_FILE_LEN {
        return Err(at(io::Error::other("larger than 4 MiB")));
    }
    Ok(text)
}

/// Why a users file is not usable.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UsersFileError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Others than the owner could add accounts.
    #[error("{} may be written by others than its owner (mode {mode:o})", path.display())]
    Writable {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A line is wrong.
    #[error("line {line}: {problem}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: LineProblem,
    },
    /// A name that cannot be an account's.
    #[error("{problem}")]
    Name {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Hashing failed.
    #[error(transparent)]
    Entry(#[from] PasswordEntryError),
}

/// What is wrong with one line of a users file. Shows nothing of the line itself.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LineProblem {
    /// There is no colon between name and hash.
    #[error("expected name:hash")]
    NoColon,
    /// The name cannot be an account's.
    #[error("{0}")]
    Name(&'static str),
    /// The hash cannot be used.
    #[error("{0}")]
    Hash(PasswordEntryError),
    /// The account was there before.
    #[error("this account stands in the file twice")]
    Twice,
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: HashCost = HashCost {
        memory_kib: 64,
        passes: 1,
    };

    fn line(name: &str, password: &str) -> String {
        UsersFile::line(name, &Secret::from(password), CHEAP).unwrap()
    }

    #[test]
    fn an_account_is_verified_by_name_and_password() {
        let text = format!(
            "\u{feff}# who may come in\n\n{}\r\n  {}\n",
            line("CONTOSO\\anna", "a:b"),
            line("bert", "pw")
        );
        let users = UsersFile::parse(&text).unwrap();
        assert_eq!(users.len(), 2);
        let verify = |user: &str, password: &str| users.verify(user, &Secret::from(password));
        assert_eq!(verify("CONTOSO\\anna", "a:b").unwrap(), "CONTOSO\\anna");
        assert_eq!(verify("bert", "pw").unwrap(), "bert");
        let wrong = verify("bert", "a:b").unwrap_err();
        let unknown = verify("carl", "pw").unwrap_err();
        assert_eq!(wrong, unknown);
        assert_eq!(wrong.kind(), AuthErrorKind::Refused);
        assert!(verify("Bert", "pw").is_err());
    }

    #[test]
    fn the_decoy_costs_as_much_as_the_dearest_entry() {
        let dear = HashCost {
            memory_kib: 128,
            passes: 3,
        };
        let text = format!(
            "{}\n{}",
            line("a", "1"),
            UsersFile::line("b", &Secret::from("2"), dear).unwrap()
        );
        let users = UsersFile::parse(&text).unwrap();
        assert_eq!(users.accounts().decoy.cost(), dear);
    }

    #[test]
    fn a_wrong_line_is_named_and_not_shown() {
        let problem = |text: &str| UsersFile::parse(text).unwrap_err().to_string();
        assert_eq!(problem("\nanna"), "line 2: expected name:hash");
        assert_eq!(problem(":x"), "line 1: a user name is empty");
        assert_eq!(
            problem("anna:hunter2"),
            "line 1: not a password hash of the form $argon2id$v=19$m=..,t=..,p=1$salt$hash"
        );
        let twice = format!("{}\n{}", line("a", "1"), line("a", "2"));
        assert_eq!(
            problem(&twice),
            "line 2: this account stands in the file twice"
        );
        assert!(UsersFile::line("a:b", &Secret::default(), CHEAP).is_err());
        assert!(UsersFile::line("#a", &Secret::default(), CHEAP).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_write_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("users");
        std::fs::write(&path, line("anna", "pw")).unwrap();
        let set_mode =
            |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        set_mode(0o622);
        assert!(matches!(
            UsersFile::open(&path),
            Err(UsersFileError::Writable { mode: 0o622, .. })
        ));
        set_mode(0o600);
        let users = UsersFile::open(&path).unwrap();
        std::fs::write(&path, line("bert", "pw")).unwrap();
        assert_eq!(users.generation(), 0);
        users.reload().unwrap();
        assert_eq!(users.generation(), 1);
        assert!(users.verify("bert", &Secret::from("pw")).is_ok());
        assert!(users.verify("anna", &Secret::from("pw")).is_err());
        std::fs::write(&path, "broken").unwrap();
        assert!(users.reload().is_err());
        assert!(users.verify("bert", &Secret::from("pw")).is_ok());
    }
}
