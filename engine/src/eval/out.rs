//! Where output and records go: the next stage, a capture, the host, or nowhere.

use std::cell::RefCell;
use std::rc::Rc;

use super::pipeline::Chain;
use crate::value::Value;

/// A place that takes objects. Cheap to copy; all copies are the same place.
#[derive(Clone)]
pub enum Out {
    /// `$null = …`
    Null,
    /// The output stream of the invocation.
    Host,
    /// A buffer.
    Capture(Rc<RefCell<Vec<Value>>>),
    /// A stage of a pipeline.
    #[doc(hidden)]
    Stage(Stage),
    /// A place that also fills `-OutVariable`.
    #[doc(hidden)]
    Tee(Rc<(Out, Rc<RefCell<Vec<Value>>>)>),
    /// A place before which each object is put into a variable: `-PipelineVariable`.
    #[doc(hidden)]
    Named(Rc<(Out, super::symbol::Symbol, super::scope::ScopeId)>),
}

/// A stage of a running pipeline, by number.
#[derive(Clone)]
pub struct Stage {
    pub(super) chain: Rc<Chain>,
    pub(super) index: usize,
}

/// Where the records of streams 2 to 6 go.
#[derive(Clone, Default)]
pub(crate) struct Streams {
    /// By number of the stream; 0 and 1 are not used.
    pub(crate) targets: [StreamTarget; 7],
}

#[derive(Clone, Default)]
pub(crate) enum StreamTarget {
    /// The stream of the invocation.
    #[default]
    Host,
    Null,
    /// Merged into an output, or written to a file by the stage behind it.
    To(Out),
}

pub(crate) const ERROR: usize = 2;
pub(crate) const WARNING: usize = 3;
pub(crate) const VERBOSE: usize = 4;
pub(crate) const DEBUG: usize = 5;
pub(crate) const INFORMATION: usize = 6;

impl Out {
    /// A new buffer.
    #[must_use]
    pub fn capture() -> (Self, Rc<RefCell<Vec<Value>>>) {
        let buffer = Rc::new(RefCell::new(Vec::new()));
        (Self::Capture(Rc::clone(&buffer)), buffer)
    }
}

/// What a buffer means as the value of an expression: nothing, the one object, or an array.
pub(crate) fn collapse(mut items: Vec<Value>) -> Value {
    match items.len() {
        0 => Value::Nothing,
        1 => items.pop().unwrap_or_default(),
        _ => Value::array(items),
    }
}

/// Empties a buffer.
pub(crate) fn drain(buffer: &Rc<RefCell<Vec<Value>>>) -> Vec<Value> {
    std::mem::take(&mut buffer.borrow_mut())
}
