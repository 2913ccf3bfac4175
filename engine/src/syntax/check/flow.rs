//! Whether every path through a method ends with `return` or `throw`.

use super::super::ast::{ExprKind, Statement, StatementBlock};

/// Whether the end of the block is never reached.
pub(super) fn always_leaves(block: &StatementBlock) -> bool {
    block.statements.iter().any(statement_leaves)
}

fn statement_leaves(statement: &Statement) -> bool {
    match statement {
        Statement::Return(_) | Statement::Throw(_) | Statement::Exit(_) => true,
        Statement::If(it) => {
            it.otherwise.as_ref().is_some_and(always_leaves)
                && it.clauses.iter().all(|(_, body)| always_leaves(body))
        }
        Statement::Switch(it) => {
            it.default.as_ref().is_some_and(always_leaves)
                && it.clauses.iter().all(|(_, body)| always_leaves(body))
        }
        Statement::Try(it) => {
            it.finally.as_ref().is_some_and(always_leaves)
                || (always_leaves(&it.body)
                    && it.catches.iter().all(|clause| always_leaves(&clause.body)))
        }
        Statement::Do(it) => always_leaves(&it.body),
        // A loop without an end is only left through what is in it.
        Statement::While(it) => {
            it.condition
                .as_expression()
                .is_some_and(|condition| match &condition.kind {
                    ExprKind::Variable(variable) => variable.name.eq_ignore_ascii_case("true"),
                    _ => false,
                })
        }
        Statement::For(it) => it.condition.is_none(),
        // What could not be read may have been anything.
        Statement::Error(_) => true,
        _ => false,
    }
}
