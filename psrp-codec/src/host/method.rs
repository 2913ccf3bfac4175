//! [2.2.3.17] The methods of a host that a server can call.

use std::fmt;

macro_rules! host_methods {
    ($($(#[$doc:meta])* $variant:ident = $number:literal $answered:ident,)*) => {
        /// [2.2.3.17] Host Method Identifier: what a host call asks for.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum HostMethod {
            $($(#[$doc])* $variant = $number,)*
        }

        impl HostMethod {
            /// All methods, by number.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            pub(crate) const TYPE: crate::enumeration::EnumType = crate::enumeration::EnumType {
                type_name: "System.Management.Automation.Remoting.RemoteHostMethodId",
                flags: false,
                members: &[$(($number, stringify!($variant))),*],
            };

            /// The method with this number.
            #[must_use]
            pub const fn from_i32(number: i32) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The name that PowerShell has for it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant),)*
                }
            }

            /// Whether the method gives nothing: such a call has the id −100 and must not be
            /// answered.
            #[must_use]
            pub const fn is_void(self) -> bool {
                match self {
                    $(Self::$variant => host_methods!(@$answered),)*
                }
            }
        }
    };
    (@void) => { true };
    (@answered) => { false };
}

host_methods! {
    /// The name of the host.
    GetName = 1 answered,
    /// The version of the host.
    GetVersion = 2 answered,
    /// The GUID of the host.
    GetInstanceId = 3 answered,
    /// The culture.
    GetCurrentCulture = 4 answered,
    /// The culture of the user interface.
    GetCurrentUICulture = 5 answered,
    /// The script wants the client to exit.
    SetShouldExit = 6 void,
    /// Begin a prompt within the prompt.
    EnterNestedPrompt = 7 void,
    /// End the prompt within the prompt.
    ExitNestedPrompt = 8 void,
    /// A program that takes the console begins.
    NotifyBeginApplication = 9 void,
    /// A program that takes the console ends.
    NotifyEndApplication = 10 void,
    /// Read a line.
    ReadLine = 11 answered,
    /// Read a line without showing it.
    ReadLineAsSecureString = 12 answered,
    /// Write a text.
    Write1 = 13 void,
    /// Write a text in colors.
    Write2 = 14 void,
    /// End the line.
    WriteLine1 = 15 void,
    /// Write a line.
    WriteLine2 = 16 void,
    /// Write a line in colors.
    WriteLine3 = 17 void,
    /// Write an error.
    WriteErrorLine = 18 void,
    /// Write a debug message.
    WriteDebugLine = 19 void,
    /// Show progress.
    WriteProgress = 20 void,
    /// Write a verbose message.
    WriteVerboseLine = 21 void,
    /// Write a warning.
    WriteWarningLine = 22 void,
    /// Ask for the values of fields.
    Prompt = 23 answered,
    /// Ask for name and password.
    PromptForCredential1 = 24 answered,
    /// Ask for name and password, in the full form.
    PromptForCredential2 = 25 answered,
    /// Ask for one of several choices.
    PromptForChoice = 26 answered,
    /// The color of the text.
    GetForegroundColor = 27 answered,
    /// Set the color of the text.
    SetForegroundColor = 28 void,
    /// The color behind the text.
    GetBackgroundColor = 29 answered,
    /// Set the color behind the text.
    SetBackgroundColor = 30 void,
    /// Where the cursor is.
    GetCursorPosition = 31 answered,
    /// Move the cursor.
    SetCursorPosition = 32 void,
    /// Where the window stands in the buffer.
    GetWindowPosition = 33 answered,
    /// Move the window in the buffer.
    SetWindowPosition = 34 void,
    /// How much of a cell the cursor fills, in percent.
    GetCursorSize = 35 answered,
    /// Set how much of a cell the cursor fills.
    SetCursorSize = 36 void,
    /// The size of the buffer.
    GetBufferSize = 37 answered,
    /// Set the size of the buffer.
    SetBufferSize = 38 void,
    /// The size of the window.
    GetWindowSize = 39 answered,
    /// Set the size of the window.
    SetWindowSize = 40 void,
    /// The title of the window.
    GetWindowTitle = 41 answered,
    /// Set the title of the window.
    SetWindowTitle = 42 void,
    /// The largest window that fits buffer and screen.
    GetMaxWindowSize = 43 answered,
    /// The largest window that fits the screen.
    GetMaxPhysicalWindowSize = 44 answered,
    /// Whether a key waits.
    GetKeyAvailable = 45 answered,
    /// Read a key.
    ReadKey = 46 answered,
    /// Forget the keys that wait.
    FlushInputBuffer = 47 void,
    /// Fill a rectangle with one cell.
    SetBufferContents1 = 48 void,
    /// Write cells into the buffer.
    SetBufferContents2 = 49 void,
    /// Read cells of the buffer. A client must refuse: it would show a server its screen.
    GetBufferContents = 50 answered,
    /// Move a rectangle of the buffer.
    ScrollBufferContents = 51 void,
    /// Enter another session. Not for the wire.
    PushRunspace = 52 void,
    /// Leave the session.
    PopRunspace = 53 void,
    /// Whether another session has been entered.
    GetIsRunspacePushed = 54 answered,
    /// The session that has been entered. Not for the wire.
    GetRunspace = 55 answered,
    /// Ask for some of several choices.
    PromptForChoiceMultipleSelection = 56 answered,
}

impl HostMethod {
    /// The number on the wire.
    #[must_use]
    pub const fn as_i32(self) -> i32 {
        self as i32
    }
}

impl fmt::Display for HostMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_run_from_1_to_56() {
        for (method, number) in HostMethod::ALL.iter().zip(1..) {
            assert_eq!(method.as_i32(), number);
            assert_eq!(HostMethod::from_i32(number), Some(*method));
        }
        assert_eq!(HostMethod::ALL.len(), 56);
        assert_eq!(HostMethod::from_i32(57), None);
    }
}
