//! One answer in the making: its prompt is fed piece by piece, then token after token is picked.

use std::sync::Arc;

use tokio::sync::mpsc::Sender;
use toktrie::SimpleVob;

use crate::{
    decoder::Piece,
    engine::{Finish, GenerateError, GenerationEvent},
    grammar::Constraint,
    kv::{Cache, Table},
    sampler::Sampler,
    speculation::{Speculation, Text},
    text::Answer,
    vocabulary::{Role, Vocabulary},
};

/// Tokens that a grammar forces are taken without a look at the scores, up to this many at once.
const MOST_FORCED: usize = 32;

/// What a caller asked for, ready to run.
pub(crate) struct Job {
    pub(crate) prompt: Vec<u32>,
    pub(crate) max_tokens: usize,
    pub(crate) sampler: Sampler,
    pub(crate) constraint: Option<Constraint>,
    pub(crate) answer: Answer,
    /// Who may share the cache of its beginning.
    pub(crate) scope: Option<Arc<str>>,
    /// Has room for every event of the answer, so that a slow reader never holds up other slots.
    pub(crate) events: Sender<Result<GenerationEvent, GenerateError>>,
    /// Given back when the job is dropped, however it ended.
    pub(crate) _place: crate::scheduler::Place,
}

impl Job {
    /// The most tokens that it can come to.
    pub(crate) fn most_tokens(&self) -> usize {
        self.prompt.len() + self.max_tokens
    }

    /// Tells the caller that nothing comes, or nothing more.
    pub(crate) fn fail(&self, error: GenerateError) {
        let _ = self.events.try_send(Err(error));
    }
}

/// A job in a slot.
pub(crate) struct Sequence {
    pub(crate) job: Job,
    pub(crate) table: Table,
    /// Prompt, answer so far, and what is guessed to follow.
    tokens: Vec<u32>,
    /// Tokens whose keys and values are in the cache.
    fed: usize,
    /// How many of the tokens are guesses.
    guessed: usize,
    speculation: Speculation,
    /// Where the schema begins to leave a choice.
    free_from: usize,
    /// Was part of a step that broke, so it runs alone until it has proved sound.
    pub(crate) suspect: bool,
}

/// Whether a sequence goes on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It does.
    More,
    /// It has ended and said so.
    Ended,
}

/// What tokens mean, and which of them may be said in free text.
pub(crate) struct Speech {
    pub(crate) vocabulary: Arc<Vocabulary>,
    pub(crate) speakable: SimpleVob,
}

impl Sequence {
    pub(crate) fn new(job: Job, table: Table) -> Self {
        Self {
            tokens: job.prompt.clone(),
            free_from: job.prompt.len(),
            job,
            table,
            fed: 0,
            guessed: 0,
            speculation: Speculation::new(),
            suspect: false,
        }
    }

    /// Begins again with an empty cache; what has been said stays said.
    pub(crate) fn restart(&mut self, table: Table) {
        self.drop_guess();
        self.table = table;
        self.fed = 0;
    }

    /// Tokens that are certain: the prompt, and the answer so far.
    fn settled(&self) -> usize {
        self.tokens.len() - self.guessed
    }

    /// Tokens of the answer so far.
    fn said(&self) -> usize {
        self.settled() - self.job.prompt.len()
    }

    /// Tokens that are to be fed before another can be picked.
    pub(crate) fn pending(&self) -> usize {
        self.settled() - self.fed
    }

    /// Tokens guessed to follow those.
    pub(crate) fn guessed(&self) -> usize {
        self.guessed
    }

    /// Whether it is still reading its prompt.
    pub(crate) fn is_reading(&self) -> bool {
        self.fed < self.job.prompt.len()
    }

    /// Skips what others of its scope have read already.
    pub(crate) fn skip_known(&mut self, cache: &mut Cache) {
        if self.is_reading() && self.table.tokens() == self.fed {
            self.fed = cache.adopt(&mut self.table, &self.job.prompt);
        }
    }

    /// Guesses up to `most` tokens that follow: what the schema is bound to, else what followed before.
    pub(crate) fn guess(&mut self, vocabulary: &Vocabulary, most: usize) {
        let left = self.job.max_tokens.saturating_sub(self.said() + 1);
        let most = most.min(left);
        if most == 0 {
            return;
        }
        let text = Text {
            tokens: &self.tokens,
            prompt: self.job.prompt.len(),
            free_from: self.free_from,
        };
        let mut spelled = Vec::new();
        if let Some(constraint) = &mut self.job.constraint {
            // Text tokenizing has no failing case; without tokens there is merely no guess.
            let _ = vocabulary.encode_text(&constraint.bound_text(), &mut spelled);
        }
        let mut guess = if spelled.is_empty() {
            self.speculation.copied(text, most).to_vec()
        } else {
            self.speculation.bound(spelled, text, most)
        };
        if let Some(constraint) = &mut self.job.constraint
            && !guess.is_empty()
        {
            guess.truncate(constraint.accepted(&guess));
        }
        self.guessed = guess.len();
        self.tokens.append(&mut guess);
    }

    /// Leaves the guess out.
    pub(crate) fn drop_guess(&mut self) {
        self.tokens.truncate(self.settled());
        self.guessed = 0;
    }

    /// Takes blocks for a step of so many pending tokens, and the guess.
    pub(crate) fn make_room(&mut self, take: usize, cache: &mut Cache) {
        cache.extend(&mut self.table, self.fed + take + self.guessed);
    }

    /// Its part of a step: so many of the pending tokens, scored with the guess if they are all.
    pub(crate) fn piece(&self, take: usize) -> Piece<'_> {
        let complete = take == self.pending();
        let scored = if complete { 1 + self.guessed } else { 0 };
        Piece {
            tokens: &self.tokens[self.fed..self.fed + take + scored.saturating_sub(1)],
            position: self.fed,
            blocks: &self.table.blocks,
            scored,
        }
    }

    /// Notes that pending tokens have been fed that were not scored.
    pub(crate) fn advance(&mut self, take: usize) {
        self.fed += take;
    }

    /// Offers what it has fed to others of its scope.
    pub(crate) fn publish(&mut self, cache: &mut Cache) {
        cache.publish(&mut self.table, &self.tokens[..self.fed]);
    }

    /// Takes the scores behind its last token and behind each guessed one, and says what follows.
    pub(crate) fn accept(&mut self, scores: &[f32], speech: &Speech) -> Progress {
        match self.follow(scores, speech) {
            Ok(progress) => progress,
            Err(error) => {
                self.job.fail(GenerateError::AnswerFailed(error));
                Progress::Ended
            }
        }
    }

    fn follow(&mut self, scores: &[f32], speech: &Speech) -> Result<Progress, String> {
        let guess = self.tokens.split_off(self.settled());
        self.guessed = 0;
        let settled = self.tokens.len();
        self.fed = settled;
        let mut rows = scores.chunks_exact(scores.len() / (1 + guess.len()));
        let mut row = rows.next();
        let (mut came_true, mut forced) = (0, 0);
        let mut text = String::new();
        let finish = loop {
            let token = match (row, &mut self.job.constraint) {
                (Some(row), _) => self.pick(row, speech)?,
                (None, Some(constraint)) if forced < MOST_FORCED => match constraint.only()? {
                    Some(token) => token,
                    None => break None,
                },
                (None, _) => break None,
            };
            forced += usize::from(row.is_none());
            if row.is_some() && guess.get(came_true) == Some(&token) {
                came_true += 1;
                row = rows.next();
            } else {
                // The other scores follow from a guess that was wrong: only what is forced goes on.
                row = None;
            }
            if let Some(finish) = self.say(token, &speech.vocabulary, &mut text)? {
                break Some(finish);
            }
        };
        self.fed = (self.fed + came_true).min(self.tokens.len());
        self.speculation
            .learn(guess.len(), came_true, &self.tokens[settled..]);
        if finish.is_some() {
            text.push_str(&self.job.answer.finish());
        }
        self.show(text);
        Ok(finish.map_or(Progress::More, |finish| self.end(finish)))
    }

    fn pick(&mut self, scores: &[f32], speech: &Speech) -> Result<u32, String> {
        let Job {
            sampler, constraint, ..
        } = &mut self.job;
        let picked = match constraint {
            None => sampler.pick(scores, &speech.speakable, &self.tokens),
            // What the model likes best mostly fits the schema, and then nobody has to know what else would.
            Some(constraint) => match sampler.pick_fitting(scores, &speech.speakable, &self.tokens, |token| {
                constraint.allows(token)
            }) {
                Some(token) => Some(token),
                None => sampler.pick(scores, constraint.allowed()?, &self.tokens),
            },
        };
        picked.ok_or_else(|| "the model scored no allowed token".to_owned())
    }

    /// Adds a token to the answer; tells whether that ends it.
    fn say(
        &mut self,
        token: u32,
        vocabulary: &Vocabulary,
        text: &mut String,
    ) -> Result<Option<Finish>, String> {
        if vocabulary.stops().contains(&token) {
            return Ok(Some(Finish::Stop));
        }
        self.tokens.push(token);
        let shown = if vocabulary.role(token) == Role::Control {
            &[][..]
        } else {
            vocabulary.bytes(token)
        };
        text.push_str(&self.job.answer.push(shown));
        if self.job.answer.is_stopped() {
            return Ok(Some(Finish::Stop));
        }
        if let Some(constraint) = &mut self.job.constraint {
            constraint.take(token)?;
            if constraint.is_bound() {
                self.free_from = self.tokens.len() + 1;
            }
            if constraint.is_complete() {
                return Ok(Some(Finish::Stop));
            }
        }
        Ok((self.said() >= self.job.max_tokens).then_some(Finish::Length))
    }

    fn show(&self, text: String) {
        if !text.is_empty() {
            let _ = self.job.events.try_send(Ok(GenerationEvent::Text(text)));
        }
    }

    fn end(&self, finish: Finish) -> Progress {
        let finished = GenerationEvent::Finished {
            finish,
            prompt_tokens: self.job.prompt.len(),
            generated_tokens: self.said(),
        };
        let _ = self.job.events.try_send(Ok(finished));
        Progress::Ended
    }
}

/// Tokens that may be said in free text, and those that end it.
pub(crate) fn speakable(vocabulary: &Vocabulary) -> SimpleVob {
    let mut set = SimpleVob::alloc(vocabulary.len());
    for id in 0..u32::try_from(vocabulary.len()).expect("token ids are 32-bit numbers") {
        if matches!(vocabulary.role(id), Role::Text | Role::Mark) || vocabulary.stops().contains(&id) {
            set.allow_token(id);
        }
    }
    set
}
