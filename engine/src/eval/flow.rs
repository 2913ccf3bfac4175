//! How control leaves a statement other than by its end.

use std::sync::Arc;

use crate::value::{ErrorRecord, Raise, RaisedError, Text, TypeId, Value};

/// What running something gives.
pub type Run<T = ()> = Result<T, Flow>;

/// Why a statement did not come to its end.
#[derive(Debug)]
#[non_exhaustive]
pub enum Flow {
    /// A terminating error. Whether it ends the statement or the script depends on where it is caught.
    Error(Box<Failure>),
    /// `break`, with its label.
    Break(Option<Text>),
    /// `continue`, with its label.
    Continue(Option<Text>),
    /// `return`; what it returned is written already.
    Return,
    /// `exit`.
    Exit(i32),
    /// A stage has all it wants: the stages before it end. The number names the stage.
    StopUpstream(u64),
    /// The host, or a limit that a script cannot catch, ended the invocation.
    Stopped,
}

/// A terminating error on its way up.
#[derive(Debug)]
pub struct Failure {
    what: What,
    /// Raised by `throw`: ends the script although it is not inside a `try`.
    pub(crate) thrown: bool,
    /// Raised because a preference says Stop: ends the script as well.
    pub(crate) by_preference: bool,
}

#[derive(Debug)]
enum What {
    /// Not told yet where it happened.
    Raised(RaisedError),
    Record(Arc<ErrorRecord>),
}

impl Failure {
    pub(crate) fn record(record: Arc<ErrorRecord>) -> Self {
        Self {
            what: What::Record(record),
            thrown: false,
            by_preference: false,
        }
    }

    /// The record; made by `locate` if there is none yet.
    pub(crate) fn into_record(
        self,
        locate: impl FnOnce(RaisedError) -> Arc<ErrorRecord>,
    ) -> Arc<ErrorRecord> {
        match self.what {
            What::Record(record) => record,
            What::Raised(error) => locate(error),
        }
    }

    /// The record, if it is made already.
    pub(crate) fn made(&self) -> Option<&Arc<ErrorRecord>> {
        match &self.what {
            What::Record(record) => Some(record),
            What::Raised(_) => None,
        }
    }

    /// Makes the record where there is none yet.
    #[expect(
        clippy::boxed_local,
        reason = "failures travel boxed, and this takes one as it comes"
    )]
    pub(crate) fn located(
        self: Box<Self>,
        locate: impl FnOnce(RaisedError) -> Arc<ErrorRecord>,
    ) -> Box<Self> {
        let (thrown, by_preference) = (self.thrown, self.by_preference);
        let record = self.into_record(locate);
        Box::new(Self {
            what: What::Record(record),
            thrown,
            by_preference,
        })
    }
}

impl Flow {
    /// An error with a finished record.
    #[must_use]
    pub fn record(record: Arc<ErrorRecord>) -> Self {
        Self::Error(Box::new(Failure::record(record)))
    }
}

impl From<Raise> for Flow {
    fn from(raise: Raise) -> Self {
        match raise {
            Raise::Error(error) => Self::Error(Box::new(Failure {
                what: What::Raised(*error),
                thrown: false,
                by_preference: false,
            })),
            Raise::Flow(flow) => match flow.downcast::<Flow>() {
                Ok(flow) => *flow,
                Err(_) => Self::Stopped,
            },
        }
    }
}

impl From<Flow> for Raise {
    /// Carries control through a value operation that called back into a script.
    fn from(flow: Flow) -> Self {
        match flow {
            Flow::Error(failure) => match failure.what {
                What::Raised(error) => Raise::Error(Box::new(error)),
                what @ What::Record(_) => Raise::Flow(Box::new(Flow::Error(Box::new(Failure {
                    what,
                    ..*failure
                })))),
            },
            other => Raise::Flow(Box::new(other)),
        }
    }
}

/// The text of the type of an error's exception without its namespace, which is CategoryInfo.Reason.
pub(crate) fn reason(exception: &Value) -> Text {
    exception
        .type_ref()
        .map_or_else(Text::default, |ty| ty.name().to_string().into())
}

/// A `RuntimeException` with the category that most of the evaluator's own errors have.
pub(crate) fn runtime(message: impl Into<Text>, fqid: &'static str) -> Flow {
    Raise::of(TypeId::RuntimeException, message, fqid)
        .category(crate::value::ErrorCategory::InvalidOperation)
        .into()
}
