//! What a pipeline brings.

use psrp_codec::record::InformationalKind;
use psrp_codec::{
    DecodeError, ErrorRecord, InformationRecord, InformationalRecord, Limits, ProgressRecord, Value,
};
use runspace::OutputStream;

use crate::outlet::Brought;
use crate::{Error, ErrorKind};

/// One thing that a pipeline put on one of its streams.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Output {
    /// The output stream: an object.
    Object(Value),
    /// The error stream.
    Error(Box<ErrorRecord>),
    /// The warning stream.
    Warning(Box<InformationalRecord>),
    /// The verbose stream.
    Verbose(Box<InformationalRecord>),
    /// The debug stream.
    Debug(Box<InformationalRecord>),
    /// The information stream; `Write-Host` writes here, with the tag `PSHOST`.
    Information(Box<InformationRecord>),
    /// Progress.
    Progress(Box<ProgressRecord>),
}

impl Output {
    /// The object, if it is one.
    #[must_use]
    pub fn into_object(self) -> Option<Value> {
        match self {
            Self::Object(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn decode(brought: &Brought, limits: &Limits) -> Result<Self, Error> {
        read(brought, limits).map_err(|error| {
            Error::new(
                ErrorKind::Protocol,
                format!("the server sent what cannot be read: {error}"),
            )
            .with_source(error)
        })
    }
}

fn read(brought: &Brought, limits: &Limits) -> Result<Output, DecodeError> {
    let value = match &brought.value {
        Some(encoded) => encoded.decode(limits)?,
        None => Value::Null,
    };
    let informational = |kind| InformationalRecord::from_value(kind, &value).map(Box::new);
    Ok(match brought.stream {
        OutputStream::Output => Output::Object(value),
        OutputStream::Error => Output::Error(Box::new(ErrorRecord::from_value(&value)?)),
        OutputStream::Warning => Output::Warning(informational(InformationalKind::Warning)?),
        OutputStream::Verbose => Output::Verbose(informational(InformationalKind::Verbose)?),
        OutputStream::Debug => Output::Debug(informational(InformationalKind::Debug)?),
        OutputStream::Information => {
            Output::Information(Box::new(InformationRecord::from_value(&value)?))
        }
        OutputStream::Progress => Output::Progress(Box::new(ProgressRecord::from_value(&value)?)),
    })
}
