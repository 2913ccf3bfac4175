//! The value of `{ … }`.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use super::object::Extended;

/// What the evaluator keeps behind a script block: the lowered tree, and the scope or module it is bound to.
pub trait Code: Any + Debug + Send + Sync {
    /// The text between the braces, as written.
    fn text(&self) -> &str;
}

/// A script block as a value. It is compared by identity.
#[derive(Debug)]
pub struct ScriptBlock {
    code: Arc<dyn Code>,
    extended: Extended,
}

impl ScriptBlock {
    /// A block with `code` behind it.
    #[must_use]
    pub fn new(code: Arc<dyn Code>) -> Self {
        Self {
            code,
            extended: Extended::default(),
        }
    }

    /// The text between the braces.
    #[must_use]
    pub fn text(&self) -> &str {
        self.code.text()
    }

    /// What the evaluator put there.
    #[must_use]
    pub fn code(&self) -> &Arc<dyn Code> {
        &self.code
    }

    /// What the evaluator put there, as its own type.
    #[must_use]
    pub fn code_as<T: Code>(&self) -> Option<&T> {
        (self.code.as_ref() as &dyn Any).downcast_ref()
    }

    /// Members that a script added.
    #[must_use]
    pub fn extended(&self) -> &Extended {
        &self.extended
    }
}
