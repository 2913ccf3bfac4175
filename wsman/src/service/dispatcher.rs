//! Between the envelopes of the wire and a [`ShellService`].

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use tracing::{debug, error, trace};

use super::enumeration::{Enumerations, PageSize};
use super::{Call, ShellService};
use crate::exchange::{AuthenticationKind, Caller, EnvelopeHandler, HandlerReply};
use crate::identify::Identity;
use crate::namespaces::{self, RESOURCE_COMMANDS, RESOURCE_CONFIG, RESOURCE_SHELLS, action};
use crate::shell::{
    Command, Connect, Create, CreateResponse, DeleteResponse, Disconnect, DisconnectResponse,
    EndpointReference, Enumerate, EnumerateResponse, EnumerationItem, EnumerationMode, GetResponse,
    Pull, PullResponse, Receive, Reconnect, ReconnectResponse, Release, ReleaseResponse,
    Send as SendInput, SendResponse, ShellDescription, ShellId, Signal, SignalResponse,
};
use crate::soap::{
    Body, Element, Envelope, EnvelopeLimits, ErrorCode, Fault, OptionSet, QualifiedName,
    RequestHeaders, Response, ResponseHeaders, SelectorSet, Tree, is_uuid_uri, must_understand,
    parse_duration, to_utf8,
};

/// Answers envelopes with the help of a [`ShellService`].
///
/// Whatever comes in, an envelope goes out: malformed XML, unknown headers and actions, missing selectors, an answer
/// that does not fit and a service that panics each have their fault, and the next request is served as if nothing had
/// happened.
#[derive(Debug)]
pub struct Dispatcher<S> {
    service: S,
    config: DispatcherConfig,
    enumerations: Enumerations,
}

/// The settings of a [`Dispatcher`].
#[derive(Clone, Debug)]
pub struct DispatcherConfig {
    limits: EnvelopeLimits,
    max_timeout: Duration,
    max_envelope_size: usize,
    enumeration_timeout: Duration,
    enumerations_per_user: usize,
    identity: Identity,
    anonymous_identity: Option<Identity>,
}

impl Default for DispatcherConfig {
    fn default() -> Self {
        Self::new()
    }
}

impl DispatcherConfig {
    /// The defaults of a Windows service of today.
    #[must_use]
    pub fn new() -> Self {
        let identity = Identity::new("wsman", "OS: 0.0.0 SP: 0.0 Stack: 3.0");
        Self {
            limits: EnvelopeLimits::default(),
            max_timeout: Duration::from_secs(60),
            max_envelope_size: 500 * 1024,
            enumeration_timeout: Duration::from_secs(240),
            enumerations_per_user: 16,
            anonymous_identity: Some(identity.clone()),
            identity,
        }
    }

    /// What a request may cost before it is refused.
    #[must_use]
    pub fn limits(mut self, limits: EnvelopeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The longest that a request may wait, whatever its OperationTimeout says. Defaults to 60 seconds.
    #[must_use]
    pub fn max_timeout(mut self, timeout: Duration) -> Self {
        self.max_timeout = timeout;
        self
    }

    /// The largest envelope that is answered, whatever the request allows. Defaults to 500 KiB.
    #[must_use]
    pub fn max_envelope_size(mut self, size: usize) -> Self {
        self.max_envelope_size = size;
        self
    }

    /// After how much silence a listing is forgotten. Defaults to 240 seconds.
    #[must_use]
    pub fn enumeration_timeout(mut self, timeout: Duration) -> Self {
        self.enumeration_timeout = timeout;
        self
    }

    /// What authenticated callers are told by Identify.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = identity;
        self
    }

    /// What others are told by Identify; `None` refuses them. Defaults to a text that says nothing about the system.
    #[must_use]
    pub fn anonymous_identity(mut self, identity: Option<Identity>) -> Self {
        self.anonymous_identity = identity;
        self
    }
}

impl<S: ShellService> EnvelopeHandler for Dispatcher<S> {
    async fn handle(&self, caller: Caller, body: Bytes) -> HandlerReply {
        let mut about = Correlation::default();
        let answered = no_panic(self.answer(caller, &body, &mut about)).await;
        let answer = answered.unwrap_or_else(|| {
            error!("a request made the service panic");
            Err(Box::new(Fault::internal(
                "The service has failed to process the request. ",
            )))
        });
        match answer {
            Ok(body) => HandlerReply { status: 200, body },
            Err(fault) => {
                debug!(%fault, "Request was answered with a fault");
                let fault = fault.at_machine(&about.machine);
                HandlerReply {
                    status: 500,
                    body: Response::fault(fault, about.message_id).encode(),
                }
            }
        }
    }
}

/// What a fault says about its request, found before anything else is checked.
#[derive(Debug, Default)]
struct Correlation {
    message_id: Option<String>,
    machine: String,
}

impl<S: ShellService> Dispatcher<S> {
    /// A dispatcher with the default settings.
    pub fn new(service: S) -> Self {
        Self::with_config(service, DispatcherConfig::new())
    }

    /// A dispatcher with these settings.
    pub fn with_config(service: S, config: DispatcherConfig) -> Self {
        let enumerations =
            Enumerations::new(config.enumeration_timeout, config.enumerations_per_user);
        Self {
            service,
            config,
            enumerations,
        }
    }

    /// The service behind it.
    pub fn service(&self) -> &S {
        &self.service
    }

    async fn answer(
        &self,
        caller: Caller,
        body: &Bytes,
        about: &mut Correlation,
    ) -> Result<Bytes, Box<Fault>> {
        // The tree is not held over an await: what a request becomes owns everything.
        let (call, operation) = match self.read(caller, body, about)? {
            Incoming::Answered(envelope) => return Ok(envelope),
            Incoming::Call(call, operation) => (call, operation),
        };
        let answer = tokio::time::timeout(call.timeout, self.perform(&call, operation));
        let envelope = answer
            .await
            .unwrap_or_else(|_| Err(Box::new(Fault::timed_out())))?;
        if envelope.len() > call.max_envelope_size {
            error!(
                size = envelope.len(),
                limit = call.max_envelope_size,
                "an answer is too large for its client"
            );
            let reason = "The response is larger than the MaxEnvelopeSize of the request. ";
            return Err(Box::new(Fault::new(
                ErrorCode::MAX_ENVELOPE_SIZE_EXCEEDED,
                reason,
            )));
        }
        Ok(envelope)
    }

    /// Everything up to the typed request.
    fn read(
        &self,
        caller: Caller,
        body: &Bytes,
        about: &mut Correlation,
    ) -> Result<Incoming, Box<Fault>> {
        let faulty = |error| Box::new(Fault::from(&error));
        let text = to_utf8(body, &self.config.limits).map_err(faulty)?;
        let tree = Tree::parse(&text, &self.config.limits).map_err(faulty)?;
        let envelope = Envelope::new(&tree).map_err(faulty)?;
        about.find(&envelope);
        let is_anonymous = caller.authenticated_by == AuthenticationKind::Anonymous;
        if Identity::is_request(&envelope) {
            let identity = if is_anonymous {
                self.config.anonymous_identity.as_ref()
            } else {
                Some(&self.config.identity)
            };
            let identity = identity.ok_or_else(|| Box::new(Fault::access_denied()))?;
            return Ok(Incoming::Answered(identity.encode()));
        }
        if is_anonymous {
            return Err(Box::new(Fault::access_denied()));
        }
        let headers = RequestHeaders::read(&envelope)?;
        check_understood(&envelope, &headers)?;
        trace!(
            user = caller.user,
            action = headers.action,
            shell = headers.shell_id(),
            "Request"
        );
        let asked = headers
            .max_envelope_size
            .and_then(|size| usize::try_from(size).ok())
            .unwrap_or(usize::MAX);
        let call = Call {
            timeout: headers
                .operation_timeout
                .unwrap_or(Duration::MAX)
                .min(self.config.max_timeout),
            max_envelope_size: asked.min(self.config.max_envelope_size),
            caller,
            headers,
        };
        let operation = self.route(&call, &envelope)?;
        Ok(Incoming::Call(Box::new(call), operation))
    }

    /// From action, resource URI and selectors to the operation with its body.
    fn route(&self, call: &Call, envelope: &Envelope<'_, '_>) -> Result<Operation, Box<Fault>> {
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
            if !self
                .service
                .understands_option(call.resource_uri(), &option.name)
            {
                let name: String = option.name.chars().take(200).collect();
                let reason = format!("The option {name} must be complied with and is not known. ");
                return Err(Box::new(Fault::new(ErrorCode::INVALID_OPTION, reason)));
            }
        }
        Ok(())
    }

    async fn perform(&self, call: &Call, operation: Operation) -> Result<Bytes, Box<Fault>> {
        let service = &self.service;
        Ok(match operation {
            Operation::Create(create) => {
                let mut created: CreateResponse = service.create(call, *create).await?;
                if created.reference.address.is_empty() {
                    created.reference.address.clone_from(&call.headers.to);
                }
                encode(call, created)
            }
            Operation::Command(shell, command) => {
                encode(call, service.command(call, &shell, command).await?)
            }
            Operation::Send(shell, input) => {
                service.send(call, &shell, input).await?;
                encode(call, SendResponse)
            }
            Operation::Receive(shell, receive) => {
                encode(call, service.receive(call, &shell, receive).await?)
            }
            Operation::Signal(shell, signal) => {
                service.signal(call, &shell, signal).await?;
                encode(call, SignalResponse)
            }
            Operation::Disconnect(shell, disconnect) => {
                service.disconnect(call, &shell, disconnect).await?;
                encode(call, DisconnectResponse)
            }
            Operation::Reconnect(shell, reconnect) => {
                service.reconnect(call, &shell, reconnect).await?;
                encode(call, ReconnectResponse)
            }
            Operation::Connect(shell, connect) => {
                encode(call, service.connect(call, &shell, connect).await?)
            }
            Operation::Delete(shell) => {
                service.delete(call, &shell).await?;
                encode(call, DeleteResponse)
            }
            Operation::Get(shell) => encode(
                call,
                GetResponse::Shell(Box::new(service.get(call, &shell).await?)),
            ),
            Operation::Configuration => {
                encode(call, GetResponse::Other(service.configuration(call).await?))
            }
            Operation::Enumerate(enumerate) => self.enumerate(call, *enumerate).await?,
            Operation::Pull(pull) => {
                let elements = pull
                    .max_elements
                    .map_or(1, |max| usize::try_from(max).unwrap_or(usize::MAX));
                let size = PageSize {
                    elements: elements.max(1),
                    bytes: page_bytes(call),
                };
                let page = self.enumerations.pull(
                    &call.caller.user,
                    call.resource_uri(),
                    &pull.context,
                    size,
                )?;
                let (context, items, end_of_sequence) = (page.context, page.items, page.is_last);
                encode(
                    call,
                    PullResponse {
                        context,
                        items,
                        end_of_sequence,
                    },
                )
            }
            Operation::Release(release) => {
                self.enumerations.release(
                    &call.caller.user,
                    call.resource_uri(),
                    &release.context,
                )?;
                encode(call, ReleaseResponse)
            }
        })
    }

    async fn enumerate(&self, call: &Call, enumerate: Enumerate) -> Result<Bytes, Box<Fault>> {
        check_expiration(&enumerate)?;
        let items = if Resource::of(call.resource_uri()) == Resource::Commands {
            let shell = shell_of_filter(&enumerate)?;
            let commands = self.service.enumerate_commands(call, &shell).await?;
            commands.into_iter().map(EnumerationItem::Command).collect()
        } else {
            let wanted = enumerate.filter.as_ref().map(selector_filter).transpose()?;
            let mut shells = self.service.enumerate_shells(call).await?;
            if let Some(wanted) = wanted {
                let id = wanted.get("ShellId").unwrap_or_default();
                shells.retain(|shell| shell.shell_id.as_str() == id);
            }
            shells
                .into_iter()
                .map(|shell| shell_item(call, enumerate.mode, shell))
                .collect()
        };
        let elements = match (enumerate.optimize, enumerate.max_elements) {
            (false, _) => 0,
            // The default of the specification is 1, which no client means when it asks for an optimised answer.
            (true, max) => max
                .map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX))
                .max(1),
        };
        let size = PageSize {
            elements,
            bytes: page_bytes(call),
        };
        let page = self
            .enumerations
            .begin(&call.caller.user, call.resource_uri(), items, size)?;
        let (context, items, end_of_sequence) = (page.context, page.items, page.is_last);
        Ok(encode(
            call,
            EnumerateResponse {
                context,
                items,
                end_of_sequence,
            },
        ))
    }
}

/// What an envelope turned out to be.
enum Incoming {
    Answered(Bytes),
    Call(Box<Call>, Operation),
}

enum Operation {
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
enum Resource {
    Shells,
    Commands,
    Configuration,
    /// Anything else: a kind of shell, if the service knows it.
    Shell,
}

impl Resource {
    fn of(uri: &str) -> Self {
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

impl Correlation {
    fn find(&mut self, envelope: &Envelope<'_, '_>) {
        let text = |name| {
            envelope
                .header_block(namespaces::ADDRESSING, name)
                .map(Element::trimmed)
        };
        // Repeated as it stands if it may be an id at all; whatever else it is must not come back.
        self.message_id = text("MessageID")
            .filter(|id| is_uuid_uri(id) || id.len() <= 200)
            .map(str::to_owned);
        let host = text("To")
            .and_then(|to| to.split_once("://"))
            .map(|(_, rest)| rest)
            .unwrap_or_default();
        let host = host.split(['/', '?']).next().unwrap_or_default();
        let host = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
            Some((address, _)) => address,
            None => host.split(':').next().unwrap_or_default(),
        };
        self.machine = host.chars().take(255).collect();
    }
}

/// Header blocks whose names are known, but not what they ask for.
fn check_understood(
    envelope: &Envelope<'_, '_>,
    headers: &RequestHeaders,
) -> Result<(), Box<Fault>> {
    let insists = |namespace, name| {
        envelope
            .header_block(namespace, name)
            .is_some_and(must_understand)
    };
    if headers.compression.is_some() && insists(namespaces::SHELL, "CompressionType") {
        let name = QualifiedName {
            namespace: namespaces::SHELL.to_owned(),
            name: "CompressionType".to_owned(),
        };
        let fault = Fault::new(ErrorCode::MUST_UNDERSTAND, "Compression is not supported. ");
        return Err(Box::new(Fault {
            not_understood: vec![name],
            ..fault
        }));
    }
    let is_english = |locale: &String| {
        locale
            .get(..2)
            .is_some_and(|language| language.eq_ignore_ascii_case("en"))
    };
    if insists(namespaces::WSMAN, "Locale") && !headers.locale.as_ref().is_none_or(is_english) {
        let reason = "The requested locale is not supported. ";
        return Err(Box::new(Fault::new(
            ErrorCode::LOCALE_NOT_SUPPORTED,
            reason,
        )));
    }
    Ok(())
}

fn check_expiration(enumerate: &Enumerate) -> Result<(), Box<Fault>> {
    let Some(expires) = &enumerate.expires else {
        return Ok(());
    };
    let is_duration = || parse_duration(expires).is_some_and(|duration| !duration.is_zero());
    let is_time =
        || expires.contains('T') && expires.starts_with(|first: char| first.is_ascii_digit());
    if is_duration() || is_time() {
        return Ok(());
    }
    let reason = "The expiration time is neither a duration nor a time. ";
    Err(Box::new(Fault::new(
        ErrorCode::INVALID_EXPIRATION_TIME,
        reason,
    )))
}

fn selector_filter(filter: &crate::shell::EnumerationFilter) -> Result<&SelectorSet, Box<Fault>> {
    let is_selectors = filter.dialect.as_deref() == Some(namespaces::SELECTOR_FILTER);
    if is_selectors && filter.selectors.len() == 1 && filter.selectors.get("ShellId").is_some() {
        return Ok(&filter.selectors);
    }
    let reason = "The only filter is a set of selectors with a ShellId. ";
    Err(Box::new(Fault::new(
        ErrorCode::CANNOT_PROCESS_FILTER,
        reason,
    )))
}

fn shell_of_filter(enumerate: &Enumerate) -> Result<ShellId, Box<Fault>> {
    if enumerate.mode != EnumerationMode::Objects {
        let reason = "Commands have no endpoint references. ";
        return Err(Box::new(Fault::new(
            ErrorCode::ENUMERATE_SHELL_COMMANDS_EPRS_NOT_SUPPORTED,
            reason,
        )));
    }
    let filter = enumerate.filter.as_ref().ok_or_else(|| {
        let reason = "Commands are enumerated with a filter that names the shell. ";
        Box::new(Fault::new(
            ErrorCode::ENUMERATE_SHELL_COMMANDS_FILTER_EXPECTED,
            reason,
        ))
    })?;
    Ok(ShellId::from(
        selector_filter(filter)?.get("ShellId").unwrap_or_default(),
    ))
}

fn shell_item(call: &Call, mode: EnumerationMode, shell: ShellDescription) -> EnumerationItem {
    let reference = |shell: &ShellDescription| EndpointReference {
        address: call.headers.to.clone(),
        resource_uri: shell
            .resource_uri
            .clone()
            .unwrap_or_else(|| RESOURCE_SHELLS.to_owned()),
        selectors: SelectorSet::shell(shell.shell_id.as_str()),
    };
    match mode {
        EnumerationMode::Objects => EnumerationItem::Shell(Box::new(shell)),
        EnumerationMode::References => EnumerationItem::Reference(reference(&shell)),
        EnumerationMode::ObjectsAndReferences => {
            let reference = reference(&shell);
            EnumerationItem::ShellAndReference(Box::new(shell), reference)
        }
    }
}

fn page_bytes(call: &Call) -> usize {
    call.max_envelope_size.saturating_sub(3072)
}

fn read_body<B: Body>(envelope: &Envelope<'_, '_>) -> Result<B, Box<Fault>> {
    B::read(envelope).map_err(|error| Box::new(Fault::from(&error)))
}

fn encode<B: Body>(call: &Call, body: B) -> Bytes {
    let action = format!("{}Response", call.headers.action);
    let headers = ResponseHeaders::to_action(action, Some(call.headers.message_id.clone()));
    Response { headers, body }.encode()
}

/// Runs a future to its end, or to `None` if it panics.
async fn no_panic<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        // After a panic the future is dropped and never polled again, so nothing sees it half done.
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Some(output)),
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}

/// The options of the protocol itself, which a [`ShellService::understands_option`] may let pass.
impl OptionSet {
    /// Whether `name` is an option that the protocol defines for shells of all kinds.
    #[must_use]
    pub fn is_standard_option(name: &str) -> bool {
        let standard = [
            "WINRS_NOPROFILE",
            "WINRS_CODEPAGE",
            "WINRS_CONSOLEMODE_STDIN",
            "WINRS_SKIP_CMD_SHELL",
            crate::shell::KEEP_ALIVE_OPTION,
        ];
        standard
            .iter()
            .any(|option| option.eq_ignore_ascii_case(name))
    }
}
