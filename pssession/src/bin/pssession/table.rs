//! Sessions as a table, or in any other form of results.

use std::time::SystemTime;

use jiff::Timestamp;
use psrp_codec::{DateTime, DateTimeKind, Object, Value};
use pssession::SessionInfo;

use crate::arguments::OutputForm;
use crate::print::Printer;
use crate::state::Remembered;

/// Collects sessions and prints them together.
pub(crate) struct SessionTable {
    printer: Printer,
}

impl SessionTable {
    pub(crate) fn new(form: OutputForm) -> Self {
        // Seven properties would be a list; sessions are a table.
        let form = if form == OutputForm::Auto {
            OutputForm::Table
        } else {
            form
        };
        Self {
            printer: Printer::new(form),
        }
    }

    /// A session that was made from here.
    pub(crate) fn remembered(&mut self, session: &Remembered) {
        let address = session.target.address();
        let object = Object::custom()
            .property("Id", i32::try_from(session.id).unwrap_or(i32::MAX))
            .property("Name", session.name.as_str())
            .property("Transport", address.transport_name())
            .property("ComputerName", address.computer_name())
            .property("State", session.state.as_str())
            .property("ConfigurationName", session.configuration_name.as_str())
            .property("Availability", session.availability.as_str());
        self.printer.object(&Value::from(object));
    }

    /// A session that a computer has. Its id is the one it has here, if it is known here.
    pub(crate) fn found(&mut self, info: &SessionInfo, id: Option<u32>) {
        let id = id
            .and_then(|id| i32::try_from(id).ok())
            .map_or(Value::Null, Value::Int32);
        let object = Object::custom()
            .property("Id", id)
            .property("Name", info.name.as_str())
            .property("ComputerName", info.address.computer_name())
            .property("State", title(&info.state.to_string()))
            .property("ConfigurationName", info.configuration_name.as_str())
            .property("Availability", info.availability.to_string())
            .property("Owner", info.owner.as_deref().unwrap_or_default())
            .property("DisconnectedOn", time(info.disconnected_on))
            .property("ExpiresOn", time(info.expires_on));
        self.printer.object(&Value::from(object));
    }

    pub(crate) fn print(mut self) {
        self.printer.finish();
    }
}

fn title(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// A point in time as a value; null where there is none.
fn time(time: Option<SystemTime>) -> Value {
    let Some(stamp) = time.and_then(|time| Timestamp::try_from(time).ok()) else {
        return Value::Null;
    };
    const UNIX_EPOCH: i64 = 621_355_968_000_000_000;
    const TICKS_A_SECOND: i64 = 10_000_000;
    DateTime::new(
        UNIX_EPOCH + stamp.as_second() * TICKS_A_SECOND,
        DateTimeKind::Utc,
    )
    .map_or(Value::Null, Value::DateTime)
}
