//! An object as a list of its properties.

use super::cell::{RESET, clip, width, wrap};
use super::field::Field;
use super::text::TextRules;
use crate::value::{Context, Raise, Value};

const SEPARATOR: &str = " : ";
const LABEL_STYLE: &str = "\u{1b}[32;1m";

/// The lines of one object: labels of one width, values wrapped beside them.
pub(super) fn list_lines(
    fields: &[Field],
    value: &Value,
    screen: usize,
    rules: &TextRules,
    cx: &mut dyn Context,
) -> Result<Vec<String>, Raise> {
    // A label and a value of one column each have to fit.
    let Some(most) = screen
        .checked_sub(SEPARATOR.len() + 1)
        .filter(|most| *most > 0)
    else {
        return Ok(Vec::new());
    };
    let widest = fields
        .iter()
        .map(|field| width(&field.label))
        .max()
        .unwrap_or(0);
    let label_width = widest.min(most);
    let indent = " ".repeat(label_width + SEPARATOR.len());
    let mut lines = Vec::new();
    for field in fields {
        let found = field.value(value, cx)?;
        let text = rules.property_text(&found, field.format.as_deref(), false, cx)?;
        let mut label = clip(&field.label, label_width);
        label.extend(std::iter::repeat_n(
            ' ',
            label_width.saturating_sub(width(&label)),
        ));
        label.push_str(SEPARATOR);
        if rules.ansi {
            label = format!("{LABEL_STYLE}{label}{RESET}");
        }
        for (index, line) in wrap(&text, screen - indent.len()).iter().enumerate() {
            let before = if index == 0 { &label } else { &indent };
            lines.push(format!("{before}{line}"));
        }
    }
    Ok(lines)
}
