//! A server that stops while others still want something from it.

use std::time::{Duration, Instant};

use wsman::ExchangeErrorKind;
use wsman::http::ServerLimits;

use super::setup::{Serving, exchange, post, status};

#[tokio::test]
async fn a_request_in_flight_is_answered_and_no_new_one_is_taken() {
    let mut serving = Serving::basic().await;
    let client = serving.client().build().unwrap();
    let polling = tokio::spawn({
        let client = client.clone();
        async move { exchange(&client, "<wait/>").await }
    });
    serving.handler.arrived().await;
    let mut idle = serving.connect().await;
    assert_eq!(status(&idle.ask(&post("/wsman", "", "<x/>")).await), 200);

    serving.stop();
    assert_eq!(idle.rest().await, "");
    let late = exchange(&client, "<late/>").await.unwrap_err();
    assert_eq!(late.kind(), ExchangeErrorKind::Connect);
    assert!(!polling.is_finished());

    serving.handler.release();
    assert_eq!(polling.await.unwrap().unwrap().body, "<waited/>");
    serving.stopped().await;
}

#[tokio::test]
async fn a_request_that_does_not_end_is_cut_off_after_the_grace() {
    let limits = ServerLimits {
        shutdown_grace: Duration::from_millis(100),
        ..ServerLimits::default()
    };
    let mut serving = Serving::with(|server| server.limits(limits)).await;
    let client = serving.client().build().unwrap();
    let polling = tokio::spawn(async move { exchange(&client, "<wait/>").await });
    serving.handler.arrived().await;
    let start = Instant::now();
    serving.stop();
    serving.stopped().await;
    assert!(start.elapsed() >= Duration::from_millis(100));
    let error = polling.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::ConnectionLost);
}
