//! Where a call comes from, as its caller says: the client program, and the trace it belongs to.

/// Longest name of a client that is kept.
const CLIENT_BYTES: usize = 80;

/// Where a call comes from. Written down, and believed in nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The client program.
    pub client: Option<String>,
    /// The trace, 32 hexadecimal digits.
    pub trace_id: Option<String>,
}

impl Origin {
    /// Takes a client's name and a `traceparent` of W3C Trace Context, if they can be read.
    pub fn new(client: Option<&str>, traceparent: Option<&str>) -> Self {
        Self {
            client: client
                .map(|name| plain(name, CLIENT_BYTES))
                .filter(|name| !name.is_empty()),
            trace_id: traceparent.and_then(trace_id),
        }
    }
}

/// A text without what would break a line or a column, cut to a length.
pub(crate) fn plain(text: &str, bytes: usize) -> String {
    let text = &text[..text.floor_char_boundary(bytes)];
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect::<String>()
        .trim()
        .to_owned()
}

fn trace_id(traceparent: &str) -> Option<String> {
    let mut parts = traceparent.split('-');
    let (version, id) = (parts.next()?, parts.next()?);
    let is_hex = |text: &str, digits| {
        text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_valid =
        is_hex(version, 2) && version != "ff" && is_hex(id, 32) && id.bytes().any(|byte| byte != b'0');
    is_valid.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_read_is_kept() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let of = |traceparent: &str| Origin::new(None, Some(traceparent)).trace_id;
        assert_eq!(of(&format!("00-{id}-00f067aa0ba902b7-01")).as_deref(), Some(id));
        for bad in [
            String::new(),
            id.to_owned(),
            format!("ff-{id}-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", id.to_uppercase()),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{}-1-01", &id[1..]),
        ] {
            assert_eq!(of(&bad), None, "{bad}");
        }
        let client = |name: &str| Origin::new(Some(name), None).client;
        assert_eq!(client("inspector\n\u{0}x").as_deref(), Some("inspector  x"));
        assert_eq!(client(" \r "), None);
        assert_eq!(client(&"ä".repeat(100)).map(|name| name.len()), Some(80));
    }
}
