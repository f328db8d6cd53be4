//! A decoder that breaks takes its own caller down, and nobody else.

use std::{io::Cursor, sync::mpsc::sync_channel};

use tokio::sync::mpsc;

use super::*;
use crate::{
    engine::{Finish, GenerateError, GenerationEvent},
    gguf::Header,
    sampler::Sampler,
    testing::{Family, TinyModel},
    text::Answer,
};

/// Says "a" for ever; panics or fails when it is fed the token for `!` or `?`.
struct Scripted;

impl Decoder for Scripted {
    fn forward(&mut self, tokens: &[u32], _position: usize) -> candle_core::Result<Vec<f32>> {
        assert!(!tokens.contains(&u32::from(b'!')), "as told");
        if tokens.contains(&u32::from(b'?')) {
            candle_core::bail!("as told");
        }
        let mut logits = vec![0.0; 272];
        logits[usize::from(b'a')] = 1.0;
        Ok(logits)
    }

    fn reset(&mut self) {}

    fn fork(&self) -> Box<dyn Decoder> {
        Box::new(Self)
    }
}

type Events = mpsc::Receiver<Result<GenerationEvent, GenerateError>>;

fn job(counters: &Arc<Counters>, prompt: &str) -> (Job, Events) {
    let (events, received) = mpsc::channel(16);
    let job = Job {
        prompt: prompt.bytes().map(u32::from).collect(),
        max_tokens: 3,
        sampler: Sampler::new(0.0, None),
        constraint: None,
        answer: Answer::exact(),
        events,
        _place: counters.take_place().unwrap(),
    };
    (job, received)
}

fn drain(mut events: Events) -> Vec<Result<GenerationEvent, GenerateError>> {
    std::iter::from_fn(|| events.blocking_recv()).collect()
}

#[test]
fn a_panic_fails_one_call_and_the_rest_go_on() {
    let header = Header::read(&mut Cursor::new(TinyModel::new(Family::Llama, 1).bytes())).unwrap();
    let counters = Arc::new(Counters::new(3));
    let (sender, inbox) = sync_channel(counters.places());
    let scheduler = Scheduler {
        inbox,
        counters: counters.clone(),
        vocabulary: Arc::new(Vocabulary::read(&header, 272).unwrap()),
        network: Network::read(&header).unwrap(),
        pristine: Box::new(Scripted),
        idle: Vec::new(),
        chunk_tokens: 2,
    };
    let mut received = Vec::new();
    for prompt in ["fine", "ab!", "abc?", "also fine", "!"] {
        let (job, events) = job(&counters, prompt);
        sender.send(job).unwrap();
        received.push(events);
    }
    let gone = job(&counters, "nobody waits");
    drop(gone.1);
    sender.send(gone.0).unwrap();
    assert!(counters.take_place().is_none(), "six of six places are taken");
    drop(sender);
    let thread = std::thread::spawn(move || scheduler.run());
    let ends: Vec<_> = received
        .into_iter()
        .map(|events| drain(events).pop().unwrap())
        .collect();
    thread.join().unwrap();
    let failed = |end: &Result<_, GenerateError>| matches!(end, Err(GenerateError::EngineFailed(_)));
    assert_eq!(
        ends.iter().map(failed).collect::<Vec<_>>(),
        [false, true, true, false, true]
    );
    let fine = GenerationEvent::Finished {
        finish: Finish::Length,
        prompt_tokens: 4,
        generated_tokens: 3,
    };
    assert_eq!(ends[0], Ok(fine));
    assert_eq!(
        counters.stats(),
        EngineStats {
            slots: 3,
            ..EngineStats::default()
        },
        "nothing is left behind"
    );
    assert_eq!(
        (0..9)
            .filter_map(|_| counters.take_place())
            .collect::<Vec<_>>()
            .len(),
        6,
        "all places are free"
    );
}

#[test]
fn prompts_are_fed_in_pieces_that_end_soon() {
    for (parameters, expected) in [
        (5_000_000, 256),
        (600_000_000, 128),
        (4_000_000_000, 16),
        (0, 256),
        (u64::MAX, 16),
    ] {
        assert_eq!(chunk_tokens(parameters), expected, "{parameters}");
    }
}
