//! The command line: verbs are the cmdlets', options their parameters in kebab case.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use pssession::{OutputBufferingMode, SessionOption};
use uuid::Uuid;

/// PowerShell sessions on this computer and others.
#[derive(Debug, Parser)]
#[command(name = "pssession", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Says more about what happens (twice: each message) on standard error.
    #[arg(short = 'v', long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// New-PSSession: makes sessions that stay at their computers when this command ends.
    New(New),
    /// Get-PSSession: the sessions made from here, or with -C those that the computer has.
    Get(Get),
    /// Invoke-Command: runs a script in a session, or in a temporary one.
    Invoke(Invoke),
    /// Disconnect-PSSession: leaves a session at its computer, with a new idle timeout if given.
    Disconnect(Disconnect),
    /// Connect-PSSession: connects a session again, to see that it lives and can be used.
    Connect(Connect),
    /// Receive-PSSession: takes the results of what ran in a disconnected session.
    Receive(Receive),
    /// Remove-PSSession: ends sessions and what runs in them.
    Remove(Remove),
    /// Enable-PSRemoting: runs the endpoint that sessions live in.
    Serve(Serve),
    /// Explains a capture: fragments, messages, CLIXML, SOAP.
    Decode(Decode),
    /// Reads a password from standard input and prints a line for the users file of `serve`.
    HashPassword {
        /// The user's name.
        user: String,
    },
}

/// `new`.
#[derive(Debug, Args)]
pub(crate) struct New {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Names for the sessions, in the order of the computers.
    #[arg(short, long, value_delimiter = ',')]
    pub(crate) name: Vec<String>,
    #[command(flatten)]
    pub(crate) output: OutputOption,
}

/// `get`.
#[derive(Debug, Args)]
pub(crate) struct Get {
    #[command(flatten)]
    pub(crate) chosen: Chosen,
    #[command(flatten)]
    pub(crate) target: Target,
    /// Only sessions in this state; with -C.
    #[arg(long, value_enum, default_value_t = StateFilter::All)]
    pub(crate) state: StateFilter,
    #[command(flatten)]
    pub(crate) output: OutputOption,
}

/// `invoke`.
#[derive(Debug, Args)]
pub(crate) struct Invoke {
    /// The script; `-` reads it from standard input.
    #[arg(required_unless_present = "file_path")]
    pub(crate) script: Option<String>,
    /// A file whose content is the script.
    #[arg(short, long, conflicts_with = "script")]
    pub(crate) file_path: Option<PathBuf>,
    /// Values for the script's parameters, by position.
    #[arg(long, num_args = 1.., value_name = "VALUE")]
    pub(crate) argument_list: Vec<String>,
    /// Sends the lines of standard input as pipeline input.
    #[arg(long)]
    pub(crate) input: bool,
    #[command(flatten)]
    pub(crate) chosen: Chosen,
    #[command(flatten)]
    pub(crate) target: Target,
    /// Starts the script, disconnects at once and leaves the results for `receive`.
    #[arg(long)]
    pub(crate) in_disconnected_session: bool,
    /// Names for the sessions that --in-disconnected-session makes.
    #[arg(long, value_delimiter = ',', requires = "in_disconnected_session")]
    pub(crate) session_name: Vec<String>,
    /// Leaves the computer's name out of what is shown; the results still carry it.
    #[arg(long)]
    pub(crate) hide_computer_name: bool,
    #[command(flatten)]
    pub(crate) output: OutputOption,
}

/// `disconnect`.
#[derive(Debug, Args)]
pub(crate) struct Disconnect {
    #[command(flatten)]
    pub(crate) chosen: Chosen,
    /// How long the session may stay without contact, such as 90s or 2h; at least a minute.
    #[arg(long, value_parser = duration)]
    pub(crate) idle_timeout: Option<Duration>,
    /// What the session does when its buffer is full.
    #[arg(long, value_enum)]
    pub(crate) output_buffering_mode: Option<BufferingMode>,
    #[command(flatten)]
    pub(crate) login: Login,
    #[command(flatten)]
    pub(crate) output: OutputOption,
}

/// `connect`.
#[derive(Debug, Args)]
pub(crate) struct Connect {
    #[command(flatten)]
    pub(crate) chosen: Chosen,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) output: OutputOption,
}

/// `receive`.
#[derive(Debug, Args)]
pub(crate) struct Receive {
    #[command(flatten)]
    pub(crate) chosen: Chosen,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) output: OutputOption,
}

/// `remove`.
#[derive(Debug, Args)]
pub(crate) struct Remove {
    #[command(flatten)]
    pub(crate) chosen: Chosen,
    #[command(flatten)]
    pub(crate) target: Target,
    /// Every session made from here.
    #[arg(long, conflicts_with_all = ["id", "name", "instance_id"])]
    pub(crate) all: bool,
}

/// `serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Addresses to listen on, such as 127.0.0.1:5985.
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) listen: Vec<std::net::SocketAddr>,
    /// A Unix socket to listen on; whoever connects must be the user who serves.
    #[arg(long, value_name = "PATH")]
    pub(crate) socket: Option<PathBuf>,
    /// Ends when no session has been here for this long; with --socket.
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub(crate) exit_when_idle: Option<Duration>,
    /// Speaks the out-of-process protocol on standard input and output, as `pwsh -s` does.
    #[arg(long, conflicts_with_all = ["listen", "socket"])]
    pub(crate) stdio: bool,
    /// Lines `name:hash`, made by `pssession hash-password NAME`.
    #[arg(long, value_name = "FILE")]
    pub(crate) users: Option<PathBuf>,
    /// The certificate chain (PEM); what listens then speaks TLS.
    #[arg(long, requires = "tls_key", value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The private key (PEM).
    #[arg(long, requires = "tls_cert", value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Accepts Basic in plain text from other computers. Whoever can read the network then has
    /// the passwords.
    #[arg(long)]
    pub(crate) allow_unencrypted: bool,
    /// The longest idle timeout that a session may ask for.
    #[arg(long, value_parser = duration, default_value = "2147483s", value_name = "TIME")]
    pub(crate) max_idle_timeout: Duration,
    /// The idle timeout of a session that asks for none.
    #[arg(long, value_parser = duration, default_value = "2h", value_name = "TIME")]
    pub(crate) idle_timeout: Duration,
    /// Sessions that one user may have at a time.
    #[arg(long, default_value_t = 25)]
    pub(crate) max_sessions_per_user: usize,
    /// Sessions at a time, of all users.
    #[arg(long, default_value_t = 200)]
    pub(crate) max_sessions: usize,
    /// Commands that one session may run at a time.
    #[arg(long, default_value_t = 100)]
    pub(crate) max_concurrent_commands_per_session: usize,
    /// Which aliases sessions have: those of Windows, or those of Unix, where native tools go first.
    #[arg(long, value_enum, default_value_t = AliasProfile::Windows)]
    pub(crate) aliases: AliasProfile,
}

/// `decode`.
#[derive(Debug, Args)]
pub(crate) struct Decode {
    /// The capture; standard input when none is named.
    pub(crate) file: Option<PathBuf>,
    /// Lines after which the account breaks off.
    #[arg(long, default_value_t = 10_000)]
    pub(crate) lines: usize,
}

/// Sessions made from here before.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sessions")]
pub(crate) struct Chosen {
    /// Ids of sessions.
    #[arg(long, value_delimiter = ',', conflicts_with_all = ["name", "instance_id"])]
    pub(crate) id: Vec<u32>,
    /// Names of sessions; wildcards are allowed.
    #[arg(long, value_delimiter = ',', conflicts_with = "instance_id")]
    pub(crate) name: Vec<String>,
    /// Instance ids of sessions.
    #[arg(long, value_delimiter = ',')]
    pub(crate) instance_id: Vec<Uuid>,
}

impl Chosen {
    /// Whether nothing was chosen.
    pub(crate) fn is_empty(&self) -> bool {
        self.id.is_empty() && self.name.is_empty() && self.instance_id.is_empty()
    }
}

/// Computers, and how to get there.
#[derive(Debug, Args)]
#[command(next_help_heading = "Computers")]
pub(crate) struct Target {
    /// Computers, by name or address; this one when nothing names another.
    #[arg(short = 'C', long, value_delimiter = ',')]
    pub(crate) computer_name: Vec<String>,
    /// Computers by URI, such as <https://server01:5986/wsman>.
    #[arg(long, value_delimiter = ',', conflicts_with = "computer_name")]
    pub(crate) connection_uri: Vec<String>,
    /// A program that speaks the out-of-process protocol, such as 'pwsh -s -nologo -noprofile'.
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["computer_name", "connection_uri"])]
    pub(crate) process: Option<String>,
    /// The port; 5985, with --use-ssl 5986.
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Uses HTTPS.
    #[arg(long)]
    pub(crate) use_ssl: bool,
    /// The URL path.
    #[arg(long, default_value = "wsman")]
    pub(crate) application_name: String,
    /// Which configuration of the endpoint to use.
    #[arg(long, default_value = "Microsoft.PowerShell")]
    pub(crate) configuration_name: String,
    /// How many computers at a time.
    #[arg(long, default_value_t = 32)]
    pub(crate) throttle_limit: usize,
    #[command(flatten)]
    pub(crate) login: Login,
    #[command(flatten)]
    pub(crate) session: SessionOptions,
}

/// Who we say we are.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Authentication")]
pub(crate) struct Login {
    /// The user; the password comes from --password-file, PSSESSION_PASSWORD or a prompt.
    #[arg(short, long)]
    pub(crate) user: Option<String>,
    /// A file whose first line is the password.
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// How to prove it.
    #[arg(long, value_enum, default_value_t = Authentication::Default)]
    pub(crate) authentication: Authentication,
    /// A file of certificates (PEM) to trust besides the system's.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_cert: Option<PathBuf>,
    /// Accepts a certificate of an unknown authority.
    #[arg(long)]
    pub(crate) skip_ca_check: bool,
    /// Accepts a certificate for another name.
    #[arg(long)]
    pub(crate) skip_cn_check: bool,
    /// Sends passwords and everything else in plain text, where nothing better was agreed.
    #[arg(long)]
    pub(crate) allow_unencrypted: bool,
}

/// The parameters of New-PSSessionOption.
#[derive(Debug, Args)]
#[command(next_help_heading = "Session options")]
pub(crate) struct SessionOptions {
    /// How long a session lives without contact, such as 90s or 2h; at least a minute.
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub(crate) idle_timeout: Option<Duration>,
    /// How long opening a session may take.
    #[arg(long, value_parser = duration, default_value = "3m", value_name = "TIME")]
    pub(crate) open_timeout: Duration,
    /// How long stopping and closing may take.
    #[arg(long, value_parser = duration, default_value = "1m", value_name = "TIME")]
    pub(crate) cancel_timeout: Duration,
    /// How long one WS-Management operation may take.
    #[arg(long, value_parser = duration, default_value = "3m", value_name = "TIME")]
    pub(crate) operation_timeout: Duration,
    /// How often creating a session is tried again after a failure to connect.
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    pub(crate) max_connection_retry_count: u32,
    /// What a disconnected session does when its buffer is full.
    #[arg(long, value_enum)]
    pub(crate) output_buffering_mode: Option<BufferingMode>,
    /// The culture of the session.
    #[arg(long)]
    pub(crate) culture: Option<String>,
    /// The culture of the session's messages.
    #[arg(long)]
    pub(crate) ui_culture: Option<String>,
    /// Does not load the user's profile on the computer.
    #[arg(long)]
    pub(crate) no_machine_profile: bool,
}

impl SessionOptions {
    /// The same as the library takes it.
    pub(crate) fn to_option(&self, login: &Login) -> SessionOption {
        let mut option = SessionOption::default();
        option.idle_timeout = self.idle_timeout;
        option.open_timeout = limit(self.open_timeout);
        option.cancel_timeout = limit(self.cancel_timeout);
        option.operation_timeout = limit(self.operation_timeout);
        option.max_connection_retry_count = self.max_connection_retry_count;
        option.output_buffering_mode = self
            .output_buffering_mode
            .map(Into::into)
            .unwrap_or_default();
        option.culture.clone_from(&self.culture);
        option.ui_culture.clone_from(&self.ui_culture);
        option.no_machine_profile = self.no_machine_profile;
        option.skip_ca_check = login.skip_ca_check;
        option.skip_cn_check = login.skip_cn_check;
        option.no_encryption = login.allow_unencrypted;
        option
    }
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct OutputOption {
    /// How results are printed.
    #[arg(short = 'o', long = "output", value_enum, default_value_t = OutputForm::Auto)]
    pub(crate) form: OutputForm,
}

/// The forms of results.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum OutputForm {
    /// As PowerShell would show them.
    Auto,
    /// A table.
    Table,
    /// A list of properties.
    List,
    /// One JSON document.
    Json,
    /// A JSON document a line.
    Jsonl,
    /// CLIXML, as Export-Clixml writes it.
    Clixml,
    /// Each result as its text.
    Text,
}

/// Which aliases a session has.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum AliasProfile {
    /// Those of PowerShell on Windows: `ls`, `cat`, `sort` are cmdlets.
    Windows,
    /// Those of PowerShell on Unix: `ls`, `cat`, `sort` are the system's programs.
    Unix,
}

/// Output buffering modes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum BufferingMode {
    /// The server decides.
    None,
    /// The oldest output is forgotten.
    Drop,
    /// The command waits.
    Block,
}

impl From<BufferingMode> for OutputBufferingMode {
    fn from(mode: BufferingMode) -> Self {
        match mode {
            BufferingMode::None => Self::None,
            BufferingMode::Drop => Self::Drop,
            BufferingMode::Block => Self::Block,
        }
    }
}

/// How a user proves who they are.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Authentication {
    /// Whatever is safe on this connection.
    Default,
    /// User name and password in the HTTP header; over TLS or on this computer only, unless
    /// --allow-unencrypted is given.
    Basic,
}

/// Which states `get -C` shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum StateFilter {
    /// All.
    All,
    /// Opened.
    Opened,
    /// Disconnected.
    Disconnected,
    /// Closed.
    Closed,
    /// Broken.
    Broken,
}

/// Zero means without limit, as in New-PSSessionOption.
fn limit(given: Duration) -> Option<Duration> {
    (!given.is_zero()).then_some(given)
}

/// `90s`, `1.5m`, `2h`, `1d`, `500ms`; a bare number counts seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number
        .parse()
        .map_err(|_| format!("{text} is no duration; write 90s, 5m or 2h"))?;
    let seconds = match unit {
        "" | "s" => 1.0,
        "ms" => 0.001,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => {
            return Err(format!(
                "{unit} is no unit of time; there are ms, s, m, h and d"
            ));
        }
    };
    Duration::try_from_secs_f64(number * seconds).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn durations_are_read_with_their_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert!(duration("2w").unwrap_err().contains("no unit"));
        assert!(duration("s").is_err());
    }
}
