//! Certificates that are right, wrong, and wrong but accepted by name.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use tokio::net::TcpListener;
use wsman::auth::{CertificateClient, CertificateServer};
use wsman::http::{Client, ClientTls, Listener, ServerLimits, ServerTls};
use wsman::{Exchange, ExchangeErrorKind};

use super::setup::{OneUser, PASSWORD, PATIENCE, Serving, basic, exchange};

/// An authority of the test's own.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key, both PEM.
struct Leaf {
    pem: String,
    key: String,
    sha256: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self {
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    fn leaf(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Leaf {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, certificate.der());
        Leaf {
            pem: certificate.pem(),
            key: key.serialize_pem(),
            sha256: digest
                .as_ref()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        }
    }
}

fn expired(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
}

async fn serve(leaf: &Leaf) -> Serving {
    serve_with(ServerTls::new(leaf.pem.as_bytes(), leaf.key.as_bytes()).unwrap()).await
}

async fn serve_with(tls: ServerTls) -> Serving {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    Serving::on(address, Listener::tls(listener, tls), |server| {
        let basic = wsman::auth::BasicServer::new(OneUser).unwrap();
        // TLS has to be enough by itself.
        server.local_peers(|_| false).scheme(basic)
    })
}

fn client(serving: &Serving, tls: ClientTls) -> Client {
    Client::builder(&format!("https://{}/wsman", serving.address))
        .unwrap()
        .scheme(basic(PASSWORD))
        .local_peers(|_| false)
        .tls(tls)
        .build()
        .unwrap()
}

/// `Ok`, or the end of the error that the handshake gave.
async fn outcome(serving: &Serving, tls: ClientTls) -> Result<(), String> {
    match exchange(&client(serving, tls), "<hello/>").await {
        Ok(reply) => {
            assert_eq!(reply.body, "Basic operator 127.0.0.1 true <hello/>");
            Ok(())
        }
        Err(error) => {
            assert_eq!(error.kind(), ExchangeErrorKind::Tls, "{error}");
            assert!(error.was_not_sent());
            let text = error.to_string();
            let prefix = format!("no TLS with https://{}/wsman: ", serving.address);
            Err(text.strip_prefix(&prefix).unwrap_or(&text).to_owned())
        }
    }
}

const UNTRUSTED: &str = "the certificate is from an authority that is not trusted here";
const OTHER_NAME: &str = "the certificate is for another name";
const EXPIRED: &str = "the certificate has expired";
const NOT_PINNED: &str = "the certificate is not the one that was pinned";

fn trusting(authority: &Authority) -> ClientTls {
    ClientTls::new()
        .root_certificates(authority.pem.as_bytes())
        .unwrap()
}

fn refused(text: &str) -> Result<(), String> {
    Err(text.to_owned())
}

#[tokio::test]
async fn a_certificate_of_a_trusted_authority_is_accepted_and_others_are_not() {
    let (authority, other) = (Authority::new("one"), Authority::new("other"));
    let serving = serve(&authority.leaf("127.0.0.1", |_| {})).await;
    assert_eq!(outcome(&serving, trusting(&authority)).await, Ok(()));
    assert_eq!(
        outcome(&serving, trusting(&other)).await,
        refused(UNTRUSTED)
    );
    assert_eq!(
        outcome(&serving, ClientTls::new().skip_ca_check()).await,
        Ok(())
    );
    let name_only = trusting(&other).skip_cn_check();
    assert_eq!(outcome(&serving, name_only).await, refused(UNTRUSTED));
}

#[tokio::test]
async fn a_certificate_for_another_name_needs_its_own_switch() {
    let authority = Authority::new("one");
    let serving = serve(&authority.leaf("srv01.example", |_| {})).await;
    assert_eq!(
        outcome(&serving, trusting(&authority)).await,
        refused(OTHER_NAME)
    );
    assert_eq!(
        outcome(&serving, ClientTls::new().skip_ca_check()).await,
        refused(OTHER_NAME)
    );
    assert_eq!(
        outcome(&serving, trusting(&authority).skip_cn_check()).await,
        Ok(())
    );
    let neither = ClientTls::new().skip_ca_check().skip_cn_check();
    assert_eq!(outcome(&serving, neither).await, Ok(()));
}

#[tokio::test]
async fn an_expired_certificate_is_refused_whatever_is_skipped() {
    let authority = Authority::new("one");
    let leaf = authority.leaf("127.0.0.1", expired);
    let serving = serve(&leaf).await;
    let pinned = ClientTls::new().pin_sha256(&leaf.sha256).unwrap();
    for tls in [
        trusting(&authority),
        ClientTls::new().skip_ca_check().skip_cn_check(),
        pinned,
    ] {
        assert_eq!(outcome(&serving, tls).await, refused(EXPIRED));
    }
}

#[tokio::test]
async fn a_pin_accepts_one_certificate_and_no_other() {
    let authority = Authority::new("one");
    let leaf = authority.leaf("srv01.example", |_| {});
    let other = authority.leaf("127.0.0.1", |_| {});
    let pinned = || ClientTls::new().pin_sha256(&leaf.sha256).unwrap();
    assert_eq!(outcome(&serve(&leaf).await, pinned()).await, Ok(()));
    let imposter = serve(&other).await;
    assert_eq!(outcome(&imposter, pinned()).await, refused(NOT_PINNED));
    // Neither an authority nor a switch makes up for the wrong fingerprint.
    let generous = pinned()
        .root_certificates(authority.pem.as_bytes())
        .unwrap()
        .skip_ca_check()
        .skip_cn_check();
    assert_eq!(outcome(&imposter, generous).await, refused(NOT_PINNED));
}

#[tokio::test]
async fn a_self_signed_certificate_is_its_own_authority() {
    let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let tls = ServerTls::new(certificate.pem().as_bytes(), key.serialize_pem().as_bytes());
    let serving = serve_with(tls.unwrap()).await;
    let trusting = ClientTls::new()
        .root_certificates(certificate.pem().as_bytes())
        .unwrap();
    assert_eq!(outcome(&serving, trusting).await, Ok(()));
}

#[tokio::test]
async fn a_client_shows_its_certificate_to_a_server_that_asks() {
    let (authority, stranger) = (Authority::new("one"), Authority::new("other"));
    let server = authority.leaf("127.0.0.1", |_| {});
    let tls = ServerTls::with_client_roots(
        server.pem.as_bytes(),
        server.key.as_bytes(),
        authority.pem.as_bytes(),
    );
    let serving = serve_with(tls.unwrap()).await;
    let showing = |leaf: &Leaf| {
        trusting(&authority)
            .client_certificate(leaf.pem.as_bytes(), leaf.key.as_bytes())
            .unwrap()
    };
    assert_eq!(outcome(&serving, trusting(&authority)).await, Ok(()));
    let known = authority.leaf("anna", |_| {});
    assert_eq!(outcome(&serving, showing(&known)).await, Ok(()));
    let unknown = client(&serving, showing(&stranger.leaf("anna", |_| {})));
    let error = unknown.exchange("<hello/>".into(), PATIENCE).await;
    assert!(error.is_err());
    assert_eq!(serving.handler.calls(), 2);
}

#[tokio::test]
async fn a_client_certificate_is_an_account() {
    let authority = Authority::new("one");
    let server = authority.leaf("127.0.0.1", |_| {});
    let (anna, bert) = (
        authority.leaf("anna", |_| {}),
        authority.leaf("bert", |_| {}),
    );
    let tls = ServerTls::with_client_roots(
        server.pem.as_bytes(),
        server.key.as_bytes(),
        authority.pem.as_bytes(),
    );
    let accounts = [(anna.sha256.parse().unwrap(), "CONTOSO\\anna".to_owned())];
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = Serving::on(address, Listener::tls(listener, tls.unwrap()), |server| {
        server.scheme(CertificateServer::new(accounts))
    });
    let ask = async |shown: Option<&Leaf>| {
        let mut tls = trusting(&authority);
        if let Some(leaf) = shown {
            tls = tls
                .client_certificate(leaf.pem.as_bytes(), leaf.key.as_bytes())
                .unwrap();
        }
        let client = Client::builder(&format!("https://{address}/wsman"))
            .unwrap()
            .scheme(CertificateClient)
            .tls(tls)
            .build()
            .unwrap();
        exchange(&client, "<hello/>")
            .await
            .map(|reply| reply.body)
            .map_err(|error| error.kind())
    };
    assert_eq!(
        ask(Some(&anna)).await.unwrap(),
        "Certificate CONTOSO\\anna 127.0.0.1 true <hello/>"
    );
    assert_eq!(
        ask(Some(&bert)).await,
        Err(ExchangeErrorKind::Authentication)
    );
    // Nothing can be offered to a client that showed none.
    assert_eq!(ask(None).await, Err(ExchangeErrorKind::Status(403)));
    assert_eq!(serving.handler.calls(), 1);
}

#[tokio::test]
async fn a_client_certificate_stays_at_home_without_tls() {
    let serving = Serving::basic().await;
    let client = serving.client().scheme(CertificateClient).build().unwrap();
    let error = exchange(&client, "<hello/>").await.unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::NotAllowed);
}

#[tokio::test]
async fn plain_http_to_a_tls_port_and_tls_to_a_plain_one_fail_cleanly() {
    let authority = Authority::new("one");
    let serving = serve(&authority.leaf("127.0.0.1", |_| {})).await;
    let plain = Client::builder(&serving.url()).unwrap().build().unwrap();
    assert!(exchange(&plain, "<hello/>").await.is_err());
    assert_eq!(outcome(&serving, trusting(&authority)).await, Ok(()));
    let serving = Serving::basic().await;
    assert!(outcome(&serving, trusting(&authority)).await.is_err());
}

#[tokio::test]
async fn a_server_that_does_not_answer_the_handshake_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/wsman", listener.local_addr().unwrap());
    let client = Client::builder(&url)
        .unwrap()
        .tls(ClientTls::new().skip_ca_check())
        .connect_timeout(Duration::from_millis(200))
        .build()
        .unwrap();
    let error = exchange(&client, "<hello/>").await.unwrap_err();
    assert_eq!(error.kind(), ExchangeErrorKind::Tls);
    assert_eq!(
        error.to_string(),
        format!("no connection to {url} within 200ms")
    );
}

#[tokio::test]
async fn a_client_that_does_not_begin_the_handshake_is_cut_off() {
    let leaf = Authority::new("one").leaf("127.0.0.1", |_| {});
    let tls = ServerTls::new(leaf.pem.as_bytes(), leaf.key.as_bytes()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limits = ServerLimits {
        handshake_timeout: Duration::from_millis(100),
        ..ServerLimits::default()
    };
    let serving = Serving::on(address, Listener::tls(listener, tls), |server| {
        server.limits(limits)
    });
    assert_eq!(serving.connect().await.rest().await, "");
}

#[test]
fn a_certificate_and_a_key_that_do_not_belong_together_are_refused() {
    let authority = Authority::new("one");
    let (one, other) = (authority.leaf("a", |_| {}), authority.leaf("b", |_| {}));
    let error = ServerTls::new(one.pem.as_bytes(), other.key.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "keys may not be consistent: KeyMismatch");
    assert!(ServerTls::new(one.key.as_bytes(), one.key.as_bytes()).is_err());
    assert!(ServerTls::new(one.pem.as_bytes(), one.pem.as_bytes()).is_err());
}
