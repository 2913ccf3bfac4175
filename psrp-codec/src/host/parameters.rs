//! Reading the parameters of a host call, which depend on its method.

use super::{
    BufferCell, BufferContents, Coordinates, HostMethod, HostRequest, Rectangle, Size,
    raw_ui::{HostStruct, number, read_array, text},
};
use crate::{
    DecodeError, DecodeErrorKind, ProgressRecord, PsString, References, Value, property::wrong,
};

impl HostRequest {
    /// Reads the parameters of the method with this number.
    pub(crate) fn read<'v>(
        method: i32,
        parameters: &'v [Value],
        references: &References<'v>,
    ) -> Result<Self, DecodeError> {
        use HostMethod as M;
        let known = HostMethod::from_i32(method);
        let Some(known) = known.filter(|known| *known != M::PushRunspace) else {
            return Ok(Self::Other {
                method,
                parameters: parameters.to_vec(),
            });
        };
        let p = Parameters {
            method: known,
            values: parameters,
            references,
        };
        Ok(match known {
            M::SetShouldExit => {
                let [exit_code] = p.exactly()?;
                Self::SetShouldExit {
                    exit_code: p.int(exit_code)?,
                }
            }
            M::Write1 => p.one_text().map(|value| Self::Write1 { value })?,
            M::WriteLine2 => p.one_text().map(|value| Self::WriteLine2 { value })?,
            M::WriteErrorLine => p.one_text().map(|value| Self::WriteErrorLine { value })?,
            M::WriteDebugLine => p
                .one_text()
                .map(|message| Self::WriteDebugLine { message })?,
            M::WriteVerboseLine => p
                .one_text()
                .map(|message| Self::WriteVerboseLine { message })?,
            M::WriteWarningLine => p
                .one_text()
                .map(|message| Self::WriteWarningLine { message })?,
            M::SetWindowTitle => p.one_text().map(|title| Self::SetWindowTitle { title })?,
            M::Write2 => {
                let [foreground, background, value] = p.exactly()?;
                Self::Write2 {
                    foreground: p.int(foreground)?.into(),
                    background: p.int(background)?.into(),
                    value: p.text(value)?,
                }
            }
            M::WriteLine3 => {
                let [foreground, background, value] = p.exactly()?;
                Self::WriteLine3 {
                    foreground: p.int(foreground)?.into(),
                    background: p.int(background)?.into(),
                    value: p.text(value)?,
                }
            }
            M::WriteProgress => {
                let [source_id, record] = p.exactly()?;
                // PowerShell sends 64 bits, psrpcore 32.
                let source_id = match source_id.unwrapped() {
                    Value::Int64(number) => *number,
                    Value::Int32(number) => (*number).into(),
                    _ => return Err(wrong(ITEM, "sourceId", "I64", source_id)),
                };
                Self::WriteProgress {
                    source_id,
                    record: Box::new(ProgressRecord::read(record, references)?),
                }
            }
            M::Prompt => {
                let [caption, message, fields] = p.exactly()?;
                Self::Prompt {
                    caption: p.text(caption)?,
                    message: p.text(message)?,
                    fields: p.structs(fields)?,
                }
            }
            M::PromptForCredential1 => {
                let [caption, message, user_name, target_name] = p.exactly()?;
                Self::PromptForCredential1 {
                    caption: p.text(caption)?,
                    message: p.text(message)?,
                    user_name: p.optional_text(user_name)?,
                    target_name: p.text(target_name)?,
                }
            }
            M::PromptForCredential2 => {
                let [caption, message, user_name, target_name, types, options] = p.exactly()?;
                Self::PromptForCredential2 {
                    caption: p.text(caption)?,
                    message: p.text(message)?,
                    user_name: p.optional_text(user_name)?,
                    target_name: p.text(target_name)?,
                    allowed_types: p.int(types)?.into(),
                    options: p.int(options)?.into(),
                }
            }
            M::PromptForChoice => {
                let [caption, message, choices, default_choice] = p.exactly()?;
                Self::PromptForChoice {
                    caption: p.text(caption)?,
                    message: p.text(message)?,
                    choices: p.structs(choices)?,
                    default_choice: p.int(default_choice)?,
                }
            }
            M::PromptForChoiceMultipleSelection => {
                let [caption, message, choices, default_choices] = p.exactly()?;
                Self::PromptForChoiceMultipleSelection {
                    caption: p.text(caption)?,
                    message: p.text(message)?,
                    choices: p.structs(choices)?,
                    default_choices: p.ints(default_choices)?,
                }
            }
            M::SetForegroundColor => {
                let [color] = p.exactly()?;
                Self::SetForegroundColor {
                    color: p.int(color)?.into(),
                }
            }
            M::SetBackgroundColor => {
                let [color] = p.exactly()?;
                Self::SetBackgroundColor {
                    color: p.int(color)?.into(),
                }
            }
            M::SetCursorPosition => {
                let [position] = p.exactly()?;
                Self::SetCursorPosition {
                    position: Coordinates::read(position, references)?,
                }
            }
            M::SetWindowPosition => {
                let [position] = p.exactly()?;
                Self::SetWindowPosition {
                    position: Coordinates::read(position, references)?,
                }
            }
            M::SetCursorSize => {
                let [size] = p.exactly()?;
                Self::SetCursorSize { size: p.int(size)? }
            }
            M::SetBufferSize => {
                let [size] = p.exactly()?;
                Self::SetBufferSize {
                    size: Size::read(size, references)?,
                }
            }
            M::SetWindowSize => {
                let [size] = p.exactly()?;
                Self::SetWindowSize {
                    size: Size::read(size, references)?,
                }
            }
            M::ReadKey => {
                let [options] = p.exactly()?;
                Self::ReadKey {
                    options: p.int(options)?.into(),
                }
            }
            M::SetBufferContents1 => {
                let [rectangle, fill] = p.exactly()?;
                Self::SetBufferContents1 {
                    rectangle: Rectangle::read(rectangle, references)?,
                    fill: BufferCell::read(fill, references)?,
                }
            }
            M::SetBufferContents2 => {
                let [origin, contents] = p.exactly()?;
                Self::SetBufferContents2 {
                    origin: Coordinates::read(origin, references)?,
                    contents: BufferContents::read(contents, references)?,
                }
            }
            M::GetBufferContents => {
                let [rectangle] = p.exactly()?;
                Self::GetBufferContents {
                    rectangle: Rectangle::read(rectangle, references)?,
                }
            }
            M::ScrollBufferContents => {
                let [source, destination, clip, fill] = p.exactly()?;
                Self::ScrollBufferContents {
                    source: Rectangle::read(source, references)?,
                    destination: Coordinates::read(destination, references)?,
                    clip: Rectangle::read(clip, references)?,
                    fill: BufferCell::read(fill, references)?,
                }
            }
            plain => {
                let [] = p.exactly()?;
                Self::Plain(plain)
            }
        })
    }
}

/// The parameters of one call, read by position.
struct Parameters<'r, 'v> {
    method: HostMethod,
    values: &'v [Value],
    references: &'r References<'v>,
}

impl<'v> Parameters<'_, 'v> {
    fn exactly<const N: usize>(&self) -> Result<[&'v Value; N], DecodeError> {
        let mut found = [const { &Value::Null }; N];
        if self.values.len() != N {
            return Err(DecodeError::in_value(
                ITEM,
                DecodeErrorKind::InvalidValue(format!(
                    "{} with {} parameters",
                    self.method,
                    self.values.len()
                )),
            ));
        }
        for (slot, value) in found.iter_mut().zip(self.values) {
            *slot = self.references.follow(ITEM, value)?;
        }
        Ok(found)
    }

    fn one_text(&self) -> Result<PsString, DecodeError> {
        let [value] = self.exactly()?;
        self.text(value)
    }

    fn int(&self, value: &Value) -> Result<i32, DecodeError> {
        number(ITEM, self.method.name(), value)
    }

    fn text(&self, value: &Value) -> Result<PsString, DecodeError> {
        Ok(self.optional_text(value)?.unwrap_or_default())
    }

    fn optional_text(&self, value: &Value) -> Result<Option<PsString>, DecodeError> {
        match value {
            Value::Null => Ok(None),
            _ => text(ITEM, self.method.name(), value).map(Some),
        }
    }

    fn structs<T: HostStruct>(&self, value: &'v Value) -> Result<Vec<T>, DecodeError> {
        let items = value.items();
        let items = items.ok_or_else(|| wrong(ITEM, self.method.name(), "list", value))?;
        items
            .iter()
            .map(|item| T::read(item, self.references))
            .collect()
    }

    /// Numbers as .NET's array, or as a plain list.
    fn ints(&self, value: &'v Value) -> Result<Option<Vec<i32>>, DecodeError> {
        let items = match value {
            Value::Null => return Ok(None),
            value => match value.items() {
                Some(items) => items,
                None => read_array(ITEM, value, self.references)?.0,
            },
        };
        items
            .iter()
            .map(|item| self.int(item))
            .collect::<Result<_, _>>()
            .map(Some)
    }
}

const ITEM: &str = "host call";
