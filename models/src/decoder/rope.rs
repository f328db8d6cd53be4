//! Rotary position embedding: the angles of each position, made for the rows of a step.

use super::{MAX_ROWS, Piece};
use crate::{
    architecture::{Network, Scaling},
    kernels::elementwise,
};

/// Full turns within the original context beyond which `YaRN` leaves a dimension alone, and below which it
/// stretches it in full.
const YARN_FAST_TURNS: f64 = 32.0;
const YARN_SLOW_TURNS: f64 = 1.0;

/// How fast each pair of dimensions turns, and how far it has turned in each row of a step.
pub(super) struct Rope {
    speeds: Vec<f64>,
    magnitude: f64,
    side_by_side: bool,
    cosines: Vec<f32>,
    sines: Vec<f32>,
}

impl Rope {
    /// `factors` slows each pair down, as Llama 3.1 files ask.
    pub(super) fn new(network: &Network, factors: Option<&[f32]>) -> Self {
        let speeds = (0..network.head_width / 2)
            .map(|pair| speed(network, pair) / factors.map_or(1.0, |factors| f64::from(factors[pair])))
            .collect();
        let magnitude = match network.rope_scaling {
            Scaling::Yarn {
                factor, magnitude, ..
            } => magnitude * (1.0 + 0.1 * factor.max(1.0).ln()),
            Scaling::None | Scaling::Linear { .. } => 1.0,
        };
        Self::of(network, speeds, magnitude)
    }

    /// Of the layers that see the last positions only: never stretched, since they never look far.
    pub(super) fn of_window(network: &Network) -> Option<Self> {
        let base = network.window?.rope_base;
        let speeds = (0..network.head_width / 2)
            .map(|pair| plain_speed(network, base, pair))
            .collect();
        Some(Self::of(network, speeds, 1.0))
    }

    fn of(network: &Network, speeds: Vec<f64>, magnitude: f64) -> Self {
        let room = MAX_ROWS * speeds.len();
        Self {
            speeds,
            magnitude,
            side_by_side: network.family.turns_neighbours(),
            cosines: Vec::with_capacity(room),
            sines: Vec::with_capacity(room),
        }
    }

    /// Works out the angles of all rows of a step; half a head each.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "positions are small, and a cosine is needed to 24 bits"
    )]
    pub(super) fn prepare(&mut self, pieces: &[Piece<'_>]) {
        self.cosines.clear();
        self.sines.clear();
        let positions = pieces
            .iter()
            .flat_map(|piece| piece.position..piece.position + piece.tokens.len());
        for position in positions {
            for speed in &self.speeds {
                let (sine, cosine) = (position as f64 * speed).sin_cos();
                self.cosines.push((cosine * self.magnitude) as f32);
                self.sines.push((sine * self.magnitude) as f32);
            }
        }
    }

    /// Turns all heads of some rows of the step, of this width, from one on.
    pub(super) fn turn(&self, first_row: usize, rows: &mut [f32], width: usize) {
        let half = self.speeds.len();
        let cosines = self.cosines[first_row * half..].chunks_exact(half);
        let sines = self.sines[first_row * half..].chunks_exact(half);
        for (row, (cosines, sines)) in rows.chunks_exact_mut(width).zip(cosines.zip(sines)) {
            if self.side_by_side {
                elementwise::rope_pairs(row, cosines, sines);
            } else {
                elementwise::rope_halves(row, cosines, sines);
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "widths are small")]
fn plain_speed(network: &Network, base: f64, pair: usize) -> f64 {
    base.powf(-2.0 * pair as f64 / network.head_width as f64)
}

#[expect(clippy::cast_precision_loss, reason = "widths and contexts are small")]
fn speed(network: &Network, pair: usize) -> f64 {
    let width = network.head_width as f64;
    let plain = plain_speed(network, network.rope_base, pair);
    match network.rope_scaling {
        Scaling::None => plain,
        Scaling::Linear { factor } => plain / factor,
        Scaling::Yarn {
            factor,
            original_context,
            ..
        } => {
            let dimension = |turns: f64| {
                let length = original_context as f64 / (turns * std::f64::consts::TAU);
                width * length.ln() / (2.0 * network.rope_base.ln())
            };
            let low = dimension(YARN_FAST_TURNS).floor().max(0.0);
            let high = dimension(YARN_SLOW_TURNS).ceil().min(width - 1.0);
            let alone = 1.0 - ((pair as f64 - low) / (high - low).max(0.001)).clamp(0.0, 1.0);
            plain * alone + plain / factor * (1.0 - alone)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::{
        gguf::Header,
        testing::{Family, TinyModel},
    };

    /// Heads are 64 wide, the base is 10,000.
    fn network(scaling: Scaling) -> Network {
        let bytes = TinyModel::new(Family::Llama, 1).bytes();
        let header = Header::read(&mut Cursor::new(bytes)).unwrap();
        Network {
            rope_scaling: scaling,
            ..Network::read(&header).unwrap()
        }
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= b.abs() * 1e-9
    }

    #[test]
    fn pairs_turn_ever_slower() {
        let mut rope = Rope::new(&network(Scaling::None), None);
        assert_eq!(rope.speeds.len(), 32);
        assert!(close(rope.speeds[0], 1.0) && close(rope.speeds[16], 0.01));
        let piece = Piece {
            tokens: &[0, 0],
            position: 2,
            blocks: &[0],
            scored: 0,
        };
        rope.prepare(&[piece]);
        assert!(
            (rope.cosines[32] - 3.0_f32.cos()).abs() < 1e-6,
            "of the second row"
        );
        assert!((rope.sines[48] - 0.03_f32.sin()).abs() < 1e-6);
    }

    #[test]
    fn factors_of_the_file_slow_each_pair() {
        let factors: Vec<f32> = (0..32).map(|i| if i < 16 { 1.0 } else { 8.0 }).collect();
        let rope = Rope::new(&network(Scaling::None), Some(&factors));
        assert!(close(rope.speeds[0], 1.0) && close(rope.speeds[16], 0.01 / 8.0));
    }

    #[test]
    fn linear_scaling_slows_all_alike() {
        let rope = Rope::new(&network(Scaling::Linear { factor: 4.0 }), None);
        assert!(close(rope.speeds[0], 0.25) && close(rope.speeds[16], 0.0025));
        assert!(close(rope.magnitude, 1.0));
    }

    #[test]
    fn yarn_leaves_fast_pairs_and_stretches_slow_ones() {
        let plain = Rope::new(&network(Scaling::None), None);
        let scaling = Scaling::Yarn {
            factor: 4.0,
            original_context: 2048,
            magnitude: 1.0,
        };
        let rope = Rope::new(&network(scaling), None);
        // 32 turns within 2048 positions: below pair 64 ln(2048 / 64 pi) / (2 ln 10000) = 8.06; one turn:
        // above pair 20.1, so 21.
        assert!(close(rope.speeds[8], plain.speeds[8]));
        assert!(close(rope.speeds[21], plain.speeds[21] / 4.0));
        let between = rope.speeds[14] / plain.speeds[14];
        let ramp = 1.0 - 6.0 / 13.0;
        assert!(close(between, ramp + (1.0 - ramp) / 4.0), "{between}");
        assert!(close(rope.magnitude, 1.0 + 0.1 * 4.0_f64.ln()));
    }
}
