//! Being told to stop: by Ctrl+C, or by whoever ends the process in an orderly way.

use tokio::signal::unix::{SignalKind, signal};

/// Ends when the person or the system wants this command to stop. What it has begun at a computer
/// is then stopped there too, and temporary sessions are closed.
pub(crate) async fn interrupted() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
