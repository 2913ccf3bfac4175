//! Scripts that go too far, and scripts that are stopped.

use std::time::{Duration, Instant};

use engine::runspace::{Collected, PipelineSpec};
use engine::{Completion, Runspace, RunspaceOptions};

#[test]
fn recursion_without_end_is_an_error_that_a_script_can_catch() {
    let thread = Runspace::thread("deep").spawn(|| {
        let mut sink = Collected::default();
        let script = "function f { f }; try { f } catch { $_.FullyQualifiedErrorId }";
        Runspace::new(RunspaceOptions::default())
            .invoke(&mut PipelineSpec::script(script), &mut sink);
        sink.output
            .first()
            .and_then(|value| value.as_text().map(|text| text.to_string()))
    });
    assert_eq!(
        thread.unwrap().join().unwrap().as_deref(),
        Some("CallDepthOverflow")
    );
}

#[test]
fn a_script_that_runs_is_stopped_within_a_tenth_of_a_second() {
    for script in [
        "while ($true) { }",
        "1..2000000000 | ForEach-Object { }",
        "/bin/sleep 30",
        "function f { for (;;) { } }; f",
        "Start-Sleep 30",
        "1..40000 | Sort-Object { $_ % 7; for ($i = 0; $i -lt 50; $i++) { } }",
        "while ($true) { [void](('a' * 5000) -match '(a+)+b$') }",
    ] {
        let (handles, handle) = std::sync::mpsc::channel();
        let thread = Runspace::thread("stopped")
            .spawn(move || {
                let mut runspace = Runspace::new(RunspaceOptions::default());
                handles.send(runspace.stop_handle()).unwrap();
                let completion =
                    runspace.invoke(&mut PipelineSpec::script(script), &mut Collected::default());
                (matches!(completion, Completion::Stopped), Instant::now())
            })
            .unwrap();
        let handle = handle.recv().unwrap();
        std::thread::sleep(Duration::from_millis(150));
        let asked = Instant::now();
        handle.stop();
        let (stopped, ended) = thread.join().unwrap();
        assert!(stopped, "{script}");
        assert!(
            ended - asked < Duration::from_millis(100),
            "{script}: {:?}",
            ended - asked
        );
    }
}

#[test]
fn a_script_that_used_up_its_steps_ends_with_an_error() {
    let mut options = RunspaceOptions::default();
    options.limits.fuel = Some(10_000);
    let completion = Runspace::new(options).invoke(
        &mut PipelineSpec::script("while ($true) { }"),
        &mut Collected::default(),
    );
    let Completion::Failed(record) = completion else {
        panic!("{completion:?}")
    };
    assert_eq!(
        record.fully_qualified_error_id.as_str(),
        "InvocationLimitReached"
    );
}
