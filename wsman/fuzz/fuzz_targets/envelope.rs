#![no_main]

use libfuzzer_sys::fuzz_target;
use wsman::fuzzing::envelope_round_trip;

fuzz_target!(|data: &[u8]| envelope_round_trip(data));
