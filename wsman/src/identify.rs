//! Identify: asks a service what it is, without any header and, where it allows that, without credentials.

use bytes::Bytes;

use crate::namespaces::{IDENTITY, SOAP, WSMAN};
use crate::soap::{
    Body, DecodeError, DecodeErrorKind, Envelope, EnvelopeLimits, Fault, Tree, XmlWriter, to_utf8,
};

/// What a service says about itself.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Identity {
    /// The namespace of the protocol that it speaks.
    pub protocol_version: String,
    /// Who made it.
    pub product_vendor: String,
    /// Which version of it runs. Windows: `OS: 10.0.17763 SP: 0.0 Stack: 3.0`.
    pub product_version: String,
    /// The authentication that it offers. Not told to those who are not authenticated.
    pub security_profiles: Vec<String>,
}

impl Identity {
    /// A service of that vendor that speaks WS-Management.
    pub fn new(vendor: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            protocol_version: WSMAN.to_owned(),
            product_vendor: vendor.into(),
            product_version: version.into(),
            security_profiles: Vec::new(),
        }
    }

    /// The request.
    #[must_use]
    pub fn request() -> Bytes {
        let mut writer = XmlWriter::with_capacity(256);
        writer
            .start("s:Envelope")
            .attribute("xmlns:s", SOAP)
            .attribute("xmlns:wsmid", IDENTITY);
        writer
            .empty("s:Header")
            .start("s:Body")
            .empty("wsmid:Identify")
            .end("s:Body")
            .end("s:Envelope");
        Bytes::from(writer.into_bytes())
    }

    /// Whether an envelope is the request: it is known by its body alone.
    #[must_use]
    pub fn is_request(envelope: &Envelope<'_, '_>) -> bool {
        envelope
            .body()
            .children()
            .next()
            .is_some_and(|body| body.is(IDENTITY, "Identify"))
    }

    /// The answer.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut writer = XmlWriter::with_capacity(1024);
        writer
            .start("s:Envelope")
            .attribute("xml:lang", "en-US")
            .attribute("xmlns:s", SOAP);
        writer.empty("s:Header").start("s:Body");
        writer
            .start("wsmid:IdentifyResponse")
            .attribute("xmlns:wsmid", IDENTITY);
        writer.leaf("wsmid:ProtocolVersion", &self.protocol_version);
        writer.leaf("wsmid:ProductVendor", &self.product_vendor);
        writer.leaf("wsmid:ProductVersion", &self.product_version);
        if !self.security_profiles.is_empty() {
            writer.start("wsmid:SecurityProfiles");
            for profile in &self.security_profiles {
                writer.leaf("wsmid:SecurityProfileName", profile);
            }
            writer.end("wsmid:SecurityProfiles");
        }
        writer
            .end("wsmid:IdentifyResponse")
            .end("s:Body")
            .end("s:Envelope");
        Bytes::from(writer.into_bytes())
    }

    /// Reads the answer, which may be a fault instead.
    pub fn decode(
        envelope: &Bytes,
        limits: &EnvelopeLimits,
    ) -> Result<Result<Self, Box<Fault>>, DecodeError> {
        let text = to_utf8(envelope, limits)?;
        let tree = Tree::parse(&text, limits)?;
        let envelope = Envelope::new(&tree)?;
        if envelope.is_fault() {
            return Ok(Err(Box::new(Fault::read(&envelope)?)));
        }
        let missing = || {
            DecodeError::new(
                "Body",
                envelope.body().offset(),
                DecodeErrorKind::Missing("IdentifyResponse"),
            )
        };
        Ok(Ok(Self::read(&envelope).ok_or_else(missing)?))
    }

    /// The answer in an envelope, if it is one.
    pub(crate) fn read(envelope: &Envelope<'_, '_>) -> Option<Self> {
        let response = envelope.body().child(IDENTITY, "IdentifyResponse")?;
        let text = |name| {
            response
                .child(IDENTITY, name)
                .map(|child| child.trimmed().to_owned())
                .unwrap_or_default()
        };
        let profiles = response
            .child(IDENTITY, "SecurityProfiles")
            .into_iter()
            .flat_map(|list| list.children());
        Some(Self {
            protocol_version: text("ProtocolVersion"),
            product_vendor: text("ProductVendor"),
            product_version: text("ProductVersion"),
            security_profiles: profiles
                .map(|profile| profile.trimmed().to_owned())
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_survives_the_wire() {
        let limits = EnvelopeLimits::default();
        let mut identity = Identity::new("Example & Corp", "OS: 0.0.0 SP: 0.0 Stack: 3.0");
        identity
            .security_profiles
            .push("http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/http/basic".to_owned());
        assert_eq!(
            Identity::decode(&identity.encode(), &limits)
                .unwrap()
                .unwrap(),
            identity
        );
        let request = Identity::request();
        let tree = Tree::parse(&request, &limits).unwrap();
        assert!(Identity::is_request(&Envelope::new(&tree).unwrap()));
    }
}
