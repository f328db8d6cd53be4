//! The vectors that the controller's own tests publish, and ours for what they leave open.

use super::*;

mod edges;

const CORE: Quantity = Quantity::from_milli(1_000);

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn sample(value: Quantity) -> Sample {
    Sample {
        value,
        at: at(3_600),
        window: at(30),
    }
}

/// Ready for an hour, with nothing measured.
fn pod() -> Pod {
    Pod {
        phase: Phase::Running,
        ready: true,
        started: Some(Duration::ZERO),
        ready_changed: at(20),
        cpu_request: CORE,
        memory_request: Quantity::from_units(1e9),
        cpu: None,
        memory: None,
        own: Vec::new(),
    }
}

fn using_cpu(milli: i64) -> Pod {
    Pod {
        cpu: Some(sample(Quantity::from_milli(milli))),
        ..pod()
    }
}

fn using_memory(percent: f64) -> Pod {
    Pod {
        memory: Some(sample(Quantity::from_units(percent * 1e7))),
        ..pod()
    }
}

fn queueing(units: f64) -> Pod {
    Pod {
        own: vec![("queue".to_owned(), sample(Quantity::from_units(units)))],
        ..pod()
    }
}

fn never_ready(pod: Pod) -> Pod {
    Pod {
        ready: false,
        ready_changed: at(1),
        ..pod
    }
}

fn cpu(percent: u32) -> Metric {
    Metric::Utilization {
        resource: Resource::Cpu,
        percent,
    }
}

fn memory(percent: u32) -> Metric {
    Metric::Utilization {
        resource: Resource::Memory,
        percent,
    }
}

fn queue(units: f64) -> Metric {
    Metric::Pods {
        name: "queue".to_owned(),
        target: Quantity::from_units(units),
    }
}

fn external(average: bool, target: i64) -> Metric {
    let (name, target) = ("outside".to_owned(), Quantity::from_milli(target));
    if average {
        Metric::ExternalAverage { name, target }
    } else {
        Metric::ExternalValue { name, target }
    }
}

fn propose(metric: &Metric, current: u32, pods: &[Pod]) -> Result<u32, Invalid> {
    propose_with(metric, current, pods, None)
}

fn propose_with(metric: &Metric, current: u32, pods: &[Pod], outside: Option<i64>) -> Result<u32, Invalid> {
    let external: Vec<_> = outside
        .map(|milli| ("outside".to_owned(), Quantity::from_milli(milli)))
        .into_iter()
        .collect();
    let seen = Observation {
        now: at(3_600),
        replicas: current,
        pods,
        external: &external,
    };
    replicas::propose(metric, &seen, Tolerance::default())
}

#[test]
fn utilisation_as_the_controller_computes_it() {
    let all = |levels: &[i64]| -> Vec<Pod> { levels.iter().map(|level| using_cpu(*level)).collect() };
    let unready = |which: &[usize], mut pods: Vec<Pod>| {
        for index in which {
            pods[*index] = never_ready(pods[*index].clone());
        }
        pods
    };
    let missing = |level: i64| vec![using_cpu(level), pod()];
    let cases: Vec<(&str, u32, u32, Vec<Pod>, u32)> = vec![
        ("up", 3, 30, all(&[300, 500, 700]), 5),
        ("up, one unready", 3, 30, unready(&[0], all(&[300, 500, 700])), 4),
        (
            "up, two unready: no change",
            3,
            30,
            unready(&[1, 2], all(&[400, 500, 700])),
            3,
        ),
        ("down", 5, 50, all(&[100, 300, 500, 250, 250]), 3),
        (
            "down ignores the unready",
            5,
            50,
            unready(&[3, 4], all(&[100, 300, 500, 250, 250])),
            2,
        ),
        ("in tolerance above", 3, 100, all(&[1010, 1030, 1020]), 3),
        ("in tolerance below", 3, 100, all(&[997, 998, 999]), 3),
        ("one missing, on target", 2, 100, missing(1_000), 2),
        ("one missing, above", 2, 100, missing(1_900), 2),
        ("one missing, below", 2, 100, missing(600), 2),
    ];
    for (what, current, target, pods, wanted) in cases {
        assert_eq!(propose(&cpu(target), current, &pods), Ok(wanted), "{what}");
    }
}

#[test]
fn percentages_are_cut_to_whole_numbers() {
    // 77.9 % against 70 % is 77/70 = 1.1, within the tolerance; 78 % is beyond it.
    assert_eq!(
        propose(&memory(70), 2, &[using_memory(77.9), using_memory(77.9)]),
        Ok(2)
    );
    assert_eq!(
        propose(&memory(70), 2, &[using_memory(78.0), using_memory(78.0)]),
        Ok(3)
    );
}

#[test]
fn pods_metrics_ignore_readiness_and_outside_metrics_count_pods() {
    let queues = |levels: &[f64]| -> Vec<Pod> { levels.iter().map(|level| queueing(*level)).collect() };
    assert_eq!(propose(&queue(15.0), 3, &queues(&[20.0, 10.0, 30.0])), Ok(4));
    let mut hot = queues(&[50.0, 10.0, 30.0]);
    hot[0] = never_ready(hot[0].clone());
    assert_eq!(propose(&queue(15.0), 3, &hot), Ok(6));
    assert_eq!(
        propose_with(&external(false, 4_400), 1, &[pod()], Some(8_600)),
        Ok(2)
    );
    assert_eq!(
        propose_with(&external(true, 2_150), 3, &[pod(), pod(), pod()], Some(8_600)),
        Ok(4)
    );
    assert_eq!(propose(&external(true, 1), 1, &[pod()]), Err(Invalid::Absent));
}

#[test]
fn a_queue_of_a_hundred_scales_above_a_hundred_and_ten_and_an_outside_value_compounds() {
    for (waiting, wanted) in [(100.0, 2), (110.0, 2), (110.5, 3), (200.0, 4), (256.0, 6)] {
        assert_eq!(
            propose(&queue(100.0), 2, &[queueing(waiting), queueing(waiting)]),
            Ok(wanted),
            "{waiting}"
        );
    }
    // 200 waiting on four pods is 50 each: nothing to do, and two pods would do. One target for all doubles instead.
    let four = [queueing(50.0), queueing(50.0), queueing(50.0), queueing(50.0)];
    assert_eq!(propose(&queue(100.0), 4, &four), Ok(2));
    assert_eq!(
        propose_with(&external(false, 100_000), 4, &four, Some(200_000)),
        Ok(8)
    );
}

#[test]
fn pods_that_end_or_wait_are_grouped_apart() {
    let gone = Pod {
        phase: Phase::Gone,
        ..queueing(1_000.0)
    };
    assert_eq!(
        propose(&queue(100.0), 2, &[queueing(60.0), queueing(60.0), gone.clone()]),
        Ok(2)
    );
    assert_eq!(propose(&queue(100.0), 2, &[gone]), Err(Invalid::NoSamples));
    let pending = Pod {
        phase: Phase::Pending,
        started: None,
        ready: false,
        ..pod()
    };
    // Two pods at 300 would be 6; three that are on their way are counted as empty: 600/5 = 120, so 6 all the same.
    let mut pods = vec![queueing(300.0), queueing(300.0)];
    assert_eq!(propose(&queue(100.0), 2, &pods), Ok(6));
    pods.extend([pending.clone(), pending.clone(), pending]);
    assert_eq!(propose(&queue(100.0), 5, &pods), Ok(6));
    let bare = Pod {
        cpu_request: Quantity::default(),
        ..using_cpu(500)
    };
    assert_eq!(propose(&cpu(50), 1, &[bare]), Err(Invalid::NoRequests));
}

#[test]
fn cpu_of_the_first_minutes_counts_only_once_ready_for_a_window() {
    let started = at(3_500);
    let young = |ready, ready_changed| Pod {
        ready,
        ready_changed,
        started: Some(started),
        ..using_cpu(4_000)
    };
    let propose_beside = |other: Pod| propose(&cpu(50), 2, &[using_cpu(500), other]);
    assert_eq!(
        propose_beside(young(true, at(3_595))),
        Ok(2),
        "its sample began before it was ready"
    );
    assert_eq!(
        propose_beside(young(true, at(3_570))),
        Ok(9),
        "a whole window since"
    );
    assert_eq!(propose_beside(young(false, at(3_570))), Ok(2), "not ready");
    let old = Pod {
        ready: false,
        ready_changed: at(100),
        ..using_cpu(4_000)
    };
    assert_eq!(propose_beside(old), Ok(9), "was ready once: its load is real");
}

fn spec(metrics: Vec<Metric>, behavior: Option<Behavior>) -> Spec {
    Spec {
        name: "x".to_owned(),
        min: 2,
        max: 8,
        metrics,
        behavior,
    }
}

/// Syncs every 15 s with the same pods, however many there are.
fn follow(autoscaler: &mut Autoscaler, from: u64, current: &mut u32, syncs: u64, each: &Pod) -> Vec<u32> {
    (0..syncs)
        .map(|sync| {
            let pods = vec![each.clone(); usize::try_from(*current).expect("few")];
            let seen = Observation {
                now: at(from + sync * 15),
                replicas: *current,
                pods: &pods,
                external: &[],
            };
            *current = autoscaler.decide(&seen).replicas;
            *current
        })
        .collect()
}

#[test]
fn memory_at_87_percent_walks_to_the_maximum_and_stays() {
    let load = Pod {
        memory: using_memory(87.0).memory,
        own: queueing(0.0).own,
        ..using_cpu(200)
    };
    let metrics = vec![cpu(60), memory(70), queue(100.0)];
    let mut autoscaler = Autoscaler::new(spec(metrics, None));
    let mut current = 2;
    assert_eq!(
        follow(&mut autoscaler, 0, &mut current, 8, &load),
        [3, 4, 5, 7, 8, 8, 8, 8]
    );
    assert_eq!(follow(&mut autoscaler, 120, &mut current, 200, &load), [8; 200]);

    let resolved = Metric::ResourceAverage {
        resource: Resource::Memory,
        target: Quantity::from_units(1.1e9),
    };
    let mut autoscaler = Autoscaler::new(spec(vec![cpu(60), resolved, queue(100.0)], None));
    let mut current = 2;
    assert_eq!(follow(&mut autoscaler, 0, &mut current, 200, &load), [2; 200]);
}

#[test]
fn a_dead_metric_blocks_the_way_down_and_not_the_way_up() {
    let dead = external(true, 1_000);
    let decide = |metrics, current, each: &Pod| {
        let mut current = current;
        follow(
            &mut Autoscaler::new(spec(metrics, Some(Behavior::default()))),
            0,
            &mut current,
            30,
            each,
        )[29]
    };
    assert_eq!(decide(vec![queue(100.0)], 6, &queueing(0.0)), 2);
    assert_eq!(decide(vec![queue(100.0), dead.clone()], 6, &queueing(0.0)), 6);
    assert_eq!(decide(vec![queue(100.0), dead.clone()], 6, &queueing(150.0)), 8);
    assert_eq!(
        decide(vec![dead], 6, &queueing(150.0)),
        6,
        "and nothing at all happens without any"
    );
}

#[test]
fn bounds_come_first_and_a_workload_set_to_zero_is_left_alone() {
    let mut autoscaler = Autoscaler::new(spec(vec![queue(100.0)], None));
    for (current, wanted) in [(0, 0), (1, 2), (20, 8)] {
        let seen = Observation {
            now: at(15),
            replicas: current,
            pods: &[],
            external: &[],
        };
        assert_eq!(autoscaler.decide(&seen).replicas, wanted, "{current}");
    }
}

#[test]
fn the_way_down_waits_for_its_window() {
    for behavior in [None, Some(Behavior::default())] {
        let mut autoscaler = Autoscaler::new(spec(vec![queue(100.0)], behavior));
        let mut current = 2;
        let up = follow(&mut autoscaler, 0, &mut current, 4, &queueing(400.0));
        assert_eq!((up[0], up[3]), if up[0] == 4 { (4, 8) } else { (6, 8) });
        // The last high recommendation was at 45 s: it counts until 300 s later.
        let down = follow(&mut autoscaler, 60, &mut current, 30, &queueing(0.0));
        let changed = down.iter().position(|count| *count < 8).expect("it goes down");
        assert_eq!(60 + changed * 15, 345);
        assert_eq!(down[29], 2);
    }
}

#[test]
fn the_way_up_waits_for_its_window_when_there_is_one() {
    let mut behavior = Behavior::default();
    behavior.up.window = at(60);
    let mut autoscaler = Autoscaler::new(spec(vec![queue(100.0)], Some(behavior)));
    let mut current = 2;
    let up = follow(&mut autoscaler, 0, &mut current, 6, &queueing(200.0));
    assert_eq!(up, [2, 2, 2, 2, 4, 4]);
}

fn policy(unit: Unit, value: u32, period: u64) -> Policy {
    Policy {
        unit,
        value,
        period: at(period),
    }
}

fn with_up(select: Select, policies: Vec<Policy>) -> Behavior {
    let mut behavior = Behavior::default();
    behavior.up = Direction {
        select,
        policies,
        ..behavior.up
    };
    behavior
}

#[test]
fn policies_limit_the_pace_and_remember_what_was_added() {
    let run = |behavior| {
        let mut current = 2;
        let mut autoscaler = Autoscaler::new(spec(vec![queue(10.0)], Some(behavior)));
        follow(&mut autoscaler, 0, &mut current, 6, &queueing(1_000.0))
    };
    assert_eq!(run(Behavior::default()), [6, 8, 8, 8, 8, 8]);
    let one_a_minute = vec![policy(Unit::Pods, 1, 60)];
    assert_eq!(run(with_up(Select::Max, one_a_minute)), [3, 3, 3, 3, 4, 4]);
    let both = || vec![policy(Unit::Pods, 1, 15), policy(Unit::Percent, 100, 15)];
    assert_eq!(run(with_up(Select::Max, both())), [4, 8, 8, 8, 8, 8]);
    assert_eq!(run(with_up(Select::Min, both())), [3, 4, 5, 6, 7, 8]);
    assert_eq!(run(with_up(Select::Disabled, both())), [2; 6]);
}

#[test]
fn policies_limit_the_way_down_too() {
    let run = |select, policies| {
        let mut behavior = Behavior::default();
        behavior.down = Direction {
            window: Duration::ZERO,
            select,
            policies,
            ..behavior.down
        };
        let mut current = 8;
        let mut autoscaler = Autoscaler::new(spec(vec![queue(100.0)], Some(behavior)));
        follow(&mut autoscaler, 1_000, &mut current, 5, &queueing(0.0))
    };
    let both = || vec![policy(Unit::Pods, 1, 15), policy(Unit::Percent, 50, 15)];
    assert_eq!(run(Select::Max, both()), [4, 2, 2, 2, 2]);
    assert_eq!(run(Select::Min, both()), [7, 6, 5, 4, 3]);
    assert_eq!(run(Select::Max, vec![policy(Unit::Pods, 2, 60)]), [6, 6, 6, 6, 4]);
    assert_eq!(run(Select::Disabled, both()), [8; 5]);
}
