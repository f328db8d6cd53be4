//! Limits in a real Redis decide as those in memory do; several processes overspend nothing, whatever is lost.

use std::process::{Child, Command, Stdio};

use super::*;
use crate::config::Secret;
use crate::shared::login::Login;
use crate::shared::{Config, Servers};
use crate::tenancy::quota::Memory;

/// Cases of the comparison with memory, and of several processes.
const CASES: u64 = 150;
const STEPS: usize = 40;
const NOON: i64 = 1_764_158_400_000;

/// A Redis at a socket of the file system, as a test of this crate alone needs it.
struct Redis {
    child: Child,
    folder: tempfile::TempDir,
}

impl Redis {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let child = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
            .arg(folder.path().join("socket"))
            .arg("--dir")
            .arg(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is installed, in Debian with `apt-get install redis-server`");
        let redis = Self { child, folder };
        for _ in 0..1000 {
            if redis.link().await.is_there() {
                return redis;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("redis-server does not answer");
    }

    async fn link(&self) -> Link {
        let url = format!("redis+unix://{}", self.folder.path().join("socket").display());
        let mut config = Config::new(Servers::Urls(vec![Secret::new(url)]));
        // What is tried here is not how busy this machine is.
        config.timeout = Duration::from_secs(20);
        config.connect_timeout = Duration::from_secs(20);
        config.assumed_servers = 3;
        let login = Login::new(&config).unwrap();
        let link = Link::new(config, login);
        link.try_connect().await;
        link
    }

    async fn forget_all(&self) {
        let link = self.link().await;
        let script = redis::Script::new("redis.call('FLUSHALL') return 0");
        link.run::<i64>(&script.prepare_invoke()).await.unwrap();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One process of a fleet, whose clock the test sets.
struct Process {
    counted: Counted,
    told: Arc<Mutex<Vec<Alert>>>,
}

impl Process {
    async fn of(redis: &Redis, clock: &Arc<AtomicI64>) -> Self {
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&told);
        let tell: Tell = Box::new(move |_, alert| heard.lock().unwrap().push(alert));
        let counted = Counted {
            given_now: Some(Arc::clone(clock)),
            ..Counted::new(Arc::new(redis.link().await), tell)
        };
        Self { counted, told }
    }

    async fn tell_all(&self) -> Vec<Alert> {
        self.counted.settle_all().await.expect("Redis is there");
        std::mem::take(&mut *self.told.lock().unwrap())
    }

    /// Finds Redis again, and does what the task does then.
    async fn come_back(&self) {
        assert!(self.counted.link.try_connect().await);
        self.counted.beat().await.expect("Redis is there");
        self.counted.settle_all().await.expect("Redis is there");
    }
}

/// Numbers that a seed decides (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn maybe(&mut self, bound: u64) -> Option<u64> {
        (self.below(4) > 0).then(|| 1 + self.below(bound))
    }

    fn limits(&mut self) -> Limits {
        Limits {
            requests_per_minute: self.maybe(20),
            tokens_per_minute: self.maybe(2000),
            concurrent_calls: self.maybe(6),
            budget_day: self.maybe(3000).map(nanos),
            budget_month: self.maybe(9000).map(nanos),
        }
    }

    fn amount(&mut self, tokens: u64, cost: u64) -> Amount {
        Amount {
            tokens: self.below(tokens),
            cost: nanos(self.below(cost)),
        }
    }

    fn pick<T>(&mut self, from: &mut Vec<T>) -> Option<T> {
        let count = from.len() as u64;
        (count > 0).then(|| from.swap_remove(usize::try_from(self.below(count)).unwrap()))
    }
}

fn nanos(nanos: u64) -> Money {
    Money::from_nanos(i64::try_from(nanos).unwrap())
}

fn now(clock: &AtomicI64) -> Moment {
    Moment {
        ms: clock.load(Ordering::Relaxed),
    }
}

#[tokio::test]
async fn redis_decides_as_memory_does_over_random_schedules() {
    let redis = Redis::start().await;
    let clock = Arc::new(AtomicI64::new(0));
    let process = Process::of(&redis, &clock).await;
    let mut refused = 0;
    for seed in 0..CASES {
        let random = &mut Random(seed);
        let limits = random.limits();
        let name = format!("tenant-{seed}");
        let (memory, shared) = (Memory::default(), &process.counted);
        // A few days before a month ends, so that days and months turn.
        clock.store(
            1_764_000_000_000 + i64::try_from(random.below(6 * 86_400_000)).unwrap(),
            Ordering::Relaxed,
        );
        let mut running = Vec::new();
        for step in 0..STEPS {
            let now = now(&clock);
            match random.below(8) {
                0..=3 => {
                    let ask = random.amount(700, 900);
                    let here = memory.reserve(&name, &limits, ask, now).await;
                    let there = shared.reserve(&name, &limits, ask, now).await;
                    assert_eq!(
                        here.as_ref().map(|reserved| reserved.standing),
                        there.as_ref().map(|reserved| reserved.standing),
                        "seed {seed}, step {step}"
                    );
                    refused += u64::from(here.is_err());
                    running.extend(here.ok().zip(there.ok()));
                }
                4..=6 => {
                    let Some((here, there)) = random.pick(&mut running) else {
                        continue;
                    };
                    let used = random.amount(900, 1000);
                    let told = memory.settle(&name, &limits, here, used, now).await;
                    let at_once = shared.settle(&name, &limits, there, used, now).await;
                    assert_eq!(at_once, [], "told later");
                    assert_eq!(told, process.tell_all().await, "seed {seed}, step {step}");
                }
                _ => {
                    let longest = if random.below(20) == 0 {
                        2 * 86_400_000
                    } else {
                        30_000
                    };
                    clock.fetch_add(i64::try_from(random.below(longest)).unwrap(), Ordering::Relaxed);
                }
            }
        }
        let now = now(&clock);
        // Redis says it with the next answer.
        let _ = shared.reserve(&name, &limits, Amount::default(), now).await;
        assert_eq!(
            memory.spent(&name, now).await,
            shared.spent(&name, now).await,
            "seed {seed}"
        );
    }
    assert!(refused > CASES, "hardly a limit was met");
}

/// Three processes, and what all of them did to one tenant.
struct Fleet {
    processes: Vec<Process>,
    clock: Arc<AtomicI64>,
    limits: Limits,
    running: Vec<(usize, Reservation)>,
    spent: i64,
    /// By how much calls took more than they had reserved.
    beyond: i64,
}

impl Fleet {
    async fn step(&mut self, random: &mut Random, name: &str, loses: bool) {
        let now = now(&self.clock);
        let which = usize::try_from(random.below(3)).unwrap();
        let process = &self.processes[which];
        match random.below(10) {
            0..=4 => {
                let ask = random.amount(700, 300);
                let reserved = process.counted.reserve(name, &self.limits, ask, now).await;
                self.running
                    .extend(reserved.ok().map(|reserved| (which, reserved)));
            }
            5 | 6 => {
                let Some((which, reserved)) = random.pick(&mut self.running) else {
                    return;
                };
                let used = random.amount(900, 330);
                self.end(name, which, reserved, used).await;
            }
            7 if loses => process.counted.link.cut(),
            8 if loses => process.come_back().await,
            _ => {
                self.clock
                    .fetch_add(i64::try_from(random.below(20_000)).unwrap(), Ordering::Relaxed);
            }
        }
    }

    async fn end(&mut self, name: &str, which: usize, reserved: Reservation, used: Amount) {
        let process = &self.processes[which];
        process
            .counted
            .settle(name, &self.limits, reserved, used, now(&self.clock))
            .await;
        // Told at once, unless there is nobody to tell.
        let _ = process.counted.settle_all().await;
        self.spent += used.cost.nanos();
        self.beyond += (used.cost.nanos() - reserved.amount.cost.nanos()).max(0);
    }

    fn check(&self, loses: bool, seed: u64) {
        if !loses && let Some(limit) = self.limits.concurrent_calls {
            assert!(
                self.running.len() as u64 <= limit,
                "seed {seed}: too many at once"
            );
        }
        for budget in [self.limits.budget_day, self.limits.budget_month]
            .into_iter()
            .flatten()
        {
            // Whoever is alone may spend a third of what it believes is left: once the budget again, for all three.
            let bound = budget.nanos() * if loses { 2 } else { 1 };
            assert!(
                self.spent <= bound + self.beyond,
                "seed {seed}: {} of {budget}",
                self.spent
            );
        }
    }
}

#[tokio::test]
async fn processes_that_lose_redis_spend_within_a_bound_and_tell_all_of_it_once() {
    let redis = Redis::start().await;
    let clock = Arc::new(AtomicI64::new(NOON));
    let mut processes = Vec::new();
    for _ in 0..3 {
        processes.push(Process::of(&redis, &clock).await);
    }
    let mut fleet = Fleet {
        processes,
        clock,
        limits: Limits::default(),
        running: Vec::new(),
        spent: 0,
        beyond: 0,
    };
    for seed in 0..CASES {
        let random = &mut Random(seed);
        let (name, loses) = (format!("tenant-{seed}"), seed % 2 == 1);
        fleet.clock.store(NOON, Ordering::Relaxed);
        (fleet.limits, fleet.spent, fleet.beyond) = (random.limits(), 0, 0);
        for _ in 0..2 * STEPS {
            fleet.step(random, &name, loses).await;
            fleet.check(loses, seed);
        }
        for process in &fleet.processes {
            process.come_back().await;
        }
        while let Some((which, reserved)) = fleet.running.pop() {
            fleet.end(&name, which, reserved, Amount::default()).await;
        }
        for process in &fleet.processes {
            // Redis says it with the next answer.
            let now = now(&fleet.clock);
            let unlimited = Limits {
                budget_day: Some(nanos(1 << 40)),
                ..Limits::default()
            };
            let asked = process
                .counted
                .reserve(&name, &unlimited, Amount::default(), now)
                .await;
            let (today, this_month) = process.counted.spent(&name, now).await;
            assert_eq!(
                (today.nanos(), this_month.nanos()),
                (fleet.spent, fleet.spent),
                "seed {seed}"
            );
            process
                .counted
                .settle(&name, &unlimited, asked.unwrap(), Amount::default(), now)
                .await;
            process.counted.settle_all().await.unwrap();
        }
        let left = process_numbers(&redis, &name).await;
        assert_eq!(left, (0, 0), "seed {seed}: nothing stays promised");
    }
}

/// Calls that run, and what is reserved for them, as Redis has it.
async fn process_numbers(redis: &Redis, name: &str) -> (i64, i64) {
    let script = redis::Script::new(
        "return {redis.call('ZCARD', KEYS[1]), tonumber(redis.call('HGET', KEYS[2], 'reserved'))}",
    );
    let mut asked = script.key(format!("{{b2x:{name}}}:calls"));
    asked.key(format!("{{b2x:{name}}}:used"));
    redis.link().await.run(&asked).await.unwrap()
}

fn spend(cost: u64) -> Amount {
    Amount {
        tokens: 0,
        cost: nanos(cost),
    }
}

#[tokio::test]
async fn a_redis_that_forgot_everything_is_told_what_was_spent_and_what_runs() {
    let redis = Redis::start().await;
    let clock = Arc::new(AtomicI64::new(NOON));
    let (one, other) = (
        Process::of(&redis, &clock).await,
        Process::of(&redis, &clock).await,
    );
    let limits = Limits {
        budget_day: Some(nanos(1000)),
        concurrent_calls: Some(6),
        ..Limits::default()
    };
    let call = async |process: &Process, cost| {
        let reserved = process
            .counted
            .reserve("t", &limits, spend(cost), now(&clock))
            .await;
        let reserved = reserved.expect("it fits");
        process
            .counted
            .settle("t", &limits, reserved, spend(cost), now(&clock))
            .await;
        let _ = process.counted.settle_all().await;
    };
    let spent = async |process: &Process| process.counted.spent("t", now(&clock)).await.0.nanos();
    call(&one, 100).await;
    call(&other, 200).await;
    // The first has not heard of the second, and calls of both run on.
    assert_eq!((spent(&one).await, spent(&other).await), (100, 300));
    let runs = one
        .counted
        .reserve("t", &limits, spend(50), now(&clock))
        .await
        .unwrap();
    one.counted.link.cut();
    other.counted.link.cut();
    clock.fetch_add(5, Ordering::Relaxed);
    redis.forget_all().await;
    call(&one, 10).await;
    call(&other, 20).await;
    one.come_back().await;
    other.come_back().await;
    let runs_too = other
        .counted
        .reserve("t", &limits, spend(60), now(&clock))
        .await
        .unwrap();
    assert_eq!(
        process_numbers(&redis, "t").await,
        (2, 110),
        "one from before and one from now"
    );
    assert_eq!(
        spent(&other).await,
        330,
        "all there was, and both that nobody had heard of"
    );
    one.counted
        .settle("t", &limits, runs, spend(50), now(&clock))
        .await;
    other
        .counted
        .settle("t", &limits, runs_too, spend(60), now(&clock))
        .await;
    one.tell_all().await;
    other.tell_all().await;
    assert_eq!(spent(&other).await, 440);
    // The word of the ledger is a floor: it is not added to what is known already.
    for (ledger, total) in [(400, 440), (500, 500)] {
        other
            .counted
            .add_spent("t", nanos(ledger), nanos(ledger), now(&clock))
            .await;
        let reserved = other
            .counted
            .reserve("t", &limits, spend(0), now(&clock))
            .await
            .unwrap();
        assert_eq!(spent(&other).await, total);
        other
            .counted
            .settle("t", &limits, reserved, spend(0), now(&clock))
            .await;
    }
}

#[tokio::test]
async fn what_was_told_and_not_confirmed_is_told_again_and_settled_once() {
    let redis = Redis::start().await;
    let clock = Arc::new(AtomicI64::new(NOON));
    let process = Process::of(&redis, &clock).await;
    let counted = &process.counted;
    let limits = Limits {
        budget_day: Some(nanos(1000)),
        tokens_per_minute: Some(100),
        ..Limits::default()
    };
    let ask = Amount {
        tokens: 60,
        cost: nanos(10),
    };
    let reserved = counted.reserve("t", &limits, ask, now(&clock)).await.unwrap();
    counted
        .settle("t", &limits, reserved, spend(7), now(&clock))
        .await;
    // Redis hears it, and its answer is lost on the way.
    let errand = counted.books().errands(1).remove(0);
    let tenant = counted.tenant("t", &limits, errand.known.clone());
    let settled = scripts::settle(&counted.link, &tenant, errand.batch, &errand.ended).await;
    assert!(settled.unwrap().done);
    counted.books().not_told(&errand);
    assert_eq!(counted.sharing().unsettled(), 1);
    counted.settle_all().await.unwrap();
    assert_eq!(
        (
            counted.spent("t", now(&clock)).await.0.nanos(),
            counted.sharing().unsettled()
        ),
        (7, 0)
    );
    // A caller that goes away while Redis is asked leaves nothing behind.
    let mut asking = Box::pin(counted.reserve("t", &limits, ask, now(&clock)));
    let answered = futures::FutureExt::now_or_never(&mut asking);
    assert!(answered.is_none(), "it waits for Redis");
    drop(asking);
    counted.settle_all().await.unwrap();
    let reserved = counted
        .reserve("t", &limits, Amount { tokens: 100, ..ask }, now(&clock))
        .await;
    assert!(reserved.is_ok(), "{reserved:?}");
    assert_eq!(process_numbers(&redis, "t").await.0, 1);
}
