//! Answers that break a rule, and what the client makes of them.

use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use wsman::shell::{ShellId, StreamName};
use wsman::soap::{EnvelopeLimits, ErrorCode, Fault, Response, ResponseHeaders};
use wsman::{Exchange, ExchangeError, ExchangeErrorKind, ExchangeReply, Message, ShellClient};

/// Gives one answer, made from the MessageID of the request.
struct Scripted(Mutex<Box<Answer>>);

type Answer = dyn FnMut(String) -> Result<Bytes, ExchangeError> + Send;

impl Exchange for Scripted {
    async fn exchange(&self, envelope: Bytes, _: Duration) -> Result<ExchangeReply, ExchangeError> {
        let request = Message::decode(&envelope, &EnvelopeLimits::default()).unwrap();
        let Message::Request(headers, _) = request else {
            panic!("{request:?}")
        };
        let body = (self.0.lock().unwrap())(headers.message_id)?;
        Ok(ExchangeReply { status: 200, body })
    }

    fn endpoint(&self) -> &str {
        "http://srv01:5985/wsman"
    }
}

fn client(
    answer: impl FnMut(String) -> Result<Bytes, ExchangeError> + Send + 'static,
) -> ShellClient<Scripted> {
    ShellClient::new(Scripted(Mutex::new(Box::new(answer))), "urn:x")
}

fn shell() -> ShellId {
    ShellId::new("2D6534D0-6B12-40E3-B773-CBA26459CFA8")
}

const RECEIVE_RESPONSE: &str =
    "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/ReceiveResponse";

fn received(id: &str, body: &str) -> Bytes {
    let envelope = format!(
        r#"<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><e:Header><a:Action>{RECEIVE_RESPONSE}</a:Action><a:RelatesTo>{id}</a:RelatesTo></e:Header><e:Body>{body}</e:Body></e:Envelope>"#
    );
    Bytes::from(envelope)
}

#[tokio::test]
async fn an_answer_of_a_lenient_server_is_understood() {
    let body = r#"<p:ReceiveResponse xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/windows/shell"><p:Stream Name="stdout">aGVs
 bG8=</p:Stream><p:Stream Name="new" End="TRUE"></p:Stream><x/><p:CommandState State="http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Done"><p:ExitCode>-1</p:ExitCode></p:CommandState></p:ReceiveResponse>"#;
    let client = client(move |id| Ok(received(&id, body)));
    let answer = client
        .receive(&shell(), None, "stdout".into())
        .await
        .unwrap();
    let streams: Vec<_> = answer.streams.iter().collect();
    assert_eq!(streams[0].data, b"hello");
    assert_eq!(
        (streams[1].name, streams[1].end),
        (&StreamName::new("new"), true)
    );
    assert_eq!(answer.status.unwrap().exit_code, Some(u32::MAX));
}

#[tokio::test]
async fn an_answer_to_something_else_is_refused() {
    let body =
        r#"<p:ReceiveResponse xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/windows/shell"/>"#;
    let other = client(move |_| Ok(received("uuid:11111111-0000-4000-8000-00000000C0DE", body)));
    let error = other
        .receive(&shell(), None, "stdout".into())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("relates to the message \"uuid:11111111"),
        "{error}"
    );
    let other = client(move |id| Ok(received(&id, body)));
    let error = other.get(&shell()).await.unwrap_err().to_string();
    assert!(
        error.starts_with("Get: the answer (HTTP 200) cannot be understood"),
        "{error}"
    );
    for nonsense in ["", "<html/>", "nothing", "<a", "\u{0}"] {
        let other = client(move |_| Ok(Bytes::from_static(nonsense.as_bytes())));
        assert!(other.delete(&shell()).await.is_err(), "{nonsense:?}");
    }
}

#[tokio::test]
async fn faults_without_codes_are_told_by_their_subcodes() {
    let fault = |code: &str, subcode: &str| {
        format!(
            r#"<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code><e:Value>e:{code}</e:Value><e:Subcode><e:Value>q:{subcode}</e:Value></e:Subcode></e:Code><e:Reason><e:Text xml:lang="en-US"></e:Text></e:Reason></e:Fault></e:Body></e:Envelope>"#
        )
    };
    let failed = |text: String| async move {
        let client = client(move |_| Ok(Bytes::from(text.clone())));
        client.get(&shell()).await.unwrap_err()
    };
    assert!(
        failed(fault("Sender", "DestinationUnreachable"))
            .await
            .is_gone()
    );
    assert!(
        failed(fault("Sender", "AccessDenied"))
            .await
            .is_access_denied()
    );
    assert!(failed(fault("Receiver", "TimedOut")).await.is_timeout());
    let error = failed(fault("Receiver", "InternalError")).await;
    assert_eq!(error.to_string(), "Get: the server answered: InternalError");
    assert!(!error.is_gone() && !error.may_retry());
}

#[tokio::test]
async fn each_kind_of_trouble_has_its_predicate() {
    let fails = |code: ErrorCode| async move {
        let client =
            client(move |id| Ok(Response::fault(Fault::new(code, "no"), Some(id)).encode()));
        client.get(&shell()).await.unwrap_err()
    };
    assert!(fails(ErrorCode::ACCESS_DENIED).await.is_access_denied());
    assert!(fails(ErrorCode::UNEXPECTED_SELECTORS).await.is_not_found());
    assert!(fails(ErrorCode::OPERATION_ABORTED).await.is_gone());
    assert!(
        fails(ErrorCode::SHELL_CONNECTED_TO_DIFFERENT_CLIENT)
            .await
            .is_in_use()
    );
    assert!(fails(ErrorCode::QUOTA_MAX_SHELLS_PPQ).await.is_quota());
    assert!(fails(ErrorCode::ENDPOINT_UNAVAILABLE).await.may_retry());
    assert!(
        fails(ErrorCode::INVALID_RESOURCE_URI)
            .await
            .is_unknown_resource()
    );
    let lost = client(|_| {
        Err(ExchangeError::new(
            ExchangeErrorKind::ConnectionLost,
            "reset",
        ))
    });
    let lost = lost.get(&shell()).await.unwrap_err();
    assert!(lost.is_connection_lost() && !lost.may_retry());
    let refused = client(|_| Err(ExchangeError::new(ExchangeErrorKind::Connect, "refused")));
    assert!(refused.get(&shell()).await.unwrap_err().may_retry());
}

#[tokio::test]
async fn a_listing_without_end_is_given_up() {
    let client = client(|id| {
        use wsman::shell::{EnumerateResponse, PullResponse};
        static FIRST: Mutex<bool> = Mutex::new(true);
        let is_first = std::mem::take(&mut *FIRST.lock().unwrap());
        let action = if is_first { "Enumerate" } else { "Pull" };
        let action = format!("http://schemas.xmlsoap.org/ws/2004/09/enumeration/{action}Response");
        let headers = ResponseHeaders::to_action(action, Some(id));
        Ok(if is_first {
            Response {
                headers,
                body: EnumerateResponse {
                    context: "x".to_owned(),
                    ..Default::default()
                },
            }
            .encode()
        } else {
            Response {
                headers,
                body: PullResponse {
                    context: "x".to_owned(),
                    ..Default::default()
                },
            }
            .encode()
        })
    });
    assert!(client.enumerate_shells().await.is_err());
}
