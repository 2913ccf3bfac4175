//! What runs the scripts of a session, as the endpoint sees it.
//!
//! A runspace lives on a thread of its own, which the endpoint gives it. It is asked to run one
//! pipeline after the other; what these bring goes to a [`WorkSink`], which may block: that is how
//! a client that reads slowly makes a script wait.

use std::sync::Arc;

use psrp_codec::host::{HostAnswer, HostInfo, HostRequest};
use psrp_codec::message::{CommandMetadata, CreatePipeline, GetCommandMetadata};
use psrp_codec::{Encoded, ErrorRecord, Value};
use runspace::OutputStream;

/// Makes runspaces.
pub trait Engine: Send + Sync + 'static {
    /// Makes a runspace. Called on the thread that will use it.
    ///
    /// # Errors
    /// When there can be no runspace; the client is told this text.
    fn open(&self, request: &RunspaceRequest) -> Result<Box<dyn EngineRunspace>, String>;

    /// `PSVersionTable` without the version of the protocol, which the endpoint adds.
    fn version_table(&self) -> Vec<(String, Value)>;
}

/// What a client wants of a runspace, and who the client is.
#[derive(Clone, Debug)]
pub struct RunspaceRequest {
    /// The user that the session belongs to.
    pub user: String,
    /// What the client sent along: `$PSSenderInfo.ApplicationArguments`.
    pub application_arguments: Value,
    /// What the client's host can do.
    pub host_info: HostInfo,
}

/// A runspace: variables, functions and aliases, shared by the pipelines that run in it.
pub trait EngineRunspace {
    /// What stops the pipeline that runs at the time, from any thread.
    fn stopper(&self) -> Arc<dyn Fn() + Send + Sync>;

    /// Runs a pipeline to its end.
    fn run(&mut self, create: &CreatePipeline, input: Input, sink: &mut dyn WorkSink) -> WorkEnd;

    /// Describes commands.
    ///
    /// # Errors
    /// The record of why that did not work.
    fn command_metadata(
        &mut self,
        request: &GetCommandMetadata,
    ) -> Result<Vec<CommandMetadata>, Box<ErrorRecord>>;
}

/// How a pipeline ended in its runspace.
#[derive(Debug)]
pub enum WorkEnd {
    /// It came to its end.
    Completed,
    /// It was stopped.
    Stopped(Option<Box<ErrorRecord>>),
    /// A terminating error ended it.
    Failed(Box<ErrorRecord>),
}

/// Nobody wants any more of it: the pipeline has to stop.
#[derive(Clone, Copy, Debug)]
pub struct Unwanted;

/// Where what a pipeline brings goes.
pub trait WorkSink {
    /// Puts something on a stream; `None` is null. May block.
    ///
    /// # Errors
    /// When the pipeline has to stop.
    fn put(&mut self, stream: OutputStream, value: Option<Encoded>) -> Result<(), Unwanted>;

    /// Asks the client's host for something and waits for the answer. Calls that are not answered
    /// give `Ok(Ok(HostAnswer::Null))` at once.
    ///
    /// # Errors
    /// When the pipeline has to stop.
    fn host_call(
        &mut self,
        request: HostRequest,
    ) -> Result<Result<HostAnswer, Box<ErrorRecord>>, Unwanted>;
}

/// The objects that a client sends to a pipeline.
#[derive(Debug)]
pub struct Input {
    objects: Option<std::sync::mpsc::Receiver<Option<Encoded>>>,
}

impl Input {
    /// A pipeline without input.
    pub(crate) const fn none() -> Self {
        Self { objects: None }
    }

    pub(crate) const fn new(objects: std::sync::mpsc::Receiver<Option<Encoded>>) -> Self {
        Self {
            objects: Some(objects),
        }
    }

    /// Whether there can be any.
    #[must_use]
    pub const fn is_expected(&self) -> bool {
        self.objects.is_some()
    }

    /// Waits for the next object (`Some(None)` is null); `None` at the end of the input, and when
    /// the pipeline is being stopped.
    pub fn next(&self) -> Option<Option<Encoded>> {
        self.objects.as_ref()?.recv().ok()
    }
}
