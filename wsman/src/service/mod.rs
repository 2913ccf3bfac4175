//! What a server must answer.
//!
//! [`ShellService`] is what an implementation of shells provides: typed requests in, typed answers or faults out.
//! [`Dispatcher`] stands before it and knows the protocol: it reads envelopes, checks headers, routes actions, bounds
//! waiting, pages listings and turns whatever goes wrong into a fault.

mod call;
mod compressed;
mod config;
mod dispatcher;
mod enumeration;
mod header_rules;
mod listing;
mod operation;

use std::future::Future;

pub use call::Call;
pub use config::DispatcherConfig;
pub use dispatcher::Dispatcher;

use crate::exchange::Caller;
use crate::shell::{
    Command, CommandDescription, CommandResponse, Connect, ConnectResponse, Create, CreateResponse,
    Disconnect, Receive, ReceiveResponse, Reconnect, Send as SendInput, ShellDescription, ShellId,
    Signal,
};
use crate::soap::{Fault, XmlElement};

/// Shells, as a server offers them.
///
/// Every method may be called for many requests at once, those of one shell included: a Receive that waits must not
/// hold up a Send. The [`Call`] says who asks; a service lets nobody touch the shells of others and answers
/// [`Fault::shell_not_found`] for them as for those that are not there. The resource URI of a call differs from that
/// of its shell only where a client is mistaken, and gets the same answer.
///
/// **A future may be dropped at any point at which it waits**: when its OperationTimeout has passed and when the
/// connection has gone away. A Receive that is dropped must not have taken anything; a Send that is dropped has taken
/// either everything or nothing.
pub trait ShellService: Send + Sync + 'static {
    /// Whether there are shells of that resource for this caller.
    fn serves(&self, caller: &Caller, resource_uri: &str) -> bool;

    /// Whether shells of that resource know an option that is not one of
    /// [all shells](crate::soap::OptionSet::is_standard_option). Asked only about those that a client insists on.
    fn understands_option(&self, resource_uri: &str, name: &str) -> bool;

    /// Makes a shell. The dispatcher has checked that a proposed id is a GUID.
    fn create(
        &self,
        call: &Call,
        create: Create,
    ) -> impl Future<Output = Result<CreateResponse, Box<Fault>>> + Send;

    /// Starts a command and returns while it runs. A proposed id has to be kept.
    fn command(
        &self,
        call: &Call,
        shell: &ShellId,
        command: Command,
    ) -> impl Future<Output = Result<CommandResponse, Box<Fault>>> + Send;

    /// Takes input; waits while there is no room for it.
    fn send(
        &self,
        call: &Call,
        shell: &ShellId,
        input: SendInput,
    ) -> impl Future<Output = Result<(), Box<Fault>>> + Send;

    /// Gives what output there is, at most [`Call::stream_capacity`] bytes of it, or waits for the first. It may wait
    /// forever: the dispatcher ends it with the keep-alive fault.
    fn receive(
        &self,
        call: &Call,
        shell: &ShellId,
        receive: Receive,
    ) -> impl Future<Output = Result<ReceiveResponse, Box<Fault>>> + Send;

    /// Interrupts a command or frees it.
    fn signal(
        &self,
        call: &Call,
        shell: &ShellId,
        signal: Signal,
    ) -> impl Future<Output = Result<(), Box<Fault>>> + Send;

    /// Ends a shell with all its commands, and answers the Receives that wait for them.
    fn delete(
        &self,
        call: &Call,
        shell: &ShellId,
    ) -> impl Future<Output = Result<(), Box<Fault>>> + Send;

    /// Lets a shell run on without a client, and answers the Receives that wait.
    fn disconnect(
        &self,
        call: &Call,
        shell: &ShellId,
        disconnect: Disconnect,
    ) -> impl Future<Output = Result<(), Box<Fault>>> + Send;

    /// Takes the client back that has disconnected; it is known by [`Call::session_id`].
    fn reconnect(
        &self,
        call: &Call,
        shell: &ShellId,
        reconnect: Reconnect,
    ) -> impl Future<Output = Result<(), Box<Fault>>> + Send;

    /// Gives a disconnected shell, or one of its commands, to this client.
    fn connect(
        &self,
        call: &Call,
        shell: &ShellId,
        connect: Connect,
    ) -> impl Future<Output = Result<ConnectResponse, Box<Fault>>> + Send;

    /// Describes one shell.
    fn get(
        &self,
        call: &Call,
        shell: &ShellId,
    ) -> impl Future<Output = Result<ShellDescription, Box<Fault>>> + Send;

    /// Describes the shells that the caller may see. Clients leave out those without a name.
    fn enumerate_shells(
        &self,
        call: &Call,
    ) -> impl Future<Output = Result<Vec<ShellDescription>, Box<Fault>>> + Send;

    /// Describes the commands of one shell.
    fn enumerate_commands(
        &self,
        call: &Call,
        shell: &ShellId,
    ) -> impl Future<Output = Result<Vec<CommandDescription>, Box<Fault>>> + Send;

    /// The service configuration. Denied unless a service has something to tell; clients live without it.
    fn configuration(
        &self,
        call: &Call,
    ) -> impl Future<Output = Result<XmlElement, Box<Fault>>> + Send {
        let _ = call;
        async { Err(Box::new(Fault::access_denied())) }
    }
}
