//! The URIs of the protocol: XML namespaces, actions, resources, dialects and states.
//!
//! Elements are matched by namespace and local name, never by prefix: every implementation has its own prefixes, and
//! one of them binds `p` twice in one envelope.

/// SOAP 1.2 envelope, header, body and fault.
pub const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
/// SOAP 1.1, which is recognised in order to be refused.
pub const SOAP_1_1: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// WS-Addressing of August 2004, which WS-Management builds on; not WS-Addressing 1.0.
pub const ADDRESSING: &str = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
/// WS-Management of the DMTF: its headers, selectors, options and enumeration extensions.
pub const WSMAN: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd";
/// Microsoft's headers: DataLocale, SessionId, OperationID, SequenceId, ActivityId.
pub const WSMAN_MICROSOFT: &str = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd";
/// Shells: the bodies of their operations.
pub const SHELL: &str = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell";
/// The items of some servers' enumerations of shells.
pub const SHELL_CIM: &str = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Shell";
/// WS-Transfer: Get, Create, Delete.
pub const TRANSFER: &str = "http://schemas.xmlsoap.org/ws/2004/09/transfer";
/// WS-Enumeration: Enumerate, Pull, Release.
pub const ENUMERATION: &str = "http://schemas.xmlsoap.org/ws/2004/09/enumeration";
/// WS-Eventing, which envelopes declare and do not use.
pub const EVENTING: &str = "http://schemas.xmlsoap.org/ws/2004/08/eventing";
/// The detail of a fault that carries the error code.
pub const WSMAN_FAULT: &str = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault";
/// The service configuration, both namespace of its elements and URI of the resource.
pub const CONFIG: &str = "http://schemas.microsoft.com/wbem/wsman/1/config";
/// Identify.
pub const IDENTITY: &str = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd";
/// The open content of Create and Connect: `creationXml`, `connectXml`, `connectResponseXml`.
pub const OPEN_CONTENT: &str = "http://schemas.microsoft.com/powershell";
/// `xsi:nil`, `xsi:type`.
pub const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// `xml:lang`.
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// A fault detail of WMI providers.
pub const WMI_ERROR: &str = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError";
/// A fault detail of the open-source servers on Unix.
pub const OMI_ERROR: &str = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/OMI_Error";

/// The reply address that says "answer on the same connection".
pub const ANONYMOUS: &str = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous";
/// The action of most faults.
pub const FAULT_ACTION: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault";
/// The action of faults about the addressing headers and about SOAP itself.
pub const ADDRESSING_FAULT_ACTION: &str = "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault";
/// What the URI in `w:FaultDetail` begins with.
pub const FAULT_DETAIL_PREFIX: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/";
/// The dialect of a filter that is a set of selectors.
pub const SELECTOR_FILTER: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter";
/// What the state of a command begins with.
pub const COMMAND_STATE_PREFIX: &str =
    "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/";
/// What the standard signals begin with.
pub const SIGNAL_PREFIX: &str = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/signal/";

/// The resource that is the collection of all shells: Enumerate, Get, Delete.
pub const RESOURCE_SHELLS: &str = SHELL;
/// The resource that is the collection of one shell's commands: Enumerate with a selector filter.
pub const RESOURCE_COMMANDS: &str =
    "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Command";
/// The resource of text shells.
pub const RESOURCE_TEXT_SHELL: &str = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd";
/// The resource of the service configuration.
pub const RESOURCE_CONFIG: &str = CONFIG;

/// The URI in `a:Action`, for each operation. The answer's action is the same with `Response` behind it.
pub mod action {
    /// Reads one shell, or the service configuration.
    pub const GET: &str = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get";
    /// Makes a shell.
    pub const CREATE: &str = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Create";
    /// Ends a shell.
    pub const DELETE: &str = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete";
    /// Begins a listing.
    pub const ENUMERATE: &str = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate";
    /// Takes the next part of a listing.
    pub const PULL: &str = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Pull";
    /// Gives up a listing.
    pub const RELEASE: &str = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Release";
    /// Starts a command.
    pub const COMMAND: &str = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Command";
    /// Sends input.
    pub const SEND: &str = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Send";
    /// Takes output.
    pub const RECEIVE: &str = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Receive";
    /// Interrupts or frees a command.
    pub const SIGNAL: &str = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Signal";
    /// Leaves a shell running without a client.
    pub const DISCONNECT: &str =
        "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Disconnect";
    /// The same client comes back.
    pub const RECONNECT: &str = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Reconnect";
    /// Another client takes over.
    pub const CONNECT: &str = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Connect";
}
