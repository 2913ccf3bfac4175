//! The program, each line of a story a process of its own.

use std::thread;

use crate::program::{Home, Ran, items, numbers};

/// Numbers that come slowly.
fn slow(count: u32, milliseconds: u32) -> String {
    format!("1..{count} | ForEach-Object {{ Start-Sleep -Milliseconds {milliseconds}; $_ }}")
}

#[test]
fn a_session_lives_from_process_to_process() {
    let home = Home::new();
    let made = home.json(&["new", "--name", "build"]);
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["Name"], "build");
    assert_eq!(made[0]["ComputerName"], "localhost");
    assert_eq!(made[0]["ConfigurationName"], "Microsoft.PowerShell");
    let id = made[0]["Id"].as_u64().unwrap().to_string();

    // It is listed, and found by its id, its name, a pattern and its instance id.
    for chosen in [
        &["get"][..],
        &["get", "--id", &id],
        &["get", "--name", "BUILD"],
        &["get", "--name", "b?i*"],
    ] {
        let found = home.json(chosen);
        assert_eq!(found.len(), 1, "{chosen:?}");
        assert_eq!(found[0]["Name"], "build");
    }
    assert!(home.json(&["get", "--name", "c*"]).is_empty());

    // Variables, functions and aliases are shared by all that runs in it.
    let set = "$x = 40; function Add2($n) { $n + 2 }; Set-Alias a2 Add2";
    assert_eq!(home.out(&["invoke", "--name", "build", set]), "");
    let add = ["invoke", "--name", "build", "-o", "text", "a2 $x"];
    assert_eq!(home.out(&add), "42\n");

    // What is left running is received by another process, once and in order.
    let started = home.run(&[
        "invoke",
        "--name",
        "build",
        "--in-disconnected-session",
        &slow(5, 100),
    ]);
    assert_eq!(started.status, 0, "{started:?}");
    let there = home.json(&["get", "-C", "localhost"]);
    assert_eq!(there.len(), 1, "{there:?}");
    assert_eq!(there[0]["Name"], "build");
    assert_eq!(there[0]["State"], "Disconnected");
    assert!(
        there[0]["Owner"]
            .as_str()
            .is_some_and(|owner| !owner.is_empty())
    );
    assert!(there[0]["DisconnectedOn"].is_string(), "{there:?}");
    let receive = ["receive", "--name", "build", "-o", "text"];
    assert_eq!(numbers(&home.out(&receive)), [1, 2, 3, 4, 5]);
    assert_eq!(home.out(&receive), "", "output is given out once");

    let connected = home.json(&["connect", "--name", "build"]);
    assert_eq!(connected[0]["State"], "Opened");
    home.out(&["disconnect", "--name", "build", "--idle-timeout", "90s"]);
    let refused = home.run(&["disconnect", "--name", "build", "--idle-timeout", "59s"]);
    assert_eq!(refused.status, 2, "{refused:?}");
    assert!(refused.err.contains("60 s"), "{refused:?}");
    assert_eq!(home.out(&add), "42\n", "it is as it was");

    home.out(&["remove", "--name", "build"]);
    assert!(home.json(&["get"]).is_empty());
    assert!(home.json(&["get", "-C", "localhost"]).is_empty());
    assert_eq!(home.endpoints().len(), 1, "one endpoint served them all");
}

#[test]
fn an_instance_id_names_a_session_here_and_at_the_computer() {
    let home = Home::new();
    home.out(&["new", "--name", "one,two"]);
    let state = std::fs::read_to_string(home.path("state/pssession/sessions.json")).unwrap();
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    let id = state["sessions"][0]["instance_id"].as_str().unwrap();
    for chosen in [
        &["get", "--instance-id", id][..],
        &["get", "-C", "localhost", "--instance-id", id],
    ] {
        let found = home.json(chosen);
        assert_eq!(found.len(), 1, "{chosen:?}");
        assert_eq!(found[0]["Name"], "one");
    }
    let script = ["invoke", "--instance-id", id, "-o", "text", "6 * 7"];
    assert_eq!(home.out(&script), "42\n");
    let unknown = home.run(&[
        "get",
        "-C",
        "localhost",
        "--instance-id",
        &uuid::Uuid::new_v4().to_string(),
        "-o",
        "json",
    ]);
    assert_eq!((unknown.status, items(&unknown.out).len()), (0, 0));
}

#[test]
fn a_session_can_be_ended_by_pattern_and_all_of_them_at_once() {
    let home = Home::new();
    for name in ["a1", "a2", "b1", "b2"] {
        home.out(&["new", "--name", name]);
    }
    home.out(&["remove", "--name", "a*"]);
    let left = home.json(&["get"]);
    let names: Vec<_> = left
        .iter()
        .map(|one| one["Name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["b1", "b2"]);
    home.out(&["remove", "--all"]);
    assert!(home.json(&["get", "-C", "localhost"]).is_empty());
    let gone = home.run(&["invoke", "--name", "b1", "1"]);
    assert_eq!(gone.status, 1, "{gone:?}");
    assert!(gone.err.contains("b1"), "{gone:?}");
}

#[test]
fn a_session_that_the_computer_has_lost_is_reported_and_forgotten() {
    let home = Home::new();
    home.out(&["new", "--name", "lost"]);
    for id in home.endpoints() {
        let id = rustix::process::Pid::from_raw(id).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::KILL).unwrap();
    }
    let socket = home.path("pssession/endpoint.sock");
    while std::os::unix::net::UnixStream::connect(&socket).is_ok() {
        thread::sleep(std::time::Duration::from_millis(5));
    }
    let lost = home.run(&["invoke", "--name", "lost", "1"]);
    assert_eq!(lost.status, 1, "{lost:?}");
    assert!(home.json(&["get"]).is_empty());
    // The socket that the dead endpoint left does not keep a new one from starting.
    home.out(&["new", "--name", "found"]);
    assert_eq!(home.endpoints().len(), 2);
}

#[test]
fn the_exit_status_says_what_became_of_it() {
    let home = Home::new();
    for (status, arguments) in [
        (0, &["invoke", "1"][..]),
        (1, &["invoke", "No-SuchCommand"]),
        (1, &["invoke", "throw 'no'"]),
        (1, &["invoke", "if ("]),
        (1, &["invoke", "--name", "nobody", "1"]),
        (2, &["invoke"]),
        (2, &["invoke", "--name", "a", "--id", "1", "1"]),
        (2, &["receive"]),
        (2, &["disconnect", "--name", "a", "--idle-timeout", "soon"]),
        (2, &["serve"]),
        (2, &["new", "--process", "cat"]),
        (2, &["invoke", "-f", "missing.ps1"]),
        (2, &["new", "--idle-timeout", "59s"]),
        (
            2,
            &["invoke", "-C", "server.invalid", "-u", "operator", "1"],
        ),
        (
            3,
            &[
                "invoke",
                "-C",
                "127.0.0.1",
                "--port",
                "9",
                "-u",
                "operator",
                "1",
            ],
        ),
    ] {
        let ran = home.run(arguments);
        assert_eq!(ran.status, status, "{arguments:?}: {ran:?}");
        assert_eq!(status != 0, !ran.err.is_empty(), "{arguments:?}: {ran:?}");
    }
    assert!(
        home.json(&["get", "-C", "localhost"]).is_empty(),
        "temporary sessions are gone"
    );
}

#[test]
fn commands_that_find_no_endpoint_at_the_same_time_share_one() {
    let home = Home::new();
    let ran: Vec<Ran> = thread::scope(|scope| {
        let runs: Vec<_> = (0..4)
            .map(|n| {
                let (home, name) = (&home, format!("side{n}"));
                scope.spawn(move || home.run(&["new", "--name", &name, "-o", "json"]))
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    for ran in &ran {
        assert_eq!(ran.status, 0, "{ran:?}");
    }
    assert_eq!(home.json(&["get", "-C", "localhost"]).len(), 4);
    let listed = home.json(&["get"]);
    let mut ids: Vec<_> = listed
        .iter()
        .map(|one| one["Id"].as_u64().unwrap())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4, "each has an id of its own: {listed:?}");
}

#[test]
fn results_are_printed_in_the_form_that_was_asked_for() {
    let home = Home::new();
    let script =
        "[pscustomobject]@{ Name = 'a'; Count = 1 }, [pscustomobject]@{ Name = 'b'; Count = 2 }";
    let invoke = |form| home.out(&["invoke", "-o", form, script]);
    let json = items(&invoke("json"));
    assert_eq!((json.len(), &json[1]["Name"]), (2, &"b".into()));
    let lines: Vec<serde_json::Value> = invoke("jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines, json);
    let clixml = invoke("clixml");
    assert!(clixml.starts_with("<Objs Version=\"1.1.0.1\""), "{clixml}");
    assert_eq!(clixml.matches("<I32 N=\"Count\">").count(), 2, "{clixml}");
    assert_eq!(
        home.out(&["invoke", "-o", "text", "1, 'two', 3.5, $true"]),
        "1\ntwo\n3.5\nTrue\n"
    );
}

#[test]
fn a_script_comes_from_an_argument_a_file_or_standard_input() {
    let home = Home::new();
    let piped = home.run_with(&["invoke", "-o", "text", "-"], "$a = 20\n$a + 22\n");
    assert_eq!((piped.status, piped.out.as_str()), (0, "42\n"), "{piped:?}");
    let file = home.file("script.ps1", "\u{feff}param($a, $b)\n\"$b $a\"\n");
    let file = file.to_str().unwrap();
    let ran = home.out(&[
        "invoke",
        "-o",
        "text",
        "-f",
        file,
        "--argument-list",
        "one",
        "two",
    ]);
    assert_eq!(ran, "two one\n");
    let both = home.run(&["invoke", "-f", file, "1"]);
    assert_eq!(both.status, 2, "{both:?}");
}

#[test]
fn lines_of_standard_input_are_the_pipeline_s_input() {
    let home = Home::new();
    let script = "begin { $n = 0 } process { $n++; \"$n $_\" } end { 'end' }";
    let ran = home.run_with(
        &["invoke", "--input", "-o", "text", script],
        "a\nb b\n\nd\n",
    );
    assert_eq!(
        (ran.status, ran.out.as_str()),
        (0, "1 a\n2 b b\n3 \n4 d\nend\n"),
        "{ran:?}"
    );
    // A script that takes none of it ends all the same.
    let ran = home.run_with(
        &["invoke", "--input", "-o", "text", "7"],
        &"x\n".repeat(10_000),
    );
    assert_eq!((ran.status, ran.out.as_str()), (0, "7\n"), "{ran:?}");
}

#[test]
fn results_go_to_standard_output_and_everything_else_to_standard_error() {
    let home = Home::new();
    let ran = home.run(&["invoke", "-o", "text", "1; No-SuchCommand; 2"]);
    assert_eq!((ran.status, ran.out.as_str()), (1, "1\n2\n"), "{ran:?}");
    assert!(ran.err.contains("No-SuchCommand"), "{ran:?}");
}

#[test]
fn a_disconnected_session_of_its_own_is_left_at_once_and_received_by_name() {
    let home = Home::new();
    let script = slow(3, 200);
    let left = home.json(&[
        "invoke",
        "--in-disconnected-session",
        "--session-name",
        "later",
        &script,
    ]);
    assert_eq!(left[0]["Name"], "later");
    assert_eq!(left[0]["State"], "Disconnected");
    // By its name at the computer, from a home that has never heard of it.
    let received = home.out(&[
        "receive",
        "-C",
        "localhost",
        "--name",
        "later",
        "-o",
        "text",
    ]);
    assert_eq!(numbers(&received), [1, 2, 3]);
}

#[test]
fn what_waits_to_be_received_is_not_lost_by_doing_something_else_first() {
    let home = Home::new();
    home.out(&["new", "--name", "build"]);
    let script = slow(3, 20);
    home.out(&[
        "invoke",
        "--name",
        "build",
        "--in-disconnected-session",
        &script,
    ]);
    home.out(&["connect", "--name", "build"]);
    assert_eq!(
        home.out(&["invoke", "--name", "build", "-o", "text", "'other'"]),
        "other\n"
    );
    home.out(&["disconnect", "--name", "build", "--idle-timeout", "2m"]);
    let received = home.out(&["receive", "--name", "build", "-o", "text"]);
    assert_eq!(numbers(&received), [1, 2, 3]);
}
