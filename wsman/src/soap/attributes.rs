//! What stands behind the name in a start tag: attributes, and what prefixes mean from there on.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::events::attributes::Attributes as RawAttributes;

use super::error::{DecodeError, DecodeErrorKind};
use super::parser::{Parser, checked_name, not_xml, one_line_end};
use super::tree::{AttributeData, Binding, NO_NAMESPACE, XML_NAMESPACE};

impl<'x> Parser<'_, 'x, '_> {
    /// Reads what stands behind the name in a start tag: declarations and other attributes.
    ///
    /// A declaration holds for the whole tag it stands in, so prefixes are looked up when all of it has been read.
    pub(super) fn read_attributes(
        &mut self,
        inside: &'x str,
        name_len: usize,
        offset: usize,
    ) -> Result<(Range<usize>, Range<usize>), DecodeError> {
        let first = self.tree.attributes.len();
        let first_binding = self.tree.bindings.len();
        let mut prefixed = Vec::new();
        let mut count = 0;
        for attribute in RawAttributes::new(inside, name_len).with_checks(false) {
            let attribute = attribute.map_err(|error| not_xml(offset, &error))?;
            count += 1;
            if count > self.limits.attributes {
                return self.too_many(
                    "the attributes of one element",
                    self.limits.attributes,
                    offset,
                );
            }
            match checked_name(attribute.key.0, offset)? {
                ("", "xmlns") => self.declare("", attribute.value, offset)?,
                ("xmlns", declared) => self.declare(declared, attribute.value, offset)?,
                (prefix, name) => {
                    if !prefix.is_empty() {
                        prefixed.push((self.tree.attributes.len(), prefix));
                    }
                    self.tree.attributes.push(AttributeData {
                        name,
                        // An attribute without prefix is in no namespace, whatever the default is.
                        uri: NO_NAMESPACE,
                        value: unescape(attribute.value, offset)?,
                    });
                }
            }
        }
        for (index, prefix) in prefixed {
            self.tree.attributes[index].uri = self.resolve_attribute(prefix);
        }
        self.refuse_twice(first, offset)?;
        let bindings = first_binding..self.tree.bindings.len();
        Ok((first..self.tree.attributes.len(), bindings))
    }

    fn declare(
        &mut self,
        prefix: &'x str,
        uri: Cow<'x, str>,
        offset: usize,
    ) -> Result<(), DecodeError> {
        if self.scope.len() >= self.limits.namespaces {
            return self.too_many("the namespace declarations", self.limits.namespaces, offset);
        }
        let uri = unescape(uri, offset)?;
        let uri = if uri.is_empty() {
            NO_NAMESPACE
        } else {
            self.tree.uris.push(uri);
            self.tree.uris.len() - 1
        };
        self.scope.push(self.tree.bindings.len());
        self.tree.bindings.push(Binding { prefix, uri });
        Ok(())
    }

    /// No two attributes from the one at `first` on may have the same name.
    fn refuse_twice(&self, first: usize, offset: usize) -> Result<(), DecodeError> {
        let attributes = self.tree.attributes.get(first..).unwrap_or_default();
        for (index, one) in attributes.iter().enumerate() {
            let is_same = |other: &AttributeData<'_>| {
                other.name == one.name
                    && self.tree.uris.get(other.uri) == self.tree.uris.get(one.uri)
            };
            if attributes.iter().take(index).any(is_same) {
                let text = format!("the attribute {:?} stands there twice", one.name);
                let kind = DecodeErrorKind::Xml(text);
                return Err(DecodeError::new("Envelope", offset, kind));
            }
        }
        Ok(())
    }

    fn lookup(&self, prefix: &str) -> Option<usize> {
        if prefix == "xml" {
            return Some(XML_NAMESPACE);
        }
        let bindings = &self.tree.bindings;
        self.scope
            .iter()
            .rev()
            .map(|index| &bindings[*index])
            .find(|b| b.prefix == prefix)
            .map(|b| b.uri)
    }

    pub(super) fn resolve(&self, prefix: &str, offset: usize) -> Result<usize, DecodeError> {
        match self.lookup(prefix) {
            Some(uri) => Ok(uri),
            None if prefix.is_empty() => Ok(NO_NAMESPACE),
            None => {
                let kind = DecodeErrorKind::UnboundPrefix(prefix.chars().take(80).collect());
                Err(DecodeError::new("Envelope", offset, kind))
            }
        }
    }

    /// One server writes `xsi:type` in faults without having bound `xsi`. Nothing is lost by reading over it.
    fn resolve_attribute(&mut self, prefix: &'x str) -> usize {
        self.lookup(prefix).unwrap_or_else(|| {
            self.tree.uris.push(Cow::Borrowed(prefix));
            self.tree.uris.len() - 1
        })
    }
}

fn unescape(value: Cow<'_, str>, offset: usize) -> Result<Cow<'_, str>, DecodeError> {
    // No early exit, as above: values are short, and nearly all stand for themselves.
    let is_plain = |byte: u8| byte >= b' ' && byte != b'&' && byte != b'<';
    if value
        .bytes()
        .fold(true, |plain, byte| plain & is_plain(byte))
    {
        return Ok(value);
    }
    let value = one_line_end(value, offset)?;
    match value {
        Cow::Borrowed(text) if !text.contains('<') => {
            quick_xml::escape::unescape(text).map_err(|error| not_xml(offset, &error))
        }
        Cow::Borrowed(_) => Err(not_xml(offset, &"'<' in an attribute")),
        Cow::Owned(text) => match quick_xml::escape::unescape(&text) {
            Ok(Cow::Borrowed(_)) => Ok(Cow::Owned(text)),
            Ok(Cow::Owned(text)) => Ok(Cow::Owned(text)),
            Err(error) => Err(not_xml(offset, &error)),
        },
    }
}
