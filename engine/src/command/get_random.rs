//! Get-Random and New-Guid.

use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::value::{ErrorCategory, TypeId, TypeRef, Value, convert};

pub(crate) static RANDOM: CommandSpec = CommandSpec::new(
    "Get-Random",
    "Microsoft.PowerShell.Commands.GetRandomCommand",
    || Box::new(GetRandom::default()),
)
.default_set(NUMBER)
.output_types(&["System.Int32", "System.Int64", "System.Double"])
.parameters(&[
    Parameter::new("SetSeed", "int"),
    Parameter::new("Maximum", "object").in_sets(&[InSet::of(NUMBER).position(0)]),
    Parameter::new("Minimum", "object").in_sets(&[InSet::of(NUMBER)]),
    Parameter::new("InputObject", "object[]")
        .in_sets(&[
            InSet::of("RandomListItemParameterSet")
                .position(0)
                .mandatory()
                .pipeline(),
            InSet::of("ShuffleParameterSet")
                .position(0)
                .mandatory()
                .pipeline(),
        ])
        .validate(&[Validate::AllowNull]),
    Parameter::new("Count", "int")
        .in_sets(&[InSet::of(NUMBER), InSet::of("RandomListItemParameterSet")])
        .validate(&[Validate::Range(1, i32::MAX as i64)]),
    Parameter::switch("Shuffle").in_sets(&[InSet::of("ShuffleParameterSet").mandatory()]),
]);

pub(crate) static GUID: CommandSpec = CommandSpec::new(
    "New-Guid",
    "Microsoft.PowerShell.Commands.NewGuidCommand",
    || Box::new(NewGuid),
)
.default_set("Default")
.output_types(&["System.Guid"])
.parameters(&[
    Parameter::switch("Empty").in_sets(&[InSet::of("Empty")]),
    Parameter::new("InputObject", "guid")
        .in_sets(&[InSet::of("InputObject").position(0).pipeline()]),
]);

const NUMBER: &str = "RandomNumberParameterSet";

#[derive(Default)]
struct GetRandom {
    items: Vec<Value>,
    numbers: Option<Generator>,
}

/// SplitMix64: seeded by the system, or by `-SetSeed` for the same numbers each time.
struct Generator(u64);

impl Generator {
    fn new(seed: Option<i64>) -> Self {
        Self(seed.map_or_else(
            || {
                let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
                high ^ low.rotate_left(32)
            },
            i64::cast_unsigned,
        ))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, each as likely as the others.
    fn below(&mut self, bound: u64) -> u64 {
        let bound = bound.max(1);
        let limit = u64::MAX - u64::MAX % bound;
        loop {
            let number = self.next();
            if number < limit {
                return number % bound;
            }
        }
    }

    /// At least 0 and less than 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Command for GetRandom {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        const KEY: &str = "random";
        if let Some(seed) = cx.integer("SetSeed") {
            cx.machine
                .session
                .extensions
                .insert(KEY, Box::new(Generator::new(Some(seed))));
        }
        // A seed lasts for the calls that follow.
        let kept = cx
            .machine
            .session
            .extensions
            .shift_remove(KEY)
            .and_then(|kept| kept.downcast::<Generator>().ok());
        self.numbers = Some(kept.map_or_else(|| Generator::new(None), |kept| *kept));
        Ok(())
    }

    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if cx.has("InputObject") {
            let items = cx.items("InputObject");
            cx.machine
                .charge_bytes(items.len() * size_of::<Value>())
                .map_err(Flow::from)?;
            self.items.extend(items);
        }
        Ok(())
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if cx.parameter_set() == NUMBER || !(cx.has("InputObject") || cx.expects_input()) {
            let count = cx.integer("Count").unwrap_or(1);
            for _ in 0..count {
                cx.checkpoint()?;
                let number = self.number(cx)?;
                cx.write(number)?;
            }
        }
        let mut items = std::mem::take(&mut self.items);
        let Some(mut numbers) = self.numbers.take() else {
            return Ok(());
        };
        if !items.is_empty() {
            let count = if cx.is_set("Shuffle") {
                items.len()
            } else {
                usize::try_from(cx.integer("Count").unwrap_or(1))
                    .unwrap_or(1)
                    .min(items.len())
            };
            for index in 0..count {
                cx.checkpoint()?;
                let rest = u64::try_from(items.len() - index).unwrap_or(1);
                let other = index + usize::try_from(numbers.below(rest)).unwrap_or(0);
                items.swap(index, other);
                cx.write(items[index].clone())?;
            }
        }
        cx.machine
            .session
            .extensions
            .insert("random", Box::new(numbers));
        Ok(())
    }
}

impl GetRandom {
    fn number(&mut self, cx: &mut CommandContext<'_, '_>) -> Run<Value> {
        let Some(numbers) = &mut self.numbers else {
            return Ok(Value::Null);
        };
        let bound = |cx: &mut CommandContext<'_, '_>, name: &str| -> Run<Option<Value>> {
            match cx.get(name).map(Value::base).cloned() {
                None | Some(Value::Null) => Ok(None),
                Some(text @ Value::String(_)) => Ok(Some(
                    convert::to(&text, &TypeRef::of(TypeId::Double), cx.machine)
                        .map_err(Flow::from)?,
                )),
                Some(other) if other.is_number() => Ok(Some(other)),
                Some(other) => Ok(Some(
                    convert::to(&other, &TypeRef::of(TypeId::Int32), cx.machine)
                        .map_err(Flow::from)?,
                )),
            }
        };
        let (minimum, maximum) = (bound(cx, "Minimum")?, bound(cx, "Maximum")?);
        let is_double = |value: &Option<Value>| {
            matches!(
                value,
                Some(Value::Double(_) | Value::Single(_) | Value::Decimal(_))
            )
        };
        let double = |value: &Option<Value>, cx: &mut CommandContext<'_, '_>| {
            value
                .as_ref()
                .and_then(|value| super::object::to_double(value, cx.machine))
        };
        let refused = |cx: &CommandContext<'_, '_>, low: String, high: String| {
            let message = format!(
                "The Minimum value ({low}) cannot be greater than or equal to the Maximum value ({high})."
            );
            cx.fail(
                TypeId::ArgumentException,
                message,
                "MinGreaterThanOrEqualMax",
                ErrorCategory::InvalidArgument,
                Value::Null,
            )
        };
        if is_double(&minimum) || is_double(&maximum) {
            let (low, high) = (
                double(&minimum, cx).unwrap_or(0.0),
                double(&maximum, cx).unwrap_or(f64::MAX),
            );
            if low >= high {
                return Err(refused(cx, low.to_string(), high.to_string()));
            }
            return Ok(Value::Double(low + (high - low) * numbers.fraction()));
        }
        let integer = |value: &Option<Value>| {
            value
                .as_ref()
                .and_then(crate::value::number::integer_of)
                .and_then(|number| i64::try_from(number).ok())
        };
        let wide =
            matches!(minimum, Some(Value::Int64(_))) || matches!(maximum, Some(Value::Int64(_)));
        let (low, high) = (
            integer(&minimum).unwrap_or(0),
            integer(&maximum).unwrap_or(if wide { i64::MAX } else { i64::from(i32::MAX) }),
        );
        if low >= high {
            return Err(refused(cx, low.to_string(), high.to_string()));
        }
        let number = low.wrapping_add(
            numbers
                .below(high.wrapping_sub(low).cast_unsigned())
                .cast_signed(),
        );
        Ok(match i32::try_from(number) {
            Ok(number) if !wide => Value::Int32(number),
            _ => Value::Int64(number),
        })
    }
}

struct NewGuid;

impl Command for NewGuid {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        match cx.get("InputObject").cloned() {
            Some(guid) => cx.write(guid),
            None if cx.is_set("Empty") => cx.write(Value::Guid(uuid::Uuid::nil())),
            None => cx.write(Value::Guid(uuid::Uuid::new_v4())),
        }
    }
}
