//! What is wrong with a text.

use super::Lexer;
use crate::syntax::error::ParseError;
use crate::syntax::source::Extent;

impl<'s> Lexer<'s> {
    /// Takes an error down, unless the same is known already: text is sometimes read twice.
    pub(in crate::syntax) fn report(&mut self, error: ParseError) {
        if self.halted
            || self
                .errors
                .iter()
                .any(|known| known.error_id == error.error_id && known.extent == error.extent)
        {
            return;
        }
        self.errors.push(error);
        if self.errors.len() >= self.max_errors {
            self.halt();
        }
    }

    /// Gives up: from here on there are only ends of input.
    pub(in crate::syntax) fn halt(&mut self) {
        self.halted = true;
        self.pos = self.end;
    }

    pub(in crate::syntax) fn is_halted(&self) -> bool {
        self.halted
    }

    pub(super) fn error(
        &mut self,
        extent: Extent,
        error_id: &'static str,
        message: impl Into<String>,
    ) {
        self.report(ParseError {
            error_id,
            message: message.into(),
            incomplete_input: false,
            extent,
        });
    }

    // The end of the input is where such an error is noticed, and its extent runs up to there.
    pub(super) fn incomplete(
        &mut self,
        start: usize,
        error_id: &'static str,
        message: impl Into<String>,
    ) {
        let extent = Extent::new(start as u32, self.pos as u32);
        self.report(ParseError {
            error_id,
            message: message.into(),
            incomplete_input: true,
            extent,
        });
    }
}
