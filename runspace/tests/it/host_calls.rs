use psrp_codec::{
    CallId, DateTime, ErrorCategory, ErrorRecord, HostAnswer, HostMethod, HostRequest, UserEvent,
    Value,
};
use runspace::{ClientEvent, MisuseError, ServerEvent, Target};
use uuid::Uuid;

use crate::pair::Pair;

fn read_line() -> HostRequest {
    HostRequest::Plain(HostMethod::ReadLine)
}

#[test]
fn a_call_is_answered_by_its_id_for_pool_and_pipeline_apart() {
    for mut pair in Pair::opened() {
        let pipeline = pair.start(7);
        let targets = [Target::Pool, Target::Pipeline(pipeline)];
        for target in targets {
            let call = pair.server.host_call(target, read_line()).unwrap();
            assert_eq!(call, Some(CallId::FIRST));
        }
        pair.drive();
        for target in targets {
            let event = ClientEvent::HostCall {
                target,
                call: Some(CallId::FIRST),
                request: Box::new(read_line()),
            };
            assert!(pair.heard.contains(&event), "{:?}", pair.heard);
            let answer = HostAnswer::String("yes".into());
            pair.client
                .answer_host_call(target, CallId::FIRST, Ok(answer.clone()))
                .unwrap();
            assert_eq!(
                pair.client
                    .answer_host_call(target, CallId::FIRST, Ok(answer.clone())),
                Err(MisuseError::UnknownCall(CallId::FIRST))
            );
            pair.drive();
            let answered = ServerEvent::HostCallAnswered {
                target,
                call: CallId::FIRST,
                answer: Ok(answer),
            };
            assert_eq!(pair.take_asked(), [answered]);
        }
    }
}

#[test]
fn a_call_that_gives_nothing_has_no_id_and_takes_no_answer() {
    for mut pair in Pair::opened() {
        let pipeline = pair.start(7);
        let target = Target::Pipeline(pipeline);
        let request = HostRequest::WriteLine2 {
            value: "hello".into(),
        };
        assert_eq!(pair.server.host_call(target, request.clone()), Ok(None));
        pair.drive();
        assert_eq!(
            pair.take_heard(),
            [ClientEvent::HostCall {
                target,
                call: None,
                request: Box::new(request)
            }]
        );
        assert!(
            pair.client
                .answer_host_call(target, CallId::VOID, Ok(HostAnswer::Null))
                .is_err()
        );
    }
}

#[test]
fn a_host_that_cannot_says_why() {
    for mut pair in Pair::opened() {
        let pipeline = pair.start(7);
        let target = Target::Pipeline(pipeline);
        pair.server.host_call(target, read_line()).unwrap();
        pair.drive();
        let error = ErrorRecord::new(
            "System.Exception",
            "nobody is there",
            "InvalidOperation",
            ErrorCategory::INVALID_OPERATION,
        );
        pair.client
            .answer_host_call(target, CallId::FIRST, Err(Box::new(error)))
            .unwrap();
        pair.drive();
        let asked = pair.take_asked();
        let [
            ServerEvent::HostCallAnswered {
                answer: Err(error), ..
            },
        ] = &asked[..]
        else {
            panic!("{asked:?}");
        };
        assert_eq!(
            error.message().unwrap().to_string_lossy(),
            "nobody is there"
        );
    }
}

#[test]
fn nobody_answers_a_pipeline_that_is_stopped() {
    for mut pair in Pair::opened() {
        let pipeline = pair.start(7);
        let target = Target::Pipeline(pipeline);
        pair.server.host_call(target, read_line()).unwrap();
        pair.drive();
        pair.client.stop(pair.now, pipeline).unwrap();
        let answer = Ok(HostAnswer::Null);
        assert_eq!(
            pair.client.answer_host_call(target, CallId::FIRST, answer),
            Err(MisuseError::PipelineEnded(pipeline))
        );
        pair.drive();
        assert_eq!(pair.take_asked(), []);
    }
}

#[test]
fn a_server_that_asks_too_much_at_once_is_held_back() {
    for mut pair in Pair::opened() {
        let pipeline = pair.start(7);
        let target = Target::Pipeline(pipeline);
        for _ in 0..64 {
            pair.server.host_call(target, read_line()).unwrap();
        }
        assert!(matches!(
            pair.server.host_call(target, read_line()),
            Err(MisuseError::TooMany { limit: 64, .. })
        ));
    }
}

#[test]
fn events_of_the_script_are_forwarded() {
    for mut pair in Pair::opened() {
        let event = UserEvent {
            event_identifier: 1,
            source_identifier: "timer".into(),
            time_generated: DateTime::parse("2026-01-02T03:04:05Z").unwrap(),
            sender: Value::Null,
            source_args: Value::list([1, 2]),
            message_data: Value::Null,
            computer_name: None,
            runspace_id: Uuid::from_u128(9),
        };
        pair.server.user_event(&event).unwrap();
        pair.drive();
        assert_eq!(pair.take_heard(), [ClientEvent::UserEvent(Box::new(event))]);
    }
}
