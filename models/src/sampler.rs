//! From logits to a token: masked and penalised first, then the likeliest or a draw.

use rand::{Rng, SeedableRng, rngs::StdRng};
use toktrie::SimpleVob;

use crate::engine::Sampling;

mod candidates;
#[cfg(test)]
mod tests;

use candidates::{candidates, likeliest};

/// At a temperature above 0, tokens less likely than this share of the likeliest are never drawn, unless
/// asked for otherwise: small models have long tails of nonsense.
const LEAST_SHARE: f32 = 0.05;
/// Tokens before the next one that a repetition penalty looks at.
const PENALISED_TOKENS: usize = 64;
/// Up to so many candidates are asked one by one whether they fit.
const ASKED_MOST: usize = 16;

/// Picks the tokens of one answer.
pub(crate) struct Sampler {
    temperature: f32,
    top_k: usize,
    top_p: f32,
    min_p: f32,
    repetition_penalty: f32,
    random: StdRng,
    /// Logits with the penalty taken off.
    penalised: Vec<f32>,
    drawn_from: Vec<(u32, f32)>,
}

impl Sampler {
    /// What is out of range or no number counts as not asked for.
    pub(crate) fn new(temperature: f32, seed: Option<u64>, sampling: &Sampling) -> Self {
        let share = |value: Option<f32>, otherwise| {
            value
                .filter(|share| (0.0..=1.0).contains(share))
                .unwrap_or(otherwise)
        };
        Self {
            temperature: if temperature.is_finite() {
                temperature.clamp(0.0, 2.0)
            } else {
                0.0
            },
            top_k: sampling.top_k.filter(|&k| k > 0).unwrap_or(usize::MAX),
            top_p: share(sampling.top_p, 1.0),
            min_p: share(sampling.min_p, LEAST_SHARE),
            repetition_penalty: sampling
                .repetition_penalty
                .filter(|penalty| penalty.is_finite() && *penalty > 0.0)
                .unwrap_or(1.0),
            random: seed.map_or_else(StdRng::from_os_rng, StdRng::seed_from_u64),
            penalised: Vec::new(),
            drawn_from: Vec::new(),
        }
    }

    /// Picks a token that is allowed, or none where no allowed token has a finite logit. `before` is the
    /// prompt and the answer so far.
    pub(crate) fn pick(&mut self, logits: &[f32], allowed: &SimpleVob, before: &[u32]) -> Option<u32> {
        self.pick_among(logits, allowed, before, usize::MAX, |_| true)
    }

    /// Picks what [`Self::pick`] would with all tokens allowed that fit, asking only about few that are allowed at
    /// all; none where that does not tell.
    pub(crate) fn pick_fitting(
        &mut self,
        logits: &[f32],
        allowed: &SimpleVob,
        before: &[u32],
        fits: impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        self.pick_among(logits, allowed, before, ASKED_MOST, fits)
    }

    fn pick_among(
        &mut self,
        logits: &[f32],
        allowed: &SimpleVob,
        before: &[u32],
        most: usize,
        fits: impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        if (self.repetition_penalty - 1.0).abs() <= f32::EPSILON {
            return self.choose(logits, allowed, most, fits);
        }
        let mut penalised = std::mem::take(&mut self.penalised);
        penalised.clear();
        penalised.extend_from_slice(logits);
        self.penalise(&mut penalised, logits, before);
        let token = self.choose(&penalised, allowed, most, fits);
        self.penalised = penalised;
        token
    }

    fn penalise(&self, penalised: &mut [f32], logits: &[f32], before: &[u32]) {
        for &token in &before[before.len().saturating_sub(PENALISED_TOKENS)..] {
            // From the logit as it was, so that a token is penalised once, however often it was said.
            if let Some(&logit) = logits.get(token as usize) {
                penalised[token as usize] = if logit > 0.0 {
                    logit / self.repetition_penalty
                } else {
                    logit * self.repetition_penalty
                };
            }
        }
    }

    /// Of allowed tokens that fit; none where more than `most` would have to be asked.
    fn choose(
        &mut self,
        logits: &[f32],
        allowed: &SimpleVob,
        most: usize,
        mut fits: impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        // Which others are candidates depends on the likeliest that fits: that has to be this one.
        let (likeliest, top) = likeliest(logits, allowed).filter(|&(token, _)| fits(token))?;
        if self.temperature <= 0.0 {
            return Some(likeliest);
        }
        self.gather(logits, allowed, top);
        if self.drawn_from.len() > most {
            return None;
        }
        self.drawn_from
            .retain(|&(token, _)| token == likeliest || fits(token));
        self.settle()
    }

    /// Notes the allowed tokens that are likely enough, and their shares of the likeliest one's.
    fn gather(&mut self, logits: &[f32], allowed: &SimpleVob, top: f32) {
        let temperature = self.temperature;
        let least = top + temperature * self.min_p.ln();
        self.drawn_from.clear();
        self.drawn_from.extend(
            candidates(logits, allowed)
                .filter(|&(_, logit)| logit >= least)
                .map(|(id, logit)| (id, ((logit - top) / temperature).exp())),
        );
    }

    /// Draws one of those noted.
    fn settle(&mut self) -> Option<u32> {
        let mut shares = std::mem::take(&mut self.drawn_from);
        shares.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        shares.truncate(self.top_k);
        self.keep_top_p(&mut shares);
        let picked = match shares[..] {
            // Not drawn, so that draws stay in step where the only token that fits was taken without scores.
            [(only, _)] => Some(only),
            _ => self.draw(&shares).or(shares.first().map(|&(id, _)| id)),
        };
        self.drawn_from = shares;
        picked
    }

    /// Keeps the likeliest whose shares add up to what was asked for.
    fn keep_top_p(&self, shares: &mut Vec<(u32, f32)>) {
        if self.top_p >= 1.0 {
            return;
        }
        let all: f32 = shares.iter().map(|&(_, share)| share).sum();
        let mut sum = 0.0;
        let enough = shares.iter().position(|&(_, share)| {
            sum += share;
            sum >= self.top_p * all
        });
        shares.truncate(enough.map_or(shares.len(), |last| last + 1));
    }

    fn draw(&mut self, shares: &[(u32, f32)]) -> Option<u32> {
        let all = shares.iter().map(|&(_, share)| share).sum::<f32>();
        let mut point = self.random.random_range(0.0..all);
        for &(id, share) in shares {
            if point < share {
                return Some(id);
            }
            point -= share;
        }
        None
    }
}
