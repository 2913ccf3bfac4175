//! What is found out about a request before its operation, and what it may insist on.

use crate::namespaces;
use crate::soap::{
    Element, Envelope, ErrorCode, Fault, QualifiedName, RequestHeaders, is_uuid_uri,
    must_understand,
};

/// What a fault says about its request, found before anything else is checked.
#[derive(Debug, Default)]
pub(super) struct Correlation {
    pub(super) message_id: Option<String>,
    pub(super) machine: String,
}

impl Correlation {
    pub(super) fn find(&mut self, envelope: &Envelope<'_, '_>) {
        let text = |name| {
            envelope
                .header_block(namespaces::ADDRESSING, name)
                .map(Element::trimmed)
        };
        // Repeated as it stands if it may be an id at all; whatever else it is must not come back.
        self.message_id = text("MessageID")
            .filter(|id| is_uuid_uri(id) || id.len() <= 200)
            .map(str::to_owned);
        let host = text("To")
            .and_then(|to| to.split_once("://"))
            .map(|(_, rest)| rest)
            .unwrap_or_default();
        let host = host.split(['/', '?']).next().unwrap_or_default();
        let host = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
            Some((address, _)) => address,
            None => host.split(':').next().unwrap_or_default(),
        };
        self.machine = host.chars().take(255).collect();
    }
}

/// Header blocks whose names are known, but not what they ask for.
pub(super) fn check_understood(
    envelope: &Envelope<'_, '_>,
    headers: &RequestHeaders,
    compression: bool,
) -> Result<(), Box<Fault>> {
    let insists = |namespace, name| {
        envelope
            .header_block(namespace, name)
            .is_some_and(must_understand)
    };
    let is_known = |algorithm: &String| compression && algorithm.eq_ignore_ascii_case("xpress");
    if !headers.compression.as_ref().is_none_or(is_known)
        && insists(namespaces::SHELL, "CompressionType")
    {
        let name = QualifiedName {
            namespace: namespaces::SHELL.to_owned(),
            name: "CompressionType".to_owned(),
        };
        let fault = Fault::new(
            ErrorCode::MUST_UNDERSTAND,
            "This compression is not supported. ",
        );
        return Err(Box::new(Fault {
            not_understood: vec![name],
            ..fault
        }));
    }
    let is_english = |locale: &String| {
        locale
            .get(..2)
            .is_some_and(|language| language.eq_ignore_ascii_case("en"))
    };
    if insists(namespaces::WSMAN, "Locale") && !headers.locale.as_ref().is_none_or(is_english) {
        let reason = "The requested locale is not supported. ";
        return Err(Box::new(Fault::new(
            ErrorCode::LOCALE_NOT_SUPPORTED,
            reason,
        )));
    }
    Ok(())
}
