//! Finds header and body in an envelope.

use super::error::{DecodeError, DecodeErrorKind};
use super::fault::QualifiedName;
use super::tree::{Element, Tree};
use crate::namespaces;

/// `s:Envelope`: a header that may be missing and a body.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'t, 'x> {
    header: Option<Element<'t, 'x>>,
    body: Element<'t, 'x>,
}

impl<'t, 'x> Envelope<'t, 'x> {
    /// The envelope that `tree` is.
    pub fn new(tree: &'t Tree<'x>) -> Result<Self, DecodeError> {
        let root = tree.root();
        if root.name() != "Envelope" {
            let kind = DecodeErrorKind::Unexpected(root.name().chars().take(80).collect());
            return Err(DecodeError::new("Envelope", root.offset(), kind));
        }
        if root.namespace() != namespaces::SOAP {
            let kind = DecodeErrorKind::SoapVersion(root.namespace().chars().take(200).collect());
            return Err(DecodeError::new("Envelope", root.offset(), kind));
        }
        let body = root.child(namespaces::SOAP, "Body").ok_or_else(|| {
            DecodeError::new("Envelope", root.offset(), DecodeErrorKind::Missing("Body"))
        })?;
        Ok(Self {
            header: root.child(namespaces::SOAP, "Header"),
            body,
        })
    }

    /// `s:Header`
    #[must_use]
    pub fn header(&self) -> Option<Element<'t, 'x>> {
        self.header
    }

    /// `s:Body`
    #[must_use]
    pub fn body(&self) -> Element<'t, 'x> {
        self.body
    }

    /// Whether the body is a fault, which is the only sure sign of one.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        self.body.child(namespaces::SOAP, "Fault").is_some()
    }

    /// The header block of that namespace and name.
    #[must_use]
    pub fn header_block(&self, namespace: &str, name: &str) -> Option<Element<'t, 'x>> {
        self.header?.child(namespace, name)
    }

    /// The element of that name in the body, in the shell namespace.
    pub(crate) fn shell_body(&self, name: &'static str) -> Result<Element<'t, 'x>, DecodeError> {
        self.required_body(namespaces::SHELL, name)
    }

    /// The element of that namespace and name in the body.
    pub(crate) fn required_body(
        &self,
        namespace: &str,
        name: &'static str,
    ) -> Result<Element<'t, 'x>, DecodeError> {
        self.body.child(namespace, name).ok_or_else(|| {
            DecodeError::new("Body", self.body.offset(), DecodeErrorKind::Missing(name))
        })
    }

    /// The names in `s:NotUnderstood` blocks.
    pub(crate) fn not_understood(&self) -> Vec<QualifiedName> {
        let blocks = self.header.into_iter().flat_map(Element::children);
        let blocks = blocks.filter(|block| block.is(namespaces::SOAP, "NotUnderstood"));
        blocks
            .filter_map(|block| {
                let (namespace, name) = block.resolve_name(block.attribute("qname")?);
                Some(QualifiedName {
                    namespace: namespace.unwrap_or_default().to_owned(),
                    name: name.to_owned(),
                })
            })
            .collect()
    }
}
