//! `xs:duration`, in the forms that appear on the wire.

use std::fmt::Write as _;
use std::time::Duration;

/// Reads an `xs:duration` that is not negative: `PT20S`, `PT60.000S`, `PT1M1S`, `P0DT0H0M9S`, `P1D`.
///
/// Years and months have no fixed length and are accepted only as zero; what is finer than a millisecond is cut off.
/// `None` is for everything else.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('P')?;
    if rest.is_empty() {
        return None;
    }
    let mut total = Duration::ZERO;
    let mut in_time = false;
    // The designators that may still follow, so that each comes at most once and in order.
    let mut allowed: &[char] = &['Y', 'M', 'D'];
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T') {
            if in_time || time.is_empty() {
                return None;
            }
            (in_time, allowed, rest) = (true, &['H', 'M', 'S'], time);
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(end);
        let mut tail = tail.chars();
        let designator = tail.next()?;
        rest = tail.as_str();
        let place = allowed.iter().position(|may| *may == designator)?;
        allowed = allowed.get(place + 1..)?;
        let (whole, fraction) = match number.split_once('.') {
            Some((whole, fraction)) if in_time && designator == 'S' => (whole, fraction),
            Some(_) => return None,
            None => (number, ""),
        };
        if whole.is_empty()
            || whole.len() > 18
            || !fraction.bytes().all(|byte| byte.is_ascii_digit())
        {
            return None;
        }
        let whole: u64 = whole.parse().ok()?;
        let seconds = match (in_time, designator) {
            (false, 'Y' | 'M') => (whole == 0).then_some(0)?,
            (false, _) => 86_400,
            (true, 'H') => 3_600,
            (true, 'M') => 60,
            (true, _) => 1,
        };
        let millis = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
        let millis = millis.fold(0, |millis: u32, digit| {
            millis * 10 + u32::from(digit - b'0')
        });
        total = total.checked_add(Duration::new(
            whole.checked_mul(seconds)?,
            millis * 1_000_000,
        ))?;
    }
    (in_time || !allowed.contains(&'Y')).then_some(total)
}

/// `PT<seconds>.<milliseconds>S`, the only form that every client reads, some of them by position.
#[must_use]
pub fn write_seconds(duration: Duration) -> String {
    format!("PT{}.{:03}S", duration.as_secs(), duration.subsec_millis())
}

/// `P<days>DT<hours>H<minutes>M<seconds>S`, in which Windows gives run time and inactivity.
#[must_use]
pub fn write_long_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let mut text = String::with_capacity(16);
    // Writing into a string cannot fail.
    let _ = write!(
        text,
        "P{}DT{}H{}M{}S",
        seconds / 86_400,
        seconds / 3_600 % 24,
        seconds / 60 % 60,
        seconds % 60
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recorded_form_is_read() {
        for (text, millis) in [
            ("PT20S", 20_000),
            ("PT60.000S", 60_000),
            ("PT1M", 60_000),
            ("PT3M", 180_000),
            ("PT1M1S", 61_000),
            ("PT2H", 7_200_000),
            ("P0DT0H0M9S", 9_000),
            ("PT2147483.647S", 2_147_483_647),
            ("P1D", 86_400_000),
            ("P0Y0M0DT1S", 1_000),
            ("PT0.5S", 500),
        ] {
            assert_eq!(
                parse_duration(text),
                Some(Duration::from_millis(millis)),
                "{text}"
            );
        }
    }

    #[test]
    fn nothing_else_is_read() {
        for text in [
            "",
            "P",
            "PT",
            "20",
            "PT-1S",
            "-PT1S",
            "PT1",
            "PTS",
            "P1DT",
            "PT1S1M",
            "PT1.5M",
            "PT1S1S",
            "P1Y",
            "PT1.S.",
            "PT99999999999999999999S",
            "PT18446744073709551615H",
            "P1M1D1S",
            "soon",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn both_written_forms_are_read_again() {
        let duration = Duration::from_millis(93_784_120);
        assert_eq!(write_seconds(duration), "PT93784.120S");
        assert_eq!(write_long_duration(duration), "P1DT2H3M4S");
        assert_eq!(
            parse_duration("P1DT2H3M4S"),
            Some(Duration::from_secs(93_784))
        );
    }
}
