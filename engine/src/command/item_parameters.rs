//! The parameters that commands for items and their content have in common.

use super::{InSet, Parameter};

/// `-Path` with wildcards, also from the pipeline.
pub(super) const PATH: Parameter = Parameter::new("Path", "string[]").in_sets(&[InSet::of("Path")
    .position(0)
    .mandatory()
    .pipeline()
    .by_property()]);

/// `-Path` of commands whose input is something else.
pub(super) const PATH_BY_PROPERTY: Parameter = Parameter::new("Path", "string[]")
    .in_sets(&[InSet::of("Path").position(0).mandatory().by_property()]);

/// `-LiteralPath`, beside either.
pub(super) const LITERAL_PATH: Parameter = Parameter::new("LiteralPath", "string[]")
    .aliases(LITERAL_PATH_ALIASES)
    .in_sets(&[InSet::of("LiteralPath").mandatory().by_property()]);

/// How else `-LiteralPath` is called; the first is the property that items have.
pub(super) const LITERAL_PATH_ALIASES: &[&str] = &["PSPath", "LP"];

pub(super) const FILTER: Parameter = Parameter::new("Filter", "string");
pub(super) const INCLUDE: Parameter = Parameter::new("Include", "string[]");
pub(super) const EXCLUDE: Parameter = Parameter::new("Exclude", "string[]");
pub(super) const FORCE: Parameter = Parameter::switch("Force");
pub(super) const PASS_THRU: Parameter = Parameter::switch("PassThru");
