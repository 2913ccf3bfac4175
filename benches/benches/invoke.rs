//! A script from the call to its last result: client, WS-Management on a Unix socket, endpoint and built-in engine.
#![allow(missing_docs, reason = "criterion's macros write items without")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pssession::endpoint::{BuiltInEngine, Endpoint, EndpointConfig};
use pssession::{Address, Session, SessionBuilder, SessionOption};
use tempfile::TempDir;
use tokio::net::UnixListener;
use tokio::runtime::Runtime;
use wsman::http::{Listener, UnixPeers};

/// A thousand strings of a thousand characters.
const MEGABYTE: &str = "$line = 'x' * 1000; foreach ($n in 1..1000) { $line }";

/// Many small objects: what counts is what each costs.
const NUMBERS: &str = "1..20000 | ForEach-Object { $_ }";

/// An endpoint on a socket of its own, for as long as the folder lives.
fn serve(runtime: &Runtime, folder: &TempDir) -> SessionBuilder {
    let socket = folder.path().join("endpoint.sock");
    let _context = runtime.enter();
    let listener = UnixListener::bind(&socket).expect("the folder is new");
    runtime.spawn(async move {
        let endpoint = Endpoint::new(BuiltInEngine::default(), EndpointConfig::default());
        let listen = |server: wsman::http::Server<_>| {
            server.listen(Listener::unix(listener, UnixPeers::same_user()))
        };
        endpoint.serve(listen, std::future::pending()).await;
    });
    SessionBuilder::new(Address::Local {
        socket: Some(socket),
    })
}

/// Runs a script and gives the number of its results.
async fn results(session: &Session, script: &str) -> usize {
    let invocation = session.invoke(script).await.expect("the session is open");
    let collected = invocation.collect().await.expect("the endpoint is there");
    assert!(collected.errors.is_empty(), "{:?}", collected.errors);
    collected.objects.len()
}

fn invoke(c: &mut Criterion) {
    let runtime = Runtime::new().expect("threads can be started");
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let builder = serve(&runtime, &folder);
    let mut group = c.benchmark_group("invoke");
    group.sample_size(20);
    group.bench_function("open_run_close", |b| {
        b.iter(|| {
            runtime.block_on(async {
                let session = builder.open().await.expect("the endpoint is there");
                assert_eq!(results(&session, "6 * 7").await, 1);
                session.close().await.expect("the session is open");
            });
        });
    });
    let session = runtime
        .block_on(builder.open())
        .expect("the endpoint is there");
    group.bench_function("run", |b| {
        b.iter(|| assert_eq!(runtime.block_on(results(&session, "6 * 7")), 1));
    });
    group.throughput(Throughput::Bytes(1_000_000));
    group.bench_function("output/1m", |b| {
        b.iter(|| assert_eq!(runtime.block_on(results(&session, MEGABYTE)), 1000));
    });
    // The same for a client that does not wait for its reader before it asks for more.
    let mut option = SessionOption::default();
    option.read_ahead = true;
    let ahead = builder.clone().option(option);
    let ahead = runtime
        .block_on(ahead.open())
        .expect("the endpoint is there");
    group.bench_function("output/1m_read_ahead", |b| {
        b.iter(|| assert_eq!(runtime.block_on(results(&ahead, MEGABYTE)), 1000));
    });
    group.throughput(Throughput::Elements(20_000));
    for (name, session) in [
        ("output/20k_numbers", &session),
        ("output/20k_numbers_read_ahead", &ahead),
    ] {
        group.bench_function(name, |b| {
            b.iter(|| assert_eq!(runtime.block_on(results(session, NUMBERS)), 20_000));
        });
    }
    group.finish();
}

criterion_group!(benches, invoke);
criterion_main!(benches);
