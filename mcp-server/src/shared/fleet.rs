//! What the processes of a fleet see of circuits: notes in Redis that end by themselves, and one lease for trials.
//!
//! Notes are looked for twice a second, so that nothing is asked while calls flow. Only a trial asks, and waits for it.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use inference::fleet::{Fleet, Heed, Leave, News};
use redis::Script;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use tokio_util::task::AbortOnDropHandle;

use super::link::{Link, Lost};

/// How often notes of others are looked for.
const LISTEN_EVERY: Duration = Duration::from_millis(500);
/// How long it is told that a circuit has closed: others hear of it long before.
const CLOSED_FOR: Duration = Duration::from_mins(1);
/// Whoever has just seen it fail lets others try first, for so long: what is broken may be its own way there.
const AFTER_YOU: Duration = Duration::from_millis(500);
/// Words on their way to Redis. What does not fit is not said, and missed by nobody for long.
const WORDS: usize = 256;

/// A note that a circuit is open keeps from trying, and its writer for a moment longer; so does another's lease.
static ASK: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local note = redis.call('GET', KEYS[1])
         if note and string.sub(note, 1, 5) == 'open:' then
             local left = redis.call('PTTL', KEYS[1])
             if not string.find(note, ARGV[1], 1, true) then left = left - ARGV[3] end
             if left > 0 then return {0, left} end
         end
         if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {1, 0} end
         if redis.call('GET', KEYS[2]) == ARGV[1] then
             redis.call('PEXPIRE', KEYS[2], ARGV[2])
             return {1, 0}
         end
         return {0, redis.call('PTTL', KEYS[2])}",
    )
});

static END: LazyLock<Script> = LazyLock::new(|| {
    Script::new("if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 0")
});

static NOTE: LazyLock<Script> =
    LazyLock::new(|| Script::new("redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 0"));

static LISTEN: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local notes = {}
         for place, key in ipairs(KEYS) do
             notes[place] = {redis.call('GET', key) or '', redis.call('PTTL', key)}
         end
         return notes",
    )
});

/// What is said of a circuit.
enum Word {
    Opened(Duration),
    Closed,
    TrialEnded,
}

/// The processes that share a Redis.
pub(crate) struct RedisFleet {
    inner: Arc<Inner>,
    words: mpsc::Sender<(String, Word)>,
    _speaking: AbortOnDropHandle<()>,
}

struct Inner {
    link: Arc<Link>,
    /// Who this process is among them.
    me: String,
    listeners: Mutex<Vec<(String, Heed)>>,
}

impl RedisFleet {
    pub(super) fn new(link: Arc<Link>) -> Self {
        let inner = Arc::new(Inner {
            link,
            me: uuid::Uuid::new_v4().simple().to_string(),
            listeners: Mutex::default(),
        });
        let (words, spoken) = mpsc::channel(WORDS);
        let speaking = tokio::spawn(speak_and_listen(Arc::clone(&inner), spoken));
        Self {
            inner,
            words,
            _speaking: AbortOnDropHandle::new(speaking),
        }
    }

    fn say(&self, circuit: &str, word: Word) {
        let _ = self.words.try_send((circuit.to_owned(), word));
    }
}

async fn speak_and_listen(inner: Arc<Inner>, mut words: mpsc::Receiver<(String, Word)>) {
    let mut ticks = tokio::time::interval(LISTEN_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        // While Redis is lost nothing is said or heard, and that is all.
        let _ = tokio::select! {
            word = words.recv() => match word {
                Some((circuit, word)) => inner.speak(&circuit, &word).await,
                None => return,
            },
            _ = ticks.tick() => inner.listen().await,
        };
    }
}

impl Inner {
    async fn speak(&self, circuit: &str, word: &Word) -> Result<i64, Lost> {
        let (note, length, stands) = match word {
            Word::Opened(length) => ("open", *length, *length + AFTER_YOU),
            Word::Closed => ("closed", CLOSED_FOR, CLOSED_FOR),
            Word::TrialEnded => {
                let mut script = END.key(self.key("trial", circuit));
                return self.link.run(script.arg(&self.me)).await;
            }
        };
        let length_ms = length.as_millis().max(1);
        let mut script = NOTE.key(self.key("circuit", circuit));
        script
            .arg(format!("{note}:{}:{length_ms}", self.me))
            .arg(stands.as_millis().max(1).to_string());
        self.link.run(&script).await
    }

    async fn listen(&self) -> Result<i64, Lost> {
        let keys: Vec<_> = self
            .listeners()
            .iter()
            .map(|(circuit, _)| self.key("circuit", circuit))
            .collect();
        if keys.is_empty() {
            return Ok(0);
        }
        let mut script = LISTEN.prepare_invoke();
        for key in &keys {
            script.key(key);
        }
        let notes: Vec<(String, i64)> = self.link.run(&script).await?;
        // Whoever began to listen in between was not asked for, and is heard next time.
        for ((_, heed), (note, left_ms)) in self.listeners().iter().zip(&notes) {
            if let Some(news) = read(note, *left_ms, &self.me) {
                heed(news);
            }
        }
        Ok(0)
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<(String, Heed)>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All notes stand at one place of a cluster, so that they can be asked for at once.
    fn key(&self, what: &str, circuit: &str) -> String {
        format!("{{{}}}:{what}:{circuit}", self.link.prefix())
    }
}

/// What a note of somebody else says. It knows how long it was to stand, so how old it is needs no common clock.
fn read(note: &str, left_ms: i64, me: &str) -> Option<News> {
    let mut parts = note.split(':');
    let (word, who, length_ms) = (parts.next()?, parts.next()?, parts.next()?);
    if who == me {
        return None;
    }
    let length = Duration::from_millis(length_ms.parse().ok()?);
    let stands = Duration::from_millis(u64::try_from(left_ms).ok()?);
    match word {
        "open" => {
            let left = stands.saturating_sub(AFTER_YOU).min(length);
            let ago = (length + AFTER_YOU).saturating_sub(stands);
            Some(News::Opened { ago, left })
        }
        "closed" => Some(News::Closed {
            ago: length.saturating_sub(stands),
        }),
        _ => None,
    }
}

#[async_trait::async_trait]
impl Fleet for RedisFleet {
    async fn ask_for_trial(&self, circuit: &str, at_most: Duration) -> Leave {
        let inner = &self.inner;
        let mut script = ASK.key(inner.key("circuit", circuit));
        script
            .key(inner.key("trial", circuit))
            .arg(&inner.me)
            .arg(at_most.as_millis().max(1).to_string())
            .arg(AFTER_YOU.as_millis().to_string());
        match inner.link.run::<(i64, i64)>(&script).await {
            Ok((1, _)) => Leave::Granted,
            Ok((_, left_ms)) => Leave::Taken(Duration::from_millis(u64::try_from(left_ms).unwrap_or(0))),
            Err(Lost) => Leave::Unknown,
        }
    }

    fn trial_ended(&self, circuit: &str) {
        self.say(circuit, Word::TrialEnded);
    }

    fn opened(&self, circuit: &str, open_for: Duration) {
        self.say(circuit, Word::Opened(open_for));
    }

    fn closed(&self, circuit: &str) {
        self.say(circuit, Word::Closed);
    }

    fn listen(&self, circuit: &str, heed: Heed) {
        self.inner.listeners().push((circuit.to_owned(), heed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_tell_how_old_they_are_and_strange_ones_tell_nothing() {
        let (ago, left) = (Duration::from_millis(1500), Duration::from_millis(3500));
        assert_eq!(
            read("open:them:5000", 4000, "me"),
            Some(News::Opened { ago, left })
        );
        let over = Some(News::Opened {
            ago: Duration::from_millis(5200),
            left: Duration::ZERO,
        });
        assert_eq!(read("open:them:5000", 300, "me"), over, "others try first");
        assert_eq!(read("closed:them:5000", 3500, "me"), Some(News::Closed { ago }));
        for note in [
            "open:me:5000",
            "",
            "open",
            "open:them",
            "open:them:x",
            "shut:them:5000",
            "open:them:-1",
        ] {
            assert_eq!(read(note, 3500, "me"), None, "{note}");
        }
        assert_eq!(read("open:them:5000", -2, "me"), None, "it is gone");
        let late = Some(News::Opened {
            ago: Duration::ZERO,
            left: Duration::from_secs(5),
        });
        assert_eq!(
            read("open:them:5000", 9000, "me"),
            late,
            "no note stands longer than it was to"
        );
    }
}
