//! `[math]`, and the constants and static methods of the numeric types.

use num_bigint::BigInt;
use rust_decimal::prelude::{RoundingStrategy, ToPrimitive};

use crate::value::clr_types::Tuple;
use crate::value::convert;
use crate::value::error::Raise;
use crate::value::members::{Call, set_reference};
use crate::value::number::integer_of;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Value, ops};

pub(super) fn constant(id: TypeId, lower: &str) -> Option<Value> {
    use TypeId as T;
    Some(match (id, lower) {
        (T::Math, "pi") | (T::Double, "pi") => Value::Double(std::f64::consts::PI),
        (T::Math, "e") | (T::Double, "e") => Value::Double(std::f64::consts::E),
        (T::Math, "tau") | (T::Double, "tau") => Value::Double(std::f64::consts::TAU),
        (T::Byte, "maxvalue") => Value::Byte(u8::MAX),
        (T::Byte, "minvalue") => Value::Byte(0),
        (T::SByte, "maxvalue") => Value::SByte(i8::MAX),
        (T::SByte, "minvalue") => Value::SByte(i8::MIN),
        (T::Int16, "maxvalue") => Value::Int16(i16::MAX),
        (T::Int16, "minvalue") => Value::Int16(i16::MIN),
        (T::UInt16, "maxvalue") => Value::UInt16(u16::MAX),
        (T::UInt16, "minvalue") => Value::UInt16(0),
        (T::Int32, "maxvalue") => Value::Int32(i32::MAX),
        (T::Int32, "minvalue") => Value::Int32(i32::MIN),
        (T::UInt32, "maxvalue") => Value::UInt32(u32::MAX),
        (T::UInt32, "minvalue") => Value::UInt32(0),
        (T::Int64, "maxvalue") => Value::Int64(i64::MAX),
        (T::Int64, "minvalue") => Value::Int64(i64::MIN),
        (T::UInt64, "maxvalue") => Value::UInt64(u64::MAX),
        (T::UInt64, "minvalue") => Value::UInt64(0),
        (T::Single, "maxvalue") => Value::Single(f32::MAX),
        (T::Single, "minvalue") => Value::Single(f32::MIN),
        (T::Single, "epsilon") => Value::Single(f32::from_bits(1)),
        (T::Single, "nan") => Value::Single(f32::NAN),
        (T::Single, "positiveinfinity") => Value::Single(f32::INFINITY),
        (T::Single, "negativeinfinity") => Value::Single(f32::NEG_INFINITY),
        (T::Double, "maxvalue") => Value::Double(f64::MAX),
        (T::Double, "minvalue") => Value::Double(f64::MIN),
        (T::Double, "epsilon") => Value::Double(f64::from_bits(1)),
        (T::Double, "nan") => Value::Double(f64::NAN),
        (T::Double, "positiveinfinity") => Value::Double(f64::INFINITY),
        (T::Double, "negativeinfinity") => Value::Double(f64::NEG_INFINITY),
        (T::Decimal, "maxvalue") => Value::Decimal(rust_decimal::Decimal::MAX),
        (T::Decimal, "minvalue") => Value::Decimal(rust_decimal::Decimal::MIN),
        (T::Decimal, "zero") => Value::Decimal(0.into()),
        (T::Decimal, "one") => Value::Decimal(1.into()),
        (T::Decimal, "minusone") => Value::Decimal((-1).into()),
        (T::BigInteger, "zero") => Value::from(BigInt::ZERO),
        (T::BigInteger, "one") => Value::from(BigInt::from(1)),
        (T::BigInteger, "minusone") => Value::from(BigInt::from(-1)),
        (T::IntPtr, "size") => Value::Int32(8),
        (T::IntPtr, "zero") => Value::Int64(0),
        _ => return None,
    })
}

/// A number as it is; text becomes a double.
fn number_at(call: &mut Call<'_>, index: usize) -> Result<Value, Raise> {
    let value = call.value(index);
    match value.base() {
        Value::Double(_) | Value::Single(_) | Value::Decimal(_) | Value::BigInt(_) => {
            Ok(value.base().clone())
        }
        other if integer_of(other).is_some() => Ok(other.clone()),
        _ => call.double(index, "value").map(Value::Double),
    }
}

/// The second operand in the type of the first, as the binder chooses the overload.
fn pair(call: &mut Call<'_>) -> Result<(Value, Value), Raise> {
    call.expect(2, 2)?;
    let first = number_at(call, 0)?;
    let ty = first
        .type_ref()
        .unwrap_or_else(|| TypeRef::of(TypeId::Double));
    let second = call.converted(1, "val2", &ty)?;
    Ok((first, second))
}

pub(super) fn invoke(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    let unary: Option<fn(f64) -> f64> = match lower {
        "sqrt" => Some(f64::sqrt),
        "cbrt" => Some(f64::cbrt),
        "exp" => Some(f64::exp),
        "log10" => Some(f64::log10),
        "log2" => Some(f64::log2),
        "sin" => Some(f64::sin),
        "cos" => Some(f64::cos),
        "tan" => Some(f64::tan),
        "asin" => Some(f64::asin),
        "acos" => Some(f64::acos),
        "atan" => Some(f64::atan),
        "sinh" => Some(f64::sinh),
        "cosh" => Some(f64::cosh),
        "tanh" => Some(f64::tanh),
        _ => None,
    };
    if let Some(function) = unary {
        call.expect(1, 1)?;
        return Ok(Some(Value::Double(function(call.double(0, "d")?))));
    }
    Ok(Some(match lower {
        "abs" => {
            call.expect(1, 1)?;
            match number_at(call, 0)? {
                Value::Double(n) => Value::Double(n.abs()),
                Value::Single(n) => Value::Single(n.abs()),
                Value::Decimal(n) => Value::Decimal(n.abs()),
                other => {
                    let ty = other
                        .type_ref()
                        .unwrap_or_else(|| TypeRef::of(TypeId::Int32));
                    let number = integer_of(&other).unwrap_or(0).abs();
                    match convert::to_integer_type(number, ty.id().unwrap_or(TypeId::Int32)) {
                        Some(value) => value,
                        None => return Err(call.throw(
                            TypeId::OverflowException,
                            "Negating the minimum value of a twos complement number is invalid.",
                        )),
                    }
                }
            }
        }
        "sign" => {
            let value = number_at(call, 0)?;
            Value::Int32(match ops::number_order(&value, &Value::Int32(0)) {
                Some(std::cmp::Ordering::Less) => -1,
                Some(std::cmp::Ordering::Greater) => 1,
                Some(std::cmp::Ordering::Equal) => 0,
                None => {
                    return Err(call.throw(
                        TypeId::ArithmeticException,
                        "Function does not accept floating point Not-a-Number values.",
                    ));
                }
            })
        }
        "max" | "min" => {
            let (first, second) = pair(call)?;
            if let (Value::Double(a), Value::Double(b)) = (&first, &second)
                && (a.is_nan() || b.is_nan())
            {
                return Ok(Some(Value::Double(f64::NAN)));
            }
            let greater = ops::number_order(&first, &second) == Some(std::cmp::Ordering::Greater);
            if greater == (lower == "max") {
                first
            } else {
                second
            }
        }
        "clamp" => {
            call.expect(3, 3)?;
            let value = number_at(call, 0)?;
            let ty = value
                .type_ref()
                .unwrap_or_else(|| TypeRef::of(TypeId::Double));
            let (low, high) = (
                call.converted(1, "min", &ty)?,
                call.converted(2, "max", &ty)?,
            );
            if ops::number_order(&low, &high) == Some(std::cmp::Ordering::Greater) {
                return Err(call.throw(
                    TypeId::ArgumentException,
                    format!(
                        "'{}' cannot be greater than {}.",
                        convert::clr_text(&low),
                        convert::clr_text(&high)
                    ),
                ));
            }
            if ops::number_order(&value, &low) == Some(std::cmp::Ordering::Less) {
                low
            } else if ops::number_order(&value, &high) == Some(std::cmp::Ordering::Greater) {
                high
            } else {
                value
            }
        }
        "floor" | "ceiling" | "truncate" => {
            call.expect(1, 1)?;
            match number_at(call, 0)? {
                Value::Double(n) => Value::Double(whole(lower, n)),
                Value::Single(n) => Value::Double(whole(lower, f64::from(n))),
                other => {
                    // Integers fit Decimal best, and that is what the binder takes.
                    let Some(Some(Value::Decimal(n))) = convert::to_number(&other, TypeId::Decimal)
                    else {
                        return Err(call.no_overload());
                    };
                    Value::Decimal(match lower {
                        "floor" => n.floor(),
                        "ceiling" => n.ceil(),
                        _ => n.trunc(),
                    })
                }
            }
        }
        "round" => round(call)?,
        "pow" => {
            call.expect(2, 2)?;
            Value::Double(call.double(0, "x")?.powf(call.double(1, "y")?))
        }
        "atan2" => Value::Double(call.double(0, "y")?.atan2(call.double(1, "x")?)),
        "log" => {
            let number = call.double(0, "d")?;
            // By the quotient, as .NET computes it.
            if call.count() > 1 {
                Value::Double(number.ln() / call.double(1, "newBase")?.ln())
            } else {
                Value::Double(number.ln())
            }
        }
        "ieeeremainder" => {
            let (x, y) = (call.double(0, "x")?, call.double(1, "y")?);
            Value::Double(x - y * (x / y).round_ties_even())
        }
        "bigmul" => Value::Int64(i64::from(call.int(0, "a")?) * i64::from(call.int(1, "b")?)),
        "divrem" => {
            call.expect(2, 3)?;
            let (first, second) = (number_at(call, 0)?, number_at(call, 1)?);
            let ty = if matches!((&first, &second), (Value::Int32(_), Value::Int32(_))) {
                TypeId::Int32
            } else {
                TypeId::Int64
            };
            let (Some(a), Some(b)) = (integer_of(&first), integer_of(&second)) else {
                return Err(call.no_overload());
            };
            if b == 0 {
                return Err(call.throw(
                    TypeId::DivideByZeroException,
                    "Attempted to divide by zero.",
                ));
            }
            let made = |number| convert::to_integer_type(number, ty).unwrap_or_default();
            if call.count() == 3 {
                let out = call.value(2);
                set_reference(&out, &made(a % b), call.cx)?;
                made(a / b)
            } else {
                let item = TypeRef::of(ty);
                Value::clr(Tuple::new(
                    TypeRef::generic(TypeId::ValueTuple2, vec![item.clone(), item]),
                    vec![made(a / b), made(a % b)],
                ))
            }
        }
        _ => return Ok(None),
    }))
}

fn whole(lower: &str, number: f64) -> f64 {
    match lower {
        "floor" => number.floor(),
        "ceiling" => number.ceil(),
        _ => number.trunc(),
    }
}

fn round(call: &mut Call<'_>) -> Result<Value, Raise> {
    call.expect(1, 3)?;
    let value = number_at(call, 0)?;
    let mut mode = 0;
    let mut digits = 0;
    match call.count() {
        2 if matches!(call.value(1).base(), Value::Enum(_)) => {
            mode = call.enumeration(1, "mode", TypeId::MidpointRounding)?
        }
        2 => digits = call.int(1, "digits")?,
        3 => {
            digits = call.int(1, "digits")?;
            mode = call.enumeration(2, "mode", TypeId::MidpointRounding)?;
        }
        _ => {}
    }
    let decimal =
        matches!(value, Value::Decimal(_)) || integer_of(&value).is_some() && call.count() == 1;
    if !(0..=if decimal { 28 } else { 15 }).contains(&digits) {
        let (name, most) = if decimal {
            ("decimals", 28)
        } else {
            ("digits", 15)
        };
        let message = if decimal {
            format!(
                "Decimal can only round to between 0 and {most} digits of precision. (Parameter '{name}')"
            )
        } else {
            format!("Rounding digits must be between 0 and {most}, inclusive. (Parameter '{name}')")
        };
        return Err(call.throw(TypeId::ArgumentOutOfRangeException, message));
    }
    if decimal {
        let Some(Some(Value::Decimal(number))) = convert::to_number(&value, TypeId::Decimal) else {
            return Err(call.no_overload());
        };
        let strategy = match mode {
            1 => RoundingStrategy::MidpointAwayFromZero,
            2 => RoundingStrategy::ToZero,
            3 => RoundingStrategy::ToNegativeInfinity,
            4 => RoundingStrategy::ToPositiveInfinity,
            _ => RoundingStrategy::MidpointNearestEven,
        };
        return Ok(Value::Decimal(
            number.round_dp_with_strategy(digits.unsigned_abs(), strategy),
        ));
    }
    let number = match value {
        Value::Double(number) => number,
        other => match convert::to_number(&other, TypeId::Double) {
            Some(Some(Value::Double(number))) => number,
            _ => return Err(call.no_overload()),
        },
    };
    // Scaled, rounded and scaled back, with the errors that this has in .NET too.
    let power = 10_f64.powi(digits);
    let scaled = number * power;
    if scaled.abs() >= 1e16 {
        return Ok(Value::Double(number));
    }
    let rounded = match mode {
        1 => scaled.round(),
        2 => scaled.trunc(),
        3 => scaled.floor(),
        4 => scaled.ceil(),
        _ => scaled.round_ties_even(),
    };
    Ok(Value::Double(rounded / power))
}

/// Static methods of the numeric types.
pub(super) fn number(id: TypeId, lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    if matches!(id, TypeId::Double | TypeId::Single) {
        let check: Option<fn(f64) -> bool> = match lower {
            "isnan" => Some(f64::is_nan),
            "isinfinity" => Some(f64::is_infinite),
            "isfinite" => Some(f64::is_finite),
            "ispositiveinfinity" => Some(|n| n == f64::INFINITY),
            "isnegativeinfinity" => Some(|n| n == f64::NEG_INFINITY),
            "isnegative" => Some(f64::is_sign_negative),
            "isinteger" => Some(|n| n.is_finite() && n.trunc() == n),
            _ => None,
        };
        if let Some(check) = check {
            return Ok(Some(Value::Bool(check(call.double(0, "d")?))));
        }
    }
    if id == TypeId::BigInteger {
        let ty = TypeRef::of(id);
        let big = |value: Value| match value {
            Value::BigInt(number) => (*number).clone(),
            _ => BigInt::ZERO,
        };
        return Ok(Some(match lower {
            "pow" => {
                let base = big(call.converted(0, "value", &ty)?);
                let exponent = call.int(1, "exponent")?;
                let Ok(exponent) = u32::try_from(exponent) else {
                    return Err(call.throw(
                        TypeId::ArgumentOutOfRangeException,
                        "The number must be greater than or equal to zero. (Parameter 'exponent')",
                    ));
                };
                // The digits of the result are bounded before it is made.
                let bytes = base.bits().saturating_mul(u64::from(exponent)) / 8;
                call.cx
                    .charge(usize::try_from(bytes).unwrap_or(usize::MAX))?;
                Value::from(base.pow(exponent))
            }
            "abs" => Value::from(BigInt::from(
                big(call.converted(0, "value", &ty)?).magnitude().clone(),
            )),
            "add" | "subtract" | "multiply" | "divide" | "remainder" => {
                let (a, b) = (
                    call.converted(0, "left", &ty)?,
                    call.converted(1, "right", &ty)?,
                );
                match lower {
                    "add" => ops::add(&a, &b, call.cx)?,
                    "subtract" => ops::subtract(&a, &b, call.cx)?,
                    "multiply" => ops::multiply(&a, &b, call.cx)?,
                    "divide" => ops::divide(&a, &b, call.cx)?,
                    _ => ops::remainder(&a, &b, call.cx)?,
                }
            }
            "greatestcommondivisor" => {
                let (mut a, mut b) = (
                    big(call.converted(0, "left", &ty)?),
                    big(call.converted(1, "right", &ty)?),
                );
                while b != BigInt::ZERO {
                    call.cx.checkpoint()?;
                    (a, b) = (b.clone(), a % b);
                }
                Value::from(BigInt::from(a.magnitude().clone()))
            }
            "modpow" => {
                let (a, b, c) = (
                    big(call.converted(0, "value", &ty)?),
                    big(call.converted(1, "exponent", &ty)?),
                    big(call.converted(2, "modulus", &ty)?),
                );
                if c == BigInt::ZERO {
                    return Err(call.throw(
                        TypeId::DivideByZeroException,
                        "Attempted to divide by zero.",
                    ));
                }
                if b.sign() == num_bigint::Sign::Minus {
                    return Err(call.throw(
                        TypeId::ArgumentOutOfRangeException,
                        "The number must be greater than or equal to zero. (Parameter 'exponent')",
                    ));
                }
                Value::from(a.modpow(&b, &c))
            }
            "max" | "min" | "compare" => {
                let (a, b) = (
                    big(call.converted(0, "left", &ty)?),
                    big(call.converted(1, "right", &ty)?),
                );
                match lower {
                    "max" => Value::from(a.max(b)),
                    "min" => Value::from(a.min(b)),
                    _ => Value::Int32(a.cmp(&b) as i32),
                }
            }
            "log10" => Value::Double(
                big(call.converted(0, "value", &ty)?)
                    .to_string()
                    .parse::<f64>()
                    .unwrap_or(f64::NAN)
                    .log10(),
            ),
            _ => return Ok(None),
        }));
    }
    if id == TypeId::Decimal {
        return Ok(Some(match lower {
            "floor" | "ceiling" | "truncate" | "round" => {
                let value = call.converted(0, "d", &TypeRef::of(TypeId::Decimal))?;
                let Value::Decimal(number) = value else {
                    return Ok(None);
                };
                Value::Decimal(match lower {
                    "floor" => number.floor(),
                    "ceiling" => number.ceil(),
                    "truncate" => number.trunc(),
                    _ => {
                        let digits = if call.count() > 1 {
                            call.int(1, "decimals")?
                        } else {
                            0
                        };
                        number.round_dp_with_strategy(
                            digits.unsigned_abs().min(28),
                            RoundingStrategy::MidpointNearestEven,
                        )
                    }
                })
            }
            "toint32" => Value::Int32(call.int(0, "d")?),
            "todouble" => match call.converted(0, "d", &TypeRef::of(TypeId::Decimal))? {
                Value::Decimal(number) => Value::Double(number.to_f64().unwrap_or(f64::NAN)),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        }));
    }
    // The integer types share what [math] has.
    match lower {
        "max" | "min" | "abs" | "clamp" | "sign" => invoke(lower, call),
        "isoddinteger" | "iseveninteger" => {
            let even = call.long(0, "value")? % 2 == 0;
            Ok(Some(Value::Bool(even == (lower == "iseveninteger"))))
        }
        _ => Ok(None),
    }
}
