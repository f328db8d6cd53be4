//! What the processes of a fleet tell each other about what they all call, without naming how they do.
//!
//! Nothing here is needed: whoever hears nothing, or is told nonsense, decides by what was seen here.

use std::time::Duration;

/// Whether the one trial of a fleet may be made here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// It may, until [`Fleet::trial_ended`].
    Granted,
    /// Another process makes it, or has just seen it fail: ask again after so long.
    Taken(Duration),
    /// Nobody can be asked now.
    Unknown,
}

/// What another process has seen of a circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// It opened so long ago, and stays open for so long.
    Opened {
        /// Since when.
        ago: Duration,
        /// How long it stays open yet.
        left: Duration,
    },
    /// A trial succeeded so long ago.
    Closed {
        /// When.
        ago: Duration,
    },
}

/// Hears what others have seen.
pub type Heed = Box<dyn Fn(News) + Send + Sync>;

/// The way to the other processes. What returns nothing is called on the way of a call: it must not wait.
#[async_trait::async_trait]
pub trait Fleet: Send + Sync + 'static {
    /// Asks for the fleet's one trial of a circuit, which takes at most so long.
    async fn ask_for_trial(&self, circuit: &str, at_most: Duration) -> Leave;

    /// The trial that was granted has ended, or was never made.
    fn trial_ended(&self, circuit: &str);

    /// A circuit opened for so long, by what was seen here.
    fn opened(&self, circuit: &str, open_for: Duration);

    /// A trial succeeded here.
    fn closed(&self, circuit: &str);

    /// From now on `heed` is told what others see of a circuit.
    fn listen(&self, circuit: &str, heed: Heed);
}
