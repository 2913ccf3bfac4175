//! An embedded PowerShell engine: parses and runs PowerShell scripts without any PowerShell installed.

pub mod syntax;
pub mod value;
