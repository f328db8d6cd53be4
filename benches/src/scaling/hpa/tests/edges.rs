//! Where the algorithm rounds, what stands on a bound, what is unknown, and in which order things happen.

use super::*;

#[test]
fn percentages_and_means_are_cut_before_they_are_compared() {
    // 1,118 of 2,000 milli-cores are 55.9 %, cut to 55: 1.1 times a target of 50, which is still tolerated.
    let pods = [using_cpu(559), using_cpu(559)];
    assert_eq!(propose(&cpu(50), 2, &pods), Ok(2));
    assert_eq!(propose(&cpu(50), 2, &[using_cpu(560), using_cpu(560)]), Ok(3));
    // A mean of 110.0005 is cut to 110.000.
    let mean = [queueing(110.0), queueing(110.001)];
    assert_eq!(propose(&queue(100.0), 2, &mean), Ok(2));
    assert_eq!(
        propose(&queue(100.0), 2, &[queueing(110.001), queueing(110.001)]),
        Ok(3)
    );
}

#[test]
fn a_tenth_is_tolerated_on_both_sides_and_not_a_hair_more() {
    let ten = |level: f64| vec![queueing(level); 10];
    for (level, wanted) in [(110.0, 10), (110.1, 12), (90.0, 10), (89.9, 9)] {
        assert_eq!(propose(&queue(100.0), 10, &ten(level)), Ok(wanted), "{level}");
    }
    // An external average is held against the pods that there are.
    let three = [pod(), pod(), pod()];
    for (total, wanted) in [(7_000, 3), (7_095, 3), (7_200, 4), (5_805, 3), (4_300, 2)] {
        let outside = propose_with(&external(true, 2_150), 3, &three, Some(total));
        assert_eq!(outside, Ok(wanted), "{total}");
    }
}

#[test]
fn a_pod_without_a_sample_argues_against_the_change() {
    let missing = pod;
    for (what, pods, current, wanted) in [
        (
            "below: it is taken to be at the target",
            vec![queueing(20.0), missing()],
            2,
            2,
        ),
        (
            "far above: it is taken to be empty",
            vec![queueing(300.0), missing()],
            2,
            3,
        ),
        (
            "and turns the tide",
            vec![queueing(150.0), missing(), missing()],
            3,
            3,
        ),
        (
            "below, four that are known",
            [vec![queueing(10.0); 4], vec![missing()]].concat(),
            5,
            2,
        ),
    ] {
        assert_eq!(propose(&queue(100.0), current, &pods), Ok(wanted), "{what}");
    }
    // Utilisation: the whole request, or the target where that is more.
    let idle = |percent| propose(&cpu(percent), 2, &[using_cpu(600), pod()]);
    assert_eq!((idle(100), idle(200)), (Ok(2), Ok(2)));
}

#[test]
fn memory_and_queues_count_before_a_pod_is_ready_and_cpu_does_not() {
    let young = |pod: Pod| Pod {
        ready: false,
        started: Some(at(3_500)),
        ready_changed: at(3_500),
        ..pod
    };
    let half = |percent| [using_memory(percent), young(using_memory(percent))];
    assert_eq!(propose(&memory(70), 2, &half(140.0)), Ok(4));
    assert_eq!(
        propose(&queue(100.0), 2, &[queueing(200.0), young(queueing(200.0))]),
        Ok(4)
    );
    assert_eq!(
        propose(&cpu(50), 2, &[using_cpu(1_000), young(using_cpu(1_000))]),
        Ok(2),
        "1,000 of 2,000 is the target"
    );
    let unstarted = Pod {
        started: None,
        ..using_cpu(1_000)
    };
    assert_eq!(propose(&cpu(50), 2, &[using_cpu(1_000), unstarted]), Ok(2));
}

#[test]
fn a_tolerance_of_ones_own_is_by_direction() {
    let mut behavior = Behavior::default();
    behavior.up.tolerance = 0.0;
    behavior.down.tolerance = 0.5;
    behavior.down.window = Duration::ZERO;
    let decide = |level: f64| {
        let mut current = 4;
        let mut autoscaler = Autoscaler::new(spec(vec![queue(100.0)], Some(behavior.clone())));
        follow(&mut autoscaler, 0, &mut current, 1, &queueing(level))[0]
    };
    assert_eq!((decide(101.0), decide(60.0), decide(49.0)), (5, 4, 2));
}

#[test]
fn percent_policies_round_in_favour_of_more_pods() {
    let run = |current: u32, level: f64| {
        let percent = |value| vec![policy(Unit::Percent, value, 15)];
        let mut behavior = with_up(Select::Max, percent(10));
        behavior.down.window = Duration::ZERO;
        behavior.down.policies = percent(10);
        let mut spec = spec(vec![queue(100.0)], Some(behavior));
        spec.max = 100;
        let mut current = current;
        follow(&mut Autoscaler::new(spec), 0, &mut current, 1, &queueing(level))[0]
    };
    assert_eq!((run(5, 1_000.0), run(15, 1_000.0)), (6, 17));
    assert_eq!((run(5, 0.0), run(15, 0.0)), (4, 13), "4.5 and 13.5, cut");
}

#[test]
fn what_was_taken_away_within_the_period_counts_as_there() {
    let mut behavior = Behavior::default();
    behavior.down.window = Duration::ZERO;
    behavior.up = Direction {
        policies: vec![policy(Unit::Pods, 1, 60)],
        ..behavior.up
    };
    let mut autoscaler = Autoscaler::new(spec(vec![queue(100.0)], Some(behavior)));
    let mut current = 6;
    assert_eq!(follow(&mut autoscaler, 0, &mut current, 1, &queueing(50.0)), [3]);
    // Three left fifteen seconds ago: the minute began with six, so seven are allowed at once.
    assert_eq!(
        follow(&mut autoscaler, 15, &mut current, 1, &queueing(1_000.0)),
        [7]
    );
}

#[test]
fn windows_come_before_policies() {
    let mut behavior = with_up(Select::Max, vec![policy(Unit::Pods, 1, 15)]);
    behavior.up.window = at(30);
    let mut autoscaler = Autoscaler::new(spec(vec![queue(100.0)], Some(behavior)));
    let mut current = 2;
    // 2 at the beginning; 8 is asked for, and allowed once it has been asked for during 30 s; then one pod a sync.
    let up = follow(&mut autoscaler, 0, &mut current, 5, &queueing(400.0));
    assert_eq!(up, [2, 2, 3, 4, 5]);
}
