//! What tokens stand for and what they are for: two hundred thousand of them, so without an allocation each.

use super::{Role, bpe::unmap_bytes, sentencepiece};

/// All tokens of a vocabulary.
pub(super) struct Tokens {
    /// Of all tokens, one behind the other.
    bytes: Vec<u8>,
    /// Where those of each token end.
    ends: Vec<usize>,
    roles: Vec<Role>,
}

impl Tokens {
    /// From their spellings and kinds, as a file has them.
    pub(super) fn new(spellings: &[String], kinds: &[i64], byte_level: bool) -> Self {
        let mut tokens = Self {
            bytes: Vec::with_capacity(spellings.iter().map(String::len).sum()),
            ends: Vec::with_capacity(spellings.len()),
            roles: Vec::with_capacity(spellings.len()),
        };
        for (spelling, &kind) in spellings.iter().zip(kinds) {
            tokens.push(spelling, kind, byte_level);
        }
        tokens.bytes.shrink_to_fit();
        tokens
    }

    fn push(&mut self, spelling: &str, kind: i64, byte_level: bool) {
        let role = match kind {
            3 => Role::Control,
            4 if !byte_level && sentencepiece::is_blank(spelling) => Role::Text,
            4 => Role::Mark,
            2 | 5 => Role::Unused,
            _ => Role::Text,
        };
        match role {
            Role::Control | Role::Mark => self.bytes.extend_from_slice(spelling.as_bytes()),
            Role::Unused => {}
            Role::Text if byte_level => match unmap_bytes(spelling) {
                Some(bytes) => self.bytes.extend(bytes),
                None => self.bytes.extend_from_slice(spelling.as_bytes()),
            },
            Role::Text if kind == 6 => self.bytes.extend(sentencepiece::byte_token(spelling)),
            Role::Text => {
                let text = spelling.replace(sentencepiece::SPACE, " ");
                self.bytes.extend_from_slice(text.as_bytes());
            }
        }
        self.ends.push(self.bytes.len());
        self.roles.push(role);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.roles.len()
    }

    /// The bytes of a token; none, where there is no such token.
    pub(super) fn bytes(&self, id: usize) -> &[u8] {
        let end = self.ends.get(id).copied().unwrap_or(0);
        let start = id
            .checked_sub(1)
            .map_or(0, |before| self.ends.get(before).copied().unwrap_or(0));
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// What a token is for.
    pub(super) fn role(&self, id: usize) -> Role {
        self.roles.get(id).copied().unwrap_or(Role::Unused)
    }

    /// What each of them is for.
    pub(super) fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// The length of the longest, in bytes.
    pub(super) fn longest_bytes(&self) -> usize {
        (0..self.len()).map(|id| self.bytes(id).len()).max().unwrap_or(0)
    }
}
