//! What a session holds, as items: environment, variables, functions, aliases.

use super::{ItemPath, Provider, drive_object, provider_object};
use crate::command::CommandContext;
use crate::command::alias::{alias_object, visible};
use crate::command::net_object::NetObject;
use crate::command::object::extensible;
use crate::command::variable::variable_object;
use crate::eval::{Alias, CommandInfo, Flow, Options, Resolved, Run, Scopes, Symbol, Variable};
use crate::value::pattern::Wildcard;
use crate::value::{Text, Value, compare_folded, convert};

/// The items whose names match: each with its name.
///
/// # Errors
/// When the invocation is stopped.
pub(crate) fn list(
    cx: &mut CommandContext<'_, '_>,
    provider: Provider,
    pattern: &str,
) -> Run<Vec<(Text, Value)>> {
    let names = names(cx, provider);
    let wanted = Wildcard::has_wildcards(pattern)
        .then(|| Wildcard::new(pattern, true))
        .flatten();
    let mut found = Vec::new();
    for name in names {
        cx.checkpoint()?;
        let fits = match &wanted {
            Some(wanted) => wanted.is_match(&name),
            None if provider == Provider::Environment => name.as_str() == pattern,
            None => crate::value::equal_folded(&name, pattern),
        };
        if (pattern.is_empty() || fits)
            && let Some(item) = item(cx, provider, &name)
        {
            found.push((name.clone(), decorated(cx, provider, &name, item)));
        }
    }
    Ok(found)
}

fn names(cx: &CommandContext<'_, '_>, provider: Provider) -> Vec<Text> {
    let session = &cx.machine.session;
    let mut names: Vec<Text> = match provider {
        Provider::Environment => session
            .environment
            .keys()
            .map(|name| Text::from(&**name))
            .collect(),
        Provider::Alias => visible(cx, None)
            .into_iter()
            .map(|alias| alias.name)
            .collect(),
        Provider::Variable => {
            let mut symbols: Vec<Symbol> = Vec::new();
            for id in session.scopes.chain(cx.machine.scope) {
                symbols.extend(
                    session
                        .scopes
                        .get(id)
                        .variables()
                        .into_iter()
                        .map(|(symbol, _)| symbol),
                );
            }
            symbols.sort_unstable();
            symbols.dedup();
            symbols
                .into_iter()
                .map(|symbol| Text::from(symbol.name().as_str()))
                .collect()
        }
        Provider::Function => {
            let mut functions: Vec<Text> = Vec::new();
            for id in session.scopes.chain(cx.machine.scope) {
                functions.extend(
                    session
                        .scopes
                        .get(id)
                        .functions
                        .values()
                        .map(|function| function.name.clone()),
                );
            }
            functions
        }
        Provider::FileSystem => Vec::new(),
    };
    names.sort_by(|a, b| compare_folded(a, b));
    names.dedup_by(|a, b| a.as_str() == b.as_str());
    names
}

/// One item as an object, without what providers add.
fn item(cx: &CommandContext<'_, '_>, provider: Provider, name: &str) -> Option<Value> {
    let scopes = &cx.machine.session.scopes;
    let here = cx.machine.scope;
    match provider {
        Provider::Environment => {
            let value = cx.machine.session.environment.get(name)?.clone();
            let properties = vec![
                ("Key", Value::from(name)),
                ("Name", Value::from(name)),
                ("Value", Value::String(value)),
            ];
            Some(
                NetObject::new("System.Collections.DictionaryEntry", properties)
                    .with_text("System.Collections.DictionaryEntry")
                    .into_value(),
            )
        }
        Provider::Variable => {
            let symbol = Symbol::find(name)?;
            match scopes
                .find(here, symbol)
                .and_then(|scope| scopes.get(scope).with(symbol, Clone::clone))
            {
                Some(variable) => Some(variable_object(symbol.name().as_str(), &variable)),
                None => cx.machine.variable(name).map(|value| {
                    variable_object(
                        name,
                        &Variable {
                            value,
                            ..Variable::default()
                        },
                    )
                }),
            }
        }
        Provider::Function => {
            let function = scopes.function(here, Symbol::find(name)?)?;
            Some(Value::clr(CommandInfo {
                resolved: Resolved::Function(std::sync::Arc::clone(function)),
            }))
        }
        Provider::Alias => {
            let alias: &Alias = scopes.alias(here, Symbol::find(name)?)?;
            Some(alias_object(cx, alias))
        }
        Provider::FileSystem => None,
    }
}

fn decorated(cx: &CommandContext<'_, '_>, provider: Provider, name: &str, item: Value) -> Value {
    let item = extensible(item);
    let place = ItemPath {
        provider,
        path: name.to_owned(),
    };
    if let Some(extended) = item.extended() {
        let mut members = extended.members_mut();
        members.set_note("PSPath", Value::from(place.provider_path()));
        members.set_note("PSDrive", drive_object(cx, &place));
        members.set_note("PSProvider", provider_object(provider));
        members.set_note("PSIsContainer", Value::Bool(false));
    }
    item
}

/// What Get-Content gives of an item: the value, not the object around it.
pub(crate) fn read(cx: &mut CommandContext<'_, '_>, path: &ItemPath) -> Option<Value> {
    let scopes = &cx.machine.session.scopes;
    let here = cx.machine.scope;
    match path.provider {
        Provider::Environment => cx
            .machine
            .session
            .environment
            .get(path.path.as_str())
            .cloned()
            .map(Value::String),
        Provider::Variable => cx.machine.variable(&path.path),
        Provider::Function => {
            let block =
                std::sync::Arc::clone(&scopes.function(here, Symbol::find(&path.path)?)?.block);
            Some(cx.machine.block_value(&block))
        }
        Provider::Alias => scopes
            .alias(here, Symbol::find(&path.path)?)
            .map(|alias| Value::String(alias.definition.clone())),
        Provider::FileSystem => None,
    }
}

/// Sets an item, making it if it is new.
///
/// # Errors
/// When it is read-only, or a function's text does not parse.
pub(crate) fn write(cx: &mut CommandContext<'_, '_>, path: &ItemPath, value: Value) -> Run {
    let name = path.path.as_str();
    match path.provider {
        Provider::Environment => {
            if value.is_null() {
                cx.machine.session.environment.shift_remove(name);
            } else {
                let text = convert::to_text(&value, cx.machine)?;
                cx.machine.session.environment.insert(name.into(), text);
            }
            Ok(())
        }
        Provider::Variable => {
            let scope = cx.machine.scope;
            cx.machine.assign(scope, Symbol::of(name), value)
        }
        Provider::Function => {
            let block = match value.base() {
                Value::ScriptBlock(block) => cx.machine.code_of(block)?.block,
                other => {
                    let text = convert::to_text(other, cx.machine)?;
                    cx.machine.parse(&text, None)?
                }
            };
            cx.machine.define_function(name, block, false, None);
            Ok(())
        }
        Provider::Alias => {
            let definition = convert::to_text(&value, cx.machine)?;
            cx.machine.set_alias(name, definition, Options::NONE);
            Ok(())
        }
        Provider::FileSystem => Ok(()),
    }
}

/// Removes an item; false if there is none.
///
/// # Errors
/// When it is read-only.
pub(crate) fn remove(cx: &mut CommandContext<'_, '_>, path: &ItemPath, force: bool) -> Run<bool> {
    let name = path.path.as_str();
    let locked = |options: Options| {
        options.has(Options::CONSTANT) || (options.has(Options::READ_ONLY) && !force)
    };
    let refused = |what: &str, id: &'static str| -> Flow {
        let message = format!(
            "Cannot remove {what} {name} because it is constant or read-only. If the {what} is read-only, try the operation again specifying the Force option."
        );
        crate::value::Raise::of(
            crate::value::TypeId::SessionStateUnauthorizedAccessException,
            message,
            id,
        )
        .category(crate::value::ErrorCategory::WriteError)
        .target(Value::from(name))
        .into()
    };
    if path.provider == Provider::Environment {
        return Ok(cx.machine.session.environment.shift_remove(name).is_some());
    }
    let Some(symbol) = Symbol::find(name) else {
        return Ok(false);
    };
    let here = cx.machine.scope;
    let scopes = &mut cx.machine.session.scopes;
    let chain: Vec<_> = scopes.chain(here).collect();
    for id in chain {
        let scope = scopes.get_mut(id);
        let removed = match path.provider {
            Provider::Variable => match scope.with(symbol, |variable| variable.options) {
                Some(options) if locked(options) => {
                    return Err(refused("variable", "VariableNotRemovable"));
                }
                Some(_) => scope.remove(symbol).is_some(),
                None => false,
            },
            Provider::Function => match scope
                .functions
                .get(&symbol)
                .map(|function| function.options)
            {
                Some(options) if locked(options) => {
                    return Err(refused("function", "FunctionNotRemovable"));
                }
                Some(_) => scope.functions.remove(&symbol).is_some(),
                None => false,
            },
            Provider::Alias => match scope.aliases.get(&symbol).map(|alias| alias.options) {
                Some(options) if locked(options) => {
                    return Err(refused("alias", "AliasNotRemovable"));
                }
                Some(_) => scope.aliases.remove(&symbol).is_some(),
                None => false,
            },
            Provider::Environment | Provider::FileSystem => false,
        };
        if removed {
            return Ok(true);
        }
        if id == Scopes::GLOBAL {
            break;
        }
    }
    Ok(false)
}
