//! Line packets: what is written is read as the same, and any line is read or rejected.

use proptest::prelude::*;
use psrp_codec::{
    Limits, PipelineId,
    out_of_process::{LinePacket, LinePacketKind, LineStream, write_data},
};
use uuid::Uuid;

proptest! {
    #[test]
    fn any_bytes_come_back_from_a_data_packet(
        bytes in proptest::collection::vec(any::<u8>(), 1..2000),
        pipeline: u128,
        prompt: bool,
    ) {
        let stream = if prompt { LineStream::PromptResponse } else { LineStream::Default };
        let pipeline = PipelineId::new(Uuid::from_u128(pipeline));
        let mut line = Vec::new();
        write_data(stream, pipeline, &bytes, &mut line);
        let packet = LinePacket::parse(&line, &Limits::default()).unwrap();
        prop_assert_eq!(packet.pipeline, pipeline);
        let LinePacketKind::Data { stream: read, payload } = packet.kind else {
            panic!("not Data")
        };
        prop_assert_eq!(read, stream);
        prop_assert_eq!(payload.decode().unwrap(), bytes);
        let mut again = Vec::new();
        packet.write(&mut again);
        prop_assert_eq!(again, line);
    }

    #[test]
    fn any_line_is_read_or_rejected(line: Vec<u8>) {
        let _outcome = LinePacket::parse(&line, &Limits::default());
    }

    #[test]
    fn any_change_of_a_packet_is_read_or_rejected(at: prop::sample::Index, byte: u8) {
        let mut line = Vec::new();
        write_data(LineStream::Default, None, b"some bytes", &mut line);
        let at = at.index(line.len());
        line[at] = byte;
        if let Ok(packet) = LinePacket::parse(&line, &Limits::default()) {
            let mut again = Vec::new();
            packet.write(&mut again);
            prop_assert_eq!(LinePacket::parse(&again, &Limits::default()), Ok(packet));
        }
    }
}

#[test]
fn a_packet_cut_short_at_any_byte_is_an_error() {
    let mut line = Vec::new();
    write_data(LineStream::Default, None, b"some bytes", &mut line);
    for len in 0..line.len() - 1 {
        assert!(
            LinePacket::parse(&line[..len], &Limits::default()).is_err(),
            "{len}"
        );
    }
}

#[test]
fn a_packet_is_parsed_without_allocating() {
    let mut line = Vec::new();
    write_data(LineStream::Default, None, &[7; 32 * 1024], &mut line);
    let info = allocation_counter::measure(|| {
        LinePacket::parse(&line, &Limits::default()).unwrap();
    });
    assert_eq!(info.count_total, 0);
}
