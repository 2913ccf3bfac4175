//! What two equivalent envelopes have in common, as lines to compare.
//!
//! Left out is what says nothing: prefixes, the order of header blocks and of the fields of a shell, the spelling of
//! durations, white space, `mustUnderstand` (each client has its own idea of it), empty sets of options and
//! selectors, and values that are `xsi:nil`.

use bytes::Bytes;
use wsman::namespaces::{ADDRESSING, SCHEMA_INSTANCE, SHELL, SHELL_CIM, SOAP, WSMAN, XML};
use wsman::soap::{Element, EnvelopeLimits, Tree, parse_duration};

pub(crate) fn lines(envelope: &[u8]) -> Result<Vec<String>, String> {
    let text = Bytes::copy_from_slice(envelope);
    let tree = Tree::parse(&text, &EnvelopeLimits::default()).map_err(|error| error.to_string())?;
    let mut lines = Vec::new();
    push(tree.root(), "", &mut lines);
    Ok(lines)
}

fn push(element: Element<'_, '_>, path: &str, lines: &mut Vec<String>) {
    if is_nothing(element) {
        return;
    }
    let name = name_of(element);
    let path = format!("{path}/{name}");
    let mut attributes: Vec<_> = element
        .attributes()
        .filter(|(uri, name, value)| says_something(uri, name, value))
        .collect();
    attributes.sort_unstable();
    let attributes: Vec<_> = attributes
        .into_iter()
        .map(|(uri, name, value)| format!("{uri}#{name}={}", value.to_ascii_lowercase()))
        .collect();
    let text = value_of(element);
    lines.push(format!("{path} [{}] {text}", attributes.join(", ")));
    let mut children: Vec<_> = element.children().collect();
    if element.is(SOAP, "Header") || name.ends_with("#Shell") {
        children.sort_by_key(|child| name_of(*child));
    }
    for child in children {
        push(child, &path, lines);
    }
}

/// Some servers list shells in a namespace of their own, and write two of the names differently.
fn name_of(element: Element<'_, '_>) -> String {
    let name = match element.name() {
        "IdleTimeout" => "IdleTimeOut",
        "MaxIdleTimeout" => "MaxIdleTimeOut",
        name => name,
    };
    match element.namespace() {
        SHELL_CIM if name != "CreationXml" => format!("{SHELL}#{name}"),
        namespace => format!("{namespace}#{name}"),
    }
}

fn value_of(element: Element<'_, '_>) -> String {
    let text = element.trimmed();
    // The codes of a fault are qualified names; the signal that frees a command has two spellings.
    if element.is(SOAP, "Value") {
        return element.resolve_name(text).1.to_owned();
    }
    if element.is(SHELL, "Code") {
        return text.to_ascii_lowercase();
    }
    match parse_duration(text) {
        Some(duration) => format!("{} ms", duration.as_millis()),
        // Base64 may be wrapped, and lists of streams may have more spaces than they need.
        None => text.split_ascii_whitespace().collect::<Vec<_>>().join(" "),
    }
}

fn says_something(uri: &str, name: &str, value: &str) -> bool {
    let is_no_end = name == "End" && value.eq_ignore_ascii_case("false");
    let is_type = name == "type" && (uri == SCHEMA_INSTANCE || uri == "xsi");
    let is_envelope_language = name == "lang" && uri == XML;
    name != "mustUnderstand"
        && name != "IsCIM_Error"
        && !is_type
        && !is_envelope_language
        && !is_no_end
}

fn is_nothing(element: Element<'_, '_>) -> bool {
    let is_empty = element.children().next().is_none() && element.trimmed().is_empty();
    let is_empty_set = element.is(WSMAN, "OptionSet") || element.is(WSMAN, "SelectorSet");
    // The answers to these have nothing to say, and some servers say it with an element.
    let is_empty_answer = element.namespace() == SHELL
        && matches!(
            element.name(),
            "DisconnectResponse" | "ReconnectResponse" | "Reconnect"
        )
        && element.attributes().next().is_none();
    // Where the address is anonymous or missing, it is no address.
    let is_no_address = element.is(ADDRESSING, "Address") && element.trimmed().is_empty();
    element.is_nil() || (is_empty && (is_empty_set || is_empty_answer || is_no_address))
}
