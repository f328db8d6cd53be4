//! The scheduler over a scripted network: who is fed when, who leaves, and who goes down with a broken step.

use std::{
    io::Cursor,
    sync::{Mutex, mpsc::sync_channel},
};

use tokio::sync::mpsc;

use super::*;
use crate::{
    decoder::Piece,
    engine::{EngineStats, Finish, GenerationEvent, Sampling},
    gguf::Header,
    kernels::{KvPrecision, KvShape},
    kv::Blocks,
    sampler::Sampler,
    sequence,
    testing::{Family, TinyModel},
    text::Answer,
    vocabulary::Vocabulary,
};

mod lossless;

/// Tokens and scored rows of each piece of each step.
type Steps = Arc<Mutex<Vec<Vec<(usize, usize)>>>>;

/// Says "a" for ever; panics when it is fed the token for `!`.
struct Scripted {
    logits: Vec<f32>,
    steps: Steps,
}

impl Decoder for Scripted {
    fn step(&mut self, pieces: &[Piece<'_>], _blocks: &mut Blocks) -> &[f32] {
        let part = |piece: &Piece<'_>| (piece.tokens.len(), piece.scored);
        self.steps.lock().unwrap().push(pieces.iter().map(part).collect());
        let broken = pieces.iter().any(|piece| piece.tokens.contains(&u32::from(b'!')));
        assert!(!broken, "as told");
        let rows: usize = pieces.iter().map(|piece| piece.scored).sum();
        self.logits.clear();
        self.logits.resize(rows * 272, 0.0);
        for row in self.logits.chunks_exact_mut(272) {
            row[usize::from(b'a')] = 1.0;
        }
        &self.logits
    }
}

type Events = mpsc::Receiver<Result<GenerationEvent, GenerateError>>;

fn speech(family: Family) -> Speech {
    let header = Header::read(&mut Cursor::new(TinyModel::new(family, 1).bytes())).unwrap();
    let vocabulary = Arc::new(Vocabulary::read(&header, 272).unwrap());
    Speech {
        speakable: sequence::speakable(&vocabulary),
        vocabulary,
    }
}

fn job(counters: &Arc<Counters>, prompt: &str, max_tokens: usize) -> (Job, Events) {
    let (events, received) = mpsc::channel(max_tokens + 2);
    let job = Job {
        prompt: prompt.bytes().map(u32::from).collect(),
        max_tokens,
        sampler: Sampler::new(0.0, None, &Sampling::default()),
        constraint: None,
        answer: Answer::exact(),
        scope: None,
        events,
        _place: counters.take_place().unwrap(),
    };
    (job, received)
}

/// A scheduler that is stepped by hand, its sender, and what its network was fed.
fn scheduler(slots: usize, blocks: u64) -> (Scheduler, std::sync::mpsc::SyncSender<Job>, Steps) {
    let shape = KvShape {
        heads: 1,
        kv_heads: 1,
        head_width: 16,
        precision: KvPrecision::F16,
    };
    let block_bytes = shape.block_bytes() as u64;
    let cache = Cache::new(Blocks::new(&shape, 1, blocks * block_bytes));
    let counters = Arc::new(Counters::new(slots, cache.budget_bytes()));
    let (sender, inbox) = sync_channel(counters.places());
    let steps = Steps::default();
    let scheduler = Scheduler {
        inbox,
        counters,
        speech: speech(Family::Llama),
        decoder: Box::new(Scripted {
            logits: Vec::new(),
            steps: steps.clone(),
        }),
        cache,
        pool: Pool::new(1),
        pace: Pace::new(0),
        waiting: VecDeque::new(),
        running: Vec::new(),
        turn: 0,
        guesses: true,
    };
    (scheduler, sender, steps)
}

fn drain(mut events: Events) -> Vec<Result<GenerationEvent, GenerateError>> {
    std::iter::from_fn(|| events.blocking_recv()).collect()
}

fn finished(prompt_tokens: usize, generated_tokens: usize) -> GenerationEvent {
    GenerationEvent::Finished {
        finish: Finish::Length,
        prompt_tokens,
        generated_tokens,
    }
}

#[test]
fn a_panic_fails_one_call_and_the_rest_go_on() {
    let (scheduler, sender, _) = scheduler(3, 64);
    let counters = scheduler.counters.clone();
    let mut received = Vec::new();
    for prompt in ["fine", "ab!", "abc", "also fine", "!"] {
        let (job, events) = job(&counters, prompt, 3);
        sender.send(job).unwrap();
        received.push(events);
    }
    let gone = job(&counters, "nobody waits", 3);
    drop(gone.1);
    sender.send(gone.0).unwrap();
    assert!(counters.take_place().is_none(), "six of six places are taken");
    drop(sender);
    let thread = std::thread::spawn(move || scheduler.run());
    let answers: Vec<_> = received.into_iter().map(drain).collect();
    thread.join().unwrap();
    for (answer, tokens) in answers.iter().zip([4, 0, 3, 9, 0]) {
        let end = answer.last().unwrap();
        if tokens == 0 {
            assert!(matches!(end, Err(GenerateError::AnswerFailed(_))), "{end:?}");
        } else {
            assert_eq!(*end, Ok(finished(tokens, 3)));
            let text: String = answer
                .iter()
                .filter_map(|event| match event {
                    Ok(GenerationEvent::Text(text)) => Some(text.as_str()),
                    _ => None,
                })
                .collect();
            assert_eq!(text, "aaa", "once, although it was begun twice");
        }
    }
    assert_eq!(
        counters.stats(),
        EngineStats {
            slots: 3,
            kv_budget_bytes: counters.stats().kv_budget_bytes,
            ..EngineStats::default()
        },
        "nothing is left behind"
    );
    let free = (0..9).filter_map(|_| counters.take_place()).collect::<Vec<_>>();
    assert_eq!(free.len(), 6, "all places are free");
}

#[test]
fn a_panic_in_the_middle_of_answers_loses_none_of_them() {
    let (mut scheduler, sender, _) = scheduler(3, 64);
    let counters = scheduler.counters.clone();
    let (first, first_events) = job(&counters, "first", 40);
    sender.send(first).unwrap();
    for _ in 0..5 {
        assert!(scheduler.receive());
        scheduler.admit();
        scheduler.step();
    }
    let (broken, broken_events) = job(&counters, "!", 40);
    sender.send(broken).unwrap();
    drop(sender);
    scheduler.run();
    let answer = drain(first_events);
    assert_eq!(answer.last(), Some(&Ok(finished(5, 40))));
    let text: usize = answer
        .iter()
        .map(|event| match event {
            Ok(GenerationEvent::Text(text)) => text.len(),
            _ => 0,
        })
        .sum();
    assert_eq!(text, 40);
    assert!(matches!(
        drain(broken_events)[..],
        [Err(GenerateError::AnswerFailed(_))]
    ));
}

#[test]
fn who_shared_a_beginning_and_no_longer_fits_apart_is_told_so() {
    // Two answers of two blocks each share one; with the third call's block, all four are taken.
    let (mut scheduler, sender, _) = scheduler(3, 4);
    let counters = scheduler.counters.clone();
    let shared = "a beginning of more than one block, so long";
    let mut received = Vec::new();
    for prompt in [shared, shared, "!"] {
        let (mut job, events) = job(&counters, prompt, 20);
        job.scope = Some("tenant".into());
        sender.send(job).unwrap();
        received.push(events);
        if prompt == shared {
            assert!(scheduler.receive());
            scheduler.admit();
            scheduler.step();
        }
    }
    drop(sender);
    scheduler.run();
    let last: Vec<_> = received.into_iter().map(|events| drain(events).pop()).collect();
    assert_eq!(last[0], Some(Ok(finished(shared.len(), 20))));
    assert_eq!(last[1], Some(Ok(finished(shared.len(), 20))));
    assert!(
        matches!(&last[2], Some(Err(GenerateError::AnswerFailed(_)))),
        "{last:?}"
    );
}

#[test]
fn prompts_are_read_in_pieces_beside_answers() {
    let (mut scheduler, sender, steps) = scheduler(4, 64);
    // A row takes 2 ms, so 48 of them are a gap of 100 ms at most.
    scheduler.pace = Pace::new(100_000_000);
    let counters = scheduler.counters.clone();
    let turn = |scheduler: &mut Scheduler| {
        assert!(scheduler.receive());
        scheduler.admit();
        // As the clock of a busy machine would otherwise have it.
        scheduler.pace = Pace::new(100_000_000);
        scheduler.step();
        steps.lock().unwrap().pop().unwrap()
    };
    // Bytes in an order that nothing can be guessed from.
    let text = |length: usize, first: u8| -> String {
        (0..length)
            .map(|i| char::from(first + u8::try_from(i % 60).unwrap()))
            .collect()
    };
    let (first, _first) = job(&counters, &text(10, b'0'), 90);
    sender.send(first).unwrap();
    assert_eq!(turn(&mut scheduler), [(10, 1)]);
    let (long, _long) = job(&counters, &text(100, b'1'), 5);
    let (short, _short) = job(&counters, "xyz", 5);
    sender.send(long).unwrap();
    sender.send(short).unwrap();
    assert_eq!(
        turn(&mut scheduler)[1..],
        [(48, 0)],
        "a bounded piece, the other waits"
    );
    assert_eq!(turn(&mut scheduler)[1..], [(48, 0)]);
    let both = turn(&mut scheduler);
    assert_eq!(
        both[1..],
        [(4, 1), (3, 1)],
        "what is left of a piece goes to the next"
    );
    assert!(
        both[0].0 >= 1 && both[0].1 == both[0].0,
        "who is answered is never left out"
    );
}

#[test]
fn who_does_not_fit_waits_and_who_never_will_is_told() {
    let (mut scheduler, sender, _) = scheduler(4, 4);
    let counters = scheduler.counters.clone();
    let (first, first_events) = job(&counters, "first", 90);
    let (second, second_events) = job(&counters, "second", 90);
    let (never, never_events) = job(&counters, "never", 200);
    for job in [first, second, never] {
        sender.send(job).unwrap();
    }
    scheduler.receive();
    scheduler.admit();
    assert_eq!((scheduler.running.len(), scheduler.waiting.len()), (1, 2));
    drop(sender);
    scheduler.run();
    assert_eq!(drain(first_events).last(), Some(&Ok(finished(5, 90))));
    assert_eq!(drain(second_events).last(), Some(&Ok(finished(6, 90))));
    assert_eq!(
        drain(never_events),
        [Err(GenerateError::ContextLengthExceeded {
            prompt_tokens: 5,
            max_tokens: 200,
            context_tokens: 128
        })]
    );
}

#[test]
fn who_is_gone_leaves_at_the_next_step() {
    let (mut scheduler, sender, _) = scheduler(2, 64);
    let counters = scheduler.counters.clone();
    let mut jobs = Vec::new();
    for prompt in ["one", "two", "three", "four"] {
        let (job, events) = job(&counters, prompt, 9);
        sender.send(job).unwrap();
        jobs.push(events);
    }
    scheduler.receive();
    scheduler.admit();
    scheduler.step();
    assert!(scheduler.cache.used_bytes() > 0);
    // One that runs, and one that waits.
    drop(jobs.remove(2));
    drop(jobs.remove(0));
    scheduler.leave_cancelled();
    assert_eq!((scheduler.running.len(), scheduler.waiting.len()), (1, 1));
    scheduler.admit();
    drop(sender);
    scheduler.run();
    assert_eq!(drain(jobs.remove(0)).last(), Some(&Ok(finished(3, 9))));
    assert_eq!(drain(jobs.remove(0)).last(), Some(&Ok(finished(4, 9))));
}

#[test]
fn more_answers_than_fit_into_a_step_take_turns() {
    let slots = crate::decoder::MAX_SCORED_ROWS + 30;
    let (mut scheduler, sender, steps) = scheduler(slots, 1_000);
    let counters = scheduler.counters.clone();
    let mut received = Vec::new();
    for _ in 0..slots {
        let (job, events) = job(&counters, "xy", 20);
        sender.send(job).unwrap();
        received.push(events);
    }
    drop(sender);
    scheduler.receive();
    scheduler.run();
    for events in received {
        assert_eq!(drain(events).last(), Some(&Ok(finished(2, 20))));
    }
    let most = steps
        .lock()
        .unwrap()
        .iter()
        .map(|step| step.iter().map(|part| part.1).sum::<usize>())
        .max();
    assert_eq!(most, Some(crate::decoder::MAX_SCORED_ROWS));
}
