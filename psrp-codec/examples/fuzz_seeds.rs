//! Writes what the fuzz targets begin with: `psrp-codec-fuzz-seeds FOLDER` makes a folder there for each
//! target and fills it from the recordings in `testdata`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64_simd::STANDARD as BASE64;
use bytes::{Bytes, BytesMut};
use psrp_codec::{
    Decode, Destination, Encode, Fragment, Limits, Message, MessageKind, ObjectId, Reassembler,
    out_of_process::{LinePacket, LinePacketKind, LineStream, write_data},
    split,
};
use serde_json::Value as Json;

/// What is longer costs the search more than it teaches.
const LONGEST: usize = 8 * 1024;
/// Bytes of one packet where a seed is a whole stream.
const PACKET: u8 = 64;

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("usage: psrp-codec-fuzz-seeds FOLDER");
        return ExitCode::from(2);
    };
    match Seeds::new(Path::new(&folder)).write_all() {
        Ok(count) => {
            println!("{count} seeds");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

struct Seeds {
    folder: PathBuf,
    written: HashSet<(&'static str, Vec<u8>)>,
}

impl Seeds {
    fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
            written: HashSet::new(),
        }
    }

    fn write_all(&mut self) -> std::io::Result<usize> {
        self.streams()?;
        self.table_of_messages()?;
        self.lines()?;
        self.values()?;
        Ok(self.written.len())
    }

    /// A seed of `target`, unless it is long or there already.
    fn add(&mut self, target: &'static str, bytes: &[u8]) -> std::io::Result<()> {
        if bytes.len() > LONGEST || !self.written.insert((target, bytes.to_vec())) {
            return Ok(());
        }
        let folder = self.folder.join(target);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(format!("{:05}", self.written.len())), bytes)
    }

    /// The recorded fragments.
    fn streams(&mut self) -> std::io::Result<()> {
        for path in files("psrp", "hex")? {
            let text = std::fs::read_to_string(path)?;
            self.stream(&text.lines().flat_map(hex).collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// Fragments, as they follow each other, and what is in them.
    fn stream(&mut self, stream: &[u8]) -> std::io::Result<()> {
        let mut packets = vec![PACKET];
        packets.extend_from_slice(stream);
        self.add("reassembly", &packets)?;
        let mut rest = stream;
        while let Ok((_, after)) = Fragment::decode(rest) {
            self.add("fragment", &rest[..rest.len() - after.len()])?;
            rest = after;
        }
        let mut line = Vec::new();
        write_data(LineStream::Default, None, stream, &mut line);
        self.add("line_packet", &line)?;
        let base64 = BASE64.encode_to_string(stream);
        let envelope = format!(
            "<s:Envelope><a:Action>x/Send</a:Action><rsp:Stream Name=\"stdin\">{base64}</rsp:Stream></s:Envelope>"
        );
        for capture in [stream, &line, base64.as_bytes(), envelope.as_bytes()] {
            self.add("explain", capture)?;
        }
        let mut received = Bytes::copy_from_slice(stream);
        let mut reassembler = Reassembler::default();
        while let Ok(Some(message)) = reassembler.push(&mut received) {
            self.add("message", &message)?;
        }
        Ok(())
    }

    /// One message of each kind.
    fn table_of_messages(&mut self) -> std::io::Result<()> {
        for row in std::fs::read_to_string(testdata("messages.tsv"))?
            .lines()
            .skip(1)
        {
            let columns: Vec<_> = row.split('\t').collect();
            let number = columns[0].trim_start_matches("0x");
            let kind = MessageKind::from_u32(u32::from_str_radix(number, 16).unwrap_or_default());
            let mut wire = BytesMut::new();
            Message::new(Destination::Client, kind)
                .encode_with_clixml(columns.get(3).unwrap_or(&"").as_bytes(), &mut wire);
            let mut stream = BytesMut::new();
            for fragment in split(ObjectId::FIRST, &wire, 1024) {
                fragment.encode(&mut stream);
            }
            self.stream(&stream)?;
        }
        Ok(())
    }

    /// The recorded line packets.
    fn lines(&mut self) -> std::io::Result<()> {
        // Many lines differ in nothing but their ids: one of each kind and length will do.
        let mut known = HashSet::new();
        for path in files_below(&testdata("pwsh/exchanges"), "jsonl")? {
            for line in std::fs::read_to_string(path)?.lines() {
                let Some(line) = text_of(line, "line") else {
                    continue;
                };
                let start = line.get(..12).unwrap_or(&line).to_owned();
                if !known.insert((start, line.len() / 64)) {
                    continue;
                }
                self.add("line_packet", format!("{line}\n").as_bytes())?;
                if let Ok(packet) = LinePacket::parse(line.as_bytes(), &Limits::default())
                    && let LinePacketKind::Data { payload, .. } = packet.kind
                    && let Ok(stream) = payload.decode()
                {
                    self.stream(&stream)?;
                }
            }
        }
        Ok(())
    }

    /// CLIXML of every form, good and bad.
    fn values(&mut self) -> std::io::Result<()> {
        for path in files("clixml", "xml")? {
            self.value(&std::fs::read(path)?)?;
        }
        for row in std::fs::read_to_string(testdata("clixml.tsv"))?
            .lines()
            .skip(1)
        {
            self.value(row.split('\t').nth(4).unwrap_or_default().as_bytes())?;
        }
        for path in files("pwsh/clixml", "jsonl")? {
            for line in std::fs::read_to_string(path)?.lines() {
                if let Some(xml) = text_of(line, "xml") {
                    self.value(xml.as_bytes())?;
                } else if let Some(digits) = text_of(line, "hex") {
                    self.value(&hex(&digits))?;
                }
            }
        }
        Ok(())
    }

    fn value(&mut self, xml: &[u8]) -> std::io::Result<()> {
        let is_document = xml.windows(5).any(|piece| piece == b"<Objs");
        self.add(
            if is_document {
                "clixml_document"
            } else {
                "clixml"
            },
            xml,
        )?;
        self.add("clixml_quick_xml", xml)
    }
}

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(name)
}

fn files(folder: &str, ending: &str) -> std::io::Result<Vec<PathBuf>> {
    files_below(&testdata(folder), ending)
}

/// The files with this ending in a folder and in those below it, in an order that stays.
fn files_below(folder: &Path, ending: &str) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_below(&path, ending)?);
        } else if path.extension().is_some_and(|found| found == ending) {
            found.push(path);
        }
    }
    Ok(found)
}

/// The text of one field of a line of JSON, where it has that field.
fn text_of(line: &str, field: &str) -> Option<String> {
    let json: Json = serde_json::from_str(line).ok()?;
    json[field].as_str().map(str::to_owned)
}

fn hex(digits: &str) -> Vec<u8> {
    digits
        .trim()
        .as_bytes()
        .chunks(2)
        .filter_map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
