//! Constructors: `[T]::new(…)` and New-Object.

use std::sync::Arc;

use crate::value::clr_types::{
    CultureInfo, DateTimeOffset, DictionaryEntry, Row, Set, StringBuilder, StringComparer, Tuple,
};
use crate::value::context::Context;
use crate::value::convert::{self, elements_of};
use crate::value::error::Raise;
use crate::value::members::Call;
use crate::value::pattern::{Regex, RegexOptions};
use crate::value::types::{TypeId, TypeRef};
use crate::value::{
    DateTime, DateTimeKind, Exception, HashKind, Hashtable, List, ListKind, Members, PsObj,
    TICKS_PER_MILLISECOND, Text, TimeSpan, Value, Version,
};

/// The largest array that may be made at once; more is an error, as .NET has one for more than memory.
const MAX_LENGTH: usize = 0x7fff_ffc7;

/// Makes a new object.
///
/// # Errors
/// When no constructor takes the arguments, or it fails.
pub fn construct(ty: &TypeRef, arguments: &[Value], cx: &mut dyn Context) -> Result<Value, Raise> {
    if let TypeRef::User(_) = ty
        && let Some(result) = cx.construct(ty, arguments)
    {
        return result;
    }
    if let TypeRef::Array(element, 1) = ty {
        let mut call = Call::new(".ctor", arguments, cx);
        let length = call.size(0, "length")?;
        return new_array(element, length, cx);
    }
    let mut call = Call::new(".ctor", arguments, cx);
    if let Some(made) = known(ty, &mut call)? {
        return Ok(made);
    }
    if arguments.is_empty() && super::is_value_type(ty) {
        return convert::to(&Value::Null, ty, cx);
    }
    let count = arguments.len();
    Err(Raise::of(
        TypeId::MethodException,
        format!("Cannot find an overload for \"new\" and the argument count: \"{count}\"."),
        "MethodCountCouldNotFindBest",
    ))
}

/// An array of `length` empty items.
pub(super) fn new_array(
    element: &TypeRef,
    length: usize,
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    cx.charge(length.min(MAX_LENGTH).saturating_mul(size_of::<Value>()))?;
    let empty = match element.id() {
        Some(TypeId::String) => Value::Null,
        Some(TypeId::Boolean) => Value::Bool(false),
        _ if element.enum_info().is_some() => Value::Enum(Arc::new(crate::value::EnumValue {
            ty: element.clone(),
            bits: 0,
        })),
        Some(TypeId::DateTime) => Value::DateTime(DateTime {
            ticks: 0,
            kind: DateTimeKind::Unspecified,
        }),
        Some(TypeId::TimeSpan) => Value::TimeSpan(TimeSpan { ticks: 0 }),
        Some(TypeId::Guid) => Value::Guid(uuid::Uuid::nil()),
        _ => convert::to(&Value::Null, element, cx).unwrap_or_default(),
    };
    Ok(Value::typed_array(element.clone(), vec![empty; length]))
}

fn known(ty: &TypeRef, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    use TypeId as T;
    let Some(id) = ty.definition_id() else {
        return Ok(None);
    };
    if ty.chain().any(|base| base.is(T::Exception)) {
        return exception(ty, call).map(Some);
    }
    let arguments = ty.arguments();
    Ok(Some(match id {
        T::Object => Value::Object(Arc::new(PsObj::custom(Members::default()))),
        T::PSObject | T::PSCustomObject => match call.count() {
            0 => Value::Object(Arc::new(PsObj::custom(Members::default()))),
            _ => call.value(0),
        },
        T::String => match (call.value(0).base(), call.count()) {
            (Value::Char(_) | Value::String(_), 2) => {
                call.converted(0, "c", &TypeRef::of(T::Char))?;
                let count = call.size(1, "count")?;
                let one = call.text(0)?;
                call.cx.charge(count.saturating_mul(one.len()))?;
                one.as_str().repeat(count).into()
            }
            (_, 0) => "".into(),
            (value, 1 | 3) => {
                let units: Vec<u16> = elements_of(value)
                    .unwrap_or_default()
                    .iter()
                    .map(|item| {
                        if let Value::Char(unit) = item {
                            *unit
                        } else {
                            0
                        }
                    })
                    .collect();
                if units.is_empty() {
                    Value::String(call.text(0)?)
                } else if call.count() == 3 {
                    let (start, count) = (call.size(1, "startIndex")?, call.size(2, "length")?);
                    Value::String(Text::from_units(
                        &units
                            .into_iter()
                            .skip(start)
                            .take(count)
                            .collect::<Vec<_>>(),
                    ))
                } else {
                    Value::String(Text::from_units(&units))
                }
            }
            _ => return Ok(None),
        },
        T::DateTime => date(call)?,
        T::DateTimeOffset => match call.value(0).base() {
            Value::DateTime(date) => {
                let offset = if call.count() > 1 {
                    Some(call.converted(1, "offset", &TypeRef::of(T::TimeSpan))?)
                } else {
                    None
                };
                match offset {
                    Some(Value::TimeSpan(offset)) => Value::clr(DateTimeOffset {
                        clock: date.with_kind(DateTimeKind::Unspecified),
                        offset,
                    }),
                    _ => Value::clr(DateTimeOffset::of(*date)),
                }
            }
            _ => return Ok(None),
        },
        T::TimeSpan => {
            let mut numbers = Vec::new();
            let names = match call.count() {
                3 => ["hours", "minutes", "seconds", "", ""],
                _ => ["days", "hours", "minutes", "seconds", "milliseconds"],
            };
            if call.count() == 1 {
                return Ok(Some(Value::TimeSpan(TimeSpan {
                    ticks: call.long(0, "ticks")?,
                })));
            }
            for (index, name) in names.iter().enumerate().take(call.count()) {
                numbers.push(i64::from(call.int(index, name)?));
            }
            let span = match numbers.as_slice() {
                [] => TimeSpan::from_parts(0, 0, 0, 0, 0),
                [hours, minutes, seconds] => TimeSpan::from_parts(0, *hours, *minutes, *seconds, 0),
                [days, hours, minutes, seconds] => {
                    TimeSpan::from_parts(*days, *hours, *minutes, *seconds, 0)
                }
                [days, hours, minutes, seconds, milliseconds] => {
                    TimeSpan::from_parts(*days, *hours, *minutes, *seconds, *milliseconds)
                }
                _ => return Ok(None),
            };
            match span {
                Some(span) => Value::TimeSpan(span),
                None => {
                    return Err(call.throw(
                        T::ArgumentOutOfRangeException,
                        "TimeSpan overflowed because the duration is too long.",
                    ));
                }
            }
        }
        T::Guid => match call.count() {
            0 => Value::Guid(uuid::Uuid::nil()),
            1 => {
                let text = call.text(0)?;
                match convert::parse_guid(&text) {
                    Some(guid) => Value::Guid(guid),
                    None => return Err(call.throw(T::FormatException, "Unrecognized Guid format.")),
                }
            }
            _ => return Ok(None),
        },
        T::Version => match call.count() {
            0 => Value::Version(Version::new(0, 0)),
            1 => {
                let text = call.text(0)?;
                match convert::parse_version(&text) {
                    Ok(version) => Value::Version(version),
                    Err(message) => return Err(call.throw(T::ArgumentException, message)),
                }
            }
            2..=4 => {
                let mut components = [-1; 4];
                for (index, name) in ["major", "minor", "build", "revision"]
                    .iter()
                    .enumerate()
                    .take(call.count())
                {
                    components[index] = call.int(index, name)?;
                }
                Value::Version(Version { components })
            }
            _ => return Ok(None),
        },
        T::Decimal | T::BigInteger | T::Int32 | T::Int64 | T::Double => match call.count() {
            1 => call.converted(0, "value", ty)?,
            _ => return Ok(None),
        },
        T::Regex => {
            call.expect(1, 2)?;
            let pattern = call.text(0)?;
            let options = if call.count() > 1 {
                call.enumeration(1, "options", T::RegexOptions)?
            } else {
                0
            };
            match Regex::compile(&pattern, RegexOptions(options)) {
                Ok(regex) => Value::clr(regex),
                Err(error) => return Err(call.throw_exception(error.exception())),
            }
        }
        T::WildcardPattern => {
            let pattern = call.text(0)?;
            let ignore_case =
                call.count() > 1 && call.enumeration(1, "options", T::WildcardOptions)? & 2 != 0;
            match crate::value::clr_types::WildcardPattern::new(&pattern, ignore_case) {
                Some(pattern) => Value::clr(pattern),
                None => {
                    return Err(Raise::of(
                        T::WildcardPatternException,
                        format!("The specified wildcard character pattern is not valid: {pattern}"),
                        "RuntimeException",
                    ));
                }
            }
        }
        T::StringBuilder => match call.value(0).base() {
            Value::Int32(capacity) => {
                let capacity = usize::try_from(*capacity).unwrap_or(0);
                Value::clr(StringBuilder::new("", capacity))
            }
            _ => {
                let text = call.text(0)?;
                let capacity = if call.count() > 1 {
                    call.size(1, "capacity")?
                } else {
                    0
                };
                Value::clr(StringBuilder::new(&text, capacity))
            }
        },
        T::ArrayList => Value::array_list(initial_items(call)?),
        T::GenericList | T::Collection => {
            let element = arguments
                .first()
                .cloned()
                .unwrap_or_else(|| TypeRef::of(T::Object));
            let mut items = Vec::new();
            let capacity = if let Value::Int32(capacity) = call.value(0).base() {
                usize::try_from(*capacity).unwrap_or(0)
            } else {
                0
            };
            for item in initial_items(call)? {
                items.push(convert::to(&item, &element, call.cx)?);
            }
            call.cx
                .charge(capacity.saturating_mul(size_of::<Value>()))?;
            items.reserve_exact(capacity);
            Value::List(Arc::new(List::new(
                if id == T::Collection {
                    ListKind::Collection(element)
                } else {
                    ListKind::Generic(element)
                },
                items,
            )))
        }
        T::Hashtable | T::OrderedDictionary => {
            let kind = if id == T::Hashtable {
                HashKind::Hashtable
            } else {
                HashKind::Ordered
            };
            // What .NET makes minds case, unless told otherwise.
            let ignore_case = call.arguments.iter().any(|argument| {
                argument
                    .as_clr::<StringComparer>()
                    .is_some_and(|comparer| comparer.ignore_case)
            });
            let table = Hashtable::of_kind(kind, ignore_case);
            if let Value::Hash(other) = call.value(0).base() {
                for (key, value) in other.entries() {
                    table.insert(key, value);
                }
            }
            Value::Hash(Arc::new(table))
        }
        T::GenericDictionary | T::SortedDictionary | T::SortedList | T::ConcurrentDictionary => {
            let [key, value] = arguments else {
                return Ok(None);
            };
            let ignore_case = call.arguments.iter().any(|argument| {
                argument
                    .as_clr::<StringComparer>()
                    .is_some_and(|comparer| comparer.ignore_case)
            });
            let table = Hashtable::of_kind(
                HashKind::Generic {
                    definition: id,
                    key: key.clone(),
                    value: value.clone(),
                },
                ignore_case,
            );
            if let Value::Hash(other) = call.value(0).base() {
                for (own_key, own_value) in other.entries() {
                    let (own_key, own_value) = (
                        convert::to(&own_key, key, call.cx)?,
                        convert::to(&own_value, value, call.cx)?,
                    );
                    table.insert(own_key, own_value);
                }
            }
            Value::Hash(Arc::new(table))
        }
        T::HashSet | T::SortedSet => {
            let ignore_case = call.arguments.iter().any(|argument| {
                argument
                    .as_clr::<StringComparer>()
                    .is_some_and(|comparer| comparer.ignore_case)
            });
            let set = Set::new(ty.clone(), ignore_case);
            for item in initial_items(call)? {
                set.add(&item, call.cx)?;
            }
            Value::clr(set)
        }
        T::Queue
        | T::Stack
        | T::GenericQueue
        | T::GenericStack
        | T::LinkedList
        | T::PriorityQueue => {
            let row = Row::new(ty.clone());
            for item in initial_items(call)? {
                row.push(&item, call.cx)?;
            }
            Value::clr(row)
        }
        T::Tuple1 | T::Tuple2 | T::Tuple3 | T::Tuple4 => {
            Value::clr(Tuple::new(ty.clone(), call.arguments.to_vec()))
        }
        T::DictionaryEntry => {
            call.expect(2, 2)?;
            Value::clr(DictionaryEntry::new(call.value(0), call.value(1), None))
        }
        T::KeyValuePair => {
            let [key, value] = arguments else {
                return Ok(None);
            };
            let (own_key, own_value) = (
                call.converted(0, "key", key)?,
                call.converted(1, "value", value)?,
            );
            Value::clr(DictionaryEntry::new(
                own_key,
                own_value,
                Some([key.clone(), value.clone()]),
            ))
        }
        T::CultureInfo => Value::clr(CultureInfo::new(call.text(0)?)),
        T::Uri => {
            let text = call.text(0)?;
            Value::clr(crate::value::clr_types::Uri::new(&text))
        }
        T::Random => Value::clr(crate::value::clr_types::Random::new(if call.count() > 0 {
            Some(call.int(0, "Seed")?)
        } else {
            None
        })),
        T::PSNoteProperty => {
            call.expect(2, 2)?;
            let name = call.text(0)?;
            crate::value::clr_types::note_property(name, call.value(1))
        }
        T::SwitchParameter => Value::clr(crate::value::clr_types::SwitchParameter(call.boolean(0))),
        T::ErrorRecord => {
            call.expect(4, 4)?;
            let category = call.enumeration(2, "errorCategory", T::ErrorCategoryEnum)?;
            let name = call.text(1)?;
            let record = crate::value::ErrorRecord::new(
                call.value(0),
                name,
                crate::value::ErrorCategory::from_number(category),
                call.value(3),
            );
            Value::clr(record)
        }
        _ => return Ok(None),
    }))
}

/// What a collection is made of: the items of the first argument, if it is a collection and no capacity.
fn initial_items(call: &mut Call<'_>) -> Result<Vec<Value>, Raise> {
    let items = match call.arguments.first() {
        Some(first) if first.as_clr::<StringComparer>().is_none() => {
            elements_of(first).unwrap_or_default()
        }
        _ => Vec::new(),
    };
    call.cx.charge(items.len() * size_of::<Value>())?;
    Ok(items)
}

fn exception(ty: &TypeRef, call: &mut Call<'_>) -> Result<Value, Raise> {
    let message = if call.count() > 0 {
        call.text(0)?
    } else {
        default_message(ty)
    };
    let mut exception = Exception::new(ty.clone(), message.clone());
    match ty.id() {
        Some(TypeId::ArgumentException)
            if call.count() == 2 && matches!(call.value(1).base(), Value::String(_)) =>
        {
            let parameter = call.text(1)?;
            exception = Exception::new(ty.clone(), format!("{message} (Parameter '{parameter}')"))
                .detail("ParamName", parameter);
        }
        Some(TypeId::ArgumentNullException | TypeId::ArgumentOutOfRangeException)
            if call.count() > 0 =>
        {
            let parameter = message;
            let message = if call.count() > 1 {
                call.text(1)?
            } else {
                default_message(ty)
            };
            exception = Exception::new(ty.clone(), format!("{message} (Parameter '{parameter}')"))
                .detail("ParamName", parameter);
        }
        _ => {}
    }
    if let Some(last) = call.arguments.last()
        && let Value::Clr(inner) = last.base()
        && let Some(inner) = Arc::clone(inner).downcast_arc::<Exception>()
    {
        exception = exception.caused_by(inner);
    }
    Ok(Value::clr(exception))
}

fn default_message(ty: &TypeRef) -> Text {
    match ty.id() {
        Some(TypeId::ArgumentException) => "Value does not fall within the expected range.".into(),
        Some(TypeId::ArgumentNullException) => "Value cannot be null.".into(),
        Some(TypeId::ArgumentOutOfRangeException) => {
            "Specified argument was out of the range of valid values.".into()
        }
        Some(TypeId::InvalidOperationException) => {
            "Operation is not valid due to the current state of the object.".into()
        }
        Some(TypeId::NotSupportedException) => "Specified method is not supported.".into(),
        Some(TypeId::NotImplementedException) => {
            "The method or operation is not implemented.".into()
        }
        Some(TypeId::DivideByZeroException) => "Attempted to divide by zero.".into(),
        Some(TypeId::FormatException) => {
            "One of the identified items was in an invalid format.".into()
        }
        Some(TypeId::TimeoutException) => "The operation has timed out.".into(),
        _ => format!("Exception of type '{}' was thrown.", ty.full_name()).into(),
    }
}

fn date(call: &mut Call<'_>) -> Result<Value, Raise> {
    match call.count() {
        0 => {
            return Ok(Value::DateTime(DateTime {
                ticks: 0,
                kind: DateTimeKind::Unspecified,
            }));
        }
        1 | 2 => {
            let ticks = call.long(0, "ticks")?;
            let kind = if call.count() > 1 {
                super::system::kind_of(call, 1)?
            } else {
                DateTimeKind::Unspecified
            };
            return match DateTime::from_ticks(ticks, kind) {
                Some(date) => Ok(Value::DateTime(date)),
                None => Err(call.throw(TypeId::ArgumentOutOfRangeException, "Ticks must be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks. (Parameter 'ticks')")),
            };
        }
        3..=8 => {}
        _ => return Err(call.no_overload()),
    }
    let names = [
        "year",
        "month",
        "day",
        "hour",
        "minute",
        "second",
        "millisecond",
    ];
    let mut numbers = [0_i32; 7];
    let mut kind = DateTimeKind::Unspecified;
    for (index, name) in names.iter().enumerate().take(call.count()) {
        if index == 6 && matches!(call.value(6).base(), Value::Enum(_)) {
            kind = super::system::kind_of(call, 6)?;
            continue;
        }
        numbers[index] = call.int(index, name)?;
    }
    if call.count() == 8 {
        kind = super::system::kind_of(call, 7)?;
    }
    let [year, month, day, hour, minute, second, millisecond] = numbers;
    let date = DateTime::from_parts(year, month, day, hour, minute, second)
        .and_then(|date| date.plus_ticks(i64::from(millisecond) * TICKS_PER_MILLISECOND));
    match date {
        Some(date) => Ok(Value::DateTime(date.with_kind(kind))),
        None if DateTime::from_date(year, month, day).is_none() => Err(call.throw(
            TypeId::ArgumentOutOfRangeException,
            "Year, Month, and Day parameters describe an un-representable DateTime.",
        )),
        None => Err(call.throw(
            TypeId::ArgumentOutOfRangeException,
            "Hour, Minute, and Second parameters describe an un-representable DateTime.",
        )),
    }
}
