//! .NET enumerations that messages carry: a number, with the name that PowerShell prints beside.

/// One enumeration of .NET: what PowerShell writes around the number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EnumType {
    /// The full name.
    pub(crate) type_name: &'static str,
    /// Declared with `[Flags]`, which decides how numbers are printed.
    pub(crate) flags: bool,
    /// Every member, in ascending order of the unsigned number.
    pub(crate) members: &'static [(i32, &'static str)],
}

impl EnumType {
    /// What `ToString()` gives: a name, names joined by commas, or the number.
    pub(crate) fn display(&self, number: i32) -> String {
        if let Some((_, name)) = self.members.iter().find(|(value, _)| *value == number) {
            return (*name).to_owned();
        }
        if self.flags && number != 0 {
            let mut rest = number;
            let mut names = Vec::new();
            for (value, name) in self.members.iter().rev() {
                if *value != 0 && rest & value == *value {
                    rest &= !value;
                    names.push(*name);
                }
            }
            if rest == 0 {
                names.reverse();
                return names.join(", ");
            }
        }
        number.to_string()
    }

    /// The number for a text as .NET parses it: names in any case, joined by commas, or a number.
    pub(crate) fn parse(&self, text: &str) -> Option<i32> {
        let text = text.trim();
        if text.starts_with(|first: char| first.is_ascii_digit() || first == '-' || first == '+') {
            return text.parse().ok();
        }
        text.split(',').try_fold(0, |sum, name| {
            let name = name.trim();
            self.members
                .iter()
                .find(|(_, member)| member.eq_ignore_ascii_case(name))
                .map(|(value, _)| sum | value)
        })
    }
}

/// Declares a type for each enumeration: a number that may be one without a name, since peers of
/// other versions have more of them.
macro_rules! wire_enums {
    ($(
        $(#[$doc:meta])*
        $name:ident: $type_name:literal, flags $flags:literal {
            $($(#[$member_doc:meta])* $member:ident = $value:literal $text:literal,)*
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
        pub struct $name(i32);

        impl $name {
            $($(#[$member_doc])* pub const $member: Self = Self($value);)*

            pub(crate) const TYPE: $crate::enumeration::EnumType = $crate::enumeration::EnumType {
                type_name: $type_name,
                flags: $flags,
                members: &[$(($value, $text)),*],
            };

            /// The value with this number, whether it has a name or not.
            #[must_use]
            pub const fn new(number: i32) -> Self {
                Self(number)
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> i32 {
                self.0
            }
        }

        impl From<i32> for $name {
            fn from(number: i32) -> Self {
                Self(number)
            }
        }

        /// As PowerShell writes it outside host calls: an object around the number.
        impl From<$name> for $crate::Value {
            fn from(value: $name) -> Self {
                $crate::property::enumeration_value(&$name::TYPE, value.0)
            }
        }

        impl std::fmt::Display for $name {
            /// As .NET prints it.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&Self::TYPE.display(self.0))
            }
        }
    )*};
}

wire_enums! {
    /// [2.2.3.6] PSThreadOptions: on which thread the server runs pipelines.
    PSThreadOptions: "System.Management.Automation.Runspaces.PSThreadOptions", flags false {
        /// As the server is configured.
        DEFAULT = 0 "Default",
        /// A thread for each pipeline.
        USE_NEW_THREAD = 1 "UseNewThread",
        /// One thread for all pipelines of a runspace.
        REUSE_THREAD = 2 "ReuseThread",
        /// The thread that asks.
        USE_CURRENT_THREAD = 3 "UseCurrentThread",
    }

    /// [2.2.3.7] ApartmentState: the COM apartment that pipelines run in.
    ApartmentState: "System.Threading.ApartmentState", flags false {
        /// Single-threaded.
        STA = 0 "STA",
        /// Multithreaded.
        MTA = 1 "MTA",
        /// As the server likes.
        UNKNOWN = 2 "Unknown",
    }

    /// [2.2.3.8] RemoteStreamOptions: which records carry the invocation they come from.
    RemoteStreamOptions: "System.Management.Automation.RemoteStreamOptions", flags true {
        /// Errors do.
        ERROR_RECORD = 1 "AddInvocationInfoToErrorRecord",
        /// Warnings do.
        WARNING_RECORD = 2 "AddInvocationInfoToWarningRecord",
        /// Debug messages do.
        DEBUG_RECORD = 4 "AddInvocationInfoToDebugRecord",
        /// Verbose messages do.
        VERBOSE_RECORD = 8 "AddInvocationInfoToVerboseRecord",
        /// All do.
        ALL = 15 "AddInvocationInfo",
    }

    /// [2.2.3.31] PipelineResultTypes: streams that a command merges, with PowerShell's numbers,
    /// which are not those of MS-PSRP.
    PipelineResultTypes: "System.Management.Automation.Runspaces.PipelineResultTypes", flags true {
        /// No stream.
        NONE = 0 "None",
        /// Output.
        OUTPUT = 1 "Output",
        /// Errors.
        ERROR = 2 "Error",
        /// Warnings; also what output and errors together are printed as.
        WARNING = 3 "Warning",
        /// Verbose messages.
        VERBOSE = 4 "Verbose",
        /// Debug messages.
        DEBUG = 5 "Debug",
        /// Information records.
        INFORMATION = 6 "Information",
        /// Every stream.
        ALL = 7 "All",
        /// Nowhere: what is merged into it is dropped.
        NULL = 8 "Null",
    }

    /// [2.2.3.19] CommandTypes: kinds of command.
    CommandTypes: "System.Management.Automation.CommandTypes", flags true {
        /// An alias.
        ALIAS = 1 "Alias",
        /// A function.
        FUNCTION = 2 "Function",
        /// A filter.
        FILTER = 4 "Filter",
        /// A cmdlet.
        CMDLET = 8 "Cmdlet",
        /// A script file.
        EXTERNAL_SCRIPT = 16 "ExternalScript",
        /// A program.
        APPLICATION = 32 "Application",
        /// A script.
        SCRIPT = 64 "Script",
        /// A configuration.
        CONFIGURATION = 256 "Configuration",
        /// Every kind.
        ALL = 383 "All",
    }

    /// [2.2.3.9] ErrorCategory: what sort of error it is.
    ErrorCategory: "System.Management.Automation.ErrorCategory", flags false {
        /// No sort in particular.
        NOT_SPECIFIED = 0 "NotSpecified",
        /// Something could not be opened.
        OPEN_ERROR = 1 "OpenError",
        /// Something could not be closed.
        CLOSE_ERROR = 2 "CloseError",
        /// A device failed.
        DEVICE_ERROR = 3 "DeviceError",
        /// A deadlock was seen.
        DEADLOCK_DETECTED = 4 "DeadlockDetected",
        /// An argument is wrong.
        INVALID_ARGUMENT = 5 "InvalidArgument",
        /// Data is wrong.
        INVALID_DATA = 6 "InvalidData",
        /// It cannot be done now.
        INVALID_OPERATION = 7 "InvalidOperation",
        /// A result is wrong.
        INVALID_RESULT = 8 "InvalidResult",
        /// A type is wrong.
        INVALID_TYPE = 9 "InvalidType",
        /// Metadata is wrong.
        METADATA_ERROR = 10 "MetadataError",
        /// It cannot be done at all.
        NOT_IMPLEMENTED = 11 "NotImplemented",
        /// Something is not installed.
        NOT_INSTALLED = 12 "NotInstalled",
        /// Something is not there.
        OBJECT_NOT_FOUND = 13 "ObjectNotFound",
        /// It was stopped.
        OPERATION_STOPPED = 14 "OperationStopped",
        /// It took too long.
        OPERATION_TIMEOUT = 15 "OperationTimeout",
        /// A command has the wrong syntax.
        SYNTAX_ERROR = 16 "SyntaxError",
        /// A script cannot be parsed.
        PARSER_ERROR = 17 "ParserError",
        /// It is not allowed.
        PERMISSION_DENIED = 18 "PermissionDenied",
        /// Something is in use.
        RESOURCE_BUSY = 19 "ResourceBusy",
        /// Something exists already.
        RESOURCE_EXISTS = 20 "ResourceExists",
        /// Something cannot be had.
        RESOURCE_UNAVAILABLE = 21 "ResourceUnavailable",
        /// Reading failed.
        READ_ERROR = 22 "ReadError",
        /// Writing failed.
        WRITE_ERROR = 23 "WriteError",
        /// A program wrote to its standard error.
        FROM_STD_ERR = 24 "FromStdErr",
        /// Security forbids it.
        SECURITY_ERROR = 25 "SecurityError",
        /// A protocol was broken.
        PROTOCOL_ERROR = 26 "ProtocolError",
        /// A connection failed.
        CONNECTION_ERROR = 27 "ConnectionError",
        /// Someone could not prove who they are.
        AUTHENTICATION_ERROR = 28 "AuthenticationError",
        /// A limit was reached.
        LIMITS_EXCEEDED = 29 "LimitsExceeded",
        /// A quota was reached.
        QUOTA_EXCEEDED = 30 "QuotaExceeded",
        /// Something is switched off.
        NOT_ENABLED = 31 "NotEnabled",
    }

    /// ProgressRecordType: whether there is more to come.
    ProgressRecordType: "System.Management.Automation.ProgressRecordType", flags false {
        /// At work.
        PROCESSING = 0 "Processing",
        /// Done: the display goes away.
        COMPLETED = 1 "Completed",
    }

    /// [2.2.3.30] CommandOrigin: who asked for a command.
    CommandOrigin: "System.Management.Automation.CommandOrigin", flags false {
        /// The person or client.
        RUNSPACE = 0 "Runspace",
        /// A script.
        INTERNAL = 1 "Internal",
    }

    /// SessionStateEntryVisibility: whether a client may see a command.
    SessionStateEntryVisibility: "System.Management.Automation.SessionStateEntryVisibility", flags false {
        /// It may.
        PUBLIC = 0 "Public",
        /// It may not.
        PRIVATE = 1 "Private",
    }

    /// [2.2.3.3] Color: the colors of a console. A console without a terminal says −1.
    ConsoleColor: "System.ConsoleColor", flags false {
        /// Black.
        BLACK = 0 "Black",
        /// Dark blue.
        DARK_BLUE = 1 "DarkBlue",
        /// Dark green.
        DARK_GREEN = 2 "DarkGreen",
        /// Dark cyan.
        DARK_CYAN = 3 "DarkCyan",
        /// Dark red.
        DARK_RED = 4 "DarkRed",
        /// Dark magenta.
        DARK_MAGENTA = 5 "DarkMagenta",
        /// Dark yellow.
        DARK_YELLOW = 6 "DarkYellow",
        /// Gray.
        GRAY = 7 "Gray",
        /// Dark gray.
        DARK_GRAY = 8 "DarkGray",
        /// Blue.
        BLUE = 9 "Blue",
        /// Green.
        GREEN = 10 "Green",
        /// Cyan.
        CYAN = 11 "Cyan",
        /// Red.
        RED = 12 "Red",
        /// Magenta.
        MAGENTA = 13 "Magenta",
        /// Yellow.
        YELLOW = 14 "Yellow",
        /// White.
        WHITE = 15 "White",
    }

    /// PSCredentialTypes: which credentials a prompt takes.
    CredentialTypes: "System.Management.Automation.PSCredentialTypes", flags true {
        /// Any name and password.
        GENERIC = 1 "Generic",
        /// Those of a domain.
        DOMAIN = 2 "Domain",
        /// Both.
        DEFAULT = 3 "Default",
    }

    /// PSCredentialUIOptions: how a prompt for credentials behaves.
    CredentialUIOptions: "System.Management.Automation.PSCredentialUIOptions", flags true {
        /// No check.
        NONE = 0 "None",
        /// The name must look like one. The default.
        VALIDATE_USER_NAME_SYNTAX = 1 "ValidateUserNameSyntax",
        /// Ask even when the answer is known.
        ALWAYS_PROMPT = 2 "AlwaysPrompt",
        /// The name cannot be changed.
        READ_ONLY_USER_NAME = 3 "ReadOnlyUserName",
    }

    /// ReadKeyOptions: which keys ReadKey gives.
    ReadKeyOptions: "System.Management.Automation.Host.ReadKeyOptions", flags true {
        /// Ctrl+C is a key like others.
        ALLOW_CTRL_C = 1 "AllowCtrlC",
        /// The key is not shown.
        NO_ECHO = 2 "NoEcho",
        /// Give keys as they go down.
        INCLUDE_KEY_DOWN = 4 "IncludeKeyDown",
        /// Give keys as they come up.
        INCLUDE_KEY_UP = 8 "IncludeKeyUp",
    }

    /// [2.2.3.27] ControlKeyStates: the keys that were held.
    ControlKeyStates: "System.Management.Automation.Host.ControlKeyStates", flags true {
        /// The right Alt key.
        RIGHT_ALT_PRESSED = 1 "RightAltPressed",
        /// The left Alt key.
        LEFT_ALT_PRESSED = 2 "LeftAltPressed",
        /// The right Ctrl key.
        RIGHT_CTRL_PRESSED = 4 "RightCtrlPressed",
        /// The left Ctrl key.
        LEFT_CTRL_PRESSED = 8 "LeftCtrlPressed",
        /// A Shift key.
        SHIFT_PRESSED = 16 "ShiftPressed",
        /// Num Lock is on.
        NUM_LOCK_ON = 32 "NumLockOn",
        /// Scroll Lock is on.
        SCROLL_LOCK_ON = 64 "ScrollLockOn",
        /// Caps Lock is on.
        CAPS_LOCK_ON = 128 "CapsLockOn",
        /// The key is one of the added ones.
        ENHANCED_KEY = 256 "EnhancedKey",
    }

    /// [2.2.3.29] BufferCellType: which part of a character a cell holds.
    BufferCellType: "System.Management.Automation.Host.BufferCellType", flags false {
        /// All of it.
        COMPLETE = 0 "Complete",
        /// The left half of a wide one.
        LEADING = 1 "Leading",
        /// The right half of a wide one.
        TRAILING = 2 "Trailing",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_dotnet_prints_them() {
        for (printed, expected) in [
            (PipelineResultTypes::new(3).to_string(), "Warning"),
            (PipelineResultTypes::new(9).to_string(), "Output, Null"),
            (RemoteStreamOptions::new(0).to_string(), "0"),
            (RemoteStreamOptions::ALL.to_string(), "AddInvocationInfo"),
            (
                CommandTypes::new(271).to_string(),
                "Alias, Function, Filter, Cmdlet, Configuration",
            ),
            (CommandTypes::new(1 << 20).to_string(), "1048576"),
            (ConsoleColor::new(-1).to_string(), "-1"),
        ] {
            assert_eq!(printed, expected);
        }
    }

    #[test]
    fn names_are_read_in_any_case() {
        assert_eq!(ApartmentState::TYPE.parse("unKnown"), Some(2));
        assert_eq!(CommandTypes::TYPE.parse("Alias, cmdlet"), Some(9));
        assert_eq!(CommandTypes::TYPE.parse(" 12"), Some(12));
        assert_eq!(CommandTypes::TYPE.parse("Cmdlets"), None);
        assert_eq!(CommandTypes::TYPE.parse(""), None);
    }
}
