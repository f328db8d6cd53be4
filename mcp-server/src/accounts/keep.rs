//! Begins to keep accounts as the configuration says.

use std::sync::Arc;

use inference::Price;

use super::{Accounts, Prices};
use crate::config::{BackendKind, Config};
use crate::store::{Begun, Journal, Writer};
use crate::tenancy::quota::Memory;

/// Accounts, and the task that carries them into the database; it wants to be ended in order.
pub struct Kept {
    /// For whoever serves calls.
    pub accounts: Accounts,
    /// Ends after the last call.
    pub writer: Option<Writer>,
}

/// Opens the journal and the database. A database that is away holds nothing up: calls are kept in the journal.
///
/// # Errors
/// Names the directory that cannot be written, unless it is the default one: then nothing is written down, which is
/// logged.
pub async fn keep(config: &Config) -> Result<Kept, String> {
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
    let accounts = Accounts::new(super::Config {
        limits: Arc::clone(&config.limits),
        prices: prices(config),
        state: Arc::new(Memory::default()),
        journal: journal.clone(),
    });
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
    Ok(Kept { accounts, writer })
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
