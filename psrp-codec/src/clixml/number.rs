//! Floating-point numbers as .NET 10 writes them.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "exponents of floating-point numbers have three digits"
)]

use bytes::BufMut;

use crate::digits::{LONGEST, Room, integer, signed};

/// Stores a `Db`, which has up to 17 digits before the point; gives its length.
#[inline]
pub(super) fn write_double(number: f64, room: &mut Room) -> usize {
    if let Some(end) = write_whole(number, room) {
        return end;
    }
    // In between no form has an exponent, and the shortest digits are the same everywhere.
    if (1e-4..1e15).contains(&number.abs()) {
        return write_plain(zmij::Buffer::new().format_finite(number), room);
    }
    with_rest(room, |rest| {
        if !write_special(number, rest) {
            let mut buffer = zmij::Buffer::new();
            write_digits(buffer.format_finite(number), 17, rest);
        }
    })
}

/// Stores an `Sg`, which has up to 9 digits before the point; gives its length.
#[inline]
pub(super) fn write_single(number: f32, room: &mut Room) -> usize {
    if (1e-4..1e6).contains(&number.abs()) {
        return write_plain(zmij::Buffer::new().format_finite(number), room);
    }
    with_rest(room, |rest| {
        if !write_special(number.into(), rest) {
            let mut buffer = zmij::Buffer::new();
            write_digits(buffer.format_finite(number), 9, rest);
        }
    })
}

/// A number without a fraction that is not too large to be exact; `-0` is for others.
#[inline]
fn write_whole(number: f64, room: &mut Room) -> Option<usize> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.abs() >= EXACT || number.is_nan() || number == 0.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is below 2⁵³")]
    let whole = number as i64;
    #[expect(clippy::cast_precision_loss, reason = "it is below 2⁵³")]
    let is_whole = whole as f64 == number;
    is_whole.then(|| signed(room, 0, whole < 0, whole.unsigned_abs()))
}

/// Stores `12.5`, or `12` for `12.0`.
fn write_plain(text: &str, room: &mut Room) -> usize {
    let text = text.strip_suffix(".0").unwrap_or(text).as_bytes();
    for (to, from) in room.iter_mut().zip(text) {
        *to = *from;
    }
    text.len()
}

/// How much of `room` is gone after `write`.
fn with_rest(room: &mut Room, write: impl FnOnce(&mut &mut [u8])) -> usize {
    let mut rest = &mut room[..];
    write(&mut rest);
    LONGEST - rest.len()
}

fn write_special(number: f64, out: &mut &mut [u8]) -> bool {
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

/// From Rust's form of the shortest digits that read back to .NET's form of them. Where two are
/// equally close, both take the even one.
fn write_digits(text: &str, precision: i32, out: &mut &mut [u8]) {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (mantissa, exponent) = unsigned.split_once('e').unwrap_or((unsigned, "0"));
    let (whole, after_point) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(after_point.bytes());
    let zeros = digits().take_while(|digit| *digit == b'0').count();
    let mut significant = [0; LONGEST];
    let mut end = 0;
    for (index, (to, digit)) in significant.iter_mut().zip(digits().skip(zeros)).enumerate() {
        *to = digit;
        if digit != b'0' {
            end = index + 1;
        }
    }
    let places = |count: usize| i32::try_from(count).unwrap_or(0);
    let exponent = exponent.parse().unwrap_or(0) + places(whole.len()) - 1 - places(zeros);
    let (first, fraction) = significant
        .get(..end)
        .and_then(|digits| digits.split_at_checked(1))
        .unwrap_or_default();
    let count = 1 + i32::try_from(fraction.len()).unwrap_or(0);
    let before_point = exponent + 1;
    out.put_slice(sign.as_bytes());
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
        let mut text = [0; LONGEST];
        let end = integer(&mut text, 0, exponent.unsigned_abs().into());
        out.put_slice(text.get(..end).unwrap_or_default());
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

    fn double(number: f64) -> String {
        let mut room = [0; LONGEST];
        let end = write_double(number, &mut room);
        String::from_utf8(room[..end].to_vec()).unwrap()
    }

    fn single(number: f32) -> String {
        let mut room = [0; LONGEST];
        let end = write_single(number, &mut room);
        String::from_utf8(room[..end].to_vec()).unwrap()
    }

    #[test]
    fn doubles_are_written_as_dotnet_writes_them() {
        for (number, text) in [
            (1.0, "1"),
            (-0.0, "-0"),
            (0.0, "0"),
            (-12.0, "-12"),
            (12.34, "12.34"),
            (0.0001, "0.0001"),
            (0.000_123, "0.000123"),
            (0.000_099, "9.9E-05"),
            (1.5e-5, "1.5E-05"),
            (1e15, "1000000000000000"),
            (123_456_789_012_345.6, "123456789012345.6"),
            (1_234_567_890_123_456.8, "1234567890123456.8"),
            (1e16, "10000000000000000"),
            (1e17, "1E+17"),
            (1.234_567_890_123_456_8e17, "1.2345678901234568E+17"),
            (12_345_678_901_234_568.0, "12345678901234568"),
            (f64::MAX, "1.7976931348623157E+308"),
            (5e-324, "5E-324"),
            (0.1 + 0.2, "0.30000000000000004"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "INF"),
            (f64::NEG_INFINITY, "-INF"),
        ] {
            assert_eq!(double(number), text);
        }
    }

    #[test]
    fn singles_are_written_as_dotnet_writes_them() {
        for (number, text) in [
            (1e8, "100000000"),
            (1e9, "1E+09"),
            (f32::MAX, "3.4028235E+38"),
            (12.34, "12.34"),
            (-2.0, "-2"),
            (0.0001, "0.0001"),
            (999_999.94, "999999.94"),
        ] {
            assert_eq!(single(number), text);
        }
    }

    #[test]
    fn of_two_texts_that_are_equally_close_the_even_one_is_written() {
        assert_eq!(double(2_565_464_637_811_113.0 / 4.0), "641366159452778.2");
        assert_eq!(double(2_565_464_637_811_115.0 / 4.0), "641366159452778.8");
    }

    proptest::proptest! {
        #[test]
        fn any_number_reads_back_from_as_few_digits_as_rust_needs(
            bits: u64,
            plain in 1e-5..1e18_f64,
            digits: u32,
        ) {
            let count = |text: &str| {
                let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
                let digits = mantissa.replace(['-', '.'], "");
                digits.trim_matches('0').len()
            };
            for number in [
                f64::from_bits(bits),
                plain,
                f64::from(digits) / 64.0,
                f64::from(digits) / 100.0,
            ] {
                if number.is_finite() {
                    let text = double(number);
                    proptest::prop_assert_eq!(text.parse(), Ok(number));
                    proptest::prop_assert_eq!(count(&text), count(&format!("{number:e}")));
                }
                #[expect(clippy::cast_possible_truncation, reason = "any number will do")]
                let narrow = number as f32;
                if narrow.is_finite() {
                    let text = single(narrow);
                    proptest::prop_assert_eq!(text.parse(), Ok(narrow));
                    proptest::prop_assert_eq!(count(&text), count(&format!("{narrow:e}")));
                }
            }
        }

        #[test]
        fn the_quick_way_and_the_general_one_agree(plain in 1e-4..1e15_f64, digits: u32) {
            for number in [plain, -plain, f64::from(digits) / 64.0 + 0.01] {
                let mut room = [0; LONGEST];
                let end = with_rest(&mut room, |rest| {
                    write_digits(zmij::Buffer::new().format_finite(number), 17, rest);
                });
                proptest::prop_assert_eq!(double(number).into_bytes(), &room[..end]);
            }
        }
    }
}
