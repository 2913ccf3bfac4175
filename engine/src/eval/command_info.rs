//! `CommandInfo`: what Get-Command gives and `$MyInvocation.MyCommand` holds.

use super::lookup::Resolved;
use crate::value::{ClrLike, PropertyInfo, Raise, Text, TypeId, TypeRef, Value};

/// A command as an object.
pub(crate) struct CommandInfo {
    pub(crate) resolved: Resolved,
}

impl CommandInfo {
    pub(crate) fn name(&self) -> Text {
        match &self.resolved {
            Resolved::Cmdlet(spec) => spec.name.into(),
            Resolved::Function(function) => function.name.clone(),
            Resolved::Native(path) => path.file_name().map_or_else(Text::default, |name| {
                name.to_string_lossy().into_owned().into()
            }),
            Resolved::Block(_) | Resolved::Values(_) => Text::default(),
        }
    }

    /// `CommandTypes`.
    pub(crate) fn kind(&self) -> i64 {
        match &self.resolved {
            Resolved::Function(function) if function.filter => 4,
            Resolved::Function(_) => 2,
            Resolved::Cmdlet(_) => 8,
            Resolved::Native(_) => 32,
            Resolved::Block(code) if code.block.source.file().is_some() => 16,
            Resolved::Block(_) | Resolved::Values(_) => 64,
        }
    }

    fn definition(&self) -> Text {
        match &self.resolved {
            Resolved::Function(function) => function.block.text().into(),
            Resolved::Block(code) => code.block.text().into(),
            Resolved::Native(path) => path.to_string_lossy().into_owned().into(),
            Resolved::Cmdlet(spec) => spec.name.into(),
            Resolved::Values(_) => Text::default(),
        }
    }
}

impl std::fmt::Debug for CommandInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CommandInfo")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

impl ClrLike for CommandInfo {
    fn type_ref(&self) -> TypeRef {
        let name = match &self.resolved {
            Resolved::Function(function) if function.filter => {
                "System.Management.Automation.FilterInfo"
            }
            Resolved::Function(_) => "System.Management.Automation.FunctionInfo",
            Resolved::Cmdlet(_) => "System.Management.Automation.CmdletInfo",
            Resolved::Native(_) => "System.Management.Automation.ApplicationInfo",
            Resolved::Block(_) | Resolved::Values(_) => "System.Management.Automation.ScriptInfo",
        };
        TypeRef::find(name).unwrap_or_else(|| TypeRef::of(TypeId::CommandInfo))
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        [
            ("Name", "System.String"),
            ("CommandType", "System.Management.Automation.CommandTypes"),
            ("Definition", "System.String"),
            ("Source", "System.String"),
            ("ModuleName", "System.String"),
            ("ScriptBlock", "System.Management.Automation.ScriptBlock"),
        ]
        .map(|(name, type_name)| PropertyInfo {
            name,
            type_name,
            settable: false,
        })
        .into()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        Some(Ok(match name.to_ascii_lowercase().as_str() {
            "name" => Value::String(self.name()),
            "commandtype" => {
                Value::enumeration("System.Management.Automation.CommandTypes", self.kind())
                    .unwrap_or_default()
            }
            "definition" => Value::String(self.definition()),
            "source" | "modulename" => match &self.resolved {
                Resolved::Cmdlet(spec) => spec.module.into(),
                Resolved::Native(path) => path.to_string_lossy().into_owned().into(),
                _ => "".into(),
            },
            "path" => match &self.resolved {
                Resolved::Native(path) => path.to_string_lossy().into_owned().into(),
                _ => Value::Null,
            },
            "scriptblock" => match &self.resolved {
                Resolved::Function(function) => {
                    let code = super::block::Code {
                        block: std::sync::Arc::clone(&function.block),
                        kept: function.kept.clone(),
                    };
                    Value::ScriptBlock(std::sync::Arc::new(crate::value::ScriptBlock::new(
                        std::sync::Arc::new(code),
                    )))
                }
                Resolved::Block(code) => Value::ScriptBlock(std::sync::Arc::new(
                    crate::value::ScriptBlock::new(std::sync::Arc::new(code.clone())),
                )),
                _ => Value::Null,
            },
            other => {
                return crate::command::command_metadata::property(&self.resolved, other).map(Ok);
            }
        }))
    }

    fn text(&self) -> Text {
        match &self.resolved {
            Resolved::Block(code) => code.block.text().into(),
            _ => self.name(),
        }
    }
}
