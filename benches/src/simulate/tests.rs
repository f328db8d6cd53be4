//! What the simulator has to show: the divergence, the queue that drives scaling, outages, lost zones, internet scale.

use super::*;
use crate::scaling::{deployed, manifest};

/// The pair that is deployed.
fn resolved(shape: &str) -> Scenario {
    scenario(
        manifest::horizontal(deployed::HORIZONTAL),
        manifest::vertical(deployed::VERTICAL),
        shape,
    )
}

/// The pair to the architecture's letter, as its component makes it of the base.
fn as_written(shape: &str) -> Scenario {
    scenario(
        manifest::horizontal_with(deployed::HORIZONTAL, &[deployed::LITERAL_PATCH]),
        manifest::vertical(deployed::LITERAL_VERTICAL),
        shape,
    )
}

fn scenario(
    horizontal: Result<hpa::Spec, manifest::Fault>,
    vertical: Result<vpa::Spec, manifest::Fault>,
    shape: &str,
) -> Scenario {
    let mut scenario = Scenario::new(shape.parse().expect(shape), horizontal.expect("an HPA"));
    scenario.vertical = Some(vertical.expect("a VPA"));
    scenario.length = Duration::from_hours(1);
    scenario
}

fn replicas(outcome: &Outcome) -> Vec<u32> {
    let mut counts: Vec<u32> = outcome.points.iter().map(|point| point.replicas).collect();
    counts.dedup();
    counts
}

#[test]
fn both_as_written_push_each_other_to_eight_pods_without_any_load() {
    let outcome = as_written("constant:0").run();
    assert_eq!(replicas(&outcome).first(), Some(&2));
    assert!(replicas(&outcome).is_sorted(), "{:?}", replicas(&outcome));
    assert_eq!(outcome.points.last().map(|point| point.replicas), Some(8));
    assert!(outcome.calls < 0.5);
}

#[test]
fn with_the_resolution_two_pods_stay_two() {
    let outcome = resolved("constant:0").run();
    assert_eq!(replicas(&outcome), [2]);
    let last = outcome.points.last().expect("an hour has points");
    assert!(
        last.memory_request_mib > 2_112.0 * 1.14,
        "and VPA still raises the request: {}",
        last.memory_request_mib
    );
}

/// Memory by the request, at no load, whatever each of the two would do without the other's part.
#[test]
fn it_takes_both_of_them_to_push() {
    let mut alone = as_written("constant:0");
    alone.vertical = None;
    assert_eq!(alone.run().replicas_max, 2, "2,112 MiB of 4 GiB are 51 %");
    let mut read_only = as_written("constant:0");
    if let Some(vertical) = &mut read_only.vertical {
        vertical.mode = Mode::Off;
    }
    assert_eq!(
        read_only.run().replicas_max,
        2,
        "a recommendation that nobody follows"
    );
    let mut beside = resolved("constant:0");
    beside.vertical = as_written("constant:0").vertical;
    assert_eq!(
        beside.run().replicas_max,
        2,
        "an absolute target does not care what is requested"
    );
}

#[test]
fn the_deployed_way_down_takes_two_minutes_a_pod_after_ten_quiet_ones() {
    let mut scenario = resolved("spike:20,180,10m,5m");
    scenario.vertical = None;
    let outcome = scenario.run();
    let at = |minute| replicas_at(&outcome, minute);
    let most = outcome.replicas_max;
    assert!(most >= 6, "{most}");
    assert_eq!(at(21.0), most, "nobody waits any more since minute 12 or so");
    let steps = replicas(&outcome);
    assert!(
        steps
            .windows(2)
            .all(|two| two[1] > two[0] || two[0] - two[1] == 1),
        "{steps:?}"
    );
    assert_eq!(at(59.5), 2, "{steps:?}");
}

#[test]
fn the_resolution_holds_only_below_seventy_percent_of_eight_gibibytes() {
    let held = |mib: f64| {
        let mut scenario = resolved("constant:0");
        scenario.service.memory_base_mib = mib - 512.0;
        scenario.run().replicas_max
    };
    assert_eq!((held(5_700.0), held(6_400.0)), (2, 8));
}

/// As deployed, with calls under way as another metric, so that a pod which is busy stays.
fn with_running(mut scenario: Scenario, target: f64) -> Scenario {
    scenario.horizontal.metrics.push(Metric::Pods {
        name: "mcp_requests_running".to_owned(),
        target: Quantity::from_units(target),
    });
    scenario
}

fn spike() -> Scenario {
    let mut scenario = resolved("spike:20,180,10m,20m");
    scenario.vertical = None;
    // Kubernetes' own pace: what a metric does shows sooner than with the slow way down that is deployed.
    scenario.horizontal.behavior = None;
    scenario
}

fn replicas_at(outcome: &Outcome, minute: f64) -> u32 {
    let point = outcome.points.iter().find(|point| point.seconds >= minute * 60.0);
    point.expect("within the hour").replicas
}

#[test]
fn a_spike_is_met_by_more_pods_and_they_leave_after_the_window() {
    let outcome = with_running(spike(), 48.0).run();
    let at = |minute| replicas_at(&outcome, minute);
    assert_eq!(at(9.0), 2);
    assert!(
        at(14.0) >= 6,
        "180 calls a second want six pods of 34: {}",
        at(14.0)
    );
    assert_eq!(
        (at(29.5), at(34.0)),
        (at(14.0), at(14.0)),
        "nobody leaves while busy, or within five minutes"
    );
    assert_eq!(at(40.0), 2);
    assert!(outcome.lost < 1e-6, "pods that drain lose nothing");
}

#[test]
fn a_queue_alone_is_empty_as_soon_as_there_are_enough_pods_and_sends_them_away() {
    let outcome = spike().run();
    let counts = replicas(&outcome);
    let dips = counts
        .windows(3)
        .filter(|three| three[0] > three[1] && three[1] < three[2])
        .count();
    assert!(dips >= 1, "{counts:?}");
    assert!(outcome.shed > with_running(spike(), 48.0).run().shed);
}

#[test]
fn every_call_is_somewhere() {
    let mut scenario = as_written("day:5,400,1h");
    scenario.outages = vec![Span {
        from: Duration::from_mins(20),
        to: Duration::from_mins(30),
    }];
    scenario.zone_loss = Some(Span {
        from: Duration::from_mins(40),
        to: Duration::from_mins(50),
    });
    let outcome = scenario.run();
    let waiting = outcome.points.last().expect("points").waiting;
    let ended = outcome.by_azure + outcome.by_local + outcome.shed + outcome.lost;
    assert!(outcome.by_azure > 1.0 && outcome.by_local > 1.0 && outcome.shed > 1.0 && outcome.lost > 1.0);
    // The last point is some steps before the end, so what waits may differ by those.
    assert!(
        (outcome.calls - ended - waiting).abs() < 400.0,
        "{} {ended} {waiting}",
        outcome.calls
    );
    assert!(
        outcome.wait_p50_seconds <= outcome.wait_p95_seconds
            && outcome.wait_p95_seconds <= outcome.wait_p99_seconds
    );
}

fn outage(local_calls_per_second: f64) -> Outcome {
    let mut scenario = resolved("constant:16");
    scenario.vertical = None;
    scenario.service.local_calls_per_second = local_calls_per_second;
    scenario.service.cpu_seconds_per_local_call = 0.0;
    scenario.outages = vec![Span {
        from: Duration::from_mins(10),
        to: Duration::from_mins(30),
    }];
    scenario.run()
}

#[test]
fn without_azure_the_local_model_answers_and_the_queue_asks_for_pods() {
    let outcome = outage(4.0);
    assert_eq!(replicas_at(&outcome, 9.5), 2);
    assert!(
        outcome.replicas_max >= 4,
        "16 calls a second want four pods of four: {}",
        outcome.replicas_max
    );
    assert!(outcome.by_local > 10_000.0, "{}", outcome.by_local);
}

#[test]
fn a_pod_so_slow_that_deadlines_bound_its_queue_below_the_target_never_scales() {
    // 2 calls/s and a deadline of 50 s: nobody is let in behind 100 others, and HPA acts above 110.
    let outcome = outage(2.0);
    assert_eq!(outcome.replicas_max, 2);
    assert!(outcome.shed > 10_000.0, "{}", outcome.shed);
}

#[test]
fn a_lost_zone_is_replaced_in_the_others() {
    let mut scenario = resolved("constant:0");
    scenario.replicas = 6;
    scenario.length = Duration::from_mins(4);
    scenario.zone_loss = Some(Span {
        from: Duration::from_mins(1),
        to: Duration::from_mins(9),
    });
    let outcome = scenario.run();
    let ready = |second: f64| {
        outcome
            .points
            .iter()
            .find(|point| point.seconds >= second)
            .map(|point| point.ready)
    };
    assert_eq!(
        (ready(45.0), ready(60.0), ready(90.0)),
        (Some(6), Some(4), Some(6))
    );
}

#[test]
fn a_day_of_a_hundred_thousand_calls_a_second_on_hundreds_of_pods() {
    let mut scenario = resolved("day:20000,100000");
    scenario.vertical = None;
    scenario.horizontal.max = 500;
    scenario.horizontal.min = 20;
    scenario.service.azure_calls_per_second = 400.0;
    // In steps of 15 s here: unoptimised tests count pods too.
    scenario.step = Duration::from_secs(15);
    scenario.length = Duration::from_hours(24);
    let outcome = scenario.run();
    assert!(
        outcome.replicas_max > 248,
        "100,000 calls want 249 pods of 402: {}",
        outcome.replicas_max
    );
    assert!((outcome.calls - 60_000.0 * 86_400.0).abs() < 1e7);
    assert!(
        outcome.shed / outcome.calls < 0.2,
        "{}",
        outcome.shed / outcome.calls
    );
}

#[test]
fn a_service_model_is_read_and_what_is_wrong_is_named() {
    let service = Service::read(r#"{"azure_calls_per_second": 4, "slots": 2}"#).expect("well formed");
    assert!(
        (service.azure_calls_per_second - 4.0).abs() < 1e-9 && (service.queue_capacity - 256.0).abs() < 1e-9
    );
    for (json, wanted) in [
        ("{", "service model"),
        (r#"{"azure_call_per_second": 4}"#, "azure_call_per_second"),
        (r#"{"slots": -1}"#, "slots is -1"),
        (
            r#"{"azure_calls_per_second": 0, "local_calls_per_second": 0}"#,
            "both 0",
        ),
    ] {
        let error = Service::read(json).expect_err(json);
        assert!(error.contains(wanted), "{json}: {error}");
    }
}
