//! What values ask of whoever runs the script.

use std::sync::Arc;

use super::error::Raise;
use super::script_block::ScriptBlock;
use super::types::TypeRef;
use super::{Text, Value};

/// The surroundings in which an operation happens. The evaluator implements it; [`Detached`] serves without one.
pub trait Context {
    /// Accounts for `bytes` about to be allocated for a result whose size a script chooses.
    ///
    /// # Errors
    /// When the memory limit of the runspace is reached.
    fn charge(&mut self, bytes: usize) -> Result<(), Raise>;

    /// Asked in every loop that may run long.
    ///
    /// # Errors
    /// When the pipeline was told to stop or has used up its fuel.
    fn checkpoint(&mut self) -> Result<(), Raise>;

    /// Runs a script block and gives its output: nothing, one value, or an array.
    ///
    /// `underscore` becomes `$_` and `this` becomes `$this`, if given.
    ///
    /// # Errors
    /// Whatever ends the block.
    fn call_block(
        &mut self,
        block: &Arc<ScriptBlock>,
        arguments: &[Value],
        underscore: Option<&Value>,
        this: Option<&Value>,
    ) -> Result<Value, Raise>;

    /// Whether `raise` is an error, which may be passed over, and not the end of what runs. The evaluator's own errors travel as
    /// flow, which only it can tell from a stop.
    fn is_error(&self, raise: &Raise) -> bool {
        matches!(raise, Raise::Error(_))
    }

    /// A type that the session knows besides the built-in ones: classes and enums of scripts.
    fn find_type(&mut self, name: &str) -> Option<TypeRef> {
        let _ = name;
        None
    }

    /// Makes an object of a script's class.
    fn construct(&mut self, class: &TypeRef, arguments: &[Value]) -> Option<Result<Value, Raise>> {
        let _ = (class, arguments);
        None
    }

    /// Calls a method of an object of a script's class; `None` if the class has no such method.
    fn call_class_method(
        &mut self,
        this: &Value,
        name: &str,
        arguments: &[Value],
    ) -> Option<Result<Value, Raise>> {
        let _ = (this, name, arguments);
        None
    }

    /// Calls a static method of a script's class; `None` if the class has no such method.
    fn call_static_method(
        &mut self,
        class: &TypeRef,
        name: &str,
        arguments: &[Value],
    ) -> Option<Result<Value, Raise>> {
        let _ = (class, name, arguments);
        None
    }

    /// The value of a static property of a script's class; `None` if the class has none of that name.
    fn static_field(&mut self, class: &TypeRef, name: &str) -> Option<Result<Value, Raise>> {
        let _ = (class, name);
        None
    }

    /// What a property of a script's class holds after `value` was assigned to it.
    ///
    /// # Errors
    /// When the value does not convert to the property's type or fails a validation.
    fn field_value(&mut self, class: &TypeRef, name: &str, value: &Value) -> Result<Value, Raise> {
        let _ = (class, name);
        Ok(value.clone())
    }

    /// Makes a script block from its text, for `[scriptblock]'…'` and `[scriptblock]::Create`.
    ///
    /// # Errors
    /// When the text does not parse, or nothing here can parse.
    fn compile(&mut self, text: &Text) -> Result<Value, Raise> {
        Err(Raise::of(
            super::TypeId::PSNotSupportedException,
            format!("no parser is at hand for '{text}'"),
            "NotSupported",
        ))
    }

    /// `$OFS`, which joins the items of an array in text.
    fn output_field_separator(&mut self) -> Text {
        " ".into()
    }

    /// Takes the groups of a successful `-match`, for `$Matches`.
    fn set_matches(&mut self, matches: Arc<super::Hashtable>) {
        drop(matches);
    }

    /// The current location in the file system, for relative paths given to .NET methods.
    fn current_directory(&self) -> String {
        "/".to_owned()
    }
}

/// A context without an evaluator: no limits, no scripts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Detached;

impl Context for Detached {
    fn charge(&mut self, _bytes: usize) -> Result<(), Raise> {
        Ok(())
    }

    fn checkpoint(&mut self) -> Result<(), Raise> {
        Ok(())
    }

    fn call_block(
        &mut self,
        block: &Arc<ScriptBlock>,
        _arguments: &[Value],
        _underscore: Option<&Value>,
        _this: Option<&Value>,
    ) -> Result<Value, Raise> {
        Err(Raise::of(
            super::TypeId::PSInvalidOperationException,
            format!("nothing here can run the script block '{}'", block.text()),
            "InvalidOperation",
        ))
    }
}
