//! The declaration of a command and its parameters.

use super::Command;

/// Everything that is known about a command before it runs.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct CommandSpec {
    /// `Verb-Noun`.
    pub name: &'static str,
    /// The .NET class, which stands at the end of error ids.
    pub class: &'static str,
    /// The module that PowerShell has the command in.
    pub module: &'static str,
    /// The parameters in the order in which PowerShell declares them.
    pub parameters: &'static [Parameter],
    /// The parameter set that wins when several fit.
    pub default_set: &'static str,
    /// The type of what it writes, for metadata.
    pub output_types: &'static [&'static str],
    /// Whether `-WhatIf` and `-Confirm` exist.
    pub should_process: bool,
    /// Makes one running command.
    pub make: fn() -> Box<dyn Command>,
}

/// A parameter of a command.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Parameter {
    /// The name.
    pub name: &'static str,
    /// The type as it would be written between brackets: `string[]`, `switch`, `int`, `object`, `scriptblock`.
    pub ty: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// The parameter sets in which it is; none for all of them.
    pub sets: &'static [InSet],
    /// How it behaves where `sets` is empty.
    pub everywhere: InSet,
    /// What arguments have to satisfy.
    pub validate: &'static [Validate],
}

/// How a parameter behaves in one parameter set.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct InSet {
    /// The name of the set; empty for all sets.
    pub set: &'static str,
    /// The position of a positional parameter.
    pub position: Option<i32>,
    /// Whether it must be given.
    pub mandatory: bool,
    /// Whether whole objects from the pipeline bind to it.
    pub pipeline: bool,
    /// Whether properties of objects from the pipeline bind to it.
    pub by_property: bool,
    /// Whether all arguments that are left over go to it.
    pub remaining: bool,
}

/// What an argument has to satisfy.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Validate {
    /// `$null` is taken although the parameter is mandatory.
    AllowNull,
    /// An empty string is taken although the parameter is mandatory.
    AllowEmptyString,
    /// An empty collection is taken although the parameter is mandatory.
    AllowEmptyCollection,
    /// Neither `$null` nor in a collection of nulls.
    NotNull,
    /// Neither null nor empty.
    NotNullOrEmpty,
    /// A number within bounds.
    Range(i64, i64),
    /// One of these texts.
    Set(&'static [&'static str]),
    /// So many items.
    Count(usize, usize),
    /// So many characters.
    Length(usize, usize),
}

impl CommandSpec {
    /// A command without parameters of the module Microsoft.PowerShell.Utility.
    #[must_use]
    pub const fn new(
        name: &'static str,
        class: &'static str,
        make: fn() -> Box<dyn Command>,
    ) -> Self {
        Self {
            name,
            class,
            module: "Microsoft.PowerShell.Utility",
            parameters: &[],
            default_set: "",
            output_types: &[],
            should_process: false,
            make,
        }
    }

    /// Sets the module.
    #[must_use]
    pub const fn module(mut self, module: &'static str) -> Self {
        self.module = module;
        self
    }

    /// Sets the parameters.
    #[must_use]
    pub const fn parameters(mut self, parameters: &'static [Parameter]) -> Self {
        self.parameters = parameters;
        self
    }

    /// Sets the parameter set that wins when several fit.
    #[must_use]
    pub const fn default_set(mut self, set: &'static str) -> Self {
        self.default_set = set;
        self
    }

    /// Sets the types of what the command writes.
    #[must_use]
    pub const fn output_types(mut self, types: &'static [&'static str]) -> Self {
        self.output_types = types;
        self
    }

    /// Adds `-WhatIf` and `-Confirm`.
    #[must_use]
    pub const fn should_process(mut self) -> Self {
        self.should_process = true;
        self
    }
}

impl Parameter {
    /// An optional named parameter in all sets.
    #[must_use]
    pub const fn new(name: &'static str, ty: &'static str) -> Self {
        Self {
            name,
            ty,
            aliases: &[],
            sets: &[],
            everywhere: InSet::all(),
            validate: &[],
        }
    }

    /// A switch.
    #[must_use]
    pub const fn switch(name: &'static str) -> Self {
        Self::new(name, "switch")
    }

    /// Gives it other names.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Makes it positional.
    #[must_use]
    pub const fn position(mut self, position: i32) -> Self {
        self.everywhere.position = Some(position);
        self
    }

    /// Makes it mandatory.
    #[must_use]
    pub const fn mandatory(mut self) -> Self {
        self.everywhere.mandatory = true;
        self
    }

    /// Takes objects from the pipeline.
    #[must_use]
    pub const fn pipeline(mut self) -> Self {
        self.everywhere.pipeline = true;
        self
    }

    /// Takes properties of objects from the pipeline.
    #[must_use]
    pub const fn by_property(mut self) -> Self {
        self.everywhere.by_property = true;
        self
    }

    /// Takes all arguments that are left over.
    #[must_use]
    pub const fn remaining(mut self) -> Self {
        self.everywhere.remaining = true;
        self
    }

    /// Puts it in these sets only.
    #[must_use]
    pub const fn in_sets(mut self, sets: &'static [InSet]) -> Self {
        self.sets = sets;
        self
    }

    /// Adds checks.
    #[must_use]
    pub const fn validate(mut self, validate: &'static [Validate]) -> Self {
        self.validate = validate;
        self
    }
}

impl InSet {
    const fn all() -> Self {
        Self {
            set: "",
            position: None,
            mandatory: false,
            pipeline: false,
            by_property: false,
            remaining: false,
        }
    }

    /// Membership in the set `set`.
    #[must_use]
    pub const fn of(set: &'static str) -> Self {
        Self { set, ..Self::all() }
    }

    /// Positional in this set.
    #[must_use]
    pub const fn position(mut self, position: i32) -> Self {
        self.position = Some(position);
        self
    }

    /// Mandatory in this set.
    #[must_use]
    pub const fn mandatory(mut self) -> Self {
        self.mandatory = true;
        self
    }

    /// Takes objects from the pipeline in this set.
    #[must_use]
    pub const fn pipeline(mut self) -> Self {
        self.pipeline = true;
        self
    }

    /// Takes properties of objects from the pipeline in this set.
    #[must_use]
    pub const fn by_property(mut self) -> Self {
        self.by_property = true;
        self
    }

    /// Takes all arguments that are left over in this set.
    #[must_use]
    pub const fn remaining(mut self) -> Self {
        self.remaining = true;
        self
    }
}

impl std::fmt::Debug for CommandSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CommandSpec")
            .field("name", &self.name)
            .field("class", &self.class)
            .finish_non_exhaustive()
    }
}
