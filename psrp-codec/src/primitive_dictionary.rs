//! [2.2.3.18] Primitive Dictionary: what client and server tell each other about themselves.

use crate::{
    Content, DecodeError, DecodeErrorKind, Object, PsString, References, TypeNames, Value,
    property::wrong,
};

/// A primitive dictionary of `entries`, in their order: application arguments and application
/// private data. Values may be primitives, lists of them, and further primitive dictionaries.
///
/// ```
/// use psrp_codec::{ApplicationPrivateData, Version, primitive_dictionary};
///
/// let table = primitive_dictionary([("PSRemotingProtocolVersion", Version::new(2, 3))]);
/// let data = ApplicationPrivateData {
///     data: primitive_dictionary([("PSVersionTable", table)]),
/// };
/// assert_eq!(data.protocol_version(), Some(Version::new(2, 3)));
/// ```
pub fn primitive_dictionary<K: Into<PsString>, V: Into<Value>>(
    entries: impl IntoIterator<Item = (K, V)>,
) -> Value {
    let entries = entries
        .into_iter()
        .map(|(key, value)| (Value::String(key.into()), value.into()))
        .collect();
    Object::wrapping(Content::Dictionary(entries))
        .typed(TypeNames::of([
            PsString::from_static("System.Management.Automation.PSPrimitiveDictionary"),
            PsString::from_static("System.Collections.Hashtable"),
            PsString::from_static("System.Object"),
        ]))
        .into()
}

/// Whether `value` is null or a primitive dictionary, in which PowerShell takes only some types.
pub(crate) fn check<'v>(
    item: &'static str,
    name: &'static str,
    value: &'v Value,
    references: &References<'v>,
) -> Result<(), DecodeError> {
    let value = references.follow(item, value)?;
    if value.is_null() {
        return Ok(());
    }
    let Some(entries) = value.unwrapped().entries() else {
        return Err(wrong(item, name, "primitive dictionary", value));
    };
    // References are looked at where they lead once, by their target's own place in the value.
    let mut waiting: Vec<&Value> = Vec::new();
    push_entries(item, name, entries, &mut waiting)?;
    while let Some(value) = waiting.pop() {
        let value = value.unwrapped();
        match value {
            Value::Object(object) => match &object.content {
                Some(Content::Items(_, items)) => waiting.extend(items),
                Some(Content::Dictionary(entries)) => {
                    push_entries(item, name, entries, &mut waiting)?;
                }
                _ => {
                    return Err(wrong(
                        item,
                        name,
                        "primitive dictionary of primitives",
                        value,
                    ));
                }
            },
            Value::Int16(_) | Value::ScriptBlock(_) | Value::SecureString(_) => {
                return Err(wrong(
                    item,
                    name,
                    "primitive dictionary of primitives",
                    value,
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

fn push_entries<'v>(
    item: &'static str,
    name: &'static str,
    entries: &'v [(Value, Value)],
    waiting: &mut Vec<&'v Value>,
) -> Result<(), DecodeError> {
    for (key, value) in entries {
        if key.as_string().is_none() {
            return Err(DecodeError::in_value(
                item,
                DecodeErrorKind::WrongType {
                    name,
                    expected: "primitive dictionary with keys S",
                    got: key.tag(),
                },
            ));
        }
        waiting.push(value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(value: &Value) -> Result<(), String> {
        check("message", "data", value, &References::of(value)).map_err(|error| error.to_string())
    }

    #[test]
    fn primitives_lists_and_dictionaries_may_stand_in_it() {
        assert_eq!(checked(&Value::Null), Ok(()));
        assert_eq!(checked(&Value::hashtable([("a", 1)])), Ok(()));
        let inner = primitive_dictionary([("list", Value::list([1, 2]))]);
        assert_eq!(checked(&primitive_dictionary([("inner", inner)])), Ok(()));
    }

    #[test]
    fn anything_else_is_refused() {
        for (value, why) in [
            (
                Value::from(1),
                "message: the property data is a I32, not a primitive dictionary",
            ),
            (
                Value::hashtable([(1, 1)]),
                "message: the property data is a I32, not a primitive dictionary with keys S",
            ),
            (
                primitive_dictionary([("a", 1_i16)]),
                "message: the property data is a I16, not a primitive dictionary of primitives",
            ),
            (
                primitive_dictionary([("a", Value::list([Value::from(Object::custom())]))]),
                "message: the property data is a Obj, not a primitive dictionary of primitives",
            ),
        ] {
            assert_eq!(checked(&value), Err(why.to_owned()));
        }
    }
}
