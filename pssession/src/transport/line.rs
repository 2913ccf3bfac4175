//! Pools over a stream of lines: a child process, SSH, a named pipe.
//!
//! The framing is PowerShell's "out of process" one: one packet a line, at most one `Data` without
//! its `DataAck` for each target. The windows are the core's business (`Input::Accepted` opens
//! them); here packets become inputs and transmits packets.

use std::collections::{HashMap, HashSet, VecDeque};

use bytes::{Bytes, BytesMut};
use psrp_codec::out_of_process::{ErrorLine, LinePacket, LinePacketKind, LineStream, write_data};
use psrp_codec::{Limits, PipelineId};
use runspace::{Input, Stream, Target, Transmit};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Wire;
use crate::{Error, ErrorKind};

/// The most bytes of one `Data`, before base64: a constant of these transports.
pub(crate) const MAX_PAYLOAD: usize = 32_768;
/// Text that may come before the first packet (the banner of a login shell), in bytes.
const MAX_BANNER: usize = 64 * 1024;
/// How much of a line that is no packet an error shows.
const SHOWN: usize = 200;

/// A pool over a pair of byte streams.
pub(crate) struct LineWire<R> {
    reader: R,
    limits: Limits,
    received: BytesMut,
    /// Inputs that are known but not yet taken.
    ready: VecDeque<Input>,
    /// First bytes of pipelines whose `CommandAck` is still to come.
    unopened: HashMap<PipelineId, Bytes>,
    /// Pipelines whose output nobody takes at the moment; nothing is read while there are any.
    held: HashSet<PipelineId>,
    banner: usize,
    seen_packet: bool,
    closing: bool,
    ended: bool,
    error: Option<Error>,
    /// Lines for the writer. The windows of the core bound what can wait here.
    lines: mpsc::UnboundedSender<Vec<u8>>,
    write_failed: mpsc::Receiver<std::io::Error>,
    writer: JoinHandle<()>,
}

impl<R: AsyncRead + Send + Unpin + 'static> LineWire<R> {
    /// A pool over `reader` and `writer`. The writer gets a task of its own, so that two sides
    /// that both write cannot wait for each other.
    pub(crate) fn new(reader: R, writer: impl AsyncWrite + Send + Unpin + 'static) -> Self {
        let (lines, to_write) = mpsc::unbounded_channel();
        let (failed, write_failed) = mpsc::channel(1);
        Self {
            reader,
            limits: Limits::default(),
            received: BytesMut::new(),
            ready: VecDeque::new(),
            unopened: HashMap::new(),
            held: HashSet::new(),
            banner: 0,
            seen_packet: false,
            closing: false,
            ended: false,
            error: None,
            lines,
            write_failed,
            writer: tokio::spawn(write_lines(writer, to_write, failed)),
        }
    }

    fn write(&mut self, pipeline: Option<PipelineId>, kind: LinePacketKind<'_>) {
        let mut line = Vec::new();
        LinePacket { pipeline, kind }.write(&mut line);
        // The writer is gone only after it has reported why.
        let _reported = self.lines.send(line);
    }

    fn write_data(&mut self, target: Target, stream: Stream, payload: &[u8]) {
        let stream = match stream {
            Stream::Default => LineStream::Default,
            Stream::PromptResponse => LineStream::PromptResponse,
        };
        let mut line = Vec::with_capacity(payload.len() * 4 / 3 + 96);
        write_data(stream, target.pipeline(), payload, &mut line);
        let _reported = self.lines.send(line);
    }

    /// Takes complete lines off what was received.
    fn read_lines(&mut self) {
        while let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
            let line = self.received.split_to(end + 1);
            self.on_line(&line);
        }
        if self.received.len() > self.limits.line_size {
            let limit = self.limits.line_size;
            self.fail(format!("a line of over {limit} bytes arrived"));
        }
    }

    fn on_line(&mut self, line: &[u8]) {
        if self.ended || line.trim_ascii().is_empty() {
            return;
        }
        if let Some(error) = ErrorLine::parse(line) {
            // After our own Close a server reports the end of its input as an error.
            if !self.closing {
                self.fail(format!("the server reports: {error}"));
            }
            return;
        }
        match LinePacket::parse(line, &self.limits) {
            Ok(packet) => {
                self.seen_packet = true;
                self.on_packet(&packet);
            }
            Err(_) if !self.seen_packet && self.banner + line.len() <= MAX_BANNER => {
                self.banner += line.len();
                let text = String::from_utf8_lossy(line);
                tracing::warn!(
                    line = text.trim_end(),
                    "skipped text before the first packet"
                );
            }
            Err(error) => {
                let shown = String::from_utf8_lossy(line.get(..SHOWN).unwrap_or(line)).into_owned();
                self.fail(format!("not a packet ({error}): {}", shown.trim_end()));
            }
        }
    }

    fn on_packet(&mut self, packet: &LinePacket<'_>) {
        let target = Target::from(packet.pipeline);
        let input = match (packet.kind, packet.pipeline) {
            (LinePacketKind::Data { payload, .. }, _) => match payload.decode() {
                Ok(bytes) => Input::Data {
                    target,
                    payload: Bytes::from(bytes),
                },
                Err(error) => return self.fail(error.to_string()),
            },
            (LinePacketKind::DataAck, _) => Input::Accepted { target },
            (LinePacketKind::CommandAck, Some(pipeline)) => {
                match self.unopened.remove(&pipeline) {
                    Some(first) => self.write_data(target, Stream::Default, &first),
                    None => self.fail("a CommandAck arrived that nothing asked for".to_owned()),
                }
                return;
            }
            (LinePacketKind::SignalAck, Some(pipeline)) => Input::Signalled { pipeline },
            (LinePacketKind::CloseAck, Some(pipeline)) => Input::PipelineClosed { pipeline },
            (LinePacketKind::CloseAck, None) => Input::PoolClosed,
            (kind, _) => return self.fail(format!("a server does not send {} here", kind.name())),
        };
        self.ready.push_back(input);
    }

    /// The stream is of no more use: whatever comes after this is ignored.
    fn fail(&mut self, message: String) {
        if !self.ended {
            self.ended = true;
            self.error = Some(Error::new(ErrorKind::Protocol, message.clone()));
            self.ready.push_back(Input::Failed { error: message });
        }
    }

    fn on_end(&mut self) {
        if self.closing {
            self.ended = true;
            self.ready.push_back(Input::PoolClosed);
        } else {
            self.fail("the connection ended".to_owned());
        }
    }
}

impl<R: AsyncRead + Send + Unpin + 'static> Wire for LineWire<R> {
    fn max_payload(&self) -> usize {
        MAX_PAYLOAD
    }

    async fn send(&mut self, transmit: Transmit) {
        match transmit {
            Transmit::OpenPool { first } => {
                self.write_data(Target::Pool, Stream::Default, &first);
            }
            Transmit::OpenPipeline { pipeline, first } => {
                self.unopened.insert(pipeline, first);
                self.write(Some(pipeline), LinePacketKind::Command);
            }
            Transmit::Data {
                target,
                stream,
                payload,
            } => {
                self.write_data(target, stream, &payload);
            }
            Transmit::Signal { pipeline } => self.write(Some(pipeline), LinePacketKind::Signal),
            Transmit::ClosePipeline { pipeline } => {
                self.held.remove(&pipeline);
                self.write(Some(pipeline), LinePacketKind::Close);
            }
            Transmit::ClosePool => {
                self.closing = true;
                self.write(None, LinePacketKind::Close);
            }
            Transmit::ConnectPool { .. }
            | Transmit::ConnectPipeline { .. }
            | Transmit::Disconnect
            | Transmit::Reconnect => {
                self.fail("sessions of this transport cannot be disconnected".to_owned());
            }
        }
    }

    async fn recv(&mut self) -> Input {
        loop {
            if let Some(input) = self.ready.pop_front() {
                return input;
            }
            if self.ended || !self.held.is_empty() {
                // Whoever drives us does something else meanwhile, and calls again.
                std::future::pending::<()>().await;
            }
            tokio::select! {
                read = self.reader.read_buf(&mut self.received) => match read {
                    Ok(0) => self.on_end(),
                    Ok(_) => self.read_lines(),
                    Err(error) => self.fail(format!("the connection broke: {error}")),
                },
                Some(error) = self.write_failed.recv() => {
                    // What the server said last explains more than that we could not write.
                    self.fail(format!("the connection broke: {error}"));
                }
            }
        }
    }

    fn keeps_until_asked(&self) -> bool {
        false
    }

    fn ask(&mut self, pipeline: PipelineId) {
        self.held.remove(&pipeline);
    }

    fn hold(&mut self, pipeline: PipelineId) {
        self.held.insert(pipeline);
    }

    fn take_error(&mut self) -> Option<Error> {
        self.error.take()
    }
}

impl<R> Drop for LineWire<R> {
    fn drop(&mut self) {
        self.writer.abort();
    }
}

async fn write_lines(
    mut writer: impl AsyncWrite + Unpin,
    mut lines: mpsc::UnboundedReceiver<Vec<u8>>,
    failed: mpsc::Sender<std::io::Error>,
) {
    while let Some(line) = lines.recv().await {
        let written = async {
            writer.write_all(&line).await?;
            writer.flush().await
        };
        if let Err(error) = written.await {
            let _gone = failed.send(error).await;
            return;
        }
    }
    let _gone = writer.shutdown().await;
}
