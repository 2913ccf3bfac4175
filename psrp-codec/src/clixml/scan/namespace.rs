//! Namespaces: which elements are those of CLIXML.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "positions stay below the length of the input, which fits in 32 bits"
)]

use super::aside::split_at_byte;
use super::tag::kind_of;
use super::{Attribute, Scanner, Span, Start, malformed, too_large};
use crate::DecodeError;

/// Which namespaces elements may stand in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::clixml) enum Namespace {
    /// None: the form of messages.
    None,
    /// That of documents, by default or by prefix.
    Document,
}

const DOCUMENT_NAMESPACE: &[u8] = b"http://schemas.microsoft.com/powershell/2004/04";
const XML_NAMESPACE: &[u8] = b"http://www.w3.org/XML/1998/namespace";
const XMLNS_NAMESPACE: &[u8] = b"http://www.w3.org/2000/xmlns/";

/// A namespace that was declared, for the elements at `depth` and below.
#[derive(Clone, Copy, Debug)]
pub(super) struct Binding {
    depth: usize,
    /// Empty for the default namespace.
    prefix: Span,
    /// Whether it is the one that elements must stand in.
    ours: bool,
}

impl Scanner<'_, '_> {
    /// Whether an element without a prefix is in the right namespace for certain.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        match (self.namespace, self.scratch.bindings.as_slice()) {
            (Namespace::None, []) => true,
            (Namespace::Document, [only]) => only.ours && only.prefix == Span::default(),
            _ => false,
        }
    }

    /// Takes an attribute as the declaration of a namespace; whether it is one.
    pub(super) fn declare(
        &mut self,
        name: Span,
        value: Attribute,
        depth: usize,
    ) -> Result<bool, DecodeError> {
        let (text, name_start) = (name.of(self.xml), name.start as usize);
        let prefix = match text.strip_prefix(b"xmlns") {
            Some([]) => Span::default(),
            Some([b':', prefix @ ..]) if !prefix.is_empty() => {
                Span::new(name_start + 6, name_start + text.len())
            }
            _ => return Ok(false),
        };
        let uri = value.value.of(self.xml);
        // Two namespaces have their prefixes, and no other prefix has them.
        let reserved = uri == XML_NAMESPACE || uri == XMLNS_NAMESPACE;
        let bound = match prefix.of(self.xml) {
            b"xml" => uri == XML_NAMESPACE,
            b"xmlns" => false,
            b"" => !reserved,
            _ => !uri.is_empty() && !reserved,
        };
        if !bound {
            return Err(malformed(
                name_start,
                "a namespace cannot be declared like this",
            ));
        }
        // Each prefix is looked for among all of them.
        let count = self.scratch.bindings.len() + 1;
        if count > self.attributes {
            return Err(too_large(name_start, "attributes", count, self.attributes));
        }
        let ours = match self.namespace {
            Namespace::None => uri.is_empty(),
            Namespace::Document => uri == DOCUMENT_NAMESPACE && !value.indirect,
        };
        self.scratch.bindings.push(Binding {
            depth,
            prefix,
            ours,
        });
        Ok(true)
    }

    /// Finds the namespace of an element, and that every prefix has been declared.
    #[cold]
    pub(super) fn resolve(&self, start: &mut Start) -> Result<(), DecodeError> {
        let name = start.name.of(self.xml);
        let undeclared = || malformed(start.at, "a prefix is not declared");
        let ours = match split_at_byte(name, b':') {
            Some((prefix, local)) => {
                let ours = if prefix == b"xml" {
                    Some(false)
                } else {
                    self.binding(prefix)
                };
                start.kind = kind_of(local);
                ours.ok_or_else(undeclared)?
            }
            None => self
                .binding(b"")
                .unwrap_or(self.namespace == Namespace::None),
        };
        if !ours {
            start.kind = None;
        }
        if start.others {
            for attribute in &self.scratch.attributes {
                if let Some((prefix, _)) = split_at_byte(attribute.of(self.xml), b':')
                    && !matches!(prefix, b"xml" | b"xmlns")
                    && self.binding(prefix).is_none()
                {
                    return Err(undeclared());
                }
            }
        }
        Ok(())
    }

    /// Whether `prefix` names our namespace; `None` when it is not declared.
    fn binding(&self, prefix: &[u8]) -> Option<bool> {
        let found = self
            .scratch
            .bindings
            .iter()
            .rev()
            .find(|b| b.prefix.of(self.xml) == prefix);
        found.map(|binding| binding.ours)
    }

    /// Forgets the namespaces that an element at `depth` declared.
    #[inline]
    pub(in crate::clixml) fn leave(&mut self, depth: usize) {
        while self
            .scratch
            .bindings
            .last()
            .is_some_and(|binding| binding.depth >= depth)
        {
            self.scratch.bindings.pop();
        }
    }
}
