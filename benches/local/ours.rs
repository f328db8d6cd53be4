//! Our side: the engine, as its callers see it.

use std::time::{Duration, Instant};

use futures::{
    StreamExt as _,
    future::{Either, join_all, select},
    stream::select_all,
};
use models::{Engine, EngineConfig, Generation, GenerationEvent, GenerationRequest, Sampling, Source, Turn};
use tokio::runtime::Runtime;

use crate::{CALLER_PROMPT_TOKENS, CALLERS, CONTEXT_TOKENS, Result};

/// A loaded model.
pub(crate) struct Ours {
    engine: Engine,
    runtime: Runtime,
    prompts: Prompts,
}

/// What one measurement took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// From the call to its first token.
    pub(crate) first: Duration,
    /// From there to the last token.
    pub(crate) rest: Duration,
    /// Tokens in that time.
    pub(crate) tokens: usize,
}

/// An answer: when it was asked for, when each piece of its text came.
pub(crate) struct Answer {
    asked: Instant,
    events: Vec<Instant>,
    pub(crate) text: String,
    pub(crate) tokens: usize,
}

/// A new call while all other slots are answering.
pub(crate) struct Newcomer {
    /// From the call to its first token, with nobody else.
    pub(crate) alone: Duration,
    /// The same beside the others.
    pub(crate) beside: Duration,
    /// The longest that one of the others waited for a token meanwhile.
    pub(crate) gap: Duration,
}

impl Ours {
    pub(crate) fn start(source: &Source, threads: usize) -> Result<Self> {
        Self::start_with(source, threads, true)
    }

    /// As [`Ours::start`], with guesses or without.
    pub(crate) fn start_with(source: &Source, threads: usize, guesses: bool) -> Result<Self> {
        let config = EngineConfig {
            slots: CALLERS,
            context_limit: match source {
                Source::Bundled => None,
                Source::File(_) => Some(CONTEXT_TOKENS),
            },
            threads: Some(threads),
            guesses,
            ..EngineConfig::default()
        };
        Self::of(Engine::start(source, config, |_| {})?)
    }

    pub(crate) fn of(engine: Engine) -> Result<Self> {
        Ok(Self {
            engine,
            runtime: tokio::runtime::Builder::new_current_thread().build()?,
            prompts: Prompts(1),
        })
    }

    pub(crate) fn read_and_answer(&mut self, prompt: usize, answer: usize) -> Result<Run> {
        let request = self.request(prompt, answer);
        let answer = self.runtime.block_on(answered(&self.engine, request))?;
        Ok(answer.run())
    }

    /// An answer whose text may come several tokens at a time.
    pub(crate) fn answer(&mut self, request: GenerationRequest) -> Result<Answer> {
        self.runtime.block_on(followed(&self.engine, request))
    }

    /// Goes on with several sequences at once, each behind a prompt that was read before.
    pub(crate) fn answer_together(&mut self, answer: usize) -> Result<Run> {
        let requests: Vec<_> = (0..CALLERS)
            .map(|_| GenerationRequest {
                cache_scope: Some("bench".into()),
                ..self.request(CALLER_PROMPT_TOKENS, answer)
            })
            .collect();
        for request in &requests {
            let mut request = request.clone();
            request.max_tokens = 1;
            self.runtime.block_on(answered(&self.engine, request))?;
        }
        let answers = requests
            .into_iter()
            .map(|request| answered(&self.engine, request));
        let answers = self.runtime.block_on(join_all(answers));
        let answers = answers.into_iter().collect::<Result<Vec<_>>>()?;
        // Counted from when all have begun, while all of them run.
        let begun = answers
            .iter()
            .map(|answer| answer.events[0])
            .max()
            .ok_or("no answers")?;
        let ended = answers
            .iter()
            .filter_map(|answer| answer.events.last())
            .min()
            .ok_or("no answers")?;
        let within = |event: &&Instant| **event > begun && *event <= ended;
        Ok(Run {
            first: begun - answers[0].asked,
            rest: *ended - begun,
            tokens: answers
                .iter()
                .map(|answer| answer.events.iter().filter(within).count())
                .sum(),
        })
    }

    pub(crate) fn newcomer(&mut self) -> Result<Newcomer> {
        let alone = self.read_and_answer(CALLER_PROMPT_TOKENS, 1)?.first;
        let others: Vec<_> = (1..CALLERS)
            .map(|_| self.request(CALLER_PROMPT_TOKENS, CONTEXT_TOKENS - CALLER_PROMPT_TOKENS))
            .collect();
        let newcomer = self.request(CALLER_PROMPT_TOKENS, 1);
        let engine = &self.engine;
        let (beside, gap) = self.runtime.block_on(async {
            let mut running = Vec::new();
            for request in others {
                running.push(engine.generate(request)?);
            }
            for answer in &mut running {
                // The first text: from here on it is answered.
                answer.next().await.ok_or("an answer ended before it began")??;
            }
            beside(answered(engine, newcomer), running).await
        })?;
        // Those who were dropped leave at the next token.
        while self.engine.stats().slots_busy > 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(Newcomer {
            alone,
            beside: beside.events[0] - beside.asked,
            gap,
        })
    }

    /// A request whose prompt is so many tokens of no sense, and whose answer so many.
    pub(crate) fn request(&mut self, prompt: usize, answer: usize) -> GenerationRequest {
        GenerationRequest {
            turns: vec![Turn {
                role: "user",
                content: self.prompts.next(prompt),
            }],
            max_tokens: answer,
            // Random weights soon repeat themselves when greedy, and would be guessed right. So a few hundred
            // tokens are drawn from.
            temperature: 1.0,
            seed: Some(self.prompts.0),
            sampling: Sampling {
                min_p: Some(0.3),
                ..Sampling::default()
            },
            ..GenerationRequest::default()
        }
    }
}

/// Follows an answer of which each token comes by itself: guesses that came true give several at once, and are not what
/// is measured then. One may by chance, and counts for us as if it had not: as one token.
async fn answered(engine: &Engine, request: GenerationRequest) -> Result<Answer> {
    let answer = followed(engine, request).await?;
    if answer.tokens > answer.events.len() + answer.events.len() / 16 {
        return Err(format!("{} tokens in {} pieces", answer.tokens, answer.events.len()).into());
    }
    Ok(answer)
}

async fn followed(engine: &Engine, request: GenerationRequest) -> Result<Answer> {
    let asked = Instant::now();
    let mut stream: Generation = engine.generate(request)?;
    let (mut events, mut text, mut tokens) = (Vec::new(), String::new(), 0);
    while let Some(event) = stream.next().await {
        match event? {
            GenerationEvent::Text(piece) => {
                events.push(Instant::now());
                text.push_str(&piece);
            }
            GenerationEvent::Finished { generated_tokens, .. } => tokens = generated_tokens,
        }
    }
    if events.is_empty() {
        return Err("an answer without text".into());
    }
    Ok(Answer {
        asked,
        events,
        text,
        tokens,
    })
}

/// Follows a new answer to its end, and the others meanwhile: the longest that one of them waited for text.
async fn beside(
    newcomer: impl Future<Output = Result<Answer>>,
    others: Vec<Generation>,
) -> Result<(Answer, Duration)> {
    let mut last = vec![Instant::now(); others.len()];
    let mut gap = Duration::ZERO;
    let numbered = others
        .into_iter()
        .enumerate()
        .map(|(index, stream)| stream.map(move |_| index));
    let mut others = select_all(numbered);
    let mut newcomer = std::pin::pin!(newcomer);
    loop {
        match select(newcomer.as_mut(), others.next()).await {
            Either::Left((answer, _)) => return Ok((answer?, gap)),
            Either::Right((Some(index), _)) => {
                gap = gap.max(last[index].elapsed());
                last[index] = Instant::now();
            }
            Either::Right((None, _)) => return Err("the others ended first".into()),
        }
    }
}

impl Answer {
    fn run(&self) -> Run {
        Run {
            first: self.events[0] - self.asked,
            rest: self.decoding(),
            tokens: self.events.len() - 1,
        }
    }

    /// From its first piece of text to its last.
    pub(crate) fn decoding(&self) -> Duration {
        self.events[self.events.len() - 1] - self.events[0]
    }

    /// Pieces that its text came in: passes of the network that gave any.
    pub(crate) fn pieces(&self) -> usize {
        self.events.len()
    }
}

/// Makes texts that no two of are alike, of as many tokens as characters.
struct Prompts(u64);

impl Prompts {
    fn next(&mut self, length: usize) -> String {
        const LETTERS: &[u8; 16] = b"bcdfgjklmpqrsuvw";
        let mut letter = || {
            // Knuth's generator for 64 bits; its upper bits are the random ones.
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            char::from(LETTERS[usize::try_from(self.0 >> 60).expect("four bits")])
        };
        (0..length)
            .map(|place| if place % 6 == 5 { ' ' } else { letter() })
            .collect()
    }
}
