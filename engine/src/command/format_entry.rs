//! What Format-Table, Format-List, Format-Wide and Format-Custom have in common: they hand objects on with a layout, and what prints
//! them at the end of the pipeline, where the width of the screen is known, does the rest.

use std::sync::Arc;

use super::{CommandContext, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::format::{Expansion, FormatEntry, Layout, PropertyArgument, Shape};
use crate::value::{ErrorCategory, TypeId, Value};

/// The parameters of all Format commands.
pub(super) const LAYOUT_PARAMETERS: [Parameter; 6] = [
    Parameter::new("GroupBy", "object"),
    Parameter::switch("ShowError"),
    Parameter::switch("DisplayError"),
    Parameter::switch("Force"),
    Parameter::new("Expand", "string")
        .validate(&[Validate::Set(&["CoreOnly", "EnumOnly", "Both"])]),
    Parameter::new("InputObject", "object").pipeline(),
];

/// A Format command that runs.
#[derive(Default)]
pub(super) struct FormatCommand {
    layout: Arc<Layout>,
    is_empty: bool,
}

impl FormatCommand {
    /// Reads the parameters that all have.
    pub(super) fn layout(shape: Shape, cx: &mut CommandContext<'_, '_>) -> Run<Layout> {
        let mut properties = Vec::new();
        for argument in cx.items("Property") {
            properties.push(read_argument(&argument, cx)?);
        }
        let group_by = match cx.get("GroupBy").cloned() {
            Some(argument) => Some(read_argument(&argument, cx)?),
            None => None,
        };
        let expand = match cx
            .text("Expand")
            .as_deref()
            .map(str::to_ascii_lowercase)
            .as_deref()
        {
            Some("coreonly") => Expansion::CoreOnly,
            Some("both") => Expansion::Both,
            _ => Expansion::EnumOnly,
        };
        Ok(Layout {
            properties,
            group_by,
            expand,
            force: cx.is_set("Force"),
            ..Layout::of(shape)
        })
    }

    pub(super) fn begin(&mut self, layout: Arc<Layout>) {
        self.layout = layout;
        self.is_empty = true;
    }

    pub(super) fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let value = cx.value("InputObject");
        if value.is_null() {
            return Ok(());
        }
        self.is_empty = false;
        cx.write(entry(&self.layout, Some(value)))
    }

    pub(super) fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if self.is_empty {
            return Ok(());
        }
        cx.write(entry(&self.layout, None))
    }
}

fn entry(layout: &Arc<Layout>, value: Option<Value>) -> Value {
    Value::clr(FormatEntry::new(Arc::clone(layout), value))
}

fn read_argument(argument: &Value, cx: &mut CommandContext<'_, '_>) -> Run<PropertyArgument> {
    match PropertyArgument::from_value(argument, cx.machine).map_err(Flow::from)? {
        Ok(read) => Ok(read),
        Err(error) => Err(cx.fail(
            TypeId::NotSupportedException,
            error.to_string(),
            error.id(),
            ErrorCategory::InvalidArgument,
            argument.clone(),
        )),
    }
}
