//! Who calls: the principal behind a request, and the tenant it acts for.

mod rules;

use std::sync::Arc;

pub use rules::{DATA_CLASSES, RESIDENCIES, TenantRules, named};

/// Who makes a call, established anew for every request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    tenant: Arc<str>,
    subject: Arc<str>,
}

impl Principal {
    /// The one principal there is while no authentication is configured. Only servers bound to a
    /// loopback address, and stdio, admit it.
    pub fn development() -> Self {
        Self {
            tenant: "development".into(),
            subject: "anonymous".into(),
        }
    }

    /// The tenant it acts for.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The tenant's name, to be kept.
    pub fn tenant_key(&self) -> Arc<str> {
        Arc::clone(&self.tenant)
    }

    /// The person or machine, unique within its tenant.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    #[cfg(test)]
    pub(crate) fn for_test(subject: &str) -> Self {
        Self {
            tenant: "test".into(),
            subject: subject.into(),
        }
    }
}
