//! Begins to keep accounts as the configuration says.

use std::sync::Arc;

use inference::Price;

use super::{Accounts, Alerts, Prices};
use crate::config::{BackendKind, Config};
use crate::shared::{Shared, SharedLimits};
use crate::store::{Begun, Journal, Writer};
use crate::tenancy::quota::{Memory, SharedState};

/// Accounts, and what wants to be ended in order, after the last call.
pub struct Kept {
    /// For whoever serves calls.
    pub accounts: Accounts,
    writer: Option<Writer>,
    limits: Option<SharedLimits>,
}

impl Kept {
    /// Tells the other processes, and the database, what they have not heard yet. Bounded in time; what the database is
    /// not there for stays in the journal.
    pub async fn finish(self) {
        let tell = async {
            if let Some(limits) = self.limits {
                limits.finish().await;
            }
        };
        let write = async {
            if let Some(writer) = self.writer {
                writer.finish().await;
            }
        };
        tokio::join!(tell, write);
    }
}

/// Opens the journal and the database, and counts with others where there are some. A database that is away holds nothing
/// up: calls are kept in the journal.
///
/// # Errors
/// Names the directory that cannot be written, unless it is the default one: then nothing is written down, which is
/// logged.
pub async fn keep(config: &Config, shared: Option<&Shared>) -> Result<Kept, String> {
    let store = &config.store;
    let journal = match &store.location {
        None => None,
        Some(_) => match Journal::open(&store.directory.join("journal"), store.journal_max_bytes) {
            Ok(journal) => Some(Arc::new(journal)),
            Err(error) => {
                let told = format!(
                    "store.directory is {}, which cannot be written: {error}; name another one, or set store.kind to \"none\"",
                    store.directory.display()
                );
                if !store.is_default_directory {
                    return Err(told);
                }
                tracing::warn!("nothing is written down of calls: {told}");
                None
            }
        },
    };
    let alerts = Alerts::default();
    let tell = alerts.clone();
    let limits = shared.map(|shared| shared.limits(Box::new(move |tenant, alert| tell.tell(tenant, alert))));
    let state: Arc<dyn SharedState> = match &limits {
        Some(limits) => limits.state(),
        None => Arc::new(Memory::default()),
    };
    let kept_with = super::Config {
        limits: Arc::clone(&config.limits),
        prices: prices(config),
        state,
        journal: journal.clone(),
    };
    let accounts = Accounts::telling(kept_with, alerts);
    let writer = match (journal, &store.location) {
        (Some(journal), Some(location)) => {
            let (writer, begun) = Writer::begin(journal, location.clone(), accounts.clone()).await;
            if let Begun::Waiting(reason) = begun {
                tracing::warn!(
                    reason,
                    "the ledger's database is away: calls are kept in the journal, and budgets begin anew"
                );
            }
            Some(writer)
        }
        _ => None,
    };
    Ok(Kept {
        accounts,
        writer,
        limits,
    })
}

/// What each chain may cost.
fn prices(config: &Config) -> Prices {
    let price = |name: &String| {
        let backend = config.backends.iter().find(|backend| backend.name == *name)?;
        Some(match &backend.kind {
            BackendKind::Azure(azure) => azure.price.clone(),
            BackendKind::OpenAi(server) => server.price.clone(),
            BackendKind::Local(_) => Price::default(),
        })
    };
    let chains = config.chains.iter();
    Prices::new(chains.map(|chain| {
        (
            chain.name.clone(),
            chain.backends.iter().filter_map(price).collect(),
        )
    }))
}
