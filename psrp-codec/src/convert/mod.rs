//! Between values and Rust's own types, by way of serde.
//!
//! | Rust | written as | read from |
//! | --- | --- | --- |
//! | struct | a `[pscustomobject]` | the properties of any object, in any case |
//! | map | a `Hashtable` | a dictionary, or the properties of any object |
//! | sequence, tuple | an `object[]` | a list, stack, queue, enumerable, or byte array |
//! | enum without data | its name | a string, or what an enumeration's `ToString()` gave |
//! | enum with data | an object with the variant as its one property | the same |
//! | integer, float | the element of that width | any number that fits |
//! | `None`, `()`, `Some(None)` | null | null, or a property that is missing: `None` |
//! | bytes | `BA` | `BA` |
//! | `char` | a `C`; beyond U+FFFF a string | a `C`, or a string of one character |
//! | `PsString` | a string, U+FFFD in place of each lone surrogate | a string without one |
//! | `DateTime`, `TimeSpan`, `Decimal`, `Version` of this crate | `DT`, `TS`, `D`, `Version` | the same, or a string |
//!
//! References are followed, 128 levels deep and to no more than 1,048,576 values: an object may be
//! part of itself.
//!
//! Times, GUIDs and decimals of other crates come as the strings that those crates read; with the
//! feature `jiff` the times of that crate convert to and from [`DateTime`](crate::DateTime).
//!
//! ```
//! use psrp_codec::{Object, from_value, to_value};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, Deserialize, PartialEq, Serialize)]
//! #[serde(rename_all = "PascalCase")]
//! struct Process {
//!     name: String,
//!     id: i32,
//!     path: Option<String>,
//! }
//!
//! let object = Object::bag().property("Name", "pwsh").property("Id", 42);
//! let process: Process = from_value(&object.into())?;
//! assert_eq!(process, Process { name: "pwsh".into(), id: 42, path: None });
//! assert_eq!(from_value::<Process>(&to_value(&process)?)?, process);
//! # Ok::<(), psrp_codec::ConvertError>(())
//! ```

mod de;
mod own;
mod ser;

use std::fmt;

use crate::Value;

pub use de::from_value;
pub use ser::to_value;

/// Why a value does not fit a Rust type, or the other way round, and at which property.
///
/// ```
/// use psrp_codec::{Object, from_value};
///
/// #[derive(Debug, serde::Deserialize)]
/// struct Outer { inner: Inner }
/// #[derive(Debug, serde::Deserialize)]
/// struct Inner { numbers: Vec<u8> }
///
/// let numbers = psrp_codec::Value::list([1, 300]);
/// let value = Object::bag().property("inner", Object::bag().property("numbers", numbers));
/// let error = from_value::<Outer>(&value.into()).unwrap_err();
/// assert_eq!(error.path(), "inner.numbers[1]");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConvertError {
    // The steps from the innermost out, as they are found on the way back.
    steps: Vec<Step>,
    message: String,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Step {
    Property(String),
    Item(usize),
    /// An entry whose key is no string.
    Entry(String),
}

impl ConvertError {
    /// The property where it is: `a.b[3]`. Empty when it is the value itself.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = String::new();
        for step in self.steps.iter().rev() {
            match step {
                Step::Property(name) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(name);
                }
                Step::Item(index) => path.push_str(&format!("[{index}]")),
                Step::Entry(key) => path.push_str(&format!("[{key}]")),
            }
        }
        path
    }

    fn new(message: impl fmt::Display) -> Self {
        Self {
            steps: Vec::new(),
            message: message.to_string(),
        }
    }

    fn in_property(mut self, name: &str) -> Self {
        self.steps.push(Step::Property(name.to_owned()));
        self
    }

    /// In the entry with a key that is no string: a number as it stands, of others the tag.
    fn in_entry(mut self, key: &Value) -> Self {
        let name = match key.unwrapped() {
            Value::UInt64(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            other => match other.as_i64() {
                Some(number) => number.to_string(),
                None => other.tag().to_owned(),
            },
        };
        self.steps.push(Step::Entry(name));
        self
    }

    fn in_item(mut self, index: usize) -> Self {
        self.steps.push(Step::Item(index));
        self
    }
}

impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path();
        if !path.is_empty() {
            write!(f, "{path}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConvertError {}

impl ::serde::de::Error for ConvertError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message)
    }
}

impl ::serde::ser::Error for ConvertError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message)
    }
}
