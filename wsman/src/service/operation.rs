//! From action, resource URI and selectors to the operation with its body.

use bytes::Bytes;

use super::{Call, Dispatcher, ShellService};
use crate::namespaces::{RESOURCE_COMMANDS, RESOURCE_CONFIG, RESOURCE_SHELLS, action};
use crate::shell::{
    Command, Connect, Create, Disconnect, Enumerate, Pull, Receive, Reconnect, Release,
    Send as SendInput, ShellId, Signal,
};
use crate::soap::{Body, Envelope, ErrorCode, Fault, OptionSet};

/// What an envelope turned out to be.
pub(super) enum Incoming {
    Answered(Bytes),
    Call(Box<Call>, Operation),
}

pub(super) enum Operation {
    Create(Box<Create>),
    Command(ShellId, Command),
    Send(ShellId, SendInput),
    Receive(ShellId, Receive),
    Signal(ShellId, Signal),
    Disconnect(ShellId, Disconnect),
    Reconnect(ShellId, Reconnect),
    Connect(ShellId, Connect),
    Delete(ShellId),
    Get(ShellId),
    Configuration,
    Enumerate(Box<Enumerate>),
    Pull(Pull),
    Release(Release),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Resource {
    Shells,
    Commands,
    Configuration,
    /// Anything else: a kind of shell, if the service knows it.
    Shell,
}

impl Resource {
    pub(super) fn of(uri: &str) -> Self {
        let uri = uri.trim_end_matches('/');
        let special = [
            (RESOURCE_SHELLS, Self::Shells),
            (RESOURCE_COMMANDS, Self::Commands),
            (RESOURCE_CONFIG, Self::Configuration),
        ];
        let found = special
            .into_iter()
            .find(|(special, _)| special.eq_ignore_ascii_case(uri));
        found.map_or(Self::Shell, |(_, resource)| resource)
    }
}

impl<S: ShellService> Dispatcher<S> {
    /// From action, resource URI and selectors to the operation with its body.
    pub(super) fn route(
        &self,
        call: &Call,
        envelope: &Envelope<'_, '_>,
    ) -> Result<Operation, Box<Fault>> {
        let resource = Resource::of(call.resource_uri());
        let shell = || {
            let reason = "The request does not have the selector ShellId. ";
            let missing = || Box::new(Fault::new(ErrorCode::INSUFFICIENT_SELECTORS, reason));
            call.headers
                .shell_id()
                .filter(|id| !id.is_empty())
                .map(ShellId::from)
                .ok_or_else(missing)
        };
        if resource == Resource::Shell {
            self.check_resource(call)?;
        }
        // Get and Delete may address a shell through the collection of all shells.
        let is_shell = resource == Resource::Shell;
        let is_in_collection = is_shell || resource == Resource::Shells;
        let is_listing = matches!(resource, Resource::Shells | Resource::Commands);
        Ok(match call.headers.action.as_str() {
            action::CREATE if is_shell => {
                if !call.headers.selectors.is_empty() {
                    let reason = "A shell is created without selectors. ";
                    return Err(Box::new(Fault::new(
                        ErrorCode::UNEXPECTED_SELECTORS,
                        reason,
                    )));
                }
                let create: Create = read_body(envelope)?;
                if create
                    .shell_id
                    .as_ref()
                    .is_some_and(|id| id.to_uuid().is_none())
                {
                    let reason = "The ShellId that the client proposes is not a GUID. ";
                    return Err(Box::new(Fault::new(
                        ErrorCode::SHELL_CLIENT_ID_NOT_VALID,
                        reason,
                    )));
                }
                Operation::Create(Box::new(create))
            }
            action::COMMAND if is_shell => {
                let command: Command = read_body(envelope)?;
                if command
                    .command_id
                    .as_ref()
                    .is_some_and(|id| id.to_uuid().is_none())
                {
                    let reason = "The CommandId that the client proposes is not a GUID. ";
                    return Err(Box::new(Fault::new(
                        ErrorCode::COMMAND_CLIENT_ID_NOT_VALID,
                        reason,
                    )));
                }
                Operation::Command(shell()?, command)
            }
            action::SEND if is_shell => Operation::Send(shell()?, read_body(envelope)?),
            action::RECEIVE if is_shell => Operation::Receive(shell()?, read_body(envelope)?),
            action::SIGNAL if is_shell => Operation::Signal(shell()?, read_body(envelope)?),
            action::DISCONNECT if is_shell => Operation::Disconnect(shell()?, read_body(envelope)?),
            action::RECONNECT if is_shell => Operation::Reconnect(shell()?, read_body(envelope)?),
            action::CONNECT if is_shell => Operation::Connect(shell()?, read_body(envelope)?),
            action::DELETE if is_in_collection => Operation::Delete(shell()?),
            action::GET if resource == Resource::Configuration => Operation::Configuration,
            action::GET if is_in_collection => Operation::Get(shell()?),
            action::ENUMERATE if is_listing => Operation::Enumerate(Box::new(read_body(envelope)?)),
            action::PULL if is_listing => Operation::Pull(read_body(envelope)?),
            action::RELEASE if is_listing => Operation::Release(read_body(envelope)?),
            unknown => {
                let unknown: String = unknown.chars().take(200).collect();
                let reason = format!(
                    "The action {unknown} is not supported by the service for this resource. "
                );
                return Err(Box::new(Fault::new(
                    ErrorCode::ACTION_NOT_SUPPORTED,
                    reason,
                )));
            }
        })
    }

    /// Whether the resource is there and knows the options on which the client insists.
    fn check_resource(&self, call: &Call) -> Result<(), Box<Fault>> {
        if !self.service.serves(&call.caller, call.resource_uri()) {
            let reason = "The resource URI names nothing that this service has. ";
            return Err(Box::new(Fault::new(
                ErrorCode::INVALID_RESOURCE_URI,
                reason,
            )));
        }
        for option in call.options().iter().filter(|option| option.must_comply) {
            let is_known = OptionSet::is_standard_option(&option.name)
                || self
                    .service
                    .understands_option(call.resource_uri(), &option.name);
            if !is_known {
                let name: String = option.name.chars().take(200).collect();
                let reason = format!("The option {name} must be complied with and is not known. ");
                return Err(Box::new(Fault::new(ErrorCode::INVALID_OPTION, reason)));
            }
        }
        Ok(())
    }
}

fn read_body<B: Body>(envelope: &Envelope<'_, '_>) -> Result<B, Box<Fault>> {
    B::read(envelope).map_err(|error| Box::new(Fault::from(&error)))
}
