//! The end: the first signal asks for it, the second forces it.

use tokio_util::sync::CancellationToken;

/// Gives a token that SIGTERM or SIGINT cancels. A second signal ends the process at once.
pub(super) fn shutdown() -> CancellationToken {
    let token = CancellationToken::new();
    let cancelled = token.clone();
    tokio::spawn(async move {
        let Some(mut signals) = Signals::new() else { return };
        let name = signals.next().await;
        tracing::info!(
            signal = name,
            "shutting down: running calls may finish, a second signal ends at once"
        );
        cancelled.cancel();
        let name = signals.next().await;
        tracing::warn!(signal = name, "ending at once");
        std::process::exit(130);
    });
    token
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Option<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let both = signal(SignalKind::interrupt())
            .and_then(|interrupt| Ok((interrupt, signal(SignalKind::terminate())?)));
        match both {
            Ok((interrupt, terminate)) => Some(Self { interrupt, terminate }),
            Err(error) => {
                tracing::error!(%error, "signals cannot be received; end the process by force");
                None
            }
        }
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Option<Self> {
        Some(Self)
    }

    async fn next(&mut self) -> &'static str {
        let _ = tokio::signal::ctrl_c().await;
        "interrupt"
    }
}
