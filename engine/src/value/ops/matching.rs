//! `-like`, `-match` and `-replace`.

use std::sync::Arc;

use crate::value::context::Context;
use crate::value::convert::{self, elements_of};
use crate::value::error::Raise;
use crate::value::pattern::{PatternError, Regex, RegexOptions, Wildcard};
use crate::value::types::TypeId;
use crate::value::{Hashtable, Text, Value};

/// `left -like right`; `negated` makes it `-notlike`.
///
/// # Errors
/// When the pattern is wrong.
pub fn like(
    left: &Value,
    right: &Value,
    case_sensitive: bool,
    negated: bool,
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    let pattern = convert::to_text(right, cx)?;
    let Some(wildcard) = Wildcard::new(&pattern, !case_sensitive) else {
        return Err(Raise::of(
            TypeId::WildcardPatternException,
            format!("The specified wildcard character pattern is not valid: {pattern}"),
            "RuntimeException",
        ));
    };
    match elements_of(left) {
        Some(items) => {
            let mut kept = Vec::new();
            for item in items {
                cx.checkpoint()?;
                if wildcard.is_match(&convert::to_text(&item, cx)?) != negated {
                    kept.push(item);
                }
            }
            Ok(Value::array(kept))
        }
        None => Ok(Value::Bool(
            wildcard.is_match(&convert::to_text(left, cx)?) != negated,
        )),
    }
}

fn options(case_sensitive: bool) -> RegexOptions {
    if case_sensitive {
        RegexOptions::default()
    } else {
        RegexOptions::IGNORE_CASE
    }
}

fn regex_of(
    right: &Value,
    case_sensitive: bool,
    cx: &mut dyn Context,
) -> Result<Result<Arc<Regex>, (PatternError, Text)>, Raise> {
    if let Some(regex) = right.as_clr::<Arc<Regex>>() {
        return Ok(Ok(Arc::clone(regex)));
    }
    let pattern = convert::to_text(right, cx)?;
    Ok(Regex::compile(&pattern, options(case_sensitive)).map_err(|error| (error, pattern)))
}

/// `left -match right`; `negated` makes it `-notmatch`. The groups of a single match go to [`Context::set_matches`].
///
/// # Errors
/// When the pattern is wrong or takes too long.
pub fn matches(
    left: &Value,
    right: &Value,
    case_sensitive: bool,
    negated: bool,
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    let regex = match regex_of(right, case_sensitive, cx)? {
        Ok(regex) => regex,
        Err((error, _)) => {
            return Err(super::clr_exception(
                TypeId::RegexParseException,
                error.to_string(),
            ));
        }
    };
    match elements_of(left) {
        Some(items) => {
            let mut kept = Vec::new();
            for item in items {
                cx.checkpoint()?;
                if regex.is_match(&convert::to_text(&item, cx)?, 0)? != negated {
                    kept.push(item);
                }
            }
            Ok(Value::array(kept))
        }
        None => {
            let text = convert::to_text(left, cx)?;
            let found = regex.find_at(&text, 0)?;
            let matched = found.is_some();
            if let Some(found) = found {
                let table = Hashtable::new();
                let names = std::iter::once(Text::from("0")).chain(regex.group_names().cloned());
                let entries: Vec<_> = names.zip(&found.groups).collect();
                // As PowerShell fills it: names first, then numbers downwards.
                for (name, span) in entries.into_iter().rev() {
                    let Some((from, to)) = span else { continue };
                    let key = name
                        .parse::<i32>()
                        .map_or_else(|_| Value::String(name.clone()), Value::Int32);
                    table.insert(key, Value::from(&text[*from..*to]));
                }
                cx.set_matches(Arc::new(table));
            }
            Ok(Value::Bool(matched != negated))
        }
    }
}

/// `left -replace right`: right is the pattern, or the pattern and what to put in its place.
///
/// # Errors
/// When the pattern is wrong or takes too long, or there are too many operands.
pub fn replace(
    left: &Value,
    right: &Value,
    case_sensitive: bool,
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    let operands = elements_of(right).unwrap_or_else(|| vec![right.clone()]);
    if operands.len() > 2 {
        let message = format!(
            "The -ireplace operator allows only two elements to follow it, not {}.",
            operands.len()
        );
        return Err(Raise::runtime(
            message.replace(
                "ireplace",
                if case_sensitive {
                    "creplace"
                } else {
                    "ireplace"
                },
            ),
            "BadReplaceArgument",
        )
        .target(right.clone()));
    }
    let pattern = operands.first().cloned().unwrap_or_default();
    let by = operands.get(1).cloned().unwrap_or_default();
    let regex = match regex_of(&pattern, case_sensitive, cx)? {
        Ok(regex) => regex,
        Err((error, pattern)) => {
            let message = format!("The regular expression pattern {pattern} is not valid.");
            return Err(Raise::runtime(message, "InvalidRegularExpression")
                .target(Value::String(pattern))
                .caused_by(Arc::new(error.exception())));
        }
    };
    let one = |item: &Value, cx: &mut dyn Context| {
        let text = convert::to_text(item, cx)?;
        crate::value::pattern::replace_by(&regex, &text, &by, usize::MAX, cx)
    };
    match elements_of(left) {
        Some(items) => {
            let replaced = items
                .iter()
                .map(|item| one(item, cx))
                .collect::<Result<_, _>>()?;
            Ok(Value::array(replaced))
        }
        None => one(left, cx),
    }
}
