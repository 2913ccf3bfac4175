//! Pull and Release: the rest of a listing, or no more of it.

use super::EnumerationItem;
use super::enumerate::read_page;
use crate::namespaces::{self, action};
use crate::soap::{
    Body, DecodeError, DecodeErrorKind, Envelope, Namespace, RequestBody, XmlWriter,
};

/// Asks for the next items of a listing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Pull {
    /// The listing.
    pub context: String,
    /// How many items at most. One, if it is not said.
    pub max_elements: Option<u32>,
}

impl Body for Pull {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Enumeration];

    fn write(&self, writer: &mut XmlWriter) {
        writer
            .start("n:Pull")
            .leaf("n:EnumerationContext", &self.context);
        writer.optional_leaf(
            "n:MaxElements",
            self.max_elements.map(|max| max.to_string()).as_deref(),
        );
        writer.end("n:Pull");
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let pull = envelope.required_body(namespaces::ENUMERATION, "Pull")?;
        let max = pull.child(namespaces::ENUMERATION, "MaxElements");
        let max = max.map(|max| {
            let kind = || DecodeErrorKind::value("a number of items", max.trimmed());
            max.trimmed()
                .parse()
                .map_err(|_| DecodeError::new("Pull", max.offset(), kind()))
        });
        Ok(Self {
            context: read_context(pull)?,
            max_elements: max.transpose()?,
        })
    }
}

impl RequestBody for Pull {
    const ACTION: &'static str = action::PULL;
    type Response = PullResponse;
}

/// The next items of a listing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PullResponse {
    /// Names the listing for the next Pull. Some servers leave it out: it is unchanged then.
    pub context: String,
    /// The items.
    pub items: Vec<EnumerationItem>,
    /// Whether nothing follows.
    pub end_of_sequence: bool,
}

impl Body for PullResponse {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Enumeration];

    fn write(&self, writer: &mut XmlWriter) {
        writer.start("n:PullResponse");
        if !self.context.is_empty() {
            writer.leaf("n:EnumerationContext", &self.context);
        }
        writer.start("n:Items");
        for item in &self.items {
            item.write(writer);
        }
        writer.end("n:Items");
        if self.end_of_sequence {
            writer.empty("n:EndOfSequence");
        }
        writer.end("n:PullResponse");
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let response = envelope.required_body(namespaces::ENUMERATION, "PullResponse")?;
        let (context, items, end_of_sequence) = read_page(response)?;
        Ok(Self {
            context,
            items,
            end_of_sequence,
        })
    }
}

/// Gives up a listing before its end.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Release {
    /// The listing.
    pub context: String,
}

impl Body for Release {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Enumeration];

    fn write(&self, writer: &mut XmlWriter) {
        writer
            .start("n:Release")
            .leaf("n:EnumerationContext", &self.context)
            .end("n:Release");
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        Ok(Self {
            context: read_context(envelope.required_body(namespaces::ENUMERATION, "Release")?)?,
        })
    }
}

impl RequestBody for Release {
    const ACTION: &'static str = action::RELEASE;
    type Response = ReleaseResponse;
}

/// The listing is forgotten.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ReleaseResponse;

impl Body for ReleaseResponse {
    const NAMESPACES: &'static [Namespace] = &[];

    fn write(&self, _: &mut XmlWriter) {}

    fn read(_: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

fn read_context(element: crate::soap::Element<'_, '_>) -> Result<String, DecodeError> {
    let context = element.child(namespaces::ENUMERATION, "EnumerationContext");
    let missing = || {
        DecodeError::new(
            "Pull",
            element.offset(),
            DecodeErrorKind::Missing("EnumerationContext"),
        )
    };
    Ok(context.ok_or_else(missing)?.trimmed().to_owned())
}
