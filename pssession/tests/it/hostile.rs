//! Clients that break the rules: each gets a clear answer, and the others are served as before.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use psrp_codec::message::{CreatePipeline, InitRunspacePool};
use psrp_codec::{Destination, Message, MessageKind, ObjectId, PipelineId, PoolId, Value, split};
use pssession::endpoint::{EndpointConfig, serve_stdio};
use pssession::{Address, Session};
use runspace::{ClientConfig, ClientPool, Transmit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use uuid::Uuid;
use wsman::ClientError;
use wsman::client::ShellClient;
use wsman::http::Client;
use wsman::shell::{
    BufferMode, Command, CommandId, Connect, Create, Disconnect, Reconnect, ShellId, SignalCode,
    StreamData, StreamName, StreamSet,
};
use wsman::soap::OptionSet;

use crate::scripted_engine::ScriptedEngine;
use crate::sessions::{Served, objects, served};

const RESOURCE: &str = "http://schemas.microsoft.com/powershell/Microsoft.PowerShell";

/// A peer that says to a shell what it likes.
struct Peer {
    shells: ShellClient<Client>,
    socket: PathBuf,
}

impl Peer {
    fn of(served: &Served) -> Self {
        let Address::Local {
            socket: Some(socket),
        } = served.builder.address()
        else {
            panic!("an endpoint without a socket");
        };
        let client = Client::builder(&format!("unix:{}", socket.display())).unwrap();
        Self {
            shells: ShellClient::new(client.build().unwrap(), RESOURCE),
            socket: socket.clone(),
        }
    }

    async fn create(&self, shell: &ShellId, creation: Option<Bytes>) -> Result<(), ClientError> {
        let create = Create {
            shell_id: Some(shell.clone()),
            input_streams: StreamSet::parse("stdin pr"),
            output_streams: StreamSet::parse("stdout"),
            creation,
            ..Create::default()
        };
        self.shells.create(create, OptionSet::new()).await.map(drop)
    }

    /// A shell that is open as it should be.
    async fn open(&self) -> ShellId {
        let (shell, opening) = opening();
        self.create(&shell, Some(opening)).await.unwrap();
        shell
    }

    async fn run(&self, shell: &ShellId, id: Uuid, script: &str) -> Result<CommandId, ClientError> {
        let first = pipeline_bytes(shell, id, script);
        let command = Command::with_bytes(CommandId::from_uuid(id), " ", &first);
        self.shells.command(shell, command, OptionSet::new()).await
    }

    async fn send(&self, shell: &ShellId, data: Vec<StreamData>) -> Result<(), ClientError> {
        self.shells.send(shell, data).await
    }

    /// Posts a body and gives the status and the answer.
    async fn post(&self, body: &[u8]) -> (u16, String) {
        let head = format!(
            "POST /wsman HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/soap+xml;charset=UTF-8\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let mut stream = UnixStream::connect(&self.socket).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // A server that has seen enough closes before it has read everything.
        let _closed = stream.write_all(body).await;
        let mut answer = Vec::new();
        let _reset = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        (status.unwrap_or(0), answer)
    }
}

/// The id of a new shell, and the bytes that open a pool in it.
fn opening() -> (ShellId, Bytes) {
    let id = Uuid::new_v4();
    let config = ClientConfig::new(InitRunspacePool::new());
    let mut pool = ClientPool::new(config, PoolId::new(id).unwrap());
    pool.open(Instant::now()).unwrap();
    match pool.poll_transmit(32_768) {
        Some(Transmit::OpenPool { first }) => (ShellId::from_uuid(id), first),
        other => panic!("{other:?}"),
    }
}

/// The bytes that start a pipeline.
fn pipeline_bytes(shell: &ShellId, id: Uuid, script: &str) -> Bytes {
    let mut create = CreatePipeline::script(script);
    create.no_input = true;
    let mut message = BytesMut::new();
    Message::new(Destination::Server, MessageKind::CreatePipeline)
        .in_pool(PoolId::new(shell.to_uuid().unwrap()).unwrap())
        .of_pipeline(PipelineId::new(id).unwrap())
        .encode_with_value(&create.to_value(), &mut message);
    let mut bytes = BytesMut::new();
    for fragment in split(ObjectId::FIRST, &message, 32_768) {
        psrp_codec::Encode::encode(&fragment, &mut bytes);
    }
    bytes.freeze()
}

/// The refusal has to be a fault that says something, and the others must not notice.
async fn refused<T: std::fmt::Debug>(what: &str, result: Result<T, ClientError>, other: &Session) {
    let error = result.expect_err(what);
    let fault = error.fault();
    assert!(
        fault.is_some_and(|fault| !fault.message().is_empty()),
        "{what}: {error:?}"
    );
    assert_eq!(
        objects(other, "say on").await,
        [Value::from("on")],
        "after {what}"
    );
}

fn stdin(command: Option<Uuid>, data: impl Into<Bytes>) -> StreamData {
    let data = StreamData::new(StreamName::STDIN, data.into());
    match command {
        Some(id) => data.of_command(CommandId::from_uuid(id)),
        None => data,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_that_is_made_wrongly_is_refused() {
    let served = served(|_| ()).await;
    let other = served.builder.open().await.unwrap();
    let peer = Peer::of(&served);
    let (_, whole) = opening();
    for len in [0, 1, 20, 21, 22, whole.len() / 2, whole.len() - 1] {
        let (shell, opening) = opening();
        let result = peer.create(&shell, Some(opening.slice(..len))).await;
        refused(&format!("{len} bytes of {}", opening.len()), result, &other).await;
    }
    let (shell, opening) = opening();
    refused("no creationXml", peer.create(&shell, None).await, &other).await;
    let garbage = Bytes::from(vec![0xA5; 1000]);
    refused("garbage", peer.create(&shell, Some(garbage)).await, &other).await;
    let text = ShellId::new("no guid");
    refused(
        "a name as id",
        peer.create(&text, Some(opening.clone())).await,
        &other,
    )
    .await;
    // None of these stays behind, and the id can be used for a shell that is right, once.
    assert_eq!(served.endpoint.session_count(), 1);
    peer.create(&shell, Some(opening.clone())).await.unwrap();
    refused(
        "a second of that id",
        peer.create(&shell, Some(opening)).await,
        &other,
    )
    .await;
    assert_eq!(served.endpoint.session_count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_refused() {
    let served = served(|_| ()).await;
    let other = served.builder.open().await.unwrap();
    let peer = Peer::of(&served);
    let nowhere = ShellId::from_uuid(Uuid::new_v4());
    let stdout = || StreamSet::parse("stdout");
    let id = Uuid::new_v4();
    refused(
        "Command nowhere",
        peer.run(&nowhere, id, "say 1").await,
        &other,
    )
    .await;
    let result = peer.shells.receive(&nowhere, None, stdout()).await;
    refused("Receive nowhere", result, &other).await;
    let result = peer
        .shells
        .disconnect(&nowhere, Disconnect::default())
        .await;
    refused("Disconnect nowhere", result, &other).await;
    let result = peer.shells.reconnect(&nowhere, Reconnect::default()).await;
    refused("Reconnect nowhere", result, &other).await;

    let shell = peer.open().await;
    let unknown = Some(Uuid::new_v4());
    let result = peer.send(&shell, vec![stdin(unknown, &b"x"[..])]).await;
    refused("Send to no command", result, &other).await;
    let result = peer
        .send(
            &shell,
            vec![StreamData::new(StreamName::new("other"), Bytes::new())],
        )
        .await;
    refused("Send on no stream", result, &other).await;
    let result = peer
        .shells
        .receive(&shell, None, StreamSet::parse("stderr"))
        .await;
    refused("Receive of no stream", result, &other).await;
    // A command that is over and one that never was are the same to the server: both are done.
    let command = CommandId::from_uuid(Uuid::new_v4());
    let result = peer
        .shells
        .receive(&shell, Some(command.clone()), stdout())
        .await;
    assert!(result.unwrap().is_done());
    let connect = Connect {
        command: Some(command),
        connection: None,
    };
    let result = peer.shells.connect(&shell, connect, OptionSet::new()).await;
    refused("Connect to no command", result, &other).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_wrong_is_refused_and_the_shell_goes_on() {
    let served = served(|_| ()).await;
    let other = served.builder.open().await.unwrap();
    let peer = Peer::of(&served);
    let shell = peer.open().await;
    let (id, other_id) = (Uuid::new_v4(), Uuid::new_v4());
    peer.run(&shell, id, "sleep 60000").await.unwrap();
    refused(
        "the same id again",
        peer.run(&shell, id, "say 1").await,
        &other,
    )
    .await;
    let garbage = Command::with_bytes(CommandId::from_uuid(other_id), " ", &[0xA5; 100]);
    let result = peer.shells.command(&shell, garbage, OptionSet::new()).await;
    refused("garbage as a command", result, &other).await;
    let text = Command {
        command_id: Some(CommandId::from_uuid(other_id)),
        command: "dir".into(),
        arguments: vec!["!!".into()],
    };
    let result = peer.shells.command(&shell, text, OptionSet::new()).await;
    refused("no base64", result, &other).await;
    let named = Command::with_bytes(
        CommandId::new("dir"),
        " ",
        &pipeline_bytes(&shell, other_id, "say 1"),
    );
    let result = peer.shells.command(&shell, named, OptionSet::new()).await;
    refused("a name as id", result, &other).await;
    // What is said to a pipeline that is there, and is no fragment.
    let _taken_or_refused = peer
        .send(&shell, vec![stdin(Some(id), vec![0xA5; 100])])
        .await;
    assert_eq!(objects(&other, "say on").await, [Value::from("on")]);
    peer.shells
        .signal(
            &shell,
            Some(CommandId::from_uuid(id)),
            SignalCode::Terminate,
        )
        .await
        .unwrap();
    peer.run(&shell, other_id, "say 1").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_twice_is_refused_the_second_time() {
    let served = served(|_| ()).await;
    let other = served.builder.open().await.unwrap();
    let peer = Peer::of(&served);
    let shell = peer.open().await;
    let leave = Disconnect {
        idle_timeout: None,
        buffer_mode: Some(BufferMode::Drop),
    };
    let far = Disconnect {
        idle_timeout: Some(Duration::from_secs(1)),
        buffer_mode: None,
    };
    refused(
        "too short an idle time",
        peer.shells.disconnect(&shell, far).await,
        &other,
    )
    .await;
    peer.shells.disconnect(&shell, leave).await.unwrap();
    refused(
        "Disconnect twice",
        peer.shells.disconnect(&shell, leave).await,
        &other,
    )
    .await;
    refused(
        "Command while disconnected",
        peer.run(&shell, Uuid::new_v4(), "say 1").await,
        &other,
    )
    .await;
    for payload in [
        Bytes::new(),
        Bytes::from_static(b"rubbish"),
        Bytes::from(vec![0; 64]),
    ] {
        let connect = Connect {
            command: None,
            connection: Some(payload),
        };
        let result = peer.shells.connect(&shell, connect, OptionSet::new()).await;
        refused("Connect with rubbish", result, &other).await;
    }
    let connect = Connect {
        command: None,
        connection: None,
    };
    let result = peer.shells.connect(&shell, connect, OptionSet::new()).await;
    refused("Connect without connectXml", result, &other).await;
    // Rubbish has changed nothing: the client that left comes back.
    peer.shells
        .reconnect(&shell, Reconnect::default())
        .await
        .unwrap();
    peer.run(&shell, Uuid::new_v4(), "say 1").await.unwrap();
    peer.shells.delete(&shell).await.unwrap();
    let gone = peer.shells.get(&shell).await;
    refused("Get of what is gone", gone, &other).await;
    // The client takes a shell that is gone already for deleted.
    peer.shells.delete(&shell).await.unwrap();
    assert_eq!(served.endpoint.session_count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn envelopes_that_are_none_are_answered_and_change_nothing() {
    let served = served(|_| ()).await;
    let other = served.builder.open().await.unwrap();
    let peer = Peer::of(&served);
    let right = create_envelope();
    let deep = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
    let within = |what: &str| right.replace("<s:Header>", &format!("<s:Header>{what}"));
    let cases: Vec<(&str, String, &[u16])> = vec![
        ("nothing", String::new(), &[400, 500]),
        ("no XML", "hello".to_owned(), &[400, 500]),
        (
            "half an envelope",
            right[..right.len() / 2].to_owned(),
            &[400, 500],
        ),
        (
            "a document type",
            format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{right}"),
            &[400, 500],
        ),
        ("depth", within(&deep), &[400, 500]),
        (
            "an unknown header that must be understood",
            within("<q:X xmlns:q=\"urn:q\" s:mustUnderstand=\"true\"/>"),
            &[500],
        ),
        ("bad base64", right.replace("AAAA", "!!!!"), &[500]),
        (
            "an unknown action",
            right.replace("transfer/Create", "transfer/Destroy"),
            &[500],
        ),
        (
            "an unknown resource",
            right.replace("Microsoft.PowerShell", "Nothing"),
            &[500],
        ),
        (
            "an envelope of 2 MiB",
            within(&format!("<q>{}</q>", "x".repeat(2 << 20))),
            &[413, 500],
        ),
    ];
    for (what, envelope, statuses) in cases {
        let (status, answer) = peer.post(envelope.as_bytes()).await;
        assert!(statuses.contains(&status), "{what}: {answer}");
        if status == 500 {
            assert!(
                answer.contains("Fault>") && answer.contains("Reason"),
                "{what}: {answer}"
            );
        }
        assert_eq!(
            objects(&other, "say on").await,
            [Value::from("on")],
            "after {what}"
        );
    }
    assert_eq!(served.endpoint.session_count(), 1);
}

/// A Create that is right but for the pool that it opens.
fn create_envelope() -> String {
    let id = Uuid::new_v4();
    format!(
        r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:rsp="http://schemas.microsoft.com/wbem/wsman/1/windows/shell"><s:Header><a:To>http://localhost/wsman</a:To><w:ResourceURI s:mustUnderstand="true">{RESOURCE}</w:ResourceURI><a:ReplyTo><a:Address s:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo><a:Action s:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/09/transfer/Create</a:Action><w:MaxEnvelopeSize s:mustUnderstand="true">512000</w:MaxEnvelopeSize><a:MessageID>uuid:{id}</a:MessageID><w:OperationTimeout>PT60.000S</w:OperationTimeout></s:Header><s:Body><rsp:Shell ShellId="{id}"><rsp:InputStreams>stdin pr</rsp:InputStreams><rsp:OutputStreams>stdout</rsp:OutputStreams><creationXml xmlns="http://schemas.microsoft.com/powershell">AAAA</creationXml></rsp:Shell></s:Body></s:Envelope>"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_are_no_packets_end_the_connection_with_a_reason() {
    let unknown = "<Close PSGuid='no guid' />";
    let ack = "<DataAck PSGuid='00000000-0000-0000-0000-000000000000' />";
    let base64 = "<Data Stream='Default' PSGuid='00000000-0000-0000-0000-000000000000'>!!</Data>";
    let long = "x".repeat(64 << 20);
    for line in [
        "hello", "", "<Data", unknown, ack, base64, "<Objs/>", "\u{0}", &long,
    ] {
        let (mut ours, theirs) = tokio::io::duplex(1 << 16);
        let (reader, writer) = tokio::io::split(theirs);
        let serving = tokio::spawn(serve_stdio(
            ScriptedEngine,
            "me",
            EndpointConfig::default(),
            reader,
            writer,
        ));
        let text = format!("{line}\n");
        // It may hang up before it has read everything.
        let _closed = ours.write_all(text.as_bytes()).await;
        let ended = tokio::time::timeout(Duration::from_secs(20), serving).await;
        let shown = &line[..line.len().min(40)];
        let error = ended.expect(shown).unwrap().expect_err(shown);
        assert!(
            !error.to_string().is_empty() && error.to_string().len() < 1000,
            "{error}"
        );
    }
}

/// Resident memory of this process in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_reads_makes_the_script_wait_and_not_the_endpoint_grow() {
    let served = served(|_| ()).await;
    let other = served.builder.open().await.unwrap();
    let peer = Peer::of(&served);
    let shell = peer.open().await;
    let before = (resident(), ScriptedEngine::said());
    let id = Uuid::new_v4();
    peer.run(&shell, id, "flood").await.unwrap();
    // The script comes to a halt: what it may have ahead of its reader is bounded.
    let mut said = ScriptedEngine::said();
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let now = ScriptedEngine::said();
        if now == said && now > before.1 {
            break;
        }
        said = now;
    }
    assert!(said > before.1);
    let ahead = (said - before.1) * ScriptedEngine::FLOOD;
    assert!(ahead < 16 << 20, "{ahead} bytes are ahead of the reader");
    let grown = resident().saturating_sub(before.0);
    assert!(grown < 512 << 20, "{grown} bytes more");
    assert_eq!(objects(&other, "say on").await, [Value::from("on")]);

    // When the session is removed, the script that waited for its reader is stopped.
    let begun = Instant::now();
    peer.shells.delete(&shell).await.unwrap();
    while ScriptedEngine::flooding() {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "the script goes on"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(objects(&other, "say on").await, [Value::from("on")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receive_whose_client_hung_up_has_taken_nothing() {
    let served = served(|_| ()).await;
    let peer = Peer::of(&served);
    let shell = peer.open().await;
    let id = Uuid::new_v4();
    peer.run(&shell, id, "count 1 400").await.unwrap();
    let command = CommandId::from_uuid(id);
    let stdout = || StreamSet::parse("stdout");
    for _ in 0..3 {
        let receive = peer.shells.receive(&shell, Some(command.clone()), stdout());
        let hung_up = tokio::time::timeout(Duration::from_millis(50), receive).await;
        assert!(hung_up.is_err(), "there is nothing yet");
    }
    let mut bytes = BytesMut::new();
    loop {
        let received = peer
            .shells
            .receive(&shell, Some(command.clone()), stdout())
            .await
            .unwrap();
        received
            .streams
            .iter()
            .for_each(|stream| bytes.extend_from_slice(stream.data));
        if received.is_done() {
            break;
        }
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert_eq!(text.matches("<I32>1</I32>").count(), 1, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_is_taken_whole_or_not_at_all() {
    let served = served(|_| ()).await;
    let peer = Peer::of(&served);
    let shell = peer.open().await;
    let id = Uuid::new_v4();
    peer.run(&shell, id, "sleep 60000").await.unwrap();
    let (_, again) = opening();
    // The first piece alone would break the pool; the second is for nobody, so neither counts.
    let pieces = vec![stdin(None, again), stdin(Some(Uuid::new_v4()), &b""[..])];
    let error = peer.send(&shell, pieces).await.unwrap_err();
    assert!(error.fault().is_some(), "{error:?}");
    peer.shells
        .signal(
            &shell,
            Some(CommandId::from_uuid(id)),
            SignalCode::Terminate,
        )
        .await
        .unwrap();
    peer.run(&shell, Uuid::new_v4(), "say 1").await.unwrap();
}
