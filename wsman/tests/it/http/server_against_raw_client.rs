//! The server against clients that are strange, slow or hostile.

use std::time::{Duration, Instant};

use super::setup::{PASSWORD, Serving, authorization, post, status};

const SOAP: &str = "Content-Type: application/soap+xml;charset=UTF-8\r\n";

#[tokio::test]
async fn requests_as_microsofts_clients_send_them_are_answered() {
    let serving = Serving::basic().await;
    let mut raw = serving.connect().await;
    for path in [
        "/wsman",
        "/wsman/",
        "/wsman?PSVersion=7.6.5",
        "/wsman/?PSVersion=7.6.5",
    ] {
        let answer = raw
            .ask(&post(path, "Connection: Keep-Alive\r\n", "<hello/>"))
            .await;
        assert_eq!(status(&answer), 200, "{path}: {answer}");
        assert!(answer.contains("\r\nContent-Type: application/soap+xml;charset=UTF-8\r\n"));
        assert!(answer.ends_with("<hello/>"));
    }
    let chunked = format!(
        "POST /wsman HTTP/1.1\r\nHost: x\r\n{}{SOAP}Transfer-Encoding: chunked\r\n\r\n3\r\n<a/\r\n1\r\n>\r\n0\r\n\r\n",
        authorization(PASSWORD)
    );
    assert!(raw.ask(&chunked).await.ends_with("<a/>"));
}

#[tokio::test]
async fn what_is_not_a_request_to_the_service_gets_its_status() {
    let serving = Serving::basic().await;
    let auth = authorization(PASSWORD);
    let rows = [
        (post("/", "", "<x/>"), 404),
        (post("/wsman/x", "", "<x/>"), 404),
        (post("/WSMAN", "", "<x/>"), 404),
        (post("/wsman//", "", "<x/>"), 404),
        (post("/wsman", "", ""), 400),
        (format!("GET /wsman HTTP/1.1\r\nHost: x\r\n{auth}\r\n"), 405),
        (
            format!(
                "POST /wsman HTTP/1.1\r\nHost: x\r\n{auth}Content-Type: text/xml\r\nContent-Length: 4\r\n\r\n<x/>"
            ),
            415,
        ),
        (
            format!(
                "POST /wsman HTTP/1.1\r\nHost: x\r\n{auth}Content-Type: multipart/encrypted;boundary=x\r\nContent-Length: 4\r\n\r\n<x/>"
            ),
            415,
        ),
        ("POST /wsman HTTP/9.1\r\n\r\n".to_owned(), 400),
        ("\u{16}\u{3}\u{1}\u{2}hello\r\n\r\n".to_owned(), 400),
        (
            format!("POST /wsman HTTP/1.1\r\nHost: x\r\n{auth}{SOAP}Content-Length: x\r\n\r\n"),
            400,
        ),
        (
            format!(
                "POST /wsman HTTP/1.1\r\nHost: x\r\n{auth}{SOAP}Content-Length: 4\r\nContent-Length: 5\r\n\r\n<x/>"
            ),
            400,
        ),
    ];
    for (request, expected) in rows {
        let mut raw = serving.connect().await;
        let answer = raw.ask(&request).await;
        assert_eq!(status(&answer), expected, "{request:?}: {answer}");
    }
    assert_eq!(serving.handler.calls(), 0);
    let answer = serving
        .connect()
        .await
        .ask("PUT /wsman HTTP/1.1\r\nHost: x\r\n\r\n")
        .await;
    assert!(answer.contains("\r\nAllow: POST\r\n"), "{answer}");
}

#[tokio::test]
async fn a_request_without_or_with_wrong_credentials_is_offered_the_schemes() {
    let serving = Serving::basic().await;
    let attempts = [
        String::new(),
        authorization("wrong"),
        "Authorization: Negotiate TlRMTVNTUAA=\r\n".to_owned(),
        "Authorization: Basic\r\n".to_owned(),
        "Authorization: Basic !!!\r\n".to_owned(),
        "Authorization: \r\n".to_owned(),
        format!("Authorization: Basic {}\r\n", "A".repeat(90_000)),
    ];
    for attempt in attempts {
        let mut raw = serving.connect().await;
        let request = format!(
            "POST /wsman HTTP/1.1\r\nHost: x\r\n{attempt}{SOAP}Content-Length: 4\r\n\r\n<x/>"
        );
        let answer = raw.ask(&request).await;
        assert_eq!(status(&answer), 401, "{answer}");
        assert!(
            answer.contains("\r\nWww-Authenticate: Basic realm=\"WSMAN\"\r\n"),
            "{answer}"
        );
        assert!(answer.contains("\r\nContent-Length: 0\r\n"), "{answer}");
        // The body was taken off the connection, which goes on.
        assert_eq!(status(&raw.ask(&post("/wsman", "", "<x/>")).await), 200);
    }
    assert_eq!(serving.handler.calls(), 7);
}

#[tokio::test]
async fn a_connection_is_closed_after_the_third_failure() {
    let serving = Serving::basic().await;
    let mut raw = serving.connect().await;
    let wrong = format!(
        "POST /wsman HTTP/1.1\r\nHost: x\r\n{}Content-Length: 0\r\n\r\n",
        authorization("wrong")
    );
    for _ in 0..2 {
        let answer = raw.ask(&wrong).await;
        assert!(
            !answer.to_lowercase().contains("connection: close"),
            "{answer}"
        );
    }
    let answer = raw.ask(&wrong).await;
    assert!(
        answer.to_lowercase().contains("connection: close"),
        "{answer}"
    );
    assert_eq!(raw.rest().await, "");
}

#[tokio::test]
async fn a_client_that_waits_for_100_is_not_asked_for_a_body_that_is_thrown_away() {
    let serving = Serving::basic().await;
    let mut raw = serving.connect().await;
    let answer = raw
        .ask("POST /wsman HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n")
        .await;
    assert_eq!(status(&answer), 401, "{answer}");
    let mut raw = serving.connect().await;
    let request = post("/wsman", "Expect: 100-continue\r\n", "<x/>");
    let (head, body) = request.split_at(request.len() - 4);
    assert_eq!(status(&raw.ask(head).await), 100);
    assert_eq!(status(&raw.ask(body).await), 200);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_before_and_while_it_is_read() {
    let serving = Serving::limited(|limits| limits.body_len = 100).await;
    let mut raw = serving.connect().await;
    let announced = raw.ask(&post("/wsman", "", &"x".repeat(101))).await;
    assert_eq!(status(&announced), 413);
    assert_eq!(raw.rest().await, "");
    let mut raw = serving.connect().await;
    let chunk = "x".repeat(60);
    let counted = raw
        .ask(&format!(
            "POST /wsman HTTP/1.1\r\nHost: x\r\n{}{SOAP}Transfer-Encoding: chunked\r\n\r\n3c\r\n{chunk}\r\n3c\r\n{chunk}\r\n0\r\n\r\n",
            authorization(PASSWORD)
        ))
        .await;
    assert_eq!(status(&counted), 413);
    // One that is never sent is not waited for.
    let mut raw = serving.connect().await;
    let huge = format!(
        "POST /wsman HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n{}{SOAP}Content-Length: 99999999999\r\n\r\n",
        authorization("wrong")
    );
    assert_eq!(status(&raw.ask(&huge).await), 401);
    assert_eq!(serving.handler.calls(), 0);
}

#[tokio::test]
async fn a_head_beyond_the_limit_is_refused() {
    let serving = Serving::limited(|limits| limits.head_len = 8 * 1024).await;
    let mut raw = serving.connect().await;
    let field = format!("X-Filler: {}\r\n", "x".repeat(20_000));
    raw.write(&format!("POST /wsman HTTP/1.1\r\nHost: x\r\n{field}"))
        .await;
    assert_eq!(status(&raw.rest().await), 431);
}

#[tokio::test]
async fn a_client_that_sends_its_head_byte_by_byte_is_cut_off() {
    let serving = Serving::limited(|limits| limits.head_timeout = Duration::from_millis(300)).await;
    let mut raw = serving.connect().await;
    let start = Instant::now();
    let mut sent = 0;
    for byte in "POST /wsman HTTP/1.1\r\nHost: x\r\nX-Filler: "
        .chars()
        .chain(std::iter::repeat('x'))
    {
        use tokio::io::AsyncWriteExt;
        if raw.0.write_all(&[byte as u8]).await.is_err() {
            break;
        }
        sent += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{sent} bytes and no end"
        );
    }
    assert!(start.elapsed() >= Duration::from_millis(250));
}

#[tokio::test]
async fn a_stranger_who_says_nothing_is_cut_off_sooner_than_a_user() {
    let serving = Serving::limited(|limits| {
        limits.head_timeout = Duration::from_millis(500);
        limits.idle_timeout = Duration::from_secs(60);
    })
    .await;
    assert_eq!(serving.connect().await.rest().await, "");
    let mut raw = serving.connect().await;
    assert_eq!(status(&raw.ask(&post("/wsman", "", "<x/>")).await), 200);
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(status(&raw.ask(&post("/wsman", "", "<x/>")).await), 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_status_408() {
    let serving = Serving::limited(|limits| limits.body_timeout = Duration::from_millis(100)).await;
    let mut raw = serving.connect().await;
    let request = post("/wsman", "", "<hello/>");
    let answer = raw.ask(&request[..request.len() - 1]).await;
    assert_eq!(status(&answer), 408);
    assert_eq!(raw.rest().await, "");
    assert_eq!(serving.handler.calls(), 0);
}

#[tokio::test]
async fn a_long_poll_may_be_longer_than_every_timeout() {
    let serving = Serving::limited(|limits| {
        limits.head_timeout = Duration::from_millis(400);
        limits.body_timeout = Duration::from_millis(400);
        limits.idle_timeout = Duration::from_millis(400);
        limits.write_timeout = Duration::from_millis(400);
    })
    .await;
    let mut raw = serving.connect().await;
    raw.write(&post("/wsman", "", "<wait/>")).await;
    serving.handler.arrived().await;
    tokio::time::sleep(Duration::from_millis(1000)).await;
    serving.handler.release();
    assert!(raw.answer().await.ends_with("<waited/>"));
}

#[tokio::test]
async fn a_panic_in_the_handler_is_status_500_and_the_connection_goes_on() {
    let serving = Serving::basic().await;
    let mut raw = serving.connect().await;
    let answer = raw.ask(&post("/wsman", "", "<panic/>")).await;
    assert_eq!(status(&answer), 500);
    assert!(!answer.contains("asked to"), "{answer}");
    assert_eq!(status(&raw.ask(&post("/wsman", "", "<x/>")).await), 200);
}

#[tokio::test]
async fn more_connections_than_allowed_wait_for_their_turn() {
    let serving = Serving::limited(|limits| limits.connections = 1).await;
    let mut first = serving.connect().await;
    assert_eq!(status(&first.ask(&post("/wsman", "", "<x/>")).await), 200);
    let mut second = serving.connect().await;
    second.write(&post("/wsman", "", "<x/>")).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(serving.handler.calls(), 1);
    drop(first);
    assert_eq!(status(&second.answer().await), 200);
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_loses_its_place() {
    let serving = Serving::limited(|limits| {
        limits.connections = 1;
        limits.write_timeout = Duration::from_millis(200);
    })
    .await;
    let mut deaf = serving.connect().await;
    deaf.write(&post("/wsman", "", "<huge/>")).await;
    let mut waiting = serving.connect().await;
    assert_eq!(status(&waiting.ask(&post("/wsman", "", "<x/>")).await), 200);
    drop(deaf);
}

#[tokio::test]
async fn identify_needs_no_credentials_where_that_is_allowed() {
    let body = "<identify/>";
    let request = |path: &str, fields: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\n{fields}{SOAP}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let by_field = request("/wsman", "WSMANIDENTIFY: Unauthenticated\r\n");
    let by_path = request("/wsman-anon/identify", "");
    let serving = Serving::basic().await;
    let mut raw = serving.connect().await;
    for request in [&by_field, &by_path] {
        let answer = raw.ask(request).await;
        assert!(
            answer.ends_with("Anonymous  127.0.0.1 true <identify/>"),
            "{answer}"
        );
    }
    // Who shows credentials is asked for them.
    let fields = format!(
        "WSMANIDENTIFY: unauthenticated\r\n{}",
        authorization("wrong")
    );
    assert_eq!(status(&raw.ask(&request("/wsman", &fields)).await), 401);
    // A stranger has no need for a large body.
    let large = "x".repeat(20_000);
    let answer = raw
        .ask(&format!(
            "POST /wsman-anon/identify HTTP/1.1\r\nHost: x\r\n{SOAP}Content-Length: 20000\r\n\r\n{large}"
        ))
        .await;
    assert_eq!(status(&answer), 413);

    let serving = Serving::with(|server| server.unauthenticated_identify(false)).await;
    let mut raw = serving.connect().await;
    assert_eq!(status(&raw.ask(&by_field).await), 401);
    assert_eq!(status(&raw.ask(&by_path).await), 404);
}
