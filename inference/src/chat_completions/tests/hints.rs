//! Every form in which Azure says how long to wait.

use std::time::{Duration, SystemTime};

use http::header::{HeaderMap, HeaderName};

use super::super::hint::{retry_after, throttle};

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
        .collect()
}

type Row = (&'static [(&'static str, &'static str)], Option<Duration>);

#[test]
fn reads_each_form_of_hint() {
    let now = httpdate::parse_http_date("Mon, 23 Nov 2026 09:00:00 GMT").unwrap();
    let day = Duration::from_hours(24);
    let seconds = Duration::from_secs;
    let table: Vec<Row> = vec![
        (&[], None),
        (&[("retry-after-ms", "250")], Some(Duration::from_millis(250))),
        (
            &[("retry-after-ms", "1500.5"), ("retry-after", "9")],
            Some(Duration::from_micros(1_500_500)),
        ),
        (
            &[("retry-after-ms", "soon"), ("retry-after", "9")],
            Some(seconds(9)),
        ),
        (&[("retry-after", " 7 ")], Some(seconds(7))),
        (&[("retry-after", "0")], Some(Duration::ZERO)),
        (&[("retry-after", "0.25")], Some(Duration::from_millis(250))),
        (&[("retry-after", "-1")], None),
        (&[("retry-after", "")], None),
        (&[("retry-after", "inf")], None),
        (&[("retry-after", "1e9")], None),
        (&[("retry-after", ".")], None),
        (&[("retry-after", "86401")], Some(day)),
        (&[("retry-after", "99999999999999999999999999")], Some(day)),
        (
            &[("retry-after", "Mon, 23 Nov 2026 09:00:30 GMT")],
            Some(seconds(30)),
        ),
        (
            &[("retry-after", "Mon, 23 Nov 2026 08:00:00 GMT")],
            Some(Duration::ZERO),
        ),
        (&[("retry-after", "Fri, 23 Nov 2096 09:00:00 GMT")], Some(day)),
        (
            &[
                ("retry-after", "Mon, 23 Nov 2026 12:00:10 GMT"),
                ("date", "Mon, 23 Nov 2026 12:00:00 GMT"),
            ],
            Some(seconds(10)),
        ),
        (&[("retry-after", "Mon, 99 Nov 2026")], None),
        (
            &[
                ("x-ratelimit-remaining-tokens", "0"),
                ("x-ratelimit-reset-tokens", "26s"),
            ],
            Some(seconds(26)),
        ),
        (
            &[
                ("x-ratelimit-remaining-tokens", "5"),
                ("x-ratelimit-reset-tokens", "26s"),
            ],
            None,
        ),
        (&[("x-ratelimit-reset-tokens", "26s")], None),
        (&[("x-ratelimit-remaining-tokens", "0")], None),
        (
            &[
                ("x-ratelimit-remaining-tokens", "0"),
                ("x-ratelimit-reset-tokens", "1m30.5s"),
                ("x-ratelimit-remaining-requests", "-1"),
                ("x-ratelimit-reset-requests", "12"),
            ],
            Some(Duration::from_millis(90_500)),
        ),
        (
            &[
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", "250ms"),
            ],
            Some(Duration::from_millis(250)),
        ),
        (
            &[
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", "2h0m1s"),
            ],
            Some(seconds(7201)),
        ),
        (
            &[
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", "9d"),
            ],
            Some(day),
        ),
        (
            &[
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", "5x"),
            ],
            None,
        ),
        (
            &[
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", "s"),
            ],
            None,
        ),
        (
            &[
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", ""),
            ],
            None,
        ),
    ];
    for (pairs, expected) in table {
        let wait = throttle(&headers(pairs), now);
        // Fractions go through floating point.
        let close = |expected| wait.is_some_and(|wait| wait.abs_diff(expected) < Duration::from_micros(10));
        assert!(expected.map_or(wait.is_none(), close), "{pairs:?}: {wait:?}");
    }
}

#[test]
fn limits_say_nothing_about_a_server_error() {
    let exhausted = headers(&[
        ("x-ratelimit-remaining-tokens", "0"),
        ("x-ratelimit-reset-tokens", "26s"),
    ]);
    assert_eq!(retry_after(&exhausted, SystemTime::UNIX_EPOCH), None);
}
