//! Views of free text and lists.

use super::{Body, View, ViewColumn};
use crate::format::properties::property;
use crate::value::convert::{clr_text, to_text};
use crate::value::date::{DateCulture, format_date_time};
use crate::value::{Context, Raise, Text, Value};

pub(super) static VIEWS: &[View] = &[
    View {
        types: &["System.DateTime"],
        body: Body::Text(date_time),
        group: None,
    },
    View {
        types: &["System.TimeSpan"],
        body: Body::List(TIME_SPAN),
        group: None,
    },
    View {
        types: &["Microsoft.PowerShell.Commands.MatchInfo"],
        body: Body::Text(match_info),
        group: None,
    },
];

const TIME_SPAN: &[ViewColumn] = &[
    ViewColumn::plain("Days"),
    ViewColumn::plain("Hours"),
    ViewColumn::plain("Minutes"),
    ViewColumn::plain("Seconds"),
    ViewColumn::plain("Milliseconds"),
    ViewColumn::plain("Ticks"),
    ViewColumn::plain("TotalDays"),
    ViewColumn::plain("TotalHours"),
    ViewColumn::plain("TotalMinutes"),
    ViewColumn::plain("TotalSeconds"),
    ViewColumn::plain("TotalMilliseconds"),
];

/// `-DisplayHint` of Get-Date chooses between the date, the time and both.
fn date_time(value: &Value, cx: &mut dyn Context) -> Result<Text, Raise> {
    let hint = match property(value, "DisplayHint", cx)? {
        Some(hint) => to_text(&hint, cx)?,
        None => Text::default(),
    };
    let Value::DateTime(date) = value.base() else {
        let text = property(value, "DateTime", cx)?.unwrap_or_default();
        return to_text(&text, cx);
    };
    let format = match hint.to_ascii_lowercase().as_str() {
        "date" => "D",
        "time" => "T",
        _ => "F",
    };
    Ok(format_date_time(*date, None, format, DateCulture::EnUs)
        .unwrap_or_default()
        .into())
}

fn match_info(value: &Value, cx: &mut dyn Context) -> Result<Text, Raise> {
    match value.base() {
        Value::Clr(_) => Ok(clr_text(value.base())),
        _ => {
            let line = property(value, "Line", cx)?.unwrap_or_default();
            to_text(&line, cx)
        }
    }
}
