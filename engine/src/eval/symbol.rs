//! Names of variables and functions as small numbers, the same for every spelling.

use std::sync::{OnceLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use crate::value::Name;

/// A name of which case does not count. Two symbols are equal when the names are.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Symbol(u32);

#[derive(Default)]
struct Table {
    numbers: FxHashMap<Name, u32>,
    names: Vec<Name>,
}

/// One table serves the whole process: lowered trees travel between runspaces inside script block values.
fn table() -> &'static RwLock<Table> {
    static TABLE: OnceLock<RwLock<Table>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table::default();
        for (number, name) in (0..).zip(known::NAMES) {
            table.names.push(Name::from(*name));
            table.numbers.insert(Name::from(*name), number);
        }
        RwLock::new(table)
    })
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
        table
            .numbers
            .get(&Name::from(name))
            .map(|number| Self(*number))
    }

    /// The name in its first spelling.
    pub(crate) fn name(self) -> Name {
        let table = table().read().unwrap_or_else(PoisonError::into_inner);
        table
            .names
            .get(self.0 as usize)
            .cloned()
            .unwrap_or_else(|| Name::from(""))
    }
}

/// Symbols of automatic variables. They are the first of the table, so that one comparison tells most names apart from them.
pub(crate) mod known {
    use super::Symbol;

    macro_rules! well_known {
        ($($number:literal $function:ident = $text:literal),* $(,)?) => {
            /// In the order of their numbers.
            pub(super) const NAMES: &[&str] = &[$($text),*];

            $(#[allow(dead_code, reason = "the table is one list with fixed numbers, whether or not each name is asked for")]
            pub(crate) const fn $function() -> Symbol {
                Symbol($number)
            })*
        };
    }

    well_known! {
        0 args = "args", 1 input = "input", 2 bound = "PSBoundParameters", 3 my_invocation = "MyInvocation", 4 cmdlet = "PSCmdlet",
        5 question = "?", 6 underscore = "_", 7 this = "this", 8 matches = "Matches", 9 error = "Error", 10 ofs = "OFS", 11 foreach = "foreach",
        12 switch = "switch", 13 error_action = "ErrorActionPreference", 14 warning = "WarningPreference", 15 verbose = "VerbosePreference",
        16 debug = "DebugPreference", 17 information = "InformationPreference", 18 progress = "ProgressPreference", 19 confirm = "ConfirmPreference",
        20 what_if = "WhatIfPreference", 21 defaults = "PSDefaultParameterValues", 22 last_exit = "LASTEXITCODE", 23 script_root = "PSScriptRoot",
        24 command_path = "PSCommandPath", 25 native_error = "PSNativeCommandUseErrorActionPreference", 26 location = "PWD", 27 item = "PSItem",
    }

    /// The last of the names that a call answers.
    pub(crate) const fn last_of_frames() -> Symbol {
        cmdlet()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automatic_variables_have_their_numbers() {
        assert_eq!(Symbol::of("lastexitcode"), known::last_exit());
        assert_eq!(Symbol::of("PSItem"), known::item());
        assert_eq!(Symbol::of("_"), known::underscore());
    }

    #[test]
    fn spellings_of_one_name_are_one_symbol() {
        assert_eq!(Symbol::of("SymbolTestName"), Symbol::of("symboltestNAME"));
        assert_eq!(
            Symbol::of("symbolTestname").name().as_str(),
            "SymbolTestName"
        );
        assert_eq!(Symbol::find("a name that nobody used before"), None);
    }
}
