//! Names of variables and functions as small numbers, the same for every spelling.

use std::sync::{OnceLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use crate::value::Name;

/// A name of which case does not count. Two symbols are equal when the names are.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Symbol(u32);

#[derive(Default)]
struct Table {
    numbers: FxHashMap<Name, u32>,
    names: Vec<Name>,
}

/// One table serves the whole process: lowered trees travel between runspaces inside script block values.
fn table() -> &'static RwLock<Table> {
    static TABLE: OnceLock<RwLock<Table>> = OnceLock::new();
    TABLE.get_or_init(RwLock::default)
}

impl Symbol {
    /// The symbol of `name`, made if it is new.
    pub(crate) fn of(name: &str) -> Self {
        if let Some(symbol) = Self::find(name) {
            return symbol;
        }
        let mut table = table().write().unwrap_or_else(PoisonError::into_inner);
        let name = Name::from(name);
        if let Some(number) = table.numbers.get(&name) {
            return Self(*number);
        }
        let number = u32::try_from(table.names.len()).unwrap_or(u32::MAX);
        table.names.push(name.clone());
        table.numbers.insert(name, number);
        Self(number)
    }

    /// The symbol of `name` if anybody ever used it: looking up does not make the table grow.
    pub(crate) fn find(name: &str) -> Option<Self> {
        let table = table().read().unwrap_or_else(PoisonError::into_inner);
        table.numbers.get(&Name::from(name)).map(|number| Self(*number))
    }

    /// The name in its first spelling.
    pub(crate) fn name(self) -> Name {
        let table = table().read().unwrap_or_else(PoisonError::into_inner);
        table.names.get(self.0 as usize).cloned().unwrap_or_else(|| Name::from(""))
    }
}

/// The names that the evaluator itself uses at every step, looked up once.
macro_rules! well_known {
    ($($function:ident = $text:literal),* $(,)?) => {
        $(pub(crate) fn $function() -> Symbol {
            static SYMBOL: OnceLock<Symbol> = OnceLock::new();
            *SYMBOL.get_or_init(|| Symbol::of($text))
        })*
    };
}

/// Symbols of automatic variables.
pub(crate) mod known {
    use super::{OnceLock, Symbol};

    well_known! {
        underscore = "_", args = "args", input = "input", this = "this", matches = "Matches", question = "?", error = "Error",
        my_invocation = "MyInvocation", bound = "PSBoundParameters", cmdlet = "PSCmdlet", ofs = "OFS", foreach = "foreach", switch = "switch",
        error_action = "ErrorActionPreference", warning = "WarningPreference", verbose = "VerbosePreference", debug = "DebugPreference",
        information = "InformationPreference", progress = "ProgressPreference", confirm = "ConfirmPreference", what_if = "WhatIfPreference",
        defaults = "PSDefaultParameterValues", last_exit = "LASTEXITCODE", script_root = "PSScriptRoot", command_path = "PSCommandPath",
        native_error = "PSNativeCommandUseErrorActionPreference", event_args = "PSDebugContext", stack_trace = "StackTrace",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one_symbol() {
        assert_eq!(Symbol::of("SymbolTestName"), Symbol::of("symboltestNAME"));
        assert_eq!(Symbol::of("symbolTestname").name().as_str(), "SymbolTestName");
        assert_eq!(Symbol::find("a name that nobody used before"), None);
    }
}
