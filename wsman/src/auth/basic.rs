//! HTTP Basic (RFC 7617): the password itself, and therefore only where nobody listens.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::verified_cache::VerifiedCache;
use super::{
    AuthError, AuthErrorKind, AuthFuture, ClientContext, ClientScheme, ClientStep,
    ConnectionSecurity, Identity, Scope, Secret, ServerContext, ServerScheme, ServerStep,
    UserStore,
};
use crate::exchange::AuthenticationKind;

const NAME: &str = "Basic";

/// User name and password of a client.
#[derive(Clone)]
pub struct BasicClient {
    token: Secret,
    user: String,
    over_plaintext: bool,
}

impl BasicClient {
    /// These credentials. The user name may be `DOMAIN\user` or `user@domain`.
    ///
    /// # Errors
    /// When the name holds a colon or a control character: what follows the first colon is the password.
    pub fn new(user: &str, password: &Secret) -> Result<Self, AuthError> {
        if user.contains(':') || user.chars().any(char::is_control) {
            return Err(AuthError::new(
                AuthErrorKind::NotAllowed,
                "a user name for Basic holds no colon and no control character",
            ));
        }
        let mut token = Vec::with_capacity(user.len() + 1 /* colon */ + password.expose().len());
        token.extend_from_slice(user.as_bytes());
        token.push(b':');
        token.extend_from_slice(password.expose());
        Ok(Self {
            token: Secret::new(token),
            user: user.to_owned(),
            over_plaintext: false,
        })
    }

    /// Sends the password over connections that others can read, too. Without this a connection has to be TLS or
    /// stay on this computer.
    #[must_use]
    pub fn allow_plaintext(mut self) -> Self {
        self.over_plaintext = true;
        self
    }
}

impl ClientScheme for BasicClient {
    fn name(&self) -> &'static str {
        NAME
    }

    fn start(&self, connection: &ConnectionSecurity) -> Result<Box<dyn ClientContext>, AuthError> {
        if !connection.is_private() && !self.over_plaintext {
            return Err(AuthError::new(
                AuthErrorKind::NotAllowed,
                "Basic would show the password to everyone on the way: use https, or allow it by name",
            ));
        }
        Ok(Box::new(BasicClientContext {
            token: self.token.clone(),
        }))
    }
}

impl fmt::Debug for BasicClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BasicClient")
            .field("user", &self.user)
            .field("over_plaintext", &self.over_plaintext)
            .finish_non_exhaustive()
    }
}

struct BasicClientContext {
    token: Secret,
}

impl ClientContext for BasicClientContext {
    fn scope(&self) -> Scope {
        Scope::Request
    }

    fn is_complete(&self) -> bool {
        true
    }

    fn next_token<'a>(&'a mut self, challenge: Option<&'a [u8]>) -> AuthFuture<'a, ClientStep> {
        Box::pin(async move {
            match challenge {
                None => Ok(ClientStep::Token(self.token.clone())),
                Some(_) => Err(AuthError::new(
                    AuthErrorKind::Malformed,
                    "the server answered Basic with a token",
                )),
            }
        })
    }
}

/// Accepts user names and passwords that a [`UserStore`] knows.
#[derive(Clone)]
pub struct BasicServer {
    shared: Arc<Verifier>,
    over_plaintext: bool,
}

impl BasicServer {
    /// How many passwords are verified at once by default. Each takes the memory of its hash.
    pub const DEFAULT_CONCURRENT_VERIFICATIONS: usize = 4;
    /// How long a verified password is remembered by default.
    pub const DEFAULT_REMEMBERED_FOR: Duration = Duration::from_secs(300);
    const REMEMBERED: usize = 1024;

    /// Verifies against this store.
    ///
    /// # Errors
    /// When the system has no randomness for the key of the cache.
    pub fn new(store: impl UserStore) -> Result<Self, AuthError> {
        Self::with_limits(
            store,
            Self::DEFAULT_CONCURRENT_VERIFICATIONS,
            Self::DEFAULT_REMEMBERED_FOR,
        )
    }

    /// As [`new`](Self::new), with at most `concurrent` verifications at once (others wait their turn) and each
    /// success remembered for `remembered_for`, zero for not at all.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_limits(
        store: impl UserStore,
        concurrent: usize,
        remembered_for: Duration,
    ) -> Result<Self, AuthError> {
        let cache = VerifiedCache::new(remembered_for, Self::REMEMBERED).map_err(|_| {
            AuthError::new(AuthErrorKind::Unavailable, "the system has no randomness")
        })?;
        Ok(Self {
            shared: Arc::new(Verifier {
                store: Arc::new(store),
                cache,
                turns: Semaphore::new(concurrent.clamp(1, Semaphore::MAX_PERMITS)),
            }),
            over_plaintext: false,
        })
    }

    /// Accepts passwords over connections that others can read, too.
    #[must_use]
    pub fn allow_plaintext(mut self) -> Self {
        self.over_plaintext = true;
        self
    }
}

impl ServerScheme for BasicServer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn offer(&self) -> Cow<'static, str> {
        Cow::Borrowed("Basic realm=\"WSMAN\"")
    }

    fn is_available(&self, connection: &ConnectionSecurity) -> bool {
        connection.is_private() || self.over_plaintext
    }

    fn start(&self, _: &ConnectionSecurity) -> Box<dyn ServerContext> {
        Box::new(BasicServerContext {
            verifier: Arc::clone(&self.shared),
        })
    }
}

impl fmt::Debug for BasicServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BasicServer")
            .field("cache", &self.shared.cache)
            .field("over_plaintext", &self.over_plaintext)
            .finish_non_exhaustive()
    }
}

struct Verifier {
    store: Arc<dyn UserStore>,
    cache: VerifiedCache,
    turns: Semaphore,
}

impl Verifier {
    async fn verify(&self, user: String, password: Secret) -> Result<String, AuthError> {
        let generation = self.store.generation();
        if let Some(account) = self.cache.get(Instant::now(), &user, &password, generation) {
            return Ok(account);
        }
        let unavailable = |what: &str| AuthError::new(AuthErrorKind::Unavailable, what.to_owned());
        let _turn = self
            .turns
            .acquire()
            .await
            .map_err(|_| unavailable("the server stops"))?;
        let store = Arc::clone(&self.store);
        let (user, password, verdict) = tokio::task::spawn_blocking(move || {
            let verdict = store.verify(&user, &password);
            (user, password, verdict)
        })
        .await
        .map_err(|_| unavailable("the store of accounts failed"))?;
        let account = verdict?;
        self.cache
            .insert(Instant::now(), &user, &password, generation, &account);
        Ok(account)
    }
}

struct BasicServerContext {
    verifier: Arc<Verifier>,
}

impl ServerContext for BasicServerContext {
    fn scope(&self) -> Scope {
        Scope::Request
    }

    fn accept<'a>(&'a mut self, token: &'a [u8]) -> AuthFuture<'a, ServerStep> {
        Box::pin(async move {
            let malformed = |what: &str| AuthError::new(AuthErrorKind::Malformed, what);
            let colon = token
                .iter()
                .position(|&byte| byte == b':')
                .ok_or_else(|| malformed("a Basic token without a colon"))?;
            let (user, password) = token.split_at(colon);
            let user = std::str::from_utf8(user)
                .map_err(|_| malformed("the user name of a Basic token is not UTF-8"))?;
            let password = Secret::new(password.get(1..).unwrap_or_default());
            let user = self.verifier.verify(user.to_owned(), password).await?;
            Ok(ServerStep::Done {
                identity: Identity {
                    user,
                    authenticated_by: AuthenticationKind::Basic,
                },
                token: None,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Counting(Arc<AtomicUsize>);

    impl UserStore for Counting {
        fn verify(&self, user: &str, password: &Secret) -> Result<String, AuthError> {
            self.0.fetch_add(1, Ordering::SeqCst);
            if user == "anna" && password.expose() == b"p:w" {
                Ok("ANNA".to_owned())
            } else {
                Err(AuthError::new(AuthErrorKind::Refused, "no"))
            }
        }
    }

    fn open() -> ConnectionSecurity {
        ConnectionSecurity::default()
    }

    fn local() -> ConnectionSecurity {
        ConnectionSecurity {
            local: true,
            ..open()
        }
    }

    #[tokio::test]
    async fn a_right_password_is_verified_once_and_a_wrong_one_every_time() {
        let calls = Arc::new(AtomicUsize::new(0));
        let server = BasicServer::new(Counting(Arc::clone(&calls))).unwrap();
        let mut context = server.start(&local());
        for _ in 0..3 {
            let step = context.accept(b"anna:p:w").await.unwrap();
            let ServerStep::Done { identity, token } = step else {
                panic!("Basic has one leg");
            };
            assert_eq!((identity.user.as_str(), token), ("ANNA", None));
        }
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        for _ in 0..3 {
            let error = context.accept(b"anna:wrong").await.unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Refused);
        }
        assert_eq!(calls.load(Ordering::SeqCst), 4);
    }

    /// Counts how many verifications run at once.
    #[derive(Default)]
    struct Crowded {
        running: Arc<AtomicUsize>,
        most: Arc<AtomicUsize>,
    }

    impl UserStore for Crowded {
        fn verify(&self, _: &str, _: &Secret) -> Result<String, AuthError> {
            let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(running, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(20));
            self.running.fetch_sub(1, Ordering::SeqCst);
            Err(AuthError::new(AuthErrorKind::Refused, "no"))
        }
    }

    #[tokio::test]
    async fn a_crowd_of_guesses_waits_its_turn() {
        let store = Crowded::default();
        let most = Arc::clone(&store.most);
        let server = BasicServer::with_limits(store, 2, Duration::ZERO).unwrap();
        let guesses: Vec<_> = (0..12)
            .map(|_| {
                let mut context = server.start(&local());
                tokio::spawn(async move { context.accept(b"anna:guess").await.is_err() })
            })
            .collect();
        for guess in guesses {
            assert!(guess.await.unwrap());
        }
        assert_eq!(most.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_token_that_is_no_pair_is_malformed() {
        let server = BasicServer::new(Counting(Arc::default())).unwrap();
        for token in [&b""[..], b"anna", b"\xff:pw"] {
            let error = server.start(&local()).accept(token).await.unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Malformed);
        }
    }

    #[tokio::test]
    async fn the_client_sends_the_pair_and_refuses_a_second_leg() {
        let client = BasicClient::new("anna", &Secret::from("p:w")).unwrap();
        let mut context = client.start(&local()).unwrap();
        let ClientStep::Token(token) = context.next_token(None).await.unwrap() else {
            panic!("Basic has a token");
        };
        assert_eq!(token.expose(), b"anna:p:w");
        assert!(context.next_token(Some(b"x")).await.is_err());
        assert!(BasicClient::new("a:b", &Secret::default()).is_err());
    }

    #[test]
    fn passwords_stay_off_connections_that_others_can_read() {
        let client = BasicClient::new("anna", &Secret::from("pw")).unwrap();
        let server = BasicServer::new(Counting(Arc::default())).unwrap();
        let tls = ConnectionSecurity {
            encrypted: true,
            ..open()
        };
        for (connection, allowed) in [(open(), false), (local(), true), (tls, true)] {
            assert_eq!(client.start(&connection).is_ok(), allowed);
            assert_eq!(server.is_available(&connection), allowed);
        }
        assert!(client.allow_plaintext().start(&open()).is_ok());
        assert!(server.allow_plaintext().is_available(&open()));
    }

    #[test]
    fn debug_output_holds_no_password() {
        let client = BasicClient::new("anna", &Secret::from("hunter2")).unwrap();
        let shown = format!("{client:?}");
        assert!(
            shown.contains("anna") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
