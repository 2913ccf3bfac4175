//! Get-Command: which commands there are, and what is known of them.

use super::alias::{alias_object, visible};
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Registry, Validate};
use crate::eval::{CommandInfo, Resolved, Run, Symbol};
use crate::value::pattern::Wildcard;
use crate::value::{ErrorCategory, Text, TypeId, Value, compare_folded, equal_folded};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Get-Command",
    "Microsoft.PowerShell.Commands.GetCommandCommand",
    || Box::new(GetCommand::default()),
)
.module("Microsoft.PowerShell.Core")
.default_set(ALL)
.output_types(&[
    "System.Management.Automation.AliasInfo",
    "System.Management.Automation.ApplicationInfo",
    "System.Management.Automation.FunctionInfo",
    "System.Management.Automation.CmdletInfo",
    "System.Management.Automation.ExternalScriptInfo",
    "System.Management.Automation.FilterInfo",
    "System.String",
    "System.Management.Automation.PSObject",
])
.parameters(&[
    Parameter::new("Name", "string[]")
        .in_sets(&[InSet::of(ALL).position(0).pipeline().by_property()])
        .validate(&[Validate::NotNullOrEmpty]),
    Parameter::new("Verb", "string[]").in_sets(&[InSet::of(CMDLETS).by_property()]),
    Parameter::new("Noun", "string[]").in_sets(&[InSet::of(CMDLETS).by_property()]),
    Parameter::new("Module", "string[]")
        .aliases(&["PSSnapin"])
        .by_property(),
    Parameter::new("FullyQualifiedModule", "object[]").by_property(),
    Parameter::new("CommandType", "System.Management.Automation.CommandTypes")
        .aliases(&["Type"])
        .in_sets(&[InSet::of(ALL).by_property()]),
    Parameter::new("TotalCount", "int").by_property(),
    Parameter::switch("Syntax").by_property(),
    Parameter::switch("ShowCommandInfo"),
    Parameter::new("ArgumentList", "object[]")
        .aliases(&["Args"])
        .position(1)
        .remaining()
        .validate(&[Validate::AllowNull, Validate::AllowEmptyCollection]),
    Parameter::switch("All").by_property(),
    Parameter::switch("ListImported").by_property(),
    Parameter::new("ParameterName", "string[]").validate(&[Validate::NotNullOrEmpty]),
    Parameter::new("ParameterType", "object[]").validate(&[Validate::NotNullOrEmpty]),
    Parameter::switch("UseFuzzyMatching").in_sets(&[InSet::of(ALL)]),
    Parameter::switch("UseAbbreviationExpansion").in_sets(&[InSet::of(ALL)]),
]);

const ALL: &str = "AllCommandSet";
const CMDLETS: &str = "CmdletSet";

const ALIAS: i64 = 1;
const FUNCTION: i64 = 2;
const FILTER: i64 = 4;
const CMDLET: i64 = 8;
const EXTERNAL_SCRIPT: i64 = 16;
const APPLICATION: i64 = 32;
const EVERYTHING: i64 = 511;

#[derive(Default)]
struct GetCommand {
    written: i64,
}

/// A command before it becomes an object.
struct Found {
    name: Text,
    module: &'static str,
    what: What,
}

enum What {
    Alias(Value),
    Command(Resolved),
}

impl Command for GetCommand {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let mut types = cx.integer("CommandType").unwrap_or(EVERYTHING);
        if cx.parameter_set() == CMDLETS || cx.has("Verb") || cx.has("Noun") {
            // Aliases have no verbs.
            types &= FUNCTION | FILTER | CMDLET;
        }
        let names = cx.texts("Name");
        if names.is_empty() {
            let mut found = self.matching(cx, "*", types & !APPLICATION);
            found.sort_by(|a, b| compare_folded(&a.name, &b.name));
            return self.write_all(cx, found);
        }
        for name in names {
            if Wildcard::has_wildcards(&name) {
                let found = self.matching(cx, &name, types);
                self.write_all(cx, found)?;
                continue;
            }
            let mut found = self.exactly(cx, &name, types)?;
            if found.is_empty() {
                let message = format!(
                    "The term '{name}' is not recognized as a name of a cmdlet, function, script file, or executable program.\nCheck the spelling of the name, or if a path was included, verify that the path is correct and try again."
                );
                cx.error(
                    TypeId::CommandNotFoundException,
                    message,
                    "CommandNotFoundException",
                    ErrorCategory::ObjectNotFound,
                    Value::String(name),
                )?;
                continue;
            }
            if !cx.is_set("All") {
                found.truncate(1);
            }
            self.write_all(cx, found)?;
        }
        Ok(())
    }
}

impl GetCommand {
    /// Every command of that name, in the order in which names are resolved.
    fn exactly(&self, cx: &mut CommandContext<'_, '_>, name: &str, types: i64) -> Run<Vec<Found>> {
        let mut found = Vec::new();
        let (module, short) = match name.split_once('\\') {
            Some((module, short)) if !module.contains('/') => {
                (Some(module.to_owned()), short.to_owned())
            }
            _ => (None, name.to_owned()),
        };
        if types & ALIAS != 0
            && module.is_none()
            && let Some(alias) = visible(cx, None)
                .into_iter()
                .find(|alias| equal_folded(&alias.name, &short))
        {
            found.push(Found {
                name: alias.name.clone(),
                module: "",
                what: What::Alias(alias_object(cx, &alias)),
            });
        }
        if types & (FUNCTION | FILTER) != 0
            && module.is_none()
            && let Some(function) = Symbol::find(&short)
                .and_then(|symbol| cx.machine.session.scopes.function(cx.machine.scope, symbol))
                .cloned()
            && types & (if function.filter { FILTER } else { FUNCTION }) != 0
        {
            found.push(Found {
                name: function.name.clone(),
                module: "",
                what: What::Command(Resolved::Function(function)),
            });
        }
        if types & CMDLET != 0
            && let Some(spec) = Registry::global().find(&short)
            && module
                .as_ref()
                .is_none_or(|module| equal_folded(module, spec.module))
        {
            found.push(Found {
                name: spec.name.into(),
                module: spec.module,
                what: What::Command(Resolved::Cmdlet(spec)),
            });
        }
        if types & (APPLICATION | EXTERNAL_SCRIPT) != 0 && module.is_none() && found.is_empty() {
            match cx.machine.resolve_name(name, None) {
                Ok(resolved @ Resolved::Native(_)) if types & APPLICATION != 0 => {
                    found.push(Found {
                        name: name.rsplit('/').next().unwrap_or(name).into(),
                        module: "",
                        what: What::Command(resolved),
                    });
                }
                Ok(resolved @ Resolved::Block(_)) if types & EXTERNAL_SCRIPT != 0 => {
                    found.push(Found {
                        name: name.rsplit('/').next().unwrap_or(name).into(),
                        module: "",
                        what: What::Command(resolved),
                    });
                }
                Ok(_) | Err(crate::eval::Flow::Error(_)) => {}
                Err(flow) => return Err(flow),
            }
        }
        let filters = Filters::of(cx);
        found.retain(|command| filters.keep(command));
        Ok(found)
    }

    /// Every command whose name matches: aliases, then functions, then cmdlets, each by name.
    fn matching(&self, cx: &mut CommandContext<'_, '_>, pattern: &str, types: i64) -> Vec<Found> {
        let Some(pattern) = Wildcard::new(pattern, true) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        if types & ALIAS != 0 {
            for alias in visible(cx, None) {
                if pattern.is_match(&alias.name) {
                    found.push(Found {
                        name: alias.name.clone(),
                        module: "",
                        what: What::Alias(alias_object(cx, &alias)),
                    });
                }
            }
        }
        if types & (FUNCTION | FILTER) != 0 {
            let scopes = &cx.machine.session.scopes;
            let mut functions: Vec<Found> = Vec::new();
            for id in scopes.chain(cx.machine.scope) {
                for function in scopes.get(id).functions.values() {
                    let kind = if function.filter { FILTER } else { FUNCTION };
                    if types & kind != 0
                        && pattern.is_match(&function.name)
                        && !functions
                            .iter()
                            .any(|own| equal_folded(&own.name, &function.name))
                    {
                        functions.push(Found {
                            name: function.name.clone(),
                            module: "",
                            what: What::Command(Resolved::Function(std::sync::Arc::clone(
                                function,
                            ))),
                        });
                    }
                }
            }
            functions.sort_by(|a, b| compare_folded(&a.name, &b.name));
            found.extend(functions);
        }
        if types & CMDLET != 0 {
            let mut cmdlets: Vec<&'static CommandSpec> = Registry::global()
                .iter()
                .filter(|spec| pattern.is_match(spec.name))
                .collect();
            cmdlets.sort_by(|a, b| compare_folded(a.name, b.name));
            found.extend(cmdlets.into_iter().map(|spec| Found {
                name: spec.name.into(),
                module: spec.module,
                what: What::Command(Resolved::Cmdlet(spec)),
            }));
        }
        let filters = Filters::of(cx);
        found.retain(|command| filters.keep(command));
        found
    }

    fn write_all(&mut self, cx: &mut CommandContext<'_, '_>, found: Vec<Found>) -> Run {
        let parameters: Vec<Wildcard> = cx
            .texts("ParameterName")
            .iter()
            .filter_map(|name| Wildcard::new(name, true))
            .collect();
        for command in found {
            cx.checkpoint()?;
            if let Some(limit) = cx.integer("TotalCount")
                && limit >= 0
                && self.written >= limit
            {
                return Ok(());
            }
            let resolved = match command.what {
                What::Alias(alias) => {
                    if parameters.is_empty() {
                        self.written += 1;
                        cx.write(alias)?;
                    }
                    continue;
                }
                What::Command(resolved) => resolved,
            };
            // Attributes of functions are looked at now, so that the object can tell its parameters later.
            let meta = super::command_metadata::meta_of(cx, &resolved)?;
            if !parameters.is_empty() {
                let has = meta.as_ref().is_some_and(|meta| {
                    meta.parameters
                        .iter()
                        .any(|own| parameters.iter().any(|pattern| pattern.is_match(&own.name)))
                });
                if !has {
                    continue;
                }
            }
            self.written += 1;
            if cx.is_set("Syntax") {
                let syntax = meta.map_or_else(String::new, |meta| {
                    super::command_metadata::syntax(&command.name, &meta)
                });
                cx.write(Value::from(syntax))?;
                continue;
            }
            cx.write(Value::clr(CommandInfo { resolved }))?;
        }
        Ok(())
    }
}

/// `-Verb`, `-Noun` and `-Module`.
struct Filters {
    verbs: Vec<Wildcard>,
    nouns: Vec<Wildcard>,
    modules: Vec<Wildcard>,
}

impl Filters {
    fn of(cx: &CommandContext<'_, '_>) -> Self {
        let patterns = |name: &str| {
            cx.texts(name)
                .iter()
                .filter_map(|text| Wildcard::new(text, true))
                .collect()
        };
        Self {
            verbs: patterns("Verb"),
            nouns: patterns("Noun"),
            modules: patterns("Module"),
        }
    }

    fn keep(&self, command: &Found) -> bool {
        let (verb, noun) = command.name.split_once('-').unwrap_or(("", &command.name));
        let fits = |patterns: &[Wildcard], text: &str| {
            patterns.is_empty() || patterns.iter().any(|pattern| pattern.is_match(text))
        };
        fits(&self.verbs, verb) && fits(&self.nouns, noun) && fits(&self.modules, command.module)
    }
}
