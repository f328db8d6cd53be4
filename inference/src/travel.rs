//! How far the text of a call may travel: the rule that no failure and no fallback relaxes.

use crate::Processing;

/// How sensitive the text of a request is, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DataClass {
    /// May be published.
    Public,
    /// May reach a processor that the tenant agreed to.
    Internal,
    /// Must not leave this process.
    Confidential,
}

/// Where text that leaves this process may be processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Residency {
    /// Anywhere.
    Anywhere,
    /// Within the European Union only.
    Eu,
    /// Within the United States only.
    Us,
    /// Nowhere: what two rules leave that exclude each other.
    Nowhere,
}

/// How far the text of a call may travel. In this process it may be processed always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TravelRule {
    /// How sensitive the text is.
    pub data_class: DataClass,
    /// The highest class that may leave this process, never [`DataClass::Confidential`]; `None` lets nothing leave.
    pub leaves: Option<DataClass>,
    /// Where what leaves may go.
    pub residency: Residency,
}

impl Default for TravelRule {
    /// Internal text, which any configured backend may have.
    fn default() -> Self {
        Self {
            data_class: DataClass::Internal,
            leaves: Some(DataClass::Internal),
            residency: Residency::Anywhere,
        }
    }
}

impl TravelRule {
    /// Confidential text, which only a model in this process may have.
    pub fn confidential() -> Self {
        Self {
            data_class: DataClass::Confidential,
            ..Self::default()
        }
    }

    /// Whether text under this rule may leave this process, to somewhere at least.
    pub fn lets_leave(&self) -> bool {
        self.data_class < DataClass::Confidential
            && self.leaves.is_some_and(|highest| self.data_class <= highest)
    }

    /// Whether text under this rule may be processed there.
    pub fn permits(&self, processing: Processing) -> bool {
        let leaves = self.lets_leave();
        match processing {
            Processing::InProcess => true,
            Processing::Eu => leaves && matches!(self.residency, Residency::Anywhere | Residency::Eu),
            Processing::Us => leaves && matches!(self.residency, Residency::Anywhere | Residency::Us),
            Processing::Global => leaves && self.residency == Residency::Anywhere,
        }
    }

    /// This rule with what a caller asks for on top. Whatever it asks for, nothing is permitted that was not before.
    #[must_use]
    pub fn narrowed(self, data_class: Option<DataClass>, residency: Option<Residency>) -> Self {
        Self {
            data_class: data_class.map_or(self.data_class, |asked| asked.max(self.data_class)),
            residency: residency.map_or(self.residency, |asked| self.residency.and(asked)),
            leaves: self.leaves,
        }
    }
}

impl Residency {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Anywhere, one) | (one, Self::Anywhere) => one,
            (one, another) if one == another => one,
            _ => Self::Nowhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASSES: [DataClass; 3] = [DataClass::Public, DataClass::Internal, DataClass::Confidential];
    const RESIDENCIES: [Residency; 4] = [
        Residency::Anywhere,
        Residency::Eu,
        Residency::Us,
        Residency::Nowhere,
    ];
    const PLACES: [Processing; 4] = [
        Processing::InProcess,
        Processing::Eu,
        Processing::Us,
        Processing::Global,
    ];

    fn all_rules() -> impl Iterator<Item = TravelRule> {
        let leaves = [None, Some(DataClass::Public), Some(DataClass::Internal)];
        CLASSES.into_iter().flat_map(move |data_class| {
            leaves.into_iter().flat_map(move |leaves| {
                RESIDENCIES.into_iter().map(move |residency| TravelRule {
                    data_class,
                    leaves,
                    residency,
                })
            })
        })
    }

    #[test]
    fn each_rule_permits_what_it_says() {
        let check = |rule: TravelRule, permitted: &[Processing]| {
            for place in PLACES {
                assert_eq!(
                    rule.permits(place),
                    permitted.contains(&place),
                    "{rule:?} {place:?}"
                );
            }
        };
        let rule = TravelRule::default();
        check(rule, &PLACES);
        check(TravelRule::confidential(), &PLACES[..1]);
        let eu = TravelRule {
            residency: Residency::Eu,
            ..rule
        };
        check(eu, &PLACES[..2]);
        let us = TravelRule {
            residency: Residency::Us,
            ..rule
        };
        check(us, &[Processing::InProcess, Processing::Us]);
        let public_only = TravelRule {
            leaves: Some(DataClass::Public),
            ..rule
        };
        check(public_only, &PLACES[..1]);
        let nothing = TravelRule {
            leaves: None,
            data_class: DataClass::Public,
            ..rule
        };
        check(nothing, &PLACES[..1]);
    }

    #[test]
    fn confidential_text_stays_whatever_the_rule_lets_out() {
        for rule in all_rules().filter(|rule| rule.data_class == DataClass::Confidential) {
            let careless = TravelRule {
                leaves: Some(DataClass::Confidential),
                ..rule
            };
            for place in &PLACES[1..] {
                assert!(!careless.permits(*place), "{careless:?} {place:?}");
            }
        }
    }

    /// Every rule, every wish, every place: all there is.
    #[test]
    fn a_caller_only_ever_tightens() {
        for rule in all_rules() {
            for class in CLASSES.into_iter().map(Some).chain([None]) {
                for residency in RESIDENCIES.into_iter().map(Some).chain([None]) {
                    let narrowed = rule.narrowed(class, residency);
                    for place in PLACES {
                        assert!(
                            rule.permits(place) || !narrowed.permits(place),
                            "{rule:?} {class:?} {residency:?} {place:?}"
                        );
                    }
                }
            }
        }
    }
}
