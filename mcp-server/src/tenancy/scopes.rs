//! Scopes: the few things that a caller may be allowed to do.

use std::fmt;

/// One of the things that may be allowed. Wire names are part of the outside of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Scope {
    /// Tools that look at the server and ask no model.
    ToolsRead = 1,
    /// Tools that ask a model.
    ToolsCall = 2,
    /// Chat completions: everything under `/v1`.
    Chat = 4,
    /// Orders over backends: everything under `/admin`.
    Operate = 8,
}

impl Scope {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::ToolsRead, Self::ToolsCall, Self::Chat, Self::Operate];

    /// What clients call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ToolsRead => "tools:read",
            Self::ToolsCall => "tools:call",
            Self::Chat => "chat",
            Self::Operate => "operate",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// Every scope.
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Whether a scope is among them.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & scope as u8 != 0
    }

    /// These and those.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether nothing is allowed.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// In a fixed order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }

    /// Reads names of ours.
    ///
    /// # Errors
    /// The first name that is none.
    pub fn parse<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, &'n str> {
        names
            .into_iter()
            .map(|name| Scope::parse(name).ok_or(name))
            .collect()
    }

    /// Reads what an issuer wrote, in which names of other servers may stand, too.
    pub fn of_token<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        names.into_iter().filter_map(Scope::parse).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | scope as u8))
    }
}

/// Separated by blanks, as OAuth writes them.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Scope::as_str).collect();
        f.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_strangers_are_told_apart() {
        assert_eq!(Scopes::all().to_string(), "tools:read tools:call chat operate");
        assert_eq!(
            Scopes::parse(Scopes::all().to_string().split(' ')),
            Ok(Scopes::all())
        );
        assert_eq!(Scopes::parse(["chat", "Chat"]), Err("Chat"));
        let foreign = Scopes::of_token(["openid", "chat", "offline_access", ""]);
        assert_eq!(foreign.iter().collect::<Vec<_>>(), [Scope::Chat]);
        assert!(Scopes::of_token(["tools"]).is_empty());
    }
}
