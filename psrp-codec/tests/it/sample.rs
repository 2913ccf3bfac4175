//! A good value of each message type, from `testdata/messages.tsv`.

use bytes::BytesMut;
use psrp_codec::{Limits, MessageKind, Value, clixml};

use crate::testdata::text;

/// A row of `messages.tsv`.
pub(crate) struct Sample {
    pub(crate) kind: MessageKind,
    pub(crate) name: String,
    pub(crate) xml: String,
}

pub(crate) fn samples() -> Vec<Sample> {
    let table = text("messages.tsv");
    let samples: Vec<_> = table
        .lines()
        .skip(1)
        .map(|line| {
            let columns: Vec<_> = line.split('\t').collect();
            let number = columns[0].strip_prefix("0x").unwrap();
            Sample {
                kind: MessageKind::from_u32(u32::from_str_radix(number, 16).unwrap()),
                name: columns[2].to_owned(),
                xml: columns.get(3).copied().unwrap_or_default().to_owned(),
            }
        })
        .collect();
    assert_eq!(samples.len(), 37);
    samples
}

pub(crate) fn sample(name: &str) -> Sample {
    samples().into_iter().find(|row| row.name == name).unwrap()
}

pub(crate) fn read(xml: &str) -> Value {
    clixml::read(xml.as_bytes(), &Limits::default()).unwrap()
}

pub(crate) fn written(value: &Value) -> String {
    let mut out = BytesMut::new();
    clixml::write(value, &mut out);
    String::from_utf8(out.to_vec()).unwrap()
}
