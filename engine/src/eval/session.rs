//! What a runspace keeps from one invocation to the next.

use std::collections::VecDeque;
use std::sync::Arc;

use indexmap::IndexMap;

use super::scope::{Alias, Options, Scopes, Variable};
use super::symbol::Symbol;
use crate::command::{Registry, aliases_of};
use crate::limits::RunspaceLimits;
use crate::runspace::RunspaceOptions;
use crate::value::{Hashtable, List, ListKind, Name, Text, TypeId, TypeRef, Value, Version};

/// The state of a runspace.
pub struct Session {
    pub(crate) scopes: Scopes,
    /// The built-in commands.
    pub registry: &'static Registry,
    pub(crate) limits: RunspaceLimits,
    /// Classes and enumerations that scripts declared.
    pub(crate) types: IndexMap<Name, TypeRef>,
    /// Variables that programs get.
    pub environment: IndexMap<TextKey, Text>,
    /// The current folder.
    pub location: String,
    /// `Get-Location -StackName` and the unnamed stack of Push-Location.
    pub location_stack: Vec<String>,
    /// `$Error`, newest first.
    pub(crate) errors: Arc<List>,
    /// The command lines that ran.
    pub history: VecDeque<Text>,
    /// What kind of host there is and what it is called.
    pub options: RunspaceOptions,
    /// Whether programs of the computer may run.
    pub native_commands: bool,
    /// The parsed and lowered form of texts that are run again and again.
    pub(crate) parsed: IndexMap<TextKey, Arc<super::node::Block>>,
    /// What commands keep between calls, by a key of their own.
    pub extensions: IndexMap<&'static str, Box<dyn std::any::Any + Send>>,
    /// `$using:` values that a client sent along with the pipeline that runs.
    pub(crate) using: Vec<(Text, Value)>,
    /// The exit code that `exit` gave.
    pub(crate) exit_code: Option<i32>,
}

/// A text as a key.
pub(crate) type TextKey = Arc<str>;

impl Session {
    pub(crate) fn new(options: RunspaceOptions) -> Self {
        let mut session = Self {
            scopes: Scopes::new(),
            registry: Registry::global(),
            limits: options.limits.clone(),
            types: IndexMap::new(),
            environment: std::env::vars()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            location: options.location.clone().unwrap_or_else(|| {
                std::env::current_dir().map_or_else(
                    |_| "/".to_owned(),
                    |path| path.to_string_lossy().into_owned(),
                )
            }),
            location_stack: Vec::new(),
            errors: Arc::new(List::new(ListKind::ArrayList, Vec::new())),
            history: VecDeque::new(),
            native_commands: options.native_commands,
            options,
            parsed: IndexMap::new(),
            extensions: IndexMap::new(),
            using: Vec::new(),
            exit_code: None,
        };
        session.define_aliases();
        session.define_variables();
        session.define_functions();
        session
    }

    fn define_aliases(&mut self) {
        let windows = self.options.windows_aliases;
        let global = self.scopes.get_mut(Scopes::GLOBAL);
        for (name, definition) in aliases_of(windows) {
            let options = match name {
                "%" | "?" | "cd" | "chdir" | "copy" | "cp" | "del" | "dir" | "echo" | "erase"
                | "h" | "history" | "md" | "move" | "popd" | "pushd" | "r" | "rd" | "ren"
                | "rmdir" | "set" | "type" | "kill" | "mount" | "mv" | "ps" | "pwd" | "rm"
                | "cls" | "clear" | "cat" | "lp" | "ls" | "man" => {
                    if matches!(name, "%" | "?") {
                        Options::ALL_SCOPE.with(Options::READ_ONLY)
                    } else {
                        Options::ALL_SCOPE
                    }
                }
                "foreach" | "where" => Options::ALL_SCOPE.with(Options::READ_ONLY),
                _ => Options::READ_ONLY,
            };
            let alias = Alias {
                name: name.into(),
                definition: definition.into(),
                options,
                description: Text::default(),
            };
            global.aliases.insert(Symbol::of(name), alias);
        }
    }

    /// Functions that every session has.
    fn define_functions(&mut self) {
        let parsed = crate::syntax::parse(FUNCTIONS, &crate::syntax::ParseLimits::default());
        let block = super::lower::script(&parsed.source, &parsed.script);
        let global = self.scopes.get_mut(Scopes::GLOBAL);
        for statement in block.end.iter().flat_map(|body| &body.statements) {
            if let super::node::StmtKind::Function(node) = &statement.kind {
                let function = crate::command::Function {
                    name: node.name.clone(),
                    block: Arc::clone(&node.block),
                    filter: node.filter,
                    options: Options::NONE,
                    description: None,
                    kept: None,
                };
                global
                    .functions
                    .insert(Symbol::of(&node.name), Arc::new(function));
            }
        }
    }

    fn define_variables(&mut self) {
        let home = std::env::var("HOME").unwrap_or_default();
        let preference = |bits| {
            Value::enumeration("System.Management.Automation.ActionPreference", bits)
                .unwrap_or_default()
        };
        let constant = Options::ALL_SCOPE.with(Options::CONSTANT);
        let read_only = Options::ALL_SCOPE.with(Options::READ_ONLY);
        let errors = Value::List(Arc::clone(&self.errors));
        let version_table = self.version_table();
        let table = [
            ("Error", errors, Options::CONSTANT),
            ("ErrorActionPreference", preference(2), Options::NONE),
            ("WarningPreference", preference(2), Options::NONE),
            ("VerbosePreference", preference(0), Options::NONE),
            ("DebugPreference", preference(0), Options::NONE),
            ("InformationPreference", preference(0), Options::NONE),
            ("ProgressPreference", preference(2), Options::NONE),
            (
                "ConfirmPreference",
                Value::enumeration("System.Management.Automation.ConfirmImpact", 3)
                    .unwrap_or_default(),
                Options::NONE,
            ),
            ("WhatIfPreference", Value::Bool(false), Options::NONE),
            (
                "ErrorView",
                Value::enumeration("System.Management.Automation.ErrorView", 2)
                    .unwrap_or_else(|| "ConciseView".into()),
                Options::NONE,
            ),
            ("FormatEnumerationLimit", Value::Int32(4), Options::NONE),
            ("PSStyle", crate::format::style(), Options::CONSTANT),
            ("NestedPromptLevel", Value::Int32(0), Options::NONE),
            ("OutputEncoding", Value::Null, Options::NONE),
            (
                "PSDefaultParameterValues",
                Value::Hash(Arc::new(Hashtable::new())),
                Options::NONE,
            ),
            ("PSEmailServer", "".into(), Options::NONE),
            ("PSSessionApplicationName", "wsman".into(), Options::NONE),
            (
                "PSSessionConfigurationName",
                "http://schemas.microsoft.com/powershell/Microsoft.PowerShell".into(),
                Options::NONE,
            ),
            (
                "PSNativeCommandArgumentPassing",
                "Standard".into(),
                Options::NONE,
            ),
            (
                "PSNativeCommandUseErrorActionPreference",
                Value::Bool(false),
                Options::NONE,
            ),
            ("MaximumHistoryCount", Value::Int32(4096), Options::NONE),
            ("PSVersionTable", version_table, constant),
            ("PSEdition", "Core".into(), constant),
            ("PSCulture", "en-US".into(), read_only),
            ("PSUICulture", "en-US".into(), read_only),
            ("HOME", home.into(), read_only),
            ("PSHOME", self.options.home.clone().into(), constant),
            (
                "PID",
                Value::Int32(i32::try_from(std::process::id()).unwrap_or(i32::MAX)),
                constant,
            ),
            ("IsLinux", Value::Bool(cfg!(target_os = "linux")), constant),
            ("IsMacOS", Value::Bool(cfg!(target_os = "macos")), constant),
            ("IsWindows", Value::Bool(cfg!(windows)), constant),
            ("IsCoreCLR", Value::Bool(true), constant),
            ("ShellId", "Microsoft.PowerShell".into(), constant),
            (
                "EnabledExperimentalFeatures",
                Value::array(Vec::new()),
                read_only,
            ),
            ("true", Value::Bool(true), constant),
            ("false", Value::Bool(false), constant),
            ("null", Value::Null, Options::NONE),
            ("StackTrace", Value::Null, Options::NONE),
            (
                "ExecutionContext",
                super::engine_objects::execution_context(),
                constant,
            ),
            ("Host", super::engine_objects::host(&self.options), constant),
        ];
        let action = TypeRef::find("System.Management.Automation.ActionPreference");
        let global = self.scopes.get_mut(Scopes::GLOBAL);
        for (name, value, options) in table {
            let checks: Option<Arc<[super::check::Check]>> =
                match (&action, name.strip_suffix("Preference")) {
                    (
                        Some(ty),
                        Some(
                            "ErrorAction" | "Warning" | "Verbose" | "Debug" | "Information"
                            | "Progress",
                        ),
                    ) => Some(Arc::from(vec![super::check::Check::Convert(ty.clone())])),
                    _ => None,
                };
            global.insert(
                Symbol::of(name),
                Variable {
                    value,
                    options,
                    checks,
                    description: None,
                },
            );
        }
    }

    /// `$PSVersionTable`: the language that is spoken, and under `Engine` who speaks it.
    fn version_table(&self) -> Value {
        let table = Hashtable::ordered();
        let version = |text: &str| Version::parse(text).map_or(Value::Null, Value::Version);
        let semantic = |text: &str| version(text);
        table.insert("PSVersion".into(), semantic("7.6.5"));
        table.insert("PSEdition".into(), "Core".into());
        table.insert("GitCommitId".into(), "7.6.5".into());
        table.insert("OS".into(), std::env::consts::OS.into());
        table.insert(
            "Platform".into(),
            if cfg!(windows) {
                "Win32NT".into()
            } else {
                "Unix".into()
            },
        );
        let versions = ["1.0", "2.0", "3.0", "4.0", "5.0", "5.1", "6.0", "7.0"]
            .map(version)
            .to_vec();
        table.insert(
            "PSCompatibleVersions".into(),
            Value::typed_array(TypeRef::of(TypeId::Version), versions),
        );
        table.insert("PSRemotingProtocolVersion".into(), version("2.4"));
        table.insert("SerializationVersion".into(), version("1.1.0.1"));
        table.insert("WSManStackVersion".into(), version("3.0"));
        table.insert(
            "Engine".into(),
            format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")).into(),
        );
        Value::Hash(Arc::new(table))
    }
}

impl Session {
    /// Sets a variable of the global scope.
    pub(crate) fn set_global(&mut self, name: &str, value: Value) {
        drop(
            self.scopes
                .get_mut(Scopes::GLOBAL)
                .set(Symbol::of(name), value),
        );
    }

    /// Lets go of everything that variables hold.
    pub(crate) fn clear(&mut self) {
        self.errors.write().clear();
        self.scopes = Scopes::new();
        self.parsed.clear();
    }
}

/// The text of what [`Session`] defines at its start.
const FUNCTIONS: &str = r#"
function prompt { "PS $($PWD.ProviderPath)$('>' * ($NestedPromptLevel + 1)) " }
function TabExpansion2 { param([string]$inputScript, [int]$cursorColumn)
    [pscustomobject]@{ CurrentMatchIndex = -1; ReplacementIndex = $cursorColumn; ReplacementLength = 0; CompletionMatches = @() } }
"#;
