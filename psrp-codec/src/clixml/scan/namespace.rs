//! Namespaces: which elements are those of CLIXML.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "positions stay below the length of the input, which fits in 32 bits"
)]

use super::aside::split_at_byte;
use super::tag::kind_of;
use super::{Attribute, Scanner, Span, Start, malformed, too_large};
use crate::clixml::text;
use crate::{DecodeError, PsString};

/// Which namespaces elements may stand in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::clixml) enum Namespace {
    /// None: the form of messages.
    None,
    /// That of documents, by default or by prefix.
    Document,
}

const DOCUMENT_NAMESPACE: &str = "http://schemas.microsoft.com/powershell/2004/04";
const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// A namespace that was declared, for the elements at `depth` and below.
#[derive(Debug)]
pub(super) struct Binding {
    depth: usize,
    /// Empty for the default namespace.
    prefix: Span,
    uri: Uri,
    /// The place of the first binding to the same namespace, so that no more than two numbers are
    /// compared for each attribute that has a prefix.
    namespace: usize,
    /// Whether it is the one that elements must stand in.
    ours: bool,
}

/// What a declaration gives as the name of a namespace.
#[derive(Debug)]
enum Uri {
    AsWritten(Span),
    /// It had references in it.
    Made(PsString),
}

/// The name of an attribute with a prefix, once the prefix is resolved.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExpandedName {
    namespace: usize,
    local: Span,
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
        // Quotes are around it, so that it is text as the whole input is.
        let raw = str::from_utf8(value.value.of(self.xml)).unwrap_or_default();
        let meant = text::attribute(raw, value.indirect);
        let uri = meant.as_str().unwrap_or("\u{FFFD}");
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
            Namespace::Document => uri == DOCUMENT_NAMESPACE,
        };
        let uri = match value.indirect {
            false => Uri::AsWritten(value.value),
            true => Uri::Made(meant.into_string()),
        };
        let mut known = self.scratch.bindings.iter();
        let namespace = known
            .position(|binding| self.is_same(&binding.uri, &uri))
            .unwrap_or(self.scratch.bindings.len());
        self.scratch.bindings.push(Binding {
            depth,
            prefix,
            uri,
            namespace,
            ours,
        });
        Ok(true)
    }

    fn is_same(&self, one: &Uri, other: &Uri) -> bool {
        match (one, other) {
            (Uri::AsWritten(one), Uri::AsWritten(other)) => one.of(self.xml) == other.of(self.xml),
            (Uri::Made(one), Uri::Made(other)) => one == other,
            (Uri::Made(made), Uri::AsWritten(raw)) | (Uri::AsWritten(raw), Uri::Made(made)) => made
                .as_str()
                .is_some_and(|made| made.as_bytes() == raw.of(self.xml)),
        }
    }

    /// Finds the namespace of an element, and that every prefix has been declared and no attribute
    /// is there twice.
    #[cold]
    pub(super) fn resolve(&mut self, start: &mut Start) -> Result<(), DecodeError> {
        let name = start.name.of(self.xml);
        let undeclared = || malformed(start.at, "a prefix is not declared");
        let ours = match split_at_byte(name, b':') {
            Some((prefix, local)) => {
                let ours = if prefix == b"xml" {
                    Some(false)
                } else {
                    self.binding(prefix).map(|binding| binding.ours)
                };
                start.kind = kind_of(local);
                ours.ok_or_else(undeclared)?
            }
            None => self
                .binding(b"")
                .map_or(self.namespace == Namespace::None, |binding| binding.ours),
        };
        if !ours {
            start.kind = None;
        }
        if start.others {
            self.expand(start.at)?;
        }
        Ok(())
    }

    /// Finds the namespaces of the attributes of the element at `at`: two names of an attribute
    /// that are written differently may be the same one.
    fn expand(&mut self, at: usize) -> Result<(), DecodeError> {
        self.scratch.expanded.clear();
        for index in 0..self.scratch.attributes.len() {
            let name = self.scratch.attributes.get(index).copied();
            let name = name.unwrap_or_default();
            let Some((prefix, local)) = split_at_byte(name.of(self.xml), b':') else {
                continue;
            };
            // Nothing else can stand for these two.
            if matches!(prefix, b"xml" | b"xmlns") {
                continue;
            }
            let Some(binding) = self.binding(prefix) else {
                return Err(malformed(at, "a prefix is not declared"));
            };
            let mut others = self.scratch.expanded.iter();
            if others
                .any(|each| each.namespace == binding.namespace && each.local.of(self.xml) == local)
            {
                return Err(malformed(
                    name.start as usize,
                    "an attribute is there twice, under two prefixes of one namespace",
                ));
            }
            let expanded = ExpandedName {
                namespace: binding.namespace,
                local: Span::new(name.end as usize - local.len(), name.end as usize),
            };
            self.scratch.expanded.push(expanded);
        }
        Ok(())
    }

    /// What `prefix` stands for; `None` when it is not declared.
    fn binding(&self, prefix: &[u8]) -> Option<&Binding> {
        let mut bindings = self.scratch.bindings.iter().rev();
        bindings.find(|binding| binding.prefix.of(self.xml) == prefix)
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
