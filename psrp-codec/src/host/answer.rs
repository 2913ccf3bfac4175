//! What a host gives back.

use super::{
    BufferContents, Coordinates, Credential, HostMethod, KeyInfo, Size,
    raw_ui::{HostStruct, array_list, number},
};
use crate::{
    ConsoleColor, DecodeError, PsString, References, SecureString, Value, Version, property::wrong,
};
use uuid::Uuid;

/// What a method of the host gave, by the type that the method gives.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum HostAnswer {
    /// Null; and what a method is answered with that gives nothing.
    Null,
    /// The names and cultures, ReadLine, GetWindowTitle.
    String(PsString),
    /// ReadLineAsSecureString.
    SecureString(SecureString),
    /// GetVersion.
    Version(Version),
    /// GetInstanceId.
    Guid(Uuid),
    /// PromptForChoice, GetCursorSize.
    Int32(i32),
    /// GetKeyAvailable, GetIsRunspacePushed.
    Bool(bool),
    /// The colors.
    Color(ConsoleColor),
    /// The positions.
    Coordinates(Coordinates),
    /// The sizes.
    Size(Size),
    /// ReadKey.
    Key(KeyInfo),
    /// Prompt: a value for each field, by the field's name.
    Fields(Vec<(PsString, Value)>),
    /// PromptForCredential1 and 2.
    Credential(Credential),
    /// GetBufferContents.
    Buffer(BufferContents),
    /// PromptForChoiceMultipleSelection.
    Choices(Vec<i32>),
    /// The answer of a method that is not known here.
    Other(Value),
}

impl HostAnswer {
    /// Reads what the method with this number gave.
    pub(crate) fn read<'v>(
        method: i32,
        value: &'v Value,
        references: &References<'v>,
    ) -> Result<Self, DecodeError> {
        use HostMethod as M;
        let Some(method) = HostMethod::from_i32(method) else {
            return Ok(Self::Other(value.clone()));
        };
        let int = || number(ITEM, method.name(), value);
        let wrong = |expected| wrong(ITEM, method.name(), expected, value);
        if value.is_null() {
            return Ok(Self::Null);
        }
        Ok(match method {
            M::GetName
            | M::GetCurrentCulture
            | M::GetCurrentUICulture
            | M::ReadLine
            | M::GetWindowTitle => {
                Self::String(value.as_string().cloned().ok_or_else(|| wrong("S"))?)
            }
            M::ReadLineAsSecureString => match value.unwrapped() {
                Value::SecureString(secret) => Self::SecureString(secret.clone()),
                _ => return Err(wrong("SS")),
            },
            M::GetVersion => Self::Version(value.as_version().ok_or_else(|| wrong("Version"))?),
            M::GetInstanceId => Self::Guid(value.as_guid().ok_or_else(|| wrong("G"))?),
            M::PromptForChoice | M::GetCursorSize => Self::Int32(int()?),
            M::GetKeyAvailable | M::GetIsRunspacePushed => {
                Self::Bool(value.as_bool().ok_or_else(|| wrong("B"))?)
            }
            M::GetForegroundColor | M::GetBackgroundColor => Self::Color(int()?.into()),
            M::GetCursorPosition | M::GetWindowPosition => {
                Self::Coordinates(Coordinates::read(value, references)?)
            }
            M::GetBufferSize
            | M::GetWindowSize
            | M::GetMaxWindowSize
            | M::GetMaxPhysicalWindowSize => Self::Size(Size::read(value, references)?),
            M::ReadKey => Self::Key(KeyInfo::read(value, references)?),
            M::Prompt => {
                let entries = value.entries().ok_or_else(|| wrong("DCT"))?;
                let fields = entries.iter().map(|(key, value)| {
                    let key = key.as_string().cloned();
                    Ok((key.ok_or_else(|| wrong("DCT with keys S"))?, value.clone()))
                });
                Self::Fields(fields.collect::<Result<_, _>>()?)
            }
            M::PromptForCredential1 | M::PromptForCredential2 => {
                Self::Credential(Credential::read(value, references)?)
            }
            M::GetBufferContents => Self::Buffer(BufferContents::read(value, references)?),
            M::PromptForChoiceMultipleSelection => {
                let items = value.items().ok_or_else(|| wrong("LST"))?;
                let numbers = items.iter().map(|item| number(ITEM, method.name(), item));
                Self::Choices(numbers.collect::<Result<_, _>>()?)
            }
            _ => Self::Other(value.clone()),
        })
    }

    /// The value; `None` for null, which is left out of the message.
    #[must_use]
    pub fn to_value(&self) -> Option<Value> {
        Some(match self {
            Self::Null => return None,
            Self::String(text) => text.clone().into(),
            Self::SecureString(secret) => secret.clone().into(),
            Self::Version(version) => (*version).into(),
            Self::Guid(guid) => (*guid).into(),
            Self::Int32(number) => (*number).into(),
            Self::Bool(truth) => (*truth).into(),
            Self::Color(color) => color.get().into(),
            Self::Coordinates(place) => (*place).into(),
            Self::Size(size) => (*size).into(),
            Self::Key(key) => (*key).into(),
            Self::Fields(fields) => Value::hashtable(fields.iter().cloned()),
            Self::Credential(credential) => credential.into(),
            Self::Buffer(contents) => contents.into(),
            Self::Choices(numbers) => array_list(numbers.iter().copied().map(Value::Int32)),
            Self::Other(value) => value.clone(),
        })
    }
}

const ITEM: &str = "host response";
