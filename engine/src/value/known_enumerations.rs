//! The members of the enumerations that the engine knows.

use std::borrow::Cow;

use super::enumeration::EnumInfo;
use super::known_types::TypeId;

/// Members as they are declared: `Name` or `Name=number`, the numbers counting up from the last one.
static ENUMERATIONS: &[(TypeId, bool, &str)] = &[
    (
        TypeId::AddressFamily,
        false,
        "Unspecified=0 Unix=1 InterNetwork=2 InterNetworkV6=23",
    ),
    (
        TypeId::ConsoleColor,
        false,
        "Black DarkBlue DarkGreen DarkCyan DarkRed DarkMagenta DarkYellow Gray DarkGray Blue Green Cyan Red Magenta Yellow White",
    ),
    (
        TypeId::DayOfWeek,
        false,
        "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
    ),
    (TypeId::DateTimeKindEnum, false, "Unspecified Utc Local"),
    (
        TypeId::StringComparison,
        false,
        "CurrentCulture CurrentCultureIgnoreCase InvariantCulture InvariantCultureIgnoreCase Ordinal OrdinalIgnoreCase",
    ),
    (
        TypeId::StringSplitOptions,
        true,
        "None=0 RemoveEmptyEntries=1 TrimEntries=2",
    ),
    (
        TypeId::MidpointRounding,
        false,
        "ToEven AwayFromZero ToZero ToNegativeInfinity ToPositiveInfinity",
    ),
    (
        TypeId::TypeCode,
        false,
        "Empty=0 Object=1 DBNull=2 Boolean=3 Char=4 SByte=5 Byte=6 Int16=7 UInt16=8 Int32=9 UInt32=10 Int64=11 UInt64=12 Single=13 Double=14 Decimal=15 DateTime=16 String=18",
    ),
    (
        TypeId::Base64FormattingOptions,
        true,
        "None=0 InsertLineBreaks=1",
    ),
    (
        TypeId::PlatformID,
        false,
        "Win32S=0 Win32Windows=1 Win32NT=2 WinCE=3 Unix=4 Xbox=5 MacOSX=6 Other=7",
    ),
    (
        TypeId::SpecialFolder,
        false,
        "Desktop=0 Programs=2 MyDocuments=5 Personal=5 Favorites=6 Startup=7 ApplicationData=26 LocalApplicationData=28 UserProfile=40",
    ),
    (
        TypeId::UriKind,
        false,
        "RelativeOrAbsolute Absolute Relative",
    ),
    (
        TypeId::RegexOptions,
        true,
        "None=0 IgnoreCase=1 Multiline=2 ExplicitCapture=4 Compiled=8 Singleline=16 IgnorePatternWhitespace=32 RightToLeft=64 ECMAScript=256 CultureInvariant=512 NonBacktracking=1024",
    ),
    (
        TypeId::FileAttributes,
        true,
        "None=0 ReadOnly=1 Hidden=2 System=4 Directory=16 Archive=32 Device=64 Normal=128 Temporary=256 SparseFile=512 ReparsePoint=1024 Compressed=2048 Offline=4096 NotContentIndexed=8192 Encrypted=16384 IntegrityStream=32768 NoScrubData=131072",
    ),
    (
        TypeId::FileMode,
        false,
        "CreateNew=1 Create=2 Open=3 OpenOrCreate=4 Truncate=5 Append=6",
    ),
    (TypeId::FileAccess, true, "Read=1 Write=2 ReadWrite=3"),
    (
        TypeId::FileShare,
        true,
        "None=0 Read=1 Write=2 ReadWrite=3 Delete=4 Inheritable=16",
    ),
    (
        TypeId::SearchOption,
        false,
        "TopDirectoryOnly AllDirectories",
    ),
    (
        TypeId::UnixFileMode,
        true,
        "None=0 OtherExecute=1 OtherWrite=2 OtherRead=4 GroupExecute=8 GroupWrite=16 GroupRead=32 UserExecute=64 UserWrite=128 UserRead=256 StickyBit=512 SetGroup=1024 SetUser=2048",
    ),
    (
        TypeId::NumberStyles,
        true,
        "None=0 AllowLeadingWhite=1 AllowTrailingWhite=2 AllowLeadingSign=4 Integer=7 AllowTrailingSign=8 AllowParentheses=16 AllowDecimalPoint=32 AllowThousands=64 Number=111 AllowExponent=128 Float=167 AllowCurrencySymbol=256 Currency=383 Any=511 AllowHexSpecifier=512 HexNumber=515 AllowBinarySpecifier=1024 BinaryNumber=1027",
    ),
    (
        TypeId::DateTimeStyles,
        true,
        "None=0 AllowLeadingWhite=1 AllowTrailingWhite=2 AllowInnerWhite=4 AllowWhiteSpaces=7 NoCurrentDateDefault=8 AdjustToUniversal=16 AssumeLocal=32 AssumeUniversal=64 RoundtripKind=128",
    ),
    (
        TypeId::NormalizationForm,
        false,
        "FormC=1 FormD=2 FormKC=5 FormKD=6",
    ),
    (
        TypeId::UnicodeCategory,
        false,
        "UppercaseLetter LowercaseLetter TitlecaseLetter ModifierLetter OtherLetter NonSpacingMark SpacingCombiningMark EnclosingMark DecimalDigitNumber LetterNumber OtherNumber SpaceSeparator LineSeparator ParagraphSeparator Control Format Surrogate PrivateUse ConnectorPunctuation DashPunctuation OpenPunctuation ClosePunctuation InitialQuotePunctuation FinalQuotePunctuation OtherPunctuation MathSymbol CurrencySymbol ModifierSymbol OtherSymbol OtherNotAssigned",
    ),
    (
        TypeId::CalendarWeekRule,
        false,
        "FirstDay FirstFullWeek FirstFourDayWeek",
    ),
    (
        TypeId::ProcessPriorityClass,
        false,
        "Normal=32 Idle=64 High=128 RealTime=256 BelowNormal=16384 AboveNormal=32768",
    ),
    (TypeId::ApartmentState, false, "STA MTA Unknown"),
    (
        TypeId::SecurityProtocolType,
        true,
        "SystemDefault=0 Ssl3=48 Tls=192 Tls11=768 Tls12=3072 Tls13=12288",
    ),
    (
        TypeId::HttpStatusCode,
        false,
        "OK=200 Created=201 Accepted=202 NoContent=204 MovedPermanently=301 Found=302 NotModified=304 BadRequest=400 Unauthorized=401 Forbidden=403 NotFound=404 MethodNotAllowed=405 Conflict=409 Gone=410 InternalServerError=500 NotImplemented=501 BadGateway=502 ServiceUnavailable=503 GatewayTimeout=504",
    ),
    (
        TypeId::ActionPreference,
        false,
        "SilentlyContinue Stop Continue Inquire Ignore Suspend Break",
    ),
    (
        TypeId::ErrorViewEnum,
        false,
        "NormalView CategoryView ConciseView DetailedView",
    ),
    (TypeId::ConfirmImpact, false, "None Low Medium High"),
    (
        TypeId::ErrorCategoryEnum,
        false,
        "NotSpecified OpenError CloseError DeviceError DeadlockDetected InvalidArgument InvalidData InvalidOperation InvalidResult InvalidType MetadataError NotImplemented NotInstalled ObjectNotFound OperationStopped OperationTimeout SyntaxError ParserError PermissionDenied ResourceBusy ResourceExists ResourceUnavailable ReadError WriteError FromStdErr SecurityError ProtocolError ConnectionError AuthenticationError LimitsExceeded QuotaExceeded NotEnabled",
    ),
    (
        TypeId::ScopedItemOptions,
        true,
        "None=0 ReadOnly=1 Constant=2 Private=4 AllScope=8 Unspecified=16",
    ),
    (
        TypeId::CommandTypes,
        true,
        "Alias=1 Function=2 Filter=4 Cmdlet=8 ExternalScript=16 Application=32 Script=64 Configuration=256 All=383",
    ),
    (
        TypeId::PSMemberTypes,
        true,
        "AliasProperty=1 CodeProperty=2 Property=4 NoteProperty=8 ScriptProperty=16 Properties=31 PropertySet=32 Method=64 CodeMethod=128 ScriptMethod=256 Methods=448 ParameterizedProperty=512 MemberSet=1024 Event=2048 Dynamic=4096 InferredProperty=8192 All=16383",
    ),
    (
        TypeId::PSLanguageMode,
        false,
        "FullLanguage RestrictedLanguage NoLanguage ConstrainedLanguage",
    ),
    (
        TypeId::WildcardOptions,
        true,
        "None=0 Compiled=1 IgnoreCase=2 CultureInvariant=4",
    ),
    (
        TypeId::SplitOptions,
        true,
        "SimpleMatch=1 RegexMatch=2 CultureInvariant=4 IgnorePatternWhitespace=8 Multiline=16 Singleline=32 IgnoreCase=64 ExplicitCapture=128",
    ),
    (TypeId::CommandOrigin, false, "Runspace Internal"),
    (TypeId::SessionStateEntryVisibility, false, "Public Private"),
    (
        TypeId::ModuleType,
        false,
        "Script Binary Manifest Cim Workflow",
    ),
    (TypeId::ProgressRecordType, false, "Processing Completed"),
    (TypeId::OutputRendering, false, "Host PlainText Ansi"),
    (TypeId::ProgressView, false, "Minimal Classic"),
    (
        TypeId::PSInvocationState,
        false,
        "NotStarted Running Stopping Stopped Completed Failed Disconnected",
    ),
    (
        TypeId::RunspaceAvailability,
        false,
        "None Available AvailableForNestedCommand Busy RemoteDebug",
    ),
    (
        TypeId::RunspaceState,
        false,
        "BeforeOpen Opening Opened Closed Closing Broken Disconnecting Disconnected Connecting",
    ),
    (
        TypeId::PSThreadOptions,
        false,
        "Default UseNewThread ReuseThread UseCurrentThread",
    ),
    (
        TypeId::ExecutionPolicy,
        false,
        "Unrestricted RemoteSigned AllSigned Restricted Bypass Undefined",
    ),
    (
        TypeId::RemotingCapability,
        false,
        "None PowerShell SupportedByCommand OwnedByCommand",
    ),
];

/// Reads the table; called once.
pub(super) fn read() -> Vec<(TypeId, EnumInfo)> {
    ENUMERATIONS
        .iter()
        .map(|(id, flags, members)| {
            (
                *id,
                EnumInfo {
                    members: read_members(members),
                    flags: *flags,
                    underlying: TypeId::Int32,
                },
            )
        })
        .collect()
}

fn read_members(members: &'static str) -> Vec<(Cow<'static, str>, i64)> {
    let mut next = 0;
    members
        .split(' ')
        .map(|member| {
            let (name, number) = match member.split_once('=') {
                Some((name, number)) => (name, number.parse().unwrap_or(next)),
                None => (member, next),
            };
            next = number + 1;
            (Cow::Borrowed(name), number)
        })
        .collect()
}
