//! PROGRESS_RECORD: how far something has come.

use crate::{
    DecodeError, Object, ProgressRecordType, PsString, References, Value,
    property::{Bag, OptionalProperty},
};

/// [2.2.2.25] PROGRESS_RECORD, and the parameter of the host method WriteProgress.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProgressRecord {
    /// What is being done.
    pub activity: PsString,
    /// Tells activities apart that are shown at once.
    pub activity_id: i32,
    /// How it stands. Written as a space when it is empty: a PowerShell client takes no empty one.
    pub status_description: PsString,
    /// What is being done right now.
    pub current_operation: Option<PsString>,
    /// The activity that this is a part of; −1 for none.
    pub parent_activity_id: i32,
    /// How much is done, up to 100; −1 when nobody knows.
    pub percent_complete: i32,
    /// Whether there is more to come.
    pub kind: ProgressRecordType,
    /// How long it will take; −1 when nobody knows.
    pub seconds_remaining: i32,
}

impl ProgressRecord {
    /// An activity at work, of which nothing more is known.
    pub fn new(
        activity: impl Into<PsString>,
        activity_id: i32,
        status_description: impl Into<PsString>,
    ) -> Self {
        Self {
            activity: activity.into(),
            activity_id,
            status_description: status_description.into(),
            current_operation: None,
            parent_activity_id: -1,
            percent_complete: -1,
            kind: ProgressRecordType::PROCESSING,
            seconds_remaining: -1,
        }
    }

    /// Reads the message's value.
    ///
    /// # Errors
    /// When a property is missing or has another type.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        Self::read(value, &References::of(value))
    }

    pub(crate) fn read<'v>(
        value: &'v Value,
        references: &References<'v>,
    ) -> Result<Self, DecodeError> {
        let bag = Bag::open("PROGRESS_RECORD", value, references)?;
        Ok(Self {
            activity: bag.string_or_null("Activity")?.unwrap_or_default(),
            activity_id: bag.int32("ActivityId")?,
            status_description: bag.string_or_null("StatusDescription")?.unwrap_or_default(),
            current_operation: bag.string_or_null("CurrentOperation")?,
            parent_activity_id: bag.int32("ParentActivityId")?,
            percent_complete: bag.int32("PercentComplete")?,
            kind: bag.enumeration("Type", &ProgressRecordType::TYPE)?.into(),
            seconds_remaining: bag.int32("SecondsRemaining")?,
        })
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let not_empty = |text: &PsString| match text.is_empty() {
            true => PsString::from_static(" "),
            false => text.clone(),
        };
        Object::bag()
            .named("Activity", not_empty(&self.activity))
            .named("ActivityId", self.activity_id)
            .named("StatusDescription", not_empty(&self.status_description))
            .named("CurrentOperation", self.current_operation.clone())
            .named("ParentActivityId", self.parent_activity_id)
            .named("PercentComplete", self.percent_complete)
            .named("Type", self.kind)
            .named("SecondsRemaining", self.seconds_remaining)
            .into()
    }
}
