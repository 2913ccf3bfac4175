//! Typed bodies: what PowerShell reads is read, what it refuses is refused, and what is written
//! are its bytes.

use base64_simd::STANDARD as BASE64;
use bytes::{Bytes, BytesMut};
use psrp_codec::{
    Decode, Destination, Encode, ErrorCategory, ErrorRecord, HostDefaultData, HostInfo,
    InformationalRecord, InitRunspacePool, Limits, Member, Message, MessageBody, MessageKind,
    Object, ObjectId, OwnedMessage, PipelineId, PipelineState, PipelineStateInfo, PoolId,
    ProgressRecord, ProgressRecordType, Reassembler, RunspacePoolInitData, SecureString,
    SessionCapability, Value, Version,
    clixml::{Parsed, Tape},
    fragment::UnsentMessage,
    message::BYTE_ORDER_MARK,
    out_of_process::{LinePacket, LineStream, write_data},
    record::InformationalKind,
    split,
};
use uuid::Uuid;

use crate::sample::{Sample, read, sample, samples, written};
use crate::testdata::hex;

fn body(sample: &Sample) -> MessageBody {
    let value = (!sample.xml.is_empty()).then(|| read(&sample.xml));
    MessageBody::from_value(sample.kind, value.as_ref()).unwrap()
}

#[test]
fn every_message_type_comes_back_from_its_typed_body_byte_for_byte() {
    for sample in samples() {
        let back = body(&sample).to_value();
        let back = back.as_ref().map(written).unwrap_or_default();
        assert_eq!(back, sample.xml, "{}", sample.name);
    }
}

#[test]
fn every_kind_that_is_sent_has_a_sample() {
    let samples = samples();
    for kind in MessageKind::ALL {
        let never_sent = matches!(kind, MessageKind::CloseSession | MessageKind::StopPipeline);
        let sampled = samples.iter().any(|sample| sample.kind == *kind);
        assert_eq!(sampled, !never_sent, "{kind}");
    }
}

#[test]
fn a_message_cut_short_at_any_byte_is_an_error() {
    for sample in samples().iter().filter(|sample| !sample.xml.is_empty()) {
        let mut wire = BytesMut::new();
        let message = Message::new(Destination::Client, sample.kind);
        message.encode_with_clixml(sample.xml.as_bytes(), &mut wire);
        for len in Message::HEADER_LEN + 1..wire.len() {
            let (cut, _) = Message::decode(&wire[..len]).unwrap();
            assert!(
                cut.body(&Limits::default()).is_err(),
                "{} at {len}",
                sample.name
            );
        }
    }
}

/// What a message may leave out.
const OPTIONAL: &[(MessageKind, &str)] = &[
    (MessageKind::ConnectRunspacePool, "MinRunspaces"),
    (MessageKind::ConnectRunspacePool, "MaxRunspaces"),
    (MessageKind::RunspacePoolState, "ExceptionAsErrorRecord"),
    (MessageKind::PipelineState, "ExceptionAsErrorRecord"),
    (MessageKind::CreatePipeline, "IsNested"),
    (MessageKind::GetCommandMetadata, "FullyQualifiedModule"),
    (MessageKind::RunspacePoolHostResponse, "mr"),
    (MessageKind::PipelineHostResponse, "mr"),
    (MessageKind::PipelineHostResponse, "me"),
    (MessageKind::ErrorRecord, "InvocationInfo"),
];

/// What a message may have of any type.
const ANY_TYPE: &[&str] = &[
    "PSEventArgs.Sender",
    "PSEventArgs.MessageData",
    "ArgumentList",
    "FullyQualifiedModule",
    "Exception",
    "TargetObject",
    "InvocationInfo",
    "MessageData",
];

#[test]
fn a_property_that_is_missing_is_an_error_unless_it_is_optional() {
    for (sample, name, broken) in each_property(|members, at| {
        members.remove(at);
    }) {
        let result = MessageBody::from_value(sample.kind, Some(&broken));
        let optional = OPTIONAL.contains(&(sample.kind, name.as_str()));
        assert_eq!(result.is_ok(), optional, "{} without {name}", sample.name);
    }
}

#[test]
fn a_property_of_another_type_is_an_error() {
    for (sample, name, broken) in each_property(|members, at| {
        let Member::Property(property) = &mut members[at] else {
            panic!("a set of members")
        };
        property.value = Value::Double(1.5);
    }) {
        let result = MessageBody::from_value(sample.kind, Some(&broken));
        let any = ANY_TYPE.contains(&name.as_str());
        assert_eq!(result.is_ok(), any, "{} with {name}", sample.name);
    }
}

#[test]
fn an_unknown_property_is_passed_over() {
    for (sample, name, broken) in each_property(|members, at| {
        let unknown = ("Unknown", Value::from(1)).into();
        members.insert(at, Member::Property(unknown));
    }) {
        let result = MessageBody::from_value(sample.kind, Some(&broken));
        assert!(result.is_ok(), "{} before {name}", sample.name);
    }
}

#[test]
fn property_names_are_found_in_any_case() {
    for sample in samples().iter().filter(|sample| !sample.xml.is_empty()) {
        // Members of host types are .NET fields, whose names are exact.
        if sample.xml.contains("HostInfo") || sample.xml.contains("\"label\"") {
            continue;
        }
        let mut pieces = sample.xml.split(" N=\"");
        let mut upper = pieces.next().unwrap().to_owned();
        for piece in pieces {
            let (name, rest) = piece.split_once('"').unwrap();
            upper += &format!(" N=\"{}\"{rest}", name.to_uppercase());
        }
        let read = MessageBody::from_value(sample.kind, Some(&read(&upper))).unwrap();
        // The exception keeps its own spelling, and so does what travels as it is.
        let kept = [
            "ErrorRecord",
            "PipelineOutput",
            "PipelineInput",
            "ExceptionAsErrorRecord",
        ];
        let debug = format!("{read:?}");
        if !kept.iter().any(|each| debug.contains(each)) && !debug.contains("Err(") {
            assert_eq!(read, body(sample), "{}", sample.name);
        }
    }
}

/// Every sample changed at each of its properties: sample, property, changed value.
fn each_property(change: impl Fn(&mut Vec<Member>, usize)) -> Vec<(Sample, String, Value)> {
    let mut all = Vec::new();
    for sample in samples() {
        if sample.xml.is_empty() || !sample.xml.starts_with("<Obj") {
            continue;
        }
        let value = read(&sample.xml);
        let count = value.as_object().unwrap().extended.as_ref().unwrap().len();
        for at in 0..count {
            let mut broken = value.clone();
            let Value::Object(object) = &mut broken else {
                panic!("not an object")
            };
            let members = object.extended.as_mut().unwrap();
            let Member::Property(property) = &members[at] else {
                panic!("a set of members")
            };
            let name = property.name.to_string_lossy().into_owned();
            change(members, at);
            let sample = Sample {
                kind: sample.kind,
                name: sample.name.clone(),
                xml: sample.xml.clone(),
            };
            all.push((sample, name, broken));
        }
    }
    assert!(all.len() > 100);
    all
}

#[test]
fn integers_are_not_widened() {
    let value = read(
        r#"<Obj RefId="0"><MS><I64 N="MinRunspaces">1</I64><I32 N="MaxRunspaces">5</I32></MS></Obj>"#,
    );
    let error = RunspacePoolInitData::from_value(&value).unwrap_err();
    assert_eq!(
        error.to_string(),
        "RUNSPACEPOOL_INIT_DATA: the property MinRunspaces is a I64, not a I32"
    );
}

#[test]
fn errors_name_what_is_missing() {
    let error = SessionCapability::from_value(&Object::bag().into()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "SESSION_CAPABILITY: the property protocolversion is missing"
    );
    let error = SessionCapability::from_value(&Value::from("text")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "SESSION_CAPABILITY: the property (value) is a S, not a Obj"
    );
}

#[test]
fn errors_in_the_data_say_at_which_byte_of_the_message() {
    let mut wire = BytesMut::new();
    let message = Message::new(Destination::Server, MessageKind::PipelineInput);
    message.encode_with_clixml(b"<I32>one</I32>", &mut wire);
    let (message, _) = Message::decode(&wire).unwrap();
    let error = message.value(&Limits::default()).unwrap_err();
    let offset = error.offset().unwrap();
    assert!((43..wire.len()).contains(&offset), "{error}");
}

#[test]
fn the_section_17_message_is_written_byte_for_byte() {
    let pool = Uuid::parse_str("00112233-4455-6677-8899-aabbccddeeff").unwrap();
    let message = Message::new(Destination::Server, MessageKind::SessionCapability)
        .in_pool(PoolId::new(pool).unwrap());
    let capability = SessionCapability::new(Version::new(2, 3));
    let mut wire = BytesMut::new();
    message.encode_with_value(&capability.to_value(), &mut wire);
    let header =
        "02000000 02000100 33221100554477668899aabbccddeeff 00000000000000000000000000000000";
    assert_eq!(wire.len(), 202);
    assert_eq!(wire[..40], hex(header));
    assert_eq!(&wire[40..43], BYTE_ORDER_MARK);
    assert_eq!(&wire[43..], sample("SESSION_CAPABILITY").xml.as_bytes());
    let owned = OwnedMessage::decode(&wire.clone().freeze()).unwrap();
    let encoded = owned.encoded().unwrap().unwrap();
    assert_eq!(
        encoded.as_bytes(),
        sample("SESSION_CAPABILITY").xml.as_bytes()
    );
    assert_eq!(owned.as_message().encoded_len(), 202);
}

#[test]
fn a_message_is_decoded_without_allocating() {
    let mut wire = BytesMut::new();
    Message::new(Destination::Client, MessageKind::PipelineOutput)
        .encode_with_clixml(b"<S>text</S>", &mut wire);
    let info = allocation_counter::measure(|| {
        let (message, _) = Message::decode(&wire).unwrap();
        assert_eq!(message.clixml().unwrap(), Some(&b"<S>text</S>"[..]));
    });
    assert_eq!(info.count_total, 0);
}

#[test]
fn the_borrowed_way_from_packets_to_values_allocates_nothing_for_each_message() {
    let mut packet = BytesMut::new();
    let mut object = ObjectId::FIRST;
    for number in 0..64 {
        let value = Object::bag()
            .property("Name", "pwsh")
            .property("Id", number);
        let mut wire = BytesMut::new();
        Message::new(Destination::Client, MessageKind::PipelineOutput)
            .encode_with_value(&value.into(), &mut wire);
        for fragment in split(object, &wire, 32_768) {
            fragment.encode(&mut packet);
        }
        object = object.next();
    }
    let limits = Limits::default();
    let mut received = packet.freeze();
    let mut reassembler = Reassembler::new(&limits);
    let mut tape = Tape::default();
    let mut look = |wire: &[u8]| {
        let (message, _) = Message::decode(wire).unwrap();
        let node = tape
            .parse(message.clixml().unwrap().unwrap(), &limits)
            .unwrap();
        node.get("id").is_some()
    };
    // The first one warms the tape and gives the buffer its counter.
    assert!(look(&reassembler.push(&mut received).unwrap().unwrap()));
    let mut seen = 0;
    let info = allocation_counter::measure(|| {
        while let Some(wire) = reassembler.push(&mut received).unwrap() {
            assert!(look(&wire));
            seen += 1;
        }
    });
    assert_eq!((seen, info.count_total), (63, 0));
}

#[test]
fn null_travels_as_a_message_without_data() {
    let mut wire = BytesMut::new();
    let pipeline = PipelineId::new(Uuid::from_u128(7)).unwrap();
    Message::new(Destination::Client, MessageKind::PipelineOutput)
        .of_pipeline(pipeline)
        .encode_with_value(&Value::Null, &mut wire);
    assert_eq!(wire.len(), Message::HEADER_LEN);
    let (message, _) = Message::decode(&wire).unwrap();
    assert_eq!(
        message.body(&Limits::default()),
        Ok(MessageBody::PipelineOutput(Value::Null))
    );
    let owned = OwnedMessage::decode(&Bytes::from(wire)).unwrap();
    assert_eq!(owned.encoded(), Ok(None));
}

#[test]
fn only_some_messages_may_come_without_data() {
    let allowed = [
        MessageKind::PipelineInput,
        MessageKind::PipelineOutput,
        MessageKind::EndOfPipelineInput,
        MessageKind::CloseSession,
        MessageKind::StopPipeline,
    ];
    for kind in MessageKind::ALL {
        let result = MessageBody::from_value(*kind, None);
        assert_eq!(result.is_ok(), allowed.contains(kind), "{kind}");
    }
}

#[test]
fn a_server_that_swaps_the_sizes_is_understood() {
    let swapped = RunspacePoolInitData {
        min_runspaces: 2,
        max_runspaces: 1,
    };
    assert_eq!(swapped.size(), (1, 2));
}

#[test]
fn the_opening_of_a_pool_is_written_as_powershell_writes_it() {
    let value = InitRunspacePool::new().to_value();
    assert_eq!(written(&value), sample("INIT_RUNSPACEPOOL").xml);
}

#[test]
fn an_error_record_is_written_as_powershell_writes_it() {
    let record = ErrorRecord::new(
        "System.Exception",
        "boom",
        "boom",
        ErrorCategory::NOT_SPECIFIED,
    );
    assert_eq!(written(&record.to_value()), sample("ERROR_RECORD").xml);
    assert_eq!(record.message().unwrap(), "boom");
    let failed = PipelineStateInfo::because(PipelineState::Failed, record);
    assert_eq!(
        written(&failed.to_value()),
        sample("PIPELINE_STATE (failed)").xml
    );
}

#[test]
fn messages_and_progress_are_written_as_powershell_writes_them() {
    let warning = InformationalRecord::new("w").to_value(InformationalKind::Warning);
    assert_eq!(written(&warning), sample("WARNING_RECORD").xml);
    let progress = ProgressRecord {
        percent_complete: 50,
        ..ProgressRecord::new("act", 0, "status")
    };
    assert_eq!(written(&progress.to_value()), sample("PROGRESS_RECORD").xml);
    let done = ProgressRecord {
        kind: ProgressRecordType::COMPLETED,
        ..ProgressRecord::new("", 0, "")
    };
    let done = done.to_value();
    // A PowerShell client does not take empty ones.
    assert_eq!(done.get("Activity"), Some(&Value::from(" ")));
    assert_eq!(done.get("StatusDescription"), Some(&Value::from(" ")));
}

#[test]
fn host_info_takes_no_unknown_and_no_null_members() {
    let init = written(&InitRunspacePool::new().to_value());
    for (wrong, why) in [
        (
            r#"<B N="_isHostnull">true</B>"#,
            "HostInfo: the member _isHostnull is not a value this can have",
        ),
        (
            r#"<Nil N="_isHostNull" />"#,
            "HostInfo: the property _isHostNull is a Nil, not a B",
        ),
    ] {
        let xml = init.replace(r#"<B N="_isHostNull">true</B>"#, wrong);
        let error = InitRunspacePool::from_value(&read(&xml)).unwrap_err();
        assert_eq!(error.to_string(), why);
    }
    let missing = init.replace(r#"<B N="_isHostNull">true</B>"#, "");
    let read = InitRunspacePool::from_value(&read(&missing)).unwrap();
    assert_eq!(
        read.host_info,
        HostInfo {
            is_host_null: false,
            ..HostInfo::none()
        }
    );
}

/// .NET has no type for null, so PowerShell wraps none around it.
#[test]
fn a_console_without_a_title_has_no_title() {
    let data = HostDefaultData {
        cursor_size: Some(25),
        ..HostDefaultData::default()
    };
    let mut init = InitRunspacePool::new();
    init.host_info = HostInfo::console(data);
    let xml = written(&init.to_value()).replace(
        "<DCT>",
        r#"<DCT><En><I32 N="Key">9</I32><Nil N="Value" /></En>"#,
    );
    assert_eq!(InitRunspacePool::from_value(&read(&xml)), Ok(init));
}

/// What is printed ends in a log.
#[test]
fn bytes_of_the_wire_are_counted_and_not_printed() {
    const SECRET: &str = "UABAAHMAcwB3ADAAcgBkACEA";
    let mut wire = BytesMut::new();
    Message::new(Destination::Server, MessageKind::PipelineInput)
        .encode_with_value(&SecureString::new(SECRET).into(), &mut wire);
    let wire = wire.freeze();
    let owned = OwnedMessage::decode(&wire).unwrap();
    let encoded = owned.encoded().unwrap().unwrap();
    let xml = encoded.clone().into_bytes();
    let parsed = Parsed::new(xml.clone(), &Limits::default()).unwrap();
    let mut tape = Tape::default();
    let node = format!("{:?}", tape.parse(&xml, &Limits::default()).unwrap());
    let mut packet = BytesMut::new();
    let fragments = split(ObjectId::FIRST, &wire, 80);
    fragments.clone().for_each(|each| each.encode(&mut packet));
    let mut reassembler = Reassembler::default();
    reassembler.push(&mut packet.freeze().slice(..100)).unwrap();
    let mut line = Vec::new();
    write_data(LineStream::Default, None, &wire, &mut line);
    let printed = [
        format!("{:?}", owned.as_message()),
        format!("{owned:?}"),
        format!("{encoded:?}"),
        format!("{:?}", encoded.decode(&Limits::default()).unwrap()),
        format!("{parsed:?}"),
        node,
        format!("{:?}", fragments.clone().next().unwrap()),
        format!("{fragments:?}"),
        format!("{:?}", UnsentMessage::new(ObjectId::FIRST, wire.clone())),
        format!("{reassembler:?}"),
        format!(
            "{:?}",
            LinePacket::parse(&line, &Limits::default()).unwrap()
        ),
    ];
    let base64 = BASE64.encode_to_string(&wire);
    let numbers = format!("{:?}", &wire[50..58]);
    for printed in printed {
        for secret in [
            &SECRET[..4],
            &base64[60..64],
            numbers.trim_matches(['[', ']']),
        ] {
            assert!(!printed.contains(secret), "{printed}");
        }
        assert!(printed.len() < 400, "{printed}");
    }
}
