//! Starting pipelines, and giving them input.

use psrp_codec::{
    Encoded, MessageKind, PipelineId, Value,
    message::{CreatePipeline, GetCommandMetadata},
};

use super::{
    ClientPool,
    pipeline::{InputSide, Pipeline},
};
use crate::{MisuseError, PoolState, ProtocolVersion, Stream, Target};

impl ClientPool {
    /// Starts a pipeline. Its id must be new.
    ///
    /// The pipeline is opened on the wire with the first bytes of the message; there may be any
    /// number of pipelines at once.
    ///
    /// # Errors
    /// When the pool is not open, the id is in use or there are too many pipelines.
    pub fn create_pipeline(
        &mut self,
        pipeline: PipelineId,
        create: &CreatePipeline,
    ) -> Result<(), MisuseError> {
        let input = if create.no_input {
            InputSide::None
        } else {
            InputSide::Open
        };
        self.start(
            pipeline,
            MessageKind::CreatePipeline,
            &create.to_value(),
            input,
        )
    }

    /// Asks for the metadata of commands: a pipeline whose first output is their number, and the
    /// others the commands.
    ///
    /// # Errors
    /// As [`create_pipeline`](Self::create_pipeline); and when the server speaks protocol 2.0.
    pub fn get_command_metadata(
        &mut self,
        pipeline: PipelineId,
        request: &GetCommandMetadata,
    ) -> Result<(), MisuseError> {
        self.needs_version(ProtocolVersion::V2_1)?;
        self.start(
            pipeline,
            MessageKind::GetCommandMetadata,
            &request.to_value(),
            InputSide::None,
        )
    }

    /// Gives the pipeline an object. Wait while [`is_full`](Self::is_full) says so.
    ///
    /// # Errors
    /// When the pipeline takes no input, has ended, or its outbox is full.
    pub fn send_input(&mut self, pipeline: PipelineId, value: &Value) -> Result<(), MisuseError> {
        self.check_input(pipeline)?;
        let header = self.header(MessageKind::PipelineInput, Some(pipeline));
        self.queue(
            Target::Pipeline(pipeline),
            Stream::Default,
            header.with_value(value),
        );
        Ok(())
    }

    /// Gives the pipeline an object that is encoded already; `None` is null.
    ///
    /// # Errors
    /// As [`send_input`](Self::send_input).
    pub fn send_encoded_input(
        &mut self,
        pipeline: PipelineId,
        value: Option<&Encoded>,
    ) -> Result<(), MisuseError> {
        self.check_input(pipeline)?;
        let header = self.header(MessageKind::PipelineInput, Some(pipeline));
        self.queue(
            Target::Pipeline(pipeline),
            Stream::Default,
            header.with_encoded(value),
        );
        Ok(())
    }

    /// Ends the input of the pipeline. A second time it does nothing.
    ///
    /// # Errors
    /// When the pipeline takes no input or does not exist.
    pub fn close_input(&mut self, pipeline: PipelineId) -> Result<(), MisuseError> {
        let entry = self.pipeline_mut(pipeline)?;
        match entry.input {
            InputSide::None => Err(MisuseError::NoInput(pipeline)),
            InputSide::Ended => Ok(()),
            InputSide::Open => {
                entry.input = InputSide::Ended;
                let header = self.header(MessageKind::EndOfPipelineInput, Some(pipeline));
                let message = header.with_value(&Value::Null);
                self.queue(Target::Pipeline(pipeline), Stream::Default, message);
                Ok(())
            }
        }
    }

    pub(super) fn start(
        &mut self,
        pipeline: PipelineId,
        kind: MessageKind,
        body: &Value,
        input: InputSide,
    ) -> Result<(), MisuseError> {
        self.must_be(PoolState::Opened)?;
        self.check_new(pipeline)?;
        self.pipelines
            .insert(pipeline, Pipeline::new(&self.pipeline_limits(), input));
        let message = self.header(kind, Some(pipeline)).with_value(body);
        self.queue(Target::Pipeline(pipeline), Stream::Default, message);
        Ok(())
    }

    pub(super) fn check_new(&self, pipeline: PipelineId) -> Result<(), MisuseError> {
        if self.pipelines.contains_key(&pipeline) {
            return Err(MisuseError::DuplicatePipeline(pipeline));
        }
        let limit = self.config.limits.pipelines;
        if self.pipelines.len() >= limit {
            return Err(MisuseError::TooMany {
                what: "pipelines",
                limit,
            });
        }
        Ok(())
    }

    pub(super) fn check_input(&mut self, pipeline: PipelineId) -> Result<(), MisuseError> {
        let is_full = self.is_full(pipeline);
        let entry = self.pipeline_mut(pipeline)?;
        if entry.has_ended() || entry.stop_asked {
            return Err(MisuseError::PipelineEnded(pipeline));
        }
        match entry.input {
            InputSide::None | InputSide::Ended => Err(MisuseError::NoInput(pipeline)),
            InputSide::Open if is_full => Err(MisuseError::OutboxFull),
            InputSide::Open => Ok(()),
        }
    }
}
