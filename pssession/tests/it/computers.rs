//! Sessions at computers, which are here addresses of this one: users, networks, TLS, and clients
//! that die.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::process::Stdio;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::program::{Home, PASSWORD, USER, free_port, items, numbers};

fn address(host: &str, port: u16) -> SocketAddr {
    SocketAddr::new(host.parse().unwrap(), port)
}

/// The options that reach `computers` at `port` as [`USER`], after `first`.
fn at<'a>(first: &[&'a str], computers: &'a str, port: &'a str) -> Vec<&'a str> {
    let mut arguments = first.to_vec();
    arguments.extend(["-C", computers, "--port", port, "-u", USER]);
    arguments
}

#[test]
fn several_computers_are_used_at_once_and_one_that_is_missing_stops_none() {
    let home = Home::new();
    let port = free_port(&["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
    let addresses = [address("127.0.0.1", port), address("127.0.0.2", port)];
    let serving = home.serve(&addresses, &[USER], &[]);
    let (port, computers) = (port.to_string(), "127.0.0.1,127.0.0.2,127.0.0.3");

    let made = home.run(&at(&["new", "-o", "json"], computers, &port));
    assert_eq!(made.status, 3, "{made:?}");
    assert!(made.err.contains("127.0.0.3"), "{made:?}");
    let mut names: Vec<_> = items(&made.out)
        .iter()
        .map(|session| session["ComputerName"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["127.0.0.1", "127.0.0.2"]);

    let ran = home.run(&at(&["invoke", "6 * 7", "-o", "clixml"], computers, &port));
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.err.contains("127.0.0.3"), "{ran:?}");
    for computer in ["127.0.0.1", "127.0.0.2"] {
        let marked = format!("N=\"PSComputerName\">{computer}<");
        assert!(ran.out.contains(&marked), "{ran:?}");
    }
    assert_eq!(ran.out.matches("<I32>42</I32>").count(), 2, "{ran:?}");

    // Both addresses lead to the same endpoint, so each shows both sessions; temporary ones are gone.
    assert_eq!(home.json(&at(&["get"], "127.0.0.1", &port)).len(), 2);
    assert_eq!(home.json(&["get"]).len(), 2);
    home.out(&["remove", "--all"]);
    assert!(home.json(&at(&["get"], "127.0.0.2", &port)).is_empty());
    assert_eq!(serving.terminate(), Some(0));
}

#[test]
fn a_wrong_password_is_refused_and_a_right_one_comes_from_a_file() {
    let home = Home::new();
    let port = free_port(&["127.0.0.1"]);
    let _serving = home.serve(&[address("127.0.0.1", port)], &[USER], &[]);
    let port = port.to_string();
    let wrong = home.file("wrong", "not this\n");
    let right = home.file("right", &format!("{PASSWORD}\nanother line\n"));
    for (file, status) in [(wrong, 3), (right, 0)] {
        let mut arguments = at(&["invoke", "1", "-o", "text"], "127.0.0.1", &port);
        arguments.extend(["--password-file", file.to_str().unwrap()]);
        let ran = home.run(&arguments);
        assert_eq!(ran.status, status, "{ran:?}");
        assert!(
            !ran.err.contains("not this"),
            "a password is never shown: {ran:?}"
        );
    }
    let unknown = home.run(&[
        "invoke",
        "1",
        "-C",
        "127.0.0.1",
        "--port",
        &port,
        "-u",
        "stranger",
    ]);
    assert_eq!(unknown.status, 3, "{unknown:?}");
}

#[test]
fn a_user_s_sessions_are_not_there_for_another() {
    let home = Home::new();
    let port = free_port(&["127.0.0.1"]);
    let _serving = home.serve(&[address("127.0.0.1", port)], &["ann", "bob"], &[]);
    let port = port.to_string();
    let as_user = |first: &[&str], user: &str| {
        let mut arguments = first.to_vec();
        arguments.extend(["-C", "127.0.0.1", "--port", &port, "-u", user]);
        home.run(&arguments)
    };
    let made = as_user(&["new", "--name", "hers", "-o", "json"], "ann");
    assert_eq!(made.status, 0, "{made:?}");
    let hers = items(&as_user(&["get", "-o", "json"], "ann").out);
    assert_eq!((hers.len(), hers[0]["Owner"].as_str()), (1, Some("ann")));
    assert!(items(&as_user(&["get", "-o", "json"], "bob").out).is_empty());
    let receive = as_user(&["receive", "--name", "hers"], "bob");
    assert_eq!(receive.status, 1, "{receive:?}");
    let remove = as_user(&["remove", "--name", "*"], "bob");
    assert_eq!(remove.status, 0, "{remove:?}");
    // Knowing its id is no help either: from the same home, as the wrong user.
    let invoke = home.run(&["invoke", "--name", "hers", "-u", "bob", "1"]);
    assert_eq!(invoke.status, 1, "{invoke:?}");
    assert_eq!(items(&as_user(&["get", "-o", "json"], "ann").out).len(), 1);
}

#[test]
fn killing_the_client_loses_neither_the_session_nor_its_output() {
    let home = Home::new();
    let port = free_port(&["127.0.0.1"]);
    let _serving = home.serve(&[address("127.0.0.1", port)], &[USER], &[]);
    let port = port.to_string();
    // Killed after so many results were read from it.
    for (round, read) in [1, 4, 9, 16, 25].into_iter().enumerate() {
        let name = format!("killed{round}");
        home.out(&at(&["new", "--name", &name], "127.0.0.1", &port));
        let script = "1..30 | ForEach-Object { Start-Sleep -Milliseconds 20; $_ }";
        let mut client = home
            .command(&["invoke", "--name", &name, "-o", "text", script])
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(client.stdout.take().unwrap());
        let mut seen = String::new();
        for _ in 0..read {
            out.read_line(&mut seen).unwrap();
        }
        std::thread::sleep(Duration::from_millis(10));
        client.kill().unwrap();
        client.wait().unwrap();
        // What it wrote before it died still stands in the pipe.
        out.read_to_string(&mut seen).unwrap();
        let shown = numbers(&seen);
        assert!(shown.len() >= read && shown.len() < 30, "{shown:?}");

        let rest = home.out(&["receive", "--name", &name, "-o", "text"]);
        let rest = numbers(&rest);
        // What it took without saying so is given again: nothing is lost, and all is in order.
        let last = shown.last().copied().unwrap_or(0);
        let first = rest.first().copied().unwrap_or(31);
        assert!(first <= last + 1, "lost between {last} and {first}");
        assert_eq!(shown, (1..=last).collect::<Vec<_>>());
        assert_eq!(rest, (first..=30).collect::<Vec<_>>());
        let add = home.out(&["invoke", "--name", &name, "-o", "text", "6 * 7"]);
        assert_eq!(add, "42\n", "the session can be used");
    }
}

#[test]
fn an_endpoint_on_tls_is_trusted_by_its_authority_only() {
    let home = Home::new();
    let port = free_port(&["127.0.0.1"]);
    let authority = || {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    };
    let (ours, another) = (authority(), authority());
    let key = KeyPair::generate().unwrap();
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let certificate = CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &ours)
        .unwrap();
    let certificate = home.file("cert.pem", &certificate.pem());
    let key = home.file("key.pem", &key.serialize_pem());
    let ours = home.file("ours.pem", &ours.pem());
    let another = home.file("another.pem", &another.pem());
    let tls = [
        "--tls-cert",
        certificate.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ];
    let _serving = home.serve(&[address("127.0.0.1", port)], &[USER], &tls);
    let port = port.to_string();
    let invoke = |more: &[&str]| {
        let mut arguments = at(&["invoke", "6 * 7", "-o", "text"], "127.0.0.1", &port);
        arguments.extend(more);
        home.run(&arguments)
    };
    let (ours, another) = (ours.to_str().unwrap(), another.to_str().unwrap());
    let trusted = invoke(&["--use-ssl", "--ca-cert", ours]);
    assert_eq!(
        (trusted.status, trusted.out.as_str()),
        (0, "42\n"),
        "{trusted:?}"
    );
    let unchecked = invoke(&["--use-ssl", "--skip-ca-check"]);
    assert_eq!(unchecked.status, 0, "{unchecked:?}");
    for refused in [
        invoke(&["--use-ssl", "--ca-cert", another]),
        invoke(&["--use-ssl"]),
    ] {
        assert_eq!(refused.status, 3, "{refused:?}");
    }
    // A session that was made over TLS is reached over TLS again.
    let mut new = at(&["new", "--name", "sealed"], "127.0.0.1", &port);
    new.extend(["--use-ssl", "--ca-cert", ours]);
    home.out(&new);
    let again = [
        "invoke",
        "--name",
        "sealed",
        "--ca-cert",
        ours,
        "-o",
        "text",
        "6 * 7",
    ];
    assert_eq!(home.out(&again), "42\n");
}

#[test]
fn a_password_does_not_go_over_a_network_in_plain_text() {
    let home = Home::new();
    // Unless it is asked for by name, the computer is not even looked up.
    let ran = home.run(&["invoke", "1", "-C", "server.invalid", "-u", USER]);
    assert_eq!(ran.status, 2, "{ran:?}");
    let asked = home.run(&[
        "invoke",
        "1",
        "-C",
        "server.invalid",
        "-u",
        USER,
        "--allow-unencrypted",
    ]);
    assert_eq!(asked.status, 3, "it is tried: {asked:?}");

    // Basic by name may be meant for this computer, which only a connection can tell. Then still
    // not one byte is sent.
    let route = UdpSocket::bind("0.0.0.0:0").unwrap();
    let Ok(()) = route.connect("192.0.2.200:9") else {
        return;
    };
    let own = route.local_addr().unwrap().ip();
    if own.is_loopback() {
        return;
    }
    let listener = TcpListener::bind((own, 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let heard = std::thread::spawn(move || {
        let mut heard = Vec::new();
        listener
            .accept()
            .unwrap()
            .0
            .read_to_end(&mut heard)
            .unwrap();
        heard
    });
    let own = own.to_string();
    let mut arguments = at(&["invoke", "1"], &own, &port);
    arguments.extend(["--authentication", "basic"]);
    let ran = home.run(&arguments);
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(heard.join().unwrap().is_empty(), "something was sent");
}

#[test]
fn a_session_that_nobody_contacts_disappears_after_its_idle_timeout() {
    let home = Home::new();
    let port = free_port(&["127.0.0.1"]);
    let _serving = home.serve(
        &[address("127.0.0.1", port)],
        &[USER],
        &["--idle-timeout", "1s"],
    );
    let port = port.to_string();
    home.out(&at(&["new", "--name", "left"], "127.0.0.1", &port));
    let mut gone = false;
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(100));
        gone = home.json(&at(&["get"], "127.0.0.1", &port)).is_empty();
        if gone {
            break;
        }
    }
    assert!(gone, "it is still there");
    let lost = home.run(&["invoke", "--name", "left", "1"]);
    assert_eq!(lost.status, 1, "{lost:?}");
    assert!(home.json(&["get"]).is_empty(), "what is gone is forgotten");
}
