//! What stands in a column or a line of a list, and how a user names it.

use std::sync::Arc;

use super::properties::{matching_names, property, survive};
use super::table::Alignment;
use crate::value::convert::to_text;
use crate::value::{Context, Raise, ScriptBlock, Text, Value, equal_folded};

/// One column of a table or line of a list.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) label: Text,
    pub(super) source: Source,
    /// A .NET format.
    pub(super) format: Option<Text>,
    /// 0 if none was given.
    pub(super) width: usize,
    /// By the type of the first value if none was given.
    pub(super) alignment: Option<Alignment>,
}

/// Where a value comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Property(Text),
    Block(Arc<ScriptBlock>),
    Native(NativeSource),
}

/// What a predefined view computes.
pub(super) type NativeSource = fn(&Value, &mut dyn Context) -> Result<Value, Raise>;

impl Field {
    /// A property under its own name.
    pub(super) fn property(name: Text) -> Self {
        Self {
            label: name.clone(),
            source: Source::Property(name),
            format: None,
            width: 0,
            alignment: None,
        }
    }

    /// The value for an object; null if there is none or it fails.
    pub(super) fn value(&self, object: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
        match &self.source {
            Source::Property(name) => Ok(property(object, name, cx)?.unwrap_or_default()),
            Source::Block(block) => {
                let result = cx.call_block(block, &[], Some(object), None);
                Ok(survive(result, cx)?.unwrap_or_default())
            }
            Source::Native(native) => native(object, cx),
        }
    }
}

/// An argument of `-Property` or `-GroupBy`: a name with wildcards, a script block, or a hashtable that tells more.
#[derive(Clone, Debug)]
pub struct PropertyArgument {
    label: Option<Text>,
    expression: Expression,
    format: Option<Text>,
    width: usize,
    alignment: Option<Alignment>,
}

#[derive(Clone, Debug)]
enum Expression {
    Pattern(Text),
    Block(Arc<ScriptBlock>),
}

/// What is wrong with an argument of `-Property`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PropertyArgumentError {
    /// A key that means nothing here.
    #[error("The {0} key is not valid.")]
    UnknownKey(String),
    /// The hashtable names no property.
    #[error("The Expression key is missing or is not a property or script block.")]
    MissingExpression,
    /// The value of a key is of no use.
    #[error("The {0} key has a value that is not valid.")]
    BadValue(&'static str),
}

impl PropertyArgumentError {
    /// The id of the error record.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::UnknownKey(_) => "DictionaryKeyUnknown",
            Self::MissingExpression => "DictionaryKeyMandatoryEntry",
            Self::BadValue(_) => "DictionaryKeyIllegalValue",
        }
    }
}

/// The keys of a calculated property; the start of a key suffices.
const KEYS: &[&str] = &[
    "name",
    "label",
    "expression",
    "formatstring",
    "width",
    "alignment",
    "depth",
];

impl PropertyArgument {
    /// A property by name; wildcards are allowed.
    #[must_use]
    pub fn named(pattern: impl Into<Text>) -> Self {
        Self {
            label: None,
            expression: Expression::Pattern(pattern.into()),
            format: None,
            width: 0,
            alignment: None,
        }
    }

    /// Reads an argument as a script wrote it.
    ///
    /// # Errors
    /// When it is a hashtable that describes no property.
    pub fn from_value(
        value: &Value,
        cx: &mut dyn Context,
    ) -> Result<Result<Self, PropertyArgumentError>, Raise> {
        match value.base() {
            Value::ScriptBlock(block) => Ok(Ok(Self {
                expression: Expression::Block(Arc::clone(block)),
                ..Self::named("")
            })),
            Value::Hash(table) => Self::from_entries(&table.entries(), cx),
            other => Ok(Ok(Self::named(to_text(other, cx)?))),
        }
    }

    fn from_entries(
        entries: &[(Value, Value)],
        cx: &mut dyn Context,
    ) -> Result<Result<Self, PropertyArgumentError>, Raise> {
        let mut label = None;
        let mut expression = None;
        let mut argument = Self::named("");
        for (key, value) in entries {
            let key = to_text(key, cx)?;
            let lower = key.to_ascii_lowercase();
            let known = KEYS
                .iter()
                .find(|known| !lower.is_empty() && known.starts_with(&lower));
            match known {
                Some(&"name" | &"label") => label = Some(to_text(value, cx)?),
                Some(&"expression") => {
                    expression = Some(match value.base() {
                        Value::ScriptBlock(block) => Expression::Block(Arc::clone(block)),
                        other => Expression::Pattern(to_text(other, cx)?),
                    });
                }
                Some(&"formatstring") => argument.format = Some(to_text(value, cx)?),
                Some(&"width") => {
                    let width = crate::value::number::integer_of(value.base());
                    let Some(width) = width
                        .and_then(|width| usize::try_from(width).ok())
                        .filter(|width| *width > 0)
                    else {
                        return Ok(Err(PropertyArgumentError::BadValue("width")));
                    };
                    argument.width = width;
                }
                Some(&"alignment") => {
                    let Some(alignment) = alignment_named(&to_text(value, cx)?) else {
                        return Ok(Err(PropertyArgumentError::BadValue("alignment")));
                    };
                    argument.alignment = Some(alignment);
                }
                Some(_) => {}
                None => {
                    return Ok(Err(PropertyArgumentError::UnknownKey(
                        key.as_str().to_owned(),
                    )));
                }
            }
        }
        argument.expression = match (expression, &label) {
            (Some(expression), _) => expression,
            (None, Some(name)) => Expression::Pattern(name.clone()),
            (None, None) => return Ok(Err(PropertyArgumentError::MissingExpression)),
        };
        argument.label = label;
        Ok(Ok(argument))
    }

    /// The fields that this means for `object`; a name that it does not have stays as it was written.
    pub(super) fn resolve(&self, object: &Value) -> Vec<Field> {
        let field = |label: &Text, source: Source| Field {
            label: self.label.clone().unwrap_or_else(|| label.clone()),
            source,
            format: self.format.clone(),
            width: self.width,
            alignment: self.alignment,
        };
        match &self.expression {
            Expression::Block(block) => {
                vec![field(
                    &block.text().into(),
                    Source::Block(Arc::clone(block)),
                )]
            }
            Expression::Pattern(pattern) => {
                let names = matching_names(object, pattern);
                if names.is_empty() && !crate::value::pattern::Wildcard::has_wildcards(pattern) {
                    return vec![field(pattern, Source::Property(pattern.clone()))];
                }
                names
                    .iter()
                    .map(|name| field(name, Source::Property(name.clone())))
                    .collect()
            }
        }
    }
}

fn alignment_named(name: &str) -> Option<Alignment> {
    [
        ("left", Alignment::Left),
        ("center", Alignment::Center),
        ("right", Alignment::Right),
    ]
    .into_iter()
    .find(|(own, _)| equal_folded(own, name))
    .map(|(_, alignment)| alignment)
}
