//! One call of a method: its arguments, converted as its parameters want them, and the errors in PowerShell's words.

use std::sync::Arc;

use crate::value::context::Context;
use crate::value::convert;
use crate::value::error::Raise;
use crate::value::ops::argument_failed;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Exception, Text, Value};

/// A call that is being answered.
pub(crate) struct Call<'a> {
    /// The name as the script wrote it.
    pub(crate) name: &'a str,
    pub(crate) arguments: &'a [Value],
    pub(crate) cx: &'a mut dyn Context,
}

impl<'a> Call<'a> {
    pub(crate) fn new(name: &'a str, arguments: &'a [Value], cx: &'a mut dyn Context) -> Self {
        Self {
            name,
            arguments,
            cx,
        }
    }

    /// How many arguments there are.
    pub(crate) fn count(&self) -> usize {
        self.arguments.len()
    }

    /// The argument at `index`; null if there is none.
    pub(crate) fn value(&self, index: usize) -> Value {
        self.arguments.get(index).cloned().unwrap_or_default()
    }

    /// The argument at `index`, converted.
    pub(crate) fn converted(
        &mut self,
        index: usize,
        parameter: &str,
        ty: &TypeRef,
    ) -> Result<Value, Raise> {
        let value = self.value(index);
        convert::to(&value, ty, self.cx)
            .map_err(|error| argument_failed(parameter, &value, self.name, ty, error))
    }

    pub(crate) fn int(&mut self, index: usize, parameter: &str) -> Result<i32, Raise> {
        match self.converted(index, parameter, &TypeRef::of(TypeId::Int32))? {
            Value::Int32(number) => Ok(number),
            _ => Ok(0),
        }
    }

    pub(crate) fn long(&mut self, index: usize, parameter: &str) -> Result<i64, Raise> {
        match self.converted(index, parameter, &TypeRef::of(TypeId::Int64))? {
            Value::Int64(number) => Ok(number),
            _ => Ok(0),
        }
    }

    pub(crate) fn double(&mut self, index: usize, parameter: &str) -> Result<f64, Raise> {
        match self.converted(index, parameter, &TypeRef::of(TypeId::Double))? {
            Value::Double(number) => Ok(number),
            _ => Ok(0.0),
        }
    }

    pub(crate) fn text(&mut self, index: usize) -> Result<Text, Raise> {
        let value = self.value(index);
        convert::to_text(&value, self.cx)
    }

    pub(crate) fn boolean(&self, index: usize) -> bool {
        convert::to_bool(&self.value(index))
    }

    /// A parameter of a known enumeration.
    pub(crate) fn enumeration(
        &mut self,
        index: usize,
        parameter: &str,
        id: TypeId,
    ) -> Result<i64, Raise> {
        match self.converted(index, parameter, &TypeRef::of(id))? {
            Value::Enum(value) => Ok(value.bits),
            _ => Ok(0),
        }
    }

    /// An index or length that is not negative.
    pub(crate) fn size(&mut self, index: usize, parameter: &str) -> Result<usize, Raise> {
        let number = self.int(index, parameter)?;
        usize::try_from(number).map_err(|_| {
            self.throw(TypeId::ArgumentOutOfRangeException, format!("{parameter} ('{number}') must be a non-negative value. (Parameter '{parameter}')\nActual value was {number}."))
        })
    }

    /// An exception that the method throws, wrapped as PowerShell wraps it.
    pub(crate) fn throw(&self, exception: TypeId, message: impl Into<Text>) -> Raise {
        self.throw_exception(Exception::new(TypeRef::of(exception), message))
    }

    /// An exception that the method throws, wrapped as PowerShell wraps it.
    pub(crate) fn throw_exception(&self, inner: Exception) -> Raise {
        let fqid = inner.ty.name().to_string();
        let message = format!(
            "Exception calling \"{}\" with \"{}\" argument(s): \"{}\"",
            self.name,
            self.count(),
            inner.message()
        );
        Raise::of(TypeId::MethodInvocationException, message, fqid).caused_by(Arc::new(inner))
    }

    /// No overload takes so many arguments.
    pub(crate) fn no_overload(&self) -> Raise {
        let message = format!(
            "Cannot find an overload for \"{}\" and the argument count: \"{}\".",
            self.name,
            self.count()
        );
        Raise::of(
            TypeId::MethodException,
            message,
            "MethodCountCouldNotFindBest",
        )
    }

    /// Fails unless the number of arguments is within the bounds.
    pub(crate) fn expect(&self, least: usize, most: usize) -> Result<(), Raise> {
        if (least..=most).contains(&self.count()) {
            Ok(())
        } else {
            Err(self.no_overload())
        }
    }
}

/// Puts a value into an argument that was given as `[ref]$variable`.
pub(crate) fn set_reference(
    argument: &Value,
    value: &Value,
    cx: &mut dyn Context,
) -> Result<(), Raise> {
    if let Value::Clr(object) = argument.base()
        && let Some(result) = object.set_property("Value", value, cx)
    {
        return result;
    }
    Ok(())
}
