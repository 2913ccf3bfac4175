//! Create: a client makes a shell.

use std::time::Duration;

use bytes::Bytes;

use super::description::{read_idle_timeout, write_environment};
use super::{BufferMode, ShellDescription, ShellId, StreamSet};
use crate::namespaces::{self, action};
use crate::soap::{
    Body, DecodeError, DecodeErrorKind, Envelope, Namespace, RequestBody, SelectorSet, XmlWriter,
    decode_base64, parse_duration, write_seconds,
};

/// Asks for a shell. What kind of shell is said by the resource URI, and how it is made by the options.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Create {
    /// The id that the client proposes. Without one the server invents it.
    pub shell_id: Option<ShellId>,
    /// A name for people.
    pub name: Option<String>,
    /// Environment variables, in order.
    pub environment: Vec<(String, String)>,
    /// The working directory.
    pub working_directory: Option<String>,
    /// How long the shell lives at most; rarely used.
    pub lifetime: Option<Duration>,
    /// After how much silence the server ends the shell.
    pub idle_timeout: Option<Duration>,
    /// The input streams that the client will use.
    pub input_streams: StreamSet,
    /// The output streams that it wants to receive.
    pub output_streams: StreamSet,
    /// What happens to output while nobody takes it.
    pub buffer_mode: Option<BufferMode>,
    /// The first bytes for the shell, from the open content `creationXml`.
    pub creation: Option<Bytes>,
}

impl Body for Create {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Shell];

    fn write(&self, writer: &mut XmlWriter) {
        writer.start("rsp:Shell");
        writer.optional_attribute("ShellId", self.shell_id.as_ref().map(ShellId::as_str));
        writer.optional_attribute("Name", self.name.as_deref());
        write_environment(&self.environment, writer);
        writer.optional_leaf("rsp:WorkingDirectory", self.working_directory.as_deref());
        writer.optional_leaf("rsp:Lifetime", self.lifetime.map(write_seconds).as_deref());
        writer.optional_leaf(
            "rsp:IdleTimeOut",
            self.idle_timeout.map(write_seconds).as_deref(),
        );
        writer.leaf("rsp:InputStreams", &self.input_streams.to_string());
        writer.leaf("rsp:OutputStreams", &self.output_streams.to_string());
        writer.optional_leaf(
            "rsp:BufferMode",
            self.buffer_mode.as_ref().map(BufferMode::as_str),
        );
        if let Some(creation) = &self.creation {
            write_open_content("creationXml", creation, writer);
        }
        writer.end("rsp:Shell");
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let shell = envelope.shell_body("Shell")?;
        let mut create = Self {
            shell_id: shell.attribute("ShellId").map(ShellId::from),
            name: shell.attribute("Name").map(str::to_owned),
            ..Self::default()
        };
        for child in shell.children() {
            let text = || child.trimmed().to_owned();
            let duration = |item| {
                let kind = || DecodeErrorKind::value("a duration", child.trimmed());
                parse_duration(child.trimmed())
                    .ok_or_else(|| DecodeError::new(item, child.offset(), kind()))
            };
            match (child.namespace(), child.name()) {
                _ if child.is_nil() => {}
                (namespaces::SHELL, "Name") => create.name = Some(text()),
                (namespaces::SHELL, "Environment") => {
                    create.environment = super::description::read_environment(child)?;
                }
                (namespaces::SHELL, "WorkingDirectory") => {
                    create.working_directory = Some(child.text().to_owned())
                }
                (namespaces::SHELL, "Lifetime") => create.lifetime = Some(duration("Lifetime")?),
                (namespaces::SHELL, name) if name.eq_ignore_ascii_case("IdleTimeOut") => {
                    create.idle_timeout = Some(read_idle_timeout(child)?);
                }
                (namespaces::SHELL, "InputStreams") => {
                    create.input_streams = StreamSet::parse(child.text())
                }
                (namespaces::SHELL, "OutputStreams") => {
                    create.output_streams = StreamSet::parse(child.text())
                }
                (namespaces::SHELL, "BufferMode") => {
                    create.buffer_mode = Some(BufferMode::read(child)?)
                }
                (namespaces::OPEN_CONTENT, "creationXml") => {
                    create.creation =
                        Some(decode_base64(child.text(), "creationXml", child.offset())?.into());
                }
                // In the wrong namespace it would be lost without a word.
                (_, "creationXml") => {
                    let kind = DecodeErrorKind::Unexpected("creationXml".to_owned());
                    return Err(DecodeError::new("Shell", child.offset(), kind));
                }
                _ => {}
            }
        }
        Ok(create)
    }
}

impl RequestBody for Create {
    const ACTION: &'static str = action::CREATE;
    type Response = CreateResponse;
}

/// Says which shell was made and what it is like.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateResponse {
    /// Where the shell is to be found.
    pub reference: EndpointReference,
    /// The shell with its effective settings. Some servers leave it out.
    pub shell: Option<ShellDescription>,
}

/// `a:EndpointReference`: an address with the key of a resource.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EndpointReference {
    /// The URL of the endpoint; of no use, as servers give what they like.
    pub address: String,
    /// The kind of resource.
    pub resource_uri: String,
    /// Which one.
    pub selectors: SelectorSet,
}

impl CreateResponse {
    /// The answer for a shell with that description.
    #[must_use]
    pub fn new(address: impl Into<String>, shell: ShellDescription) -> Self {
        Self {
            reference: EndpointReference {
                address: address.into(),
                resource_uri: shell.resource_uri.clone().unwrap_or_default(),
                selectors: SelectorSet::shell(shell.shell_id.as_str()),
            },
            shell: Some(shell),
        }
    }

    /// The id of the shell, from wherever the server has put it.
    #[must_use]
    pub fn shell_id(&self) -> Option<ShellId> {
        let selector = self
            .reference
            .selectors
            .get("ShellId")
            .filter(|id| !id.is_empty());
        selector
            .map(ShellId::from)
            .or_else(|| Some(self.shell.as_ref()?.shell_id.clone()))
    }
}

impl Body for CreateResponse {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Transfer, Namespace::Shell];

    fn write(&self, writer: &mut XmlWriter) {
        writer.start("x:ResourceCreated");
        self.reference.write(writer);
        writer.end("x:ResourceCreated");
        if let Some(shell) = &self.shell {
            shell.write(writer);
        }
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let created = envelope
            .body()
            .child(namespaces::TRANSFER, "ResourceCreated");
        let shell = envelope.body().child(namespaces::SHELL, "Shell");
        if created.is_none() && shell.is_none() {
            let kind = DecodeErrorKind::Missing("ResourceCreated");
            return Err(DecodeError::new("Body", envelope.body().offset(), kind));
        }
        Ok(Self {
            reference: created
                .map(EndpointReference::read)
                .transpose()?
                .unwrap_or_default(),
            shell: shell.map(ShellDescription::read).transpose()?,
        })
    }
}

impl EndpointReference {
    pub(crate) fn write(&self, writer: &mut XmlWriter) {
        writer
            .leaf("a:Address", &self.address)
            .start("a:ReferenceParameters");
        writer.leaf("w:ResourceURI", &self.resource_uri);
        self.selectors.write(writer);
        writer.end("a:ReferenceParameters");
    }

    pub(crate) fn read(element: crate::soap::Element<'_, '_>) -> Result<Self, DecodeError> {
        // Some servers wrap it in an a:EndpointReference.
        let element = element
            .child(namespaces::ADDRESSING, "EndpointReference")
            .unwrap_or(element);
        let address = element.child(namespaces::ADDRESSING, "Address");
        let parameters = element.child(namespaces::ADDRESSING, "ReferenceParameters");
        let parameter =
            |name| parameters.and_then(|parameters| parameters.child(namespaces::WSMAN, name));
        Ok(Self {
            address: address
                .map(|address| address.trimmed().to_owned())
                .unwrap_or_default(),
            resource_uri: parameter("ResourceURI")
                .map(|uri| uri.trimmed().to_owned())
                .unwrap_or_default(),
            selectors: parameter("SelectorSet")
                .map(SelectorSet::read)
                .transpose()?
                .unwrap_or_default(),
        })
    }
}

/// `<creationXml xmlns="…">base64</creationXml>`
pub(crate) fn write_open_content(name: &str, data: &[u8], writer: &mut XmlWriter) {
    writer
        .start(name)
        .attribute("xmlns", namespaces::OPEN_CONTENT)
        .base64(data)
        .end(name);
}
