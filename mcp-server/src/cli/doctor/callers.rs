//! Doctor's look at how callers show who they are: files, issuers, and whether the clocks agree.

use std::time::{Duration, SystemTime};

use super::Check;
use crate::config::Config;
use crate::tenancy::{Authenticator, issuer::Fetched};

pub(super) async fn examine(config: &Config) -> Vec<Check> {
    let auth = &config.auth;
    let mut checks = Vec::new();
    if let Err(error) = crate::http::check_tls(&config.http) {
        checks.push(Check::bad(
            "TLS",
            format!("{} {}", error.field, error.reason),
            error.fix,
        ));
    } else if config.http.tls.is_some() {
        checks.push(Check::good("TLS", "certificate and key belong together"));
    }
    if !auth.is_configured() {
        checks.push(Check::good(
            "callers",
            "nobody is asked who they are; loopback only",
        ));
        return checks;
    }
    let authenticator = match Authenticator::new(auth.clone()) {
        Ok(authenticator) => authenticator,
        Err(error) => {
            checks.push(Check::bad(
                "callers",
                format!("{} {}", error.field, error.reason),
                error.fix,
            ));
            return checks;
        }
    };
    checks.extend(authenticator.api_keys().map(|count| {
        let found = format!("{count} in the file");
        if count == 0 {
            Check::warning("API keys", found, "make one with `mcp-server tenant key add`")
        } else {
            Check::good("API keys", found)
        }
    }));
    let skew = auth.jwt.as_ref().map_or(Duration::ZERO, |jwt| jwt.clock_skew);
    for (issuer, fetched) in authenticator.probe().await {
        checks.push(judge(&issuer, fetched, skew, SystemTime::now()));
    }
    if !config.http.listen.ip().is_loopback() && config.http.allowed_hosts.is_empty() {
        let found = "server.allowed_hosts is empty: requests to any name but localhost are refused";
        checks.push(Check::warning("hosts", found, "add the name that clients use"));
    }
    checks
}

fn judge(issuer: &str, fetched: Result<Fetched, String>, skew: Duration, now: SystemTime) -> Check {
    let what = format!("issuer {issuer}");
    let Fetched { keys, date } = match fetched {
        Ok(fetched) => fetched,
        Err(reason) => {
            let fix = "correct `jwks_url`, name its authority in `ca_file`, or let this machine reach it";
            return Check::bad(what, format!("its keys cannot be fetched: {reason}"), fix);
        }
    };
    let apart = date.map(|date| now.duration_since(date).unwrap_or_else(|early| early.duration()));
    // The header tells whole seconds, and was on its way for a moment.
    match apart.filter(|apart| *apart > skew + Duration::from_secs(2)) {
        Some(apart) => Check::warning(
            what,
            format!("{keys} keys; its clock and ours are {} s apart", apart.as_secs()),
            "set the clock of this machine, or raise `auth.jwt.clock_skew`",
        ),
        None => Check::good(what, format!("{keys} keys")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn an_issuer_is_judged_by_its_keys_and_its_clock() {
        let now = SystemTime::now();
        let at = |seconds: i64| {
            let apart = Duration::from_secs(seconds.unsigned_abs());
            let date = if seconds < 0 { now - apart } else { now + apart };
            Ok(Fetched {
                keys: 2,
                date: Some(date),
            })
        };
        for (fetched, status) in [
            (at(0), Status::Good),
            (at(30), Status::Good),
            (at(-40), Status::Warning),
            (at(40), Status::Warning),
            (Ok(Fetched { keys: 1, date: None }), Status::Good),
            (Err("HTTP 500".to_owned()), Status::Bad),
        ] {
            let check = judge("https://i", fetched, Duration::from_secs(30), now);
            assert_eq!(check.status, status, "{check:?}");
        }
    }
}
