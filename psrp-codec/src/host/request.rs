//! What a host call asks for: the method with its parameters.

use super::{
    BufferCell, BufferContents, ChoiceDescription, Coordinates, FieldDescription, HostMethod,
    Rectangle, Size,
    raw_ui::{array_list, write_array},
};
use crate::{
    ConsoleColor, CredentialTypes, CredentialUIOptions, ProgressRecord, PsString, ReadKeyOptions,
    Value,
};

/// A method of the host with its parameters, in the order of [`HostMethod`].
///
/// Where .NET has null for a string that is shown, PowerShell shows nothing; so null is read as
/// the empty string.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum HostRequest {
    /// A method without parameters: nothing more to say than which.
    Plain(HostMethod),
    /// Exit with this code.
    SetShouldExit {
        /// The code.
        exit_code: i32,
    },
    /// Write a text.
    Write1 {
        /// The text.
        value: PsString,
    },
    /// Write a text in colors.
    Write2 {
        /// The color of the text.
        foreground: ConsoleColor,
        /// The color behind it.
        background: ConsoleColor,
        /// The text.
        value: PsString,
    },
    /// Write a line.
    WriteLine2 {
        /// The text.
        value: PsString,
    },
    /// Write a line in colors.
    WriteLine3 {
        /// The color of the text.
        foreground: ConsoleColor,
        /// The color behind it.
        background: ConsoleColor,
        /// The text.
        value: PsString,
    },
    /// Write an error.
    WriteErrorLine {
        /// The text.
        value: PsString,
    },
    /// Write a debug message.
    WriteDebugLine {
        /// The text.
        message: PsString,
    },
    /// Show progress.
    WriteProgress {
        /// Tells records of several sources apart; 0 from a script.
        source_id: i64,
        /// The record.
        record: Box<ProgressRecord>,
    },
    /// Write a verbose message.
    WriteVerboseLine {
        /// The text.
        message: PsString,
    },
    /// Write a warning.
    WriteWarningLine {
        /// The text.
        message: PsString,
    },
    /// Ask for the values of fields.
    Prompt {
        /// What to show above.
        caption: PsString,
        /// What to show below that.
        message: PsString,
        /// What to ask for.
        fields: Vec<FieldDescription>,
    },
    /// Ask for name and password.
    PromptForCredential1 {
        /// What to show above.
        caption: PsString,
        /// What to show below that.
        message: PsString,
        /// The name to begin with.
        user_name: Option<PsString>,
        /// What the credential is for.
        target_name: PsString,
    },
    /// Ask for name and password, in the full form.
    PromptForCredential2 {
        /// What to show above.
        caption: PsString,
        /// What to show below that.
        message: PsString,
        /// The name to begin with.
        user_name: Option<PsString>,
        /// What the credential is for.
        target_name: PsString,
        /// Which credentials are wanted.
        allowed_types: CredentialTypes,
        /// How the prompt behaves.
        options: CredentialUIOptions,
    },
    /// Ask for one of several choices.
    PromptForChoice {
        /// What to show above.
        caption: PsString,
        /// What to show below that.
        message: PsString,
        /// The choices.
        choices: Vec<ChoiceDescription>,
        /// Which one an empty answer means; −1 for none.
        default_choice: i32,
    },
    /// Set the color of the text.
    SetForegroundColor {
        /// The color.
        color: ConsoleColor,
    },
    /// Set the color behind the text.
    SetBackgroundColor {
        /// The color.
        color: ConsoleColor,
    },
    /// Move the cursor.
    SetCursorPosition {
        /// Where to.
        position: Coordinates,
    },
    /// Move the window in the buffer.
    SetWindowPosition {
        /// Where to.
        position: Coordinates,
    },
    /// Set how much of a cell the cursor fills.
    SetCursorSize {
        /// In percent.
        size: i32,
    },
    /// Set the size of the buffer.
    SetBufferSize {
        /// The size.
        size: Size,
    },
    /// Set the size of the window.
    SetWindowSize {
        /// The size.
        size: Size,
    },
    /// Set the title of the window.
    SetWindowTitle {
        /// The title.
        title: PsString,
    },
    /// Read a key.
    ReadKey {
        /// Which keys count.
        options: ReadKeyOptions,
    },
    /// Fill a rectangle with one cell.
    SetBufferContents1 {
        /// Where.
        rectangle: Rectangle,
        /// With what.
        fill: BufferCell,
    },
    /// Write cells into the buffer.
    SetBufferContents2 {
        /// Where the first goes.
        origin: Coordinates,
        /// The cells.
        contents: BufferContents,
    },
    /// Read cells of the buffer.
    GetBufferContents {
        /// Which.
        rectangle: Rectangle,
    },
    /// Move a rectangle of the buffer.
    ScrollBufferContents {
        /// What to move.
        source: Rectangle,
        /// Where its upper left corner goes.
        destination: Coordinates,
        /// What may change.
        clip: Rectangle,
        /// What is left behind.
        fill: BufferCell,
    },
    /// Ask for some of several choices.
    PromptForChoiceMultipleSelection {
        /// What to show above.
        caption: PsString,
        /// What to show below that.
        message: PsString,
        /// The choices.
        choices: Vec<ChoiceDescription>,
        /// Which ones an empty answer means; `None` for null.
        default_choices: Option<Vec<i32>>,
    },
    /// A method that is not known here, or whose parameter cannot travel (PushRunspace).
    Other {
        /// The number of the method.
        method: i32,
        /// The parameters as they came.
        parameters: Vec<Value>,
    },
}

impl HostRequest {
    /// The number of the method.
    #[must_use]
    pub fn method_number(&self) -> i32 {
        match self {
            Self::Other { method, .. } => *method,
            known => known.known_method().map_or(0, HostMethod::as_i32),
        }
    }

    /// The method; `None` for a number that PowerShell does not define.
    #[must_use]
    pub fn method(&self) -> Option<HostMethod> {
        HostMethod::from_i32(self.method_number())
    }

    const fn known_method(&self) -> Option<HostMethod> {
        use HostMethod as M;
        Some(match self {
            Self::Plain(method) => *method,
            Self::SetShouldExit { .. } => M::SetShouldExit,
            Self::Write1 { .. } => M::Write1,
            Self::Write2 { .. } => M::Write2,
            Self::WriteLine2 { .. } => M::WriteLine2,
            Self::WriteLine3 { .. } => M::WriteLine3,
            Self::WriteErrorLine { .. } => M::WriteErrorLine,
            Self::WriteDebugLine { .. } => M::WriteDebugLine,
            Self::WriteProgress { .. } => M::WriteProgress,
            Self::WriteVerboseLine { .. } => M::WriteVerboseLine,
            Self::WriteWarningLine { .. } => M::WriteWarningLine,
            Self::Prompt { .. } => M::Prompt,
            Self::PromptForCredential1 { .. } => M::PromptForCredential1,
            Self::PromptForCredential2 { .. } => M::PromptForCredential2,
            Self::PromptForChoice { .. } => M::PromptForChoice,
            Self::SetForegroundColor { .. } => M::SetForegroundColor,
            Self::SetBackgroundColor { .. } => M::SetBackgroundColor,
            Self::SetCursorPosition { .. } => M::SetCursorPosition,
            Self::SetWindowPosition { .. } => M::SetWindowPosition,
            Self::SetCursorSize { .. } => M::SetCursorSize,
            Self::SetBufferSize { .. } => M::SetBufferSize,
            Self::SetWindowSize { .. } => M::SetWindowSize,
            Self::SetWindowTitle { .. } => M::SetWindowTitle,
            Self::ReadKey { .. } => M::ReadKey,
            Self::SetBufferContents1 { .. } => M::SetBufferContents1,
            Self::SetBufferContents2 { .. } => M::SetBufferContents2,
            Self::GetBufferContents { .. } => M::GetBufferContents,
            Self::ScrollBufferContents { .. } => M::ScrollBufferContents,
            Self::PromptForChoiceMultipleSelection { .. } => M::PromptForChoiceMultipleSelection,
            Self::Other { .. } => return None,
        })
    }

    /// Whether the call must not be answered. A method that nobody knows is answered by an error.
    #[must_use]
    pub fn is_void(&self) -> bool {
        self.method().is_some_and(HostMethod::is_void)
    }

    /// The parameters as values.
    #[must_use]
    pub fn parameters(&self) -> Vec<Value> {
        fn choices(choices: &[ChoiceDescription]) -> Value {
            array_list(choices.iter().map(Value::from))
        }
        match self {
            Self::Plain(_) => Vec::new(),
            Self::SetShouldExit { exit_code } => vec![Value::Int32(*exit_code)],
            Self::Write1 { value }
            | Self::WriteLine2 { value }
            | Self::WriteErrorLine { value } => {
                vec![value.clone().into()]
            }
            Self::Write2 {
                foreground,
                background,
                value,
            }
            | Self::WriteLine3 {
                foreground,
                background,
                value,
            } => vec![
                foreground.get().into(),
                background.get().into(),
                value.clone().into(),
            ],
            Self::WriteDebugLine { message }
            | Self::WriteVerboseLine { message }
            | Self::WriteWarningLine { message } => vec![message.clone().into()],
            Self::WriteProgress { source_id, record } => {
                vec![Value::Int64(*source_id), record.to_value()]
            }
            Self::Prompt {
                caption,
                message,
                fields,
            } => vec![
                caption.clone().into(),
                message.clone().into(),
                array_list(fields.iter().map(Value::from)),
            ],
            Self::PromptForCredential1 {
                caption,
                message,
                user_name,
                target_name,
            } => vec![
                caption.clone().into(),
                message.clone().into(),
                user_name.clone().into(),
                target_name.clone().into(),
            ],
            Self::PromptForCredential2 {
                caption,
                message,
                user_name,
                target_name,
                allowed_types,
                options,
            } => vec![
                caption.clone().into(),
                message.clone().into(),
                user_name.clone().into(),
                target_name.clone().into(),
                allowed_types.get().into(),
                options.get().into(),
            ],
            Self::PromptForChoice {
                caption,
                message,
                choices: all,
                default_choice,
            } => vec![
                caption.clone().into(),
                message.clone().into(),
                choices(all),
                Value::Int32(*default_choice),
            ],
            Self::SetForegroundColor { color } | Self::SetBackgroundColor { color } => {
                vec![color.get().into()]
            }
            Self::SetCursorPosition { position } | Self::SetWindowPosition { position } => {
                vec![(*position).into()]
            }
            Self::SetCursorSize { size } => vec![Value::Int32(*size)],
            Self::SetBufferSize { size } | Self::SetWindowSize { size } => vec![(*size).into()],
            Self::SetWindowTitle { title } => vec![title.clone().into()],
            Self::ReadKey { options } => vec![options.get().into()],
            Self::SetBufferContents1 { rectangle, fill } => {
                vec![(*rectangle).into(), (*fill).into()]
            }
            Self::SetBufferContents2 { origin, contents } => {
                vec![(*origin).into(), contents.into()]
            }
            Self::GetBufferContents { rectangle } => vec![(*rectangle).into()],
            Self::ScrollBufferContents {
                source,
                destination,
                clip,
                fill,
            } => vec![
                (*source).into(),
                (*destination).into(),
                (*clip).into(),
                (*fill).into(),
            ],
            Self::PromptForChoiceMultipleSelection {
                caption,
                message,
                choices: all,
                default_choices,
            } => vec![
                caption.clone().into(),
                message.clone().into(),
                choices(all),
                match default_choices {
                    None => Value::Null,
                    Some(numbers) => write_array(
                        numbers.iter().copied().map(Value::Int32),
                        [Value::Int32(
                            i32::try_from(numbers.len()).unwrap_or(i32::MAX),
                        )],
                    ),
                },
            ],
            Self::Other { parameters, .. } => parameters.clone(),
        }
    }
}
