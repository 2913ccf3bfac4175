//! What must hold of every recorded message.

use bytes::{Bytes, BytesMut};
use psrp_codec::{
    Decode, Encode, Fragment, Limits, Message, MessageBody, MessageKind, Reassembler, Value,
    clixml,
    clixml::{Tape, WriteOptions},
    message::{BYTE_ORDER_MARK, CommandMetadata, CommandMetadataCount},
};

use super::report::Report;
use super::writers::{Origin, Ways, Writer};

/// Cuts `stream` into fragments and checks that each is written as it was read.
pub(crate) fn check_fragments(stream: &[u8]) -> Result<(), String> {
    let mut rest = stream;
    while !rest.is_empty() {
        let (fragment, after) = Fragment::decode(rest).map_err(|error| error.to_string())?;
        let mut written = BytesMut::new();
        fragment.encode(&mut written);
        if rest.get(..written.len()) != Some(&written[..]) {
            return Err(format!(
                "fragment {}.{} changes",
                fragment.object, fragment.index
            ));
        }
        rest = after;
    }
    Ok(())
}

/// Checks a message: its header, its value and its typed body are written as they were read.
///
/// What PowerShell wrote, which begins with a byte order mark, comes back byte for byte. What
/// others wrote comes back as the same value in PowerShell's form; what is their own way in it is
/// added to `ways`, if those matter.
pub(crate) fn check_message(
    wire: &Bytes,
    writer: Writer,
    ways: Option<&mut Ways>,
) -> Result<Checked, String> {
    let (message, _) = Message::decode(wire).map_err(|error| error.to_string())?;
    let mut written = BytesMut::new();
    message.encode(&mut written);
    if written != wire[..] {
        return Err("the header changes".to_owned());
    }
    let same = check_value(&message, writer, ways)
        .map_err(|reason| format!("{}: {reason}", message.kind))?;
    Ok(Checked {
        kind: message.kind,
        same,
    })
}

/// A message that holds.
pub(crate) struct Checked {
    kind: MessageKind,
    /// Whether the value and the typed body came back as the bytes that they were read from. What
    /// PowerShell wrote always does.
    same: bool,
}

/// Checks a message of a recording and counts it by its kind.
fn report_message(origin: &Origin<'_>, wire: &Bytes, ways: &mut Ways, report: &mut Report) {
    match check_message(wire, origin.writer, Some(ways)) {
        Ok(checked) => {
            report.pass();
            report.count(&checked.kind.to_string());
            if checked.same {
                report.count(SAME_BYTES);
            } else {
                let writer = origin.writer.name();
                report.count(&format!(
                    "messages of {writer}: the same value in PowerShell's form"
                ));
            }
        }
        Err(reason) => report.fail(origin.name, reason),
    }
}

/// Reports each message that `bytes` complete, one stream's next bytes after those in `context`.
pub(crate) fn report_payload(
    origin: &Origin<'_>,
    context: &mut Reassembler,
    mut bytes: Bytes,
    ways: &mut Ways,
    report: &mut Report,
) {
    // Only what is not cut in the middle of a fragment can be looked at by itself.
    if !context.is_mid_message()
        && let Err(reason) = check_fragments(&bytes)
        && !reason.ends_with("too early")
    {
        report.fail(origin.name, reason);
    }
    loop {
        match context.push(&mut bytes) {
            Ok(None) => return,
            Ok(Some(message)) => report_message(origin, &message, ways, report),
            Err(error) => return report.fail(origin.name, error),
        }
    }
}

/// What [`report_message`] counts where nothing at all is lost.
pub(crate) const SAME_BYTES: &str = "messages: value and typed body written as the same bytes";

/// Whether the bytes are the same.
fn check_value(
    message: &Message<'_>,
    writer: Writer,
    ways: Option<&mut Ways>,
) -> Result<bool, String> {
    let limits = deep();
    let clixml = message.clixml().map_err(|error| error.to_string())?;
    let Some(xml) = clixml else {
        let body =
            MessageBody::from_value(message.kind, None).map_err(|error| error.to_string())?;
        return match body.to_value() {
            None => Ok(true),
            Some(_) => Err("the body has a value that the message had not".to_owned()),
        };
    };
    let value = clixml::read(xml, &limits).map_err(|error| error.to_string())?;
    let from_powershell = writer == Writer::PowerShell;
    if from_powershell != message.data.starts_with(BYTE_ORDER_MARK) {
        return Err(format!(
            "{} does not begin a message like this",
            writer.name()
        ));
    }
    let rewritten = write(&value);
    check_view(xml, &rewritten, &limits)?;
    if from_powershell {
        same_bytes("the value", xml, &rewritten)?;
    } else {
        let again = clixml::read(&rewritten, &limits).map_err(|error| error.to_string())?;
        same_bytes("the value written twice", &rewritten, &write(&again))?;
    }
    let body =
        MessageBody::from_value(message.kind, Some(&value)).map_err(|error| error.to_string())?;
    let back = body.to_value().ok_or("the body loses its value")?;
    if from_powershell {
        same_bytes("the typed body", xml, &write(&back))?;
    } else {
        let again = MessageBody::from_value(message.kind, Some(&back));
        let again = again.map_err(|error| format!("the typed body: {error}"))?;
        if back != again.to_value().unwrap_or_default() {
            return Err("the typed body changes when it is read again".to_owned());
        }
    }
    if message.kind == MessageKind::PipelineOutput {
        check_metadata(&value, xml)?;
    }
    let same = xml == rewritten && xml == write(&back);
    if let Some(ways) = ways.filter(|_| !same) {
        ways.add(writer, message.kind, (xml, &rewritten), (&value, &back))?;
    }
    Ok(same)
}

/// What is seen in place is what is read.
fn check_view(xml: &[u8], rewritten: &[u8], limits: &Limits) -> Result<(), String> {
    let mut tape = Tape::default();
    let view = tape.parse(xml, limits).map_err(|error| error.to_string())?;
    let seen = view.to_value().map_err(|error| error.to_string())?;
    same_bytes("the value seen in place", rewritten, &write(&seen))
}

/// Outputs that answer GET_COMMAND_METADATA have a typed form too.
fn check_metadata(value: &Value, xml: &[u8]) -> Result<(), String> {
    let Some(object) = value.as_object() else {
        return Ok(());
    };
    let written = if object.is("Selected.System.Management.Automation.CmdletInfo") {
        let metadata = CommandMetadata::from_value(value).map_err(|error| error.to_string())?;
        metadata.to_value()
    } else if object.is("Selected.Microsoft.PowerShell.Commands.GenericMeasureInfo") {
        let count = CommandMetadataCount::from_value(value).map_err(|error| error.to_string())?;
        count.to_value()
    } else {
        return Ok(());
    };
    same_bytes("the command metadata", xml, &write(&written))
}

pub(crate) fn write(value: &Value) -> BytesMut {
    let mut out = BytesMut::new();
    let mut options = WriteOptions::default();
    options.nesting = deep().nesting;
    clixml::write_with(value, &options, &mut out);
    out
}

/// PowerShell's writer goes one level deeper than its reader, and was recorded doing so.
fn deep() -> Limits {
    let mut limits = Limits::default();
    limits.nesting = 64;
    limits
}

pub(crate) fn same_bytes(what: &str, expected: &[u8], got: &[u8]) -> Result<(), String> {
    if expected == got {
        return Ok(());
    }
    let at = expected.iter().zip(got).take_while(|(a, b)| a == b).count();
    let window = |bytes: &[u8]| {
        let end = bytes.len().min(at + 60);
        String::from_utf8_lossy(&bytes[at.saturating_sub(40).min(end)..end]).into_owned()
    };
    Err(format!(
        "{what} differs at byte {at}: …{} became …{}",
        window(expected),
        window(got)
    ))
}
