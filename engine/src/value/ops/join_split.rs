//! `-join` and `-split`.

use std::sync::Arc;

use crate::value::context::Context;
use crate::value::convert::{self, elements_of};
use crate::value::error::Raise;
use crate::value::pattern::{Regex, RegexOptions, escape};
use crate::value::types::{TypeId, TypeRef};
use crate::value::{ScriptBlock, Text, Value};

/// `left -join right`.
///
/// # Errors
/// When memory runs out.
pub fn join(left: &Value, right: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    let separator = convert::to_text(right, cx)?;
    let Some(items) = elements_of(left) else {
        return convert::to_text(left, cx).map(Value::String);
    };
    let mut text = String::new();
    for (index, item) in items.iter().enumerate() {
        cx.checkpoint()?;
        if index > 0 {
            text.push_str(&separator);
        }
        let piece = match elements_of(item) {
            Some(_) => convert::clr_text(item),
            None => convert::to_text(item, cx)?,
        };
        cx.charge(piece.len() + separator.len())?;
        text.push_str(&piece);
    }
    Ok(text.into())
}

/// `-join value`.
///
/// # Errors
/// When memory runs out.
pub fn unary_join(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    join(value, &"".into(), cx)
}

/// `-split value`: at white space, without empty parts at the ends.
///
/// # Errors
/// When memory runs out.
pub fn unary_split(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    let items = elements_of(value).unwrap_or_else(|| vec![value.clone()]);
    let mut parts = Vec::new();
    for item in &items {
        let text = convert::to_text(item, cx)?;
        cx.charge(text.len() * 2)?;
        parts.extend(text.split_whitespace().map(Text::from));
    }
    Ok(Value::strings(parts))
}

/// How to cut.
enum Cutter {
    Regex(Arc<Regex>),
    Block(Arc<ScriptBlock>),
}

/// `left -split right`: right is the pattern or a script block, then perhaps the number of parts and options.
///
/// # Errors
/// When the pattern or an option is wrong, or a script block fails.
pub fn split(
    left: &Value,
    right: &Value,
    case_sensitive: bool,
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    let operands = elements_of(right).unwrap_or_else(|| vec![right.clone()]);
    let limit = match operands.get(1) {
        Some(limit) => match convert::to(limit, &TypeRef::of(TypeId::Int32), cx) {
            Ok(Value::Int32(limit)) => limit,
            Ok(_) => 0,
            Err(Raise::Error(error)) => {
                return Err(Raise::of(
                    TypeId::RuntimeException,
                    error.exception.message().clone(),
                    "RuntimeException",
                ));
            }
            Err(flow) => return Err(flow),
        },
        None => 0,
    };
    let cutter = match operands.first().map(Value::base) {
        Some(Value::ScriptBlock(block)) => Cutter::Block(Arc::clone(block)),
        first => {
            let pattern = convert::to_text(first.unwrap_or(&Value::Null), cx)?;
            Cutter::Regex(compile(&pattern, operands.get(2), case_sensitive, cx)?)
        }
    };
    let items = elements_of(left).unwrap_or_else(|| vec![left.clone()]);
    let mut parts = Vec::new();
    for item in &items {
        cx.checkpoint()?;
        let text = convert::to_text(item, cx)?;
        match &cutter {
            Cutter::Regex(regex) => parts.extend(cut(regex, &text, limit, cx)?),
            Cutter::Block(block) => cut_by_block(block, &text, limit, &mut parts, cx)?,
        }
    }
    Ok(Value::strings(parts))
}

fn compile(
    pattern: &Text,
    options: Option<&Value>,
    case_sensitive: bool,
    cx: &mut dyn Context,
) -> Result<Arc<Regex>, Raise> {
    let mut bits = if case_sensitive {
        0
    } else {
        RegexOptions::IGNORE_CASE.0
    };
    let mut pattern = pattern.clone();
    if let Some(options) = options {
        let ty = TypeRef::find("System.Management.Automation.SplitOptions")
            .unwrap_or_else(|| TypeRef::of(TypeId::Object));
        let Value::Enum(options) = convert::to(options, &ty, cx)? else {
            return compile(&pattern, None, case_sensitive, cx);
        };
        // SimpleMatch 1, IgnorePatternWhitespace 8, Multiline 16, Singleline 32, IgnoreCase 64, ExplicitCapture 128.
        for (own, option) in [
            (8, RegexOptions::IGNORE_PATTERN_WHITESPACE),
            (16, RegexOptions::MULTILINE),
            (32, RegexOptions::SINGLELINE),
            (64, RegexOptions::IGNORE_CASE),
            (128, RegexOptions::EXPLICIT_CAPTURE),
        ] {
            if options.bits & own != 0 {
                bits |= option.0;
            }
        }
        if options.bits & 1 != 0 {
            pattern = escape(&pattern).into();
        }
    }
    Regex::compile(&pattern, RegexOptions(bits)).map_err(|error| {
        let exception = error.exception();
        Raise::runtime(
            format!("The regular expression pattern {pattern} is not valid."),
            "InvalidRegularExpression",
        )
        .target(Value::String(pattern.clone()))
        .caused_by(Arc::new(exception))
    })
}

fn cut(regex: &Regex, text: &Text, limit: i32, cx: &mut dyn Context) -> Result<Vec<Text>, Raise> {
    if limit >= 0 {
        return regex.split(text, usize::try_from(limit).unwrap_or(0), cx);
    }
    // A negative number counts the parts from the end.
    let most = usize::try_from(limit.unsigned_abs()).unwrap_or(1);
    let all = regex.find_all(text, usize::MAX, cx)?;
    let kept = &all[all.len().saturating_sub(most - 1)..];
    let mut parts = Vec::new();
    let mut last = 0;
    for found in kept {
        let (from, to) = found.span();
        parts.push(Text::from(&text[last..from]));
        parts.extend(
            found.groups[1..]
                .iter()
                .flatten()
                .map(|(from, to)| Text::from(&text[*from..*to])),
        );
        last = to;
    }
    parts.push(Text::from(&text[last..]));
    Ok(parts)
}

fn cut_by_block(
    block: &Arc<ScriptBlock>,
    text: &Text,
    limit: i32,
    parts: &mut Vec<Text>,
    cx: &mut dyn Context,
) -> Result<(), Raise> {
    let most = usize::try_from(limit).unwrap_or(0);
    let mut made = 1;
    let mut current = String::new();
    for c in text.chars() {
        cx.checkpoint()?;
        let item = Value::String(Text::from(c));
        let full = most > 0 && made >= most;
        if !full
            && convert::to_bool(&cx.call_block(
                block,
                std::slice::from_ref(&item),
                Some(&item),
                None,
            )?)
        {
            parts.push(std::mem::take(&mut current).into());
            made += 1;
        } else {
            current.push(c);
        }
    }
    parts.push(current.into());
    Ok(())
}
