//! The live proof in short: real servers as pods follow their queues up and down, and no call fails.

use std::time::Duration;

use benches::{
    autoscale::{Places, Setup, faster, report::Report},
    scaling::manifest,
    simulate::Span,
    traffic::Shape,
};

const FASTER: u32 = 10;

fn places(count: u32, milliseconds: u64) -> Places {
    Places {
        count,
        each: Duration::from_millis(milliseconds),
    }
}

/// Twelve calls a second for a pod while the fake Azure is there, two without it.
fn setup() -> Setup {
    let deployed = include_str!("../../deploy/kubernetes/base/hpa.yaml");
    let mut deployed = manifest::horizontal(deployed).expect("the manifest is read in its own tests");
    // Kubernetes' own pace: the deployed one takes ten minutes before the first pod leaves, which is a minute here.
    deployed.behavior = None;
    let mut horizontal = faster(&deployed, FASTER, 6);
    // Four processes are as many as two processors carry beside a fake, a front and callers.
    horizontal.max = 4;
    let points = [
        (0, 4.0),
        (4, 4.0),
        (5, 36.0),
        (22, 36.0),
        (23, 4.0),
        (62, 4.0),
        (63, 10.0),
        (78, 10.0),
        (79, 3.0),
        (125, 3.0),
    ];
    let points = points.map(|(second, rate)| (Duration::from_secs(second), rate));
    Setup {
        horizontal,
        sync: Duration::from_millis(1_500),
        shape: Shape::Trace(points.to_vec()),
        length: Duration::from_secs(125),
        outages: vec![Span {
            from: Duration::from_secs(64),
            to: Duration::from_secs(78),
        }],
        azure: places(5, 500),
        fallback: places(2, 1_000),
        faster: FASTER,
        seed: 1,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pods_follow_the_queue_up_and_down_and_no_call_fails() {
    let setup = setup();
    let proof = setup.run().await.expect("everything starts");
    let report = Report {
        setup: &setup,
        proof: &proof,
        faster: FASTER,
    };
    let page = report.markdown(&[]);
    // The last claim, agreement with the simulator, depends on what else the machine does: the long run reports it.
    for claim in report.claims().into_iter().take(4) {
        assert!(claim.holds, "{}\n{page}", claim.text);
    }
    assert!(
        proof.record.degraded > 0,
        "while Azure was away the weaker backend answered\n{page}"
    );
}

#[test]
fn what_would_not_work_on_one_machine_is_refused_with_the_fix() {
    let refused = |change: &dyn Fn(&mut Setup)| {
        let mut setup = setup();
        change(&mut setup);
        setup.check().expect_err("refused").to_string()
    };
    for (error, wanted) in [
        (refused(&|setup| setup.horizontal.max = 100), "--max-replicas"),
        (refused(&|setup| setup.horizontal.min = 0), "minReplicas"),
        (refused(&|setup| setup.horizontal.metrics.clear()), "Pods metric"),
        (
            refused(&|setup| setup.sync = Duration::from_millis(1)),
            "--faster",
        ),
        (refused(&|setup| setup.length = Duration::from_hours(2)), "1h"),
        (refused(&|setup| setup.azure.count = 0), "--azure"),
        (
            refused(&|setup| setup.fallback.each = Duration::ZERO),
            "--fallback",
        ),
    ] {
        assert!(error.contains(wanted), "{error}");
    }
}
