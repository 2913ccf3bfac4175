//! The `-Property` arguments of Select-, Sort-, Group-, Measure-Object and their like: names, wildcards, script blocks, and
//! hashtables that say more.

use std::sync::Arc;

use super::CommandContext;
use super::object;
use crate::eval::{Flow, Run};
use crate::value::pattern::Wildcard;
use crate::value::{ErrorCategory, ScriptBlock, Text, TypeId, Value, convert, equal_folded};

/// What gives the value.
#[derive(Clone, Debug)]
pub(crate) enum Expression {
    /// A property, perhaps with wildcards.
    Name(Text),
    /// A script block; `$_` is the object.
    Block(Arc<ScriptBlock>),
}

/// One argument of `-Property`.
#[derive(Clone, Debug)]
pub(crate) struct PropertyExpression {
    pub(crate) expression: Expression,
    /// The name that the hashtable gives to the result.
    pub(crate) label: Option<Text>,
    pub(crate) ascending: Option<bool>,
    pub(crate) descending: Option<bool>,
}

impl PropertyExpression {
    /// Reads the arguments; `keys` are those that hashtables may have.
    ///
    /// # Errors
    /// When an argument is no property expression.
    pub(crate) fn read(
        cx: &mut CommandContext<'_, '_>,
        arguments: &[Value],
        keys: &[&'static str],
    ) -> Run<Vec<Self>> {
        arguments
            .iter()
            .map(|argument| Self::read_one(cx, argument, keys))
            .collect()
    }

    fn read_one(
        cx: &mut CommandContext<'_, '_>,
        argument: &Value,
        keys: &[&'static str],
    ) -> Run<Self> {
        let plain = |expression| Self {
            expression,
            label: None,
            ascending: None,
            descending: None,
        };
        match argument.base() {
            Value::ScriptBlock(block) => Ok(plain(Expression::Block(Arc::clone(block)))),
            Value::Hash(table) => {
                let mut read = Self {
                    expression: Expression::Name(Text::default()),
                    label: None,
                    ascending: None,
                    descending: None,
                };
                let mut has_expression = false;
                for (key, value) in table.entries() {
                    let Some(key) = key.as_text().cloned() else {
                        return Err(invalid(
                            cx,
                            "DictionaryKeyUnknown",
                            "A key in the dictionary is not a string.".to_owned(),
                        ));
                    };
                    let matching: Vec<&&str> = keys
                        .iter()
                        .filter(|own| {
                            own.len() >= key.len() && equal_folded(&own[..key.len()], &key)
                        })
                        .collect();
                    let [known] = matching[..] else {
                        let exact = keys.iter().find(|own| equal_folded(own, &key));
                        match exact {
                            Some(known) => {
                                has_expression |= read.set(cx, known, &value)?;
                                continue;
                            }
                            None if matching.is_empty() => {
                                return Err(invalid(
                                    cx,
                                    "DictionaryKeyIllegal",
                                    format!("The {key} key is not valid."),
                                ));
                            }
                            None => {
                                let all: Vec<&str> = matching.iter().map(|key| **key).collect();
                                let message = format!(
                                    "The {key} key is ambiguous; possible matches are {}.",
                                    all.join(", ")
                                );
                                return Err(invalid(cx, "DictionaryKeyAmbiguous", message));
                            }
                        }
                    };
                    has_expression |= read.set(cx, known, &value)?;
                }
                if !has_expression {
                    return Err(invalid(
                        cx,
                        "DictionaryMissingEntry",
                        "The required key \"Expression\" is missing or empty.".to_owned(),
                    ));
                }
                Ok(read)
            }
            other => match other.as_text() {
                Some(text) => Ok(plain(Expression::Name(text.clone()))),
                None => {
                    let text = convert::to_text(other, cx.machine)?;
                    Ok(plain(Expression::Name(text)))
                }
            },
        }
    }

    /// Takes one entry of a hashtable; true if it was the expression.
    fn set(&mut self, cx: &mut CommandContext<'_, '_>, key: &str, value: &Value) -> Run<bool> {
        match key {
            "Expression" => {
                self.expression = match value.base() {
                    Value::ScriptBlock(block) => Expression::Block(Arc::clone(block)),
                    other => match other.as_text() {
                        Some(text) if !text.is_empty() => Expression::Name(text.clone()),
                        _ => {
                            return Err(invalid(
                                cx,
                                "DictionaryKeyIllegalValue",
                                "The \"Expression\" key has a value that is not valid.".to_owned(),
                            ));
                        }
                    },
                };
                Ok(true)
            }
            "Name" | "Label" => {
                self.label = Some(convert::to_text(value, cx.machine)?);
                Ok(false)
            }
            "Ascending" => {
                self.ascending = Some(convert::to_bool(value));
                Ok(false)
            }
            "Descending" => {
                self.descending = Some(convert::to_bool(value));
                Ok(false)
            }
            _ => Ok(false),
        }
    }

    /// The name under which results stand.
    pub(crate) fn text(&self) -> Text {
        match &self.expression {
            Expression::Name(name) => name.clone(),
            Expression::Block(block) => block.text().into(),
        }
    }

    /// The properties of `object` that are meant: itself for a block, all matches for a wildcard.
    pub(crate) fn resolve(&self, object: &Value) -> Vec<Expression> {
        match &self.expression {
            Expression::Name(name) if Wildcard::has_wildcards(name) => {
                let Some(pattern) = Wildcard::new(name, true) else {
                    return Vec::new();
                };
                let names = match object.base() {
                    Value::Hash(table) if !matches!(object, Value::Object(_)) => table
                        .keys()
                        .iter()
                        .filter_map(|key| key.as_text().cloned())
                        .collect(),
                    _ => object::property_names(object),
                };
                names
                    .into_iter()
                    .filter(|name| pattern.is_match(name))
                    .map(Expression::Name)
                    .collect()
            }
            other => vec![other.clone()],
        }
    }

    /// The value for `object`, or `None` if it has no such property.
    ///
    /// # Errors
    /// Control that leaves the pipeline. An error of a block counts as null.
    pub(crate) fn value(
        &self,
        cx: &mut CommandContext<'_, '_>,
        object: &Value,
    ) -> Run<Option<Value>> {
        for expression in self.resolve(object) {
            let found = expression.value(cx, object)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

impl Expression {
    /// The value for `object`, or `None` if it has no such property.
    ///
    /// # Errors
    /// Control that leaves the pipeline. An error of a block counts as null.
    pub(crate) fn value(
        &self,
        cx: &mut CommandContext<'_, '_>,
        object: &Value,
    ) -> Run<Option<Value>> {
        match self {
            Self::Name(name) => match object::property(object, name, cx.machine) {
                Ok(found) => Ok(found),
                Err(raise) => object::swallow(raise).map(Some),
            },
            Self::Block(block) => match cx.value_of_block(block, object.clone()) {
                Ok(Value::Nothing) => Ok(Some(Value::Null)),
                Ok(value) => Ok(Some(value)),
                Err(Flow::Error(_)) => Ok(Some(Value::Null)),
                Err(flow) => Err(flow),
            },
        }
    }
}

fn invalid(cx: &CommandContext<'_, '_>, id: &str, message: String) -> Flow {
    cx.fail(
        TypeId::NotSupportedException,
        message,
        id,
        ErrorCategory::InvalidArgument,
        Value::Null,
    )
}
