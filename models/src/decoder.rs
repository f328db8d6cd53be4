//! One sequence through a network: the seam behind which the arithmetic can be replaced.

use candle_core::{Device, Tensor, quantized::gguf_file};
use candle_transformers::models::quantized_qwen3;

use crate::architecture::{Family, Network};

mod dense;
#[cfg(test)]
mod tests;

/// A network with the KV cache of one sequence.
pub(crate) trait Decoder: Send {
    /// Feeds `tokens` at `position` and returns the logits after the last of them.
    ///
    /// Prompts may be fed in several pieces; once single tokens have been fed after a prompt, only single
    /// tokens may follow until [`Decoder::reset`].
    fn forward(&mut self, tokens: &[u32], position: usize) -> candle_core::Result<Vec<f32>>;

    /// Forgets the sequence.
    fn reset(&mut self);

    /// Another sequence over the same weights.
    fn fork(&self) -> Box<dyn Decoder>;
}

/// Reads the weights.
pub(crate) fn load(
    network: &Network,
    content: gguf_file::Content,
    reader: &mut (impl std::io::Read + std::io::Seek),
    context_tokens: usize,
) -> candle_core::Result<Box<dyn Decoder>> {
    Ok(match network.family {
        Family::Llama | Family::Qwen2 => {
            Box::new(dense::Dense::load(network, &content, reader, context_tokens)?)
        }
        Family::Qwen3 => Box::new(Qwen3(quantized_qwen3::ModelWeights::from_gguf(
            content,
            reader,
            &Device::Cpu,
        )?)),
    })
}

/// Bytes of KV cache that a sequence of `tokens` takes, and how many it takes at least.
pub(crate) fn kv_bytes(network: &Network, tokens: usize) -> u64 {
    let floats = match network.family {
        Family::Llama | Family::Qwen2 => tokens,
        // Candle holds prompt tokens twice, and makes the first of the two caches 4096 positions long.
        Family::Qwen3 => tokens.max(QWEN3_CACHE_TOKENS).next_power_of_two() + tokens,
    };
    network.kv_floats_per_token() * 4 * floats as u64
}

const QWEN3_CACHE_TOKENS: usize = 4_096;

/// Candle's own Qwen 3, for its fused attention on CPUs.
///
/// Its prompt path does not see tokens that were fed singly, hence the rule on [`Decoder::forward`]; and
/// copying it copies a 4096-token cache, hence sequences are kept and reset rather than made anew.
struct Qwen3(quantized_qwen3::ModelWeights);

impl Decoder for Qwen3 {
    fn forward(&mut self, tokens: &[u32], position: usize) -> candle_core::Result<Vec<f32>> {
        let input = Tensor::new(tokens, &Device::Cpu)?.unsqueeze(0)?;
        self.0.forward(&input, position)?.flatten_all()?.to_vec1()
    }

    fn reset(&mut self) {
        self.0.clear_kv_cache();
    }

    fn fork(&self) -> Box<dyn Decoder> {
        let mut copy = self.0.clone();
        copy.clear_kv_cache();
        Box::new(Self(copy))
    }
}
