//! Floating-point numbers as .NET 10 writes them.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "exponents of floating-point numbers have three digits"
)]

use std::io::Write;

use bytes::BufMut;

/// Appends a `Db`: up to 17 digits before the point.
pub(super) fn write_double(number: f64, out: &mut Vec<u8>) {
    if !write_special(number, out) {
        let mut text = [0; 32];
        let mut rest = &mut text[..];
        // The longest, `-2.2250738585072014e-308`, has 24 bytes.
        let written = write!(rest, "{number:e}").is_ok();
        let left = rest.len();
        debug_assert!(written);
        write_digits(text.get(..32 - left).unwrap_or_default(), 17, out);
    }
}

/// Appends an `Sg`: up to 9 digits before the point.
pub(super) fn write_single(number: f32, out: &mut Vec<u8>) {
    if !write_special(number.into(), out) {
        let mut text = [0; 32];
        let mut rest = &mut text[..];
        let written = write!(rest, "{number:e}").is_ok();
        let left = rest.len();
        debug_assert!(written);
        write_digits(text.get(..32 - left).unwrap_or_default(), 9, out);
    }
}

fn write_special(number: f64, out: &mut Vec<u8>) -> bool {
    let text: &[u8] = if number.is_nan() {
        b"NaN"
    } else if number == f64::INFINITY {
        b"INF"
    } else if number == f64::NEG_INFINITY {
        b"-INF"
    } else if number == 0.0 {
        if number.is_sign_negative() {
            b"-0"
        } else {
            b"0"
        }
    } else {
        return false;
    };
    out.put_slice(text);
    true
}

/// From `-d.ddde-xx`, which has the shortest digits that read back, to .NET's form of them.
fn write_digits(scientific: &[u8], precision: i32, out: &mut Vec<u8>) {
    let (sign, unsigned) = match scientific {
        [b'-', rest @ ..] => (&b"-"[..], rest),
        rest => (&b""[..], rest),
    };
    let (mantissa, exponent) = match unsigned.iter().position(|b| *b == b'e') {
        Some(at) => (
            unsigned.get(..at).unwrap_or_default(),
            unsigned.get(at + 1..).unwrap_or_default(),
        ),
        None => (unsigned, &b"0"[..]),
    };
    let exponent: i32 = str::from_utf8(exponent)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let (first, fraction) = mantissa.split_at_checked(1).unwrap_or((mantissa, b""));
    let fraction = fraction.strip_prefix(b".").unwrap_or(fraction);
    let count = 1 + i32::try_from(fraction.len()).unwrap_or(0);
    let before_point = exponent + 1;
    out.put_slice(sign);
    if before_point > count.max(precision) || before_point < -3 {
        out.put_slice(first);
        if !fraction.is_empty() {
            out.put_u8(b'.');
            out.put_slice(fraction);
        }
        out.put_slice(if exponent < 0 { b"E-" } else { b"E+" });
        if exponent.abs() < 10 {
            out.put_u8(b'0');
        }
        out.put_slice(itoa::Buffer::new().format(exponent.abs()).as_bytes());
    } else if before_point <= 0 {
        out.put_slice(b"0.");
        out.put_bytes(b'0', usize::try_from(-before_point).unwrap_or(0));
        out.put_slice(first);
        out.put_slice(fraction);
    } else {
        let whole = usize::try_from(before_point - 1).unwrap_or(0);
        out.put_slice(first);
        out.put_slice(
            fraction
                .get(..whole.min(fraction.len()))
                .unwrap_or_default(),
        );
        out.put_bytes(b'0', whole.saturating_sub(fraction.len()));
        if let Some(rest) = fraction.get(whole..).filter(|rest| !rest.is_empty()) {
            out.put_u8(b'.');
            out.put_slice(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_dotnet_writes_them() {
        for (number, text) in [
            (1.0, "1"),
            (-0.0, "-0"),
            (12.34, "12.34"),
            (0.0001, "0.0001"),
            (1.5e-5, "1.5E-05"),
            (1e15, "1000000000000000"),
            (1e16, "10000000000000000"),
            (1e17, "1E+17"),
            (1.234_567_890_123_456_8e17, "1.2345678901234568E+17"),
            (12_345_678_901_234_568.0, "12345678901234568"),
            (f64::MAX, "1.7976931348623157E+308"),
            (5e-324, "5E-324"),
            (0.1 + 0.2, "0.30000000000000004"),
        ] {
            let mut out = Vec::new();
            write_double(number, &mut out);
            assert_eq!(out, text.as_bytes());
        }
    }

    #[test]
    fn singles_are_written_as_dotnet_writes_them() {
        for (number, text) in [
            (1e8, "100000000"),
            (1e9, "1E+09"),
            (f32::MAX, "3.4028235E+38"),
            (12.34, "12.34"),
        ] {
            let mut out = Vec::new();
            write_single(number, &mut out);
            assert_eq!(out, text.as_bytes());
        }
    }
}
