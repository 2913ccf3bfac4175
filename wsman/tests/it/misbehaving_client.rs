//! Requests that break one rule each, and what is answered. The service goes on for the others.

use bytes::Bytes;
use proptest::prelude::*;
use wsman::fuzzing::envelope_round_trip;
use wsman::message::AnyResponse;
use wsman::soap::{EnvelopeLimits, ErrorCode, FaultCode};
use wsman::{EnvelopeHandler, Message};

use crate::soap_setup::{caller, server};

/// A Create that is right.
const CREATE: &str = r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd" xmlns:rsp="http://schemas.microsoft.com/wbem/wsman/1/windows/shell"><s:Header><a:To>http://srv01:5985/wsman?PSVersion=7.4.6</a:To><w:ResourceURI s:mustUnderstand="true">http://schemas.microsoft.com/powershell/Microsoft.PowerShell</w:ResourceURI><a:ReplyTo><a:Address s:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo><a:Action s:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/09/transfer/Create</a:Action><w:MaxEnvelopeSize s:mustUnderstand="true">512000</w:MaxEnvelopeSize><a:MessageID>uuid:00000003-0000-4000-8000-00000000C0DE</a:MessageID><w:Locale xml:lang="en-US" s:mustUnderstand="false"/><p:DataLocale xml:lang="en-US" s:mustUnderstand="false"/><w:OperationTimeout>PT60.000S</w:OperationTimeout></s:Header><s:Body><rsp:Shell ShellId="2D6534D0-6B12-40E3-B773-CBA26459CFA8"><rsp:InputStreams>stdin pr</rsp:InputStreams><rsp:OutputStreams>stdout</rsp:OutputStreams><creationXml xmlns="http://schemas.microsoft.com/powershell">aGVsbG8=</creationXml></rsp:Shell></s:Body></s:Envelope>"#;

async fn answer(envelope: impl Into<Bytes>) -> (u16, Message) {
    let reply = server().handle(caller("alice"), envelope.into()).await;
    (
        reply.status,
        Message::decode(&reply.body, &EnvelopeLimits::default()).unwrap(),
    )
}

#[tokio::test]
async fn each_broken_rule_has_its_fault() {
    let (status, message) = answer(CREATE).await;
    assert!(
        matches!(
            message,
            Message::Response(_, AnyResponse::CreateResponse(_))
        ),
        "{message:?}"
    );
    assert_eq!(status, 200);
    for (old, new, code) in [
        ("</s:Envelope>", "", ErrorCode::SCHEMA_VALIDATION_ERROR),
        (
            "<s:Envelope",
            "<!DOCTYPE x><s:Envelope",
            ErrorCode::SCHEMA_VALIDATION_ERROR,
        ),
        (
            "<s:Header>",
            "<s:Header><?x y?>",
            ErrorCode::SCHEMA_VALIDATION_ERROR,
        ),
        (
            "2003/05/soap-envelope",
            "2001/12/soap-envelope",
            ErrorCode::SOAP_VERSION_MISMATCH,
        ),
        (
            "<s:Header>",
            r#"<s:Header><q:X xmlns:q="urn:q" s:mustUnderstand="1"/>"#,
            ErrorCode::MUST_UNDERSTAND,
        ),
        (
            "<s:Header>",
            r#"<s:Header><rsp:CompressionType s:mustUnderstand="true">other</rsp:CompressionType>"#,
            ErrorCode::MUST_UNDERSTAND,
        ),
        (
            r#""en-US" s:mustUnderstand="false"/><p"#,
            r#""xx" s:mustUnderstand="true"/><p"#,
            ErrorCode::LOCALE_NOT_SUPPORTED,
        ),
        (
            "transfer/Create",
            "transfer/Destroy",
            ErrorCode::ACTION_NOT_SUPPORTED,
        ),
        (
            "transfer/Create",
            "transfer/Delete",
            ErrorCode::INSUFFICIENT_SELECTORS,
        ),
        (
            "Microsoft.PowerShell",
            "Nothing",
            ErrorCode::INVALID_RESOURCE_URI,
        ),
        (
            "PT60.000S",
            "PT0S",
            ErrorCode::INVALID_MESSAGE_INFORMATION_HEADER,
        ),
        ("512000", "8191", ErrorCode::MIN_ENVELOPE_SIZE),
        (
            "role/anonymous",
            "role/other",
            ErrorCode::ADDRESSING_MODE_NOT_SUPPORTED,
        ),
        ("rsp:Shell", "rsp:Bell", ErrorCode::INVALID_SOAP_BODY),
        ("2D6534D0-6B12", "ZZ", ErrorCode::SHELL_CLIENT_ID_NOT_VALID),
        ("aGVsbG8=", "aGVsbG8", ErrorCode::INVALID_PARAMETER),
        (
            "<a:To>http://srv01",
            "<a:To>srv01",
            ErrorCode::DESTINATION_UNREACHABLE,
        ),
    ] {
        let (status, message) = answer(CREATE.replace(old, new)).await;
        let Message::Fault(headers, fault) = message else {
            panic!("{new}: {message:?}")
        };
        assert_eq!(
            (status, fault.error_code()),
            (500, Some(code)),
            "{new}: {fault}"
        );
        let wsman = fault.wsman.as_ref().unwrap();
        // What cannot be read cannot be referred to.
        let is_readable = !matches!(
            code,
            ErrorCode::SCHEMA_VALIDATION_ERROR | ErrorCode::SOAP_VERSION_MISMATCH
        );
        if is_readable {
            assert_eq!(
                headers.relates_to.as_deref(),
                Some("uuid:00000003-0000-4000-8000-00000000C0DE"),
                "{new}"
            );
            assert!(
                wsman
                    .machine
                    .as_deref()
                    .is_some_and(|machine| machine == "srv01" || new.contains("To>srv01"))
            );
        }
        if code == ErrorCode::MUST_UNDERSTAND {
            assert_eq!(fault.code, FaultCode::MustUnderstand);
            assert_eq!(fault.not_understood.len(), 1);
        }
    }
}

#[tokio::test]
async fn headers_that_are_unknown_or_for_others_are_ignored_unless_they_must_be_understood() {
    for block in [
        r#"<q:X xmlns:q="urn:q"/>"#,
        r#"<q:X xmlns:q="urn:q" s:mustUnderstand="false"/>"#,
        r#"<q:X xmlns:q="urn:q" s:mustUnderstand="true" s:role="urn:somebody-else"/>"#,
    ] {
        let (status, message) =
            answer(CREATE.replace("<s:Header>", &format!("<s:Header>{block}"))).await;
        assert_eq!(status, 200, "{message:?}");
    }
}

#[tokio::test]
async fn an_envelope_in_utf_16_is_answered_in_utf_8() {
    let utf16: Vec<u8> = format!("\u{FEFF}{CREATE}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(answer(utf16).await.0, 200);
}

#[tokio::test]
async fn what_is_too_large_or_too_deep_is_refused_and_the_next_request_is_served() {
    let server = server();
    let deep = CREATE.replace(
        "aGVsbG8=",
        &format!("{}{}", "<x>".repeat(100), "</x>".repeat(100)),
    );
    let large = CREATE.replace("aGVsbG8=", &"A".repeat(2 * 1024 * 1024));
    let many = CREATE.replace("aGVsbG8=", &"<x/>".repeat(100_000));
    let attributes: String = (0..300).map(|n| format!(" a{n}='1'")).collect();
    let wide = CREATE.replace(
        "<rsp:InputStreams>",
        &format!("<rsp:InputStreams{attributes}>"),
    );
    for envelope in [
        deep,
        large,
        many,
        wide,
        String::new(),
        "\0\0\0".to_owned(),
        "<".repeat(5000),
    ] {
        let reply = server.handle(caller("alice"), envelope.into()).await;
        let message = Message::decode(&reply.body, &EnvelopeLimits::default()).unwrap();
        assert!(matches!(message, Message::Fault(..)), "{message:?}");
        assert_eq!(reply.status, 500);
    }
    assert_eq!(
        server.handle(caller("alice"), CREATE.into()).await.status,
        200
    );
}

#[tokio::test]
async fn a_request_cut_short_at_any_byte_is_answered_with_a_fault() {
    let server = server();
    for end in 0..CREATE.len() {
        let reply = server
            .handle(
                caller("alice"),
                Bytes::copy_from_slice(&CREATE.as_bytes()[..end]),
            )
            .await;
        assert_eq!(reply.status, 500, "{end}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_change_of_a_few_bytes_makes_it_panic(changes in prop::collection::vec((0..CREATE.len(), any::<u8>()), 1..8)) {
        let mut envelope = CREATE.as_bytes().to_vec();
        for (at, byte) in changes {
            envelope[at] = byte;
        }
        envelope_round_trip(&envelope);
    }

    #[test]
    fn any_text_in_any_field_survives(name in any::<String>(), value in any::<String>()) {
        use wsman::shell::Create;
        use wsman::soap::{OptionSet, Request, RequestHeaders};
        let printable = |text: &str| {
            text.chars().all(|c| c == '\n' || c == '\t' || !(c < ' ' || ('\u{FFFE}'..='\u{FFFF}').contains(&c)))
        };
        prop_assume!(printable(&name) && printable(&value));
        let headers = RequestHeaders {
            to: "http://srv01/wsman".to_owned(),
            resource_uri: "urn:x".to_owned(),
            action: wsman::namespaces::action::CREATE.to_owned(),
            message_id: "uuid:00000003-0000-4000-8000-00000000C0DE".to_owned(),
            options: OptionSet::new().with_mandatory(name.clone(), value.clone()),
            ..RequestHeaders::default()
        };
        let body = Create { name: Some(name.clone()), environment: vec![(name, value)], ..Create::default() };
        let request = Request { headers, body };
        let read = Request::<Create>::decode(&request.encode(), &EnvelopeLimits::default()).unwrap();
        prop_assert_eq!(read, request);
    }
}

#[tokio::test]
async fn the_streams_of_a_client_that_compresses_are_opened_and_stored() {
    use wsman::shell::{Receive, Send, StreamData, StreamName, store_blocks};
    use wsman::soap::{Request, RequestHeaders, SelectorSet};
    let server = server();
    let asks =
        r#"<s:Header><rsp:CompressionType s:mustUnderstand="true">xpress</rsp:CompressionType>"#;
    let reply = server
        .handle(caller("alice"), CREATE.replace("<s:Header>", asks).into())
        .await;
    let created = Message::decode(&reply.body, &EnvelopeLimits::default()).unwrap();
    let Message::Response(_, AnyResponse::CreateResponse(created)) = created else {
        panic!("{created:?}")
    };
    let mode = created
        .shell
        .as_ref()
        .and_then(|shell| shell.compression_mode.as_deref());
    assert_eq!(mode, Some("XpressCompression"));
    let headers = |action: &str| RequestHeaders {
        to: "http://srv01/wsman".to_owned(),
        resource_uri: crate::memory_shells::RESOURCE.to_owned(),
        action: action.to_owned(),
        message_id: "uuid:00000003-0000-4000-8000-00000000C0DF".to_owned(),
        selectors: SelectorSet::shell("2D6534D0-6B12-40E3-B773-CBA26459CFA8"),
        ..RequestHeaders::default()
    };
    let send = |data: Bytes| {
        let body = Send::new(StreamData::new(StreamName::STDIN, data));
        Request {
            headers: headers(wsman::namespaces::action::SEND),
            body,
        }
        .encode()
    };
    assert_eq!(
        server
            .handle(caller("alice"), send(store_blocks(b" world")))
            .await
            .status,
        200
    );
    assert_eq!(
        server
            .handle(caller("alice"), send(Bytes::from_static(b"not a block")))
            .await
            .status,
        500
    );
    let body = Receive {
        command: None,
        streams: "stdout".into(),
    };
    let receive = Request {
        headers: headers(wsman::namespaces::action::RECEIVE),
        body,
    }
    .encode();
    let reply = server.handle(caller("alice"), receive).await;
    let received = Message::decode(&reply.body, &EnvelopeLimits::default()).unwrap();
    let Message::Response(_, AnyResponse::ReceiveResponse(received)) = received else {
        panic!("{received:?}")
    };
    let data: Vec<_> = received.streams.iter().map(|stream| stream.data).collect();
    assert_eq!(data, [store_blocks(b"hello"), store_blocks(b" world")]);
}
