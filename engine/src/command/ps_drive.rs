//! Get-, New- and Remove-PSDrive, and Get-PSProvider.

use super::{Command, CommandContext, CommandSpec, InSet, Parameter};
use crate::eval::Run;
use crate::provider::{Drive, Provider, drives, locate, provider_object};
use crate::value::pattern::Wildcard;
use crate::value::{ErrorCategory, Text, TypeId, Value, compare_folded, equal_folded};

pub(crate) static GET: CommandSpec = CommandSpec::new(
    "Get-PSDrive",
    "Microsoft.PowerShell.Commands.GetPSDriveCommand",
    || Box::new(GetDrive),
)
.module("Microsoft.PowerShell.Management")
.default_set("Name")
.output_types(&["System.Management.Automation.PSDriveInfo"])
.parameters(&[
    Parameter::new("Name", "string[]").in_sets(&[InSet::of("Name").position(0).by_property()]),
    Parameter::new("LiteralName", "string[]").in_sets(&[InSet::of("LiteralName")
        .position(0)
        .mandatory()
        .by_property()]),
    Parameter::new("Scope", "string").by_property(),
    Parameter::new("PSProvider", "string[]").by_property(),
]);

pub(crate) static NEW: CommandSpec = CommandSpec::new(
    "New-PSDrive",
    "Microsoft.PowerShell.Commands.NewPSDriveCommand",
    || Box::new(NewDrive),
)
.module("Microsoft.PowerShell.Management")
.should_process()
.output_types(&["System.Management.Automation.PSDriveInfo"])
.parameters(&[
    Parameter::new("Name", "string")
        .position(0)
        .mandatory()
        .by_property(),
    Parameter::new("PSProvider", "string")
        .position(1)
        .mandatory()
        .by_property(),
    Parameter::new("Root", "string")
        .position(2)
        .mandatory()
        .by_property()
        .validate(&[super::Validate::AllowEmptyString]),
    Parameter::new("Description", "string").by_property(),
    Parameter::new("Scope", "string").by_property(),
    Parameter::switch("Persist"),
]);

pub(crate) static REMOVE: CommandSpec = CommandSpec::new(
    "Remove-PSDrive",
    "Microsoft.PowerShell.Commands.RemovePSDriveCommand",
    || Box::new(RemoveDrive),
)
.module("Microsoft.PowerShell.Management")
.default_set("Name")
.should_process()
.parameters(&[
    Parameter::new("Name", "string[]")
        .in_sets(&[InSet::of("Name").position(0).mandatory().by_property()]),
    Parameter::new("LiteralName", "string[]").in_sets(&[InSet::of("LiteralName")
        .position(0)
        .mandatory()
        .by_property()]),
    Parameter::new("PSProvider", "string[]").by_property(),
    Parameter::new("Scope", "string").by_property(),
    Parameter::switch("Force"),
]);

pub(crate) static PROVIDER: CommandSpec = CommandSpec::new(
    "Get-PSProvider",
    "Microsoft.PowerShell.Commands.GetPSProviderCommand",
    || Box::new(GetProvider),
)
.module("Microsoft.PowerShell.Management")
.output_types(&["System.Management.Automation.ProviderInfo"])
.parameters(&[Parameter::new("PSProvider", "string[]")
    .position(0)
    .by_property()
    .pipeline()]);

struct GetDrive;

impl Command for GetDrive {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let mut names = cx.texts("Name");
        names.extend(cx.texts("LiteralName"));
        if names.is_empty() {
            names.push("*".into());
        }
        let providers = cx.texts("PSProvider");
        let mut all = drives(cx.machine.session);
        all.sort_by(|a, b| compare_folded(&a.name, &b.name));
        let location = cx
            .machine
            .session
            .location
            .trim_start_matches('/')
            .to_owned();
        for name in names {
            let Some(pattern) = Wildcard::new(&name, true) else {
                continue;
            };
            let found: Vec<Drive> = all
                .iter()
                .filter(|drive| {
                    pattern.is_match(&drive.name)
                        && (providers.is_empty()
                            || providers
                                .iter()
                                .any(|own| Provider::named(own) == Some(drive.provider)))
                })
                .cloned()
                .collect();
            if found.is_empty() && !Wildcard::has_wildcards(&name) {
                let message =
                    format!("Cannot find drive. A drive with the name '{name}' does not exist.");
                cx.error(
                    TypeId::DriveNotFoundException,
                    message,
                    "GetLocationNoMatchingDrive",
                    ErrorCategory::ObjectNotFound,
                    Value::String(name),
                )?;
                continue;
            }
            for drive in found {
                cx.write(drive.into_value(&location))?;
            }
        }
        Ok(())
    }
}

struct NewDrive;

impl Command for NewDrive {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let (name, provider) = (
            cx.text("Name").unwrap_or_default(),
            cx.text("PSProvider").unwrap_or_default(),
        );
        let Some(provider) = Provider::named(&provider) else {
            let message = format!("Cannot find a provider with the name '{provider}'.");
            return Err(cx.fail(
                TypeId::ProviderNotFoundException,
                message,
                "ProviderNotFound",
                ErrorCategory::ObjectNotFound,
                Value::String(provider),
            ));
        };
        if drives(cx.machine.session)
            .iter()
            .any(|drive| equal_folded(&drive.name, &name))
        {
            let message = format!("A drive with the name '{name}' already exists.");
            return cx.error(
                TypeId::SessionStateException,
                message,
                "DriveAlreadyExists",
                ErrorCategory::ResourceExists,
                Value::String(name),
            );
        }
        let root = locate(cx, &cx.text("Root").unwrap_or_default())?.path;
        if !cx.should_process(
            &format!("Name: {name} Provider: {} Root: {root}", provider.name()),
            "New drive",
        )? {
            return Ok(());
        }
        if provider == Provider::FileSystem && !std::path::Path::new(&root).is_dir() {
            let message = format!(
                "The specified drive root \"{root}\" either does not exist, or it is not a folder."
            );
            return cx.error(
                TypeId::IOException,
                message,
                "DriveRootError",
                ErrorCategory::ReadError,
                Value::String(name),
            );
        }
        let drive = Drive {
            name,
            provider,
            root,
            description: cx.text("Description").unwrap_or_default(),
        };
        drive.clone().add(cx.machine.session);
        cx.write(drive.into_value(""))
    }
}

struct RemoveDrive;

impl Command for RemoveDrive {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let mut names: Vec<Text> = cx.texts("Name");
        names.extend(cx.texts("LiteralName"));
        for name in names {
            if !cx.should_process(&format!("Name: {name}"), "Remove Drive")? {
                continue;
            }
            if !Drive::remove(cx.machine.session, &name) {
                let message =
                    format!("Cannot find drive. A drive with the name '{name}' does not exist.");
                cx.error(
                    TypeId::DriveNotFoundException,
                    message,
                    "DriveNotFound",
                    ErrorCategory::ObjectNotFound,
                    Value::String(name),
                )?;
            }
        }
        Ok(())
    }
}

struct GetProvider;

impl Command for GetProvider {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let mut names = cx.texts("PSProvider");
        if names.is_empty() {
            names.push("*".into());
        }
        for name in names {
            let Some(pattern) = Wildcard::new(&name, true) else {
                continue;
            };
            for provider in Provider::ALL {
                if pattern.is_match(provider.name()) {
                    cx.write(provider_object(provider))?;
                }
            }
        }
        Ok(())
    }
}
