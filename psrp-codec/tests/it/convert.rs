//! Values to Rust's types and back.

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;
use psrp_codec::{
    ContainerKind, Content, DateTime, Decimal, Object, PsString, RefId, TimeSpan, Value, Version,
    from_value, to_value,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Everything {
    text: String,
    number: i32,
    small: u8,
    large: u64,
    float: f64,
    flag: bool,
    letter: char,
    nothing: Option<String>,
    something: Option<i64>,
    list: Vec<i16>,
    pair: (i32, String),
    map: BTreeMap<String, i32>,
    numbered: BTreeMap<i32, String>,
    time: DateTime,
    span: TimeSpan,
    price: Decimal,
    version: Version,
    kind: Kind,
    shape: Shape,
    other: Shape,
    bytes: Bytes2,
    unit: (),
}

/// Bytes as serde's own bytes rather than a sequence of numbers.
#[derive(Debug, PartialEq)]
struct Bytes2(Vec<u8>);

impl Serialize for Bytes2 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes2 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&[u8]>::deserialize(deserializer).map(|bytes| Self(bytes.to_vec()))
    }
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
enum Kind {
    Unknown,
    Known,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
enum Shape {
    Circle { radius: f32 },
    Named(String),
    Corner(i32, i32),
}

fn everything() -> Everything {
    Everything {
        text: "a\n".into(),
        number: -1,
        small: 255,
        large: u64::MAX,
        float: 0.5,
        flag: true,
        letter: 'é',
        nothing: None,
        something: Some(i64::MIN),
        list: vec![1, -2],
        pair: (7, "b".into()),
        map: [("k".into(), 1)].into(),
        numbered: [(3, "c".into())].into(),
        time: "2020-01-02T03:04:05.0000001+02:00".parse().unwrap(),
        span: "PT1.5S".parse().unwrap(),
        price: "1.10".parse().unwrap(),
        version: Version::new(2, 3),
        kind: Kind::Known,
        shape: Shape::Circle { radius: 1.5 },
        other: Shape::Corner(1, 2),
        bytes: Bytes2(vec![1, 2, 3]),
        unit: (),
    }
}

#[test]
fn everything_comes_back_from_a_value_and_has_its_own_type_there() {
    let value = to_value(&everything()).unwrap();
    assert_eq!(from_value::<Everything>(&value), Ok(everything()));
    assert!(
        value
            .as_object()
            .unwrap()
            .is("System.Management.Automation.PSCustomObject")
    );
    assert!(matches!(value.get("Time"), Some(Value::DateTime(_))));
    assert!(matches!(value.get("Span"), Some(Value::TimeSpan(_))));
    assert!(matches!(value.get("Price"), Some(Value::Decimal(_))));
    assert!(matches!(value.get("Version"), Some(Value::Version(_))));
    assert!(matches!(value.get("Bytes"), Some(Value::Bytes(_))));
    assert!(matches!(value.get("Letter"), Some(Value::Char(_))));
    assert_eq!(value.get("Map").unwrap().entries().unwrap().len(), 1);
}

#[test]
fn properties_are_found_in_any_case_and_the_extended_ones_first() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Named {
        some_name: i32,
    }
    let object = Object::bag()
        .adapted_property("some_name", "hidden")
        .property("SOME_NAME", 1)
        .property("x", 2);
    assert_eq!(
        from_value::<Named>(&object.into()),
        Ok(Named { some_name: 1 })
    );
}

#[test]
fn enumerations_are_read_by_name_or_number() {
    let value = Value::enumeration("System.Some", "known", 1);
    assert_eq!(from_value::<Kind>(&value), Ok(Kind::Known));
    assert_eq!(from_value::<String>(&value), Ok("known".into()));
    assert_eq!(from_value::<i64>(&value), Ok(1));
}

#[test]
fn numbers_of_one_width_are_read_as_another_if_they_fit() {
    assert_eq!(from_value::<u8>(&Value::from(200_i64)), Ok(200));
    assert_eq!(
        from_value::<u8>(&Value::from(300)).unwrap_err().to_string(),
        "invalid value: integer `300`, expected u8"
    );
    assert_eq!(from_value::<f64>(&Value::from(1)), Ok(1.0));
    assert_eq!(
        from_value::<f64>(&Value::Decimal("1.25".parse().unwrap())),
        Ok(1.25)
    );
    assert_eq!(
        from_value::<i64>(&Value::Decimal(Decimal::from(-5))),
        Ok(-5)
    );
}

#[test]
fn errors_name_the_property() {
    #[derive(Debug, Deserialize)]
    struct Outer {
        #[expect(dead_code, reason = "only the way there matters")]
        inner: BTreeMap<String, Vec<Option<u8>>>,
    }
    let list = Value::list([Value::from(1), Value::Null, Value::from("x")]);
    let inner = Value::hashtable([("key", list)]);
    let error = from_value::<Outer>(&Object::bag().property("Inner", inner).into()).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"inner.key[2]: invalid type: string "x", expected u8"#
    );
    let error = from_value::<Outer>(&Object::bag().into()).unwrap_err();
    assert_eq!(error.to_string(), "missing field `inner`");
    let error = to_value(&BTreeMap::from([("big", vec![u128::MAX])])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "big[0]: the number has more than 96 bits"
    );
}

#[test]
fn references_are_followed_and_circles_end() {
    #[derive(Debug, Deserialize)]
    struct Link {
        #[expect(dead_code, reason = "only that it ends matters")]
        next: Box<Self>,
    }
    let circle = Object::bag()
        .labelled(RefId(1))
        .property("next", Value::Reference(RefId(1)));
    let error = from_value::<Link>(&circle.into()).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("the value is nested too deeply"),
        "{error}"
    );

    // Two references back are enough for more values than there is time to read.
    let itself = Value::list([Value::Reference(RefId(1)), Value::Reference(RefId(1))]);
    let Value::Object(mut list) = itself else {
        panic!("not an object")
    };
    list.ref_id = Some(RefId(1));
    let error = from_value::<serde_json::Value>(&Value::Object(list)).unwrap_err();
    assert!(
        [
            "references lead to too many values",
            "the value is nested too deeply"
        ]
        .iter()
        .any(|end| error.to_string().ends_with(end)),
        "{error}"
    );

    // Thirty lists, each of two references to the one before it: a thousand million numbers.
    let lists = (0..30).map(|number| {
        let items = match number {
            0 => vec![Value::from(1)],
            _ => vec![Value::Reference(RefId(number - 1)); 2],
        };
        let items = Content::Items(ContainerKind::List, items);
        Value::from(Object::wrapping(items).labelled(RefId(number)))
    });
    let error = from_value::<serde_json::Value>(&Value::list(lists)).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("references lead to too many values"),
        "{error}"
    );

    let shared = Object::bag().labelled(RefId(1)).property("a", 5);
    let list = Value::list([Value::from(shared), Value::Reference(RefId(1))]);
    let read: Vec<BTreeMap<String, i32>> = from_value(&list).unwrap();
    assert_eq!(read[0], read[1]);
}

#[test]
fn byte_arrays_are_read_as_numbers_too_and_secrets_are_not_read() {
    assert_eq!(
        from_value::<Vec<u8>>(&Value::Bytes(Bytes::from_static(&[1, 2]))),
        Ok(vec![1, 2])
    );
    let secret = Value::SecureString(psrp_codec::SecureString::new("00"));
    assert!(from_value::<String>(&secret).is_err());
    assert_eq!(from_value::<PsString>(&"a".into()), Ok("a".into()));
}

proptest! {
    #[test]
    fn no_value_makes_converting_panic(value: Value) {
        let _ = from_value::<serde_json::Value>(&value);
        let _ = from_value::<Everything>(&value);
        let _ = from_value::<Shape>(&value);
    }
}

#[test]
fn errors_name_entries_and_variants_on_the_way() {
    #[derive(Debug, Deserialize, Serialize)]
    enum Shape {
        Circle { radius: u8 },
        Points(Vec<u8>, u128),
        Tagged(u8),
    }
    let path = |value: Value| from_value::<Shape>(&value).unwrap_err().path();
    let shape = |name: &str, data: Value| Value::from(Object::bag().property(name, data));
    let circle = Object::bag().property("Radius", 300);
    assert_eq!(path(shape("circle", circle.into())), "Circle.radius");
    let points = Value::list([Value::list([1, 300]), Value::from(1)]);
    assert_eq!(path(shape("Points", points)), "Points[0][1]");
    assert_eq!(path(shape("Tagged", Value::from(300))), "Tagged");
    let wide = to_value(&Shape::Points(Vec::new(), u128::MAX)).unwrap_err();
    assert_eq!(wide.path(), "Points[1]");

    let entry = |key: Value| {
        let value = Value::hashtable([(key, Value::list([1, 300]))]);
        let map = from_value::<std::collections::BTreeMap<Key, Vec<u8>>>(&value);
        map.unwrap_err().path()
    };
    #[derive(Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
    #[serde(untagged)]
    enum Key {
        Number(i64),
        Truth(bool),
        Text(String),
        List(Vec<i32>),
    }
    assert_eq!(entry(Value::from(5)), "[5][1]");
    assert_eq!(entry(Value::from(true)), "[true][1]");
    assert_eq!(entry(Value::from("a")), "a[1]");
    assert_eq!(entry(Value::list([1])), "[Obj][1]");
    let numbered = std::collections::BTreeMap::from([(7, u128::MAX)]);
    assert_eq!(to_value(&numbered).unwrap_err().path(), "[7]");
}

/// No name of this crate stands in the way of the attribute `serde`.
mod all_that_there_is {
    use psrp_codec::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Named {
        name: String,
    }

    #[test]
    fn can_be_imported_beside_serde() {
        let value = Object::bag().property("Name", "pwsh").into();
        assert_eq!(from_value::<Named>(&value).unwrap().name, "pwsh");
    }
}
