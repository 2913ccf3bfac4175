//! Formatted output as it leaves the engine: lines of text, each in the shape in which PowerShell sends text that belongs to no table.
//!
//! A client of PowerShell prints such a line as it is, so the output of a Format command looks there as it does here.

use super::properties::{live_name, property, type_names};
use crate::value::convert::to_text;
use crate::value::{ClrLike, Context, Extended, PropertyInfo, Raise, Text, TypeId, TypeRef, Value};

const PREFIX: &str = "Microsoft.PowerShell.Commands.Internal.Format.";
const ENTRY: &[&str] = &["FormatEntryData", "PacketInfoData", "FormatInfoData"];
const RAW_TEXT: &[&str] = &["RawTextFormatEntry", "FormatEntryInfo", "FormatInfoData"];
/// The property by which PowerShell knows what an object of formatted output is.
const CLASS_ID: &str = "ClassId2e4f51ef21dd47e99d3c952918aff9cd";
const ENTRY_CLASS: &str = "27c87ef9bbda4f709f6b4002fa4af63c";
const RAW_TEXT_CLASS: &str = "29ED81BA914544d4BC430F027EE053E9";

/// An object of formatted output.
#[derive(Debug)]
struct FormatPacket {
    names: &'static [&'static str],
    properties: Vec<(&'static str, Value)>,
    extended: Extended,
}

impl FormatPacket {
    fn value(names: &'static [&'static str], properties: Vec<(&'static str, Value)>) -> Value {
        let extended = Extended::default();
        let own = names
            .iter()
            .map(|name| Text::from(format!("{PREFIX}{name}")));
        extended.set_type_names(own.chain([Text::from("System.Object")]).collect());
        Value::clr(Self {
            names,
            properties,
            extended,
        })
    }
}

/// One line of formatted output.
pub(crate) fn format_line(text: &str) -> Value {
    let raw = vec![(CLASS_ID, RAW_TEXT_CLASS.into()), ("text", text.into())];
    let entry = vec![
        (CLASS_ID, ENTRY_CLASS.into()),
        ("formatEntryInfo", FormatPacket::value(RAW_TEXT, raw)),
        ("outOfBand", Value::Bool(true)),
        ("writeStream", "None".into()),
    ];
    FormatPacket::value(ENTRY, entry)
}

/// The text of a line of formatted output, also of one that came over the wire; `None` for all other objects.
pub(super) fn line_text(value: &Value, cx: &mut dyn Context) -> Result<Option<Text>, Raise> {
    if !matches!(value, Value::Clr(_) | Value::Object(_)) {
        return Ok(None);
    }
    let is_entry = type_names(value).first().and_then(|name| {
        live_name(name)
            .strip_prefix(PREFIX)
            .map(|name| name == ENTRY[0])
    });
    if is_entry != Some(true) {
        return Ok(None);
    }
    let Some(info) = property(value, "formatEntryInfo", cx)? else {
        return Ok(None);
    };
    match property(&info, "text", cx)? {
        Some(text) => to_text(&text, cx).map(Some),
        None => Ok(None),
    }
}

impl ClrLike for FormatPacket {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::Object)
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        self.properties
            .iter()
            .map(|(name, _)| PropertyInfo {
                name,
                type_name: "System.Object",
                settable: false,
            })
            .collect()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let found = self
            .properties
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| Ok(value.clone()))
    }

    fn text(&self) -> Text {
        format!("{PREFIX}{}", self.names[0]).into()
    }

    fn extended(&self) -> Option<&Extended> {
        Some(&self.extended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Detached;

    #[test]
    fn a_line_is_read_back() {
        let line = format_line("a b");
        assert_eq!(
            line_text(&line, &mut Detached).unwrap().as_deref(),
            Some("a b")
        );
        assert!(line_text(&"a b".into(), &mut Detached).unwrap().is_none());
    }
}
