//! What the bodies of all operations have in common, and whole messages made of headers and body.

use bytes::Bytes;

use super::encoding::to_utf8;
use super::envelope::Envelope;
use super::error::DecodeError;
use super::fault::Fault;
use super::header::{RequestHeaders, ResponseHeaders};
use super::limits::EnvelopeLimits;
use super::tree::Tree;
use super::writer::{Namespace, XmlWriter};

/// The typed content of `s:Body`.
pub trait Body: Sized {
    /// What the envelope declares beside `s`, `a`, `w` and `p`.
    const NAMESPACES: &'static [Namespace];

    /// About how many bytes [`write`](Self::write) adds, where that is more than a few hundred.
    fn size_hint(&self) -> usize {
        0
    }

    /// Writes what is inside `s:Body`.
    fn write(&self, writer: &mut XmlWriter);

    /// Reads what is inside `s:Body`.
    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError>;
}

/// The body of a request.
pub trait RequestBody: Body {
    /// The URI in `a:Action`. That of the answer is the same with `Response` behind it.
    const ACTION: &'static str;
    /// The body of the answer.
    type Response: Body;
}

/// A request: headers and body.
#[derive(Clone, Debug, PartialEq)]
pub struct Request<B> {
    /// Where it goes, what it wants and how long it waits.
    pub headers: RequestHeaders,
    /// The operation's own part.
    pub body: B,
}

impl<B: Body> Request<B> {
    /// The envelope in UTF-8.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        write_envelope(
            B::NAMESPACES,
            None,
            |writer| self.headers.write(writer),
            &self.body,
        )
    }

    /// Reads an envelope in UTF-8 or UTF-16. The error is what a server answers.
    pub fn decode(envelope: &Bytes, limits: &EnvelopeLimits) -> Result<Self, Box<Fault>> {
        let faulty = |error: &DecodeError| Box::new(Fault::from(error));
        let text = to_utf8(envelope, limits).map_err(|error| faulty(&error))?;
        let tree = Tree::parse(&text, limits).map_err(|error| faulty(&error))?;
        let envelope = Envelope::new(&tree).map_err(|error| faulty(&error))?;
        let headers = RequestHeaders::read(&envelope)?;
        let body = B::read(&envelope).map_err(|error| faulty(&error))?;
        Ok(Self { headers, body })
    }
}

/// An answer: headers and body. A fault is one whose body is [`Fault`].
#[derive(Clone, Debug, PartialEq)]
pub struct Response<B> {
    /// Which request it answers.
    pub headers: ResponseHeaders,
    /// The operation's own part.
    pub body: B,
}

impl<B: Body> Response<B> {
    /// The envelope in UTF-8.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        write_envelope(
            B::NAMESPACES,
            Some("en-US"),
            |writer| self.headers.write(writer),
            &self.body,
        )
    }

    /// Reads an envelope in UTF-8 or UTF-16, which may be a fault instead.
    pub fn decode(
        envelope: &Bytes,
        limits: &EnvelopeLimits,
    ) -> Result<Result<Self, Box<Response<Fault>>>, DecodeError> {
        let text = to_utf8(envelope, limits)?;
        let tree = Tree::parse(&text, limits)?;
        let envelope = Envelope::new(&tree)?;
        let headers = ResponseHeaders::read(&envelope);
        if envelope.is_fault() {
            return Ok(Err(Box::new(Response {
                headers,
                body: Fault::read(&envelope)?,
            })));
        }
        Ok(Ok(Self {
            headers,
            body: B::read(&envelope)?,
        }))
    }
}

impl Response<Fault> {
    /// The answer that says no to the request with that MessageID.
    #[must_use]
    pub fn fault(fault: Fault, relates_to: Option<String>) -> Self {
        let mut headers = ResponseHeaders::to_action(fault.action(), relates_to);
        headers.not_understood.clone_from(&fault.not_understood);
        Self {
            headers,
            body: fault,
        }
    }
}

fn write_envelope<B: Body>(
    namespaces: &[Namespace],
    language: Option<&str>,
    headers: impl FnOnce(&mut XmlWriter),
    body: &B,
) -> Bytes {
    let mut writer = XmlWriter::with_capacity(2048 + body.size_hint());
    writer
        .start("s:Envelope")
        .optional_attribute("xml:lang", language);
    let always = [
        Namespace::Soap,
        Namespace::Addressing,
        Namespace::Wsman,
        Namespace::Microsoft,
    ];
    for namespace in Namespace::ORDER {
        if always.contains(&namespace) || namespaces.contains(&namespace) {
            writer.attribute(&format!("xmlns:{}", namespace.prefix()), namespace.uri());
        }
    }
    writer.start("s:Header");
    headers(&mut writer);
    writer.end("s:Header").start("s:Body");
    body.write(&mut writer);
    writer.end("s:Body").end("s:Envelope");
    Bytes::from(writer.into_bytes())
}
