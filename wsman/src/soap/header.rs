//! The header blocks of requests and answers.

use std::time::Duration;

use uuid::Uuid;

use super::duration::{parse_duration, write_seconds};
use super::envelope::Envelope;
use super::error::DecodeError;
use super::error_code::ErrorCode;
use super::fault::{Fault, QualifiedName};
use super::selector::{OptionSet, SelectorSet};
use super::tree::{Element, is_true};
use super::writer::XmlWriter;
use crate::namespaces;

/// The least MaxEnvelopeSize that a request may ask for.
const MIN_ENVELOPE_SIZE: u64 = 8192;

/// What stands in `s:Header` of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestHeaders {
    /// `a:To`: the URL of the endpoint, as the client writes it.
    pub to: String,
    /// `w:ResourceURI`: what kind of thing is operated on.
    pub resource_uri: String,
    /// `a:Action`: the operation.
    pub action: String,
    /// `a:MessageID`: `uuid:` and a GUID.
    pub message_id: String,
    /// `w:MaxEnvelopeSize`: the largest answer that the client takes, in bytes.
    pub max_envelope_size: Option<u64>,
    /// `w:OperationTimeout`: how long the server may hold the request.
    pub operation_timeout: Option<Duration>,
    /// `w:Locale`: the language of messages.
    pub locale: Option<String>,
    /// `p:DataLocale`: the culture in which data is formatted.
    pub data_locale: Option<String>,
    /// `p:SessionId`: constant for one client session; says who may reconnect.
    pub session_id: Option<String>,
    /// `p:OperationID`: one operation over all its transmissions.
    pub operation_id: Option<String>,
    /// Whether the operation id has to be understood, as in a request that is sent for the second time.
    pub is_retransmission: bool,
    /// `p:SequenceId`
    pub sequence_id: Option<u64>,
    /// `rsp:CompressionType`: the compression that the client asks for.
    pub compression: Option<String>,
    /// `w:OptionSet`
    pub options: OptionSet,
    /// `w:SelectorSet`
    pub selectors: SelectorSet,
    /// `p:ActivityId`, for the correlation of traces.
    pub activity_id: Option<String>,
}

impl RequestHeaders {
    /// The ShellId selector.
    #[must_use]
    pub fn shell_id(&self) -> Option<&str> {
        self.selectors.get("ShellId")
    }

    /// Reads and checks the header of a request. The error is what a server answers.
    pub fn read(envelope: &Envelope<'_, '_>) -> Result<Self, Box<Fault>> {
        let header = envelope.header().ok_or_else(|| required("Header"))?;
        let mut headers = Self::default();
        let mut reply_to = None;
        let mut seen = Vec::new();
        let mut not_understood = Vec::new();
        for block in header.children() {
            let Some(kind) = Block::of(block) else {
                if must_understand(block) && is_for_us(block) {
                    not_understood.push(QualifiedName {
                        namespace: block.namespace().to_owned(),
                        name: block.name().to_owned(),
                    });
                }
                continue;
            };
            if seen.contains(&kind) {
                return Err(invalid(format!(
                    "the header {} stands there twice",
                    block.name()
                )));
            }
            seen.push(kind);
            if kind == Block::ReplyTo {
                reply_to = Some(block);
            } else {
                headers.read_block(kind, block)?;
            }
        }
        if let Some(first) = not_understood.first() {
            let reason = format!("A required header was not understood: {first}. ");
            let fault = Fault::new(ErrorCode::MUST_UNDERSTAND, reason);
            return Err(Box::new(Fault {
                not_understood,
                ..fault
            }));
        }
        for (kind, name) in [
            (Block::To, "To"),
            (Block::Action, "Action"),
            (Block::MessageId, "MessageID"),
            (Block::ReplyTo, "ReplyTo"),
        ] {
            if !seen.contains(&kind) {
                return Err(required(name));
            }
        }
        if let Some(reply_to) = reply_to {
            check_reply_to(reply_to)?;
        }
        headers.check()?;
        Ok(headers)
    }

    /// Writes the blocks in the order and with the attributes of Windows clients.
    pub(crate) fn write(&self, writer: &mut XmlWriter) {
        let understood = |writer: &mut XmlWriter, name: &str, must: &str, text: &str| {
            writer
                .start(name)
                .attribute("s:mustUnderstand", must)
                .text(text)
                .end(name);
        };
        writer.leaf("a:To", &self.to);
        understood(writer, "w:ResourceURI", "true", &self.resource_uri);
        writer.start("a:ReplyTo");
        understood(writer, "a:Address", "true", namespaces::ANONYMOUS);
        writer.end("a:ReplyTo");
        understood(writer, "a:Action", "true", &self.action);
        if let Some(size) = self.max_envelope_size {
            understood(writer, "w:MaxEnvelopeSize", "true", &size.to_string());
        }
        writer.leaf("a:MessageID", &self.message_id);
        for (name, locale) in [
            ("w:Locale", &self.locale),
            ("p:DataLocale", &self.data_locale),
        ] {
            if let Some(locale) = locale {
                writer
                    .start(name)
                    .attribute("xml:lang", locale)
                    .attribute("s:mustUnderstand", "false")
                    .end_empty();
            }
        }
        if let Some(id) = &self.session_id {
            understood(writer, "p:SessionId", "false", id);
        }
        if let Some(id) = &self.operation_id {
            understood(
                writer,
                "p:OperationID",
                if self.is_retransmission {
                    "true"
                } else {
                    "false"
                },
                id,
            );
        }
        if let Some(id) = self.sequence_id {
            understood(writer, "p:SequenceId", "false", &id.to_string());
        }
        if let Some(id) = &self.activity_id {
            understood(writer, "p:ActivityId", "false", id);
        }
        if let Some(algorithm) = &self.compression {
            // With its own declaration, as not every envelope has one.
            writer
                .start("rsp:CompressionType")
                .attribute("xmlns:rsp", namespaces::SHELL);
            writer
                .attribute("s:mustUnderstand", "true")
                .text(algorithm)
                .end("rsp:CompressionType");
        }
        if !self.options.is_empty() {
            self.options.write(writer);
        }
        if !self.selectors.is_empty() {
            self.selectors.write(writer);
        }
        if let Some(timeout) = self.operation_timeout {
            writer.leaf("w:OperationTimeout", &write_seconds(timeout));
        }
    }

    fn read_block(&mut self, kind: Block, block: Element<'_, '_>) -> Result<(), Box<Fault>> {
        let text = block.trimmed();
        let owned = || text.to_owned();
        match kind {
            Block::To => self.to = owned(),
            Block::ResourceUri => self.resource_uri = owned(),
            Block::Action => self.action = owned(),
            Block::MessageId => self.message_id = owned(),
            Block::MaxEnvelopeSize => {
                let size = text
                    .parse()
                    .map_err(|_| invalid("MaxEnvelopeSize is not a number".to_owned()))?;
                self.max_envelope_size = Some(size);
            }
            Block::OperationTimeout => {
                let timeout = parse_duration(text).filter(|timeout| !timeout.is_zero());
                let timeout = timeout.ok_or_else(|| {
                    invalid("OperationTimeout is not a positive duration".to_owned())
                })?;
                self.operation_timeout = Some(timeout);
            }
            Block::Locale => self.locale = Some(language(block)?),
            Block::DataLocale => self.data_locale = Some(language(block)?),
            Block::SessionId => self.session_id = Some(uuid_block(block)?),
            Block::OperationId => {
                self.operation_id = Some(uuid_block(block)?);
                self.is_retransmission = must_understand(block);
            }
            Block::SequenceId => {
                let id = text
                    .parse()
                    .map_err(|_| invalid("SequenceId is not a number".to_owned()))?;
                self.sequence_id = Some(id);
            }
            Block::CompressionType => self.compression = Some(owned()),
            Block::OptionSet => {
                self.options = OptionSet::read(block).map_err(|error| malformed(&error))?
            }
            Block::SelectorSet => {
                self.selectors = SelectorSet::read(block).map_err(|error| malformed(&error))?
            }
            Block::ActivityId => self.activity_id = Some(text.chars().take(2048).collect()),
            Block::ReplyTo | Block::Understood => {}
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Box<Fault>> {
        if !is_uuid_uri(&self.message_id) {
            return Err(invalid("MessageID is not uuid: and a GUID".to_owned()));
        }
        // Host and path are not compared: proxies and aliases change them on the way.
        let scheme = self
            .to
            .split_once("://")
            .map(|(scheme, _)| scheme.to_ascii_lowercase());
        if !scheme.is_some_and(|scheme| matches!(scheme.as_str(), "http" | "https" | "unix"))
            && self.to != namespaces::ANONYMOUS
        {
            let reason = "The destination in the To header is not an absolute URI. ";
            return Err(Box::new(Fault::new(
                ErrorCode::DESTINATION_UNREACHABLE,
                reason,
            )));
        }
        if self.resource_uri.is_empty() {
            let reason = "The resource URI is missing or it has an incorrect format. ";
            return Err(Box::new(Fault::new(
                ErrorCode::INVALID_RESOURCE_URI,
                reason,
            )));
        }
        if self
            .max_envelope_size
            .is_some_and(|size| size < MIN_ENVELOPE_SIZE)
        {
            let reason =
                format!("The MaxEnvelopeSize is less than the minimum of {MIN_ENVELOPE_SIZE}. ");
            return Err(Box::new(Fault::new(ErrorCode::MIN_ENVELOPE_SIZE, reason)));
        }
        let names: Vec<_> = self
            .selectors
            .iter()
            .map(|(name, _)| name.to_ascii_lowercase())
            .collect();
        let is_twice = |(at, name)| names.iter().skip(at + 1).any(|other| other == name);
        if names.len() > 16 || names.iter().enumerate().any(is_twice) {
            let reason = "The SelectorSet has the same selector twice. ";
            return Err(Box::new(Fault::new(ErrorCode::DUPLICATE_SELECTORS, reason)));
        }
        Ok(())
    }
}

/// What stands in `s:Header` of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResponseHeaders {
    /// `a:Action`: that of the request with `Response` behind it, or that of a fault.
    pub action: String,
    /// `a:MessageID`
    pub message_id: String,
    /// `p:ActivityId`
    pub activity_id: Option<String>,
    /// `p:OperationID`, from servers that support retransmission.
    pub operation_id: Option<String>,
    /// `p:SequenceId`
    pub sequence_id: Option<u64>,
    /// `a:To`, the anonymous address.
    pub to: String,
    /// `a:RelatesTo`: the request's MessageID. Faults about requests that could not be read have none.
    pub relates_to: Option<String>,
    /// The headers that were not understood.
    pub not_understood: Vec<QualifiedName>,
}

impl ResponseHeaders {
    /// Headers with that action and a fresh MessageID.
    #[must_use]
    pub fn to_action(action: impl Into<String>, relates_to: Option<String>) -> Self {
        Self {
            action: action.into(),
            message_id: uuid_uri(Uuid::new_v4()),
            to: namespaces::ANONYMOUS.to_owned(),
            relates_to,
            ..Self::default()
        }
    }

    /// Reads what is there. Nothing is required: servers leave out what they cannot know.
    pub(crate) fn read(envelope: &Envelope<'_, '_>) -> Self {
        let [mut action, mut message_id, mut to, mut relates_to] = [const { None }; 4];
        let [mut activity_id, mut operation_id] = [const { None }; 2];
        let [mut sequence_id, mut sequence_id_of_others] = [const { None }; 2];
        // Once through, as answers come often and have little else in them. Of two the first counts.
        for block in envelope.header().into_iter().flat_map(Element::children) {
            let (namespace, found) = match block.name() {
                "Action" => (namespaces::ADDRESSING, &mut action),
                "MessageID" => (namespaces::ADDRESSING, &mut message_id),
                "To" => (namespaces::ADDRESSING, &mut to),
                "RelatesTo" => (namespaces::ADDRESSING, &mut relates_to),
                "ActivityId" => (namespaces::WSMAN_MICROSOFT, &mut activity_id),
                "OperationID" => (namespaces::WSMAN_MICROSOFT, &mut operation_id),
                "SequenceId" => (namespaces::WSMAN_MICROSOFT, &mut sequence_id),
                "SequenceID" => (namespaces::WSMAN_MICROSOFT, &mut sequence_id_of_others),
                _ => continue,
            };
            if block.namespace() == namespace {
                found.get_or_insert_with(|| block.trimmed().to_owned());
            }
        }
        let sequence_id = sequence_id.or(sequence_id_of_others);
        Self {
            action: action.unwrap_or_default(),
            message_id: message_id.unwrap_or_default(),
            activity_id,
            operation_id,
            sequence_id: sequence_id.and_then(|id| id.parse().ok()),
            to: to.unwrap_or_default(),
            relates_to,
            not_understood: envelope.not_understood(),
        }
    }

    /// Writes the blocks in the order of the Windows service.
    pub(crate) fn write(&self, writer: &mut XmlWriter) {
        for (index, name) in self.not_understood.iter().enumerate() {
            if name.namespace.is_empty() {
                writer
                    .start("s:NotUnderstood")
                    .attribute("qname", &name.name)
                    .end_empty();
                continue;
            }
            let prefix = format!("u{index}");
            writer
                .start("s:NotUnderstood")
                .attribute("qname", &format!("{prefix}:{}", name.name));
            writer
                .attribute(&format!("xmlns:{prefix}"), &name.namespace)
                .end_empty();
        }
        writer
            .leaf("a:Action", &self.action)
            .leaf("a:MessageID", &self.message_id);
        writer.optional_leaf("p:ActivityId", self.activity_id.as_deref());
        if let Some(id) = &self.operation_id {
            writer
                .start("p:OperationID")
                .attribute("s:mustUnderstand", "false")
                .text(id)
                .end("p:OperationID");
        }
        if let Some(id) = self.sequence_id {
            writer.leaf("p:SequenceId", &id.to_string());
        }
        writer
            .leaf("a:To", &self.to)
            .optional_leaf("a:RelatesTo", self.relates_to.as_deref());
    }
}

/// `uuid:` and the GUID in upper case, as ids of messages and sessions are written.
#[must_use]
pub fn uuid_uri(id: Uuid) -> String {
    format!("uuid:{:X}", id.hyphenated())
}

/// Whether `text` is `uuid:` (or `urn:uuid:`) and a GUID.
#[must_use]
pub fn is_uuid_uri(text: &str) -> bool {
    let after = |prefix: &str| {
        let (start, rest) = text.split_at_checked(prefix.len())?;
        start.eq_ignore_ascii_case(prefix).then_some(rest)
    };
    let guid = after("urn:uuid:").or_else(|| after("uuid:"));
    guid.is_some_and(|guid| guid.len() == 36 && Uuid::try_parse(guid).is_ok())
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Block {
    To,
    ResourceUri,
    ReplyTo,
    Action,
    MessageId,
    MaxEnvelopeSize,
    OperationTimeout,
    Locale,
    DataLocale,
    SessionId,
    OperationId,
    SequenceId,
    CompressionType,
    OptionSet,
    SelectorSet,
    ActivityId,
    /// Known, and without meaning for shells.
    Understood,
}

impl Block {
    fn of(block: Element<'_, '_>) -> Option<Self> {
        Some(match (block.namespace(), block.name()) {
            (namespaces::ADDRESSING, "To") => Self::To,
            (namespaces::ADDRESSING, "ReplyTo") => Self::ReplyTo,
            (namespaces::ADDRESSING, "Action") => Self::Action,
            (namespaces::ADDRESSING, "MessageID") => Self::MessageId,
            (namespaces::ADDRESSING, "FaultTo") => Self::Understood,
            (namespaces::WSMAN, "ResourceURI") => Self::ResourceUri,
            (namespaces::WSMAN, "MaxEnvelopeSize") => Self::MaxEnvelopeSize,
            (namespaces::WSMAN, "OperationTimeout") => Self::OperationTimeout,
            (namespaces::WSMAN, "Locale") => Self::Locale,
            (namespaces::WSMAN, "OptionSet") => Self::OptionSet,
            (namespaces::WSMAN, "SelectorSet") => Self::SelectorSet,
            (namespaces::WSMAN_MICROSOFT, "DataLocale") => Self::DataLocale,
            (namespaces::WSMAN_MICROSOFT, "SessionId") => Self::SessionId,
            (namespaces::WSMAN_MICROSOFT, "OperationID") => Self::OperationId,
            (namespaces::WSMAN_MICROSOFT, "SequenceId" | "SequenceID") => Self::SequenceId,
            (namespaces::WSMAN_MICROSOFT, "ActivityId") => Self::ActivityId,
            (namespaces::SHELL, "CompressionType") => Self::CompressionType,
            _ => return None,
        })
    }
}

pub(crate) fn must_understand(block: Element<'_, '_>) -> bool {
    block
        .attribute_in(namespaces::SOAP, "mustUnderstand")
        .is_some_and(is_true)
}

/// A block for another role is none of our business.
fn is_for_us(block: Element<'_, '_>) -> bool {
    block
        .attribute_in(namespaces::SOAP, "role")
        .is_none_or(|role| {
            role.is_empty()
                || role.ends_with("/role/next")
                || role.ends_with("/role/ultimateReceiver")
        })
}

fn check_reply_to(reply_to: Element<'_, '_>) -> Result<(), Box<Fault>> {
    let address = reply_to
        .child(namespaces::ADDRESSING, "Address")
        .ok_or_else(|| required("ReplyTo/Address"))?;
    if address.trimmed() == namespaces::ANONYMOUS {
        return Ok(());
    }
    let reason = "The ReplyTo address is not the anonymous one, and no other is supported. ";
    Err(Box::new(Fault::new(
        ErrorCode::ADDRESSING_MODE_NOT_SUPPORTED,
        reason,
    )))
}

fn language(block: Element<'_, '_>) -> Result<String, Box<Fault>> {
    let language = block.attribute_in(namespaces::XML, "lang");
    Ok(language
        .ok_or_else(|| invalid(format!("{} has no xml:lang", block.name())))?
        .to_owned())
}

fn uuid_block(block: Element<'_, '_>) -> Result<String, Box<Fault>> {
    let text = block.trimmed();
    if is_uuid_uri(text) {
        Ok(text.to_owned())
    } else {
        Err(invalid(format!("{} is not uuid: and a GUID", block.name())))
    }
}

fn required(name: &str) -> Box<Fault> {
    let reason = format!("The request does not have the required header {name}. ");
    Box::new(Fault::new(
        ErrorCode::MESSAGE_INFORMATION_HEADER_REQUIRED,
        reason,
    ))
}

fn invalid(what: String) -> Box<Fault> {
    let reason = format!("The request has an invalid SOAP header: {what}. ");
    Box::new(Fault::new(
        ErrorCode::INVALID_MESSAGE_INFORMATION_HEADER,
        reason,
    ))
}

fn malformed(error: &DecodeError) -> Box<Fault> {
    invalid(error.to_string())
}
