//! Enumerate: lists shells, or the commands of a shell.

use super::{CommandDescription, EndpointReference, ShellDescription, ShellId};
use crate::namespaces::{self, action};
use crate::soap::{
    Body, DecodeError, DecodeErrorKind, Element, Envelope, Namespace, RequestBody, SelectorSet,
    XmlElement, XmlWriter,
};

/// Begins a listing of the resource that the resource URI names.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Enumerate {
    /// Whether the first items may come in this answer already.
    pub optimize: bool,
    /// How many items the answer may hold; of use only with [`optimize`](Self::optimize).
    pub max_elements: Option<u32>,
    /// Which items are wanted.
    pub filter: Option<EnumerationFilter>,
    /// What the items are.
    pub mode: EnumerationMode,
    /// When the client expects the listing to lapse, as written.
    pub expires: Option<String>,
    /// `w:PolymorphismMode`, which has no meaning for shells, as written.
    pub polymorphism: Option<String>,
}

/// `w:Filter`
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EnumerationFilter {
    /// The URI of its language. Without one it is XPath.
    pub dialect: Option<String>,
    /// The selectors, where the dialect is [`SELECTOR_FILTER`](namespaces::SELECTOR_FILTER).
    pub selectors: SelectorSet,
    /// The text, in other dialects.
    pub text: String,
}

/// `w:EnumerationMode`
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum EnumerationMode {
    /// The objects.
    #[default]
    Objects,
    /// Their addresses.
    References,
    /// Both.
    ObjectsAndReferences,
}

impl Enumerate {
    /// Lists shells, as much as possible in one answer.
    #[must_use]
    pub fn shells() -> Self {
        Self {
            optimize: true,
            max_elements: Some(32_000),
            ..Self::default()
        }
    }

    /// Lists the commands of one shell.
    #[must_use]
    pub fn commands_of(shell: &ShellId) -> Self {
        Self {
            filter: Some(EnumerationFilter::shell(shell)),
            ..Self::shells()
        }
    }
}

impl EnumerationFilter {
    /// The items that belong to one shell.
    #[must_use]
    pub fn shell(shell: &ShellId) -> Self {
        Self {
            dialect: Some(namespaces::SELECTOR_FILTER.to_owned()),
            selectors: SelectorSet::shell(shell.as_str()),
            text: String::new(),
        }
    }
}

impl EnumerationMode {
    fn as_str(self) -> &'static str {
        match self {
            Self::Objects => "EnumerateObjects",
            Self::References => "EnumerateEPR",
            Self::ObjectsAndReferences => "EnumerateObjectAndEPR",
        }
    }
}

impl Body for Enumerate {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Enumeration];

    fn write(&self, writer: &mut XmlWriter) {
        if *self == Self::default() {
            writer.empty("n:Enumerate");
            return;
        }
        writer.start("n:Enumerate");
        writer.optional_leaf("n:Expires", self.expires.as_deref());
        if self.optimize {
            writer.empty("w:OptimizeEnumeration");
        }
        writer.optional_leaf(
            "w:MaxElements",
            self.max_elements.map(|max| max.to_string()).as_deref(),
        );
        if let Some(filter) = &self.filter {
            writer
                .start("w:Filter")
                .optional_attribute("Dialect", filter.dialect.as_deref())
                .text(&filter.text);
            if !filter.selectors.is_empty() {
                filter.selectors.write(writer);
            }
            writer.end("w:Filter");
        }
        if self.mode != EnumerationMode::Objects {
            writer.leaf("w:EnumerationMode", self.mode.as_str());
        }
        writer
            .optional_leaf("w:PolymorphismMode", self.polymorphism.as_deref())
            .end("n:Enumerate");
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let enumerate = envelope.required_body(namespaces::ENUMERATION, "Enumerate")?;
        let mut read = Self::default();
        for child in enumerate.children() {
            let wrong = |expected| {
                DecodeError::new(
                    "Enumerate",
                    child.offset(),
                    DecodeErrorKind::value(expected, child.trimmed()),
                )
            };
            match (child.namespace(), child.name()) {
                (namespaces::WSMAN, "OptimizeEnumeration") => read.optimize = true,
                (namespaces::WSMAN | namespaces::ENUMERATION, "MaxElements") => {
                    read.max_elements = Some(
                        child
                            .trimmed()
                            .parse()
                            .map_err(|_| wrong("a number of items"))?,
                    );
                }
                (namespaces::WSMAN, "Filter") => read.filter = Some(read_filter(child)?),
                (namespaces::WSMAN, "EnumerationMode") => {
                    use EnumerationMode::{Objects, ObjectsAndReferences, References};
                    let mut modes = [Objects, References, ObjectsAndReferences].into_iter();
                    let mode = modes.find(|mode| mode.as_str() == child.trimmed());
                    read.mode = mode.ok_or_else(|| wrong("an enumeration mode"))?;
                }
                (namespaces::ENUMERATION, "Expires") => {
                    read.expires = Some(child.trimmed().to_owned())
                }
                (namespaces::WSMAN, "PolymorphismMode") => {
                    read.polymorphism = Some(child.trimmed().to_owned())
                }
                _ => {}
            }
        }
        Ok(read)
    }
}

impl RequestBody for Enumerate {
    const ACTION: &'static str = action::ENUMERATE;
    type Response = EnumerateResponse;
}

/// The beginning of a listing, or all of it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EnumerateResponse {
    /// Names the listing for Pull; empty where everything is here.
    pub context: String,
    /// The first items.
    pub items: Vec<EnumerationItem>,
    /// Whether nothing follows.
    pub end_of_sequence: bool,
}

/// An item of a listing.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum EnumerationItem {
    /// A shell.
    Shell(Box<ShellDescription>),
    /// A command.
    Command(CommandDescription),
    /// An address.
    Reference(EndpointReference),
    /// A shell and its address.
    ShellAndReference(Box<ShellDescription>, EndpointReference),
    /// Anything else.
    Other(XmlElement),
}

impl Body for EnumerateResponse {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Enumeration];

    fn write(&self, writer: &mut XmlWriter) {
        writer
            .start("n:EnumerateResponse")
            .leaf("n:EnumerationContext", &self.context);
        if !self.items.is_empty() {
            writer.start("w:Items");
            for item in &self.items {
                item.write(writer);
            }
            writer.end("w:Items");
        }
        if self.end_of_sequence {
            writer.empty("w:EndOfSequence");
        }
        writer.end("n:EnumerateResponse");
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let response = envelope.required_body(namespaces::ENUMERATION, "EnumerateResponse")?;
        let (context, items, end_of_sequence) = read_page(response)?;
        Ok(Self {
            context,
            items,
            end_of_sequence,
        })
    }
}

impl EnumerationItem {
    pub(crate) fn write(&self, writer: &mut XmlWriter) {
        let reference = |reference: &EndpointReference, writer: &mut XmlWriter| {
            writer.start("a:EndpointReference");
            reference.write(writer);
            writer.end("a:EndpointReference");
        };
        match self {
            Self::Shell(shell) => shell.write(writer),
            Self::Command(command) => command.write(writer),
            Self::Reference(it) => reference(it, writer),
            Self::ShellAndReference(shell, it) => {
                writer.start("w:Item");
                shell.write(writer);
                reference(it, writer);
                writer.end("w:Item");
            }
            Self::Other(element) => {
                writer.element(element);
            }
        }
    }

    fn read(item: Element<'_, '_>) -> Result<Self, DecodeError> {
        let is_shell = |item: Element<'_, '_>| {
            item.name() == "Shell"
                && matches!(item.namespace(), namespaces::SHELL | namespaces::SHELL_CIM)
        };
        if is_shell(item) {
            return Ok(Self::Shell(Box::new(ShellDescription::read(item)?)));
        }
        match (item.namespace(), item.name()) {
            (namespaces::SHELL, "Command") => Ok(Self::Command(CommandDescription::read(item)?)),
            (namespaces::ADDRESSING, "EndpointReference") => {
                Ok(Self::Reference(EndpointReference::read(item)?))
            }
            (namespaces::WSMAN, "Item") => {
                let shell = item.children().find(|child| is_shell(*child));
                let reference = item.child(namespaces::ADDRESSING, "EndpointReference");
                match (shell, reference) {
                    (Some(shell), Some(reference)) => {
                        let shell = Box::new(ShellDescription::read(shell)?);
                        Ok(Self::ShellAndReference(
                            shell,
                            EndpointReference::read(reference)?,
                        ))
                    }
                    _ => Ok(Self::Other(item.to_owned_element())),
                }
            }
            _ => Ok(Self::Other(item.to_owned_element())),
        }
    }
}

/// Context, items and end marker. The two namespaces swap their places between Enumerate and Pull, so both are read.
pub(crate) fn read_page(
    response: Element<'_, '_>,
) -> Result<(String, Vec<EnumerationItem>, bool), DecodeError> {
    let find = |name| {
        let in_wsman = response.child(namespaces::WSMAN, name);
        in_wsman.or_else(|| response.child(namespaces::ENUMERATION, name))
    };
    let context = find("EnumerationContext")
        .map(|context| context.trimmed().to_owned())
        .unwrap_or_default();
    let items = find("Items")
        .into_iter()
        .flat_map(Element::children)
        .map(EnumerationItem::read);
    Ok((
        context,
        items.collect::<Result<_, _>>()?,
        find("EndOfSequence").is_some(),
    ))
}

fn read_filter(filter: Element<'_, '_>) -> Result<EnumerationFilter, DecodeError> {
    let selectors = filter.child(namespaces::WSMAN, "SelectorSet");
    Ok(EnumerationFilter {
        dialect: filter.attribute("Dialect").map(str::to_owned),
        selectors: selectors
            .map(SelectorSet::read)
            .transpose()?
            .unwrap_or_default(),
        text: filter.trimmed().to_owned(),
    })
}
