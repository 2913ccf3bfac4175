//! Tests of the engine as its users see it.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod classes;
mod evaluation;
mod format;
mod limits;
mod syntax;
mod syntax_tree;
