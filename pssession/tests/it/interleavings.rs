//! Whatever clients do to a session while a script runs, and in whatever order: each number that
//! the script wrote comes out once, in order, over all clients together.

use pssession::{DisconnectOption, Invocation, Outcome, Output, RunspaceState, Session};

use crate::sessions::{Served, numbers, objects, served};

/// Few bits, but the same ones for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// One run of a script, as far as it has come.
struct Run {
    session: Session,
    invocation: Option<Invocation>,
    seen: Vec<psrp_codec::Value>,
    stopped: bool,
    outcome: Option<Outcome>,
}

impl Run {
    /// Reads up to `most` outputs; what ends it is kept.
    async fn read(&mut self, most: usize) {
        for _ in 0..most {
            let Some(invocation) = &mut self.invocation else {
                return;
            };
            match invocation.next().await.unwrap() {
                Some(Output::Object(value)) => self.seen.push(value),
                Some(other) => panic!("{other:?}"),
                None => {
                    let outcome = invocation.outcome().cloned().unwrap();
                    if outcome != Outcome::Disconnected {
                        self.outcome = Some(outcome);
                    }
                    self.invocation = None;
                }
            }
        }
    }

    /// Leaves the session; what had come by then is read.
    async fn leave(&mut self) {
        self.session
            .disconnect(DisconnectOption::default())
            .await
            .unwrap();
        self.read(usize::MAX).await;
    }

    /// Takes up what was left running, once the session is there again.
    async fn receive(&mut self) {
        let mut received = self.session.receive().await.unwrap();
        assert!(received.len() <= 1);
        self.invocation = received.pop();
    }
}

async fn play(served: &Served, seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let count = i32::try_from(dice.roll(400)).unwrap() + 1;
    // Without a pause all is written at once; with one, much happens between two numbers.
    let script = format!("count {count} {}", u64::from(count < 60));
    let session = served.builder.clone().open().await.unwrap();
    let id = session.instance_id();
    let invocation = session.invoke(script).await.unwrap();
    let mut run = Run {
        session,
        invocation: Some(invocation),
        seen: Vec::new(),
        stopped: false,
        outcome: None,
    };
    for _ in 0..dice.roll(12) {
        if run.outcome.is_some() {
            break;
        }
        match dice.roll(5) {
            0 | 1 => run.read(usize::try_from(dice.roll(50)).unwrap()).await,
            2 => {
                run.leave().await;
                // Sometimes nobody is there for a while.
                tokio::time::sleep(std::time::Duration::from_millis(dice.roll(10))).await;
                run.session.reconnect().await.unwrap();
                if run.outcome.is_none() && dice.roll(3) > 0 {
                    run.receive().await;
                }
            }
            3 => {
                run.leave().await;
                run.session = served.builder.connect(id).await.unwrap();
                // Sometimes a client leaves again without a look at what there is.
                if run.outcome.is_none() && dice.roll(3) > 0 {
                    run.receive().await;
                }
            }
            _ if dice.roll(4) == 0 => {
                if let Some(invocation) = &run.invocation {
                    invocation.stop().await;
                    run.stopped = true;
                }
            }
            _ => tokio::task::yield_now().await,
        }
    }
    if run.outcome.is_none() && run.invocation.is_none() {
        run.receive().await;
    }
    run.read(usize::MAX).await;
    let came = i32::try_from(run.seen.len()).unwrap();
    assert_eq!(run.seen, numbers(1..=came), "seed {seed}");
    match run.outcome {
        Some(Outcome::Completed) => assert_eq!(came, count, "seed {seed}"),
        Some(Outcome::Stopped) => assert!(run.stopped, "seed {seed}"),
        other => panic!("seed {seed}: {other:?}"),
    }
    // The session is as good as new, and nothing is left of it when it is closed.
    assert_eq!(
        objects(&run.session, "say on").await,
        [psrp_codec::Value::from("on")]
    );
    run.session.close().await.unwrap();
    assert_eq!(run.session.state(), RunspaceState::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_order_of_operations_brings_everything_once_and_in_order() {
    let served = served(|_| ()).await;
    for seed in 1..=50 {
        let played = tokio::time::timeout(std::time::Duration::from_secs(30), play(&served, seed));
        assert!(played.await.is_ok(), "seed {seed} does not come to an end");
    }
    assert_eq!(served.endpoint.session_count(), 0);
}
