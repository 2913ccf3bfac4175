//! `-f`: composite format strings.

use crate::value::Value;
use crate::value::composite;
use crate::value::context::Context;
use crate::value::convert::{self, elements_of};
use crate::value::error::Raise;

/// `left -f right`.
///
/// # Errors
/// When the format string is wrong or names an argument that is not there.
pub fn format(left: &Value, right: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    let format = convert::to_text(left, cx)?;
    let arguments = elements_of(right).unwrap_or_else(|| vec![right.clone()]);
    match composite::format(&format, &arguments, composite::Culture::EnUs, cx)? {
        Ok(text) => Ok(text.into()),
        Err(message) => Err(Raise::runtime(
            format!("Error formatting a string: {message}."),
            "FormatError",
        )
        .target(Value::String(format))),
    }
}
