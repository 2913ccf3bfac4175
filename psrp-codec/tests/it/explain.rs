//! The account of a capture: whatever it is, and whatever is wrong with it.

use base64_simd::STANDARD as BASE64;
use bytes::BytesMut;
use psrp_codec::{
    Destination, Encode, Fragment, Message, MessageKind, ObjectId, PipelineState,
    PipelineStateInfo, SecureString, Value,
    explain::{ExplainOptions, explain},
    out_of_process::{LineStream, write_data},
    split,
};

use crate::testdata::{folder, text};

fn message(value: &Value) -> Vec<u8> {
    let mut wire = BytesMut::new();
    Message::new(Destination::Client, MessageKind::PipelineOutput)
        .encode_with_value(value, &mut wire);
    wire.to_vec()
}

fn fragments(message: &[u8], max_len: usize) -> Vec<u8> {
    let mut wire = BytesMut::new();
    for fragment in split(ObjectId::FIRST, message, max_len) {
        fragment.encode(&mut wire);
    }
    wire.to_vec()
}

fn account(capture: &[u8]) -> String {
    explain(capture, &ExplainOptions::default())
}

const OUTPUT: &str = "PIPELINE_OUTPUT from server to client\n";

#[test]
fn every_form_of_a_capture_is_recognised() {
    let message = message(&Value::from("text"));
    let wire = fragments(&message, 32_768);
    let digits: String = wire.iter().map(|byte| format!("{byte:02X} ")).collect();
    let dump: String = (0..)
        .zip(wire.chunks(16))
        .map(|(number, bytes)| format!("{:08x}: {}\n", number * 16, hex_words(bytes)))
        .collect();
    let windows: Vec<u8> = [0xFEFF]
        .into_iter()
        .chain(digits.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let base64 = BASE64.encode_to_string(&wire);
    let mut line = Vec::new();
    write_data(LineStream::Default, None, &wire, &mut line);
    let envelope = format!(
        "HTTP/1.1 200 OK\r\n\r\n<s:Envelope><s:Header><a:Action>http://x/wsman/shell/ReceiveResponse\
         </a:Action></s:Header><rsp:Stream Name=\"stdout\" CommandId=\"C1\">{base64}</rsp:Stream>\
         <rsp:Stream Name=\"stdout\" End=\"true\"></rsp:Stream></s:Envelope>"
    );
    let logged = format!(
        "{{\"body\": {}}}",
        serde_json::Value::from(envelope.clone())
    );
    for (form, capture, start) in [
        (
            "binary",
            wire.clone(),
            "75 bytes\n  fragment 1.0, start and end",
        ),
        ("a message", message, "54 bytes\n  PIPELINE_OUTPUT"),
        (
            "hexadecimal",
            digits.into(),
            "hexadecimal digits for 75 bytes\n  fragment",
        ),
        (
            "a dump",
            dump.into(),
            "a hexadecimal dump of 75 bytes\n  fragment",
        ),
        (
            "UTF-16",
            windows,
            "hexadecimal digits for 75 bytes\n  fragment",
        ),
        ("base64", base64.into(), "base64 for 75 bytes\n  fragment"),
        ("a line", line, "line 1: Data for the session\n  fragment"),
        (
            "an envelope",
            envelope.into(),
            "byte 41: envelope \"ReceiveResponse\"\n  byte ",
        ),
        (
            "a log",
            logged.into(),
            "byte 55: envelope \"ReceiveResponse\"\n  byte ",
        ),
    ] {
        let account = account(&capture);
        assert!(account.starts_with(start), "{form}: {account}");
        assert!(account.contains(OUTPUT), "{form}: {account}");
        assert!(account.ends_with("value: \"text\"\n"), "{form}: {account}");
    }
    assert_eq!(
        account(b"\xef\xbb\xbf<I32>5</I32>"),
        "a value in CLIXML\n  value: 5 (I32)\n"
    );
    assert_eq!(account(b" \n"), "nothing\n");
}

fn hex_words(bytes: &[u8]) -> String {
    let words = bytes.chunks(2).map(|pair| {
        let digits = pair.iter().map(|byte| format!("{byte:02x}"));
        digits.collect::<String>()
    });
    words.collect::<Vec<_>>().join(" ") + "  0123456789abcdef"
}

#[test]
fn what_a_child_process_wrote_is_told_apart_by_stream() {
    let document = "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">\
                    <S S=\"Error\">bad</S><I32>1</I32></Objs>";
    let values = "  [0] Error: \"bad\"\n  [1]: 1 (I32)\n";
    assert_eq!(
        account(format!("#< CLIXML\r\n{document}").as_bytes()),
        format!("what a child process wrote in CLIXML\n{values}")
    );
    assert_eq!(
        account(document.as_bytes()),
        format!("a value in CLIXML\n{values}")
    );
    // Of a file it is the file's error that helps.
    let broken = account(document.replace("</Objs>", "<Foo/></Objs>").as_bytes());
    assert!(broken.contains("trouble: "), "{broken}");
    assert!(!broken.contains("byte 1:"), "{broken}");
}

#[test]
fn what_is_broken_is_named_and_the_account_goes_on() {
    let good = message(&Value::from(1));
    let mut log = Vec::new();
    log.extend_from_slice(b"Last login: today\n");
    log.extend_from_slice(b"<Data Stream='Default' PSGuid='nobody'>AAAA</Data>\n");
    log.extend_from_slice(b"__NamedPipeError__:it broke\n");
    let mut bad = good.clone();
    let at = bad.len() - 4;
    bad[at] = b'<';
    write_data(
        LineStream::Default,
        None,
        &fragments(&bad, 32_768),
        &mut log,
    );
    write_data(
        LineStream::PromptResponse,
        None,
        &fragments(&good, 32_768),
        &mut log,
    );
    let account = account(&log);
    for part in [
        "line 1: no packet: \"Last login: today\"\n",
        "trouble: line 2: line packet at byte 23: not a GUID\n",
        "line 3: error \"it broke\"\n",
        "      trouble: CLIXML at byte ",
        "line 5: Data for the session, stream PromptResponse\n",
        "      value: 1 (I32)\n",
    ] {
        assert!(account.contains(part), "{part:?} is not in {account}");
    }
}

#[test]
fn fragments_that_packets_cut_are_joined() {
    let wire = fragments(&message(&Value::from("a text of some length")), 40);
    let mut log = Vec::new();
    for piece in wire.chunks(33) {
        write_data(LineStream::Default, None, piece, &mut log);
    }
    let whole = account(&log);
    assert!(
        whole.ends_with("value: \"a text of some length\"\n"),
        "{whole}"
    );
    assert!(!whole.contains("trouble"), "{whole}");
    let cut = account(&wire[..wire.len() - 1]);
    assert!(
        cut.contains("trouble: the end of message 1 is missing\n"),
        "{cut}"
    );
    assert!(cut.contains("bytes are left of a fragment\n"), "{cut}");
}

#[test]
fn both_directions_of_a_stream_do_not_disturb_each_other() {
    let one = message(&Value::from("one"));
    let mut first = split(ObjectId::FIRST, &one, 60);
    let second = Fragment {
        object: ObjectId::FIRST.next(),
        ..split(ObjectId::FIRST, &one, 1000).next().unwrap()
    };
    let mut wire = BytesMut::new();
    first.next().unwrap().encode(&mut wire);
    second.encode(&mut wire);
    first.next().unwrap().encode(&mut wire);
    let account = account(&wire);
    assert_eq!(account.matches("value: \"one\"").count(), 2, "{account}");
    assert!(!account.contains("trouble"), "{account}");
}

#[test]
fn secrets_are_counted_and_not_shown() {
    let secret = Value::SecureString(SecureString::new("c2VjcmV0"));
    let mut wire = message(&secret);
    assert!(account(&wire).contains("value: 8 characters, not shown (SS)\n"));
    wire.truncate(wire.len() - 2);
    let broken = account(&wire);
    assert!(broken.contains("trouble"), "{broken}");
    assert!(!broken.contains("c2Vj"), "{broken}");
}

#[test]
fn an_account_keeps_to_its_limits() {
    let list = Value::list((0..1000).map(|_| Value::from("x".repeat(1000))));
    let wire = message(&list);
    let mut options = ExplainOptions::default();
    options.items = 3;
    options.text = 5;
    let account = explain(&wire, &options);
    assert!(
        account.contains("[2]: \"xxxxx\" and 995 bytes more\n"),
        "{account}"
    );
    assert!(account.contains("and 997 items more\n"), "{account}");
    options.lines = 4;
    let account = explain(&wire, &options);
    assert_eq!(account.lines().count(), 5, "{account}");
    assert!(account.ends_with("… and more than fits the limit of lines\n"));
}

#[test]
fn nothing_in_a_capture_moves_the_cursor() {
    let mut wire = message(&Value::from("\u{1b}[2Jgone\u{202e}"));
    assert!(account(&wire).contains(r#"value: "\u{1b}[2Jgone\u{202e}""#));
    wire.extend_from_slice(b"\x1b[2J");
    let account = account(&wire);
    assert!(
        account.chars().all(|c| c == '\n' || !c.is_control()),
        "{account:?}"
    );
}

#[test]
fn colors_change_nothing_but_colors() {
    let wire = message(&Value::from("text"));
    let mut options = ExplainOptions::default();
    options.color = true;
    let mut colored = explain(&wire, &options);
    assert!(colored.contains("\x1b[1;36mPIPELINE_OUTPUT\x1b[0m from"));
    for code in ["\x1b[1;36m", "\x1b[2m", "\x1b[32m", "\x1b[1;31m", "\x1b[0m"] {
        colored = colored.replace(code, "");
    }
    assert_eq!(colored, account(&wire));
}

#[test]
fn recordings_are_explained_without_trouble() {
    let mut seen = 0;
    for scenario in [
        "7.6-7.6/streams",
        "7.6-7.6/host-calls",
        "7.5-7.5/secure-string",
    ] {
        for number in 1.. {
            let name = format!("pwsh/exchanges/{scenario}/transcript-{number}.jsonl");
            if !folder(&name).exists() {
                break;
            }
            let account = account(text(&name).as_bytes());
            assert!(!account.contains("trouble"), "{name}: {account}");
            seen += 1;
        }
    }
    assert!(seen >= 3);
}

#[test]
fn a_command_that_begins_in_its_arguments_goes_on_in_what_is_sent_to_it() {
    let wire = fragments(&message(&Value::from("text")), 60);
    let (first, rest) = wire.split_at(60);
    let envelopes = format!(
        "<s:Envelope><a:Action>http://x/Command</a:Action>\
         <rsp:CommandLine CommandId=\"ab-1\"><rsp:Command/><rsp:Arguments>{}</rsp:Arguments></rsp:CommandLine></s:Envelope>\
         <s:Envelope><rsp:Stream Name=\"stdin\" CommandId=\"AB-1\">{}</rsp:Stream></s:Envelope>",
        BASE64.encode_to_string(first),
        BASE64.encode_to_string(rest)
    );
    let account = account(envelopes.as_bytes());
    assert!(
        account.contains("Arguments for command \"ab-1\""),
        "{account}"
    );
    assert!(account.contains(OUTPUT), "{account}");
    assert!(!account.contains("trouble"), "{account}");
}

#[test]
fn states_have_names_and_fragments_that_are_cut_have_numbers() {
    let info = PipelineStateInfo::new(PipelineState::Completed);
    let mut wire = BytesMut::new();
    Message::new(Destination::Client, MessageKind::PipelineState)
        .encode_with_value(&info.to_value(), &mut wire);
    let wire = fragments(&wire, 32_768);
    let whole = account(&wire);
    assert!(
        whole.contains("state Completed\n      PipelineState: 4 (I32)\n"),
        "{whole}"
    );
    let cut = account(&wire[..wire.len() - 1]);
    let all = wire.len();
    let there = format!("{} bytes of fragment 1.0, which has {all}", all - 1);
    assert!(cut.contains(&there), "{cut}");
    // What a program writes is no fragment.
    let text = account(b"Error: it is 25 degrees in here");
    assert!(text.contains("as text: \"Error: it is"), "{text}");
    // The middle of a value may be a secret.
    for piece in [
        "UABAAHMAcwB3ADAAcgBkACEAUABAAHMA</SS> <S>",
        "P@ssw0rd!P@ssw0rd!P@ssw0rd!P@ssw0rd!",
    ] {
        assert!(!account(piece.as_bytes()).contains(&piece[..8]), "{piece}");
    }
}

#[test]
fn data_that_cannot_be_read_is_shown_where_that_is() {
    let broken = |secret: &str| {
        let list = format!("{secret}{}", "<I32>1</I32>".repeat(1000));
        let xml = format!("<Obj><LST>{list}<Foo>here</Foo></LST></Obj>");
        let mut wire = BytesMut::new();
        Message::new(Destination::Client, MessageKind::PipelineOutput)
            .encode_with_clixml(xml.as_bytes(), &mut wire);
        account(&wire)
    };
    let shown = broken("");
    assert!(shown.contains("trouble: CLIXML at byte 12053"), "{shown}");
    assert!(shown.contains("data from byte 11973 \""), "{shown}");
    assert!(shown.contains("<Foo>here</Foo></LST></Obj>\""), "{shown}");
    let hidden = broken("<SS>UABAAHMA</SS>");
    assert!(hidden.contains("data \"<Obj><LST>\""), "{hidden}");
}
