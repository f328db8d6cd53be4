//! Addresses and credentials of the servers, read anew for each connection so that changed files take effect.

use std::path::{Path, PathBuf};

use redis::{ClientTlsConfig, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, TlsCertificates};

use super::login::Shown;
use super::{ClientCertificate, Config, Credential, Servers};
use crate::SetUpError;
use crate::config::Secret;

/// No file of addresses or with a password is longer.
const LONGEST_FILE_BYTES: u64 = 16 * 1024;

/// Reads where the servers are, with what they are shown: everything that a connection needs but certificates.
pub(super) fn read(config: &Config, shown: &Shown) -> Result<Vec<ConnectionInfo>, SetUpError> {
    let (field, urls) = match &config.servers {
        Servers::Urls(urls) => ("shared.urls", urls.clone()),
        Servers::File(path) => {
            let text = read_file("shared.url_file", path)?;
            let lines = text.expose().lines().map(str::trim);
            let urls = lines.filter(|line| !line.is_empty()).map(Secret::new).collect();
            ("shared.url_file", urls)
        }
    };
    if urls.is_empty() {
        return Err(wrong(
            field,
            "names no server",
            "write redis://HOST:PORT, or rediss:// for TLS",
        ));
    }
    if urls.len() > 1 && !config.cluster {
        return Err(wrong(
            field,
            "names several servers",
            "set shared.cluster = true where they are a cluster, or name one",
        ));
    }
    urls.iter().map(|url| server(field, url, config, shown)).collect()
}

/// Reads the certificates that servers are believed by, and the one that this process shows; nothing where none is named.
pub(super) fn read_certificates(config: &Config) -> Result<Option<TlsCertificates>, SetUpError> {
    let read = |field, path| read_file(field, path).map(|text| text.expose().as_bytes().to_vec());
    let root_cert = config
        .ca_file
        .as_deref()
        .map(|path| read("shared.ca_file", path))
        .transpose()?;
    let client_tls = match &config.client_certificate {
        None => None,
        Some(files) => Some(ClientTlsConfig {
            client_cert: read("shared.client_certificate_file", &files.certificate_file)?,
            client_key: read("shared.client_key_file", &files.key_file)?,
        }),
    };
    Ok(
        (root_cert.is_some() || client_tls.is_some()).then_some(TlsCertificates {
            client_tls,
            root_cert,
        }),
    )
}

/// All files that are read for a connection. Not the cluster's token: it is read whenever it is exchanged.
pub(super) fn files(config: &Config) -> Vec<PathBuf> {
    let addresses = match &config.servers {
        Servers::Urls(_) => None,
        Servers::File(path) => Some(path),
    };
    let password = match &config.credential {
        Some(Credential::PasswordFile(path)) => Some(path),
        Some(Credential::WorkloadIdentity(_)) | None => None,
    };
    let certificate = config.client_certificate.as_ref();
    let certificate = certificate.map(
        |ClientCertificate {
             certificate_file,
             key_file,
         }| [certificate_file, key_file],
    );
    addresses
        .into_iter()
        .chain(password)
        .chain(&config.ca_file)
        .chain(certificate.into_iter().flatten())
        .cloned()
        .collect()
}

fn server(
    field: &'static str,
    url: &Secret,
    config: &Config,
    shown: &Shown,
) -> Result<ConnectionInfo, SetUpError> {
    // What is wrong with it is not told: it may be a password.
    let no_address = |_| {
        wrong(
            field,
            "holds what is no address of Redis",
            "write redis://HOST:PORT",
        )
    };
    let info = url.expose().into_connection_info().map_err(no_address)?;
    let is_plain = matches!(info.addr(), ConnectionAddr::Tcp(host, _) if !is_loopback(host));
    if is_plain && matches!(config.credential, Some(Credential::WorkloadIdentity(_))) {
        return Err(wrong(
            field,
            "names another machine without TLS, and whoever is in between would have the token",
            "write rediss://: shared.allow_plaintext does not count where shared.workload_identity is set",
        ));
    }
    if is_plain && !config.allow_plaintext {
        return Err(wrong(
            field,
            "names another machine without TLS, and whoever is in between would read along",
            "write rediss://, or set shared.allow_plaintext = true in a network that you trust",
        ));
    }
    let is_certified = config.ca_file.is_some() || config.client_certificate.is_some();
    if is_certified && !matches!(info.addr(), ConnectionAddr::TcpTls { .. }) {
        return Err(wrong(
            field,
            "names a server without TLS, for which no certificate is of use",
            "write rediss://, or name no ca_file and no client_certificate_file",
        ));
    }
    let mut settings = info.redis_settings().clone();
    if let Some(username) = &shown.username {
        settings = settings.set_username(username);
    }
    if let Some(password) = &shown.password {
        settings = settings.set_password(password.expose());
    }
    Ok(info.set_redis_settings(settings))
}

/// Whether an address is this machine itself.
fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

/// Reads a small file, without the white space around what it holds.
pub(super) fn read_file(field: &'static str, path: &Path) -> Result<Secret, SetUpError> {
    let cannot = |error: std::io::Error| SetUpError {
        field,
        reason: format!("{} cannot be read: {error}", path.display()),
        fix: "name a file that this user can read",
    };
    if std::fs::metadata(path).map_err(cannot)?.len() > LONGEST_FILE_BYTES {
        return Err(wrong(
            field,
            "names a file that is too long",
            "name a file of at most 16 KiB",
        ));
    }
    let text = Secret::new(std::fs::read_to_string(path).map_err(cannot)?);
    match text.expose().trim() {
        "" => Err(wrong(field, "names an empty file", "write the value into it")),
        trimmed => Ok(Secret::new(trimmed)),
    }
}

fn wrong(field: &'static str, reason: &str, fix: &'static str) -> SetUpError {
    SetUpError {
        field,
        reason: reason.to_owned(),
        fix,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::WorkloadIdentity;
    use crate::shared::login::Login;

    fn urls(urls: &[&str]) -> Config {
        Config::new(Servers::Urls(urls.iter().copied().map(Secret::new).collect()))
    }

    /// Reads them as they are before anybody is asked for a token.
    fn read(config: &Config) -> Result<Vec<ConnectionInfo>, SetUpError> {
        super::read(config, &Login::new(config)?.at_hand()?)
    }

    fn file(text: &str) -> (tempfile::NamedTempFile, Config) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let config = Config::new(Servers::File(file.path().to_owned()));
        (file, config)
    }

    #[test]
    fn servers_come_from_the_configuration_or_a_file() {
        assert_eq!(read(&urls(&["redis://127.0.0.1:6379"])).unwrap().len(), 1);
        assert_eq!(read(&urls(&["rediss://redis.example:6380"])).unwrap().len(), 1);
        let (_file, mut config) = file("redis://[::1]:7000\n\n redis://localhost:7001 \n");
        config.cluster = true;
        assert_eq!(read(&config).unwrap().len(), 2);
    }

    #[test]
    fn credentials_come_from_the_file_and_take_the_place_of_the_address_own() {
        let (password, mut config) = file("redis://old:secret@127.0.0.1\n");
        config.username = Some("b2x".to_owned());
        config.credential = Some(Credential::PasswordFile(password.path().to_owned()));
        let info = read(&config).unwrap().remove(0);
        assert_eq!(info.redis_settings().username(), Some("b2x"));
        assert_eq!(
            info.redis_settings().password(),
            Some("redis://old:secret@127.0.0.1")
        );
    }

    #[test]
    fn what_cannot_be_reached_is_told_without_being_shown() {
        let mut cluster = urls(&["redis://10.0.0.1", "redis://10.0.0.2"]);
        let mut certified = urls(&["redis://:s3cret@127.0.0.1"]);
        certified.ca_file = Some("/nonexistent/ca.pem".into());
        let (_empty, empty) = file(" \n");
        for (config, part) in [
            (urls(&[]), "names no server"),
            (urls(&["http://s3cret@127.0.0.1"]), "no address of Redis"),
            (urls(&["redis://:s3cret@10.0.0.1:6379"]), "without TLS"),
            (cluster.clone(), "names several servers"),
            (certified, "without TLS, for which no certificate"),
            (empty, "empty file"),
            (
                Config::new(Servers::File("/nonexistent/urls".into())),
                "cannot be read",
            ),
        ] {
            let error = read(&config).unwrap_err().to_string();
            assert!(
                error.contains(part) && !error.contains("s3cret"),
                "{part} in {error}"
            );
        }
        cluster.cluster = true;
        cluster.allow_plaintext = true;
        assert_eq!(read(&cluster).unwrap().len(), 2);
        cluster.credential = Some(Credential::PasswordFile("/nonexistent/password".into()));
        let error = read(&cluster).unwrap_err().to_string();
        assert!(error.contains("shared.password_file"), "{error}");
    }

    #[test]
    fn a_token_takes_the_place_of_the_address_own_and_never_travels_in_the_clear() {
        let shown = Shown {
            username: Some("principal-1".to_owned()),
            password: Some(Secret::new("t0ken")),
        };
        let by_identity = |url: &str| Config {
            allow_plaintext: true,
            credential: Some(Credential::WorkloadIdentity(WorkloadIdentity {
                authority: "https://login.example.com/".parse().unwrap(),
                tenant_id: "tenant-1".to_owned(),
                client_id: "client-1".to_owned(),
                token_file: "/nonexistent/token".into(),
            })),
            ..urls(&[url])
        };
        for url in [
            "rediss://b2xgate.westeurope.redis.azure.net:10000",
            "redis://old:secret@127.0.0.1",
        ] {
            let info = super::read(&by_identity(url), &shown).unwrap().remove(0);
            let settings = info.redis_settings();
            assert_eq!(
                (settings.username(), settings.password()),
                (Some("principal-1"), Some("t0ken"))
            );
        }
        let error = super::read(&by_identity("redis://10.0.0.1:6379"), &shown).unwrap_err();
        assert_eq!(error.field, "shared.urls");
        assert!(
            error.reason.contains("would have the token") && error.fix.contains("rediss://"),
            "{error}"
        );
        assert!(!error.to_string().contains("t0ken"), "{error}");
    }
}
