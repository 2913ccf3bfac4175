//! The small types that both sides have.

use psrp_codec as wire;

use crate::value::{DateTime, DateTimeKind, Text, TimeSpan, Version};

/// Text of the engine, which is always whole.
pub(super) fn text_to_wire(text: &Text) -> wire::PsString {
    wire::PsString::from(text.as_str())
}

/// Text of the wire; what is no character becomes the replacement character.
pub(super) fn text_from_wire(text: &wire::PsString) -> Text {
    Text::from(text.to_string_lossy().as_ref())
}

pub(super) fn date_to_wire(date: DateTime) -> wire::Value {
    const TICKS_A_MINUTE: i64 = 600_000_000;
    let kind = match date.kind {
        DateTimeKind::Unspecified => wire::DateTimeKind::Unspecified,
        DateTimeKind::Utc => wire::DateTimeKind::Utc,
        DateTimeKind::Local => {
            let minutes = date.local_offset().ticks / TICKS_A_MINUTE;
            wire::DateTimeKind::Local {
                offset_minutes: i16::try_from(minutes).unwrap_or(0),
            }
        }
    };
    wire::DateTime::new(date.ticks, kind).map_or(wire::Value::Null, wire::Value::DateTime)
}

pub(super) fn date_from_wire(date: wire::DateTime) -> Option<DateTime> {
    const TICKS_A_MINUTE: i64 = 600_000_000;
    match date.kind() {
        wire::DateTimeKind::Utc => DateTime::from_ticks(date.ticks(), DateTimeKind::Utc),
        wire::DateTimeKind::Local { offset_minutes } => {
            // .NET shows the time in the zone of whoever reads.
            let utc = date
                .ticks()
                .checked_sub(i64::from(offset_minutes) * TICKS_A_MINUTE)?;
            DateTime::from_ticks(utc, DateTimeKind::Utc).map(DateTime::to_local)
        }
        wire::DateTimeKind::Unspecified => {
            DateTime::from_ticks(date.ticks(), DateTimeKind::Unspecified)
        }
    }
}

pub(super) fn span_to_wire(span: TimeSpan) -> wire::Value {
    wire::Value::TimeSpan(wire::TimeSpan::from_ticks(span.ticks))
}

pub(super) fn decimal_to_wire(decimal: rust_decimal::Decimal) -> wire::Value {
    let scale = u8::try_from(decimal.scale()).unwrap_or(28);
    wire::Decimal::new(
        decimal.is_sign_negative(),
        decimal.mantissa().unsigned_abs(),
        scale,
    )
    .map_or(wire::Value::Null, wire::Value::Decimal)
}

pub(super) fn decimal_from_wire(decimal: wire::Decimal) -> Option<rust_decimal::Decimal> {
    let number = i128::try_from(decimal.coefficient()).ok()?;
    let number = if decimal.is_negative() {
        -number
    } else {
        number
    };
    rust_decimal::Decimal::try_from_i128_with_scale(number, u32::from(decimal.scale())).ok()
}

pub(super) fn version_to_wire(version: Version) -> wire::Value {
    let [major, minor, build, revision] = version.components.map(|part| u32::try_from(part).ok());
    let mut result = wire::Version::new(major.unwrap_or(0), minor.unwrap_or(0));
    if let Some(build) = build {
        result = result.with_build(build);
    }
    if let Some(revision) = revision {
        result = result.with_revision(revision);
    }
    wire::Value::Version(result)
}

pub(super) fn version_from_wire(version: wire::Version) -> Version {
    let part = |number: Option<u32>| {
        number
            .and_then(|number| i32::try_from(number).ok())
            .unwrap_or(-1)
    };
    Version {
        components: [
            part(Some(version.major())),
            part(Some(version.minor())),
            part(version.build()),
            part(version.revision()),
        ],
    }
}
