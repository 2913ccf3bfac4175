//! Host calls: all 56 methods, with their parameters and what they give.

use bytes::BytesMut;
use psrp_codec::{
    CallId, ConsoleColor, ControlKeyStates, CredentialTypes, CredentialUIOptions, ErrorCategory,
    ErrorRecord, HostAnswer, HostCall, HostMethod, HostRequest, HostResponse, Limits, Object,
    ProgressRecord, PsString, ReadKeyOptions, SecureString, Value, Version, clixml,
    host::{
        BufferCell, BufferContents, ChoiceDescription, Coordinates, Credential, FieldDescription,
        KeyInfo, Rectangle, Size,
    },
};
use uuid::Uuid;

fn through_the_wire(value: &Value) -> Value {
    let mut out = BytesMut::new();
    clixml::write(value, &mut out);
    clixml::read(&out, &Limits::default()).unwrap()
}

fn cell(character: u8) -> BufferCell {
    BufferCell {
        character: character.into(),
        foreground: ConsoleColor::GRAY,
        ..BufferCell::default()
    }
}

/// A request for every method.
fn requests() -> Vec<HostRequest> {
    use HostMethod as M;
    let text = || PsString::from("text");
    let rectangle = Rectangle {
        left: 1,
        top: 2,
        right: 3,
        bottom: 4,
    };
    let place = Coordinates { x: 5, y: -6 };
    let size = Size {
        width: 120,
        height: 50,
    };
    let choices = || {
        vec![ChoiceDescription {
            label: "&Yes".into(),
            help_message: "".into(),
        }]
    };
    let fields = vec![
        FieldDescription::new("name", "String", "System.String"),
        FieldDescription {
            default_value: Some(Value::from(7)),
            ..FieldDescription::new("number", "Int32", "System.Int32")
        },
    ];
    vec![
        HostRequest::Plain(M::GetName),
        HostRequest::Plain(M::GetVersion),
        HostRequest::Plain(M::GetInstanceId),
        HostRequest::Plain(M::GetCurrentCulture),
        HostRequest::Plain(M::GetCurrentUICulture),
        HostRequest::SetShouldExit { exit_code: 3 },
        HostRequest::Plain(M::EnterNestedPrompt),
        HostRequest::Plain(M::ExitNestedPrompt),
        HostRequest::Plain(M::NotifyBeginApplication),
        HostRequest::Plain(M::NotifyEndApplication),
        HostRequest::Plain(M::ReadLine),
        HostRequest::Plain(M::ReadLineAsSecureString),
        HostRequest::Write1 { value: text() },
        HostRequest::Write2 {
            foreground: ConsoleColor::RED,
            background: ConsoleColor::new(-1),
            value: text(),
        },
        HostRequest::Plain(M::WriteLine1),
        HostRequest::WriteLine2 { value: "".into() },
        HostRequest::WriteLine3 {
            foreground: ConsoleColor::RED,
            background: ConsoleColor::BLACK,
            value: text(),
        },
        HostRequest::WriteErrorLine { value: text() },
        HostRequest::WriteDebugLine { message: text() },
        HostRequest::WriteProgress {
            source_id: 0,
            record: Box::new(ProgressRecord::new("activity", 1, "status")),
        },
        HostRequest::WriteVerboseLine { message: text() },
        HostRequest::WriteWarningLine { message: text() },
        HostRequest::Prompt {
            caption: text(),
            message: "".into(),
            fields,
        },
        HostRequest::PromptForCredential1 {
            caption: text(),
            message: text(),
            user_name: None,
            target_name: text(),
        },
        HostRequest::PromptForCredential2 {
            caption: text(),
            message: text(),
            user_name: Some("bob".into()),
            target_name: text(),
            allowed_types: CredentialTypes::DEFAULT,
            options: CredentialUIOptions::VALIDATE_USER_NAME_SYNTAX,
        },
        HostRequest::PromptForChoice {
            caption: text(),
            message: text(),
            choices: choices(),
            default_choice: -1,
        },
        HostRequest::Plain(M::GetForegroundColor),
        HostRequest::SetForegroundColor {
            color: ConsoleColor::WHITE,
        },
        HostRequest::Plain(M::GetBackgroundColor),
        HostRequest::SetBackgroundColor {
            color: ConsoleColor::BLUE,
        },
        HostRequest::Plain(M::GetCursorPosition),
        HostRequest::SetCursorPosition { position: place },
        HostRequest::Plain(M::GetWindowPosition),
        HostRequest::SetWindowPosition { position: place },
        HostRequest::Plain(M::GetCursorSize),
        HostRequest::SetCursorSize { size: 25 },
        HostRequest::Plain(M::GetBufferSize),
        HostRequest::SetBufferSize { size },
        HostRequest::Plain(M::GetWindowSize),
        HostRequest::SetWindowSize { size },
        HostRequest::Plain(M::GetWindowTitle),
        HostRequest::SetWindowTitle { title: text() },
        HostRequest::Plain(M::GetMaxWindowSize),
        HostRequest::Plain(M::GetMaxPhysicalWindowSize),
        HostRequest::Plain(M::GetKeyAvailable),
        HostRequest::ReadKey {
            options: ReadKeyOptions::new(6),
        },
        HostRequest::Plain(M::FlushInputBuffer),
        HostRequest::SetBufferContents1 {
            rectangle,
            fill: cell(b'A'),
        },
        HostRequest::SetBufferContents2 {
            origin: place,
            contents: BufferContents::new(2, b"ABCDEF".map(cell).to_vec()).unwrap(),
        },
        HostRequest::GetBufferContents { rectangle },
        HostRequest::ScrollBufferContents {
            source: rectangle,
            destination: place,
            clip: rectangle,
            fill: cell(b' '),
        },
        HostRequest::Other {
            method: M::PushRunspace.as_i32(),
            parameters: vec![Value::Null],
        },
        HostRequest::Plain(M::PopRunspace),
        HostRequest::Plain(M::GetIsRunspacePushed),
        HostRequest::Plain(M::GetRunspace),
        HostRequest::PromptForChoiceMultipleSelection {
            caption: text(),
            message: text(),
            choices: choices(),
            default_choices: Some(vec![0, 1]),
        },
    ]
}

/// What each method that gives something gives.
fn answer(method: HostMethod) -> Option<HostAnswer> {
    use HostMethod as M;
    Some(match method {
        M::GetName | M::GetCurrentCulture | M::GetCurrentUICulture | M::ReadLine => {
            HostAnswer::String("text".into())
        }
        M::GetWindowTitle => HostAnswer::String("".into()),
        M::GetVersion => HostAnswer::Version(Version::new(7, 6)),
        M::GetInstanceId => HostAnswer::Guid(Uuid::from_u128(5)),
        M::ReadLineAsSecureString => HostAnswer::SecureString(SecureString::new("AAAA")),
        M::Prompt => HostAnswer::Fields(vec![
            ("name".into(), Value::from("answer")),
            ("list".into(), Value::list([1, 2])),
        ]),
        M::PromptForCredential1 | M::PromptForCredential2 => HostAnswer::Credential(Credential {
            user_name: "bob".into(),
            password: SecureString::new("AAAA"),
        }),
        M::PromptForChoice | M::GetCursorSize => HostAnswer::Int32(-1),
        M::GetForegroundColor | M::GetBackgroundColor => HostAnswer::Color(ConsoleColor::new(-1)),
        M::GetCursorPosition | M::GetWindowPosition => {
            HostAnswer::Coordinates(Coordinates { x: 1, y: 2 })
        }
        M::GetBufferSize | M::GetWindowSize | M::GetMaxWindowSize | M::GetMaxPhysicalWindowSize => {
            HostAnswer::Size(Size {
                width: 80,
                height: -1,
            })
        }
        M::GetKeyAvailable | M::GetIsRunspacePushed => HostAnswer::Bool(true),
        M::ReadKey => HostAnswer::Key(KeyInfo {
            virtual_key_code: 65,
            character: 97,
            control_key_state: ControlKeyStates::new(0x20),
            key_down: true,
        }),
        M::GetBufferContents => {
            HostAnswer::Buffer(BufferContents::new(1, b"AB".map(cell).to_vec()).unwrap())
        }
        M::PromptForChoiceMultipleSelection => HostAnswer::Choices(vec![0, 2]),
        M::GetRunspace => HostAnswer::Null,
        _ => return None,
    })
}

#[test]
fn every_method_goes_through_the_wire_with_its_parameters() {
    let requests = requests();
    for (request, number) in requests.iter().zip(1..) {
        assert_eq!(request.method_number(), number);
        let call = HostCall {
            call: if request.is_void() {
                CallId::VOID
            } else {
                CallId::FIRST
            },
            request: request.clone(),
        };
        let read = HostCall::from_value(&through_the_wire(&call.to_value()));
        assert_eq!(read.as_ref(), Ok(&call), "{number}");
    }
    assert_eq!(requests.len(), HostMethod::ALL.len());
}

#[test]
fn every_answer_goes_through_the_wire() {
    for method in HostMethod::ALL {
        let Some(answer) = answer(*method) else {
            assert!(method.is_void(), "{method}");
            continue;
        };
        assert!(!method.is_void(), "{method}");
        let response = HostResponse {
            call: CallId::new(7),
            method: method.as_i32(),
            answer: Ok(answer),
        };
        let read = HostResponse::from_value(&through_the_wire(&response.to_value()));
        assert_eq!(read.as_ref(), Ok(&response), "{method}");
    }
}

#[test]
fn an_error_of_the_host_goes_through_the_wire_as_properties_alone() {
    let error = ErrorRecord::new(
        "System.Management.Automation.PSInvalidOperationException",
        "not interactive",
        "InvalidOperation",
        ErrorCategory::INVALID_OPERATION,
    );
    let response = HostResponse {
        call: CallId::FIRST,
        method: HostMethod::Prompt.as_i32(),
        answer: Err(Box::new(error)),
    };
    let value = through_the_wire(&response.to_value());
    let bag = value.get("me").and_then(Value::as_object).unwrap();
    assert_eq!((&bag.type_names, &bag.to_string), (&None, &None));
    let read = HostResponse::from_value(&value).unwrap();
    let error = read.answer.unwrap_err();
    assert_eq!(error.message().unwrap(), "not interactive");
    assert_eq!(error.category, ErrorCategory::INVALID_OPERATION);
}

#[test]
fn a_method_with_another_number_of_parameters_is_refused() {
    for request in requests() {
        if matches!(request, HostRequest::Other { .. }) {
            continue;
        }
        let value = HostCall::void(request.clone()).to_value();
        let xml = {
            let mut out = BytesMut::new();
            clixml::write(&value, &mut out);
            String::from_utf8(out.to_vec()).unwrap()
        };
        // One parameter more, at the end of the list.
        let longer = match xml.rfind("<LST />") {
            Some(at) if request.parameters().is_empty() => {
                format!("{}<LST><I32>1</I32></LST>{}", &xml[..at], &xml[at + 7..])
            }
            _ => {
                let at = xml.rfind("</LST>").unwrap();
                format!("{}<I32>1</I32>{}", &xml[..at], &xml[at..])
            }
        };
        let value = clixml::read(longer.as_bytes(), &Limits::default()).unwrap();
        let error = HostCall::from_value(&value).unwrap_err();
        assert!(error.to_string().contains("parameters"), "{error}");
    }
}

#[test]
fn a_method_that_nobody_knows_keeps_its_parameters() {
    let call = HostCall {
        call: CallId::FIRST,
        request: HostRequest::Other {
            method: 99,
            parameters: vec![Value::from(1), Value::from("a")],
        },
    };
    let read = HostCall::from_value(&through_the_wire(&call.to_value())).unwrap();
    assert_eq!(read, call);
    assert_eq!(
        (read.request.method(), read.request.is_void()),
        (None, false)
    );
}

#[test]
fn members_of_host_types_are_matched_exactly() {
    let call = |member: &str, value: Value| {
        let place = Object::bag().property("x", 1).property(member, value);
        let request = HostRequest::Other {
            method: HostMethod::SetCursorPosition.as_i32(),
            parameters: vec![place.into()],
        };
        HostCall::from_value(&HostCall::void(request).to_value())
    };
    assert!(call("y", Value::from(2)).is_ok());
    for (member, value, why) in [
        (
            "Y",
            Value::from(2),
            "Coordinates: the member Y is not a value this can have",
        ),
        (
            "z",
            Value::from(2),
            "Coordinates: the member z is not a value this can have",
        ),
        (
            "y",
            Value::Null,
            "Coordinates: the property y is a Nil, not a I32",
        ),
        (
            "y",
            Value::from("2"),
            "Coordinates: the property y is a S, not a I32",
        ),
    ] {
        assert_eq!(call(member, value).unwrap_err().to_string(), why);
    }
}

#[test]
fn a_field_of_a_prompt_has_a_list_of_attributes_or_none_at_all() {
    let call = |field: Value| {
        let request = HostRequest::Other {
            method: HostMethod::Prompt.as_i32(),
            parameters: vec!["".into(), "".into(), Value::list([field])],
        };
        HostCall::from_value(&HostCall::void(request).to_value())
    };
    let field = Object::bag().property("name", "a");
    assert!(call(field.clone().into()).is_ok());
    assert_eq!(
        call(field.property("metadata", 1).into())
            .unwrap_err()
            .to_string(),
        "FieldDescription: the property metadata is a I32, not a list"
    );
}

#[test]
fn the_lengths_of_an_array_must_fit_its_elements() {
    let contents = |mae: usize, mal: Vec<i32>| {
        let cells = (0..mae).map(|_| Value::from(cell(b'x')));
        let array = Object::bag()
            .property("mae", Value::list(cells))
            .property("mal", Value::list(mal));
        let request = HostRequest::Other {
            method: HostMethod::SetBufferContents2.as_i32(),
            parameters: vec![Coordinates::default().into(), array.into()],
        };
        HostCall::from_value(&HostCall::void(request).to_value())
    };
    let HostRequest::SetBufferContents2 { contents: read, .. } =
        contents(6, vec![3, 2]).unwrap().request
    else {
        panic!("another method")
    };
    assert_eq!((read.rows(), read.columns(), read.cells().len()), (3, 2, 6));
    for (mae, mal) in [
        (6, vec![6]),
        (6, vec![2, 2]),
        (6, vec![-3, -2]),
        (6, vec![]),
        (1, vec![i32::MAX, i32::MAX]),
        (6, vec![1, 2, 3]),
    ] {
        assert!(contents(mae, mal.clone()).is_err(), "{mae} {mal:?}");
    }
}

#[test]
fn cells_come_out_even_or_not_at_all() {
    let cells = || b"ABCDE".map(cell).to_vec();
    assert_eq!(BufferContents::new(2, cells()), None);
    assert_eq!(BufferContents::new(0, cells()), None);
    assert_eq!(BufferContents::new(5, cells()).unwrap().rows(), 1);
}
