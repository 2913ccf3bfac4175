//! Runs parsed scripts: lowering, scopes, the parameter binder, the push pipeline, errors and streams.
//!
//! From the ground up: [`Symbol`] and scopes; the lowered tree (`node`, made by `lower`); [`Machine`], which walks it
//! (`statement`, `expression`, `assign`); the binder (`meta`, `binder`) and the pipeline (`pipeline`, `function`, `native`).

mod assign;
mod binder;
mod block;
mod check;
mod class;
mod class_object;
mod cmdlet_object;
mod command_info;
mod engine_objects;
mod expression;
mod flow;
mod frame;
mod function;
mod lookup;
mod lower;
mod machine;
mod meta;
mod method;
mod native;
mod node;
mod ops;
mod out;
mod pipeline;
mod records;
mod reference;
mod run;
mod scope;
mod session;
mod source;
mod statement;
mod stop;
mod symbol;
mod variables;

pub use flow::{Failure, Flow, Run};
pub use frame::InvocationInfo;
pub use machine::Machine;
pub use meta::CommandMeta;
pub use out::Out;
pub use pipeline::StageInfo;
pub use records::CommonParameters;
pub use session::Session;
pub use stop::StopSignal;

pub(crate) use node::Block;
pub(crate) use ops::{truth as is_true, wildcard as wildcard_match};
pub use scope::{Options, ScopeId};
pub use symbol::Symbol;

pub(crate) use scope::Kept;

pub(crate) use command_info::CommandInfo;
pub(crate) use lookup::Resolved;
pub(crate) use records::Preference;
pub(crate) use scope::{Alias, Scopes, Variable};
