//! The numbers in `f:WSManFault/@Code`, and what a server says along with each.

use std::fmt;

use super::fault::FaultCode;
use super::writer::Namespace;

/// The error code of a fault: an HRESULT, or a plain Win32 error where it is below 65,536.
///
/// Known ones have a [`name`](Self::name) and a [`reaction`](Self::reaction); any other number is carried all the
/// same.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ErrorCode(pub u32);

/// What a client does about an error code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Reaction {
    /// Ask again at once: nothing was there in time.
    Repeat,
    /// Try again later, with a pause and a bound.
    Retry,
    /// The shell or command is gone.
    Gone,
    /// Other credentials or settings are needed.
    Authenticate,
    /// Tell the user.
    Surface,
}

/// The subcodes of WS-Management and WS-Addressing, and SOAP's own two codes that stand in their place.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is the name on the wire")]
pub enum SubcodeName {
    AccessDenied,
    ActionNotSupported,
    AlreadyExists,
    CannotProcessFilter,
    Concurrency,
    DestinationUnreachable,
    EncodingLimit,
    EndpointUnavailable,
    InternalError,
    InvalidEnumerationContext,
    InvalidExpirationTime,
    InvalidMessageInformationHeader,
    InvalidOptions,
    InvalidParameter,
    InvalidRepresentation,
    InvalidSelectors,
    MessageInformationHeaderRequired,
    MustUnderstand,
    QuotaLimit,
    SchemaValidationError,
    TimedOut,
    UnsupportedFeature,
    VersionMismatch,
}

impl SubcodeName {
    /// Every subcode.
    pub const ALL: [Self; 23] = [
        Self::AccessDenied,
        Self::ActionNotSupported,
        Self::AlreadyExists,
        Self::CannotProcessFilter,
        Self::Concurrency,
        Self::DestinationUnreachable,
        Self::EncodingLimit,
        Self::EndpointUnavailable,
        Self::InternalError,
        Self::InvalidEnumerationContext,
        Self::InvalidExpirationTime,
        Self::InvalidMessageInformationHeader,
        Self::InvalidOptions,
        Self::InvalidParameter,
        Self::InvalidRepresentation,
        Self::InvalidSelectors,
        Self::MessageInformationHeaderRequired,
        Self::MustUnderstand,
        Self::QuotaLimit,
        Self::SchemaValidationError,
        Self::TimedOut,
        Self::UnsupportedFeature,
        Self::VersionMismatch,
    ];

    /// The local name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AccessDenied => "AccessDenied",
            Self::ActionNotSupported => "ActionNotSupported",
            Self::AlreadyExists => "AlreadyExists",
            Self::CannotProcessFilter => "CannotProcessFilter",
            Self::Concurrency => "Concurrency",
            Self::DestinationUnreachable => "DestinationUnreachable",
            Self::EncodingLimit => "EncodingLimit",
            Self::EndpointUnavailable => "EndpointUnavailable",
            Self::InternalError => "InternalError",
            Self::InvalidEnumerationContext => "InvalidEnumerationContext",
            Self::InvalidExpirationTime => "InvalidExpirationTime",
            Self::InvalidMessageInformationHeader => "InvalidMessageInformationHeader",
            Self::InvalidOptions => "InvalidOptions",
            Self::InvalidParameter => "InvalidParameter",
            Self::InvalidRepresentation => "InvalidRepresentation",
            Self::InvalidSelectors => "InvalidSelectors",
            Self::MessageInformationHeaderRequired => "MessageInformationHeaderRequired",
            Self::MustUnderstand => "MustUnderstand",
            Self::QuotaLimit => "QuotaLimit",
            Self::SchemaValidationError => "SchemaValidationError",
            Self::TimedOut => "TimedOut",
            Self::UnsupportedFeature => "UnsupportedFeature",
            Self::VersionMismatch => "VersionMismatch",
        }
    }

    /// The namespace it belongs to.
    #[must_use]
    pub fn namespace(self) -> Namespace {
        match self {
            Self::ActionNotSupported
            | Self::DestinationUnreachable
            | Self::EndpointUnavailable
            | Self::InvalidMessageInformationHeader
            | Self::MessageInformationHeaderRequired => Namespace::Addressing,
            Self::InvalidEnumerationContext => Namespace::Enumeration,
            Self::InvalidRepresentation => Namespace::Transfer,
            Self::MustUnderstand | Self::VersionMismatch => Namespace::Soap,
            _ => Namespace::Wsman,
        }
    }

    /// The SOAP code that goes with it.
    #[must_use]
    pub fn fault_code(self) -> FaultCode {
        match self {
            Self::EndpointUnavailable
            | Self::InternalError
            | Self::InvalidEnumerationContext
            | Self::TimedOut => FaultCode::Receiver,
            Self::MustUnderstand => FaultCode::MustUnderstand,
            Self::VersionMismatch => FaultCode::VersionMismatch,
            _ => FaultCode::Sender,
        }
    }
}

impl ErrorCode {
    /// The code as a number.
    #[must_use]
    pub fn value(self) -> u32 {
        self.0
    }

    /// The name of a known code, without the prefix that headers put before it.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.known().map(|known| known.name)
    }

    /// What a client does about it. What is not known is for the user to read.
    #[must_use]
    pub fn reaction(self) -> Reaction {
        self.known()
            .map_or(Reaction::Surface, |known| known.reaction)
    }

    /// The subcode that a server sends with it.
    #[must_use]
    pub fn subcode(self) -> SubcodeName {
        self.known()
            .map_or(SubcodeName::InternalError, |known| known.subcode)
    }

    /// The last part of the URI in `w:FaultDetail`, where the code has one.
    #[must_use]
    pub fn fault_detail(self) -> Option<&'static str> {
        Some(match self {
            Self::UNEXPECTED_SELECTORS => "UnexpectedSelectors",
            Self::INSUFFICIENT_SELECTORS => "InsufficientSelectors",
            Self::INVALID_SELECTOR_VALUE => "InvalidValue",
            Self::SELECTOR_TYPE_MISMATCH => "TypeMismatch",
            Self::DUPLICATE_SELECTORS => "DuplicateSelectors",
            Self::INVALID_RESOURCE_URI => "InvalidResourceURI",
            Self::ACTION_NOT_SUPPORTED => "ActionMismatch",
            Self::MAX_ENVELOPE_SIZE => "MaxEnvelopeSize",
            Self::MAX_ENVELOPE_SIZE_EXCEEDED => "MaxEnvelopeSizeExceeded",
            Self::SERVER_ENVELOPE_LIMIT => "ServiceEnvelopeLimit",
            Self::MIN_ENVELOPE_SIZE => "MinimumEnvelopeLimit",
            Self::ADDRESSING_MODE_NOT_SUPPORTED => "AddressingMode",
            Self::CHARACTER_SET_NOT_SUPPORTED => "CharacterSet",
            Self::INVALID_PARAMETER => "InvalidValue",
            Self::INVALID_OPTION => "InvalidName",
            _ => return None,
        })
    }

    fn known(self) -> Option<&'static Known> {
        KNOWN.iter().find(|known| known.code == self)
    }
}

impl fmt::Display for ErrorCode {
    /// Name, decimal and hexadecimal, as people search for all three.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({}, {:#010X})", self.0, self.0),
            None => write!(f, "{} ({:#010X})", self.0, self.0),
        }
    }
}

struct Known {
    code: ErrorCode,
    name: &'static str,
    subcode: SubcodeName,
    reaction: Reaction,
}

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $subcode:ident, $reaction:ident;)*) => {
        impl ErrorCode {
            $($(#[$doc])* pub const $name: Self = Self($value);)*
        }

        const KNOWN: &[Known] = &[$(Known {
            code: ErrorCode::$name,
            name: stringify!($name),
            subcode: SubcodeName::$subcode,
            reaction: Reaction::$reaction,
        },)*];
    };
}

error_codes! {
    /// The operation did not finish within its OperationTimeout. For Receive this is no more than a sign of life.
    OPERATION_TIMED_OUT = 0x8033_8029, TimedOut, Repeat;
    /// No shell (or command) has these selectors, or it belongs to somebody else.
    UNEXPECTED_SELECTORS = 0x8033_805B, InvalidSelectors, Gone;
    /// The operation needs a ShellId.
    INSUFFICIENT_SELECTORS = 0x8033_805A, InvalidSelectors, Surface;
    /// The type of a selector's value is wrong.
    SELECTOR_TYPE_MISMATCH = 0x8033_805C, InvalidSelectors, Surface;
    /// The value of a selector is wrong.
    INVALID_SELECTOR_VALUE = 0x8033_805D, InvalidSelectors, Surface;
    /// A selector stands there twice.
    DUPLICATE_SELECTORS = 0x8033_805F, InvalidSelectors, Surface;
    /// The resource URI is missing or names nothing here.
    INVALID_RESOURCE_URI = 0x8033_803B, DestinationUnreachable, Surface;
    /// A URI has not the form of one.
    INVALID_URI = 0x8033_8002, DestinationUnreachable, Surface;
    /// The destination cannot be reached.
    DESTINATION_UNREACHABLE = 0x8033_8012, DestinationUnreachable, Retry;
    /// The resource was not found.
    RESOURCE_NOT_FOUND = 0x8033_8000, DestinationUnreachable, Surface;
    /// The action is unknown, or not valid for this resource.
    ACTION_NOT_SUPPORTED = 0x8033_8013, ActionNotSupported, Surface;
    /// The service is stopping or too busy.
    ENDPOINT_UNAVAILABLE = 0x8033_8014, EndpointUnavailable, Retry;
    /// The body does not fit the resource.
    INVALID_REPRESENTATION = 0x8033_8015, InvalidRepresentation, Surface;
    /// The expiration time of an enumeration is wrong.
    INVALID_EXPIRATION_TIME = 0x8033_8016, InvalidExpirationTime, Surface;
    /// The enumeration context has expired or never was.
    INVALID_ENUMERATION_CONTEXT = 0x8033_801B, InvalidEnumerationContext, Surface;
    /// A header is malformed, or stands there twice.
    INVALID_MESSAGE_INFORMATION_HEADER = 0x8033_800F, InvalidMessageInformationHeader, Surface;
    /// A header that must be understood is not.
    MUST_UNDERSTAND = 0x8033_8010, MustUnderstand, Surface;
    /// A required header is missing.
    MESSAGE_INFORMATION_HEADER_REQUIRED = 0x8033_8011, MessageInformationHeaderRequired, Surface;
    /// The envelope is not one of SOAP 1.2.
    SOAP_VERSION_MISMATCH = 0x8033_800D, VersionMismatch, Surface;
    /// The envelope is larger than the server takes.
    ENVELOPE_TOO_LARGE = 0x8033_8026, EncodingLimit, Surface;
    /// The body of the envelope is wrong.
    INVALID_SOAP_BODY = 0x8033_8027, SchemaValidationError, Surface;
    /// Two operations are in each other's way.
    CONCURRENCY = 0x8033_8032, Concurrency, Retry;
    /// It exists already.
    ALREADY_EXISTS = 0x8033_8033, AlreadyExists, Surface;
    /// The encoding limit in general.
    ENCODING_LIMIT = 0x8033_8035, EncodingLimit, Surface;
    /// An option that the resource had to know, or a wrong value of one.
    INVALID_OPTION = 0x8033_8039, InvalidOptions, Surface;
    /// A parameter of the body is wrong.
    INVALID_OPERATION_PARAMETER = 0x8033_803A, InvalidParameter, Surface;
    /// A quota is used up.
    QUOTA_LIMIT = 0x8033_803F, QuotaLimit, Retry;
    /// The XML does not fit the schema.
    SCHEMA_VALIDATION_ERROR = 0x8033_8041, SchemaValidationError, Surface;
    /// A feature is not supported.
    UNSUPPORTED_FEATURE = 0x8033_8042, UnsupportedFeature, Surface;
    /// The XML is wrong.
    INVALID_XML = 0x8033_8043, SchemaValidationError, Surface;
    /// The MaxEnvelopeSize of the request is wrong.
    MAX_ENVELOPE_SIZE = 0x8033_8047, EncodingLimit, Surface;
    /// The answer is larger than the MaxEnvelopeSize of the request.
    MAX_ENVELOPE_SIZE_EXCEEDED = 0x8033_8048, EncodingLimit, Surface;
    /// The request is larger than the server takes.
    SERVER_ENVELOPE_LIMIT = 0x8033_8049, EncodingLimit, Surface;
    /// Answers go back on the same connection and nowhere else.
    ADDRESSING_MODE_NOT_SUPPORTED = 0x8033_8076, UnsupportedFeature, Surface;
    /// The content type or character set is not one that the service reads.
    CHARACTER_SET_NOT_SUPPORTED = 0x8033_8075, EncodingLimit, Surface;
    /// The MaxEnvelopeSize is below 8192.
    MIN_ENVELOPE_SIZE = 0x8033_807E, EncodingLimit, Surface;
    /// The locale is not supported, and the client insists.
    LOCALE_NOT_SUPPORTED = 0x8033_8087, UnsupportedFeature, Surface;
    /// The user has too many shells.
    QUOTA_MAX_SHELLS = 0x8033_81A5, QuotaLimit, Retry;
    /// The user has too many operations under way.
    QUOTA_MAX_OPERATIONS = 0x8033_81A6, QuotaLimit, Retry;
    /// The user's quota is used up.
    QUOTA_USER = 0x8033_81A7, QuotaLimit, Retry;
    /// The system's quota is used up.
    QUOTA_SYSTEM = 0x8033_81A8, QuotaLimit, Retry;
    /// Too many users have shells.
    QUOTA_MAX_SHELL_USERS = 0x8033_81AB, QuotaLimit, Retry;
    /// Too many shells of this user for this resource.
    QUOTA_MAX_SHELLS_PPQ = 0x8033_81E4, QuotaLimit, Retry;
    /// Too many users have shells of this resource.
    QUOTA_MAX_USERS_PPQ = 0x8033_81E5, QuotaLimit, Retry;
    /// Too many shells of this resource.
    QUOTA_MAX_PLUGIN_SHELLS_PPQ = 0x8033_81E6, QuotaLimit, Retry;
    /// Too many operations of this resource.
    QUOTA_MAX_PLUGIN_OPERATIONS_PPQ = 0x8033_81E7, QuotaLimit, Retry;
    /// Too many operations of this user for this resource.
    QUOTA_MAX_OPERATIONS_USER_PPQ = 0x8033_81E8, QuotaLimit, Retry;
    /// Too many commands in this shell.
    QUOTA_MAX_COMMANDS_PER_SHELL_PPQ = 0x8033_81E9, QuotaLimit, Retry;
    /// Not enough of the quota is left.
    QUOTA_MIN_REQUIREMENT_NOT_AVAILABLE_PPQ = 0x8033_81EA, QuotaLimit, Retry;
    /// The service allows no remote shells.
    REMOTE_SHELLS_NOT_ALLOWED = 0x8033_81AC, InternalError, Surface;
    /// The resource allows no remote connections.
    REMOTE_CONNECTION_NOT_ALLOWED = 0x8033_81E3, AccessDenied, Surface;
    /// The service allows no remote access.
    SERVICE_REMOTE_ACCESS_DISABLED = 0x8033_81DD, AccessDenied, Surface;
    /// The shell was disconnected while the operation waited.
    SERVICE_STREAM_DISCONNECTED = 0x8033_81DE, InternalError, Gone;
    /// The shell is disconnected; reconnect first.
    SHELL_DISCONNECTED = 0x8033_81C4, InternalError, Surface;
    /// The shell cannot be disconnected.
    SHELL_DISCONNECT_NOT_SUPPORTED = 0x8033_81C5, InternalError, Surface;
    /// Another client has disconnected it: connect instead of reconnecting.
    SHELL_CLIENT_SESSION_ID_MISMATCH = 0x8033_81C6, InternalError, Surface;
    /// Another client uses it.
    SHELL_CONNECTED_TO_DIFFERENT_CLIENT = 0x8033_81CD, InternalError, Surface;
    /// Disconnected, but not cleanly.
    DISCONNECT_NOT_GRACEFUL = 0x8033_81CE, InternalError, Surface;
    /// The shell is not in a state in which it can be disconnected.
    SHELL_DISCONNECT_OPERATION_NOT_VALID = 0x8033_81CF, InternalError, Surface;
    /// The shell is not in a state in which it can be reconnected.
    SHELL_RECONNECT_OPERATION_NOT_VALID = 0x8033_81D0, InternalError, Retry;
    /// The command is not in a state in which it can be reconnected.
    COMMAND_RECONNECT_OPERATION_NOT_VALID = 0x8033_81D3, InternalError, Surface;
    /// The proposed CommandId is malformed.
    COMMAND_CLIENT_ID_NOT_VALID = 0x8033_81D4, InvalidParameter, Surface;
    /// The proposed ShellId is malformed.
    SHELL_CLIENT_ID_NOT_VALID = 0x8033_81D5, InvalidParameter, Surface;
    /// The proposed CommandId is in use.
    COMMAND_CLIENT_ID_RESOURCE_CONFLICT = 0x8033_81D6, AlreadyExists, Surface;
    /// The proposed ShellId is in use.
    SHELL_CLIENT_ID_RESOURCE_CONFLICT = 0x8033_81D7, AlreadyExists, Surface;
    /// The command is not in a state in which it can be disconnected.
    COMMAND_DISCONNECT_OPERATION_NOT_VALID = 0x8033_81D8, InternalError, Surface;
    /// The shell's name is not acceptable.
    CREATE_SHELL_NAME_INVALID = 0x8033_81C2, InvalidParameter, Surface;
    /// The command has been terminated.
    COMMAND_TERMINATED = 0x8033_81CC, InternalError, Gone;
    /// The shell is closed.
    SHELL_ALREADY_CLOSED = 0x8033_814A, InvalidSelectors, Gone;
    /// The command is closed.
    COMMAND_ALREADY_CLOSED = 0x8033_814F, InvalidSelectors, Gone;
    /// Another Receive waits already.
    RECEIVE_IN_PROGRESS = 0x8033_8127, Concurrency, Surface;
    /// The filter of an enumeration is wrong.
    CANNOT_PROCESS_FILTER = 0x8033_8122, CannotProcessFilter, Surface;
    /// The code page is not supported.
    CODE_PAGE_NOT_SUPPORTED = 0x8033_8140, InvalidOptions, Surface;
    /// The idle timeout is not within the server's bounds.
    IDLE_TIMEOUT_OUT_OF_BOUNDS = 0x8033_81F2, InvalidParameter, Surface;
    /// The shell could not be started under its own account.
    CREATE_SHELL_RUN_AS_FAILED = 0x8033_81DF, InternalError, Surface;
    /// Commands are enumerated with a filter that names the shell.
    ENUMERATE_SHELL_COMMANDS_FILTER_EXPECTED = 0x8033_81C0, CannotProcessFilter, Surface;
    /// Commands have no endpoint references.
    ENUMERATE_SHELL_COMMANDS_EPRS_NOT_SUPPORTED = 0x8033_81C1, UnsupportedFeature, Surface;
    /// Go elsewhere.
    REDIRECT_REQUESTED = 0x8033_8199, DestinationUnreachable, Surface;
    /// Go elsewhere, but nobody says where.
    REDIRECT_LOCATION_NOT_AVAILABLE = 0x8033_81AA, InternalError, Surface;
    /// The redirection makes no sense.
    INVALID_REDIRECT = 0x8033_81B5, InternalError, Surface;
    /// The network did not answer in time.
    NETWORK_TIMED_OUT = 0x8033_8126, TimedOut, Retry;
    /// The host name has no address.
    NAME_NOT_RESOLVED = 0x8033_81B9, DestinationUnreachable, Surface;
    /// The TLS connection was aborted.
    SSL_CONNECTION_ABORTED = 0x8033_81BA, DestinationUnreachable, Surface;
    /// An IP address needs explicit trust.
    DEFAULT_AUTHENTICATION_IP_ADDRESS = 0x8033_81BB, AccessDenied, Authenticate;
    /// The server is not trusted.
    SERVER_NOT_TRUSTED = 0x8033_80E4, AccessDenied, Authenticate;
    /// Explicit credentials are needed.
    EXPLICIT_CREDENTIALS_REQUIRED = 0x8033_80E5, AccessDenied, Authenticate;
    /// The client's own settings forbid unencrypted traffic.
    CLIENT_UNENCRYPTED_DISABLED = 0x8033_80DF, AccessDenied, Authenticate;
    /// A body could not be decrypted.
    CANNOT_DECRYPT = 0x8033_80F9, InternalError, Surface;
    /// An HTTP status that means nothing here.
    UNKNOWN_HTTP_STATUS = 0x8033_810F, InternalError, Surface;
    /// HTTP 413.
    HTTP_REQUEST_TOO_LARGE = 0x8033_8111, EncodingLimit, Surface;
    /// HTTP 503.
    HTTP_SERVICE_UNAVAILABLE = 0x8033_8112, EndpointUnavailable, Retry;
    /// HTTP 404.
    HTTP_NOT_FOUND = 0x8033_8113, DestinationUnreachable, Retry;
    /// HTTP 500 without a fault.
    HTTP_INTERNAL_ERROR = 0x8033_8170, InternalError, Retry;
    /// HTTP 400 without a fault.
    HTTP_BAD_REQUEST = 0x8033_8171, InternalError, Surface;

    /// Win32: not allowed.
    ACCESS_DENIED = 5, AccessDenied, Authenticate;
    /// Win32: no memory.
    OUT_OF_MEMORY = 14, InternalError, Surface;
    /// Win32: the network path was not found.
    BAD_NETWORK_PATH = 53, InternalError, Surface;
    /// Win32: a parameter is wrong.
    INVALID_PARAMETER = 87, InvalidParameter, Surface;
    /// Win32: the operation was cut off because its shell or command ended.
    OPERATION_ABORTED = 995, InternalError, Gone;
    /// Win32: the computer goes down.
    SHUTDOWN_IN_PROGRESS = 1115, InternalError, Gone;
    /// Win32: nobody is there to check the credentials.
    NO_LOGON_SERVERS = 1311, AccessDenied, Authenticate;
    /// Win32: the logon session is gone.
    NO_SUCH_LOGON_SESSION = 1312, AccessDenied, Authenticate;
    /// Win32: wrong user name or password.
    LOGON_FAILURE = 1326, AccessDenied, Authenticate;
    /// Win32: the answer made no sense.
    RPC_SERVER_UNAVAILABLE = 1722, InternalError, Retry;
    /// Not allowed, as an HRESULT.
    HRESULT_ACCESS_DENIED = 0x8007_0005, AccessDenied, Authenticate;
    /// The file was not found.
    FILE_NOT_FOUND = 0x8007_0002, InternalError, Surface;
    /// A registry key is about to be deleted: the last profile is still being unloaded.
    KEY_DELETED = 0x8007_03FA, InternalError, Retry;
    /// The principal name of the target is unknown.
    TARGET_UNKNOWN = 0x8009_0303, AccessDenied, Authenticate;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_shown_in_every_form_that_people_search_for() {
        assert_eq!(ErrorCode::OPERATION_TIMED_OUT.value(), 2_150_858_793);
        assert_eq!(
            ErrorCode::UNEXPECTED_SELECTORS.to_string(),
            "UNEXPECTED_SELECTORS (2150858843, 0x8033805B)"
        );
        assert_eq!(
            ErrorCode(2_152_991_672).to_string(),
            "2152991672 (0x80540BB8)"
        );
    }

    #[test]
    fn no_code_is_listed_twice() {
        let mut codes: Vec<_> = KNOWN.iter().map(|known| known.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), KNOWN.len());
    }
}
