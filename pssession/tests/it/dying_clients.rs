//! Clients that die, or lose their connection, while they hold output that they have not finished
//! with: the next client gets it.

use std::future::Future;
use std::io::Read;
use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};

use psrp_codec::Value;
use pssession::{Address, Arrival, FanOut, Invocation, Output, Script, Session, SessionOption};
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use uuid::Uuid;
use wsman::client::ShellClient;
use wsman::http::Client;
use wsman::shell::ShellId;

use crate::program::{Home, PATIENCE};
use crate::sessions::{Served, numbers, served};

const RESOURCE: &str = "http://schemas.microsoft.com/powershell/Microsoft.PowerShell";

/// Runs `life` in a client that is gone when it ends, with all its connections and without a word.
async fn live_and_die<T, F>(life: impl FnOnce() -> F + Send + 'static) -> T
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let client = Runtime::new().unwrap();
    let lived = client.spawn(life()).await.unwrap();
    client.shutdown_background();
    lived
}

async fn take(invocation: &mut Invocation, count: i32) -> Vec<Value> {
    let mut taken = Vec::new();
    for _ in 0..count {
        match invocation.next().await.unwrap() {
            Some(Output::Object(value)) => taken.push(value),
            other => panic!("{other:?}"),
        }
    }
    taken
}

/// What the next client receives, pipeline by pipeline.
async fn receive(served: &Served, session: Uuid) -> Vec<Vec<Value>> {
    let session = served.builder.connect(session).await.unwrap();
    let mut received = Vec::new();
    for invocation in session.receive().await.unwrap() {
        received.push(invocation.collect().await.unwrap().objects);
    }
    assert!(session.receive().await.unwrap().is_empty());
    session.close().await.unwrap();
    received
}

/// Whether `received` goes on with the last that was taken, which the client had not finished
/// with, or begins before it, and goes on to `count`.
fn goes_on(received: &[Value], taken: i32, count: i32) -> bool {
    let Some(Value::Int32(first)) = received.first() else {
        return false;
    };
    (1..=taken).contains(first) && received == numbers(*first..=count)
}

fn socket(served: &Served) -> PathBuf {
    match served.builder.address() {
        Address::Local {
            socket: Some(socket),
        } => socket.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_has_not_finished_with_when_it_dies_is_received_by_the_next() {
    let served = served(|_| ()).await;
    // The whole output in an answer or two, and in many; and a reader that got far.
    for (count, takes) in [(500, 1), (500, 500), (50_000, 1), (50_000, 30_000)] {
        let builder = served.builder.clone().runspaces(1, 2);
        let session = live_and_die(move || async move {
            let session = builder.open().await.unwrap();
            let script = format!("count {count} 0");
            let mut first = session.invoke(script.as_str()).await.unwrap();
            let mut second = session.invoke(script.as_str()).await.unwrap();
            assert_eq!(take(&mut first, takes).await, numbers(1..=takes));
            assert_eq!(take(&mut second, 1).await, numbers(1..=1));
            // What else could be fetched is, if it is.
            tokio::time::sleep(Duration::from_millis(100)).await;
            let id = session.instance_id();
            std::mem::forget((session, first, second));
            id
        })
        .await;
        let received = receive(&served, session).await;
        assert_eq!(received.len(), 2);
        let [one, other] = [&received[0], &received[1]];
        assert!(
            goes_on(one, takes, count) && goes_on(other, 1, count)
                || goes_on(other, takes, count) && goes_on(one, 1, count),
            "after {takes} of {count}: {:?} and {:?}",
            one.first(),
            other.first()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_nobody_has_read_is_received_whole() {
    let served = served(|_| ()).await;
    let builder = served.builder.clone();
    let session = live_and_die(move || async move {
        let session = builder.open().await.unwrap();
        let invocation = session.invoke("count 10 0").await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let id = session.instance_id();
        std::mem::forget((session, invocation));
        id
    })
    .await;
    assert_eq!(receive(&served, session).await, [numbers(1..=10)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn results_of_many_sessions_that_were_not_looked_at_are_received() {
    let served = served(|_| ()).await;
    let builder = served.builder.clone();
    let (sessions, seen) = live_and_die(move || async move {
        let sessions = [builder.open().await.unwrap(), builder.open().await.unwrap()];
        let script = Script::new("count 200 0");
        let mut fan_out = FanOut::invoke_in_sessions(sessions.to_vec(), &script, 0);
        let ids = sessions.each_ref().map(Session::instance_id);
        let mut seen = [1, 1];
        for _ in 0..150 {
            let (origin, arrival) = fan_out.next().await.unwrap();
            let of = usize::from(origin.runspace_id == ids[1]);
            match arrival {
                Arrival::Output(Output::Object(Value::Int32(number))) => seen[of] = number,
                other => panic!("{other:?}"),
            }
        }
        std::mem::forget((sessions, fan_out));
        (ids, seen)
    })
    .await;
    for (session, seen) in sessions.into_iter().zip(seen) {
        let received = receive(&served, session).await;
        // The last of one session was finished with when that of the other was asked for.
        assert!(goes_on(&received[0], seen + 1, 200), "{seen}: {received:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_may_take_longer_than_any_timeout_over_one_object() {
    let served = served(|config| {
        config.min_idle_timeout = Duration::from_millis(100);
        config.idle_timeout = Duration::from_millis(300);
    })
    .await;
    let mut option = SessionOption::default();
    option.operation_timeout = Some(Duration::from_millis(500));
    let session = served.builder.clone().option(option).open().await.unwrap();
    let mut invocation = session.invoke("count 30000 0").await.unwrap();
    assert_eq!(take(&mut invocation, 1).await, numbers(1..=1));
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let rest = invocation.collect().await.unwrap().objects;
    assert_eq!(rest, numbers(2..=30_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_is_heard_of_while_output_is_in_hand() {
    let served = served(|_| ()).await;
    let session = served.builder.open().await.unwrap();
    let mut invocation = session.invoke("count 30000 0").await.unwrap();
    let mut taken = take(&mut invocation, 1).await;
    while !invocation.has_more() {
        taken.extend(take(&mut invocation, 1).await);
    }
    let client = Client::builder(&format!("unix:{}", socket(&served).display())).unwrap();
    let shells = ShellClient::new(client.build().unwrap(), RESOURCE);
    let shell = ShellId::from_uuid(session.instance_id());
    shells.delete(&shell).await.unwrap();
    let deadline = Instant::now() + PATIENCE;
    while !session.state().is_final() {
        assert!(Instant::now() < deadline, "{:?}", session.state());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // What is in hand can be taken all the same.
    taken.extend(take(&mut invocation, 1).await);
    let last = i32::try_from(taken.len()).unwrap();
    assert_eq!(taken, numbers(1..=last));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_ahead_gets_everything_in_order() {
    let served = served(|_| ()).await;
    let mut option = SessionOption::default();
    option.read_ahead = true;
    let session = served.builder.clone().option(option).open().await.unwrap();
    let mut invocation = session.invoke("count 30000 0").await.unwrap();
    assert_eq!(take(&mut invocation, 1).await, numbers(1..=1));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let rest = invocation.collect().await.unwrap().objects;
    assert_eq!(rest, numbers(2..=30_000));
}

/// A way to an endpoint that can be cut.
struct Way {
    socket: PathBuf,
    cuts: watch::Sender<u32>,
}

impl Way {
    /// Listens beside the endpoint's own socket.
    fn to(endpoint: PathBuf) -> Self {
        let socket = endpoint.with_extension("way");
        let listener = UnixListener::bind(&socket).unwrap();
        let (cuts, cut) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (endpoint, mut cut) = (endpoint.clone(), cut.clone());
                cut.mark_unchanged();
                tokio::spawn(async move {
                    let mut far = UnixStream::connect(endpoint).await.unwrap();
                    tokio::select! {
                        _ended = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _cut = cut.changed() => {}
                    }
                });
            }
        });
        Self { socket, cuts }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_in_hand_when_the_connection_breaks_is_not_given_twice() {
    let served = served(|_| ()).await;
    let way = Way::to(socket(&served));
    let builder = pssession::SessionBuilder::new(Address::Local {
        socket: Some(way.socket.clone()),
    });
    let session = builder.open().await.unwrap();
    let mut invocation = session.invoke("count 30000 0").await.unwrap();
    let mut seen = Vec::new();
    // The answers hold thousands: some of these are in the middle of one, whichever they are.
    for takes in [1, 700, 2000, 5000, 6000] {
        seen.extend(take(&mut invocation, takes).await);
        way.cuts.send_modify(|cuts| *cuts += 1);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    seen.extend(invocation.collect().await.unwrap().objects);
    assert_eq!(seen, numbers(1..=30_000));
}

/// Reads what a program wrote before it died, once it can write no more.
fn kill_when_blocked(mut client: Child) -> String {
    let mut out = client.stdout.take().unwrap();
    let deadline = Instant::now() + PATIENCE;
    let mut waiting = 0;
    loop {
        std::thread::sleep(Duration::from_millis(300));
        let now = rustix::io::ioctl_fionread(&out).unwrap();
        if now > 32_000 && now == waiting {
            break;
        }
        waiting = now;
        assert!(Instant::now() < deadline, "it is not blocked: {now}");
    }
    client.kill().unwrap();
    client.wait().unwrap();
    let mut seen = String::new();
    out.read_to_string(&mut seen).unwrap();
    seen
}

/// The numbers at the ends of the items of `text`; of one that was cut off there is none.
fn items(text: &str, end: &str) -> Vec<i64> {
    let ends = text.split(end);
    let mut numbers: Vec<_> = ends
        .map(|item| item.rsplit_once('-').map(|(_, number)| number.to_owned()))
        .collect();
    numbers.pop();
    let numbers = numbers.into_iter().flatten();
    numbers.map(|number| number.parse().unwrap()).collect()
}

#[test]
fn a_program_killed_while_its_output_is_blocked_loses_nothing_that_it_did_not_write() {
    let home = Home::new();
    for (form, end, count) in [
        ("text", "\n", 1_000),
        ("text", "\n", 20_000),
        ("jsonl", "\"\n", 1_000),
        ("json", "\"", 1_000),
    ] {
        let name = format!("{form}{count}");
        home.out(&["new", "--name", &name]);
        let script = format!("1..{count} | ForEach-Object {{ 'x' * 100 + \"-$_\" }}");
        let client = home
            .command(&["invoke", "--name", &name, "-o", form, &script])
            .spawn()
            .unwrap();
        let shown = items(&kill_when_blocked(client), end);
        let last = i64::try_from(shown.len()).unwrap();
        assert_eq!(shown, (1..=last).collect::<Vec<_>>(), "{name}");
        assert!(last < count, "{name}: it was not blocked");

        let rest = home.out(&["receive", "--name", &name, "-o", "text"]);
        let rest = items(&rest, "\n");
        let first = rest.first().copied().unwrap_or(count + 1);
        assert!(first <= last + 1, "{name}: lost between {last} and {first}");
        assert_eq!(rest, (first..=count).collect::<Vec<_>>(), "{name}");
        let again = home.out(&["receive", "--name", &name, "-o", "text"]);
        assert_eq!(again, "", "{name}: what was received is not there any more");
    }
}
