//! Our side: the engine, as its callers see it.

use std::time::{Duration, Instant};

use futures::{StreamExt as _, future::join_all};
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

/// An answer: when it was asked for, when each of its tokens came.
struct Answer {
    asked: Instant,
    events: Vec<Instant>,
}

impl Ours {
    pub(crate) fn start(source: &Source, threads: usize) -> Result<Self> {
        let config = EngineConfig {
            slots: CALLERS,
            context_limit: Some(CONTEXT_TOKENS),
            threads: Some(threads),
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
        Ok(run(&answer, &answer.events))
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

    /// From a call to its first token, alone and while all other slots are answering.
    pub(crate) fn newcomer(&mut self) -> Result<(Duration, Duration)> {
        let alone = self.read_and_answer(CALLER_PROMPT_TOKENS, 1)?.first;
        let others: Vec<_> = (1..CALLERS)
            .map(|_| self.request(CALLER_PROMPT_TOKENS, CONTEXT_TOKENS - CALLER_PROMPT_TOKENS))
            .collect();
        let newcomer = self.request(CALLER_PROMPT_TOKENS, 1);
        let engine = &self.engine;
        let beside = self.runtime.block_on(async {
            let mut running = Vec::new();
            for request in others {
                running.push(engine.generate(request)?);
            }
            for answer in &mut running {
                // The first text: from here on it is answered.
                answer.next().await.ok_or("an answer ended before it began")??;
            }
            answered(engine, newcomer).await
        })?;
        // Those who were dropped leave at the next token.
        while self.engine.stats().slots_busy > 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok((alone, beside.events[0] - beside.asked))
    }

    fn request(&mut self, prompt: usize, answer: usize) -> GenerationRequest {
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

async fn answered(engine: &Engine, request: GenerationRequest) -> Result<Answer> {
    let prompt: usize = request.turns.iter().map(|turn| turn.content.len()).sum();
    let asked = Instant::now();
    let mut stream: Generation = engine.generate(request)?;
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        match event? {
            GenerationEvent::Text(_) => events.push(Instant::now()),
            GenerationEvent::Finished {
                prompt_tokens,
                generated_tokens,
                ..
            } => {
                if prompt_tokens < prompt || generated_tokens != events.len() {
                    // A guess that came true gives several tokens at once: that is not what is measured here.
                    let counts = format!("{prompt_tokens} of {prompt} read, {generated_tokens} tokens");
                    return Err(format!("{counts} in {} pieces", events.len()).into());
                }
            }
        }
    }
    if events.is_empty() {
        return Err("an answer without text".into());
    }
    Ok(Answer { asked, events })
}

fn run(answer: &Answer, events: &[Instant]) -> Run {
    Run {
        first: events[0] - answer.asked,
        rest: events[events.len() - 1] - events[0],
        tokens: events.len() - 1,
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
