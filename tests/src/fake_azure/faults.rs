//! What can go wrong with one answer of the fake, and when: a small language, and the rules that schedule it.
//!
//! A fault is written `name[=value][;key=value]...`, several separated by commas:
//! `status=429;retry-after-ms=1500`, `delay=200,reset=3`. The same words work in the header
//! `x-fake-fault`, in a user message as `[[fault:...]]`, and in the control endpoint.

use std::{collections::VecDeque, fmt, str::FromStr, sync::Mutex, time::Duration};

use tokio::time::Instant;

/// Everything that goes wrong with one answer. The default is an answer without fault.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fault {
    /// Answer with this status instead.
    pub status: Option<Status>,
    /// End (or never begin) before the response head.
    pub before_head: Option<Ending>,
    /// Wait before the response head.
    pub delay_head: Option<Duration>,
    /// Wait between the response head and the first byte of the body.
    pub delay_body: Option<Duration>,
    /// Wait before every chunk.
    pub trickle: Option<Duration>,
    /// Break after so many chunks.
    pub midway: Option<(usize, Midway)>,
    /// Send every byte sequence in pieces of at most seven bytes, across line and character borders.
    pub fragment: bool,
    /// Leave out `data: [DONE]`.
    pub omit_done: bool,
    /// Leave out the usage chunk.
    pub omit_usage: bool,
    /// What the content filter says.
    pub filter: Option<Filter>,
    /// Answer this text, whatever was asked.
    pub answer: Option<String>,
}

/// An error response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// HTTP status.
    pub code: u16,
    /// The body's `error.code`, where the usual one of the status will not do.
    pub error_code: Option<String>,
    /// The whole body, where the usual one of the status will not do.
    pub body: Option<String>,
    /// Extra headers, `retry-after-ms` for example.
    pub headers: Vec<(String, String)>,
}

/// How a connection ends without a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It stays open, and nothing ever comes.
    Silent,
    /// It is closed in an orderly way.
    Close,
    /// It is reset.
    Reset,
}

/// What happens in the middle of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Midway {
    /// Nothing more comes, and the connection stays open.
    Stall,
    /// The body ends as if it were complete.
    Cut,
    /// The connection is closed before the end of the body.
    Close,
    /// The connection is reset.
    Reset,
    /// One line that is no JSON, then on as if nothing had been.
    Malformed,
    /// Nothing but lines that are no JSON from here on.
    Garbage,
}

/// What the content filter says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// The prompt is refused: 400.
    Prompt,
    /// The answer is cut off with `finish_reason: content_filter`.
    Answer,
    /// The filter did not run: `content_filter_error` beside an unfiltered answer.
    Unavailable,
}

impl Fault {
    /// Answers with a status and its usual body.
    pub fn status(code: u16) -> Self {
        Self {
            status: Some(Status {
                code,
                error_code: None,
                body: None,
                headers: Vec::new(),
            }),
            ..Self::default()
        }
    }

    /// Adds a header to a [`Fault::status`].
    ///
    /// # Panics
    /// Panics on a fault without a status.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let status = self.status.as_mut().expect("only a status fault has headers");
        status.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Ends the connection before the response head.
    pub fn before_head(ending: Ending) -> Self {
        Self {
            before_head: Some(ending),
            ..Self::default()
        }
    }

    /// Breaks after so many chunks.
    pub fn midway(chunks: usize, what: Midway) -> Self {
        Self {
            midway: Some((chunks, what)),
            ..Self::default()
        }
    }

    /// Waits before the response head.
    pub fn delay_head(delay: Duration) -> Self {
        Self {
            delay_head: Some(delay),
            ..Self::default()
        }
    }

    /// Waits before every chunk.
    pub fn trickle(delay: Duration) -> Self {
        Self {
            trickle: Some(delay),
            ..Self::default()
        }
    }

    /// Makes the content filter say something.
    pub fn filter(filter: Filter) -> Self {
        Self {
            filter: Some(filter),
            ..Self::default()
        }
    }

    /// Answers this text, whatever was asked.
    pub fn answer(text: impl Into<String>) -> Self {
        Self {
            answer: Some(text.into()),
            ..Self::default()
        }
    }

    /// Finds `[[fault:...]]` in a text.
    pub(super) fn in_text(text: &str) -> Result<Option<Self>, String> {
        let Some((_, rest)) = text.split_once("[[fault:") else {
            return Ok(None);
        };
        let (words, _) = rest.split_once("]]").ok_or("`[[fault:` without `]]`")?;
        words.parse().map(Some)
    }

    fn set(&mut self, item: &str) -> Result<(), String> {
        let mut parts = item.split(';');
        let (name, value) = match parts.next().unwrap_or_default().split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (item.split(';').next().unwrap_or_default().trim(), None),
        };
        let number = || -> Result<usize, String> {
            let text = value.ok_or_else(|| format!("fault `{name}` needs a number: `{name}=3`"))?;
            text.parse()
                .map_err(|_| format!("fault `{name}`: `{text}` is no number"))
        };
        let wait = || number().map(|ms| Some(Duration::from_millis(ms as u64)));
        match name {
            "status" => {
                let code = u16::try_from(number()?)
                    .ok()
                    .filter(|code| (400..600).contains(code));
                let mut fault = Self::status(code.ok_or("fault `status` takes 400 to 599")?);
                for part in parts {
                    let (key, value) = part
                        .split_once('=')
                        .ok_or_else(|| format!("`{part}` is no `key=value`"))?;
                    let status = fault.status.as_mut().expect("set just above");
                    match key.trim() {
                        "code" => status.error_code = Some(value.to_owned()),
                        "body" => status.body = Some(value.to_owned()),
                        header => status.headers.push((header.to_owned(), value.to_owned())),
                    }
                }
                self.status = fault.status;
            }
            "delay" => self.delay_head = wait()?,
            "first-byte" => self.delay_body = wait()?,
            "trickle" => self.trickle = wait()?,
            "silent" => self.before_head = Some(Ending::Silent),
            "close" if value.is_none() => self.before_head = Some(Ending::Close),
            "reset" if value.is_none() => self.before_head = Some(Ending::Reset),
            "stall" => self.midway = Some((number()?, Midway::Stall)),
            "cut" => self.midway = Some((number()?, Midway::Cut)),
            "close" => self.midway = Some((number()?, Midway::Close)),
            "reset" => self.midway = Some((number()?, Midway::Reset)),
            "malformed" => self.midway = Some((number()?, Midway::Malformed)),
            "garbage" => self.midway = Some((number()?, Midway::Garbage)),
            "fragment" => self.fragment = true,
            "no-done" => self.omit_done = true,
            "no-usage" => self.omit_usage = true,
            "filter-prompt" => self.filter = Some(Filter::Prompt),
            "filter-answer" => self.filter = Some(Filter::Answer),
            "filter-error" => self.filter = Some(Filter::Unavailable),
            _ => return Err(format!("unknown fault `{name}`")),
        }
        Ok(())
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, Self::Err> {
        let mut fault = Self::default();
        // `answer=` takes the rest, commas and all.
        let (items, answer) = match words.split_once("answer=") {
            Some((items, answer)) => (items, Some(answer)),
            None => (words, None),
        };
        fault.answer = answer.map(str::to_owned);
        for item in items.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            fault.set(item)?;
        }
        if fault == Self::default() {
            Err("an empty fault".to_owned())
        } else {
            Ok(fault)
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut items = Vec::new();
        if let Some(status) = &self.status {
            let mut item = format!("status={}", status.code);
            let named = [("code", &status.error_code), ("body", &status.body)];
            let named = named
                .into_iter()
                .filter_map(|(key, value)| Some((key, value.as_deref()?)));
            let headers = status
                .headers
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()));
            for (key, value) in named.chain(headers) {
                item.extend([";", key, "=", value]);
            }
            items.push(item);
        }
        let waits = [
            ("delay", self.delay_head),
            ("first-byte", self.delay_body),
            ("trickle", self.trickle),
        ];
        items.extend(
            waits
                .iter()
                .filter_map(|(name, wait)| Some(format!("{name}={}", (*wait)?.as_millis()))),
        );
        items.extend(self.before_head.map(|ending| match ending {
            Ending::Silent => "silent".to_owned(),
            Ending::Close => "close".to_owned(),
            Ending::Reset => "reset".to_owned(),
        }));
        items.extend(self.midway.map(|(chunks, what)| {
            let name = match what {
                Midway::Stall => "stall",
                Midway::Cut => "cut",
                Midway::Close => "close",
                Midway::Reset => "reset",
                Midway::Malformed => "malformed",
                Midway::Garbage => "garbage",
            };
            format!("{name}={chunks}")
        }));
        let flags = [
            ("fragment", self.fragment),
            ("no-done", self.omit_done),
            ("no-usage", self.omit_usage),
        ];
        items.extend(
            flags
                .iter()
                .filter(|(_, on)| *on)
                .map(|(name, _)| (*name).to_owned()),
        );
        items.extend(self.filter.map(|filter| match filter {
            Filter::Prompt => "filter-prompt".to_owned(),
            Filter::Answer => "filter-answer".to_owned(),
            Filter::Unavailable => "filter-error".to_owned(),
        }));
        items.extend(self.answer.as_ref().map(|answer| format!("answer={answer}")));
        f.write_str(&items.join(","))
    }
}

/// A fault, and the requests that it strikes.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What goes wrong.
    pub fault: Fault,
    /// For which deployment; `None` is every one.
    pub deployment: Option<String>,
    /// For which of its requests.
    pub schedule: Schedule,
}

/// Which requests a [`Rule`] strikes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Schedule {
    /// Each one.
    Always,
    /// The next so many; then the rule is gone.
    Next(u32),
    /// Every n-th.
    Every(u32),
    /// Each with this probability, drawn from this seed.
    Chance {
        /// 0 to 1.
        probability: f64,
        /// The same seed strikes the same requests.
        seed: u64,
    },
    /// Those within a span of time, counted from when the rule was made.
    Window {
        /// Until it begins.
        after: Duration,
        /// How long it lasts.
        length: Duration,
    },
}

/// The rules in force. The first that strikes a request decides.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Mutex<VecDeque<Active>>,
}

#[derive(Debug)]
struct Active {
    rule: Rule,
    since: Instant,
    seen: u64,
    draws: u64,
}

impl Faults {
    /// Adds a rule, behind those there are.
    pub fn add(&self, rule: Rule) {
        let draws = if let Schedule::Chance { seed, .. } = rule.schedule {
            seed
        } else {
            0
        };
        self.lock().push_back(Active {
            rule,
            since: Instant::now(),
            seen: 0,
            draws,
        });
    }

    /// Strikes the next so many requests.
    pub fn next(&self, times: u32, fault: Fault) {
        self.add(Rule {
            fault,
            deployment: None,
            schedule: Schedule::Next(times),
        });
    }

    /// Strikes each request until [`Faults::clear`].
    pub fn always(&self, fault: Fault) {
        self.add(Rule {
            fault,
            deployment: None,
            schedule: Schedule::Always,
        });
    }

    /// Forgets every rule.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The rules in force.
    pub fn rules(&self) -> Vec<Rule> {
        self.lock().iter().map(|active| active.rule.clone()).collect()
    }

    /// Decides what goes wrong with a request that has just come.
    pub(super) fn strike(&self, deployment: &str) -> Option<Fault> {
        let mut rules = self.lock();
        let now = Instant::now();
        let hit = rules
            .iter_mut()
            .position(|active| active.strikes(deployment, now))?;
        let fault = rules[hit].rule.fault.clone();
        if let Schedule::Next(left) = &mut rules[hit].rule.schedule {
            *left -= 1;
        }
        rules.retain(|active| active.rule.schedule != Schedule::Next(0));
        Some(fault)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Active>> {
        self.rules
            .lock()
            .expect("nothing panics while it holds the rules")
    }
}

impl Active {
    fn strikes(&mut self, deployment: &str, now: Instant) -> bool {
        if self
            .rule
            .deployment
            .as_deref()
            .is_some_and(|wanted| wanted != deployment)
        {
            return false;
        }
        self.seen += 1;
        match self.rule.schedule {
            Schedule::Always => true,
            Schedule::Next(left) => left > 0,
            Schedule::Every(n) => self.seen.is_multiple_of(u64::from(n)),
            Schedule::Chance { probability, .. } => {
                let (state, share) = draw(self.draws);
                self.draws = state;
                share < probability
            }
            Schedule::Window { after, length } => {
                let age = now.duration_since(self.since);
                age >= after && age < after + length
            }
        }
    }
}

/// One step of `SplitMix64`: the next state, and a share from 0 to 1.
fn draw(state: u64) -> (u64, f64) {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    let top = u32::try_from(mixed >> 32).expect("the upper half has 32 bits");
    (state, f64::from(top) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_and_written_back() {
        let all = [
            "status=429;code=insufficient_quota;retry-after=2",
            "status=503;body=gone;retry-after-ms=200,delay=5",
            "first-byte=7",
            "trickle=9",
            "silent",
            "close",
            "reset",
            "stall=0",
            "cut=1",
            "close=2",
            "reset=3",
            "malformed=4",
            "garbage=5",
            "fragment,no-done,no-usage",
            "filter-prompt",
            "filter-answer",
            "filter-error",
            "delay=1,answer={\"a\": 1, \"b\": 2}",
        ];
        for words in all {
            let fault: Fault = words.parse().expect(words);
            assert_eq!(fault.to_string(), words);
        }
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        for (words, reason) in [
            ("", "empty"),
            ("explode", "unknown fault `explode`"),
            ("stall", "needs a number"),
            ("stall=x", "no number"),
            ("status=200", "400 to 599"),
            ("status=70000", "400 to 599"),
            ("status=500;oops", "key=value"),
        ] {
            let error = words.parse::<Fault>().expect_err(words);
            assert!(error.contains(reason), "{words}: {error}");
        }
        assert!(Fault::in_text("a [[fault:reset").is_err());
        assert_eq!(
            Fault::in_text("a [[fault:reset]] b"),
            Ok(Some(Fault::before_head(Ending::Reset)))
        );
        assert_eq!(Fault::in_text("plain"), Ok(None));
    }

    fn strikes(schedule: Schedule, requests: usize) -> Vec<usize> {
        let faults = Faults::default();
        faults.add(Rule {
            fault: Fault::status(500),
            deployment: Some("a".to_owned()),
            schedule,
        });
        assert_eq!(faults.strike("b"), None, "another deployment is left alone");
        faults.clear();
        faults.add(Rule {
            fault: Fault::status(500),
            deployment: None,
            schedule,
        });
        (1..=requests).filter(|_| faults.strike("a").is_some()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn schedules_strike_the_requests_they_name() {
        assert_eq!(strikes(Schedule::Always, 3), [1, 2, 3]);
        assert_eq!(strikes(Schedule::Next(2), 5), [1, 2]);
        assert_eq!(strikes(Schedule::Every(3), 7), [3, 6]);
        let some = strikes(
            Schedule::Chance {
                probability: 0.5,
                seed: 7,
            },
            64,
        );
        assert_eq!(
            some,
            strikes(
                Schedule::Chance {
                    probability: 0.5,
                    seed: 7
                },
                64
            )
        );
        assert!((16..=48).contains(&some.len()), "{}", some.len());
        assert_ne!(
            some,
            strikes(
                Schedule::Chance {
                    probability: 0.5,
                    seed: 8
                },
                64
            )
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_opens_and_closes() {
        let faults = Faults::default();
        let (after, length) = (Duration::from_secs(1), Duration::from_secs(2));
        faults.add(Rule {
            fault: Fault::status(500),
            deployment: None,
            schedule: Schedule::Window { after, length },
        });
        let mut seen = Vec::new();
        for _ in 0..4 {
            seen.push(faults.strike("a").is_some());
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert_eq!(seen, [false, true, true, false]);
    }

    #[tokio::test(start_paused = true)]
    async fn rules_are_asked_in_order_and_spent_ones_leave() {
        let faults = Faults::default();
        faults.next(1, Fault::status(500));
        faults.next(1, Fault::before_head(Ending::Reset));
        assert_eq!(faults.strike("a"), Some(Fault::status(500)));
        assert_eq!(faults.strike("a"), Some(Fault::before_head(Ending::Reset)));
        assert_eq!(faults.strike("a"), None);
        assert!(faults.rules().is_empty());
    }
}
