//! What callers of the client see when both ends are ours.

use std::time::Duration;

use wsman::auth::{BasicServer, HashCost, Secret, UsersFile};
use wsman::http::Client;
use wsman::{Exchange, ExchangeErrorKind};

use super::setup::{OneUser, PASSWORD, PATIENCE, Serving, USER, basic, exchange};

#[tokio::test]
async fn an_envelope_is_answered_and_the_handler_knows_who_called() {
    let serving = Serving::basic().await;
    let client = serving.client().build().unwrap();
    let reply = exchange(&client, "<hello/>").await.unwrap();
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body, "Basic operator 127.0.0.1 true <hello/>");
    assert_eq!(client.endpoint(), serving.url());
}

#[tokio::test]
async fn a_fault_is_an_answer_and_not_an_error() {
    let serving = Serving::basic().await;
    let client = serving.client().build().unwrap();
    let reply = exchange(&client, "<fault/>").await.unwrap();
    assert_eq!((reply.status, &reply.body[..]), (500, &b"<s:Fault/>"[..]));
}

#[tokio::test]
async fn accounts_of_a_users_file_get_in() {
    let cost = HashCost {
        memory_kib: 64,
        passes: 1,
    };
    let line = UsersFile::line(USER, &Secret::from(PASSWORD), cost).unwrap();
    let users = UsersFile::parse(&line).unwrap();
    let serving = Serving::bare(|server| server.scheme(BasicServer::new(users).unwrap())).await;
    let client = serving.client().build().unwrap();
    assert!(exchange(&client, "<hello/>").await.is_ok());
    let wrong = serving.client().scheme(basic("wrong")).build().unwrap();
    let error = exchange(&wrong, "<hello/>").await.unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::Authentication);
}

#[tokio::test]
async fn a_wrong_password_is_access_denied_and_nothing_is_handled() {
    let serving = Serving::basic().await;
    let client = serving.client().scheme(basic("wrong")).build().unwrap();
    let error = exchange(&client, "<hello/>").await.unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::Authentication);
    assert_eq!(
        error.to_string(),
        format!(
            "{} did not accept the Basic credentials (it offers Basic)",
            serving.url()
        )
    );
    assert_eq!(serving.handler.calls(), 0);
}

#[tokio::test]
async fn a_client_without_credentials_is_told_that_they_are_wanted() {
    let serving = Serving::basic().await;
    let client = Client::builder(&serving.url()).unwrap().build().unwrap();
    let error = exchange(&client, "<hello/>").await.unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::Authentication);
    assert_eq!(
        error.to_string(),
        format!(
            "{} wants credentials and none were given (it offers Basic)",
            serving.url()
        )
    );
    assert_eq!(serving.handler.calls(), 0);
}

#[tokio::test]
async fn a_client_sends_no_password_in_clear_text_to_another_computer() {
    let serving = Serving::basic().await;
    let elsewhere = || serving.client().local_peers(|_| false);
    let refused = |builder: wsman::http::ClientBuilder| async {
        let error = exchange(&builder.build().unwrap(), "<hello/>")
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ExchangeErrorKind::NotAllowed);
    };
    refused(elsewhere()).await;
    // Each permission alone is not enough: one is for the envelope, one for the password.
    refused(elsewhere().allow_unencrypted()).await;
    refused(elsewhere().scheme(basic(PASSWORD).allow_plaintext())).await;
    let unnamed = Client::builder(&serving.url()).unwrap();
    refused(unnamed.local_peers(|_| false)).await;
    assert_eq!(serving.handler.calls(), 0);

    let allowed = elsewhere()
        .allow_unencrypted()
        .scheme(basic(PASSWORD).allow_plaintext())
        .build()
        .unwrap();
    assert!(exchange(&allowed, "<hello/>").await.is_ok());
}

#[tokio::test]
async fn a_server_takes_no_password_in_clear_text_from_another_computer() {
    let attempts = [
        (false, false, Err(ExchangeErrorKind::Status(403))),
        (true, false, Err(ExchangeErrorKind::Status(403))),
        (false, true, Err(ExchangeErrorKind::Status(403))),
        (true, true, Ok(200)),
    ];
    for (unencrypted, plaintext, expected) in attempts {
        let mut scheme = BasicServer::new(OneUser).unwrap();
        if plaintext {
            scheme = scheme.allow_plaintext();
        }
        let serving = Serving::bare(|server| {
            let server = server.local_peers(|_| false).scheme(scheme);
            if unencrypted {
                server.allow_unencrypted()
            } else {
                server
            }
        })
        .await;
        let client = serving.client().build().unwrap();
        let outcome = exchange(&client, "<hello/>").await;
        assert_eq!(
            outcome
                .map(|reply| reply.status)
                .map_err(|error| error.kind()),
            expected,
            "allow_unencrypted {unencrypted}, allow_plaintext {plaintext}"
        );
        assert_eq!(serving.handler.calls(), usize::from(expected.is_ok()));
    }
}

#[tokio::test]
async fn a_long_poll_holds_up_nothing() {
    let serving = Serving::basic().await;
    let client = serving.client().build().unwrap();
    let polling = tokio::spawn({
        let client = client.clone();
        async move { exchange(&client, "<wait/>").await }
    });
    serving.handler.arrived().await;
    for _ in 0..5 {
        let sends = [(); 3].map(|()| {
            let client = client.clone();
            tokio::spawn(async move { exchange(&client, "<send/>").await })
        });
        for send in sends {
            assert_eq!(send.await.unwrap().unwrap().status, 200);
        }
    }
    assert!(!polling.is_finished());
    serving.handler.release();
    assert_eq!(polling.await.unwrap().unwrap().body, "<waited/>");
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_a_timeout() {
    let serving = Serving::basic().await;
    let client = serving.client().build().unwrap();
    let error = client
        .exchange("<wait/>".into(), Duration::from_millis(100))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::Timeout);
    assert!(!error.was_not_sent());
    // The connection of the abandoned request is not used again.
    let reply = exchange(&client, "<next/>").await.unwrap();
    assert!(reply.body.ends_with(b"<next/>"));
}

#[tokio::test]
async fn a_handler_notices_that_its_client_is_gone() {
    let serving = Serving::basic().await;
    let client = serving.client().build().unwrap();
    let polling = tokio::spawn(async move { exchange(&client, "<wait/>").await });
    serving.handler.arrived().await;
    polling.abort();
    tokio::time::timeout(PATIENCE, serving.handler.abandoned())
        .await
        .expect("the handler waits for nobody");
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_not_read() {
    let serving = Serving::basic().await;
    let client = serving.client().max_response_len(1000).build().unwrap();
    let error = exchange(&client, "<big/>").await.unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::TooLarge);
    assert_eq!(error.to_string(), "the answer is larger than 1000 bytes");
    let client = serving.client().max_response_len(300_000).build().unwrap();
    assert!(exchange(&client, "<big/>").await.is_ok());
}

#[tokio::test]
async fn a_body_beyond_the_limit_of_the_server_is_status_413() {
    let serving = Serving::limited(|limits| limits.body_len = 1000).await;
    let client = serving.client().build().unwrap();
    let error = client
        .exchange("x".repeat(1001).into(), PATIENCE)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::Status(413));
    let reply = client.exchange("x".repeat(1000).into(), PATIENCE).await;
    assert_eq!(reply.unwrap().status, 200);
    assert_eq!(serving.handler.calls(), 1);
}

#[tokio::test]
async fn a_body_far_beyond_the_limit_is_status_413_too_although_nobody_reads_all_of_it() {
    let serving = Serving::limited(|limits| limits.body_len = 1000).await;
    let client = serving.client().build().unwrap();
    for len in [400_000, 8_000_000] {
        let error = client
            .exchange(vec![b'x'; len].into(), PATIENCE)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ExchangeErrorKind::Status(413), "{len}");
    }
    assert_eq!(serving.handler.calls(), 0);
}

#[tokio::test]
async fn another_path_is_not_the_service() {
    let serving = Serving::with(|server| server.path("remoting")).await;
    let client = serving.client().build().unwrap();
    let error = exchange(&client, "<hello/>").await.unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::Status(404));
    let url = format!("http://{}/remoting?PSVersion=7.6.5", serving.address);
    let client = Client::builder(&url)
        .unwrap()
        .scheme(basic(PASSWORD))
        .build()
        .unwrap();
    assert!(exchange(&client, "<hello/>").await.is_ok());
}

#[tokio::test]
async fn a_connection_that_the_server_gave_up_is_replaced_unnoticed() {
    let serving = Serving::limited(|limits| limits.idle_timeout = Duration::from_millis(50)).await;
    let client = serving.client().build().unwrap();
    for _ in 0..3 {
        assert!(exchange(&client, "<hello/>").await.is_ok());
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    assert_eq!(serving.handler.calls(), 3);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_connect_error() {
    let mut serving = Serving::basic().await;
    let client = serving.client().build().unwrap();
    serving.stop();
    serving.stopped().await;
    let error = exchange(&client, "<hello/>").await.unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::Connect);
    assert!(error.was_not_sent());
}
