//! Which commands there are, and under which other names.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::parameter::CommandSpec;
use crate::eval::CommandMeta;
use crate::value::{FoldedStr, Name};

/// All built-in commands, by name.
#[derive(Debug)]
pub struct Registry {
    commands: indexmap::IndexMap<Name, Entry>,
}

#[derive(Debug)]
struct Entry {
    spec: &'static CommandSpec,
    meta: OnceLock<Arc<CommandMeta>>,
}

/// Every command, one line a file.
static COMMANDS: &[&CommandSpec] = &[
    &super::add_member::SPEC,
    &super::alias::GET,
    &super::alias::NEW,
    &super::alias::REMOVE,
    &super::alias::SET,
    &super::compare_object::COMPARE,
    &super::compare_object::UNIQUE,
    &super::convert_from_json::SPEC,
    &super::convert_to_json::SPEC,
    &super::copy_item::COPY,
    &super::copy_item::MOVE,
    &super::copy_item::RENAME,
    &super::export_csv::EXPORT,
    &super::csv::FROM,
    &super::csv::IMPORT,
    &super::csv::TO,
    &super::debugger_modes::DEBUG_MODE,
    &super::debugger_modes::UNHANDLED_BREAKPOINT_MODE,
    &super::exit_ps_session::SPEC,
    &super::foreach_object::SPEC,
    &super::format_custom::SPEC,
    &super::format_list::SPEC,
    &super::format_table::SPEC,
    &super::format_wide::SPEC,
    &super::get_child_item::CHILDREN,
    &super::get_child_item::ITEM,
    &super::get_command::SPEC,
    &super::get_content::SPEC,
    &super::get_date::SPEC,
    &super::get_file_hash::SPEC,
    &super::get_member::SPEC,
    &super::get_random::GUID,
    &super::get_random::RANDOM,
    &super::group_object::SPEC,
    &super::invoke_expression::SPEC,
    &super::join_path::JOIN,
    &super::join_path::SPLIT,
    &super::join_string::JOIN,
    &super::join_string::STRING_DATA,
    &super::location::GET,
    &super::location::POP,
    &super::location::PUSH,
    &super::location::SET,
    &super::measure_object::SPEC,
    &super::new_item::SPEC,
    &super::new_temporary_file::SPEC,
    &super::new_object::SPEC,
    &super::new_time_span::TEMPORARY_FILE,
    &super::new_time_span::TIME_SPAN,
    &super::out_file::SPEC,
    &super::out_host::DEFAULT,
    &super::out_host::HOST,
    &super::out_null::SPEC,
    &super::out_string::SPEC,
    &super::process::GET,
    &super::process::STOP,
    &super::ps_drive::GET,
    &super::ps_drive::NEW,
    &super::ps_drive::PROVIDER,
    &super::ps_drive::REMOVE,
    &super::read_host::SPEC,
    &super::remove_item::SPEC,
    &super::run_command::COMMAND,
    &super::run_command::MEASURE,
    &super::select_object::SPEC,
    &super::select_string::SPEC,
    &super::session_state::CLEAR_HISTORY,
    &super::session_state::GET_HISTORY,
    &super::session_state::HOST,
    &super::session_state::STRICT_MODE,
    &super::set_content::ADD,
    &super::set_content::CLEAR,
    &super::set_content::SET,
    &super::set_item::CLEAR,
    &super::set_item::GET_PROPERTY,
    &super::set_item::SET,
    &super::set_item::SET_PROPERTY,
    &super::sort_object::SPEC,
    &super::start_sleep::SPEC,
    &super::tee_object::SPEC,
    &super::test_path::CONVERT,
    &super::test_path::RESOLVE,
    &super::test_path::TEST,
    &super::variable::CLEAR,
    &super::variable::GET,
    &super::set_variable::NEW,
    &super::variable::REMOVE,
    &super::set_variable::SET,
    &super::where_object::SPEC,
    &super::write_error::SPEC,
    &super::write_message::DEBUG,
    &super::write_message::HOST,
    &super::write_message::INFORMATION,
    &super::write_message::PROGRESS,
    &super::write_message::VERBOSE,
    &super::write_message::WARNING,
    &super::write_output::SPEC,
];

impl Registry {
    /// The registry of the process: commands do not change while it runs.
    #[must_use]
    pub fn global() -> &'static Self {
        static REGISTRY: OnceLock<Registry> = OnceLock::new();
        REGISTRY.get_or_init(|| Self {
            commands: COMMANDS
                .iter()
                .map(|spec| {
                    (
                        Name::from(spec.name),
                        Entry {
                            spec,
                            meta: OnceLock::new(),
                        },
                    )
                })
                .collect(),
        })
    }

    /// The command of that name, case aside.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&'static CommandSpec> {
        self.commands.get(&FoldedStr(name)).map(|entry| entry.spec)
    }

    /// All commands.
    pub fn iter(&self) -> impl Iterator<Item = &'static CommandSpec> {
        self.commands.values().map(|entry| entry.spec)
    }

    /// What the binder needs to know of a command, worked out at its first use.
    pub(crate) fn meta(&self, spec: &'static CommandSpec) -> Arc<CommandMeta> {
        match self.commands.get(&FoldedStr(spec.name)) {
            Some(entry) => Arc::clone(
                entry
                    .meta
                    .get_or_init(|| Arc::new(CommandMeta::of_spec(spec))),
            ),
            None => Arc::new(CommandMeta::of_spec(spec)),
        }
    }
}

/// The aliases of a new session. `windows` adds those that would hide native tools elsewhere.
#[must_use]
pub fn aliases_of(windows: bool) -> BTreeMap<&'static str, &'static str> {
    let mut aliases: BTreeMap<_, _> = ALIASES.iter().copied().collect();
    if windows {
        aliases.extend(WINDOWS_ALIASES.iter().copied());
    }
    aliases
}

/// Aliases whose definition is AllScope and ReadOnly differ only in those options; see `eval::session`.
static ALIASES: &[(&str, &str)] = &[
    ("%", "ForEach-Object"),
    ("?", "Where-Object"),
    ("ac", "Add-Content"),
    ("cd", "Set-Location"),
    ("chdir", "Set-Location"),
    ("clc", "Clear-Content"),
    ("clhy", "Clear-History"),
    ("cli", "Clear-Item"),
    ("clp", "Clear-ItemProperty"),
    ("cls", "Clear-Host"),
    ("clv", "Clear-Variable"),
    ("cnsn", "Connect-PSSession"),
    ("compare", "Compare-Object"),
    ("copy", "Copy-Item"),
    ("cpi", "Copy-Item"),
    ("cvpa", "Convert-Path"),
    ("dbp", "Disable-PSBreakpoint"),
    ("del", "Remove-Item"),
    ("diff", "Compare-Object"),
    ("dir", "Get-ChildItem"),
    ("dnsn", "Disconnect-PSSession"),
    ("ebp", "Enable-PSBreakpoint"),
    ("echo", "Write-Output"),
    ("epal", "Export-Alias"),
    ("epcsv", "Export-Csv"),
    ("erase", "Remove-Item"),
    ("etsn", "Enter-PSSession"),
    ("exsn", "Exit-PSSession"),
    ("fc", "Format-Custom"),
    ("fhx", "Format-Hex"),
    ("fl", "Format-List"),
    ("foreach", "ForEach-Object"),
    ("ft", "Format-Table"),
    ("fw", "Format-Wide"),
    ("gal", "Get-Alias"),
    ("gbp", "Get-PSBreakpoint"),
    ("gc", "Get-Content"),
    ("gci", "Get-ChildItem"),
    ("gcm", "Get-Command"),
    ("gcs", "Get-PSCallStack"),
    ("gdr", "Get-PSDrive"),
    ("gerr", "Get-Error"),
    ("ghy", "Get-History"),
    ("gi", "Get-Item"),
    ("gjb", "Get-Job"),
    ("gl", "Get-Location"),
    ("gm", "Get-Member"),
    ("gmo", "Get-Module"),
    ("gp", "Get-ItemProperty"),
    ("gps", "Get-Process"),
    ("gpv", "Get-ItemPropertyValue"),
    ("group", "Group-Object"),
    ("gsn", "Get-PSSession"),
    ("gtz", "Get-TimeZone"),
    ("gu", "Get-Unique"),
    ("gv", "Get-Variable"),
    ("h", "Get-History"),
    ("history", "Get-History"),
    ("icm", "Invoke-Command"),
    ("iex", "Invoke-Expression"),
    ("ihy", "Invoke-History"),
    ("ii", "Invoke-Item"),
    ("ipal", "Import-Alias"),
    ("ipcsv", "Import-Csv"),
    ("ipmo", "Import-Module"),
    ("irm", "Invoke-RestMethod"),
    ("iwr", "Invoke-WebRequest"),
    ("md", "mkdir"),
    ("measure", "Measure-Object"),
    ("mi", "Move-Item"),
    ("move", "Move-Item"),
    ("mp", "Move-ItemProperty"),
    ("nal", "New-Alias"),
    ("ndr", "New-PSDrive"),
    ("ni", "New-Item"),
    ("nmo", "New-Module"),
    ("nsn", "New-PSSession"),
    ("nv", "New-Variable"),
    ("oh", "Out-Host"),
    ("popd", "Pop-Location"),
    ("pushd", "Push-Location"),
    ("pwd", "Get-Location"),
    ("r", "Invoke-History"),
    ("rbp", "Remove-PSBreakpoint"),
    ("rcjb", "Receive-Job"),
    ("rcsn", "Receive-PSSession"),
    ("rd", "Remove-Item"),
    ("rdr", "Remove-PSDrive"),
    ("ren", "Rename-Item"),
    ("ri", "Remove-Item"),
    ("rjb", "Remove-Job"),
    ("rmo", "Remove-Module"),
    ("rni", "Rename-Item"),
    ("rnp", "Rename-ItemProperty"),
    ("rp", "Remove-ItemProperty"),
    ("rsn", "Remove-PSSession"),
    ("rv", "Remove-Variable"),
    ("rvpa", "Resolve-Path"),
    ("sajb", "Start-Job"),
    ("sal", "Set-Alias"),
    ("saps", "Start-Process"),
    ("sbp", "Set-PSBreakpoint"),
    ("select", "Select-Object"),
    ("set", "Set-Variable"),
    ("si", "Set-Item"),
    ("sl", "Set-Location"),
    ("sls", "Select-String"),
    ("sp", "Set-ItemProperty"),
    ("spjb", "Stop-Job"),
    ("spps", "Stop-Process"),
    ("sv", "Set-Variable"),
    ("type", "Get-Content"),
    ("where", "Where-Object"),
    ("wjb", "Wait-Job"),
];

static WINDOWS_ALIASES: &[(&str, &str)] = &[
    ("asnp", "Add-PSSnapin"),
    ("cat", "Get-Content"),
    ("clear", "Clear-Host"),
    ("cp", "Copy-Item"),
    ("cpp", "Copy-ItemProperty"),
    ("curl", "Invoke-WebRequest"),
    ("gsv", "Get-Service"),
    ("kill", "Stop-Process"),
    ("lp", "Out-Printer"),
    ("ls", "Get-ChildItem"),
    ("man", "help"),
    ("mount", "New-PSDrive"),
    ("mv", "Move-Item"),
    ("ps", "Get-Process"),
    ("rm", "Remove-Item"),
    ("rmdir", "Remove-Item"),
    ("sasv", "Start-Service"),
    ("shcm", "Show-Command"),
    ("sleep", "Start-Sleep"),
    ("sort", "Sort-Object"),
    ("spsv", "Stop-Service"),
    ("start", "Start-Process"),
    ("stz", "Set-TimeZone"),
    ("tee", "Tee-Object"),
    ("wget", "Invoke-WebRequest"),
    ("write", "Write-Output"),
];
