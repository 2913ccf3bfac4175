//! An envelope as received: a flat tree of elements whose names and texts borrow from the buffer.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;

use super::element::{XmlAttribute, XmlElement};
use crate::namespaces;

/// A parsed document.
///
/// There is no document type, no processing instruction and no entity but the five of XML itself; anything else is
/// refused while reading.
#[derive(Debug)]
pub struct Tree<'x> {
    pub(super) nodes: Vec<Node<'x>>,
    pub(super) tags: Vec<Tag<'x>>,
    pub(super) attributes: Vec<AttributeData<'x>>,
    pub(super) bindings: Vec<Binding<'x>>,
    /// The namespace URIs in the order of their declaration. The first is "none", the second that of `xml`.
    pub(super) uris: Vec<Cow<'x, str>>,
    /// The streams whose text was base64. Those of one node stand together.
    pub(super) streams: Vec<DecodedStream<'x>>,
    /// What the base64 of all streams stands for, one after the other.
    pub(super) decoded: Bytes,
}

/// An element, or several streams in a row that are alike but for their text.
#[derive(Debug)]
pub(super) struct Node<'x> {
    /// Which of `Tree::tags`.
    pub(super) tag: usize,
    pub(super) parent: Option<usize>,
    pub(super) first_child: Option<usize>,
    pub(super) next_sibling: Option<usize>,
    /// All text directly inside, joined.
    pub(super) text: Text<'x>,
    pub(super) offset: usize,
}

/// What a start tag says.
#[derive(Debug)]
pub(super) struct Tag<'x> {
    pub(super) prefix: &'x str,
    pub(super) name: &'x str,
    pub(super) uri: usize,
    pub(super) attributes: Range<usize>,
    pub(super) bindings: Range<usize>,
}

#[derive(Debug)]
pub(super) enum Text<'x> {
    Checked(Cow<'x, str>),
    /// Which of `Tree::streams`: at least one.
    Base64(Range<usize>),
}

/// A stream whose text was decoded while it was read.
#[derive(Debug)]
pub(super) struct DecodedStream<'x> {
    // INVARIANT: base64, so each byte is a character.
    pub(super) text: &'x [u8],
    /// Where its element begins.
    pub(super) offset: usize,
    /// Where in `Tree::decoded` its bytes end, which begin where those before it end.
    pub(super) decoded_end: usize,
}

#[derive(Debug)]
pub(super) struct AttributeData<'x> {
    pub(super) name: &'x str,
    pub(super) uri: usize,
    pub(super) value: Cow<'x, str>,
}

#[derive(Debug)]
pub(super) struct Binding<'x> {
    pub(super) prefix: &'x str,
    pub(super) uri: usize,
}

pub(super) const NO_NAMESPACE: usize = 0;
pub(super) const XML_NAMESPACE: usize = 1;

impl<'x> Tree<'x> {
    /// The outermost element.
    #[must_use]
    pub fn root(&self) -> Element<'_, 'x> {
        Element {
            tree: self,
            index: 0,
            stream: 0,
        }
    }
}

/// One element of a [`Tree`].
#[derive(Clone, Copy, Debug)]
pub struct Element<'t, 'x> {
    tree: &'t Tree<'x>,
    index: usize,
    /// Which of the streams of its node it is, if that is some.
    stream: usize,
}

impl<'t, 'x> Element<'t, 'x> {
    /// The namespace URI; empty where there is none.
    #[must_use]
    pub fn namespace(self) -> &'t str {
        &self.tree.uris[self.tag().uri]
    }

    /// The name without prefix.
    #[must_use]
    pub fn name(self) -> &'t str {
        self.tag().name
    }

    /// Whether this is the element of that namespace and name.
    #[must_use]
    pub fn is(self, namespace: &str, name: &str) -> bool {
        self.name() == name && self.namespace() == namespace
    }

    /// The text directly inside, as it stands.
    #[must_use]
    pub fn text(self) -> &'t str {
        match &self.node().text {
            Text::Checked(text) => text,
            Text::Base64(streams) => {
                let stream = &self.tree.streams[streams.start + self.stream];
                str::from_utf8(stream.text).unwrap_or_default()
            }
        }
    }

    /// The bytes of the streams of this node, if their text was plain base64, and where among them each stream ends.
    /// They share the memory of all streams of the envelope.
    pub(crate) fn decoded_streams(self) -> Option<(Bytes, impl ExactSizeIterator<Item = usize>)> {
        let Text::Base64(range) = &self.node().text else {
            return None;
        };
        let (before, streams) = self.tree.streams[..range.end].split_at(range.start);
        let end = |streams: &[DecodedStream<'_>]| streams.last().map_or(0, |last| last.decoded_end);
        let start = end(before);
        let decoded = self.tree.decoded.slice(start..end(streams));
        let ends = streams.iter().map(move |stream| stream.decoded_end - start);
        Some((decoded, ends))
    }

    /// The text directly inside without the white space around it.
    #[must_use]
    pub fn trimmed(self) -> &'t str {
        self.text().trim_ascii()
    }

    /// The byte at which the element begins.
    #[must_use]
    pub fn offset(self) -> usize {
        let node = self.node();
        match &node.text {
            Text::Checked(_) => node.offset,
            Text::Base64(streams) => self.tree.streams[streams.start + self.stream].offset,
        }
    }

    /// The value of an attribute without namespace.
    #[must_use]
    pub fn attribute(self, name: &str) -> Option<&'t str> {
        self.attribute_in("", name)
    }

    /// The value of an attribute of that namespace.
    #[must_use]
    pub fn attribute_in(self, namespace: &str, name: &str) -> Option<&'t str> {
        self.attributes()
            .find(|(uri, key, _)| *key == name && *uri == namespace)
            .map(|(.., value)| value)
    }

    /// Whether `xsi:nil` says that there is no value.
    #[must_use]
    pub fn is_nil(self) -> bool {
        self.attribute_in(namespaces::SCHEMA_INSTANCE, "nil")
            .is_some_and(is_true)
    }

    /// All attributes but namespace declarations: namespace, name, value.
    #[must_use]
    pub fn attributes(self) -> Attributes<'t, 'x> {
        Attributes {
            tree: self.tree,
            range: self.tag().attributes.clone(),
        }
    }

    /// The elements directly inside.
    #[must_use]
    pub fn children(self) -> Children<'t, 'x> {
        Children {
            next: self.first_child(),
        }
    }

    /// The elements directly inside; of streams in a row that are alike but for their text, only the first.
    pub(crate) fn distinct_children(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.first_child(), |child| child.next_node())
    }

    /// The first element of that namespace and name directly inside.
    #[must_use]
    pub fn child(self, namespace: &str, name: &str) -> Option<Self> {
        self.distinct_children()
            .find(|child| child.is(namespace, name))
    }

    /// Namespace and local name of a qualified name in text, by the prefixes in force here. A prefix that is bound
    /// to nothing gives no namespace.
    #[must_use]
    pub fn resolve_name<'n>(self, name: &'n str) -> (Option<&'t str>, &'n str) {
        let (prefix, local) = split_name(name);
        let mut at = Some(self.index);
        while let Some(node) = at.map(|index| &self.tree.nodes[index]) {
            let declared = self.tree.tags[node.tag].bindings.clone();
            for binding in self.tree.bindings[declared].iter().rev() {
                if binding.prefix == prefix {
                    return (
                        Some(self.tree.uris[binding.uri].as_ref()).filter(|uri| !uri.is_empty()),
                        local,
                    );
                }
            }
            at = node.parent;
        }
        (None, local)
    }

    /// A copy that owns everything.
    #[must_use]
    pub fn to_owned_element(self) -> XmlElement {
        XmlElement {
            prefix: self.tag().prefix.to_owned(),
            namespace: self.namespace().to_owned(),
            name: self.name().to_owned(),
            attributes: self
                .attributes()
                .map(|(namespace, name, value)| XmlAttribute {
                    namespace: namespace.to_owned(),
                    name: name.to_owned(),
                    value: value.to_owned(),
                })
                .collect(),
            text: self.text().to_owned(),
            children: self.children().map(Element::to_owned_element).collect(),
        }
    }

    fn first_child(self) -> Option<Self> {
        Some(Self {
            tree: self.tree,
            index: self.node().first_child?,
            stream: 0,
        })
    }

    fn next_node(self) -> Option<Self> {
        Some(Self {
            tree: self.tree,
            index: self.node().next_sibling?,
            stream: 0,
        })
    }

    fn next_sibling(self) -> Option<Self> {
        let stream = self.stream + 1;
        match &self.node().text {
            Text::Base64(streams) if stream < streams.len() => Some(Self { stream, ..self }),
            _ => self.next_node(),
        }
    }

    fn node(self) -> &'t Node<'x> {
        &self.tree.nodes[self.index]
    }

    fn tag(self) -> &'t Tag<'x> {
        &self.tree.tags[self.node().tag]
    }
}

/// The elements inside an element, in document order.
#[derive(Clone, Debug)]
pub struct Children<'t, 'x> {
    next: Option<Element<'t, 'x>>,
}

impl<'t, 'x> Iterator for Children<'t, 'x> {
    type Item = Element<'t, 'x>;

    fn next(&mut self) -> Option<Self::Item> {
        let element = self.next?;
        self.next = element.next_sibling();
        Some(element)
    }
}

/// The attributes of an element in document order: namespace, name, value.
#[derive(Clone, Debug)]
pub struct Attributes<'t, 'x> {
    tree: &'t Tree<'x>,
    range: Range<usize>,
}

impl<'t> Iterator for Attributes<'t, '_> {
    type Item = (&'t str, &'t str, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        let attribute = &self.tree.attributes[self.range.next()?];
        Some((
            &self.tree.uris[attribute.uri],
            attribute.name,
            &attribute.value,
        ))
    }
}

/// Whether an attribute says yes, in any of the spellings that clients use.
pub(crate) fn is_true(text: &str) -> bool {
    let text = text.trim_ascii();
    text == "1" || text.eq_ignore_ascii_case("true")
}

pub(super) fn split_name(name: &str) -> (&str, &str) {
    let colon = name.bytes().position(|byte| byte == b':');
    let parts = colon.and_then(|colon| Some((name.get(..colon)?, name.get(colon + 1..)?)));
    parts.unwrap_or(("", name))
}
