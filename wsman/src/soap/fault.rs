//! The body that says no.

use std::fmt;

use super::body::Body;
use super::element::XmlElement;
use super::envelope::Envelope;
use super::error::{DecodeError, DecodeErrorKind};
use super::error_code::{ErrorCode, SubcodeName};
use super::tree::Element;
use super::writer::{Namespace, XmlWriter};
use crate::namespaces;

/// `s:Fault`: why a request was not carried out.
///
/// A server makes one from an [`ErrorCode`] and a sentence; subcode, detail and SOAP code follow from the code. A
/// client reads whatever is there: faults without detail, without text, and with the details of other providers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Fault {
    /// Whose fault it is, in SOAP's terms.
    pub code: FaultCode,
    /// The qualified name under it.
    pub subcode: Option<Subcode>,
    /// The sentence in `s:Reason`; may be empty.
    pub reason: String,
    /// The language of [`reason`](Self::reason).
    pub language: Option<String>,
    /// The URI in `w:FaultDetail`.
    pub fault_detail: Option<String>,
    /// The detail that holds the error code.
    pub wsman: Option<Box<WsManFault>>,
    /// Other details: those of WMI and OMI providers, for example.
    pub other_details: Vec<XmlElement>,
    /// The headers that were not understood, from `s:NotUnderstood`.
    pub not_understood: Vec<QualifiedName>,
}

/// The value of `s:Code`.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum FaultCode {
    /// The request was wrong.
    Sender,
    /// The service could not do it.
    #[default]
    Receiver,
    /// A mandatory header was not understood.
    MustUnderstand,
    /// The envelope is not of SOAP 1.2.
    VersionMismatch,
}

/// The value of `s:Subcode`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Subcode {
    /// One of the protocol's own.
    Known(SubcodeName),
    /// Any other, by its local name.
    Other(String),
}

/// `f:WSManFault`
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct WsManFault {
    /// The error code; `None` where there is none or it is no number.
    pub code: Option<ErrorCode>,
    /// The host, as the client had addressed it.
    pub machine: Option<String>,
    /// The text directly in `f:Message`.
    pub message: String,
    /// What the provider of the resource has to say.
    pub provider: Option<ProviderFault>,
    /// Elements in `f:Message` that are neither: some providers put XML of their own there.
    pub other: Vec<XmlElement>,
}

/// `f:ProviderFault`
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ProviderFault {
    /// The provider's name.
    pub provider: Option<String>,
    /// Where it is installed.
    pub path: Option<String>,
    /// Its id.
    pub provider_id: Option<String>,
    /// The text directly inside.
    pub text: String,
    /// Faults inside.
    pub faults: Vec<WsManFault>,
    /// Anything else inside.
    pub other: Vec<XmlElement>,
}

/// Namespace and local name.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct QualifiedName {
    /// The namespace URI; empty where there is none.
    pub namespace: String,
    /// The name without prefix.
    pub name: String,
}

impl Fault {
    /// The fault of that code, with a sentence for people. Everything else follows from the code.
    pub fn new(code: ErrorCode, reason: impl Into<String>) -> Self {
        let (subcode, reason) = (code.subcode(), reason.into());
        Self {
            code: subcode.fault_code(),
            subcode: Some(Subcode::Known(subcode)),
            language: Some("en-US".to_owned()),
            fault_detail: code
                .fault_detail()
                .map(|name| format!("{}{name}", namespaces::FAULT_DETAIL_PREFIX)),
            wsman: Some(Box::new(WsManFault {
                code: Some(code),
                machine: None,
                message: reason.clone(),
                ..WsManFault::default()
            })),
            reason,
            ..Self::default()
        }
    }

    /// The fault of a resource provider: code and text stand inside its `f:ProviderFault` too.
    pub fn from_provider(
        code: ErrorCode,
        reason: impl Into<String>,
        provider: impl Into<String>,
        path: impl Into<String>,
    ) -> Self {
        let mut fault = Self::new(code, reason);
        fault.wsman = Some(Box::new(WsManFault {
            code: Some(code),
            provider: Some(ProviderFault {
                provider: Some(provider.into()),
                path: Some(path.into()),
                faults: vec![WsManFault {
                    code: Some(code),
                    message: fault.reason.clone(),
                    ..WsManFault::default()
                }],
                ..ProviderFault::default()
            }),
            ..WsManFault::default()
        }));
        fault
    }

    /// The keep-alive: nothing was there within the OperationTimeout.
    #[must_use]
    pub fn timed_out() -> Self {
        Self::new(
            ErrorCode::OPERATION_TIMED_OUT,
            "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  ",
        )
    }

    /// No such shell, or one of somebody else: the two are told apart by nobody.
    #[must_use]
    pub fn shell_not_found() -> Self {
        Self::from_provider(
            ErrorCode::UNEXPECTED_SELECTORS,
            "The WS-Management service cannot process the request because the request contained invalid selectors \
             for the resource. ",
            "Shell provider",
            "shell",
        )
    }

    /// No such command in this shell.
    #[must_use]
    pub fn command_not_found() -> Self {
        Self::new(
            ErrorCode::UNEXPECTED_SELECTORS,
            "The WS-Management service cannot process the request because the shell has no command with that \
             CommandId. ",
        )
    }

    /// The caller may not do this.
    #[must_use]
    pub fn access_denied() -> Self {
        Self::new(ErrorCode::ACCESS_DENIED, "Access is denied. ")
    }

    /// Something in the service itself; `reason` must not tell its insides.
    pub fn internal(reason: impl Into<String>) -> Self {
        Self {
            subcode: Some(Subcode::Known(SubcodeName::InternalError)),
            ..Self::new(ErrorCode(0x8000_4005), reason)
        }
    }

    /// Names the host in the detail, as Windows does.
    #[must_use]
    pub fn at_machine(mut self, machine: &str) -> Self {
        if let Some(wsman) = &mut self.wsman {
            let nested = wsman
                .provider
                .iter_mut()
                .flat_map(|provider| &mut provider.faults);
            for fault in nested {
                fault.machine.get_or_insert_with(|| machine.to_owned());
            }
            wsman.machine.get_or_insert_with(|| machine.to_owned());
        }
        self
    }

    /// The error code: of the detail, or what the detail of a WMI provider says.
    #[must_use]
    pub fn error_code(&self) -> Option<ErrorCode> {
        if let Some(code) = self.wsman.as_ref().and_then(|wsman| wsman.code) {
            return Some(code);
        }
        let wmi = self
            .other_details
            .iter()
            .find(|detail| detail.namespace == namespaces::WMI_ERROR)?;
        wmi.child("error_Code")?
            .text
            .trim()
            .parse()
            .ok()
            .map(ErrorCode)
    }

    /// The subcode, if it is one of the protocol's own.
    #[must_use]
    pub fn known_subcode(&self) -> Option<SubcodeName> {
        match self.subcode {
            Some(Subcode::Known(name)) => Some(name),
            _ => None,
        }
    }

    /// The most telling text that is there: the innermost detail first, the reason last. May be empty.
    #[must_use]
    pub fn message(&self) -> &str {
        let wsman = self.wsman.as_deref().and_then(WsManFault::text);
        let other = || {
            let texts = self
                .other_details
                .iter()
                .filter_map(|detail| detail.child("Message"));
            texts
                .map(|message| message.text.trim())
                .find(|text| !text.is_empty())
        };
        wsman.or_else(other).unwrap_or_else(|| self.reason.trim())
    }

    /// The action header that a message with this fault has.
    #[must_use]
    pub fn action(&self) -> &'static str {
        let is_addressing = self.known_subcode().is_some_and(|subcode| {
            matches!(subcode.namespace(), Namespace::Addressing | Namespace::Soap)
        });
        if is_addressing
            || matches!(
                self.code,
                FaultCode::MustUnderstand | FaultCode::VersionMismatch
            )
        {
            namespaces::ADDRESSING_FAULT_ACTION
        } else {
            namespaces::FAULT_ACTION
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.message();
        let name = match &self.subcode {
            Some(Subcode::Known(name)) => name.name(),
            Some(Subcode::Other(name)) => name,
            None => "fault",
        };
        match (text, self.error_code()) {
            ("", Some(code)) => write!(f, "{name}, {code}"),
            ("", None) => f.write_str(name),
            (text, Some(code)) => write!(f, "{text} [{name}, {code}]"),
            (text, None) => write!(f, "{text} [{name}]"),
        }
    }
}

impl std::error::Error for Fault {}

impl From<&DecodeError> for Fault {
    /// What a server answers to a body that it could not read.
    fn from(error: &DecodeError) -> Self {
        let code = match error.kind() {
            DecodeErrorKind::SoapVersion(_) => ErrorCode::SOAP_VERSION_MISMATCH,
            DecodeErrorKind::Base64 => ErrorCode::INVALID_PARAMETER,
            DecodeErrorKind::TooMany {
                what: "the bytes of the envelope",
                ..
            } => ErrorCode::ENVELOPE_TOO_LARGE,
            _ if error.item() == "IdleTimeOut" => ErrorCode::IDLE_TIMEOUT_OUT_OF_BOUNDS,
            _ if error.item() == "Body" => ErrorCode::INVALID_SOAP_BODY,
            DecodeErrorKind::Value { .. } => ErrorCode::INVALID_PARAMETER,
            _ => ErrorCode::SCHEMA_VALIDATION_ERROR,
        };
        Self::new(code, format!("The request is not valid: {error}. "))
    }
}

impl Body for Fault {
    const NAMESPACES: &'static [Namespace] = &[
        Namespace::Transfer,
        Namespace::Eventing,
        Namespace::Enumeration,
    ];

    fn write(&self, writer: &mut XmlWriter) {
        writer
            .start("s:Fault")
            .start("s:Code")
            .leaf("s:Value", self.code.qualified_name());
        if let Some(subcode) = &self.subcode {
            writer
                .start("s:Subcode")
                .leaf("s:Value", &subcode.qualified_name())
                .end("s:Subcode");
        }
        writer.end("s:Code").start("s:Reason").start("s:Text");
        writer.attribute("xml:lang", self.language.as_deref().unwrap_or("en-US"));
        writer.text(&self.reason).end("s:Text").end("s:Reason");
        if self.fault_detail.is_some() || self.wsman.is_some() || !self.other_details.is_empty() {
            writer
                .start("s:Detail")
                .optional_leaf("w:FaultDetail", self.fault_detail.as_deref());
            if let Some(wsman) = &self.wsman {
                wsman.write(writer);
            }
            for other in &self.other_details {
                writer.element(other);
            }
            writer.end("s:Detail");
        }
        writer.end("s:Fault");
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let body = envelope.body();
        let fault = body.child(namespaces::SOAP, "Fault").ok_or_else(|| {
            DecodeError::new("Body", body.offset(), DecodeErrorKind::Missing("Fault"))
        })?;
        let mut read = Self {
            not_understood: envelope.not_understood(),
            ..Self::default()
        };
        if let Some(code) = fault.child(namespaces::SOAP, "Code") {
            if let Some(value) = code.child(namespaces::SOAP, "Value") {
                read.code = FaultCode::from_name(value.resolve_name(value.trimmed()).1);
            }
            let subcode = code.child(namespaces::SOAP, "Subcode");
            if let Some(value) =
                subcode.and_then(|subcode| subcode.child(namespaces::SOAP, "Value"))
            {
                read.subcode = Some(Subcode::from_name(value.resolve_name(value.trimmed()).1));
            }
        }
        if let Some(reason) = fault.child(namespaces::SOAP, "Reason") {
            // Several languages may be there; English is what the rest of the text is in.
            let texts = || {
                reason
                    .children()
                    .filter(|text| text.is(namespaces::SOAP, "Text"))
            };
            let language = |text: &Element<'_, '_>| {
                text.attribute_in(namespaces::XML, "lang")
                    .map(str::to_owned)
            };
            let is_english = |text: &Element<'_, '_>| {
                language(text).is_some_and(|lang| {
                    lang.get(..2)
                        .is_some_and(|two| two.eq_ignore_ascii_case("en"))
                })
            };
            if let Some(text) = texts().find(is_english).or_else(|| texts().next()) {
                read.reason = text.text().to_owned();
                read.language = language(&text);
            }
        }
        for detail in fault
            .child(namespaces::SOAP, "Detail")
            .into_iter()
            .flat_map(Element::children)
        {
            if detail.is(namespaces::WSMAN, "FaultDetail") {
                read.fault_detail = Some(detail.trimmed().to_owned());
            } else if detail.is(namespaces::WSMAN_FAULT, "WSManFault") && read.wsman.is_none() {
                read.wsman = Some(Box::new(WsManFault::read(detail)));
            } else {
                read.other_details.push(detail.to_owned_element());
            }
        }
        Ok(read)
    }
}

impl FaultCode {
    fn qualified_name(self) -> &'static str {
        match self {
            Self::Sender => "s:Sender",
            Self::Receiver => "s:Receiver",
            Self::MustUnderstand => "s:MustUnderstand",
            Self::VersionMismatch => "s:VersionMismatch",
        }
    }

    fn from_name(name: &str) -> Self {
        match name {
            "Sender" => Self::Sender,
            "MustUnderstand" => Self::MustUnderstand,
            "VersionMismatch" => Self::VersionMismatch,
            _ => Self::Receiver,
        }
    }
}

impl Subcode {
    /// By local name alone: servers put some subcodes into the wrong namespace, and none is ambiguous.
    fn from_name(name: &str) -> Self {
        match SubcodeName::ALL
            .into_iter()
            .find(|known| known.name() == name)
        {
            Some(known) => Self::Known(known),
            None => Self::Other(name.to_owned()),
        }
    }

    fn qualified_name(&self) -> String {
        match self {
            Self::Known(name) => format!("{}:{}", name.namespace().prefix(), name.name()),
            Self::Other(name) => format!("w:{name}"),
        }
    }
}

impl WsManFault {
    /// The innermost text that is not empty.
    fn text(&self) -> Option<&str> {
        let nested = self
            .provider
            .iter()
            .flat_map(|provider| &provider.faults)
            .find_map(Self::text);
        let provider = || self.provider.as_ref().map(|provider| provider.text.trim());
        nested
            .or_else(|| provider().filter(|text| !text.is_empty()))
            .or_else(|| Some(self.message.trim()).filter(|text| !text.is_empty()))
    }

    fn read(element: Element<'_, '_>) -> Self {
        let mut fault = Self {
            code: element
                .attribute("Code")
                .and_then(|code| code.trim().parse().ok())
                .map(ErrorCode),
            machine: element.attribute("Machine").map(str::to_owned),
            ..Self::default()
        };
        if let Some(message) = element.child(namespaces::WSMAN_FAULT, "Message") {
            fault.message = message.text().to_owned();
            for child in message.children() {
                if child.is(namespaces::WSMAN_FAULT, "ProviderFault") && fault.provider.is_none() {
                    fault.provider = Some(ProviderFault::read(child));
                } else {
                    fault.other.push(child.to_owned_element());
                }
            }
        }
        fault
    }

    fn write(&self, writer: &mut XmlWriter) {
        writer
            .start("f:WSManFault")
            .attribute("xmlns:f", namespaces::WSMAN_FAULT);
        if let Some(code) = self.code {
            writer.attribute("Code", &code.0.to_string());
        }
        writer.optional_attribute("Machine", self.machine.as_deref());
        writer.start("f:Message").text(&self.message);
        if let Some(provider) = &self.provider {
            provider.write(writer);
        }
        for other in &self.other {
            writer.element(other);
        }
        writer.end("f:Message").end("f:WSManFault");
    }
}

impl ProviderFault {
    fn read(element: Element<'_, '_>) -> Self {
        let attribute = |name| element.attribute(name).map(str::to_owned);
        let mut fault = Self {
            provider: attribute("provider"),
            path: attribute("path"),
            provider_id: attribute("providerId"),
            text: element.text().to_owned(),
            ..Self::default()
        };
        for child in element.children() {
            if child.is(namespaces::WSMAN_FAULT, "WSManFault") {
                fault.faults.push(WsManFault::read(child));
            } else {
                fault.other.push(child.to_owned_element());
            }
        }
        fault
    }

    fn write(&self, writer: &mut XmlWriter) {
        writer.start("f:ProviderFault");
        writer.optional_attribute("provider", self.provider.as_deref());
        writer.optional_attribute("path", self.path.as_deref());
        writer.optional_attribute("providerId", self.provider_id.as_deref());
        writer.text(&self.text);
        for fault in &self.faults {
            fault.write(writer);
        }
        for other in &self.other {
            writer.element(other);
        }
        writer.end("f:ProviderFault");
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            f.write_str(&self.name)
        } else {
            write!(f, "{{{}}}{}", self.namespace, self.name)
        }
    }
}
