//! What people may see in logs and debug output.

use std::io;
use std::sync::{Arc, Mutex};

use tracing::subscriber::DefaultGuard;
use wsman::http::{ClientTls, Server};

use super::setup::{Handler, OneUser, PASSWORD, Serving, basic, exchange};

/// Everything that is logged, down to the finest level.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Listens to this thread until the guard is dropped.
    pub(crate) fn for_this_thread(&self) -> DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || log.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The password as it is, as the token holds it, and as base64 of the pair.
fn assert_no_secret(text: &str) {
    let token = base64_simd::STANDARD.encode_to_string(format!("operator:{PASSWORD}"));
    for secret in [PASSWORD, &token, "operator:"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn logs_hold_no_password_and_no_token() {
    let log = Log::default();
    // Client and server run on this thread in this test.
    let guard = log.for_this_thread();
    let serving = Serving::basic().await;
    let client = serving.client().build().unwrap();
    exchange(&client, "<hello/>").await.unwrap();
    let wrong = serving
        .client()
        .scheme(basic("Passw0rd!!"))
        .build()
        .unwrap();
    exchange(&wrong, "<hello/>").await.unwrap_err();
    drop(guard);
    let text = log.text();
    assert!(text.contains("A client was refused"), "{text}");
    assert_no_secret(&text);
    assert!(!text.contains("<hello/>"), "{text}");
}

#[tokio::test]
async fn debug_output_and_errors_hold_no_password() {
    let serving = Serving::basic().await;
    let builder = serving.client();
    assert_no_secret(&format!("{builder:?}"));
    let client = builder.build().unwrap();
    exchange(&client, "<hello/>").await.unwrap();
    assert_no_secret(&format!("{client:?}"));
    let server =
        Server::new(Handler::default()).scheme(wsman::auth::BasicServer::new(OneUser).unwrap());
    assert_no_secret(&format!("{server:?}"));
    let wrong = serving
        .client()
        .scheme(basic("Passw0rd!!"))
        .build()
        .unwrap();
    let error = exchange(&wrong, "<hello/>").await.unwrap_err();
    assert_no_secret(&format!("{error} {error:?}"));

    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::default()
        .self_signed(&key)
        .unwrap();
    let tls = ClientTls::new()
        .client_certificate(certificate.pem().as_bytes(), key.serialize_pem().as_bytes())
        .unwrap();
    assert_eq!(
        format!("{tls:?}"),
        "ClientTls { roots: 0, pins: 0, client_certificate: true, skip_ca_check: false, skip_cn_check: false }"
    );
}
