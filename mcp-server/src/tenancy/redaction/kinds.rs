//! The kinds of values that are known by their form.

use std::fmt;

/// A kind of value that is known by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A bank account.
    Iban,
    /// A VAT identification number.
    VatId,
    /// The number of a payment card.
    Card,
    /// An IPv4 or IPv6 address.
    Ip,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Email,
        Self::Phone,
        Self::Iban,
        Self::VatId,
        Self::Card,
        Self::Ip,
    ];

    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Iban => "iban",
            Self::VatId => "vat_id",
            Self::Card => "card",
            Self::Ip => "ip",
        }
    }

    /// What stand-ins of it begin with.
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Phone => "PHONE",
            Self::Iban => "IBAN",
            Self::VatId => "VATID",
            Self::Card => "CARD",
            Self::Ip => "IPADDR",
        }
    }
}

/// A set of kinds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// All of them.
    pub fn all() -> Self {
        Self::of(&Kind::ALL)
    }

    /// These.
    pub fn of(kinds: &[Kind]) -> Self {
        Self(kinds.iter().fold(0, |bits, kind| bits | 1 << *kind as u8))
    }

    /// Whether this one is among them.
    pub fn contains(self, kind: Kind) -> bool {
        self.0 & 1 << kind as u8 != 0
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let among = Kind::ALL.into_iter().filter(|kind| self.contains(*kind));
        f.debug_set().entries(among).finish()
    }
}
