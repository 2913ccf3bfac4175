//! The client against servers that answer strangely.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use wsman::ExchangeErrorKind;
use wsman::http::{Client, ClientBuilder};

use super::setup::{PASSWORD, Raw, basic, exchange};

/// Answers each connection with the given answers in order, then closes it.
struct Scripted {
    url: String,
    connections: Arc<AtomicUsize>,
    requests: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Scripted {
    async fn new(answers: &'static [&'static [u8]]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/wsman", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let requests = Arc::<std::sync::Mutex<Vec<String>>>::default();
        let (counted, recorded) = (Arc::clone(&connections), Arc::clone(&requests));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::SeqCst);
                let recorded = Arc::clone(&recorded);
                tokio::spawn(async move {
                    let mut raw = Raw(stream);
                    for answer in answers {
                        let request = raw.answer().await;
                        recorded.lock().unwrap().push(request);
                        raw.0.write_all(answer).await.unwrap();
                    }
                });
            }
        });
        Self {
            url,
            connections,
            requests,
        }
    }

    fn client(&self) -> ClientBuilder {
        Client::builder(&self.url).unwrap().scheme(basic(PASSWORD))
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    async fn outcome(&self) -> Result<Vec<u8>, (ExchangeErrorKind, String)> {
        exchange(&self.client().build().unwrap(), "<hello/>")
            .await
            .map(|reply| reply.body.to_vec())
            .map_err(|error| (error.kind(), error.to_string()))
    }
}

const OK: &[u8] = b"HTTP/1.1 200 \r\nContent-Type: application/soap+xml;charset=UTF-8\r\nContent-Length: 4\r\n\r\n<ok>";

#[tokio::test]
async fn a_request_has_the_fields_that_servers_look_for() {
    let server = Scripted::new(&[OK]).await;
    let client = server
        .client()
        .user_agent("Microsoft WinRM Client\r\n")
        .build()
        .unwrap();
    exchange(&client, "<hello/>").await.unwrap();
    let request = server.requests.lock().unwrap()[0].clone();
    let host = server
        .url
        .trim_start_matches("http://")
        .trim_end_matches("/wsman");
    assert_eq!(
        request,
        format!(
            "POST /wsman HTTP/1.1\r\nHost: {host}\r\nConnection: Keep-Alive\r\n\
             User-Agent: Microsoft WinRM Client\r\nAccept-Encoding: identity\r\n\
             Content-Type: application/soap+xml;charset=UTF-8\r\n\
             Authorization: Basic b3BlcmF0b3I6UGFzc3cwcmQh\r\nContent-Length: 8\r\n\r\n<hello/>"
        )
    );
}

#[tokio::test]
async fn requests_after_each_other_share_a_connection() {
    let server = Scripted::new(&[OK, OK, OK]).await;
    let client = server.client().build().unwrap();
    for _ in 0..3 {
        exchange(&client, "<hello/>").await.unwrap();
    }
    assert_eq!(server.connections(), 1);
    assert_eq!(server.requests.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_costs_a_new_one_and_no_error() {
    let server = Scripted::new(&[OK]).await;
    let client = server.client().build().unwrap();
    for _ in 0..3 {
        exchange(&client, "<hello/>").await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(server.connections(), 3);
    assert_eq!(server.requests.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_request_that_may_have_been_executed_is_not_sent_again() {
    // The second request on the connection is read and never answered.
    let server = Scripted::new(&[OK, b""]).await;
    let client = server.client().build().unwrap();
    exchange(&client, "<hello/>").await.unwrap();
    let error = exchange(&client, "<once/>").await.unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::ConnectionLost);
    assert_eq!(server.requests.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_redirect_is_reported_and_not_followed() {
    let server = Scripted::new(&[
        b"HTTP/1.1 302 Found\r\nLocation: https://srv02/wsman\r\nContent-Length: 0\r\n\r\n",
    ])
    .await;
    let (kind, text) = server.outcome().await.unwrap_err();
    assert_eq!(kind, ExchangeErrorKind::Redirect);
    assert_eq!(
        text,
        format!(
            "{} sends to https://srv02/wsman, which is not followed",
            server.url
        )
    );
    assert_eq!(server.requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_chunked_answer_and_one_in_utf16_are_passed_on() {
    let server = Scripted::new(&[
        b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n<o\r\n2\r\nk>\r\n0\r\n\r\n",
    ])
    .await;
    assert_eq!(server.outcome().await.unwrap(), b"<ok>");
    let server = Scripted::new(&[
        b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/soap+xml; charset=\"UTF-16\"\r\nContent-Length: 6\r\n\r\n\xff\xfe<\0/\0",
    ])
    .await;
    assert_eq!(server.outcome().await.unwrap(), b"\xff\xfe<\0/\0");
}

#[tokio::test]
async fn an_answer_without_an_envelope_is_an_error_by_its_status() {
    let rows: [(&'static [&'static [u8]], ExchangeErrorKind); 7] = [
        (
            &[b"HTTP/1.1 503 Busy\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nbusy"],
            ExchangeErrorKind::Status(503),
        ),
        (
            &[b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"],
            ExchangeErrorKind::Status(404),
        ),
        (
            &[b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<ok>"],
            ExchangeErrorKind::Protocol,
        ),
        (
            &[b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nContent-Length: 0\r\n\r\n"],
            ExchangeErrorKind::Protocol,
        ),
        (&[b"SSH-2.0-OpenSSH_9.2\r\n"], ExchangeErrorKind::Protocol),
        (
            &[b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nContent-Length: 9\r\n\r\n<ok>"],
            ExchangeErrorKind::ConnectionLost,
        ),
        (
            &[b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nContent-Length: 99999999999\r\n\r\n"],
            ExchangeErrorKind::TooLarge,
        ),
    ];
    for (answers, expected) in rows {
        let server = Scripted::new(answers).await;
        let (kind, text) = server.outcome().await.unwrap_err();
        assert_eq!(kind, expected, "{text}");
    }
}

#[tokio::test]
async fn a_refusal_names_what_the_server_offers() {
    let server = Scripted::new(&[
        b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate, Kerberos\r\nwww-authenticate: CredSSP\r\nContent-Length: 0\r\n\r\n",
    ])
    .await;
    let (kind, text) = server.outcome().await.unwrap_err();
    assert_eq!(kind, ExchangeErrorKind::Authentication);
    assert_eq!(
        text,
        format!(
            "{} did not accept the Basic credentials (it offers Negotiate, Kerberos, CredSSP)",
            server.url
        )
    );
}

#[tokio::test]
async fn a_server_that_answers_basic_with_a_token_does_not_get_the_password_again() {
    let server = Scripted::new(&[
        b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic AAAA\r\nContent-Length: 0\r\n\r\n",
        OK,
    ])
    .await;
    let (kind, _) = server.outcome().await.unwrap_err();
    assert_eq!(kind, ExchangeErrorKind::Protocol);
    assert_eq!(server.requests.lock().unwrap().len(), 1);
}
