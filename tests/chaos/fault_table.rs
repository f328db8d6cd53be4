//! The table of faults: what goes wrong with Azure, how it is brought about, and what a caller is to get.

use tests::{
    fake_azure::{FakeAzure, Outage, Rule, Schedule},
    server_under_test::AzureBackend,
};

use crate::seed::Dice;

/// One way to fail.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// As reports call it.
    pub(crate) name: &'static str,
    pub(crate) trouble: Trouble,
    pub(crate) wanted: Wanted,
}

/// How a fault is brought about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trouble {
    /// In the fake's language; `{}` is a number of chunks, thrown anew for each cell.
    Each(&'static str),
    /// The same, for half of the requests, thrown by the seed.
    Half(&'static str),
    /// The whole fake is away.
    Away(Outage),
    /// Another endpoint than the fake's.
    Elsewhere(Elsewhere),
}

/// An endpoint where no Azure is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Elsewhere {
    /// A name that does not resolve.
    NoName,
    /// A port that speaks no TLS.
    NoTls,
    /// A certificate that nobody vouches for.
    Untrusted,
    /// A port that accepts and says nothing, so that the handshake never ends.
    NoHandshake,
}

/// What a caller is to get.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted {
    /// Azure's answer.
    Azure,
    /// The local model's answer, for this reason or because of what the reason led to.
    Local(&'static str),
    /// Either; where local, for this reason or what it led to.
    Either(&'static str),
    /// This error, from nobody else.
    Failed(&'static str),
}

impl Wanted {
    /// Whether a call is to end with an answer.
    pub(crate) fn is_answer(self) -> bool {
        !matches!(self, Self::Failed(_))
    }
}

const fn row(name: &'static str, trouble: Trouble, wanted: Wanted) -> Row {
    Row {
        name,
        trouble,
        wanted,
    }
}

use Trouble::{Away, Each, Half};
use Wanted::{Azure, Either, Failed, Local};

/// Every row of the classification, and every stage at which a connection can fail.
pub(crate) const ROWS: &[Row] = &[
    row("no fault", Each("delay=1"), Azure),
    // Verdicts about the request: nobody else is asked.
    row(
        "400 content_filter",
        Each("filter-prompt"),
        Failed("content_filtered"),
    ),
    row(
        "200 finish_reason content_filter",
        Each("filter-answer"),
        Failed("content_filtered"),
    ),
    // Unfiltered text is no answer.
    row(
        "200 content_filter_error",
        Each("filter-error"),
        Failed("content_filtered"),
    ),
    row(
        "400 other",
        Each("status=400;code=invalid_value"),
        Failed("request_rejected"),
    ),
    row("413", Each("status=413"), Failed("request_rejected")),
    row("422", Each("status=422"), Failed("request_rejected")),
    // A larger window may serve it.
    row(
        "400 context_length_exceeded",
        Each("status=400;code=context_length_exceeded"),
        Local("context_length_exceeded"),
    ),
    // Credentials and names.
    row("401", Each("status=401"), Local("credential_refused")),
    row("403", Each("status=403"), Local("credential_refused")),
    row(
        "404 DeploymentNotFound",
        Each("status=404"),
        Local("deployment_not_found"),
    ),
    // Throttling.
    row(
        "429 retry-after 1 s",
        Each("status=429;retry-after=1"),
        Local("throttled"),
    ),
    row(
        "429 retry-after 30 s",
        Each("status=429;retry-after=30"),
        Local("throttled"),
    ),
    row(
        "429 retry-after 1 day",
        Each("status=429;retry-after=86400"),
        Local("throttled"),
    ),
    row("429 without a hint", Each("status=429"), Local("throttled")),
    row(
        "429 insufficient_quota",
        Each("status=429;code=insufficient_quota"),
        Local("quota_exhausted"),
    ),
    // Failures of the service.
    row("408", Each("status=408"), Local("server_error")),
    row("409", Each("status=409"), Local("server_error")),
    row("500", Each("status=500"), Local("server_error")),
    row("502", Each("status=502"), Local("server_error")),
    row("503", Each("status=503"), Local("server_error")),
    row(
        "503 retry-after 20 s",
        Each("status=503;retry-after=20"),
        Local("server_error"),
    ),
    row("504", Each("status=504"), Local("server_error")),
    row("half of all 500", Half("status=500"), Either("server_error")),
    // Connections.
    row("connection refused", Away(Outage::Refuse), Local("unreachable")),
    row(
        "closed on accept",
        Away(Outage::Close),
        Local("connection_broken"),
    ),
    row(
        "name does not resolve",
        Trouble::Elsewhere(Elsewhere::NoName),
        Local("unreachable"),
    ),
    row(
        "no TLS",
        Trouble::Elsewhere(Elsewhere::NoTls),
        Local("unreachable"),
    ),
    row(
        "handshake never ends",
        Trouble::Elsewhere(Elsewhere::NoHandshake),
        Local("unreachable"),
    ),
    row(
        "certificate not trusted",
        Trouble::Elsewhere(Elsewhere::Untrusted),
        Local("certificate_invalid"),
    ),
    row("reset before the head", Each("reset"), Local("connection_broken")),
    row(
        "closed before the head",
        Each("close"),
        Local("connection_broken"),
    ),
    row(
        "reset within the body",
        Each("reset={}"),
        Local("connection_broken"),
    ),
    row(
        "closed within the body",
        Each("close={}"),
        Local("connection_broken"),
    ),
    row("half of all reset", Half("reset={}"), Either("connection_broken")),
    // Slowness.
    row(
        "silent: accepts, never answers",
        Away(Outage::Silent),
        Local("timeout"),
    ),
    row("head, then nothing", Each("stall=0"), Local("timeout")),
    row("stall within the body", Each("stall={}"), Local("timeout")),
    row("slow head, within the limit", Each("delay=300"), Azure),
    row("slow first byte, within the limit", Each("first-byte=300"), Azure),
    row(
        "slow head, beyond the limit",
        Each("delay=30000"),
        Local("timeout"),
    ),
    // Streams that break the protocol.
    row(
        "end without finish reason",
        Each("cut={}"),
        Local("malformed_stream"),
    ),
    row("one malformed line", Each("malformed={}"), Azure),
    row("garbage", Each("garbage={}"), Local("malformed_stream")),
    row("no [DONE]", Each("no-done"), Azure),
    row("no usage", Each("no-usage"), Azure),
    row("bytes in fragments", Each("fragment"), Azure),
];

/// Codes that a failing Azure leads to for later calls, besides its own.
pub(crate) const CONSEQUENCES: [&str; 3] = ["circuit_open", "throttled", "busy"];

/// The backend to configure. Short waits: silence is met within the test's patience.
pub(crate) fn backend(elsewhere: Option<String>) -> AzureBackend {
    AzureBackend {
        endpoint: elsewhere,
        resilience: "[backends.resilience]\nconnect_timeout = \"1s\"\nfirst_byte_timeout = \"3s\"\nidle_timeout = \"3s\"\n"
            .to_owned(),
        ..AzureBackend::default()
    }
}

impl Row {
    /// Brings the fault about.
    pub(crate) async fn strike(&self, fake: &FakeAzure, dice: &mut Dice) {
        match self.trouble {
            Each(words) => add(fake, words, dice, Schedule::Always),
            Half(words) => {
                let seed = dice.below(u64::MAX);
                let chance = Schedule::Chance {
                    probability: 0.5,
                    seed,
                };
                add(fake, words, dice, chance);
            }
            Away(outage) => fake.set_outage(Some(outage)).await.expect("it goes away"),
            Trouble::Elsewhere(_) => {}
        }
    }

    /// Ends the fault.
    pub(crate) async fn mend(&self, fake: &FakeAzure) {
        fake.faults().clear();
        if matches!(self.trouble, Away(_)) {
            fake.resume().await.expect("it comes back");
        }
    }
}

fn add(fake: &FakeAzure, words: &str, dice: &mut Dice, schedule: Schedule) {
    // The shortest answer of the fake has more chunks than that.
    let words = words.replace("{}", &(1 + dice.below(6)).to_string());
    fake.faults().add(Rule {
        fault: words.parse().expect("the table speaks the fake's language"),
        deployment: None,
        schedule,
    });
}
