//! Any message of the protocol, recognised by what it says of itself.

use bytes::Bytes;

use crate::identify::Identity;
use crate::namespaces::action;
use crate::shell::{
    Command, CommandResponse, Connect, ConnectResponse, Create, CreateResponse, Delete,
    DeleteResponse, Disconnect, DisconnectResponse, Enumerate, EnumerateResponse, Get, GetResponse,
    Pull, PullResponse, Receive, ReceiveResponse, Reconnect, ReconnectResponse, Release,
    ReleaseResponse, Send, SendResponse, Signal, SignalResponse,
};
use crate::soap::{
    Body, DecodeError, Envelope, EnvelopeLimits, ErrorCode, Fault, Request, RequestHeaders,
    Response, ResponseHeaders, Tree, to_utf8,
};

/// One envelope in typed form: for those who look at traffic without having sent the request.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Message {
    /// A request of any operation.
    Request(Box<RequestHeaders>, AnyRequest),
    /// An answer of any operation.
    Response(Box<ResponseHeaders>, AnyResponse),
    /// An answer that says no.
    Fault(Box<ResponseHeaders>, Box<Fault>),
    /// The question what kind of service this is.
    Identify,
    /// The answer to it.
    Identity(Identity),
}

macro_rules! operations {
    ($($(#[$doc:meta])* $request:ident, $response:ident, $action:ident;)*) => {
        /// The body of a request of any operation.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum AnyRequest {
            $($(#[$doc])* $request(Box<$request>),)*
        }

        /// The body of an answer of any operation.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum AnyResponse {
            $($(#[$doc])* $response(Box<$response>),)*
        }

        impl AnyRequest {
            /// The name of the operation.
            #[must_use]
            pub fn operation(&self) -> &'static str {
                match self {
                    $(Self::$request(_) => stringify!($request),)*
                }
            }

            fn read(action: &str, envelope: &Envelope<'_, '_>) -> Option<Result<Self, DecodeError>> {
                match action {
                    $(action::$action => Some($request::read(envelope).map(|body| Self::$request(Box::new(body)))),)*
                    _ => None,
                }
            }

            fn encode(&self, headers: &RequestHeaders) -> Bytes {
                match self {
                    $(Self::$request(body) => {
                        Request { headers: headers.clone(), body: body.as_ref().clone() }.encode()
                    })*
                }
            }
        }

        impl AnyResponse {
            /// The name of the operation that it answers.
            #[must_use]
            pub fn operation(&self) -> &'static str {
                match self {
                    $(Self::$response(_) => stringify!($request),)*
                }
            }

            fn read(action: &str, envelope: &Envelope<'_, '_>) -> Option<Result<Self, DecodeError>> {
                // Without regard to case: one server answers some clients with `Shell` in the URI.
                $(if action.eq_ignore_ascii_case(action::$action) {
                    return Some($response::read(envelope).map(|body| Self::$response(Box::new(body))));
                })*
                None
            }

            fn encode(&self, headers: &ResponseHeaders) -> Bytes {
                match self {
                    $(Self::$response(body) => {
                        Response { headers: headers.clone(), body: body.as_ref().clone() }.encode()
                    })*
                }
            }
        }
    };
}

operations! {
    /// Makes a shell.
    Create, CreateResponse, CREATE;
    /// Starts a command.
    Command, CommandResponse, COMMAND;
    /// Sends input.
    Send, SendResponse, SEND;
    /// Takes output.
    Receive, ReceiveResponse, RECEIVE;
    /// Interrupts or frees a command.
    Signal, SignalResponse, SIGNAL;
    /// Ends a shell.
    Delete, DeleteResponse, DELETE;
    /// Leaves a shell.
    Disconnect, DisconnectResponse, DISCONNECT;
    /// Comes back to a shell.
    Reconnect, ReconnectResponse, RECONNECT;
    /// Takes a shell over.
    Connect, ConnectResponse, CONNECT;
    /// Reads a shell or the configuration.
    Get, GetResponse, GET;
    /// Begins a listing.
    Enumerate, EnumerateResponse, ENUMERATE;
    /// Continues a listing.
    Pull, PullResponse, PULL;
    /// Gives up a listing.
    Release, ReleaseResponse, RELEASE;
}

impl Message {
    /// Reads any envelope. The error is what a server would answer if it was a request.
    pub fn decode(envelope: &Bytes, limits: &EnvelopeLimits) -> Result<Self, Box<Fault>> {
        let faulty = |error: DecodeError| Box::new(Fault::from(&error));
        let text = to_utf8(envelope, limits).map_err(faulty)?;
        let tree = Tree::parse(&text, limits).map_err(faulty)?;
        let envelope = Envelope::new(&tree).map_err(faulty)?;
        if Identity::is_request(&envelope) {
            return Ok(Self::Identify);
        }
        if let Some(identity) = Identity::read(&envelope) {
            return Ok(Self::Identity(identity));
        }
        if envelope.is_fault() {
            let fault = Fault::read(&envelope).map_err(faulty)?;
            return Ok(Self::Fault(
                Box::new(ResponseHeaders::read(&envelope)),
                Box::new(fault),
            ));
        }
        let headers = ResponseHeaders::read(&envelope);
        let operation = headers.action.strip_suffix("Response");
        if let Some(response) = operation.and_then(|it| AnyResponse::read(it, &envelope)) {
            return Ok(Self::Response(Box::new(headers), response.map_err(faulty)?));
        }
        let headers = RequestHeaders::read(&envelope)?;
        let request = AnyRequest::read(&headers.action, &envelope).ok_or_else(|| {
            let action: String = headers.action.chars().take(200).collect();
            Box::new(Fault::new(
                ErrorCode::ACTION_NOT_SUPPORTED,
                format!("The action {action} is not known. "),
            ))
        })?;
        Ok(Self::Request(Box::new(headers), request.map_err(faulty)?))
    }

    /// The envelope in UTF-8, in the form in which this crate writes it.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        match self {
            Self::Request(headers, body) => body.encode(headers),
            Self::Response(headers, body) => body.encode(headers),
            Self::Fault(headers, fault) => Response {
                headers: headers.as_ref().clone(),
                body: fault.as_ref().clone(),
            }
            .encode(),
            Self::Identify => Identity::request(),
            Self::Identity(identity) => identity.encode(),
        }
    }

    /// The name of the operation: `Create`, `Receive` …, also in an answer; `Fault` for a fault.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        match self {
            Self::Request(_, body) => body.operation(),
            Self::Response(_, body) => body.operation(),
            Self::Fault(..) => "Fault",
            Self::Identify | Self::Identity(_) => "Identify",
        }
    }
}
