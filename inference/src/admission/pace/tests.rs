//! What the estimate says is held against what a queue does: who is told to go would have waited too long.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_wait_is_so_many_departures() {
    let mut pace = Pace::default();
    let mut now = Instant::now();
    pace.begin(now);
    for seen in 0..10 {
        assert_eq!(pace.wait(3, now).is_some(), seen >= 8, "{seen}");
        now += SECOND;
        pace.depart(now);
    }
    assert_eq!(pace.wait(3, now), Some(4 * SECOND));
    now += 5 * SECOND;
    assert_eq!(
        pace.wait(3, now),
        Some(6 * SECOND),
        "ten in fifteen seconds, standing still included"
    );
    pace.end(now);
    now += 14 * SECOND;
    assert_eq!(pace.wait(3, now), Some(6 * SECOND), "a pause is no standstill");
    now += 2 * SECOND;
    pace.begin(now);
    assert_eq!(pace.wait(0, now), None, "that was long ago");
}

#[test]
fn only_the_last_seconds_count_and_no_more_is_remembered_than_needed() {
    let mut pace = Pace::default();
    let mut now = Instant::now();
    pace.begin(now);
    for gap in [SECOND, SECOND / 100] {
        for _ in 0..1_000 {
            now += gap;
            pace.depart(now);
        }
    }
    assert_eq!(pace.wait(99, now), Some(SECOND), "a hundred of 10 ms");
    assert!(pace.departures.len() <= MOST + 1);
}

/// Somebody for whom there was no place: what it was told to expect, and what came.
struct Waited {
    expected: Option<f64>,
    actual: f64,
}

/// A place at a backend: when there is one, and how long each call keeps it, about.
#[derive(Clone, Copy)]
struct Place {
    from: f64,
    to: f64,
    takes: f64,
}

impl Place {
    const fn always(takes: f64) -> Self {
        Self {
            from: 0.0,
            to: f64::INFINITY,
            takes,
        }
    }
}

/// First come, first served, nobody turned away. `spread` makes calls shorter and longer than their place says.
fn queue(places: &[Place], arrivals: &[f64], spread: f64) -> Vec<Waited> {
    let mut free: Vec<f64> = places.iter().map(|place| place.from).collect();
    let mut events = Vec::new();
    for (index, arrival) in arrivals.iter().enumerate() {
        let starts = |place: usize| free[place].max(*arrival);
        let open = (0..places.len()).filter(|place| starts(*place) < places[*place].to);
        let next = open
            .min_by(|one, other| starts(*one).total_cmp(&starts(*other)))
            .expect("a place is open in the end");
        let start = starts(next);
        // Spread evenly and without chance: multiples of the golden ratio.
        let lot = (number(index) * 0.618_034).fract();
        free[next] = start + places[next].takes * (1.0 + spread * (2.0 * lot - 1.0));
        if start > *arrival {
            events.push((start, false, start - arrival));
            events.push((*arrival, true, start - arrival));
        }
    }
    events.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    replay(&events)
}

/// Shows a pace who came (`true`) and who left the queue, in order.
fn replay(events: &[(f64, bool, f64)]) -> Vec<Waited> {
    let (mut pace, mut ahead, mut told) = (Pace::default(), 0, Vec::new());
    let begun = Instant::now();
    for (at, comes, actual) in events {
        let now = begun + Duration::from_secs_f64(*at);
        if *comes {
            let expected = pace.wait(ahead, now).map(|wait| wait.as_secs_f64());
            told.push(Waited {
                expected,
                actual: *actual,
            });
            if ahead == 0 {
                pace.begin(now);
            }
            ahead += 1;
        } else {
            pace.depart(now);
            ahead -= 1;
            if ahead == 0 {
                pace.end(now);
            }
        }
    }
    told
}

/// So many calls a second from then to then.
fn steady(rate: f64, from: f64, to: f64) -> impl Iterator<Item = f64> {
    (0_u32..)
        .map(move |index| from + f64::from(index) / rate)
        .take_while(move |at| *at < to)
}

/// Those who would have been sent away and were served in time, and those who were let in and were not.
fn mistakes(waited: &[Waited], deadline: f64) -> (usize, usize) {
    let sent_away = |who: &&Waited| who.expected.is_some_and(|expected| expected > deadline);
    let (away, taken): (Vec<&Waited>, Vec<&Waited>) = waited.iter().partition(sent_away);
    (
        away.iter().filter(|who| who.actual <= deadline).count(),
        taken.iter().filter(|who| who.actual > deadline).count(),
    )
}

/// Sixty-four places at Azure of 2 s, which is away from 30 s to 60 s, and four of 2 s that stay.
fn outage() -> Vec<Place> {
    let azure = |from, to| Place { from, to, takes: 2.0 };
    let mut places = vec![azure(0.0, 30.0); 64];
    places.extend(vec![azure(60.0, f64::INFINITY); 64]);
    places.extend(vec![Place::always(2.0); 4]);
    places
}

#[test]
fn a_busy_queue_in_which_everybody_is_served_in_time_turns_nobody_away() {
    // 34 calls/s for places that answer 32: the queue grows to a hundred or so, a wait of 4 s.
    let calls: Vec<f64> = steady(34.0, 0.0, 60.0).collect();
    for spread in [0.0, 0.1, 0.3] {
        let waited = queue(&[Place::always(2.0); 64], &calls, spread);
        assert!(waited.len() > 500, "{} waited", waited.len());
        assert_eq!(mistakes(&waited, 5.0), (0, 0), "{spread}");
    }
}

#[test]
fn a_burst_into_places_that_come_free_together_turns_nobody_away() {
    // Eighty at once for 64 places: sixteen wait 2 s, and whoever comes meanwhile as long at most.
    let calls: Vec<f64> = steady(800.0, 0.0, 0.1).chain(steady(20.0, 0.2, 20.0)).collect();
    let waited = queue(&[Place::always(2.0); 64], &calls, 0.0);
    assert_eq!(mistakes(&waited, 5.0).0, 0);
}

#[test]
fn after_an_outage_the_pace_of_the_outage_is_soon_forgotten() {
    // A quiet outage, and a rush after it: at the pace of the outage, 2 calls/s, it would last a minute and a half.
    for rush in [61.0, 65.0, 75.0] {
        let calls: Vec<f64> = steady(3.0, 0.0, 60.0)
            .chain(steady(200.0, rush, rush + 1.0))
            .collect();
        let waited = queue(&outage(), &calls, 0.2);
        assert_eq!(mistakes(&waited, 20.0).0, 0, "a rush at {rush} s");
    }
}

#[test]
fn an_outage_is_noticed_before_many_are_let_in_for_nothing() {
    let calls: Vec<f64> = steady(25.0, 0.0, 60.0).collect();
    let waited = queue(&outage(), &calls, 0.2);
    let (_, late) = mistakes(&waited, 20.0);
    // Within its first seconds nobody can know; 750 come in all.
    assert!(late < 125, "{late} were let in and served too late");
}
