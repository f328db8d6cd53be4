//! How PostgreSQL is logged in to: a URL, and files that are read again for each new login, since whoever rotates secrets
//! replaces them.

use std::path::{Path, PathBuf};

use url::Url;

use super::Error;
use crate::config::Secret;

/// Where PostgreSQL is, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// A file that holds all of it: `postgres://user:password@host/name`.
    UrlFile(PathBuf),
    /// The URL without a password, and files with what Vault's database engine hands out.
    Account {
        /// `postgres://host/name`, with the user where there is no file of it.
        url: Url,
        /// Holds the user.
        username_file: Option<PathBuf>,
        /// Holds the password.
        password_file: PathBuf,
    },
}

impl Login {
    /// Whether a URL is one of PostgreSQL.
    pub fn is_url(url: &Url) -> bool {
        matches!(url.scheme(), "postgres" | "postgresql")
    }

    /// The whole URL, by what the files hold now.
    pub(super) fn url(&self) -> Result<Secret, Error> {
        match self {
            Self::UrlFile(file) => read_url(file),
            Self::Account {
                url,
                username_file,
                password_file,
            } => {
                let mut url = url.clone();
                if let Some(file) = username_file {
                    let username = read_line(file, "user")?;
                    // Fails where there is no host, which `postgres://` URLs may lack: nobody is logged in there.
                    url.set_username(&escaped(&username))
                        .map_err(|()| part(file, "user", "belongs to a URL without a host"))?;
                }
                let password = Secret::new(read_line(password_file, "password")?);
                url.set_password(Some(&escaped(password.expose())))
                    .map_err(|()| part(password_file, "password", "belongs to a URL without a host"))?;
                Ok(Secret::new(url))
            }
        }
    }
}

fn read_url(file: &Path) -> Result<Secret, Error> {
    let wrong = |reason: String| Error::Url {
        file: file.to_owned(),
        reason,
    };
    let text = std::fs::read_to_string(file).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let text = Secret::new(text);
    let url = text.expose().trim();
    // What it holds is a credential: it is not shown.
    match Url::parse(url) {
        Ok(parsed) if Login::is_url(&parsed) => Ok(Secret::new(url)),
        Ok(_) | Err(_) => Err(wrong("does not hold a URL of PostgreSQL".to_owned())),
    }
}

/// `Url` escapes what would end a user or a password, but takes a per cent sign for an escape that is there already.
fn escaped(text: &str) -> String {
    text.replace('%', "%25")
}

/// The one line of a file.
fn read_line(file: &Path, what: &'static str) -> Result<String, Error> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| part(file, what, &format!("cannot be read: {error}")))?;
    let text = Secret::new(text);
    match text.expose().trim() {
        "" => Err(part(file, what, "is empty")),
        line if line.contains('\n') => Err(part(file, what, "holds several lines")),
        line => Ok(line.to_owned()),
    }
}

fn part(file: &Path, what: &'static str, reason: &str) -> Error {
    Error::Login {
        file: file.to_owned(),
        what,
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(folder: &Path, username: Option<&str>, url: &str) -> Login {
        Login::Account {
            url: Url::parse(url).unwrap(),
            username_file: username.map(|name| folder.join(name)),
            password_file: folder.join("password"),
        }
    }

    #[test]
    fn files_are_put_into_the_url_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("username", "v-kubernetes-1\n");
        write("password", "a/b@c:d%41\n");
        let login = account(
            folder.path(),
            Some("username"),
            "postgres://db:5432/ledger?sslmode=require",
        );
        assert_eq!(
            login.url().unwrap().expose(),
            "postgres://v-kubernetes-1:a%2Fb%40c%3Ad%2541@db:5432/ledger?sslmode=require"
        );
        write("username", "v-kubernetes-2");
        write("password", "new");
        assert!(
            login
                .url()
                .unwrap()
                .expose()
                .starts_with("postgres://v-kubernetes-2:new@db")
        );
        let named = account(folder.path(), None, "postgres://gate@db/ledger");
        assert_eq!(named.url().unwrap().expose(), "postgres://gate:new@db/ledger");
    }

    #[test]
    fn a_file_that_is_of_no_use_is_named_and_its_content_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let login = account(folder.path(), Some("username"), "postgres://db/ledger");
        let missing = login.url().unwrap_err().to_string();
        assert!(missing.contains("username cannot be read"), "{missing}");
        for (username, password, told) in [
            ("", "s3cret", "username is empty"),
            ("gate", " \n", "password is empty"),
            ("gate", "s3cret\ns3cret", "password holds several lines"),
        ] {
            std::fs::write(folder.path().join("username"), username).unwrap();
            std::fs::write(folder.path().join("password"), password).unwrap();
            let error = login.url().unwrap_err().to_string();
            assert!(error.contains(told) && !error.contains("s3cret"), "{error}");
        }
    }
}
