//! From a name to a command: alias, function, built-in command, program, and at last `Get-` before it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::block::Code;
use super::command_info::CommandInfo;
use super::flow::{Flow, Run};
use super::machine::Machine;
use super::node::CommandNode;
use super::ops;
use super::source::Position;
use super::symbol::Symbol;
use crate::command::{CommandSpec, Function};
use crate::value::{ErrorCategory, ErrorRecord, Exception, Raise, Text, TypeId, TypeRef, Value};

/// What a name stands for.
#[derive(Clone)]
pub(crate) enum Resolved {
    Cmdlet(&'static CommandSpec),
    Function(Arc<Function>),
    Block(Code),
    Native(PathBuf),
    /// An expression in the middle of a pipeline, which the parser allows only beside an error.
    Values(Vec<Value>),
}

impl Resolved {
    pub(crate) fn command_info(&self, _machine: &Machine<'_>) -> Value {
        match self {
            Self::Values(_) => Value::Null,
            other => Value::clr(CommandInfo {
                resolved: other.clone(),
            }),
        }
    }
}

impl Machine<'_> {
    pub(crate) fn resolve_node(&mut self, node: &CommandNode) -> Run<(Resolved, Text)> {
        let value = self.evaluate(&node.name)?;
        match value.base() {
            Value::ScriptBlock(block) => {
                return Ok((
                    Resolved::Block(self.code_of(block)?),
                    self.source.text(node.name.span).into(),
                ));
            }
            Value::Clr(object) => {
                if let Some(info) = object.downcast::<CommandInfo>() {
                    return Ok((info.resolved.clone(), info.name()));
                }
            }
            _ => {}
        }
        let name = ops::text(self, &value)?;
        if name.is_empty() {
            let raise = Raise::runtime(
                "The expression after '&' in a pipeline element produced an object that was not valid. It must result in a command name, a script block, or a CommandInfo object.",
                "BadExpression",
            );
            return Err(self.place(raise.into(), || Position {
                source: self.source.clone(),
                extent: node.name.span,
            }));
        }
        let position = Position {
            source: self.source.clone(),
            extent: node.name.span,
        };
        let resolved = self.resolve_name(&name, Some(position))?;
        Ok((resolved, name))
    }

    /// What a name stands for, or the error that PowerShell gives.
    pub(crate) fn resolve_name(&mut self, name: &str, position: Option<Position>) -> Run<Resolved> {
        if let Some(found) = self.find_command(name) {
            return Ok(found);
        }
        if let Some(found) = self.script_file(name)? {
            return Ok(found);
        }
        let is_plain = !name.contains(['-', '\\', '/', '.', ' ']);
        if is_plain
            && let Some(found) = self
                .find_command(&format!("Get-{name}"))
                .filter(|found| !matches!(found, Resolved::Native(_)))
        {
            return Ok(found);
        }
        let message = format!(
            "The term '{name}' is not recognized as a name of a cmdlet, function, script file, or executable program.\nCheck the spelling of the name, or if a path was included, verify that the path is correct and try again."
        );
        let exception = Exception::new(TypeRef::of(TypeId::CommandNotFoundException), message)
            .detail("CommandName", name);
        let record = ErrorRecord::new(
            Value::clr(exception),
            "CommandNotFoundException",
            ErrorCategory::ObjectNotFound,
            name.into(),
        );
        let info = super::frame::InvocationInfo {
            name: name.into(),
            position,
            ..Default::default()
        };
        self.fill_record(&record, Text::default(), name.into(), Arc::new(info));
        Err(Flow::record(Arc::new(record)))
    }

    pub(crate) fn find_command(&self, name: &str) -> Option<Resolved> {
        let mut name = Text::from(name);
        // An alias may name another one; a circle ends the search.
        for _ in 0..32 {
            let alias = Symbol::find(&name)
                .and_then(|symbol| self.session.scopes.alias(self.scope, symbol));
            match alias {
                Some(alias) => name = alias.definition.clone(),
                None => break,
            }
        }
        let short = match name.rsplit_once('\\') {
            Some((module, short)) if !module.contains('/') => short,
            _ => &*name,
        };
        let plain = short
            .strip_prefix("global:")
            .or_else(|| short.strip_prefix("script:"))
            .or_else(|| short.strip_prefix("local:"))
            .unwrap_or(short);
        if let Some(function) =
            Symbol::find(plain).and_then(|symbol| self.session.scopes.function(self.scope, symbol))
        {
            return Some(Resolved::Function(Arc::clone(function)));
        }
        if let Some(spec) = self.session.registry.find(short) {
            return Some(Resolved::Cmdlet(spec));
        }
        if self.session.native_commands {
            self.program(&name).map(Resolved::Native)
        } else {
            None
        }
    }

    /// A program by path or along `PATH`.
    fn program(&self, name: &str) -> Option<PathBuf> {
        if name.ends_with(".ps1") {
            return None;
        }
        if name.contains('/') {
            let path = if name.starts_with('/') {
                PathBuf::from(name)
            } else {
                Path::new(&self.session.location).join(name)
            };
            return is_executable(&path).then_some(path);
        }
        let path = self.session.environment.get("PATH")?;
        path.split(':')
            .filter(|folder| !folder.is_empty())
            .map(|folder| Path::new(folder).join(name))
            .find(|path| is_executable(path))
    }

    fn script_file(&mut self, name: &str) -> Run<Option<Resolved>> {
        if !name.ends_with(".ps1") || !name.contains('/') {
            return Ok(None);
        }
        let path = if name.starts_with('/') {
            PathBuf::from(name)
        } else {
            Path::new(&self.session.location).join(name)
        };
        let Ok(bytes) = std::fs::read(&path) else {
            return Ok(None);
        };
        let path: PathBuf = path.components().collect();
        let text = String::from_utf8_lossy(&bytes);
        let block = self.parse(
            text.trim_start_matches('\u{feff}'),
            Some(&path.to_string_lossy()),
        )?;
        Ok(Some(Resolved::Block(Code { block, kept: None })))
    }
}

fn is_executable(path: &Path) -> bool {
    let Ok(metadata) = path.metadata() else {
        return false;
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        metadata.is_file() && metadata.permissions().mode() & 0o111 != 0
    }
    #[cfg(not(unix))]
    metadata.is_file()
}
