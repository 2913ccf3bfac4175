//! Commands built into the engine: how one is declared, and what it is given when it runs.
//!
//! A command is a value that implements [`Command`] and a [`CommandSpec`] that declares its name and parameters. The binder converts
//! arguments to the declared types and checks them before the command sees them.
//!
//! ```ignore
//! pub(crate) static SPEC: CommandSpec = CommandSpec::new("Get-Answer", "Example.GetAnswerCommand", || Box::new(GetAnswer))
//!     .parameters(&[Parameter::new("Question", "string").position(0).pipeline().mandatory()]);
//! ```

pub(crate) mod add_member;
pub(crate) mod alias;
pub(crate) mod command_metadata;
pub(crate) mod compare_object;
mod context;
pub(crate) mod convert_from_json;
pub(crate) mod convert_to_json;
pub(crate) mod copy_item;
mod csv;
mod csv_text;
mod debugger_modes;
pub(crate) mod encoding;
mod exit_ps_session;
mod export_csv;
mod foreach_object;
mod format_custom;
mod format_entry;
mod format_list;
mod format_table;
mod format_wide;
pub(crate) mod get_child_item;
pub(crate) mod get_command;
pub(crate) mod get_content;
pub(crate) mod get_date;
mod get_file_hash;
pub(crate) mod get_member;
pub(crate) mod get_random;
pub(crate) mod group_object;
mod invoke_expression;
mod item_parameters;
pub(crate) mod join_path;
pub(crate) mod join_string;
pub(crate) mod json_reader;
pub(crate) mod location;
pub(crate) mod measure_object;
pub(crate) mod net_object;
pub(crate) mod new_item;
pub(crate) mod new_object;
mod new_temporary_file;
pub(crate) mod new_time_span;
pub(crate) mod object;
pub(crate) mod ordering;
pub(crate) mod out_file;
mod out_host;
pub(crate) mod out_null;
mod out_string;
mod parameter;
pub(crate) mod process;
mod property_expression;
pub(crate) mod ps_drive;
mod read_host;
mod registry;
pub(crate) mod remove_item;
pub(crate) mod run_command;
pub(crate) mod select_object;
pub(crate) mod select_string;
pub(crate) mod session_item;
pub(crate) mod session_state;
pub(crate) mod set_content;
pub(crate) mod set_item;
mod set_variable;
pub(crate) mod sort_object;
mod start_sleep;
pub(crate) mod target;
pub(crate) mod tee_object;
pub(crate) mod test_path;
pub(crate) mod variable;
mod where_object;
pub(crate) mod write_error;
pub(crate) mod write_message;
mod write_output;

use std::sync::Arc;

pub use context::{Bound, CommandContext};
pub use parameter::{CommandSpec, InSet, Parameter, Validate};
pub use registry::{Registry, aliases_of};

use crate::eval::Block;
use crate::eval::Run;
use crate::value::Text;

/// One running command of a pipeline. The engine calls `begin` once, `process` for each object that comes in (once if nothing can come
/// in), and `end` once; each may write any number of objects, which the next command sees at once.
pub trait Command {
    /// Before the first object. Parameters bound from the pipeline are not set yet.
    ///
    /// # Errors
    /// A terminating error, or control that leaves the pipeline.
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let _ = cx;
        Ok(())
    }

    /// For each object; the parameters bound from it are set in `cx`.
    ///
    /// # Errors
    /// A terminating error, or control that leaves the pipeline.
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let _ = cx;
        Ok(())
    }

    /// After the last object. Not called when an error ended the pipeline.
    ///
    /// # Errors
    /// A terminating error, or control that leaves the pipeline.
    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let _ = cx;
        Ok(())
    }
}

/// A function or filter of a session.
#[derive(Debug)]
pub struct Function {
    /// The name as defined.
    pub name: Text,
    pub(crate) block: Arc<Block>,
    pub(crate) filter: bool,
    #[allow(
        dead_code,
        reason = "read by the commands about variables, aliases and functions"
    )]
    pub(crate) options: crate::eval::Options,
    #[allow(
        dead_code,
        reason = "read by the commands about variables, aliases and functions"
    )]
    pub(crate) description: Option<Text>,
    /// Where a closure or module keeps its variables.
    pub(crate) kept: Option<crate::eval::Kept>,
}
