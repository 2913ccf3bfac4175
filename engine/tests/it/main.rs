//! Tests of the engine as its users see it.

mod classes;
mod evaluation;
mod format;
mod limits;
mod syntax;
mod syntax_tree;
