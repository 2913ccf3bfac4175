//! Kind `psrp`: messages that another implementation wrote, with what is in them.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use psrp_codec::{
    Decode, Destination, EncryptedSessionKey, Fragment, Message, MessageTarget, ObjectId,
    PipelineId, PoolId, PublicKey, Reassembler,
};
use serde_json::Value as Json;

use super::messages::{check_fragments, check_message};
use super::report::{Report, files};
use super::writers::Writer;

pub(crate) fn run(folder: &Path, report: &mut Report) {
    let vectors = files(folder, ".hex");
    if vectors.is_empty() {
        report.fail(folder.display(), "there is no vector");
    }
    for path in vectors {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        report.outcome(&name, check(&path));
    }
    let keys = folder.join("key-exchange.json");
    if keys.exists() {
        report.outcome("key-exchange", check_keys(&keys));
    }
}

fn check(path: &Path) -> Result<(), String> {
    let described = json(&path.with_extension("json"))?;
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let stream = hex(&text)?;
    check_fragments(&stream)?;
    if described["messages_hex"].is_array() {
        return check_interleaved(&stream, &described);
    }
    let count = text.lines().filter(|line| !line.trim().is_empty()).count() as u64;
    if described["fragments"].as_u64() != Some(count) {
        return Err("another number of fragments".to_owned());
    }
    let mut received = Bytes::from(stream);
    let mut reassembler = Reassembler::default();
    let joined = reassembler
        .push(&mut received)
        .map_err(|error| error.to_string())?
        .ok_or("the message is not complete")?;
    if joined != hex(described["message_hex"].as_str().unwrap_or_default())? {
        return Err("the message is another than message_hex".to_owned());
    }
    check_header(&joined, &described)?;
    check_message(&joined, Writer::Psrpcore, None).map(drop)
}

/// Two messages whose fragments alternate, as those of two contexts may on one line. Within one
/// context that is an error: a receiver there has one message open at a time.
fn check_interleaved(stream: &[u8], described: &Json) -> Result<(), String> {
    let mut contexts: BTreeMap<ObjectId, Reassembler> = BTreeMap::new();
    let mut joined = Vec::new();
    let mut rest = stream;
    while !rest.is_empty() {
        let (fragment, after) = Fragment::decode(rest).map_err(|error| error.to_string())?;
        let taken = rest.len() - after.len();
        let mut received = Bytes::copy_from_slice(&rest[..taken]);
        let context = contexts.entry(fragment.object).or_default();
        joined.extend(
            context
                .push(&mut received)
                .map_err(|error| error.to_string())?,
        );
        rest = after;
    }
    let expected = described["messages_hex"].as_array().into_iter().flatten();
    let expected = expected
        .map(|message| hex(message.as_str().unwrap_or_default()))
        .collect::<Result<Vec<_>, _>>()?;
    if joined != expected {
        return Err("the messages are others than messages_hex".to_owned());
    }
    for message in &joined {
        check_message(message, Writer::Psrpcore, None)?;
    }
    let one = Reassembler::default().push(&mut Bytes::copy_from_slice(stream));
    match one {
        Err(_) => Ok(()),
        Ok(_) => Err("one context took fragments of two messages at once".to_owned()),
    }
}

fn check_header(wire: &Bytes, described: &Json) -> Result<(), String> {
    let (message, _) = Message::decode(wire).map_err(|error| error.to_string())?;
    let text = |name: &str| described[name].as_str().unwrap_or_default().to_owned();
    let guid = |id: Option<String>| id.unwrap_or_default();
    let described_guid = |name| {
        let text = text(name);
        let none = text == "00000000-0000-0000-0000-000000000000";
        if none { String::new() } else { text }
    };
    let destination = match message.destination {
        Destination::Client => 1,
        Destination::Server => 2,
    };
    // The recordings say "pipeline" of messages about one that are for the pool.
    let target = match message.kind.target() {
        Some(MessageTarget::Pipeline) => "pipeline",
        Some(MessageTarget::RunspacePool) if message.pipeline.is_some() => "pipeline",
        Some(_) => "runspace pool",
        None => "nobody",
    };
    let data = std::str::from_utf8(message.data).map_err(|error| error.to_string())?;
    let got = [
        message.kind.name().to_owned(),
        format!("0x{:08x}", message.kind.as_u32()),
        guid(message.pool.map(|id: PoolId| id.to_string())),
        guid(message.pipeline.map(|id: PipelineId| id.to_string())),
        data.to_owned(),
    ];
    let expected = [
        text("message_type"),
        text("message_type_id").to_lowercase(),
        described_guid("runspace_pool_id"),
        described_guid("pipeline_id"),
        text("data"),
    ];
    if let Some((got, expected)) = got
        .iter()
        .zip(&expected)
        .find(|(got, expected)| got != expected)
    {
        return Err(format!("{got} where the description has {expected}"));
    }
    if described["destination"].as_u64() != Some(destination) {
        return Err("another destination".to_owned());
    }
    if text("target") == "pipeline" && target != "pipeline" {
        return Err(format!("meant for the pipeline, read as for the {target}"));
    }
    Ok(())
}

fn check_keys(path: &Path) -> Result<(), String> {
    let described = json(path)?;
    let bytes = |pointer: &str| {
        let text = described.pointer(pointer).and_then(Json::as_str);
        let text = text.ok_or(format!("{pointer} is missing"))?;
        let even = format!("{}{text}", if text.len() % 2 == 1 { "0" } else { "" });
        hex(&even)
    };
    let modulus = bytes("/client_rsa_hex/n")?;
    let exponent = bytes("/client_rsa_hex/e")?;
    let exponent = exponent
        .iter()
        .fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
    let public = PublicKey::from_rsa(&modulus, exponent);
    let blob = bytes("/public_key_hex")?;
    if public.blob != blob {
        return Err("the public key blob is written otherwise".to_owned());
    }
    let read = public.to_rsa().map_err(|error| error.to_string())?;
    if read != (modulus, exponent) {
        return Err("the public key blob is read otherwise".to_owned());
    }
    let session = EncryptedSessionKey {
        blob: bytes("/encrypted_session_key_hex")?,
    };
    let ciphertext = session.ciphertext().map_err(|error| error.to_string())?;
    if EncryptedSessionKey::from_ciphertext(&ciphertext) != session {
        return Err("the session key blob is written otherwise".to_owned());
    }
    Ok(())
}

fn json(path: &Path) -> Result<Json, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

fn hex(digits: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> = digits
        .bytes()
        .filter(|b| !b.is_ascii_whitespace())
        .collect();
    digits
        .chunks(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).unwrap_or_default();
            u8::from_str_radix(pair, 16).map_err(|error| error.to_string())
        })
        .collect()
}
