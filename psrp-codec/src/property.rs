//! Reading the properties of message bags as strictly as PowerShell does, and writing them.
//!
//! PowerShell widens nothing: where it wants an `I32`, an `I64` is an error. It sees through an
//! object around a primitive value, it follows references, and it takes names in any case.

use uuid::Uuid;

use crate::{
    DateTime, DecodeError, DecodeErrorKind, Object, PsString, References, SecureString, TypeNames,
    Value, Version, enumeration::EnumType, primitive_dictionary,
};

/// The properties of one object, named for errors.
#[derive(Clone, Copy)]
pub(crate) struct Bag<'r, 'v> {
    item: &'static str,
    object: &'v Object,
    references: &'r References<'v>,
}

impl<'r, 'v> Bag<'r, 'v> {
    /// The properties of `value`, which is the whole or a part of what `references` knows.
    pub(crate) fn open(
        item: &'static str,
        value: &'v Value,
        references: &'r References<'v>,
    ) -> Result<Self, DecodeError> {
        match references.follow(item, value)? {
            Value::Object(object) => Ok(Self {
                item,
                object,
                references,
            }),
            other => Err(DecodeError::in_value(
                item,
                DecodeErrorKind::WrongType {
                    name: "(value)",
                    expected: "Obj",
                    got: other.tag(),
                },
            )),
        }
    }

    pub(crate) const fn object(&self) -> &'v Object {
        self.object
    }

    /// The property as it stands, if it is there.
    pub(crate) fn raw(&self, name: &str) -> Option<&'v Value> {
        self.object.get(name)
    }

    /// The property, if it is there, with a reference followed.
    pub(crate) fn optional(&self, name: &str) -> Result<Option<&'v Value>, DecodeError> {
        let value = self.raw(name);
        value
            .map(|value| self.references.follow(self.item, value))
            .transpose()
    }

    /// The property, with a reference followed.
    pub(crate) fn required(&self, name: &'static str) -> Result<&'v Value, DecodeError> {
        self.optional(name)?.ok_or_else(|| self.missing(name))
    }

    /// The property as it stands, to be kept.
    pub(crate) fn kept(&self, name: &'static str) -> Result<Value, DecodeError> {
        self.raw(name).cloned().ok_or_else(|| self.missing(name))
    }

    /// The property as it stands, to be kept; null when it is missing.
    pub(crate) fn kept_or_null(&self, name: &str) -> Value {
        self.raw(name).cloned().unwrap_or_default()
    }

    /// The property, if it is there and not null.
    pub(crate) fn present(&self, name: &str) -> Result<Option<&'v Value>, DecodeError> {
        Ok(self.optional(name)?.filter(|value| !value.is_null()))
    }

    pub(crate) fn bool(&self, name: &'static str) -> Result<bool, DecodeError> {
        let value = self.required(name)?;
        value.as_bool().ok_or_else(|| self.wrong(name, "B", value))
    }

    pub(crate) fn bool_or_null(&self, name: &'static str) -> Result<Option<bool>, DecodeError> {
        match self.required(name)? {
            Value::Null => Ok(None),
            _ => self.bool(name).map(Some),
        }
    }

    pub(crate) fn optional_bool(&self, name: &'static str) -> Result<Option<bool>, DecodeError> {
        match self.optional(name)? {
            None => Ok(None),
            Some(_) => self.bool(name).map(Some),
        }
    }

    pub(crate) fn int32(&self, name: &'static str) -> Result<i32, DecodeError> {
        let value = self.required(name)?;
        int32(value).ok_or_else(|| self.wrong(name, "I32", value))
    }

    pub(crate) fn optional_int32(&self, name: &'static str) -> Result<Option<i32>, DecodeError> {
        match self.optional(name)? {
            None => Ok(None),
            Some(_) => self.int32(name).map(Some),
        }
    }

    pub(crate) fn int64(&self, name: &'static str) -> Result<i64, DecodeError> {
        let value = self.required(name)?;
        match value.unwrapped() {
            Value::Int64(number) => Ok(*number),
            _ => Err(self.wrong(name, "I64", value)),
        }
    }

    pub(crate) fn uint32(&self, name: &'static str) -> Result<u32, DecodeError> {
        let value = self.required(name)?;
        match value.unwrapped() {
            Value::UInt32(number) => Ok(*number),
            _ => Err(self.wrong(name, "U32", value)),
        }
    }

    pub(crate) fn string(&self, name: &'static str) -> Result<PsString, DecodeError> {
        let value = self.required(name)?;
        let text = value.as_string().cloned();
        text.ok_or_else(|| self.wrong(name, "S", value))
    }

    /// A string or null, which must be there.
    pub(crate) fn string_or_null(
        &self,
        name: &'static str,
    ) -> Result<Option<PsString>, DecodeError> {
        match self.required(name)? {
            Value::Null => Ok(None),
            _ => self.string(name).map(Some),
        }
    }

    /// A string or null, which may be missing.
    pub(crate) fn optional_string(
        &self,
        name: &'static str,
    ) -> Result<Option<PsString>, DecodeError> {
        match self.present(name)? {
            None => Ok(None),
            Some(_) => self.string(name).map(Some),
        }
    }

    pub(crate) fn version(&self, name: &'static str) -> Result<Version, DecodeError> {
        let value = self.required(name)?;
        let version = value.as_version();
        version.ok_or_else(|| self.wrong(name, "Version", value))
    }

    pub(crate) fn guid(&self, name: &'static str) -> Result<Uuid, DecodeError> {
        let value = self.required(name)?;
        value.as_guid().ok_or_else(|| self.wrong(name, "G", value))
    }

    pub(crate) fn date_time(&self, name: &'static str) -> Result<DateTime, DecodeError> {
        let value = self.required(name)?;
        match value.unwrapped() {
            Value::DateTime(time) => Ok(*time),
            _ => Err(self.wrong(name, "DT", value)),
        }
    }

    pub(crate) fn secure_string(&self, name: &'static str) -> Result<SecureString, DecodeError> {
        let value = self.required(name)?;
        match value.unwrapped() {
            Value::SecureString(secret) => Ok(secret.clone()),
            _ => Err(self.wrong(name, "SS", value)),
        }
    }

    /// A value of `of`: its name or names as a string, or any integer.
    pub(crate) fn enumeration(
        &self,
        name: &'static str,
        of: &EnumType,
    ) -> Result<i32, DecodeError> {
        let value = self.required(name)?;
        let number = match value.unwrapped() {
            Value::String(text) => text.as_str().and_then(|text| of.parse(text)),
            _ => value.as_i64().and_then(|number| i32::try_from(number).ok()),
        };
        number.ok_or_else(|| self.wrong(name, of.type_name, value))
    }

    pub(crate) fn optional_enumeration(
        &self,
        name: &'static str,
        of: &EnumType,
    ) -> Result<Option<i32>, DecodeError> {
        match self.optional(name)? {
            None => Ok(None),
            Some(_) => self.enumeration(name, of).map(Some),
        }
    }

    /// The items of a list of any kind.
    pub(crate) fn list(&self, name: &'static str) -> Result<&'v [Value], DecodeError> {
        let value = self.required(name)?;
        value.items().ok_or_else(|| self.wrong(name, "list", value))
    }

    /// The items of a list of any kind, or null.
    pub(crate) fn list_or_null(
        &self,
        name: &'static str,
    ) -> Result<Option<&'v [Value]>, DecodeError> {
        match self.required(name)? {
            Value::Null => Ok(None),
            _ => self.list(name).map(Some),
        }
    }

    /// The items of a list of any kind, if the property is there.
    pub(crate) fn list_or_missing(
        &self,
        name: &'static str,
    ) -> Result<Option<&'v [Value]>, DecodeError> {
        match self.present(name)? {
            None => Ok(None),
            Some(_) => self.list(name).map(Some),
        }
    }

    /// A list of strings.
    pub(crate) fn strings(
        &self,
        name: &'static str,
        items: &'v [Value],
    ) -> Result<Vec<PsString>, DecodeError> {
        items
            .iter()
            .map(|item| {
                let item = self.references.follow(self.item, item)?;
                let text = item.as_string().cloned();
                text.ok_or_else(|| self.wrong(name, "list of S", item))
            })
            .collect()
    }

    /// A list of 32-bit integers.
    pub(crate) fn int32s(
        &self,
        name: &'static str,
        items: &'v [Value],
    ) -> Result<Vec<i32>, DecodeError> {
        items
            .iter()
            .map(|item| int32(item).ok_or_else(|| self.wrong(name, "list of I32", item)))
            .collect()
    }

    /// The type names that the property carries.
    pub(crate) fn type_names(&self, name: &str) -> Option<TypeNames> {
        let value = self.references.resolve(self.raw(name)?);
        value.as_object()?.type_names.clone()
    }

    /// A primitive dictionary or null, as it stands, to be kept.
    pub(crate) fn primitive_dictionary(&self, name: &'static str) -> Result<Value, DecodeError> {
        let value = self.kept(name)?;
        primitive_dictionary::check(self.item, name, self.required(name)?, self.references)?;
        Ok(value)
    }

    pub(crate) fn missing(&self, name: &'static str) -> DecodeError {
        DecodeError::in_value(self.item, DecodeErrorKind::MissingProperty(name))
    }

    pub(crate) fn wrong(
        &self,
        name: &'static str,
        expected: &'static str,
        got: &Value,
    ) -> DecodeError {
        wrong(self.item, name, expected, got)
    }
}

/// The error for a value of another type than the message demands.
pub(crate) fn wrong(
    item: &'static str,
    name: &'static str,
    expected: &'static str,
    got: &Value,
) -> DecodeError {
    DecodeError::in_value(
        item,
        DecodeErrorKind::WrongType {
            name,
            expected,
            got: got.tag(),
        },
    )
}

/// The number of an `I32`; enumerations, which are wrapped, count too.
pub(crate) fn int32(value: &Value) -> Option<i32> {
    value.as_i32()
}

/// The entry of a dictionary whose key is the string `key`, in any case.
pub(crate) fn dictionary_get<'v>(dictionary: &'v Value, key: &str) -> Option<&'v Value> {
    let entries = dictionary.unwrapped().entries()?;
    let found = entries.iter().find(|(name, _)| {
        name.as_string()
            .is_some_and(|name| name.eq_ignore_case(key))
    });
    found.map(|(_, value)| value)
}

/// The number `number` as PowerShell writes a value of the enumeration `of`.
pub(crate) fn enumeration_value(of: &EnumType, number: i32) -> Value {
    Value::enumeration(
        PsString::from_static(of.type_name),
        of.display(number),
        number,
    )
}

/// Writing what is only sometimes there.
pub(crate) trait OptionalProperty: Sized {
    /// The same object with one more extended property, if there is a value for it.
    fn optional_property(self, name: &'static str, value: Option<impl Into<Value>>) -> Self;
    /// The same object with these type names, or none.
    fn typed_if(self, names: Option<TypeNames>) -> Self;
    /// The same object with one more extended property.
    fn named(self, name: &'static str, value: impl Into<Value>) -> Self;
}

impl OptionalProperty for Object {
    fn optional_property(self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.named(name, value),
            None => self,
        }
    }

    fn typed_if(mut self, names: Option<TypeNames>) -> Self {
        self.type_names = names;
        self
    }

    fn named(self, name: &'static str, value: impl Into<Value>) -> Self {
        self.property(PsString::from_static(name), value)
    }
}
