//! The options of New-PSSessionOption.

use std::time::Duration;

use crate::Error;

/// What a disconnected session does when its output buffer is full.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum OutputBufferingMode {
    /// The server decides; servers block.
    #[default]
    None,
    /// The oldest output is forgotten.
    Drop,
    /// The command waits until somebody takes output.
    Block,
}

/// How a session is made and kept: the parameters of New-PSSessionOption.
///
/// Every field has PowerShell's default; a duration of `None` means without limit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SessionOption {
    /// Redirects that are followed where redirection is allowed. Default 5; 0 forbids.
    pub maximum_redirection: u32,
    /// Whether compression of bodies is not asked for. Default: not asked for (`true`).
    pub no_compression: bool,
    /// Whether the user's profile is not loaded on the computer. Default `false`.
    pub no_machine_profile: bool,
    /// The culture of the session, such as `de-DE`. Default: the client's own.
    pub culture: Option<String>,
    /// The culture of the session's messages. Default: the client's own.
    pub ui_culture: Option<String>,
    /// Bytes that one command may send us; more fails the command. Default: without limit.
    pub maximum_received_data_size_per_command: Option<u64>,
    /// Bytes of the largest single object that we take. Default 200 MiB.
    pub maximum_received_object_size: usize,
    /// What a disconnected session does when its buffer is full. Default: the server decides.
    pub output_buffering_mode: OutputBufferingMode,
    /// How often creating the session is tried again after a failure to connect. Default 5.
    pub max_connection_retry_count: u32,
    /// Whether output is fetched before its reader has taken what came before, up to 1 MiB or
    /// 1,024 objects for each pipeline. It helps a little where the network is slow; but what has
    /// been fetched and not taken dies with this process, as a server forgets what it gave when
    /// it is asked for more. Default `false`: a server is asked for more when the reader has come
    /// back for more than is in hand.
    pub read_ahead: bool,
    /// What `$PSSenderInfo.ApplicationArguments` shows, as names and values. Default: nothing.
    pub application_arguments: Vec<(String, psrp_codec::Value)>,
    /// How long opening may take. Default 3 minutes.
    pub open_timeout: Option<Duration>,
    /// How long stopping and closing may take. Default 1 minute.
    pub cancel_timeout: Option<Duration>,
    /// How long the session lives without contact. Default: the server's, usually 2 hours.
    /// At least a minute.
    pub idle_timeout: Option<Duration>,
    /// How long one WS-Management operation may take; no limit on a command. Default 3 minutes.
    pub operation_timeout: Option<Duration>,
    /// Whether a certificate from an unknown authority is accepted. Default `false`.
    pub skip_ca_check: bool,
    /// Whether a certificate for another name is accepted. Default `false`.
    pub skip_cn_check: bool,
    /// Whether revocation is not checked. Default `false`.
    pub skip_revocation_check: bool,
    /// Whether messages go unsealed over HTTP. Default `false`.
    pub no_encryption: bool,
    /// Whether envelopes are UTF-16LE. Default `false`.
    pub use_utf16: bool,
    /// Whether the port is part of the service principal name. Default `false`.
    pub include_port_in_spn: bool,
}

/// The least idle timeout that a session may have.
pub const MINIMUM_IDLE_TIMEOUT: Duration = Duration::from_secs(60);

impl Default for SessionOption {
    fn default() -> Self {
        Self {
            maximum_redirection: 5,
            no_compression: true,
            no_machine_profile: false,
            culture: None,
            ui_culture: None,
            maximum_received_data_size_per_command: None,
            maximum_received_object_size: 200 * 1024 * 1024,
            output_buffering_mode: OutputBufferingMode::None,
            max_connection_retry_count: 5,
            read_ahead: false,
            application_arguments: Vec::new(),
            open_timeout: Some(Duration::from_secs(180)),
            cancel_timeout: Some(Duration::from_secs(60)),
            idle_timeout: None,
            operation_timeout: Some(Duration::from_secs(180)),
            skip_ca_check: false,
            skip_cn_check: false,
            skip_revocation_check: false,
            no_encryption: false,
            use_utf16: false,
            include_port_in_spn: false,
        }
    }
}

impl SessionOption {
    /// Checks what can be checked before any computer is asked.
    ///
    /// # Errors
    /// When the idle timeout is under a minute, or over what the wire can say.
    pub fn check(&self) -> Result<(), Error> {
        if let Some(idle) = self.idle_timeout {
            check_idle_timeout(idle)?;
        }
        Ok(())
    }
}

/// Checks an idle timeout against what every server demands.
///
/// # Errors
/// When it is under a minute or over 2,147,483,647 ms.
pub fn check_idle_timeout(idle: Duration) -> Result<(), Error> {
    if idle < MINIMUM_IDLE_TIMEOUT {
        return Err(Error::usage(format!(
            "an idle timeout of {} s is under the minimum of 60 s",
            idle.as_secs_f32()
        )));
    }
    if idle.as_millis() > i32::MAX.unsigned_abs().into() {
        return Err(Error::usage("an idle timeout cannot be over 2147483647 ms"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_timeout_under_a_minute_is_refused_before_anyone_is_asked() {
        let option = SessionOption {
            idle_timeout: Some(Duration::from_secs(59)),
            ..Default::default()
        };
        assert!(option.check().unwrap_err().to_string().contains("60 s"));
        assert!(check_idle_timeout(Duration::from_secs(60)).is_ok());
    }
}
