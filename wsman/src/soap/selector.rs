//! Selectors, which say on which resource to operate, and options, which say how.

use super::error::{DecodeError, DecodeErrorKind};
use super::tree::{Element, is_true};
use super::writer::XmlWriter;
use crate::namespaces;

/// `w:SelectorSet`: the key of a resource. Shells have one selector, `ShellId`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SelectorSet {
    selectors: Vec<(String, String)>,
}

impl SelectorSet {
    /// No selectors.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The key of one shell.
    pub fn shell(id: impl Into<String>) -> Self {
        Self {
            selectors: vec![("ShellId".to_owned(), id.into())],
        }
    }

    /// Adds a selector.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.selectors.push((name.into(), value.into()));
        self
    }

    /// The value of a selector. Names are compared without regard to case, as samples and servers differ in it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// All selectors in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.selectors
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.selectors.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.selectors.len()
    }

    /// Reads a `w:SelectorSet`. A selector that is itself an address is not one of a shell and is refused.
    pub(crate) fn read(set: Element<'_, '_>) -> Result<Self, DecodeError> {
        let mut selectors = Vec::new();
        for selector in set.children() {
            let wrong = |kind| DecodeError::new("Selector", selector.offset(), kind);
            if !selector.is(namespaces::WSMAN, "Selector") || selector.children().next().is_some() {
                return Err(wrong(DecodeErrorKind::Unexpected(
                    selector.name().to_owned(),
                )));
            }
            let name = selector
                .attribute("Name")
                .ok_or_else(|| wrong(DecodeErrorKind::Missing("Name")))?;
            selectors.push((name.to_owned(), selector.trimmed().to_owned()));
        }
        Ok(Self { selectors })
    }

    /// `<w:SelectorSet><w:Selector Name="ShellId">…</w:Selector></w:SelectorSet>`
    pub(crate) fn write(&self, writer: &mut XmlWriter) {
        writer.start("w:SelectorSet");
        for (name, value) in self.iter() {
            writer
                .start("w:Selector")
                .attribute("Name", name)
                .text(value)
                .end("w:Selector");
        }
        writer.end("w:SelectorSet");
    }
}

/// `w:OptionSet`: settings of one operation that the resource may know.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct OptionSet {
    options: Vec<WsManOption>,
}

/// One `w:Option`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct WsManOption {
    /// What is set.
    pub name: String,
    /// The value as text; empty also where `xsi:nil` stands for it.
    pub value: String,
    /// Whether a resource that does not know the option has to refuse the request.
    pub must_comply: bool,
    /// The type as written. It is not resolved: one client's prefix for it is bound to nothing.
    pub type_name: Option<String>,
}

impl WsManOption {
    /// The value as a boolean, in any of the spellings that clients use.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.value.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }
}

impl OptionSet {
    /// No options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an option that a resource may ignore.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.push(WsManOption {
            name: name.into(),
            value: value.into(),
            ..WsManOption::default()
        });
        self
    }

    /// Adds an option that a resource has to know.
    #[must_use]
    pub fn with_mandatory(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.push(WsManOption {
            name: name.into(),
            value: value.into(),
            must_comply: true,
            type_name: None,
        });
        self
    }

    /// The option of that name, without regard to case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&WsManOption> {
        self.options
            .iter()
            .find(|option| option.name.eq_ignore_ascii_case(name))
    }

    /// All options in order.
    pub fn iter(&self) -> impl Iterator<Item = &WsManOption> {
        self.options.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.options.is_empty()
    }

    /// Whether `name` is an option that the protocol defines for shells of all kinds.
    #[must_use]
    pub fn is_standard_option(name: &str) -> bool {
        let standard = [
            "WINRS_NOPROFILE",
            "WINRS_CODEPAGE",
            "WINRS_CONSOLEMODE_STDIN",
            "WINRS_SKIP_CMD_SHELL",
            "WSMAN_CMDSHELL_OPTION_KEEPALIVE",
        ];
        standard
            .iter()
            .any(|option| option.eq_ignore_ascii_case(name))
    }

    pub(crate) fn read(set: Element<'_, '_>) -> Result<Self, DecodeError> {
        let mut options = Vec::new();
        for option in set.children() {
            let wrong = |kind| DecodeError::new("Option", option.offset(), kind);
            if !option.is(namespaces::WSMAN, "Option") {
                return Err(wrong(DecodeErrorKind::Unexpected(option.name().to_owned())));
            }
            options.push(WsManOption {
                name: option
                    .attribute("Name")
                    .ok_or_else(|| wrong(DecodeErrorKind::Missing("Name")))?
                    .to_owned(),
                value: option.text().to_owned(),
                must_comply: option.attribute("MustComply").is_some_and(is_true),
                type_name: option.attribute("Type").map(str::to_owned),
            });
        }
        Ok(Self { options })
    }

    pub(crate) fn write(&self, writer: &mut XmlWriter) {
        writer
            .start("w:OptionSet")
            .attribute("s:mustUnderstand", "true");
        for option in &self.options {
            writer.start("w:Option").attribute("Name", &option.name);
            if option.must_comply {
                writer.attribute("MustComply", "true");
            }
            writer
                .optional_attribute("Type", option.type_name.as_deref())
                .text(&option.value)
                .end("w:Option");
        }
        writer.end("w:OptionSet");
    }
}
