//! Between the envelopes of the wire and a [`ShellService`].

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use tracing::{debug, error, trace};

use super::compressed::Compressed;
use super::config::DispatcherConfig;
use super::enumeration::{Enumerations, PageSize};
use super::header_rules::{Correlation, check_understood};
use super::listing::page_bytes;
use super::operation::{Incoming, Operation};
use super::{Call, ShellService};
use crate::exchange::{AuthenticationKind, Caller, EnvelopeHandler, HandlerReply};
use crate::identify::Identity;
use crate::shell::{
    CreateResponse, DeleteResponse, DisconnectResponse, GetResponse, PullResponse,
    ReconnectResponse, ReleaseResponse, SendResponse, SignalResponse,
};
use crate::soap::{
    Body, Envelope, ErrorCode, Fault, RequestHeaders, Response, ResponseHeaders, Tree, to_utf8,
};

/// Answers envelopes with the help of a [`ShellService`].
///
/// Whatever comes in, an envelope goes out: malformed XML, unknown headers and actions, missing selectors, an answer
/// that does not fit and a service that panics each have their fault, and the next request is served as if nothing had
/// happened.
#[derive(Debug)]
pub struct Dispatcher<S> {
    pub(super) service: S,
    config: DispatcherConfig,
    pub(super) enumerations: Enumerations,
    compressed: Compressed,
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
            compressed: Compressed::default(),
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
        check_understood(&envelope, &headers, self.config.compression)?;
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

    async fn perform(&self, call: &Call, operation: Operation) -> Result<Bytes, Box<Fault>> {
        let service = &self.service;
        Ok(match operation {
            Operation::Create(create) => {
                let mut created: CreateResponse = service.create(call, *create).await?;
                if created.reference.address.is_empty() {
                    created.reference.address.clone_from(&call.headers.to);
                }
                self.compressed
                    .begin(call.headers.compression.is_some(), &mut created);
                encode(call, created)
            }
            Operation::Command(shell, command) => {
                encode(call, service.command(call, &shell, command).await?)
            }
            Operation::Send(shell, mut input) => {
                self.compressed
                    .expand(&shell, &mut input, self.config.max_expanded_size)?;
                service.send(call, &shell, input).await?;
                encode(call, SendResponse)
            }
            Operation::Receive(shell, receive) => {
                let mut received = service.receive(call, &shell, receive).await?;
                self.compressed.store(&shell, &mut received);
                encode(call, received)
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
                self.compressed.end(&shell);
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
}

pub(super) fn encode<B: Body>(call: &Call, body: B) -> Bytes {
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
