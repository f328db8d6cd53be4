//! Where a call comes from: the client program, as its caller says, and the trace it belongs to.

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
    /// Takes a client's name, if it can be read, and a trace.
    pub fn new(client: Option<&str>, trace_id: Option<String>) -> Self {
        Self {
            client: client
                .map(|name| plain(name, CLIENT_BYTES))
                .filter(|name| !name.is_empty()),
            trace_id,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_read_is_kept() {
        let client = |name: &str| Origin::new(Some(name), None).client;
        assert_eq!(client("inspector\n\u{0}x").as_deref(), Some("inspector  x"));
        assert_eq!(client(" \r "), None);
        assert_eq!(client(&"ä".repeat(100)).map(|name| name.len()), Some(80));
    }
}
