//! One message of a capture.

use std::fmt;

use super::account::{Account, Style};
use super::value;
use crate::{Destination, Message, MessageBody};

pub(super) fn explain(message: &Message<'_>, account: &mut Account) {
    let way = match message.destination {
        Destination::Client => " from server to client",
        Destination::Server => " from client to server",
    };
    account.named_line(Style::Heading, &message.kind.to_string(), way);
    account.indented(|account| {
        if let Some(pool) = message.pool {
            account.named_line(Style::Place, "pool", &format!(" {pool}"));
        }
        if let Some(pipeline) = message.pipeline {
            account.named_line(Style::Place, "pipeline", &format!(" {pipeline}"));
        }
        explain_data(message, account);
    });
}

fn explain_data(message: &Message<'_>, account: &mut Account) {
    let read = match message.value(&account.options().limits) {
        Ok(read) => read,
        Err(error) => {
            account.trouble(&error);
            return explain_unread(message, error.offset(), account);
        }
    };
    let given = (!message.data.is_empty()).then_some(&read);
    match MessageBody::from_value(message.kind, given) {
        Ok(MessageBody::PipelineState(info)) => say_state(&info.state, account),
        Ok(MessageBody::RunspacePoolState(info)) => say_state(&info.state, account),
        Ok(_) => {}
        Err(error) => account.trouble(error),
    }
    if given.is_some() {
        value::explain_properties(&read, account);
    }
}

/// Shows of data that could not be read the part where the reader stopped, at `offset` in the message.
fn explain_unread(message: &Message<'_>, offset: Option<usize>, account: &mut Account) {
    let text = String::from_utf8_lossy(message.data);
    // What stands behind a secret's tag may be the secret.
    let text = text.split("<SS").next().unwrap_or_default();
    let around = offset.unwrap_or(0).saturating_sub(Message::HEADER_LEN);
    let before = account.options().text / 2;
    let start = match around.min(text.len()).saturating_sub(before) {
        start if start <= before => 0,
        start => text.floor_char_boundary(start),
    };
    let (_, shown) = text.split_at_checked(start).unwrap_or_default();
    let shown = account.quoted_str(shown.trim_start_matches('\u{feff}'));
    let place = match start {
        0 => "data".to_owned(),
        start => format!(
            "data from byte {}",
            start.saturating_add(Message::HEADER_LEN)
        ),
    };
    account.named_line(Style::Place, &place, &format!(" {shown}"));
}

/// The name of a state, of which the message has the number.
fn say_state(state: &dyn fmt::Debug, account: &mut Account) {
    account.named_line(Style::Place, "state", &format!(" {state:?}"));
}
