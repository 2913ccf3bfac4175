//! The program as a user has it: folders of its own, and endpoints that end with the test.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value as Json;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_pssession");

/// How long anything may take that the tests wait for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The user of the endpoints that ask for one, and the password.
pub(crate) const USER: &str = "operator";
pub(crate) const PASSWORD: &str = "Corr3ct horse";

/// A user's home: no session of one test is seen by another.
pub(crate) struct Home {
    folder: TempDir,
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The endpoint that a command starts in the background leaves its number here.
        let starter = folder.path().join("endpoint");
        let script = format!(
            "#!/bin/sh\necho $$ >> '{}'\nexec '{PROGRAM}' \"$@\"\n",
            folder.path().join("endpoints").display()
        );
        fs::write(&starter, script).unwrap();
        fs::set_permissions(&starter, fs::Permissions::from_mode(0o700)).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file that belongs to the user alone.
    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env("XDG_STATE_HOME", self.path("state"))
            .env("PSSESSION_ENDPOINT", self.path("endpoint"))
            .env("PSSESSION_PASSWORD", PASSWORD)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// Runs a command that reads `input`.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        // A command may end before it has read everything.
        let _closed = child.stdin.take().unwrap().write_all(input.as_bytes());
        Ran::from(child.wait_with_output().unwrap())
    }

    /// Runs a command that has to succeed, and gives what it wrote.
    pub(crate) fn out(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.status, 0, "{arguments:?}: {ran:?}");
        ran.out
    }

    /// The same for a command that is asked for JSON: its items.
    pub(crate) fn json(&self, arguments: &[&str]) -> Vec<Json> {
        let mut all = arguments.to_vec();
        all.extend(["-o", "json"]);
        items(&self.out(&all))
    }

    /// How many endpoints were started in the background.
    pub(crate) fn endpoints(&self) -> Vec<i32> {
        let text = fs::read_to_string(self.path("endpoints")).unwrap_or_default();
        text.lines().map(|line| line.parse().unwrap()).collect()
    }

    /// Serves on `addresses` with the users `names`, until what this gives is dropped.
    pub(crate) fn serve(&self, addresses: &[SocketAddr], names: &[&str], more: &[&str]) -> Serving {
        let lines: Vec<String> = names
            .iter()
            .map(|name| {
                let ran = self.run_with(&["hash-password", name], &format!("{PASSWORD}\n"));
                assert_eq!(ran.status, 0, "{ran:?}");
                ran.out
            })
            .collect();
        let users = self.file("users", &lines.concat());
        let mut arguments = vec!["serve".to_owned(), "--users".to_owned()];
        arguments.push(users.display().to_string());
        for address in addresses {
            arguments.extend(["--listen".to_owned(), address.to_string()]);
        }
        arguments.extend(more.iter().map(|more| (*more).to_owned()));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = self.command(&arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut serving = Serving(command.spawn().unwrap());
        let deadline = Instant::now() + PATIENCE;
        for address in addresses {
            while TcpStream::connect(address).is_err() {
                let ended = serving.0.try_wait().unwrap();
                assert!(ended.is_none(), "the endpoint ended: {ended:?}");
                assert!(Instant::now() < deadline, "the endpoint does not listen");
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        serving
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        for id in self.endpoints() {
            // The number may be another's by now; only what was started from here is ended.
            let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).into_owned();
            if Path::new("/proc/self").exists()
                && !line.contains(&*self.folder.path().to_string_lossy())
            {
                continue;
            }
            if let Some(id) = Pid::from_raw(id) {
                let _gone = kill_process(id, Signal::KILL);
            }
        }
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// An endpoint in the foreground.
pub(crate) struct Serving(Child);

impl Serving {
    /// Ends it as a person would, and gives its exit status.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let id = Pid::from_child(&self.0);
        kill_process(id, Signal::TERM).unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < deadline, "SIGTERM does not end it");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _taken = self.0.wait();
    }
}

/// A port that is free on all of these addresses of this computer.
pub(crate) fn free_port(hosts: &[&str]) -> u16 {
    for _ in 0..100 {
        let probe = TcpListener::bind((hosts[0], 0)).unwrap();
        let port = probe.local_addr().unwrap().port();
        let free = |host: &&str| TcpListener::bind((*host, port)).is_ok();
        if hosts[1..].iter().all(free) {
            return port;
        }
    }
    panic!("no port is free on all of {hosts:?}");
}

/// The items of a JSON document that is an array.
pub(crate) fn items(text: &str) -> Vec<Json> {
    match serde_json::from_str(text) {
        Ok(Json::Array(items)) => items,
        other => panic!("no array: {other:?} in {text}"),
    }
}

/// The lines that are numbers, in order.
pub(crate) fn numbers(text: &str) -> Vec<i64> {
    text.lines()
        .map(|line| line.parse().unwrap_or_else(|_| panic!("no number: {line}")))
        .collect()
}
