//! Batches, pieces, shared beginnings, guesses and neighbours that leave: the answers are those of the bare
//! network, one token at a time and alone.

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;

use super::*;
use crate::{
    architecture::Network,
    decoder::{self, Transformer, Weights},
    grammar::{Constraint, Grammars},
};

struct Model {
    network: Network,
    bytes: Vec<u8>,
    speech: Speech,
    grammars: Grammars,
}

impl Model {
    fn new(family: Family, seed: u64) -> Self {
        let bytes = TinyModel::new(family, seed).bytes();
        let network = Network::read(&Header::read(&mut Cursor::new(&bytes)).unwrap()).unwrap();
        let speech = speech(family);
        Self {
            network,
            bytes,
            grammars: Grammars::new(&speech.vocabulary).unwrap(),
            speech,
        }
    }

    fn transformer(&self, threads: usize) -> Transformer {
        let mut reader = Cursor::new(&self.bytes);
        let header = Header::read(&mut reader).unwrap();
        let pool = Pool::new(threads);
        let weights = Weights::read(&self.network, &header, &mut reader, &pool).unwrap();
        Transformer::new(self.network.clone(), weights, pool)
    }

    fn cache(&self, blocks: usize) -> Cache {
        let bytes = decoder::kv_bytes(
            &self.network,
            KvPrecision::F16,
            blocks * crate::kernels::BLOCK_TOKENS,
        );
        Cache::new(Blocks::new(
            &decoder::kv_shape(&self.network, KvPrecision::F16),
            self.network.layers,
            bytes,
        ))
    }

    fn constraint(&self, task: &Task) -> Option<Constraint> {
        let schema = json!({"type": "object", "properties": {"label": {"enum": ["billing", "shipping"]},
            "amount": {"type": "integer"}, "comment": {"type": "string", "maxLength": 30}},
            "required": ["label", "amount", "comment"], "additionalProperties": false});
        task.constrained.then(|| self.grammars.compile(&schema).unwrap())
    }

    /// The bare network, one token at a time.
    fn alone(&self, task: &Task) -> Vec<u8> {
        let mut network = self.transformer(1);
        let mut cache = self.cache(16);
        let mut table = cache.admit(512, None).unwrap();
        let mut tokens = task.prompt.clone();
        let mut sampler = task.sampler();
        let mut constraint = self.constraint(task);
        let mut fed = 0;
        let mut answer = Vec::new();
        for _ in 0..task.max_tokens {
            let mut scores = Vec::new();
            while fed < tokens.len() {
                cache.extend(&mut table, fed + 1);
                let piece = Piece {
                    tokens: &tokens[fed..=fed],
                    position: fed,
                    blocks: &table.blocks,
                    scored: 1,
                };
                scores = network.step(&[piece], &mut cache.blocks).to_vec();
                fed += 1;
            }
            let allowed = match &mut constraint {
                Some(constraint) => constraint.allowed().unwrap(),
                None => &self.speech.speakable,
            };
            let token = sampler.pick(&scores, allowed, &tokens).unwrap();
            if self.speech.vocabulary.stops().contains(&token) {
                break;
            }
            tokens.push(token);
            answer.extend_from_slice(self.speech.vocabulary.bytes(token));
            if let Some(constraint) = &mut constraint {
                constraint.take(token).unwrap();
                if constraint.is_complete() {
                    break;
                }
            }
        }
        answer
    }
}

#[derive(Debug, Clone)]
struct Task {
    prompt: Vec<u32>,
    max_tokens: usize,
    temperature: f32,
    penalty: Option<f32>,
    seed: u64,
    constrained: bool,
    scope: Option<&'static str>,
}

impl Task {
    fn random(random: &mut StdRng) -> Self {
        // One of two system prompts, then a text that repeats itself.
        let system: u32 = random.random_range(0..2);
        let mut prompt: Vec<u32> = (0..75).map(|i| (i * 7 + system * 13) % 200).collect();
        let word: Vec<u32> = (0..9).map(|_| random.random_range(32..127)).collect();
        for _ in 0..random.random_range(0..8) {
            prompt.extend_from_slice(&word);
        }
        prompt.extend((0..random.random_range(1..40)).map(|_| random.random_range(32..127)));
        Self {
            prompt,
            max_tokens: random.random_range(1..60),
            temperature: if random.random_bool(0.7) { 0.0 } else { 0.8 },
            penalty: random.random_bool(0.2).then_some(1.3),
            seed: random.random(),
            constrained: random.random_bool(0.4),
            scope: [None, Some("one"), Some("two")][random.random_range(0..3)],
        }
    }

    fn sampler(&self) -> Sampler {
        let sampling = Sampling {
            repetition_penalty: self.penalty,
            ..Sampling::default()
        };
        Sampler::new(self.temperature, Some(self.seed), &sampling)
    }
}

/// Counts what is fed.
struct Counting {
    network: Transformer,
    steps: Steps,
}

impl Decoder for Counting {
    fn step(&mut self, pieces: &[Piece<'_>], blocks: &mut Blocks) -> &[f32] {
        let part = |piece: &Piece<'_>| (piece.tokens.len(), piece.scored);
        self.steps.lock().unwrap().push(pieces.iter().map(part).collect());
        self.network.step(pieces, blocks)
    }
}

fn start(model: &Model, slots: usize, blocks: usize) -> (Scheduler, std::sync::mpsc::SyncSender<Job>, Steps) {
    let cache = model.cache(blocks);
    let counters = Arc::new(Counters::new(slots, cache.budget_bytes()));
    let (sender, inbox) = sync_channel(counters.places());
    let steps = Steps::default();
    let scheduler = Scheduler {
        inbox,
        counters,
        speech: Speech {
            speakable: model.speech.speakable.clone(),
            vocabulary: model.speech.vocabulary.clone(),
        },
        decoder: Box::new(Counting {
            network: model.transformer(2),
            steps: steps.clone(),
        }),
        cache,
        pool: Pool::new(2),
        // Pieces of 16 tokens beside others.
        pace: Pace::new(400_000_000),
        waiting: VecDeque::new(),
        running: Vec::new(),
        turn: 0,
        guesses: true,
    };
    (scheduler, sender, steps)
}

fn job_of(model: &Model, task: &Task, counters: &Arc<Counters>) -> (Job, Events) {
    let (job, events) = job(counters, "", task.max_tokens);
    let job = Job {
        prompt: task.prompt.clone(),
        sampler: task.sampler(),
        constraint: model.constraint(task),
        scope: task.scope.map(Arc::from),
        ..job
    };
    (job, events)
}

fn text_of(events: Events) -> String {
    drain(events)
        .into_iter()
        .map(|event| match event.unwrap() {
            GenerationEvent::Text(text) => text,
            GenerationEvent::Finished { .. } => String::new(),
        })
        .collect()
}

#[test]
fn answers_are_those_of_the_bare_network() {
    for (family, seed) in Family::ALL.into_iter().zip(5..) {
        let model = Model::new(family, seed);
        let mut random = StdRng::seed_from_u64(seed);
        let tasks: Vec<Task> = (0..16).map(|_| Task::random(&mut random)).collect();
        // Room for a few at once only, so that beginnings are evicted too.
        let (mut scheduler, sender, steps) = start(&model, 12, 40);
        let counters = scheduler.counters.clone();
        let mut received = Vec::new();
        let mut others = Vec::new();
        for task in &tasks {
            let (job, events) = job_of(&model, task, &counters);
            sender.send(job).unwrap();
            received.push(events);
            // A neighbour that leaves in the middle.
            if random.random_bool(0.3) {
                let (job, events) = job_of(&model, &Task::random(&mut random), &counters);
                sender.send(job).unwrap();
                others.push(events);
            }
            scheduler.receive();
            for _ in 0..random.random_range(2..7) {
                scheduler.leave_cancelled();
                scheduler.admit();
                if !scheduler.running.is_empty() {
                    scheduler.step();
                }
                let cache = &scheduler.cache;
                assert!(cache.used_bytes() + cache.kept_bytes() <= cache.budget_bytes());
            }
            others.clear();
            scheduler.leave_cancelled();
        }
        drop(sender);
        scheduler.run();
        for (task, events) in tasks.iter().zip(received) {
            let expected = model.alone(task);
            let mut answer = Answer::exact();
            let mut expected = answer.push(&expected);
            expected.push_str(&answer.finish());
            assert_eq!(text_of(events), expected, "{family:?}: {task:?}");
        }
        let steps = steps.lock().unwrap();
        let together = steps.iter().filter(|step| step.len() >= 4).count();
        let guessed = steps.iter().flatten().filter(|part| part.1 > 1).count();
        assert!(
            together > 10 && guessed > 20,
            "{family:?}: {together} together, {guessed} guessed"
        );
    }
}

#[test]
fn a_known_beginning_is_not_read_again() {
    let model = Model::new(Family::Qwen3, 8);
    let mut random = StdRng::seed_from_u64(1);
    let task = Task {
        prompt: (0..100).map(|_| random.random_range(32..127)).collect(),
        max_tokens: 4,
        temperature: 0.0,
        penalty: None,
        seed: 0,
        constrained: false,
        scope: Some("one"),
    };
    let (mut scheduler, sender, steps) = start(&model, 2, 40);
    let counters = scheduler.counters.clone();
    let mut read = |scope| {
        let task = Task {
            scope,
            ..task.clone()
        };
        let (job, events) = job_of(&model, &task, &counters);
        sender.send(job).unwrap();
        steps.lock().unwrap().clear();
        scheduler.receive();
        scheduler.admit();
        while !scheduler.running.is_empty() {
            scheduler.step();
        }
        let read: usize = steps.lock().unwrap().iter().flatten().map(|part| part.0).sum();
        (read, text_of(events))
    };
    let (whole, answer) = read(Some("one"));
    assert!(whole >= 100, "{whole}");
    let (rest, again) = read(Some("one"));
    assert_eq!(
        (rest, &again),
        (whole - 96, &answer),
        "three blocks of 32 were known"
    );
    assert_eq!(read(Some("two")), (whole, answer.clone()), "not to another scope");
    assert_eq!(read(None), (whole, answer), "nor to none");
}

#[test]
fn guesses_that_come_true_save_passes() {
    let model = Model::new(Family::Llama, 9);
    // A tiny network of random weights soon repeats itself.
    let task = Task {
        prompt: vec![40; 30],
        max_tokens: 200,
        temperature: 0.0,
        penalty: None,
        seed: 0,
        constrained: false,
        scope: None,
    };
    let (mut scheduler, sender, steps) = start(&model, 1, 40);
    let (job, events) = job_of(&model, &task, &scheduler.counters.clone());
    sender.send(job).unwrap();
    drop(sender);
    scheduler.receive();
    scheduler.run();
    let mut answer = Answer::exact();
    let expected = answer.push(&model.alone(&task));
    assert_eq!(text_of(events), expected);
    let passes = steps.lock().unwrap().len();
    assert!(passes < 120, "{passes} passes for 200 tokens");
}
