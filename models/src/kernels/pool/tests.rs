//! Each task once, whatever the threads do; no panic lost, no caller left waiting.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use super::{MOST_TASKS, Pool};

fn pools() -> Vec<Pool> {
    vec![
        Pool::new(1),
        Pool::new(2),
        Pool::spinning(2),
        Pool::new(5),
        Pool::spinning(5),
    ]
}

fn counts(tasks: usize) -> Vec<AtomicUsize> {
    (0..tasks).map(|_| AtomicUsize::new(0)).collect()
}

#[test]
fn each_task_is_done_once_in_thousands_of_runs() {
    for pool in pools() {
        for round in 0..3000 {
            let counts = counts(round % 9);
            pool.run(counts.len(), &|task| {
                counts[task].fetch_add(1, Ordering::Relaxed);
            });
            assert!(
                counts.iter().all(|count| count.load(Ordering::Relaxed) == 1),
                "round {round}"
            );
        }
    }
}

#[test]
fn more_tasks_than_a_share_can_number_are_each_done_once() {
    for pool in pools() {
        let counts = counts(2 * MOST_TASKS + 7);
        pool.run(counts.len(), &|task| {
            counts[task].fetch_add(1, Ordering::Relaxed);
        });
        assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 1));
    }
}

#[test]
fn who_is_done_takes_what_others_have_not_begun() {
    let pool = Pool::new(2);
    let done = AtomicUsize::new(0);
    pool.run(100, &|_| {
        // Whichever thread has the first task of all waits until the others are done.
        if done.fetch_add(1, Ordering::Relaxed) == 0 {
            while done.load(Ordering::Relaxed) < 100 {
                thread::yield_now();
            }
        }
    });
    assert_eq!(done.load(Ordering::Relaxed), 100);
}

#[test]
fn callers_at_once_and_calls_within_tasks_are_all_served() {
    for pool in pools() {
        let done = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        pool.run(5, &|_| {
                            pool.run(3, &|_| {
                                done.fetch_add(1, Ordering::Relaxed);
                            });
                        });
                    }
                });
            }
        });
        assert_eq!(done.load(Ordering::Relaxed), 4 * 200 * 5 * 3);
    }
}

#[test]
fn a_panic_reaches_the_caller_after_all_tasks_and_the_pool_goes_on() {
    for pool in pools() {
        for round in 0..50 {
            let counts = counts(8);
            let result = catch_unwind(AssertUnwindSafe(|| {
                pool.run(8, &|task| {
                    counts[task].fetch_add(1, Ordering::Relaxed);
                    assert!(task != round % 8, "task {task}");
                });
            }));
            let message = *result.unwrap_err().downcast::<String>().unwrap();
            assert_eq!(message, format!("task {}", round % 8));
            if pool.threads() > 1 {
                assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 1));
            }
        }
    }
}

#[test]
fn a_split_covers_all_values_once() {
    for pool in pools() {
        let mut values = vec![0_usize; 1003];
        pool.split(&mut values, 10, &|chunk, values| {
            for (i, value) in values.iter_mut().enumerate() {
                *value += chunk * 10 + i;
            }
        });
        assert!(values.iter().enumerate().all(|(i, value)| i == *value));
        pool.split(&mut [0_u8; 0], 10, &|_, _| panic!("no chunks"));
    }
}

#[test]
fn clones_share_the_threads_and_the_last_one_joins_them() {
    let pool = Pool::new(3);
    let clone = pool.clone();
    let shared = std::sync::Arc::clone(&pool.workers.shared);
    drop(pool);
    clone.run(10, &|_| ());
    assert_eq!(clone.threads(), 3);
    drop(clone);
    assert_eq!(std::sync::Arc::strong_count(&shared), 1, "the workers are gone");
}
