//! Tests of the Azure backend against servers that play scripted bytes.

mod calls;
mod config;
pub(crate) mod connections;
mod entra;
mod refusals;

use std::{sync::Arc, time::Duration};

use super::{Api, Config, Credential, Deployment};
use crate::{
    BackendInfo, Price, Processing,
    chat_completions::tests::{FixedKey, KEY, attempt, refused, request, soon},
    resilience,
};

fn config(endpoint: &str) -> Config {
    Config {
        info: BackendInfo {
            name: "azure-test".to_owned(),
            kind: "azure",
            model: "gpt-4.1-mini".to_owned(),
            region: "swedencentral".to_owned(),
            processing: Processing::Eu,
            max_concurrency: 4,
            context_tokens: None,
            tools: true,
            price: Price::default(),
        },
        endpoint: endpoint.parse().unwrap(),
        api: Api::V1,
        deployment: "chat-small".to_owned(),
        credential: Credential::Key(Arc::new(FixedKey(Ok(KEY.to_owned())))),
        resilience: resilience::Config {
            connect_timeout: Duration::from_secs(5),
            ..Default::default()
        },
    }
}

fn deployment(endpoint: &str) -> Deployment {
    Deployment::new(config(endpoint)).unwrap()
}
