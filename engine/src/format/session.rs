//! What a session's variables say about the output.

use std::sync::Arc;

use super::error_view::ErrorView;
use super::formatter::FormatOptions;
use super::properties::property;
use crate::eval::Machine;
use crate::value::convert::to_text;
use crate::value::number::integer_of;
use crate::value::{Detached, Members, PsObj, Value};

/// How the session that `machine` runs wants its output: `$FormatEnumerationLimit`, `$ErrorView` and `$PSStyle.OutputRendering`.
pub(crate) fn session_options(machine: &Machine<'_>) -> FormatOptions {
    let mut options = FormatOptions::new(SCREEN);
    if let Some(limit) = machine.variable("FormatEnumerationLimit")
        && let Some(limit) = integer_of(limit.base())
    {
        // A negative limit is none.
        options.enumeration_limit = usize::try_from(limit).ok();
    }
    if let Some(view) = machine.variable("ErrorView") {
        options.error_view = ErrorView::named(&text(&view)).unwrap_or_default();
    }
    if let Some(style) = machine.variable("PSStyle") {
        let rendering = property(&style, "OutputRendering", &mut Detached);
        options.ansi = rendering
            .ok()
            .flatten()
            .is_some_and(|rendering| text(&rendering) == "Ansi");
    }
    options
}

/// The width where nothing tells one.
const SCREEN: usize = 80;

fn text(value: &Value) -> String {
    to_text(value, &mut Detached)
        .map(|text| text.as_str().to_owned())
        .unwrap_or_default()
}

/// `$PSStyle`: the escape sequences for colours, and whether output has any.
#[must_use]
pub(crate) fn style() -> Value {
    let formatting = bag(&[
        ("FormatAccent", "\u{1b}[32;1m"),
        ("TableHeader", "\u{1b}[32;1m"),
        ("CustomTableHeaderLabel", "\u{1b}[32;1;3m"),
        ("ErrorAccent", "\u{1b}[36;1m"),
        ("Error", "\u{1b}[31;1m"),
        ("Warning", "\u{1b}[33;1m"),
        ("Verbose", "\u{1b}[33;1m"),
        ("Debug", "\u{1b}[33;1m"),
        ("FeedbackName", "\u{1b}[33m"),
        ("FeedbackText", "\u{1b}[96m"),
        ("FeedbackAction", "\u{1b}[97m"),
    ]);
    let mut members: Members = SEQUENCES
        .iter()
        .map(|(name, sequence)| (*name, Value::from(*sequence)))
        .collect();
    let rendering = Value::enumeration("System.Management.Automation.OutputRendering", 0)
        .unwrap_or_else(|| "Host".into());
    members.set_note("OutputRendering", rendering);
    members.set_note("Formatting", formatting);
    members.set_note("Foreground", colours(3, 9));
    members.set_note("Background", colours(4, 10));
    let object = PsObj::custom(members);
    object.extended().set_type_names(vec![
        "System.Management.Automation.PSStyle".into(),
        "System.Object".into(),
    ]);
    Value::Object(Arc::new(object))
}

const SEQUENCES: &[(&str, &str)] = &[
    ("Reset", "\u{1b}[0m"),
    ("BlinkOff", "\u{1b}[25m"),
    ("Blink", "\u{1b}[5m"),
    ("BoldOff", "\u{1b}[22m"),
    ("Bold", "\u{1b}[1m"),
    ("DimOff", "\u{1b}[22m"),
    ("Dim", "\u{1b}[2m"),
    ("Hidden", "\u{1b}[8m"),
    ("HiddenOff", "\u{1b}[28m"),
    ("Reverse", "\u{1b}[7m"),
    ("ReverseOff", "\u{1b}[27m"),
    ("ItalicOff", "\u{1b}[23m"),
    ("Italic", "\u{1b}[3m"),
    ("UnderlineOff", "\u{1b}[24m"),
    ("Underline", "\u{1b}[4m"),
    ("StrikethroughOff", "\u{1b}[29m"),
    ("Strikethrough", "\u{1b}[9m"),
];

/// The sixteen colours, dark ones from `dark`0 and bright ones from `bright`0 on.
fn colours(dark: u8, bright: u8) -> Value {
    let names = [
        "Black", "Red", "Green", "Yellow", "Blue", "Magenta", "Cyan", "White",
    ];
    let plain = names
        .iter()
        .zip(0..)
        .map(|(name, number)| ((*name).to_owned(), format!("\u{1b}[{dark}{number}m")));
    let light = names
        .iter()
        .zip(0..)
        .map(|(name, number)| (format!("Bright{name}"), format!("\u{1b}[{bright}{number}m")));
    let members: Members = plain
        .chain(light)
        .map(|(name, sequence)| (name.as_str().into(), sequence.into()))
        .collect::<Vec<(crate::value::Name, Value)>>()
        .into_iter()
        .collect();
    Value::Object(Arc::new(PsObj::custom(members)))
}

fn bag(notes: &[(&str, &str)]) -> Value {
    let members: Members = notes
        .iter()
        .map(|(name, text)| (*name, Value::from(*text)))
        .collect();
    Value::Object(Arc::new(PsObj::custom(members)))
}
