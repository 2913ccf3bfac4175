//! Strategies for property tests, here and in the crates above: any value that CLIXML has a form
//! for.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    ContainerKind, Content, DateTime, DateTimeKind, Decimal, Member, Object, Progress,
    ProgressKind, Property, PsString, SecureString, TimeSpan, TypeNames, Value, Version,
};

/// Any string: mostly text, often with what has to be escaped, now and then any UTF-16 units.
impl Arbitrary for PsString {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        prop_oneof![
            4 => "[ -~]{0,12}".prop_map(Self::from),
            2 => "(_x[0-9A-F]{0,4}_?|_X|&|<|>|\"|\\]\\]>|\r|\n|\t|\u{85}|\u{fffe}|😀|é|[a-z]){0,6}"
                .prop_map(Self::from),
            1 => any::<String>().prop_map(Self::from),
            1 => vec(any::<u16>(), 0..6).prop_map(|units| Self::from_utf16(&units)),
            1 => vec(0xD700_u16..0xE100, 0..6).prop_map(|units| Self::from_utf16(&units)),
        ]
        .boxed()
    }
}

impl Arbitrary for DateTime {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        let kind = prop_oneof![
            Just(DateTimeKind::Unspecified),
            Just(DateTimeKind::Utc),
            (-840_i16..=840).prop_map(|offset_minutes| DateTimeKind::Local { offset_minutes }),
        ];
        (0..=Self::MAX_TICKS, kind)
            .prop_filter_map("years end at 9999", |(ticks, kind)| Self::new(ticks, kind))
            .boxed()
    }
}

impl Arbitrary for Decimal {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        let coefficient = prop_oneof![0_u128..1000, 0..=Self::MAX_COEFFICIENT];
        (any::<bool>(), coefficient, 0..=Self::MAX_SCALE)
            .prop_filter_map("96 bits", |(negative, coefficient, scale)| {
                Self::new(negative, coefficient, scale)
            })
            .boxed()
    }
}

impl Arbitrary for Version {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        let number = || prop_oneof![0_u32..20, 0..=i32::MAX.unsigned_abs()];
        let rest = option::of((number(), option::of(number())));
        (number(), number(), rest)
            .prop_map(|(major, minor, rest)| {
                let version = Self::new(major, minor);
                match rest {
                    None => version,
                    Some((build, None)) => version.with_build(build),
                    Some((build, Some(revision))) => {
                        version.with_build(build).with_revision(revision)
                    }
                }
            })
            .boxed()
    }
}

impl Arbitrary for Progress {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        let filled = || any::<PsString>().prop_filter("not empty", |text| !text.is_empty());
        let ids =
            (0..i32::MAX, any::<i32>()).prop_filter("not part of itself", |(id, of)| id != of);
        let kind = prop_oneof![
            Just(ProgressKind::Processing),
            Just(ProgressKind::Completed)
        ];
        (
            filled(),
            ids,
            option::of(filled()),
            i32::MIN..=100,
            kind,
            any::<i32>(),
            filled(),
        )
            .prop_map(
                |(
                    activity,
                    ids,
                    current_operation,
                    percent_complete,
                    kind,
                    seconds_remaining,
                    status,
                )| {
                    Self {
                        activity,
                        activity_id: ids.0,
                        current_operation,
                        parent_activity_id: ids.1,
                        percent_complete,
                        kind,
                        seconds_remaining,
                        status,
                    }
                },
            )
            .boxed()
    }
}

impl Arbitrary for TypeNames {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        let name = prop_oneof![
            Just(PsString::from_static("System.Object")),
            Just(PsString::from_static(
                "System.Management.Automation.PSCustomObject"
            )),
            any::<PsString>().prop_filter("not empty", |name| !name.is_empty()),
        ];
        vec(name, 0..4).prop_map(Self::from).boxed()
    }
}

/// Any value of a primitive type.
fn primitive() -> BoxedStrategy<Value> {
    prop_oneof![
        any::<PsString>().prop_map(Value::String),
        any::<u16>().prop_map(Value::Char),
        any::<bool>().prop_map(Value::Bool),
        any::<DateTime>().prop_map(Value::DateTime),
        any::<i64>().prop_map(|ticks| Value::TimeSpan(TimeSpan::from_ticks(ticks))),
        any::<u8>().prop_map(Value::Byte),
        any::<i8>().prop_map(Value::SByte),
        any::<u16>().prop_map(Value::UInt16),
        any::<i16>().prop_map(Value::Int16),
        any::<u32>().prop_map(Value::UInt32),
        any::<i32>().prop_map(Value::Int32),
        any::<u64>().prop_map(Value::UInt64),
        any::<i64>().prop_map(Value::Int64),
        proptest::num::f32::ANY.prop_map(Value::Single),
        proptest::num::f64::ANY.prop_map(Value::Double),
        any::<Decimal>().prop_map(Value::Decimal),
        vec(any::<u8>(), 0..40).prop_map(|bytes| Value::Bytes(Bytes::from(bytes))),
        any::<u128>().prop_map(|guid| Value::Guid(Uuid::from_u128(guid))),
        any::<PsString>().prop_map(Value::Uri),
        any::<Version>().prop_map(Value::Version),
        any::<PsString>().prop_map(Value::Xml),
        any::<PsString>().prop_map(Value::ScriptBlock),
        any::<String>().prop_map(|text| Value::SecureString(SecureString::new(text))),
        any::<Progress>().prop_map(Value::from),
    ]
    .boxed()
}

/// Any value without references: primitives, null, and objects of every form.
impl Arbitrary for Value {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        let leaf = prop_oneof![8 => primitive(), 1 => Just(Self::Null)];
        leaf.prop_recursive(4, 40, 5, |inner| object(inner).prop_map(Self::from))
            .boxed()
    }
}

fn object(inner: BoxedStrategy<Value>) -> BoxedStrategy<Object> {
    let name = || {
        prop_oneof![
            Just(PsString::from_static("Name")),
            any::<PsString>().prop_filter("not empty", |name| !name.is_empty()),
        ]
    };
    let property = (name(), inner.clone()).prop_map(|(name, value)| Property { name, value });
    let member = property.clone().prop_map(Member::Property);
    let member = member.prop_recursive(3, 8, 3, move |member| {
        (name(), vec(member, 0..3)).prop_map(|(name, members)| Member::Set(name, members))
    });
    let kind = prop_oneof![
        Just(ContainerKind::List),
        Just(ContainerKind::Stack),
        Just(ContainerKind::Queue),
        Just(ContainerKind::Enumerable),
    ];
    let key = inner
        .clone()
        .prop_filter("a key is not null", |key| !key.is_null());
    let content = prop_oneof![
        inner
            .clone()
            .prop_filter("null is not wrapped", |value| !value.is_null())
            .prop_map(Content::Value),
        (kind, vec(inner.clone(), 0..4)).prop_map(|(kind, items)| Content::Items(kind, items)),
        vec((key, inner), 0..4).prop_map(Content::Dictionary),
    ];
    (
        option::of(any::<TypeNames>()),
        option::of(any::<PsString>()),
        option::of(content),
        option::of(vec(property, 0..4)),
        option::of(vec(member, 0..4)),
    )
        .prop_map(|(type_names, to_string, content, adapted, extended)| {
            let mut object = Object::bag();
            object.type_names = type_names;
            object.to_string = to_string;
            object.content = content;
            object.adapted = adapted;
            object.extended = extended;
            object
        })
        .boxed()
}
