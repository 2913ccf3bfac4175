//! Objects as text: what Format-Table, Format-List, Format-Wide, Format-Custom and Out-String make of them.
//!
//! [`Formatter`] takes objects one after the other and gives text; it needs no evaluator, so a client can show with it what it
//! received. Script properties and calculated columns run in a [`Context`](crate::value::Context), where there is one.
//! [`error_text`] shows an error as PowerShell's console does.
//!
//! From the ground up: [`cell`](width) measures and cuts text, `table`, `list` and `structure` arrange it, `properties` and `text` say
//! what an object shows, `view` knows the types with views of their own, `formatter` puts documents together.

mod cell;
mod error_view;
mod field;
mod formatter;
mod layout;
mod line;
mod list;
mod properties;
mod session;
mod structure;
mod table;
mod text;
mod view;

pub use cell::{plain, width, wrap};
pub use error_view::{ErrorView, error_text};
pub use field::{PropertyArgument, PropertyArgumentError};
pub use formatter::{FormatOptions, Formatter};
pub use layout::{Expansion, FormatEntry, Layout, Shape};
pub(crate) use line::format_line;
pub(crate) use session::{session_options, style};
