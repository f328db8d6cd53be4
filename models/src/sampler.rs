//! From logits to a token: masked first, then the likeliest or a draw.

use rand::{Rng, SeedableRng, rngs::StdRng};
use toktrie::SimpleVob;

/// At a temperature above 0, tokens less likely than this share of the likeliest are never drawn: small
/// models have long tails of nonsense.
const LEAST_SHARE: f32 = 0.05;

/// Picks the tokens of one answer.
pub(crate) struct Sampler {
    temperature: f32,
    random: StdRng,
}

impl Sampler {
    pub(crate) fn new(temperature: f32, seed: Option<u64>) -> Self {
        let random = seed.map_or_else(StdRng::from_os_rng, StdRng::seed_from_u64);
        Self {
            temperature: if temperature.is_finite() {
                temperature.clamp(0.0, 2.0)
            } else {
                0.0
            },
            random,
        }
    }

    /// Picks a token that is allowed, or none where no allowed token has a finite logit.
    pub(crate) fn pick(&mut self, logits: &[f32], allowed: &SimpleVob) -> Option<u32> {
        let candidates = || {
            logits
                .iter()
                .zip(0_u32..)
                .filter(|&(logit, id)| logit.is_finite() && allowed.is_allowed(id))
        };
        let (&top, likeliest) = candidates().max_by(|a, b| a.0.total_cmp(b.0).then(b.1.cmp(&a.1)))?;
        if self.temperature <= 0.0 {
            return Some(likeliest);
        }
        let share = |logit: f32| ((logit - top) / self.temperature).exp();
        let shares: Vec<(u32, f32)> = candidates()
            .map(|(&logit, id)| (id, share(logit)))
            .filter(|&(_, share)| share >= LEAST_SHARE)
            .collect();
        let mut point = self
            .random
            .random_range(0.0..shares.iter().map(|&(_, share)| share).sum::<f32>());
        for &(id, share) in &shares {
            if point < share {
                return Some(id);
            }
            point -= share;
        }
        Some(likeliest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(ids: &[u32]) -> SimpleVob {
        let mut set = SimpleVob::alloc(8);
        for &id in ids {
            set.allow_token(id);
        }
        set
    }

    #[test]
    fn a_forbidden_token_is_never_picked() {
        let logits = [9.0, 1.0, 2.0, f32::NAN, f32::INFINITY];
        for temperature in [0.0, 1.0, f32::NAN, -3.0, 99.0] {
            let mut sampler = Sampler::new(temperature, Some(1));
            for _ in 0..100 {
                let picked = sampler.pick(&logits, &only(&[1, 2, 3]));
                assert!(matches!(picked, Some(1 | 2)), "{temperature}: {picked:?}");
            }
        }
        assert_eq!(
            Sampler::new(0.0, None).pick(&logits, &only(&[3, 4])),
            None,
            "nothing finite"
        );
        assert_eq!(Sampler::new(0.0, None).pick(&logits, &only(&[])), None);
    }

    #[test]
    fn greedy_takes_the_first_of_equals() {
        assert_eq!(
            Sampler::new(0.0, None).pick(&[1.0, 3.0, 3.0], &only(&[0, 1, 2])),
            Some(1)
        );
    }

    #[test]
    fn draws_repeat_with_their_seed_and_follow_the_odds() {
        let logits = [2.0, 1.0, -9.0];
        let draw = |seed| {
            let mut sampler = Sampler::new(1.0, Some(seed));
            (0..1000)
                .filter_map(|_| sampler.pick(&logits, &only(&[0, 1, 2])))
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let firsts = draw(7).iter().filter(|&&id| id == 0).count();
        // e^2 / (e^2 + e) is 0.73.
        assert!((650..=810).contains(&firsts), "{firsts}");
        assert!(!draw(7).contains(&2), "below the least share");
    }
}
