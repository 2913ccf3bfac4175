//! `System.Text.StringBuilder`.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::value::clr::{ClrLike, PropertyInfo};
use crate::value::composite::{self, Culture};
use crate::value::context::Context;
use crate::value::convert::{self, elements_of};
use crate::value::error::Raise;
use crate::value::members::Call;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Text, Value};

/// Text that grows.
#[derive(Debug)]
pub struct StringBuilder {
    text: Mutex<String>,
    capacity: usize,
}

impl StringBuilder {
    /// A builder that holds `text`.
    #[must_use]
    pub fn new(text: &str, capacity: usize) -> Self {
        Self {
            text: Mutex::new(text.to_owned()),
            capacity: capacity.max(16),
        }
    }

    fn lock(&self) -> MutexGuard<'_, String> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(&self) -> Text {
        self.lock().as_str().into()
    }
}

impl ClrLike for StringBuilder {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::StringBuilder)
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        [("Capacity", true), ("MaxCapacity", false), ("Length", true)]
            .map(|(name, settable)| PropertyInfo {
                name,
                type_name: "System.Int32",
                settable,
            })
            .into()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let length = self.current().utf16_len();
        let int = |count: usize| Value::Int32(i32::try_from(count).unwrap_or(i32::MAX));
        Some(Ok(match name.to_ascii_lowercase().as_str() {
            "length" => int(length),
            "capacity" => int(self.capacity.max(length)),
            "maxcapacity" => Value::Int32(i32::MAX),
            _ => return None,
        }))
    }

    fn set_property(
        &self,
        name: &str,
        value: &Value,
        cx: &mut dyn Context,
    ) -> Option<Result<(), Raise>> {
        if name.eq_ignore_ascii_case("capacity") {
            return Some(Ok(()));
        }
        if !name.eq_ignore_ascii_case("length") {
            return None;
        }
        let wanted = match convert::to(value, &TypeRef::of(TypeId::Int32), cx) {
            Ok(Value::Int32(wanted)) => usize::try_from(wanted).unwrap_or(0),
            Ok(_) => return None,
            Err(error) => return Some(Err(error)),
        };
        if let Err(error) = cx.charge(wanted) {
            return Some(Err(error));
        }
        let current = self.current();
        let length = current.utf16_len();
        *self.lock() = match current.substring(0, wanted) {
            Some(head) => head.to_string(),
            None => format!("{current}{}", "\0".repeat(wanted - length)),
        };
        Some(Ok(()))
    }

    fn methods(&self) -> &'static [&'static str] {
        &[
            "Append",
            "AppendFormat",
            "AppendJoin",
            "AppendLine",
            "Clear",
            "CopyTo",
            "EnsureCapacity",
            "Insert",
            "Remove",
            "Replace",
        ]
    }

    fn invoke(
        &self,
        this: &Value,
        name: &str,
        arguments: &[Value],
        cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        let mut call = Call::new(name, arguments, cx);
        match self.change(&mut call) {
            Ok(Some(None)) => Some(Ok(this.clone())),
            Ok(Some(Some(value))) => Some(Ok(value)),
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }

    fn index(&self, arguments: &[Value], cx: &mut dyn Context) -> Option<Result<Value, Raise>> {
        let index = match convert::to(arguments.first()?, &TypeRef::of(TypeId::Int32), cx) {
            Ok(Value::Int32(index)) => index,
            Ok(_) => return None,
            Err(error) => return Some(Err(error)),
        };
        let unit = usize::try_from(index)
            .ok()
            .and_then(|index| self.current().unit(index));
        Some(Ok(unit.map_or(Value::Null, Value::Char)))
    }

    fn text(&self) -> Text {
        self.current()
    }
}

impl StringBuilder {
    /// `Some(None)` means that the builder itself is the result.
    fn change(&self, call: &mut Call<'_>) -> Result<Option<Option<Value>>, Raise> {
        match call.name.to_ascii_lowercase().as_str() {
            lower @ ("append" | "appendline") => {
                let mut piece = match call.value(0).base() {
                    Value::Array(array) if array.element().is(TypeId::Char) => array
                        .snapshot()
                        .iter()
                        .map(|item| convert::clr_text(item).to_string())
                        .collect(),
                    value => convert::to_text(value, call.cx)?.to_string(),
                };
                if call.count() == 2 && matches!(call.value(0), Value::Char(_)) {
                    let count = call.size(1, "repeatCount")?;
                    call.cx.charge(count)?;
                    piece = piece.repeat(count);
                }
                if lower == "appendline" {
                    piece.push('\n');
                }
                call.cx.charge(piece.len())?;
                self.lock().push_str(&piece);
            }
            "appendformat" => {
                let format = call.text(0)?;
                let arguments = match &call.arguments[1.min(call.count())..] {
                    [one] => elements_of(one).unwrap_or_else(|| vec![one.clone()]),
                    several => several.to_vec(),
                };
                match composite::format(&format, &arguments, Culture::EnUs, call.cx)? {
                    Ok(text) => self.lock().push_str(&text),
                    Err(message) => return Err(call.throw(TypeId::FormatException, message)),
                }
            }
            "appendjoin" => {
                let separator = call.value(0);
                let items = match &call.arguments[1.min(call.count())..] {
                    [one] => elements_of(one).unwrap_or_else(|| vec![one.clone()]),
                    several => several.to_vec(),
                };
                let joined = crate::value::ops::join(&Value::array(items), &separator, call.cx)?;
                self.lock().push_str(&convert::clr_text(&joined));
            }
            "insert" => {
                let at = call.size(0, "index")?;
                let piece = call.text(1)?;
                let current = self.current();
                let Some(byte) = current.byte_index(at) else {
                    return Err(call.throw(TypeId::ArgumentOutOfRangeException, "Index was out of range. Must be non-negative and less than or equal to the size of the collection. (Parameter 'index')"));
                };
                call.cx.charge(piece.len())?;
                self.lock().insert_str(byte, &piece);
            }
            "remove" => {
                let (at, count) = (call.size(0, "startIndex")?, call.size(1, "length")?);
                let current = self.current();
                let length = current.utf16_len();
                let (Some(head), Some(tail)) = (
                    current.substring(0, at),
                    at.checked_add(count)
                        .and_then(|end| current.substring(end, length.checked_sub(end)?)),
                ) else {
                    return Err(call.throw(TypeId::ArgumentOutOfRangeException, "Index was out of range. Must be non-negative and less than or equal to the size of the collection. (Parameter 'length')"));
                };
                *self.lock() = format!("{head}{tail}");
            }
            "replace" => {
                let (old, new) = (call.text(0)?, call.text(1)?);
                let replaced = self.current().replace(old.as_str(), &new);
                call.cx.charge(replaced.len())?;
                *self.lock() = replaced;
            }
            "clear" => self.lock().clear(),
            "tostring" if call.count() == 2 => {
                let (at, count) = (call.size(0, "startIndex")?, call.size(1, "length")?);
                return Ok(Some(Some(
                    self.current()
                        .substring(at, count)
                        .map_or(Value::Null, Value::String),
                )));
            }
            "ensurecapacity" => return Ok(Some(Some(Value::Int32(16)))),
            "get_chars" | "chars" => {
                let at = call.size(0, "index")?;
                return Ok(Some(Some(
                    self.current().unit(at).map_or(Value::Null, Value::Char),
                )));
            }
            _ => return Ok(None),
        }
        Ok(Some(None))
    }
}
