//! XML that is carried without being understood.

/// An element of open content: the service configuration, the detail of a fault, an item of a listing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct XmlElement {
    /// The prefix it had, which is only a wish for the one it gets when it is written.
    pub prefix: String,
    /// The namespace URI; empty where there is none.
    pub namespace: String,
    /// The name without prefix.
    pub name: String,
    /// The attributes but namespace declarations.
    pub attributes: Vec<XmlAttribute>,
    /// The text directly inside. Where it stands between children is not kept.
    pub text: String,
    /// The elements directly inside.
    pub children: Vec<XmlElement>,
}

/// An attribute of an [`XmlElement`].
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct XmlAttribute {
    /// The namespace URI; empty where there is none.
    pub namespace: String,
    /// The name without prefix.
    pub name: String,
    /// The value.
    pub value: String,
}

impl XmlElement {
    /// An element with text inside.
    pub fn with_text(
        namespace: impl Into<String>,
        name: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
            text: text.into(),
            ..Self::default()
        }
    }

    /// The first element of that local name directly inside, whatever its namespace.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }
}
