//! Recordings of real clients and servers: each core, put in the place of one of them, does what
//! that one did.

#[path = "../../examples/vectors/as_client.rs"]
mod as_client;
#[path = "../../examples/vectors/as_server.rs"]
mod as_server;
#[path = "../../examples/vectors/recording.rs"]
pub(crate) mod recording;

use std::path::Path;

use recording::{Step, steps};

pub(crate) fn recordings() -> Vec<(String, Vec<Step>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pwsh/exchanges");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() > 15);
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, steps(&std::fs::read_to_string(path).unwrap()))
    };
    paths.iter().map(read).collect()
}

#[test]
fn a_client_core_hears_what_the_recorded_client_heard() {
    for (name, steps) in recordings() {
        as_client::play(&name, &steps);
    }
}

#[test]
fn a_server_core_says_what_the_recorded_server_said() {
    for (name, steps) in recordings() {
        as_server::play(&name, &steps);
    }
}
