//! The list of models: the names of the chains that callers may ask for.

use serde::Serialize;

use super::errors::Error;

/// Names in errors are cut to this: callers choose the length.
const NAME_BYTES_MAX: usize = 80;

/// What callers may ask for.
pub(super) struct Models {
    names: Vec<String>,
    /// Since when there are these: the start of this process, in seconds since 1970.
    since: u64,
}

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<Model<'a>>,
}

#[derive(Serialize)]
struct Model<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    owned_by: &'static str,
}

impl Models {
    pub(super) fn new(names: Vec<String>, since: u64) -> Self {
        Self { names, since }
    }

    /// Fails when nobody has this name.
    pub(super) fn check(&self, name: &str) -> Result<(), Error> {
        if self.names.iter().any(|known| known == name) {
            return Ok(());
        }
        Err(Error::ModelNotFound {
            name: name[..name.floor_char_boundary(NAME_BYTES_MAX)].to_owned(),
            known: self.names.clone(),
        })
    }

    /// All of them, as JSON.
    pub(super) fn list(&self) -> Vec<u8> {
        let list = List {
            object: "list",
            data: self.names.iter().map(|name| self.describe(name)).collect(),
        };
        // Strings and numbers: this cannot fail.
        serde_json::to_vec(&list).unwrap_or_default()
    }

    /// One of them, as JSON.
    pub(super) fn show(&self, name: &str) -> Result<Vec<u8>, Error> {
        self.check(name)?;
        Ok(serde_json::to_vec(&self.describe(name)).unwrap_or_default())
    }

    fn describe<'a>(&self, id: &'a str) -> Model<'a> {
        Model {
            id,
            object: "model",
            created: self.since,
            owned_by: "b2xgate",
        }
    }
}
