//! What is to run in a session.

use psrp_codec::{Argument, Command, PowerShell, PsString, Value};

/// A script or a pipeline of commands, with arguments: what Invoke-Command runs.
///
/// ```
/// use pssession::Script;
///
/// let script = Script::new("param($a, $b) $a + $b").argument(40).argument(2);
/// let listing = Script::command("Get-ChildItem").parameter("Path", "/etc").switch("Recurse");
/// # let _ = (script, listing);
/// ```
#[derive(Clone, Debug)]
pub struct Script {
    pub(crate) power_shell: PowerShell,
    pub(crate) add_to_history: bool,
    pub(crate) is_nested: bool,
}

impl Script {
    /// A script by its text.
    #[must_use]
    pub fn new(text: impl Into<PsString>) -> Self {
        Self::of(Command::script(text))
    }

    /// A command by its name, which is not parsed as a script.
    #[must_use]
    pub fn command(name: impl Into<PsString>) -> Self {
        Self::of(Command::new(name))
    }

    /// A pipeline that was built elsewhere.
    #[must_use]
    pub fn pipeline(power_shell: PowerShell) -> Self {
        Self {
            power_shell,
            add_to_history: true,
            is_nested: false,
        }
    }

    fn of(command: Command) -> Self {
        Self::pipeline(PowerShell::pipeline(vec![command]))
    }

    /// Adds an argument by position to the last command: `-ArgumentList`.
    #[must_use]
    pub fn argument(self, value: impl Into<Value>) -> Self {
        self.add(|command| command.argument(value))
    }

    /// Adds a parameter with its value to the last command.
    #[must_use]
    pub fn parameter(self, name: impl Into<PsString>, value: impl Into<Value>) -> Self {
        self.add(|command| command.parameter(name, value))
    }

    /// Adds a switch to the last command.
    #[must_use]
    pub fn switch(self, name: impl Into<PsString>) -> Self {
        self.add(|command| command.switch(name))
    }

    /// Gives the values of `$using:` expressions of the script, by name without `$using:`.
    #[must_use]
    pub fn using<'a>(self, values: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        let values: Vec<_> = values.into_iter().collect();
        self.add(|mut command| {
            command.arguments.push(Argument::using(values));
            command
        })
    }

    /// Adds a command that gets what the one before it puts out.
    #[must_use]
    pub fn then(mut self, name: impl Into<PsString>) -> Self {
        let command = Command::new(name);
        match self.power_shell.statements.last_mut() {
            Some(statement) => statement.push(command),
            None => self.power_shell.statements.push(vec![command]),
        }
        self
    }

    /// Whether the session's history gets it. Default: yes.
    #[must_use]
    pub fn add_to_history(mut self, add: bool) -> Self {
        self.add_to_history = add;
        self
    }

    fn add(mut self, change: impl FnOnce(Command) -> Command) -> Self {
        let last = self
            .power_shell
            .statements
            .last_mut()
            .and_then(|statement| statement.last_mut());
        if let Some(last) = last {
            let command = std::mem::replace(last, Command::new(""));
            *last = change(command);
        }
        self
    }
}

impl From<&str> for Script {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Script {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&String> for Script {
    fn from(text: &String) -> Self {
        Self::new(text.as_str())
    }
}
