#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| psrp_codec::fuzzing::clixml_against_quick_xml(data));
