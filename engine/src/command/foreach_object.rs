//! ForEach-Object: by script blocks, or by the name of a property or method.

use std::sync::Arc;

use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::{Run, wildcard_match};
use crate::value::{ErrorCategory, ScriptBlock, Text, TypeId, Value};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "ForEach-Object",
    "Microsoft.PowerShell.Commands.ForEachObjectCommand",
    || Box::new(ForEachObject::default()),
)
.module("Microsoft.PowerShell.Core")
.default_set(BLOCKS)
.should_process()
.parameters(&[
    Parameter::new("InputObject", "object")
        .in_sets(&[InSet::of(BLOCKS).pipeline(), InSet::of(MEMBER).pipeline()]),
    Parameter::new("Begin", "scriptblock").in_sets(&[InSet::of(BLOCKS)]),
    Parameter::new("Process", "scriptblock[]")
        .in_sets(&[InSet::of(BLOCKS).position(0).mandatory()])
        .validate(&[Validate::AllowNull, Validate::AllowEmptyCollection]),
    Parameter::new("End", "scriptblock").in_sets(&[InSet::of(BLOCKS)]),
    Parameter::new("RemainingScripts", "scriptblock[]")
        .in_sets(&[InSet::of(BLOCKS).remaining()])
        .validate(&[Validate::AllowNull, Validate::AllowEmptyCollection]),
    Parameter::new("MemberName", "string")
        .in_sets(&[InSet::of(MEMBER).position(0).mandatory()])
        .validate(&[Validate::NotNullOrEmpty]),
    Parameter::new("ArgumentList", "object[]")
        .aliases(&["Args"])
        .in_sets(&[InSet::of(MEMBER).remaining()]),
]);

const BLOCKS: &str = "ScriptBlockSet";
const MEMBER: &str = "PropertyAndMethodSet";

#[derive(Default)]
struct ForEachObject {
    process: Vec<Option<Arc<ScriptBlock>>>,
    end: Option<Arc<ScriptBlock>>,
}

impl Command for ForEachObject {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if cx.parameter_set() != BLOCKS {
            return Ok(());
        }
        let mut begin = cx.block("Begin");
        self.end = cx.block("End");
        let blocks = |items: Vec<Value>| {
            items.into_iter().map(|item| {
                if let Value::ScriptBlock(block) = item.base() {
                    Some(Arc::clone(block))
                } else {
                    None
                }
            })
        };
        self.process = blocks(cx.items("Process"))
            .chain(blocks(cx.items("RemainingScripts")))
            .collect();
        // Several blocks by position: the first one begins and the last one ends, unless these are named.
        if begin.is_none() && self.process.len() > 1 {
            begin = self.process.remove(0);
        }
        if self.end.is_none() && !cx.has("End") && self.process.len() > 1 {
            self.end = self.process.pop().flatten();
        }
        match begin {
            Some(block) => cx.run_block(&block, Value::Null, &[]),
            None => Ok(()),
        }
    }

    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let object = cx.value("InputObject");
        if cx.parameter_set() != BLOCKS {
            return member(cx, object);
        }
        for block in self.process.iter().flatten() {
            cx.run_block(block, object.clone(), &[])?;
        }
        Ok(())
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        match &self.end {
            Some(block) => cx.run_block(block, Value::Null, &[]),
            None => Ok(()),
        }
    }
}

fn member(cx: &mut CommandContext<'_, '_>, object: Value) -> Run {
    let pattern = cx.text("MemberName").unwrap_or_default();
    if object.is_null() {
        return cx.error(
            TypeId::PSArgumentNullException,
            "Cannot bind argument to parameter 'InputObject' because it is null.",
            "InputObjectIsNull",
            ErrorCategory::InvalidArgument,
            Value::Null,
        );
    }
    if let Value::Hash(table) = object.base()
        && let Some(value) = cx
            .machine
            .hash_value(table, &Value::String(pattern.clone()))
    {
        return cx.write_items(value);
    }
    let names: Vec<Text> = cx
        .machine
        .member_names(&object)
        .into_iter()
        .filter(|name| wildcard_match(&pattern, name))
        .collect();
    let has_wildcard = pattern.contains(['*', '?', '[']);
    if names.len() > 1 && has_wildcard {
        let list: Vec<&str> = names.iter().map(Text::as_str).collect();
        let message = format!(
            "Input name \"{pattern}\" is ambiguous. It can be resolved to multiple matched members. Possible matches include: {}.",
            list.join(" ")
        );
        return cx.error(
            TypeId::PSArgumentException,
            message,
            "AmbiguousPropertyOrMethodName",
            ErrorCategory::InvalidArgument,
            object,
        );
    }
    let name = names.into_iter().next().unwrap_or_else(|| pattern.clone());
    let arguments = cx.items("ArgumentList");
    let result = if cx.has("ArgumentList") || cx.machine.is_method(&object, &name) {
        cx.machine.invoke_member(&object, &name, &arguments)
    } else {
        cx.machine.get_member(&object, &name)
    };
    match result {
        Ok(value) => cx.write_items(value),
        Err(raise) => cx.write_raised(raise),
    }
}
