//! Tests of the engine as its users see it.

mod syntax;
mod syntax_tree;
