//! Drives and paths: files, and what a session holds seen as items (`Env:`, `Variable:`, `Function:`, `Alias:`).

mod drive;
mod file_item;
mod file_system;
mod path;
mod process;
mod session_drive;

pub(crate) use drive::{Drive, drive_object, drives, provider_object};
pub(crate) use file_item::{FileItem, date_of, file_value};
pub(crate) use file_system::{expand, io_failure, is_hidden, sorted_entries};
pub(crate) use path::{ItemPath, Paths, locate, locate_file, not_found, path_info};
pub(crate) use process::{Process, process_error, process_ids};
pub(crate) use session_drive::{list, read, remove, write};

/// Where items come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Provider {
    FileSystem,
    Environment,
    Variable,
    Function,
    Alias,
}

impl Provider {
    pub(crate) const ALL: [Self; 5] = [
        Self::Alias,
        Self::Environment,
        Self::FileSystem,
        Self::Function,
        Self::Variable,
    ];

    /// The name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FileSystem => "FileSystem",
            Self::Environment => "Environment",
            Self::Variable => "Variable",
            Self::Function => "Function",
            Self::Alias => "Alias",
        }
    }

    /// The name of the drive that each session has.
    pub(crate) fn drive(self) -> &'static str {
        match self {
            Self::FileSystem => "/",
            Self::Environment => "Env",
            other => other.name(),
        }
    }

    /// The provider of that name, with or without the module before it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let short = name.rsplit('\\').next().unwrap_or(name);
        Self::ALL
            .into_iter()
            .find(|provider| provider.name().eq_ignore_ascii_case(short))
    }
}
