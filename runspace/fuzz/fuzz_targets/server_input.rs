#![no_main]

use std::time::Instant;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| runspace::fuzzing::server_input(data, Instant::now()));
