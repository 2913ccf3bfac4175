//! The endpoint on a pair of byte streams, speaking as `pwsh -s` does: one packet a line.
//!
//! One session at a time; after its Close the next line begins another. Packets are handled in the
//! order of their arrival; what answers later (a stop, a close) does not hold up the others.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use psrp_codec::out_of_process::{LinePacket, LinePacketKind, LineStream, write_data};
use psrp_codec::{Limits, PipelineId};
use runspace::{Carrier, ServerInput, ServerTransmit, Stream, Target};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

use super::config::EndpointConfig;
use super::engine::Engine;
use super::session::{self, Answer, SessionHandle};

/// The most bytes of one `Data`, before base64: a constant of this transport.
pub(super) const MAX_PAYLOAD: usize = 32_768;
/// Lines that may wait to be written; sessions wait when the client does not read.
const QUEUE: usize = 64;

/// Serves sessions over `reader` and `writer` until the input ends.
///
/// # Errors
/// When a line is no packet, or the streams fail. What is to be said of it is in the error's text;
/// `pwsh -s` writes it to its standard error and ends with status 160.
pub async fn serve_stdio(
    engine: impl Engine,
    user: &str,
    config: EndpointConfig,
    reader: impl AsyncRead + Unpin,
    writer: impl AsyncWrite + Send + Unpin + 'static,
) -> std::io::Result<()> {
    let (lines, to_write) = mpsc::channel(QUEUE);
    let written = tokio::spawn(write_lines(writer, to_write));
    let mut server = LineServer {
        engine: Arc::new(engine),
        user: user.to_owned(),
        config,
        lines,
        session: None,
        limits: Limits::default(),
    };
    let result = server.run(reader).await;
    if let Some(session) = server.session.take() {
        // Its last words go out before the writer ends.
        let _gone = session.input(ServerInput::EndOfStream).await;
    }
    drop(server);
    let _cancelled = written.await;
    result
}

struct LineServer {
    engine: Arc<dyn Engine>,
    user: String,
    config: EndpointConfig,
    lines: mpsc::Sender<Vec<u8>>,
    session: Option<SessionHandle>,
    limits: Limits,
}

impl LineServer {
    async fn run(&mut self, mut reader: impl AsyncRead + Unpin) -> std::io::Result<()> {
        let mut received = BytesMut::new();
        loop {
            while let Some(end) = received.iter().position(|byte| *byte == b'\n') {
                let line = received.split_to(end + 1);
                self.on_line(&line).await?;
            }
            if received.len() > self.limits.line_size {
                return Err(broken(format!(
                    "a line of over {} bytes",
                    self.limits.line_size
                )));
            }
            if reader.read_buf(&mut received).await? == 0 {
                return Ok(());
            }
        }
    }

    async fn on_line(&mut self, line: &[u8]) -> std::io::Result<()> {
        let packet = LinePacket::parse(line, &self.limits).map_err(|error| {
            let shown = String::from_utf8_lossy(line.get(..200).unwrap_or(line)).into_owned();
            broken(format!("{error}: {}", shown.trim_end()))
        })?;
        let target = Target::from(packet.pipeline);
        match (packet.kind, packet.pipeline) {
            (LinePacketKind::Data { stream, payload }, _) => {
                let payload = payload
                    .decode()
                    .map_err(|error| broken(error.to_string()))?;
                self.on_data(target, stream, Bytes::from(payload)).await;
            }
            (LinePacketKind::Command, Some(pipeline)) => {
                let input = ServerInput::OpenPipeline {
                    pipeline,
                    first: Bytes::new(),
                };
                match self.session().input(input).await {
                    Answer::Refused(error) => return Err(broken(error)),
                    _ => {
                        self.acknowledge(packet.pipeline, LinePacketKind::CommandAck)
                            .await
                    }
                }
            }
            (LinePacketKind::Signal, Some(pipeline)) => {
                let input = ServerInput::Signal { pipeline };
                self.answer_later(input, packet.pipeline, LinePacketKind::SignalAck);
            }
            (LinePacketKind::Close, Some(pipeline)) => {
                let input = ServerInput::ClosePipeline { pipeline };
                self.answer_later(input, packet.pipeline, LinePacketKind::CloseAck);
            }
            (LinePacketKind::Close, None) => {
                self.answer_later(ServerInput::ClosePool, None, LinePacketKind::CloseAck);
                self.session = None;
            }
            (kind, _) => {
                return Err(broken(format!(
                    "a client does not send {} here",
                    kind.name()
                )));
            }
        }
        Ok(())
    }

    async fn on_data(&mut self, target: Target, stream: LineStream, payload: Bytes) {
        let stream = match stream {
            LineStream::Default => Stream::Default,
            LineStream::PromptResponse => Stream::PromptResponse,
        };
        let input = ServerInput::Data {
            target,
            stream,
            payload,
        };
        // A pipeline that has ended gets its acknowledgement all the same.
        let _answer = self.session().input(input).await;
        self.acknowledge(target.pipeline(), LinePacketKind::DataAck)
            .await;
    }

    /// The session, made when there is none: on this transport nothing announces it.
    fn session(&mut self) -> SessionHandle {
        if let Some(session) = self.session.as_ref().filter(|session| !session.is_closed()) {
            return session.clone();
        }
        let pool = self.config.server_config(Carrier::Push);
        let session = session::start_pushing(
            Arc::clone(&self.engine),
            self.user.clone(),
            pool,
            Pushed {
                lines: self.lines.clone(),
            },
        );
        self.session = Some(session.clone());
        session
    }

    /// Hands in something whose answer takes its time, without waiting for it.
    fn answer_later(
        &mut self,
        input: ServerInput,
        pipeline: Option<PipelineId>,
        answer: LinePacketKind<'static>,
    ) {
        let session = self.session();
        let lines = self.lines.clone();
        tokio::spawn(async move {
            let _answer = session.input(input).await;
            let mut line = Vec::new();
            LinePacket {
                pipeline,
                kind: answer,
            }
            .write(&mut line);
            let _client_gone = lines.send(line).await;
        });
    }

    async fn acknowledge(&self, pipeline: Option<PipelineId>, kind: LinePacketKind<'static>) {
        let mut line = Vec::new();
        LinePacket { pipeline, kind }.write(&mut line);
        let _client_gone = self.lines.send(line).await;
    }
}

/// Where a session on this transport puts what it has to say.
pub(super) struct Pushed {
    lines: mpsc::Sender<Vec<u8>>,
}

impl Pushed {
    /// Room for a line, if there is some.
    pub(super) fn try_room(
        &self,
    ) -> Result<mpsc::Permit<'_, Vec<u8>>, mpsc::error::TrySendError<()>> {
        self.lines.try_reserve()
    }

    /// Waits until there is room for a line, or nobody takes any.
    pub(super) async fn room(&self) {
        let _closed = self.lines.reserve().await;
    }

    /// The line of a data packet.
    pub(super) fn line(transmit: &ServerTransmit) -> Option<Vec<u8>> {
        let ServerTransmit::Data { target, payload } = transmit else {
            return None;
        };
        let mut line = Vec::with_capacity(payload.len() * 4 / 3 + 96);
        write_data(LineStream::Default, target.pipeline(), payload, &mut line);
        Some(line)
    }
}

fn broken(message: String) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, message)
}

async fn write_lines(
    mut writer: impl AsyncWrite + Unpin,
    mut lines: mpsc::Receiver<Vec<u8>>,
) -> std::io::Result<()> {
    while let Some(line) = lines.recv().await {
        writer.write_all(&line).await?;
        if lines.is_empty() {
            writer.flush().await?;
        }
    }
    writer.shutdown().await
}
