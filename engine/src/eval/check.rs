//! What a variable or parameter demands of its values: a type to convert to, and validations.

use std::sync::Arc;

use super::flow::{Flow, Run};
use super::machine::Machine;
use super::node::AttributeNode;
use super::ops;
use super::symbol::Symbol;
use crate::command::Validate;
use crate::syntax::ast::BinaryOperator;
use crate::value::{
    ErrorCategory, Exception, Raise, ScriptBlock, Text, TypeId, TypeRef, Value, equal_folded,
};

/// One demand.
#[derive(Clone, Debug)]
pub(crate) enum Check {
    Convert(TypeRef),
    AllowNull,
    AllowEmptyString,
    AllowEmptyCollection,
    NotNull,
    NotNullOrEmpty,
    NotNullOrWhiteSpace,
    Range(Value, Value),
    RangeKind(RangeKind),
    Length(i64, i64),
    Count(i64, i64),
    Pattern {
        pattern: Text,
        message: Option<Text>,
        ignore_case: bool,
    },
    Set {
        values: Arc<[Text]>,
        message: Option<Text>,
        ignore_case: bool,
    },
    Script {
        block: Arc<ScriptBlock>,
        message: Option<Text>,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum RangeKind {
    Positive,
    NonNegative,
    Negative,
    NonPositive,
}

impl Check {
    pub(crate) fn of_declared(validate: &Validate) -> Self {
        match *validate {
            Validate::AllowNull => Self::AllowNull,
            Validate::AllowEmptyString => Self::AllowEmptyString,
            Validate::AllowEmptyCollection => Self::AllowEmptyCollection,
            Validate::NotNull => Self::NotNull,
            Validate::NotNullOrEmpty => Self::NotNullOrEmpty,
            Validate::Range(low, high) => Self::Range(small(low), small(high)),
            Validate::Set(values) => Self::Set {
                values: values.iter().map(|value| Text::from(*value)).collect(),
                message: None,
                ignore_case: true,
            },
            Validate::Count(low, high) => Self::Count(low as i64, high as i64),
            Validate::Length(low, high) => Self::Length(low as i64, high as i64),
        }
    }
}

fn small(number: i64) -> Value {
    i32::try_from(number).map_or(Value::Int64(number), Value::Int32)
}

impl Machine<'_> {
    /// The demands that attributes make, in the order in which they apply.
    pub(crate) fn checks_of(&mut self, attributes: &[AttributeNode]) -> Run<Vec<Check>> {
        let mut checks = Vec::new();
        // The attribute nearest to the variable is applied first.
        for attribute in attributes.iter().rev() {
            if let Some(ty) = &attribute.ty {
                checks.push(Check::Convert(self.resolve_type(ty)?));
            } else if let Some(check) = self.check_of(attribute)? {
                checks.push(check);
            }
        }
        Ok(checks)
    }

    fn check_of(&mut self, attribute: &AttributeNode) -> Run<Option<Check>> {
        let mut arguments = Vec::new();
        for expr in &attribute.positional {
            arguments.push(self.evaluate(expr)?);
        }
        let message = self.named_text(attribute, "ErrorMessage")?;
        let ignore_case = match attribute
            .named
            .iter()
            .find(|(name, _)| equal_folded(name, "IgnoreCase"))
        {
            Some((_, Some(expr))) => {
                let value = self.evaluate(expr)?;
                ops::truth(&value)
            }
            _ => true,
        };
        let number = |value: Option<&Value>| value.and_then(ops::integer).unwrap_or(0);
        Ok(Some(match attribute.name.to_ascii_lowercase().as_str() {
            "allownull" => Check::AllowNull,
            "allowemptystring" => Check::AllowEmptyString,
            "allowemptycollection" => Check::AllowEmptyCollection,
            "validatenotnull" => Check::NotNull,
            "validatenotnullorempty" => Check::NotNullOrEmpty,
            "validatenotnullorwhitespace" => Check::NotNullOrWhiteSpace,
            "validaterange" => match arguments.as_slice() {
                [low, high] => Check::Range(low.clone(), high.clone()),
                [kind] => match ops::plain_text(kind).to_ascii_lowercase().as_str() {
                    "positive" => Check::RangeKind(RangeKind::Positive),
                    "nonnegative" => Check::RangeKind(RangeKind::NonNegative),
                    "negative" => Check::RangeKind(RangeKind::Negative),
                    _ => Check::RangeKind(RangeKind::NonPositive),
                },
                _ => return Ok(None),
            },
            "validatelength" => Check::Length(number(arguments.first()), number(arguments.get(1))),
            "validatecount" => Check::Count(number(arguments.first()), number(arguments.get(1))),
            "validatepattern" => Check::Pattern {
                pattern: arguments.first().map(ops::plain_text).unwrap_or_default(),
                message,
                ignore_case,
            },
            "validateset" => Check::Set {
                values: arguments.iter().map(ops::plain_text).collect(),
                message,
                ignore_case,
            },
            "validatescript" => match arguments.first().map(Value::base) {
                Some(Value::ScriptBlock(block)) => Check::Script {
                    block: Arc::clone(block),
                    message,
                },
                _ => return Ok(None),
            },
            _ => return Ok(None),
        }))
    }

    pub(crate) fn named_text(
        &mut self,
        attribute: &AttributeNode,
        name: &str,
    ) -> Run<Option<Text>> {
        let Some((_, Some(expr))) = attribute
            .named
            .iter()
            .find(|(own, _)| equal_folded(own, name))
        else {
            return Ok(None);
        };
        let value = self.evaluate(expr)?;
        ops::text(self, &value).map(Some)
    }

    pub(crate) fn named_value(
        &mut self,
        attribute: &AttributeNode,
        name: &str,
    ) -> Run<Option<Value>> {
        match attribute
            .named
            .iter()
            .find(|(own, _)| equal_folded(own, name))
        {
            None => Ok(None),
            Some((_, None)) => Ok(Some(Value::Bool(true))),
            Some((_, Some(expr))) => self.evaluate(expr).map(Some),
        }
    }

    /// Applies the demands of a variable to a new value.
    pub(crate) fn check_variable(
        &mut self,
        checks: &[Check],
        name: Symbol,
        value: Value,
    ) -> Run<Value> {
        let mut value = value;
        for check in checks {
            match check {
                Check::Convert(ty) => {
                    value = ops::cast_argument(self, &value, ty).map_err(transformation)?;
                }
                other => {
                    if let Some(_message) = self.violation(other, &value)? {
                        let shown = ops::plain_text(&value);
                        let message = format!(
                            "The variable cannot be validated because the value {shown} is not a valid value for the {} variable.",
                            name.name().as_str()
                        );
                        return Err(Raise::of(
                            TypeId::ValidationMetadataException,
                            message,
                            "ValidateSetFailure",
                        )
                        .category(ErrorCategory::MetadataError)
                        .into());
                    }
                }
            }
        }
        Ok(value)
    }

    /// What is wrong with a value, if anything is.
    pub(crate) fn violation(&mut self, check: &Check, value: &Value) -> Run<Option<Text>> {
        let items = match (check, value) {
            (
                Check::Count(..)
                | Check::NotNullOrEmpty
                | Check::NotNull
                | Check::NotNullOrWhiteSpace,
                _,
            ) => None,
            (_, value) => ops::items(value),
        };
        if let Some(items) = items {
            for item in items {
                if let Some(message) = self.violation(check, &item)? {
                    return Ok(Some(message));
                }
            }
            return Ok(None);
        }
        Ok(match check {
            Check::Convert(_) | Check::AllowNull | Check::AllowEmptyString | Check::AllowEmptyCollection => None,
            Check::NotNull => null_violation(value, false),
            Check::NotNullOrEmpty => null_violation(value, true),
            Check::NotNullOrWhiteSpace => match value.as_text() {
                Some(text) if text.trim().is_empty() => Some("The argument is null, empty, or consists of only white-space characters. Provide an argument that contains non white-space characters, and then try the command again.".into()),
                _ => null_violation(value, true),
            },
            Check::Range(low, high) => self.range_violation(low, high, value)?,
            Check::RangeKind(kind) => self.kind_violation(*kind, value)?,
            Check::Length(..) | Check::Pattern { .. } | Check::Set { .. } | Check::Script { .. } if value.is_null() => Some(
                "The argument is null, empty, or an element of the argument collection contains a null value. Supply a collection that does not contain any null values and then try the command again."
                    .into(),
            ),
            Check::Length(low, high) => {
                let Some(text) = value.as_text() else {
                    return Ok(Some("Cannot validate the argument because it is not a string. Specify an argument of type String, and then try the command again.".into()));
                };
                let length = i64::try_from(text.utf16_len()).unwrap_or(i64::MAX);
                if length < *low {
                    Some(format!("The character length ({length}) of the argument is too short. Specify an argument with a length that is greater than or equal to \"{low}\", and then try the command again.").into())
                } else if length > *high {
                    Some(format!("The character length of the {length} argument is too long. Shorten the character length of the argument so it is fewer than or equal to \"{high}\" characters, and then try the command again.").into())
                } else {
                    None
                }
            }
            Check::Count(low, high) => {
                let count = match ops::items(value) {
                    Some(items) => i64::try_from(items.len()).unwrap_or(i64::MAX),
                    None if value.is_null() => 0,
                    None => return Ok(Some("The ValidateCount attribute cannot be applied to a non-array parameter. Either remove the attribute from the parameter or make the parameter an array parameter.".into())),
                };
                if count < *low || count > *high {
                    let message = if low == high {
                        format!("The parameter requires exactly {low} value(s) - {count} value(s) were provided.")
                    } else {
                        format!("The parameter requires at least {low} value(s) and no more than {high} value(s) - {count} value(s) were provided.")
                    };
                    Some(message.into())
                } else {
                    None
                }
            }
            Check::Pattern { pattern, message, ignore_case } => {
                let text = ops::text(self, value)?;
                let operator = BinaryOperator::Match { case_sensitive: !ignore_case };
                let saved = self.lookup(super::symbol::known::matches());
                let matched = self.binary(operator, &Value::String(text.clone()), &Value::String(pattern.clone()))?;
                if let Some(saved) = saved {
                    self.set_local(super::symbol::known::matches(), saved);
                }
                if ops::truth(&matched) {
                    None
                } else {
                    Some(match message {
                        Some(message) => message.replace("{0}", &text).replace("{1}", pattern).into(),
                        None => format!("The argument \"{text}\" does not match the \"{pattern}\" pattern. Supply an argument that matches \"{pattern}\" and try the command again.").into(),
                    })
                }
            }
            Check::Set { values, message, ignore_case } => {
                let text = ops::text(self, value)?;
                let found = values.iter().any(|own| if *ignore_case { equal_folded(own, &text) } else { **own == *text });
                if found {
                    None
                } else {
                    let list: Vec<&str> = values.iter().map(Text::as_str).collect();
                    let list = list.join(",");
                    Some(match message {
                        Some(message) => message.replace("{0}", &text).replace("{1}", &list).into(),
                        None => format!("The argument \"{text}\" does not belong to the set \"{list}\" specified by the ValidateSet attribute. Supply an argument that is in the set and then try the command again.").into(),
                    })
                }
            }
            Check::Script { block, message } => {
                let result = self.call_for_value(block, &[], Some(value), None)?;
                if ops::truth(&result) {
                    None
                } else {
                    let shown = ops::text(self, value)?;
                    Some(match message {
                        Some(message) => message.replace("{0}", &shown).replace("{1}", block.text()).into(),
                        None => format!("The \"{}\" validation script for the argument with value \"{shown}\" did not return a result of True. Determine why the validation script failed, and then try the command again.", block.text()).into(),
                    })
                }
            }
        })
    }

    fn range_violation(&mut self, low: &Value, high: &Value, value: &Value) -> Run<Option<Text>> {
        let value = match low.type_ref() {
            Some(ty) if value.type_ref().as_ref() != Some(&ty) => match ops::cast(self, value, &ty) {
                Ok(value) => value,
                Err(Raise::Error(_)) => return Ok(Some(format!("The argument \"{}\" cannot be validated because its type \"{}\" is not the same type (\"{}\") as the maximum and minimum limits of the parameter. Make sure the argument is of type {} and then try the command again.", ops::plain_text(value), value.type_name(), ty.full_name(), ty.full_name()).into())),
                Err(other) => return Err(other.into()),
            },
            _ => value.clone(),
        };
        let shown = ops::text(self, &value)?;
        if ops::truth(&self.binary(
            BinaryOperator::LessThan {
                case_sensitive: false,
            },
            &value,
            low,
        )?) {
            let low = ops::text(self, low)?;
            return Ok(Some(format!("The {shown} argument is less than the minimum allowed range of {low}. Supply an argument that is greater than or equal to {low} and then try the command again.").into()));
        }
        if ops::truth(&self.binary(
            BinaryOperator::GreaterThan {
                case_sensitive: false,
            },
            &value,
            high,
        )?) {
            let high = ops::text(self, high)?;
            return Ok(Some(format!("The {shown} argument is greater than the maximum allowed range of {high}. Supply an argument that is less than or equal to {high} and then try the command again.").into()));
        }
        Ok(None)
    }

    fn kind_violation(&mut self, kind: RangeKind, value: &Value) -> Run<Option<Text>> {
        let zero = Value::Int32(0);
        let (operator, words) = match kind {
            RangeKind::Positive => (
                BinaryOperator::GreaterThan {
                    case_sensitive: false,
                },
                "must be greater than zero",
            ),
            RangeKind::NonNegative => (
                BinaryOperator::GreaterOrEqual {
                    case_sensitive: false,
                },
                "must be greater than or equal to zero",
            ),
            RangeKind::Negative => (
                BinaryOperator::LessThan {
                    case_sensitive: false,
                },
                "must be less than zero",
            ),
            RangeKind::NonPositive => (
                BinaryOperator::LessOrEqual {
                    case_sensitive: false,
                },
                "must be less than or equal to zero",
            ),
        };
        if ops::truth(&self.binary(operator, value, &zero)?) {
            return Ok(None);
        }
        let shown = ops::text(self, value)?;
        Ok(Some(
            format!(
                "The argument \"{shown}\" cannot be validated because its value {}.",
                words.replacen("must be", "is not", 1)
            )
            .into(),
        ))
    }
}

fn null_violation(value: &Value, empty_too: bool) -> Option<Text> {
    let word = if empty_too { "null or empty" } else { "null" };
    let message = |what: &str| -> Text {
        format!("{what} Provide an argument that is not {word}, and then try the command again.")
            .into()
    };
    if value.is_null() {
        return Some(message(if empty_too {
            "The argument is null or empty."
        } else {
            "The argument is null."
        }));
    }
    if let Some(text) = value.as_text() {
        return (empty_too && text.is_empty()).then(|| message("The argument is null or empty."));
    }
    let items = ops::items(value)?;
    if empty_too && items.is_empty() {
        return Some("The argument is null, empty, or an element of the argument collection contains a null value. Supply a collection that does not contain any null values and then try the command again.".into());
    }
    if items.iter().any(|item| {
        item.is_null() || (empty_too && item.as_text().is_some_and(|text| text.is_empty()))
    }) {
        return Some("The argument is null, empty, or an element of the argument collection contains a null value. Supply a collection that does not contain any null values and then try the command again.".into());
    }
    None
}

/// A failed conversion of a variable's value, as PowerShell words it.
fn transformation(raise: Raise) -> Flow {
    match raise {
        Raise::Error(mut error) => {
            let exception = Exception::new(
                TypeRef::of(TypeId::ArgumentTransformationMetadataException),
                error.exception.message().clone(),
            )
            .caused_by(Arc::clone(&error.exception));
            error.exception = Arc::new(exception);
            error.fqid = "RuntimeException".into();
            error.category = ErrorCategory::MetadataError;
            Raise::Error(error).into()
        }
        other => other.into(),
    }
}
