//! Get-Date.

use std::sync::Arc;

use super::net_object::net_enumeration;
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::Run;
use crate::value::date::{DateCulture, format_date_time};
use crate::value::{
    DateTime, DateTimeKind, ErrorCategory, Members, PsObj, TICKS_PER_DAY, TICKS_PER_SECOND, TypeId,
    Value,
};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Get-Date",
    "Microsoft.PowerShell.Commands.GetDateCommand",
    || Box::new(GetDate),
)
.default_set("DateAndFormat")
.output_types(&["System.String", "System.DateTime"])
.parameters(&[
    Parameter::new("Date", "datetime")
        .aliases(&["LastWriteTime"])
        .in_sets(&[
            InSet::of("DateAndFormat")
                .position(0)
                .pipeline()
                .by_property(),
            InSet::of("DateAndUFormat")
                .position(0)
                .pipeline()
                .by_property(),
        ]),
    Parameter::new("UnixTimeSeconds", "double")
        .aliases(&["UnixTime"])
        .in_sets(&[
            InSet::of("UnixTimeSecondsAndFormat").mandatory(),
            InSet::of("UnixTimeSecondsAndUFormat").mandatory(),
        ]),
    Parameter::new("Year", "int").validate(&[Validate::Range(1, 9999)]),
    Parameter::new("Month", "int").validate(&[Validate::Range(1, 12)]),
    Parameter::new("Day", "int").validate(&[Validate::Range(1, 31)]),
    Parameter::new("Hour", "int").validate(&[Validate::Range(0, 23)]),
    Parameter::new("Minute", "int").validate(&[Validate::Range(0, 59)]),
    Parameter::new("Second", "int").validate(&[Validate::Range(0, 59)]),
    Parameter::new("Millisecond", "int").validate(&[Validate::Range(0, 999)]),
    Parameter::new("DisplayHint", "string")
        .validate(&[Validate::Set(&["Date", "Time", "DateTime"])]),
    Parameter::new("UFormat", "string").in_sets(&[
        InSet::of("DateAndUFormat").mandatory(),
        InSet::of("UnixTimeSecondsAndUFormat").mandatory(),
    ]),
    Parameter::new("Format", "string").in_sets(&[
        InSet::of("DateAndFormat"),
        InSet::of("UnixTimeSecondsAndFormat"),
    ]),
    Parameter::switch("AsUTC"),
]);

struct GetDate;

impl Command for GetDate {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let mut date = match (
            cx.get("Date").map(Value::base),
            cx.get("UnixTimeSeconds").map(Value::base),
        ) {
            (Some(Value::DateTime(date)), _) => *date,
            (_, Some(Value::Double(seconds))) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a date out of range is refused below"
                )]
                let ticks = (seconds * 1e7) as i64;
                match DateTime::from_ticks(
                    UNIX_EPOCH_TICKS.saturating_add(ticks),
                    DateTimeKind::Utc,
                ) {
                    Some(date) => date.to_local(),
                    None => return Err(out_of_range(cx)),
                }
            }
            _ => DateTime::now(),
        };
        if let Some(changed) = with_parts(cx, date) {
            match changed {
                Some(changed) => date = changed,
                None => return Err(out_of_range(cx)),
            }
        }
        if cx.is_set("AsUTC") {
            date = date.to_utc();
        }
        if let Some(format) = cx.text("UFormat") {
            return cx.write(Value::from(unix_format(date, &format)));
        }
        if let Some(format) = cx.text("Format") {
            let format = match format.to_ascii_lowercase().as_str() {
                "filedate" => "yyyyMMdd",
                "filedateuniversal" => {
                    date = date.to_utc();
                    "yyyyMMddZ"
                }
                "filedatetime" => "yyyyMMddTHHmmssffff",
                "filedatetimeuniversal" => {
                    date = date.to_utc();
                    "yyyyMMddTHHmmssffffZ"
                }
                _ => format.as_str(),
            };
            return match format_date_time(date, None, format, DateCulture::EnUs) {
                Some(text) => cx.write(Value::from(text)),
                None => Err(cx.fail(
                    TypeId::FormatException,
                    "Input string was not in a correct format.",
                    "System.FormatException",
                    ErrorCategory::NotSpecified,
                    Value::Null,
                )),
            };
        }
        let hint = match cx
            .text("DisplayHint")
            .as_deref()
            .map(str::to_ascii_lowercase)
            .as_deref()
        {
            Some("date") => 0,
            Some("time") => 1,
            _ => 2,
        };
        let mut notes = Members::default();
        notes.set_note(
            "DisplayHint",
            net_enumeration("Microsoft.PowerShell.Commands.DisplayHintType", hint),
        );
        cx.write(Value::Object(Arc::new(PsObj::wrapping(
            Value::DateTime(date),
            notes,
        ))))
    }
}

const UNIX_EPOCH_TICKS: i64 = 621_355_968_000_000_000;

fn out_of_range(cx: &CommandContext<'_, '_>) -> crate::eval::Flow {
    let message = "Year, Month, and Day parameters describe an un-representable DateTime.";
    cx.fail(
        TypeId::ArgumentOutOfRangeException,
        message,
        "System.ArgumentOutOfRangeException",
        ErrorCategory::NotSpecified,
        Value::Null,
    )
}

/// The date with the parts that parameters name; `None` if there are none, `Some(None)` if they make no date.
fn with_parts(cx: &CommandContext<'_, '_>, date: DateTime) -> Option<Option<DateTime>> {
    let part = |name: &str| {
        cx.integer(name)
            .and_then(|number| i32::try_from(number).ok())
    };
    if ![
        "Year",
        "Month",
        "Day",
        "Hour",
        "Minute",
        "Second",
        "Millisecond",
    ]
    .iter()
    .any(|name| cx.has(name))
    {
        return None;
    }
    let (year, month, day) = date.date();
    let mut ticks = date.time_of_day().ticks;
    for (name, unit, wrap) in [
        ("Hour", 3600 * TICKS_PER_SECOND, 24),
        ("Minute", 60 * TICKS_PER_SECOND, 60),
        ("Second", TICKS_PER_SECOND, 60),
        ("Millisecond", TICKS_PER_SECOND / 1000, 1000),
    ] {
        if let Some(number) = part(name) {
            let old = ticks / unit % wrap;
            ticks += (i64::from(number) - old) * unit;
            if name == "Millisecond" {
                ticks -= ticks % unit;
            }
        }
    }
    let made = DateTime::from_date(
        part("Year").unwrap_or(year),
        part("Month").unwrap_or(month),
        part("Day").unwrap_or(day),
    );
    Some(
        made.and_then(|made| made.plus_ticks(ticks.rem_euclid(TICKS_PER_DAY)))
            .map(|made| made.with_kind(date.kind)),
    )
}

/// `-UFormat`: the formats of the Unix command.
fn unix_format(date: DateTime, format: &str) -> String {
    let net = |pattern: &str| {
        format_date_time(date, None, pattern, DateCulture::EnUs).unwrap_or_default()
    };
    let one = |pattern: &str| {
        format_date_time(date, None, &format!("%{pattern}"), DateCulture::EnUs).unwrap_or_default()
    };
    let (year, _, _) = date.date();
    let mut text = String::new();
    let mut letters = format.strip_prefix('+').unwrap_or(format).chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        let week = (date.day_of_year() + 6 - i32::try_from(date.day_of_week()).unwrap_or(0)) / 7;
        match letters.next() {
            Some('A') => text.push_str(&net("dddd")),
            Some('a') => text.push_str(&net("ddd")),
            Some('B') => text.push_str(&net("MMMM")),
            Some('b' | 'h') => text.push_str(&net("MMM")),
            Some('C') => text.push_str(&format!("{:02}", year / 100)),
            Some('c') => text.push_str(&net("ddd dd MMM yyyy HH:mm:ss")),
            Some('D' | 'x') => text.push_str(&net("MM/dd/yy").replace('-', "/")),
            Some('d') => text.push_str(&net("dd")),
            Some('e') => text.push_str(&format!("{:>2}", one("d"))),
            Some('F') => text.push_str(&net("yyyy-MM-dd")),
            Some('G' | 'Y') => text.push_str(&net("yyyy")),
            Some('g' | 'y') => text.push_str(&net("yy")),
            Some('H') => text.push_str(&net("HH")),
            Some('I') => text.push_str(&net("hh")),
            Some('j') => text.push_str(&format!("{:03}", date.day_of_year())),
            Some('k') => text.push_str(&format!("{:>2}", one("H"))),
            Some('l') => text.push_str(&format!("{:>2}", one("h"))),
            Some('M') => text.push_str(&net("mm")),
            Some('m') => text.push_str(&net("MM")),
            Some('n') => text.push('\n'),
            Some('p') => text.push_str(&net("tt")),
            Some('R') => text.push_str(&net("HH:mm")),
            Some('r') => text.push_str(&net("hh:mm:ss tt")),
            Some('S') => text.push_str(&net("ss")),
            Some('s') => text.push_str(
                &((date.to_utc().ticks - UNIX_EPOCH_TICKS) / TICKS_PER_SECOND).to_string(),
            ),
            Some('T' | 'X') => text.push_str(&net("HH:mm:ss")),
            Some('t') => text.push('\t'),
            Some('U') => text.push_str(&format!("{week}")),
            Some('u') => text.push_str(
                &(if date.day_of_week() == 0 {
                    7
                } else {
                    date.day_of_week()
                })
                .to_string(),
            ),
            Some('V') => text.push_str(&format!("{:02}", iso_week(date))),
            Some('W') => text.push_str(&format!("{}", date.day_of_year() / 7)),
            Some('w') => text.push_str(&date.day_of_week().to_string()),
            Some('Z') => text.push_str(&one("z")),
            Some(other) => text.push(other),
            None => {}
        }
    }
    text
}

/// The week of the year by ISO 8601.
fn iso_week(date: DateTime) -> i32 {
    let weekday = if date.day_of_week() == 0 {
        7
    } else {
        i32::try_from(date.day_of_week()).unwrap_or(1)
    };
    let week = (date.day_of_year() - weekday + 10) / 7;
    let (year, ..) = date.date();
    let weeks_of = |year: i32| {
        let last = DateTime::from_date(year, 12, 31).map_or(0, |day| day.day_of_week());
        let before = DateTime::from_date(year - 1, 12, 31).map_or(0, |day| day.day_of_week());
        if last == 4 || before == 3 { 53 } else { 52 }
    };
    match week {
        0 => weeks_of(year - 1),
        53 if weeks_of(year) == 52 => 1,
        week => week,
    }
}
