//! The typed contents of every message.

use super::{
    ApplicationPrivateData, ConnectRunspacePool, CreatePipeline, EncryptedSessionKey,
    GetAvailableRunspaces, GetCommandMetadata, HostCall, HostResponse, InitRunspacePool,
    MessageKind, PipelineStateInfo, PublicKey, PublicKeyRequest, ResetRunspaceState,
    RunspaceAvailability, RunspacePoolInitData, RunspacePoolStateInfo, SessionCapability,
    SetMaxRunspaces, SetMinRunspaces, UserEvent,
};
use crate::{
    DecodeError, DecodeErrorKind, Value,
    record::{
        ErrorRecord, InformationRecord, InformationalKind, InformationalRecord, ProgressRecord,
    },
};

/// What a message says, for those who want every kind in one type: printers, recorders, tests.
/// A state machine reads the body that it expects.
///
/// What PowerShell sends comes back from a body byte for byte. A body does not keep what
/// PowerShell does not read: properties that the message does not define (an [`ErrorRecord`] has
/// them in `others`), the order of properties, and whether an enumeration came as a number, a name
/// or an object. Who has to pass a message on as it is keeps its data.
///
/// References between the parts of a message are followed as long as what they lead to is not far
/// more than the message holds; `DIFFERENCES.md` has what else is not as in PowerShell.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum MessageBody {
    /// SESSION_CAPABILITY.
    SessionCapability(SessionCapability),
    /// INIT_RUNSPACEPOOL.
    InitRunspacePool(Box<InitRunspacePool>),
    /// PUBLIC_KEY.
    PublicKey(PublicKey),
    /// ENCRYPTED_SESSION_KEY.
    EncryptedSessionKey(EncryptedSessionKey),
    /// PUBLIC_KEY_REQUEST.
    PublicKeyRequest(PublicKeyRequest),
    /// CONNECT_RUNSPACEPOOL.
    ConnectRunspacePool(ConnectRunspacePool),
    /// SET_MAX_RUNSPACES.
    SetMaxRunspaces(SetMaxRunspaces),
    /// SET_MIN_RUNSPACES.
    SetMinRunspaces(SetMinRunspaces),
    /// RUNSPACE_AVAILABILITY.
    RunspaceAvailability(RunspaceAvailability),
    /// RUNSPACEPOOL_STATE.
    RunspacePoolState(RunspacePoolStateInfo),
    /// CREATE_PIPELINE.
    CreatePipeline(Box<CreatePipeline>),
    /// GET_AVAILABLE_RUNSPACES.
    GetAvailableRunspaces(GetAvailableRunspaces),
    /// USER_EVENT.
    UserEvent(Box<UserEvent>),
    /// APPLICATION_PRIVATE_DATA.
    ApplicationPrivateData(ApplicationPrivateData),
    /// GET_COMMAND_METADATA.
    GetCommandMetadata(Box<GetCommandMetadata>),
    /// RUNSPACEPOOL_INIT_DATA.
    RunspacePoolInitData(RunspacePoolInitData),
    /// RESET_RUNSPACE_STATE.
    ResetRunspaceState(ResetRunspaceState),
    /// RUNSPACEPOOL_HOST_CALL and PIPELINE_HOST_CALL.
    HostCall(Box<HostCall>),
    /// RUNSPACEPOOL_HOST_RESPONSE and PIPELINE_HOST_RESPONSE.
    HostResponse(Box<HostResponse>),
    /// PIPELINE_INPUT, of any value; null has none on the wire.
    PipelineInput(Value),
    /// END_OF_PIPELINE_INPUT.
    EndOfPipelineInput,
    /// PIPELINE_OUTPUT, of any value; null has none on the wire.
    PipelineOutput(Value),
    /// ERROR_RECORD.
    ErrorRecord(Box<ErrorRecord>),
    /// PIPELINE_STATE.
    PipelineState(PipelineStateInfo),
    /// DEBUG_RECORD, VERBOSE_RECORD and WARNING_RECORD.
    InformationalRecord(InformationalKind, Box<InformationalRecord>),
    /// PROGRESS_RECORD.
    ProgressRecord(Box<ProgressRecord>),
    /// INFORMATION_RECORD.
    InformationRecord(Box<InformationRecord>),
    /// A message that has no defined contents: the ones that are never sent, and unknown ones.
    Other(Value),
}

impl MessageBody {
    /// Reads the value of a message of this kind; `None` is a message without data.
    ///
    /// # Errors
    /// When the value is not what the kind demands. Only pipeline input and output, and what has
    /// no contents, may come without data.
    pub fn from_value(kind: MessageKind, value: Option<&Value>) -> Result<Self, DecodeError> {
        use MessageKind as K;
        let Some(value) = value else {
            return match kind {
                K::PipelineInput => Ok(Self::PipelineInput(Value::Null)),
                K::PipelineOutput => Ok(Self::PipelineOutput(Value::Null)),
                K::EndOfPipelineInput => Ok(Self::EndOfPipelineInput),
                K::CloseSession | K::StopPipeline | K::Unknown(_) => Ok(Self::Other(Value::Null)),
                _ => Err(DecodeError::in_value(
                    kind.name(),
                    DecodeErrorKind::Malformed("the message has no data"),
                )),
            };
        };
        let informational = |which| {
            let record = InformationalRecord::from_value(which, value)?;
            Ok(Self::InformationalRecord(which, Box::new(record)))
        };
        Ok(match kind {
            K::SessionCapability => Self::SessionCapability(SessionCapability::from_value(value)?),
            K::InitRunspacePool => {
                Self::InitRunspacePool(Box::new(InitRunspacePool::from_value(value)?))
            }
            K::PublicKey => Self::PublicKey(PublicKey::from_value(value)?),
            K::EncryptedSessionKey => {
                Self::EncryptedSessionKey(EncryptedSessionKey::from_value(value)?)
            }
            K::PublicKeyRequest => Self::PublicKeyRequest(PublicKeyRequest::from_value(value)?),
            K::ConnectRunspacePool => {
                Self::ConnectRunspacePool(ConnectRunspacePool::from_value(value)?)
            }
            K::SetMaxRunspaces => Self::SetMaxRunspaces(SetMaxRunspaces::from_value(value)?),
            K::SetMinRunspaces => Self::SetMinRunspaces(SetMinRunspaces::from_value(value)?),
            K::RunspaceAvailability => {
                Self::RunspaceAvailability(RunspaceAvailability::from_value(value)?)
            }
            K::RunspacePoolState => {
                Self::RunspacePoolState(RunspacePoolStateInfo::from_value(value)?)
            }
            K::CreatePipeline => Self::CreatePipeline(Box::new(CreatePipeline::from_value(value)?)),
            K::GetAvailableRunspaces => {
                Self::GetAvailableRunspaces(GetAvailableRunspaces::from_value(value)?)
            }
            K::UserEvent => Self::UserEvent(Box::new(UserEvent::from_value(value)?)),
            K::ApplicationPrivateData => {
                Self::ApplicationPrivateData(ApplicationPrivateData::from_value(value)?)
            }
            K::GetCommandMetadata => {
                Self::GetCommandMetadata(Box::new(GetCommandMetadata::from_value(value)?))
            }
            K::RunspacePoolInitData => {
                Self::RunspacePoolInitData(RunspacePoolInitData::from_value(value)?)
            }
            K::ResetRunspaceState => {
                Self::ResetRunspaceState(ResetRunspaceState::from_value(value)?)
            }
            K::RunspacePoolHostCall | K::PipelineHostCall => {
                Self::HostCall(Box::new(HostCall::from_value(value)?))
            }
            K::RunspacePoolHostResponse | K::PipelineHostResponse => {
                Self::HostResponse(Box::new(HostResponse::from_value(value)?))
            }
            K::PipelineInput => Self::PipelineInput(value.clone()),
            // PowerShell does not look at what an end of input carries.
            K::EndOfPipelineInput => Self::EndOfPipelineInput,
            K::PipelineOutput => Self::PipelineOutput(value.clone()),
            K::ErrorRecord => Self::ErrorRecord(Box::new(ErrorRecord::from_value(value)?)),
            K::PipelineState => Self::PipelineState(PipelineStateInfo::from_value(value)?),
            K::DebugRecord => informational(InformationalKind::Debug)?,
            K::VerboseRecord => informational(InformationalKind::Verbose)?,
            K::WarningRecord => informational(InformationalKind::Warning)?,
            K::ProgressRecord => Self::ProgressRecord(Box::new(ProgressRecord::from_value(value)?)),
            K::InformationRecord => {
                Self::InformationRecord(Box::new(InformationRecord::from_value(value)?))
            }
            K::CloseSession | K::StopPipeline | K::Unknown(_) => Self::Other(value.clone()),
        })
    }

    /// Reads the value of a message as [`from_value`](Self::from_value) does, and keeps it where the
    /// body is the value itself.
    ///
    /// # Errors
    /// As [`from_value`](Self::from_value).
    pub fn from_owned_value(kind: MessageKind, value: Option<Value>) -> Result<Self, DecodeError> {
        match (kind, value) {
            (MessageKind::PipelineInput, Some(value)) => Ok(Self::PipelineInput(value)),
            (MessageKind::PipelineOutput, Some(value)) => Ok(Self::PipelineOutput(value)),
            (kind, value) => Self::from_value(kind, value.as_ref()),
        }
    }

    /// The value of the message; `None` for one without data.
    #[must_use]
    pub fn to_value(&self) -> Option<Value> {
        let value = match self {
            Self::SessionCapability(body) => body.to_value(),
            Self::InitRunspacePool(body) => body.to_value(),
            Self::PublicKey(body) => body.to_value(),
            Self::EncryptedSessionKey(body) => body.to_value(),
            Self::PublicKeyRequest(body) => body.to_value(),
            Self::ConnectRunspacePool(body) => body.to_value(),
            Self::SetMaxRunspaces(body) => body.to_value(),
            Self::SetMinRunspaces(body) => body.to_value(),
            Self::RunspaceAvailability(body) => body.to_value(),
            Self::RunspacePoolState(body) => body.to_value(),
            Self::CreatePipeline(body) => body.to_value(),
            Self::GetAvailableRunspaces(body) => body.to_value(),
            Self::UserEvent(body) => body.to_value(),
            Self::ApplicationPrivateData(body) => body.to_value(),
            Self::GetCommandMetadata(body) => body.to_value(),
            Self::RunspacePoolInitData(body) => body.to_value(),
            Self::ResetRunspaceState(body) => body.to_value(),
            Self::HostCall(body) => body.to_value(),
            Self::HostResponse(body) => body.to_value(),
            Self::EndOfPipelineInput => Value::Null,
            Self::PipelineInput(value) | Self::PipelineOutput(value) | Self::Other(value) => {
                value.clone()
            }
            Self::ErrorRecord(body) => body.to_value(),
            Self::PipelineState(body) => body.to_value(),
            Self::InformationalRecord(kind, body) => body.to_value(*kind),
            Self::ProgressRecord(body) => body.to_value(),
            Self::InformationRecord(body) => body.to_value(),
        };
        (!value.is_null()).then_some(value)
    }
}
