//! The matrix: each fault, over each face, for one caller, a few and a crowd.
//!
//! `CHAOS_PARALLEL` is how many cells run at once (default 2); `CHAOS_CELL` picks cells by a part of their name, which is
//! `fault | face | callers`.

use std::{io::Read as _, net::TcpListener, sync::Arc, time::Duration};

use futures::StreamExt as _;
use rustls::{
    ServerConfig, ServerConnection,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tests::{
    fake_azure::{FakeAzure, FakeAzureConfig, Stats},
    server_under_test::{ServerUnderTest, Settings},
};
use tokio::time::Instant;

use crate::{
    callers::{Caller, End, Face, Seen},
    fault_table::{CONSEQUENCES, Elsewhere, ROWS, Row, Trouble, Wanted, backend},
    report::{self, CellReport},
    seed::{self, Dice},
};

/// A word that no log may show: it stands in every prompt.
const SECRET_WORD: &str = "Quillwort";
/// Callers at once that a deployment takes by default.
const PLACES: usize = 64;
/// How long a slot of the local model may look busy after its answer has ended.
const FREED_WITHIN: Duration = Duration::from_secs(5);
/// How long Azure may take to be first again. Its breaker is shut for 30 s at most.
const RECOVERY_LIMIT: Duration = Duration::from_secs(36);

const FACES: [(Face, &[usize]); 3] = [
    // A crowd of tools asks much of a local model, and nothing that `/v1` does not.
    (Face::Tool, &[1, 32]),
    (Face::Chat, &[1, 32, 256]),
    (Face::ChatStream, &[1, 32, 256]),
];

#[derive(Clone, Copy)]
struct Cell {
    row: &'static Row,
    face: Face,
    callers: usize,
}

impl Cell {
    fn name(&self) -> String {
        format!("{} | {} | {}", self.row.name, self.face.name(), self.callers)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_over_every_face_for_one_few_and_many() {
    let seed = seed::seed();
    println!("CHAOS_SEED={seed}");
    let chosen = std::env::var("CHAOS_CELL").unwrap_or_default();
    let cells: Vec<Cell> = cells().filter(|cell| cell.name().contains(&chosen)).collect();
    assert!(!cells.is_empty(), "CHAOS_CELL={chosen} names no cell");
    let at_once = seed::read("CHAOS_PARALLEL")
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or(2);
    let complaints: Vec<String> = futures::stream::iter(&cells)
        .map(|cell| run(cell, seed))
        .buffer_unordered(at_once.max(1))
        .flat_map(futures::stream::iter)
        .collect()
        .await;
    println!("{} cells", cells.len());
    assert!(
        complaints.is_empty(),
        "CHAOS_SEED={seed}\n{}",
        complaints.join("\n")
    );
}

fn cells() -> impl Iterator<Item = Cell> {
    ROWS.iter().flat_map(|row| {
        FACES.iter().flat_map(move |(face, sizes)| {
            let cell = |callers: &usize| Cell {
                row,
                face: *face,
                callers: *callers,
            };
            sizes.iter().map(cell)
        })
    })
}

/// Plays one cell, and gives what is wrong with it.
async fn run(cell: &Cell, seed: u64) -> Vec<String> {
    let mut dice = Dice::of(seed, &cell.name());
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    let elsewhere = match cell.row.trouble {
        Trouble::Elsewhere(place) => Some(endpoint_of(place)),
        _ => None,
    };
    let settings = Settings::default()
        .with_azure(&fake, &backend(elsewhere))
        .with_local()
        // How long a crowd waits for a local model is this machine's affair, and no fault's.
        .queue("deadline = \"70s\"");
    let server = ServerUnderTest::start(&settings).await;
    cell.row.strike(&fake, &mut dice).await;
    let calls = crowd(&server, cell, &mut dice).await;

    let mut complaints = Vec::new();
    let stats = fake.stats();
    check_ends(cell, &calls, &mut complaints);
    check_attempts(cell, &calls, &stats, &mut complaints);
    check_accounts(&server, cell, &calls, &mut complaints).await;
    check_secrets(&server, &fake, &mut complaints);
    let report = CellReport::of(cell.row.name, cell.face, cell.callers, &calls);
    let mut report = report.count(&fake, &server.metrics().await);
    cell.row.mend(&fake).await;
    check_afterwards(&server, cell, &mut complaints).await;
    if report::is_wanted() && cell.face == Face::Tool && cell.callers == 32 && cell.row.wanted.is_answer() {
        report.recovery_ms = recovery(&server, cell.face).await.map(|took| took.as_millis());
    }
    report.write();
    complaints
        .iter()
        .map(|complaint| format!("{}: {complaint}", cell.name()))
        .collect()
}

/// Lets every caller make one call, all within a moment.
async fn crowd(server: &ServerUnderTest, cell: &Cell, dice: &mut Dice) -> Vec<Seen> {
    // One client for all: it opens a connection for each call that is under way, and making clients is slow.
    let caller = &Caller::new(server, cell.face);
    let calls = (0..cell.callers).map(|_| {
        let text = format!("{SECRET_WORD}: {}", seed::ticket(dice));
        let pause = dice.pause(Duration::from_millis(50));
        async move {
            tokio::time::sleep(pause).await;
            caller.call(&text).await
        }
    });
    futures::future::join_all(calls.collect::<Vec<_>>()).await
}

/// Each call ended as the table says, and says who answered and why.
fn check_ends(cell: &Cell, seen: &[Seen], complaints: &mut Vec<String>) {
    let crowded = cell.callers > PLACES;
    let told = |reason: &Option<String>, why: &str| {
        let reason = reason.as_deref().unwrap_or("none");
        reason == why || CONSEQUENCES.contains(&reason)
    };
    let right = |end: &End| match (cell.row.wanted, end) {
        (Wanted::Failed(code), End::Failed(told)) => code == told,
        (Wanted::Azure | Wanted::Either(_), End::Answered(answer)) if !answer.degraded => {
            answer.backend == "azure" && answer.reason.is_none()
        }
        // When every place of Azure is taken, the local model's free ones are used: these calls never see the fault.
        (Wanted::Azure | Wanted::Failed(_), End::Answered(answer)) => {
            crowded
                && answer.degraded
                && answer.backend == "local"
                && answer.reason.as_deref() == Some("busy")
        }
        (Wanted::Local(why) | Wanted::Either(why), End::Answered(answer)) => {
            answer.degraded && answer.backend == "local" && told(&answer.reason, why)
        }
        _ => false,
    };
    let wrong: Vec<&End> = seen
        .iter()
        .map(|seen| &seen.end)
        .filter(|end| !right(end))
        .collect();
    if let Some(first) = wrong.first() {
        complaints.push(format!(
            "{} of {} calls ended otherwise than {:?}, the first: {first:?}",
            wrong.len(),
            seen.len(),
            cell.row.wanted
        ));
    }
}

/// Nobody hammers: what would fail again is sent once, anything else twice at most.
fn check_attempts(cell: &Cell, seen: &[Seen], stats: &Stats, complaints: &mut Vec<String>) {
    let again = matches!(
        cell.row.wanted,
        Wanted::Local("server_error" | "connection_broken" | "throttled" | "unreachable") | Wanted::Either(_)
    );
    let most = cell.callers * if again { 2 } else { 1 };
    if stats.requests > most as u64 {
        complaints.push(format!(
            "{} requests upstream for {} calls",
            stats.requests, cell.callers
        ));
    }
    let attempts = seen.iter().filter_map(Seen::answer).map(|answer| answer.attempts);
    let worst = attempts.max().unwrap_or(0);
    if worst > 3 {
        complaints.push(format!("a call made {worst} attempts"));
    }
}

/// Every call is in one place, nothing runs or waits any more, and the server is ready all the while.
async fn check_accounts(server: &ServerUnderTest, cell: &Cell, seen: &[Seen], complaints: &mut Vec<String>) {
    let ready = tests::http_client().get(server.url("/health/ready")).send().await;
    if !ready.is_ok_and(|answer| answer.status().is_success()) {
        complaints.push("not ready, though the local model can answer".to_owned());
    }
    let metrics = server.metrics().await;
    complaints.extend(metrics.check_equation().err());
    // The engine frees a slot a moment after it handed over the last token.
    let freed = async || (server.metrics().await.sum("llm_local_slots_busy", &[]) < 1.0).then_some(());
    tests::eventually(
        &format!("{}: every slot is free", cell.name()),
        FREED_WITHIN,
        freed,
    )
    .await;
    let whole = |name: &str| metrics.sum(name, &[]).round();
    for (name, wanted) in [
        ("mcp_admitted_total", seen.len()),
        ("mcp_requests_running", 0),
        ("mcp_queue_depth", 0),
    ] {
        if whole(name).to_string() != wanted.to_string() {
            complaints.push(format!("{name} is {}, not {wanted}", whole(name)));
        }
    }
}

fn check_secrets(server: &ServerUnderTest, fake: &FakeAzure, complaints: &mut Vec<String>) {
    let log = server.log();
    for secret in [SECRET_WORD, fake.api_key()] {
        if let Some(line) = log.lines().find(|line| line.contains(secret)) {
            complaints.push(format!("the log shows what it must not: {line}"));
        }
    }
}

/// Once the fault is over, a call is answered by somebody: no place is lost.
async fn check_afterwards(server: &ServerUnderTest, cell: &Cell, complaints: &mut Vec<String>) {
    let after = Caller::new(server, cell.face).call("Where is my parcel?").await;
    if after.answer().is_none() {
        complaints.push(format!("the call after the fault: {:?}", after.end));
    }
    complaints.extend(server.metrics().await.check_equation().err());
}

/// How long Azure takes to be first again, now that its fault is over; `None` where that is beyond the limit.
async fn recovery(server: &ServerUnderTest, face: Face) -> Option<Duration> {
    let over = Instant::now();
    let caller = Caller::new(server, face);
    while over.elapsed() < RECOVERY_LIMIT {
        let seen = caller.call("Where is my parcel?").await;
        if seen.answer().is_some_and(|answer| answer.backend == "azure") {
            return Some(over.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    None
}

/// An endpoint where no Azure is. Its threads end with the test program.
fn endpoint_of(place: Elsewhere) -> String {
    if matches!(place, Elsewhere::NoName) {
        return "https://nowhere.invalid".to_owned();
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for mut connection in listener.incoming().flatten() {
            match place {
                Elsewhere::NoName => {}
                Elsewhere::NoHandshake => kept.push(connection),
                Elsewhere::NoTls => {
                    let _ = connection.read(&mut [0; 4096]);
                }
                Elsewhere::Untrusted => {
                    let mut tls = ServerConnection::new(untrusted()).expect("the certificate fits its key");
                    // The client breaks off, which is the point.
                    let _ = tls.complete_io(&mut connection);
                }
            }
        }
    });
    format!("https://{address}")
}

/// TLS with a certificate that no authority signed.
fn untrusted() -> Arc<ServerConfig> {
    let certificate = include_bytes!("../../inference/src/azure/tests/tls/certificate.der");
    let key = include_bytes!("../../inference/src/azure/tests/tls/key.der");
    let key = PrivateKeyDer::try_from(&key[..]).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions that the provider has")
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(&certificate[..])], key);
    Arc::new(config.expect("the certificate fits its key"))
}

/// The table itself: a row that is named twice could not be told apart.
#[test]
fn rows_have_names_of_their_own() {
    for (index, row) in ROWS.iter().enumerate() {
        assert!(
            ROWS[..index].iter().all(|earlier| earlier.name != row.name),
            "{}",
            row.name
        );
    }
}
