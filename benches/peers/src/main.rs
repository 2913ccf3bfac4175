//! What is promised about speed, beside the limits and beside others who do the same.
//!
//! `peers [--judged] [--python PYTHON]`; without a Python that has psrpcore, psrpcore is left out.

mod crates_io;
mod psrpcore;

use std::path::Path;
use std::process::ExitCode;

use benches::answers::Answer;
use benches::compare::{self, Peers, Race};
use bytes::Bytes;
use psrpcore::Psrpcore;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let judged_only = arguments.iter().any(|argument| argument == "--judged");
    let python = arguments
        .iter()
        .skip_while(|argument| *argument != "--python")
        .nth(1);
    let everybody = Everybody {
        psrpcore: python.map(|python| Psrpcore::start(Path::new(python))),
    };
    compare::compare(&everybody, judged_only)
}

struct Everybody {
    psrpcore: Option<Psrpcore>,
}

impl Peers for Everybody {
    fn reassemble<'a>(&'a self, packets: &'a [Bytes], race: &mut Race<'a>) {
        crates_io::reassemble(packets, race);
        if let Some(psrpcore) = &self.psrpcore {
            psrpcore.reassemble(packets, race);
        }
    }

    fn decode<'a>(&'a self, messages: &'a [Bytes], race: &mut Race<'a>) {
        crates_io::decode(messages, race);
        if let Some(psrpcore) = &self.psrpcore {
            psrpcore.decode(messages, race);
        }
    }

    fn encode<'a>(&'a self, messages: &'a [Bytes], race: &mut Race<'a>) {
        crates_io::encode(messages, race);
        if let Some(psrpcore) = &self.psrpcore {
            psrpcore.encode(messages, race);
        }
    }

    fn receive<'a>(&'a self, answers: &'a [Answer], race: &mut Race<'a>) {
        crates_io::receive(answers, race);
    }

    fn receive_before<'a>(&'a self, answers: &'a [Answer], race: &mut Race<'a>) {
        crates_io::receive_before(answers, race);
    }

    fn notes(&self, messages: &[Bytes]) -> Vec<String> {
        crates_io::notes(messages)
    }
}
