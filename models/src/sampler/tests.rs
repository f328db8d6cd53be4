//! What is forbidden is never picked, what is drawn follows the odds, and equal seeds draw alike.

use super::*;

fn only(ids: &[u32]) -> SimpleVob {
    let mut set = SimpleVob::alloc(100);
    for &id in ids {
        set.allow_token(id);
    }
    set
}

fn sampler(temperature: f32, seed: Option<u64>) -> Sampler {
    Sampler::new(temperature, seed, &Sampling::default())
}

#[test]
fn a_forbidden_token_is_never_picked() {
    let logits = [9.0, 1.0, 2.0, f32::NAN, f32::INFINITY];
    for temperature in [0.0, 1.0, f32::NAN, -3.0, 99.0] {
        let mut sampler = sampler(temperature, Some(1));
        for _ in 0..100 {
            let picked = sampler.pick(&logits, &only(&[1, 2, 3]), &[]);
            assert!(matches!(picked, Some(1 | 2)), "{temperature}: {picked:?}");
        }
    }
    let mut greedy = sampler(0.0, None);
    assert_eq!(greedy.pick(&logits, &only(&[3, 4]), &[]), None, "nothing finite");
    assert_eq!(greedy.pick(&logits, &only(&[]), &[]), None);
}

#[test]
fn greedy_takes_the_first_of_equals_wherever_they_stand() {
    let mut greedy = sampler(0.0, None);
    assert_eq!(greedy.pick(&[1.0, 3.0, 3.0], &only(&[0, 1, 2]), &[]), Some(1));
    // Beyond the first word of the mask, with words that allow all, some and nothing.
    let mut logits = vec![0.0; 100];
    logits[40] = 5.0;
    logits[70] = 5.0;
    logits[80] = 9.0;
    logits[50] = f32::NAN;
    logits[51] = f32::INFINITY;
    let all: Vec<u32> = (0..100).collect();
    assert_eq!(greedy.pick(&logits, &only(&all), &[]), Some(80));
    let without: Vec<u32> = (0..100).filter(|&id| id != 80).collect();
    assert_eq!(greedy.pick(&logits, &only(&without), &[]), Some(40));
    assert_eq!(greedy.pick(&logits, &only(&[3, 70, 99]), &[]), Some(70));
}

#[test]
fn draws_repeat_with_their_seed_and_follow_the_odds() {
    let logits = [2.0, 1.0, -9.0];
    let draw = |seed| {
        let mut sampler = sampler(1.0, Some(seed));
        (0..1000)
            .filter_map(|_| sampler.pick(&logits, &only(&[0, 1, 2]), &[]))
            .collect::<Vec<_>>()
    };
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
    let firsts = draw(7).iter().filter(|&&id| id == 0).count();
    // e^2 / (e^2 + e) is 0.73.
    assert!((650..=810).contains(&firsts), "{firsts}");
    assert!(!draw(7).contains(&2), "below the least share");
}

#[test]
fn the_tail_is_cut_where_it_was_asked_for() {
    // Shares of about 0.64, 0.24, 0.09 and 0.03.
    let logits = [1.0, 3.0, 2.0, 0.0];
    let drawn = |sampling: Sampling| {
        let mut sampler = Sampler::new(1.0, Some(3), &sampling);
        let mut ids: Vec<u32> = (0..2000)
            .filter_map(|_| sampler.pick(&logits, &only(&[0, 1, 2, 3]), &[]))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let sampling = Sampling::default;
    let everything = Sampling {
        min_p: Some(0.0),
        ..sampling()
    };
    assert_eq!(drawn(everything.clone()), [0, 1, 2, 3]);
    assert_eq!(
        drawn(Sampling {
            top_k: Some(2),
            ..sampling()
        }),
        [1, 2]
    );
    assert_eq!(
        drawn(Sampling {
            top_k: Some(1),
            ..sampling()
        }),
        [1]
    );
    assert_eq!(
        drawn(Sampling {
            top_p: Some(0.5),
            ..sampling()
        }),
        [1]
    );
    assert_eq!(
        drawn(Sampling {
            top_p: Some(0.8),
            ..sampling()
        }),
        [1, 2]
    );
    assert_eq!(
        drawn(Sampling {
            top_p: Some(0.0),
            ..sampling()
        }),
        [1],
        "the likeliest stays"
    );
    assert_eq!(
        drawn(Sampling {
            min_p: Some(0.3),
            ..sampling()
        }),
        [1, 2]
    );
    let nonsense = Sampling {
        top_k: Some(0),
        top_p: Some(f32::NAN),
        min_p: Some(-1.0),
        repetition_penalty: Some(f32::INFINITY),
    };
    assert_eq!(drawn(nonsense), drawn(sampling()), "counts as not asked for");
}

#[test]
fn what_was_said_is_less_likely_to_be_said_again() {
    let sampling = Sampling {
        repetition_penalty: Some(2.0),
        ..Sampling::default()
    };
    let mut sampler = Sampler::new(0.0, None, &sampling);
    let all = only(&[0, 1, 2]);
    let logits = [4.0, 3.0, -1.0];
    assert_eq!(sampler.pick(&logits, &all, &[]), Some(0));
    assert_eq!(sampler.pick(&logits, &all, &[0, 0, 0]), Some(1));
    assert_eq!(sampler.pick(&logits, &all, &[0, 1]), Some(0), "penalised alike");
    assert_eq!(
        sampler.pick(&[-1.0, -1.5, -9.0], &all, &[0]),
        Some(1),
        "below zero too"
    );
    let long_ago: Vec<u32> = [0].into_iter().chain([2; PENALISED_TOKENS]).collect();
    assert_eq!(sampler.pick(&logits, &all, &long_ago), Some(0), "forgotten");
    assert_eq!(sampler.pick(&logits, &all, &[9_999]), Some(0), "no such logit");
}

/// Asking about a few tokens gives what the whole set of those that fit would, with the same draws.
#[test]
fn what_fits_is_picked_as_if_nothing_else_were_allowed() {
    let mut random = StdRng::seed_from_u64(5);
    let all: Vec<u32> = (0..100).collect();
    let (mut told, mut untold) = (0, 0);
    for case in 0..2_000 {
        let temperature = [0.0, 0.7, 1.5][case % 3];
        let sampling = Sampling {
            top_k: (case % 4 == 0).then_some(2),
            top_p: (case % 5 == 0).then_some(0.8),
            repetition_penalty: (case % 7 == 0).then_some(1.3),
            ..Sampling::default()
        };
        let new = || Sampler::new(temperature, Some(9), &sampling);
        let (mut asking, mut knowing) = (new(), new());
        let logits: Vec<f32> = all.iter().map(|_| random.random_range(-9.0..9.0)).collect();
        let share = random.random_range(0.0..1.0);
        let fit: Vec<u32> = all
            .iter()
            .copied()
            .filter(|_| random.random_bool(share))
            .collect();
        for _ in 0..3 {
            let knows = knowing.pick(&logits, &only(&fit), &all);
            if let Some(token) = asking.pick_fitting(&logits, &only(&all), &all, |token| fit.contains(&token))
            {
                assert_eq!(Some(token), knows, "case {case}");
                told += 1;
            } else {
                assert_eq!(asking.pick(&logits, &only(&fit), &all), knows, "case {case}");
                untold += 1;
            }
        }
    }
    assert!(told > 1_000 && untold > 1_000, "{told} told, {untold} not");
}
