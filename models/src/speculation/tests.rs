//! What is guessed, and how much.

use super::*;

/// What is guessed to follow, of a prompt and an answer that copies from it.
fn copied(prompt: &[u32], answer: &[u32], most: usize) -> Vec<u32> {
    guess(&mut Speculation::new(), prompt, answer, prompt.len(), most)
}

fn guess(
    speculation: &mut Speculation,
    prompt: &[u32],
    answer: &[u32],
    free_from: usize,
    most: usize,
) -> Vec<u32> {
    let tokens = [prompt, answer].concat();
    let text = Text {
        tokens: &tokens,
        prompt: prompt.len(),
        free_from,
    };
    speculation.copied(text, most).to_vec()
}

#[test]
fn what_followed_the_longest_repetition_is_guessed() {
    assert_eq!(copied(&[1, 2, 3, 4, 5, 9], &[1, 2], 3), [3, 4, 5]);
    assert_eq!(copied(&[1, 2, 3, 4, 5, 9], &[1, 2], 2), [3, 4]);
    assert_eq!(
        copied(&[7, 1, 2, 3, 8, 1, 2, 4], &[7, 1, 2], 1),
        [3],
        "three tokens beat two"
    );
    assert_eq!(
        copied(&[], &[5, 5, 5, 5], 3),
        [5],
        "no further than the text goes"
    );
    assert!(copied(&[1, 2, 3], &[], 3).is_empty(), "of a prompt alone");
    assert!(copied(&[], &[], 3).is_empty());
    assert!(copied(&[1, 2, 3], &[9], 3).is_empty(), "nothing is repeated");
    assert!(copied(&[1, 2, 3], &[1, 2], 0).is_empty());
}

#[test]
fn one_token_that_repeats_is_worth_one_guess() {
    assert_eq!(copied(&[1, 2, 3, 4], &[2], 6), [3]);
    assert_eq!(
        copied(&[1, 2, 3, 4], &[1, 2], 6),
        [3, 4, 1],
        "two tokens are worth more"
    );
}

#[test]
fn of_equals_the_next_in_the_prompt_is_guessed() {
    let prompt = [1, 2, 5, 8, 1, 2, 6, 8, 1, 2, 7, 9];
    let mut speculation = Speculation::new();
    let mut next = |answer: &[u32]| {
        let guess = guess(&mut speculation, &prompt, answer, prompt.len(), 1);
        speculation.learn(guess.len(), 1, &[]);
        guess[0]
    };
    assert_eq!(next(&[1, 2]), 5);
    assert_eq!(next(&[1, 2, 5, 20, 1, 2]), 6, "behind what was copied");
    assert_eq!(next(&[1, 2, 5, 20, 1, 2, 6, 21, 1, 2]), 7);
    assert_eq!(
        next(&[1, 2, 5, 20, 1, 2, 6, 21, 1, 2, 7, 22, 1, 2]),
        7,
        "at the end of the prompt the latest"
    );
}

#[test]
fn what_the_schema_binds_is_no_repetition() {
    let mut speculation = Speculation::new();
    let (prompt, answer) = ([9, 8, 3], [1, 2, 7, 1, 2]);
    let mut guess = |free_from| guess(&mut speculation, &prompt, &answer, free_from, 3);
    assert_eq!(guess(3), [7, 1, 2], "all of it was free");
    assert_eq!(guess(7), [7], "its last token was");
    assert!(guess(8).is_empty(), "nothing was");
    assert!(guess(9).is_empty(), "nor will the next be");
}

#[test]
fn bound_text_is_guessed_with_what_followed_it_before() {
    let mut speculation = Speculation::new();
    let mut bound = |spelled: &[u32], answer: &[u32], said: &[u32]| {
        let text = Text {
            tokens: answer,
            prompt: 0,
            free_from: 0,
        };
        let guess = speculation.bound(spelled.to_vec(), text, 9);
        let came_true = guess.iter().zip(said).take_while(|(a, b)| a == b).count();
        speculation.learn(guess.len(), came_true, said);
        guess
    };
    assert_eq!(
        bound(&[1, 2, 3], &[], &[1, 2, 30]),
        [1, 2, 3],
        "nothing better is known"
    );
    assert_eq!(
        bound(&[4, 3], &[1, 2, 30], &[4, 30]),
        [4, 30],
        "what stood behind the last"
    );
    assert_eq!(
        bound(&[1, 2, 3], &[1, 2, 31, 4, 30], &[1, 2, 31]),
        [1, 2, 31],
        "what stood behind the same"
    );
    assert_eq!(bound(&[3], &[], &[31]), [31]);
    assert!(bound(&[], &[], &[7]).is_empty());
}

#[test]
fn guesses_that_fail_stop_for_a_while() {
    let mut trust = Trust::new(3);
    assert_eq!((trust.room(99), trust.room(2)), (3, 2));
    trust.learn(3, 3);
    assert_eq!(trust.room(99), 6, "more when it pays");
    trust.learn(6, 2);
    assert_eq!(trust.room(99), 3, "one more than came true");
    let mut failures = 0;
    while trust.room(99) > 0 {
        trust.learn(1, 0);
        failures += 1;
    }
    assert!((5..=15).contains(&failures), "{failures}");
    let silent = (1..99).take_while(|_| trust.room(99) == 0).count();
    assert_eq!(silent + 1, PAUSE);
    trust.learn(1, 1);
    assert!(trust.room(99) > 0, "one that comes true is enough");
    for _ in 0..4 {
        trust.learn(1, 0);
    }
    assert_eq!(trust.room(99), 0, "but not for long");
    trust.learn(0, 0);
    assert_eq!(trust.pause, PAUSE - 1, "no guess, nothing learnt");
}

#[test]
fn bad_guesses_of_copies_do_not_stop_those_of_bound_text() {
    let mut speculation = Speculation::new();
    for _ in 0..99 {
        let guess = guess(&mut speculation, &[1, 2, 3], &[1, 2], 3, 6);
        speculation.learn(guess.len(), 0, &[9]);
    }
    let text = Text {
        tokens: &[],
        prompt: 0,
        free_from: 0,
    };
    assert_eq!(speculation.bound(vec![1, 2, 3], text, 9), [1, 2, 3]);
}
