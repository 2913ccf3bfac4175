//! `serve`: runs the endpoint that sessions live in.

use std::fs::File;
use std::path::Path;

use pssession::endpoint::{BuiltInEngine, BuiltInOptions, Endpoint, EndpointConfig, serve_stdio};
use pssession::{Error, ErrorKind};
use tokio::net::{TcpListener, UnixListener};
use tokio::signal::unix::{SignalKind, signal};
use wsman::auth::{BasicServer, UsersFile};
use wsman::http::{Listener, ServerTls, UnixPeers};

use crate::Status;
use crate::arguments::{AliasProfile, Serve};

/// What `pwsh -s` ends with when its input ends or is no protocol.
const STDIO_ENDED: i32 = 160;

/// Serves until it is told to end.
pub(crate) async fn serve(arguments: Serve) -> Result<Status, Error> {
    let mut options = BuiltInOptions::default();
    options.windows_aliases = arguments.aliases == AliasProfile::Windows;
    let engine = BuiltInEngine::new(options);
    let mut config = EndpointConfig::default();
    config.idle_timeout = arguments.idle_timeout;
    config.max_idle_timeout = arguments.max_idle_timeout;
    config.max_sessions = arguments.max_sessions;
    config.max_sessions_per_user = arguments.max_sessions_per_user;
    config.max_concurrent_commands_per_session = arguments.max_concurrent_commands_per_session;
    if arguments.stdio {
        return on_stdio(engine, config).await;
    }
    if arguments.listen.is_empty() && arguments.socket.is_none() {
        let message = "nothing to listen on: give --listen, --socket or --stdio";
        return Err(Error::new(ErrorKind::Usage, message));
    }
    let (listeners, _lock) = listeners(&arguments).await?;
    let basic = basic(&arguments)?;
    let endpoint = Endpoint::new(engine, config);
    let allow_unencrypted = arguments.allow_unencrypted;
    let listen = |mut server: wsman::http::Server<_>| {
        for listener in listeners {
            server = server.listen(listener);
        }
        if let Some(basic) = basic {
            server = server.scheme(basic);
        }
        if allow_unencrypted {
            server = server.allow_unencrypted();
        }
        server
    };
    let idle = endpoint.clone();
    let exit_when_idle = arguments.exit_when_idle;
    let shutdown = async move {
        let idle = async {
            match exit_when_idle {
                Some(time) => idle.idle_for(time).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = idle => tracing::info!("no session has been here for long"),
            () = told_to_end() => tracing::info!("told to end"),
        }
    };
    endpoint.serve(listen, shutdown).await;
    if let Some(socket) = &arguments.socket {
        // The next endpoint removes what cannot be removed now.
        let _left = std::fs::remove_file(socket);
    }
    Ok(Status::Success)
}

async fn on_stdio(engine: BuiltInEngine, config: EndpointConfig) -> Result<Status, Error> {
    let user = std::env::var("USER").unwrap_or_else(|_| "local".to_owned());
    let ended = serve_stdio(
        engine,
        &user,
        config,
        tokio::io::stdin(),
        tokio::io::stdout(),
    )
    .await;
    // As PowerShell does it: the end of the input is reported like any other broken line.
    let reason = ended.err().map_or_else(
        || {
            "An unknown element \"\" was received. This can happen if the remote process closed \
             or ended abnormally."
                .to_owned()
        },
        |error| error.to_string(),
    );
    eprintln!("{reason}");
    std::process::exit(STDIO_ENDED)
}

/// Ctrl+C or SIGTERM. That a terminal went away is nothing to an endpoint.
async fn told_to_end() {
    let (Ok(mut terminate), Ok(mut hangup)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
        () = async { while hangup.recv().await.is_some() {} } => {}
    }
}

async fn listeners(arguments: &Serve) -> Result<(Vec<Listener>, Option<File>), Error> {
    let tls = match (&arguments.tls_cert, &arguments.tls_key) {
        (Some(chain), Some(key)) => {
            let tls = ServerTls::new(&read(chain)?, &read(key)?);
            Some(tls.map_err(|error| Error::new(ErrorKind::Usage, error.to_string()))?)
        }
        _ => None,
    };
    let mut listeners = Vec::new();
    for address in &arguments.listen {
        let listener = TcpListener::bind(address).await.map_err(|error| {
            Error::new(
                ErrorKind::Io,
                format!("cannot listen on {address}: {error}"),
            )
            .with_source(error)
        })?;
        listeners.push(match &tls {
            Some(tls) => Listener::tls(listener, tls.clone()),
            None => Listener::tcp(listener),
        });
    }
    let mut lock = None;
    if let Some(socket) = &arguments.socket {
        lock = Some(claim(socket)?);
        let listener = UnixListener::bind(socket).map_err(|error| {
            Error::new(
                ErrorKind::Io,
                format!("cannot listen on {}: {error}", socket.display()),
            )
            .with_source(error)
        })?;
        listeners.push(Listener::unix(listener, UnixPeers::same_user()));
    }
    Ok((listeners, lock))
}

/// Makes sure that no other endpoint has the socket, and removes one that a dead endpoint left.
fn claim(socket: &Path) -> Result<File, Error> {
    let path = socket.with_extension("lock");
    let lock = File::create(&path).map_err(|error| {
        Error::new(ErrorKind::Io, format!("{}: {error}", path.display())).with_source(error)
    })?;
    if lock.try_lock().is_err() {
        let message = format!("another endpoint listens on {}", socket.display());
        return Err(Error::new(ErrorKind::Io, message));
    }
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::from(error)),
        _ => Ok(lock),
    }
}

fn basic(arguments: &Serve) -> Result<Option<BasicServer>, Error> {
    let wrong = |error: &dyn std::error::Error| Error::new(ErrorKind::Usage, error.to_string());
    let Some(path) = &arguments.users else {
        if !arguments.listen.is_empty() {
            let message = "--listen needs --users: nobody could prove who they are";
            return Err(Error::new(ErrorKind::Usage, message));
        }
        return Ok(None);
    };
    let users = UsersFile::open(path).map_err(|error| wrong(&error))?;
    let mut basic = BasicServer::new(users).map_err(|error| wrong(&error))?;
    if arguments.allow_unencrypted {
        basic = basic.allow_plaintext();
    }
    Ok(Some(basic))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| {
        Error::new(ErrorKind::Io, format!("{}: {error}", path.display())).with_source(error)
    })
}
