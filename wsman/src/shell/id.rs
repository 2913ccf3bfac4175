//! The names of shells and of commands.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

/// Names one shell on a server. Compared as it stands, case included: it is the exact text that went over the wire.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ShellId(Arc<str>);

/// Names one command of a shell. Compared as it stands, like a [`ShellId`].
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CommandId(Arc<str>);

macro_rules! wire_id {
    ($name:ident) => {
        impl $name {
            /// The id with exactly that text.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The GUID in upper case, in which clients propose ids.
            #[must_use]
            pub fn from_uuid(id: Uuid) -> Self {
                Self(format!("{:X}", id.hyphenated()).into())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The GUID that the text is, if it is one with hyphens and without braces.
            #[must_use]
            pub fn to_uuid(&self) -> Option<Uuid> {
                if self.0.len() == 36 {
                    Uuid::try_parse(&self.0).ok()
                } else {
                    None
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self::from_uuid(id)
            }
        }
    };
}

wire_id!(ShellId);
wire_id!(CommandId);
