//! Llama and Qwen 2 on Candle's quantised matrices.
//!
//! Candle's own versions of these two stop at 4096 positions, keep every attention mask for ever, leave out
//! the rotary factors of Llama 3.1, expand the embedding to floats, and (Qwen 2) cannot be copied per slot.
//! The arithmetic is theirs; a test holds the logits against them.

use std::io::{Read, Seek};

use candle_core::{
    D, DType, Device, Result, Tensor,
    quantized::{QMatMul, gguf_file},
};
use candle_nn::{Module, ops, rotary_emb};
use candle_transformers::quantized_nn::RmsNorm;

use super::Decoder;
use crate::architecture::{Family, Network};

#[derive(Clone)]
struct Attention {
    query: QMatMul,
    key: QMatMul,
    value: QMatMul,
    output: QMatMul,
    /// Of queries, keys and values; Qwen 2 only.
    biases: Option<[Tensor; 3]>,
    cache: Option<(Tensor, Tensor)>,
}

#[derive(Clone)]
struct Layer {
    attention_norm: RmsNorm,
    attention: Attention,
    feed_norm: RmsNorm,
    gate: QMatMul,
    up: QMatMul,
    down: QMatMul,
}

#[derive(Clone)]
struct Rotary {
    cosines: Tensor,
    sines: Tensor,
    side_by_side: bool,
}

/// The network. Copies share the weights; each has its own KV cache.
#[derive(Clone)]
pub(super) struct Dense {
    embedding: QMatMul,
    layers: Vec<Layer>,
    norm: RmsNorm,
    output: QMatMul,
    rotary: Rotary,
    heads: usize,
    kv_heads: usize,
    head_width: usize,
}

impl Dense {
    pub(super) fn load<R: Read + Seek>(
        network: &Network,
        content: &gguf_file::Content,
        reader: &mut R,
        context_tokens: usize,
    ) -> Result<Self> {
        let mut file = File { content, reader };
        let embedding = file.matrix("token_embd.weight")?;
        let mut layers = Vec::new();
        for index in 0..network.layers {
            layers.push(file.layer(network, index)?);
        }
        let norm = file.norm("output_norm.weight", network.norm_epsilon)?;
        let tied = !content.tensor_infos.contains_key("output.weight");
        let output = if tied {
            embedding.clone()
        } else {
            file.matrix("output.weight")?
        };
        let factors: Option<Vec<f32>> = if content.tensor_infos.contains_key("rope_freqs.weight") {
            Some(file.vector("rope_freqs.weight")?.to_vec1()?)
        } else {
            None
        };
        Ok(Self {
            embedding,
            layers,
            norm,
            output,
            rotary: Rotary::new(network, factors.as_deref(), context_tokens)?,
            heads: network.heads,
            kv_heads: network.kv_heads,
            head_width: network.head_width,
        })
    }

    fn attend(&mut self, index: usize, x: &Tensor, position: usize, mask: Option<&Tensor>) -> Result<Tensor> {
        let (_, length, _) = x.dims3()?;
        let (heads, kv_heads, width) = (self.heads, self.kv_heads, self.head_width);
        let attention = &mut self.layers[index].attention;
        let [query, key, value] = attention.project(x)?;
        let split = |x: Tensor, heads| {
            x.reshape((1, length, heads, width))?
                .transpose(1, 2)?
                .contiguous()
        };
        let query = self.rotary.turn(&split(query, heads)?, position)?;
        let key = self.rotary.turn(&split(key, kv_heads)?, position)?;
        let (key, value) = attention.remember(key, split(value, kv_heads)?)?;
        // Heads that share a key are rows of one product: nothing is repeated.
        let rows = heads / kv_heads * length;
        let query = query.reshape((1, kv_heads, rows, width))?;
        #[expect(clippy::cast_precision_loss, reason = "a head is at most 1024 wide")]
        let scale = 1.0 / (width as f64).sqrt();
        let scores = (query.matmul(&key.transpose(2, 3)?)? * scale)?;
        let seen = scores.dim(D::Minus1)?;
        let scores = scores.reshape((1, heads, length, seen))?;
        let scores = match mask {
            Some(mask) => scores.broadcast_add(mask)?,
            None => scores,
        };
        let weights = ops::softmax_last_dim(&scores)?.reshape((1, kv_heads, rows, seen))?;
        let mixed = weights.matmul(&value)?.reshape((1, heads, length, width))?;
        let mixed = mixed.transpose(1, 2)?.reshape((1, length, heads * width))?;
        attention.output.forward(&mixed)
    }

    fn run(&mut self, tokens: &[u32], position: usize) -> Result<Vec<f32>> {
        let input = Tensor::new(tokens, &Device::Cpu)?.unsqueeze(0)?;
        let mask = if tokens.len() > 1 {
            Some(causal_mask(tokens.len(), position)?)
        } else {
            None
        };
        let mut x = self.embedding.embedding(&input)?.to_dtype(DType::F32)?;
        for index in 0..self.layers.len() {
            let normed = self.layers[index].attention_norm.forward(&x)?;
            x = (x + self.attend(index, &normed, position, mask.as_ref())?)?;
            let layer = &self.layers[index];
            let normed = layer.feed_norm.forward(&x)?;
            let gated = (ops::silu(&layer.gate.forward(&normed)?)? * layer.up.forward(&normed)?)?;
            x = (x + layer.down.forward(&gated)?)?;
        }
        let last = x.narrow(1, tokens.len() - 1, 1)?.contiguous()?;
        self.output
            .forward(&self.norm.forward(&last)?)?
            .flatten_all()?
            .to_vec1()
    }
}

impl Decoder for Dense {
    fn forward(&mut self, tokens: &[u32], position: usize) -> Result<Vec<f32>> {
        self.run(tokens, position)
    }

    fn reset(&mut self) {
        for layer in &mut self.layers {
            layer.attention.cache = None;
        }
    }

    fn fork(&self) -> Box<dyn Decoder> {
        let mut copy = self.clone();
        copy.reset();
        Box::new(copy)
    }
}

impl Attention {
    fn project(&self, x: &Tensor) -> Result<[Tensor; 3]> {
        let [query, key, value] = [
            self.query.forward(x)?,
            self.key.forward(x)?,
            self.value.forward(x)?,
        ];
        let Some([query_bias, key_bias, value_bias]) = &self.biases else {
            return Ok([query, key, value]);
        };
        Ok([
            query.broadcast_add(query_bias)?,
            key.broadcast_add(key_bias)?,
            value.broadcast_add(value_bias)?,
        ])
    }

    fn remember(&mut self, key: Tensor, value: Tensor) -> Result<(Tensor, Tensor)> {
        let (key, value) = match &self.cache {
            Some((keys, values)) => (Tensor::cat(&[keys, &key], 2)?, Tensor::cat(&[values, &value], 2)?),
            None => (key, value),
        };
        self.cache = Some((key.clone(), value.clone()));
        Ok((key, value))
    }
}

impl Rotary {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "positions and widths are small"
    )]
    fn new(network: &Network, factors: Option<&[f32]>, context: usize) -> Result<Self> {
        let width = network.head_width;
        let speeds: Vec<f32> = (0..width / 2)
            .map(|i| {
                let speed = network.rope_base.powf(-2.0 * i as f64 / width as f64) as f32;
                speed / factors.map_or(1.0, |factors| factors[i])
            })
            .collect();
        let speeds = Tensor::new(speeds, &Device::Cpu)?.unsqueeze(0)?;
        let positions: Vec<f32> = (0..context).map(|p| p as f32).collect();
        let angles = Tensor::new(positions, &Device::Cpu)?
            .unsqueeze(1)?
            .matmul(&speeds)?;
        Ok(Self {
            cosines: angles.cos()?,
            sines: angles.sin()?,
            side_by_side: network.family == Family::Llama,
        })
    }

    fn turn(&self, x: &Tensor, position: usize) -> Result<Tensor> {
        let length = x.dim(2)?;
        let (cosines, sines) = (
            self.cosines.narrow(0, position, length)?,
            self.sines.narrow(0, position, length)?,
        );
        if self.side_by_side {
            rotary_emb::rope_i(x, &cosines, &sines)
        } else {
            rotary_emb::rope(x, &cosines, &sines)
        }
    }
}

/// Minus infinity where a token would look ahead.
fn causal_mask(length: usize, position: usize) -> Result<Tensor> {
    let seen = position + length;
    let row = |i| (0..seen).map(move |j| if j > position + i { f32::NEG_INFINITY } else { 0.0 });
    let mask: Vec<f32> = (0..length).flat_map(row).collect();
    Tensor::from_vec(mask, (length, seen), &Device::Cpu)
}

struct File<'a, R> {
    content: &'a gguf_file::Content,
    reader: &'a mut R,
}

impl<R: Read + Seek> File<'_, R> {
    fn matrix(&mut self, name: &str) -> Result<QMatMul> {
        QMatMul::from_qtensor(self.content.tensor(self.reader, name, &Device::Cpu)?)
    }

    fn vector(&mut self, name: &str) -> Result<Tensor> {
        self.content
            .tensor(self.reader, name, &Device::Cpu)?
            .dequantize(&Device::Cpu)
    }

    fn norm(&mut self, name: &str, epsilon: f64) -> Result<RmsNorm> {
        RmsNorm::from_qtensor(self.content.tensor(self.reader, name, &Device::Cpu)?, epsilon)
    }

    fn layer(&mut self, network: &Network, index: usize) -> Result<Layer> {
        let name = |part: &str| format!("blk.{index}.{part}");
        let biases = match network.family {
            Family::Qwen2 => Some([
                self.vector(&name("attn_q.bias"))?,
                self.vector(&name("attn_k.bias"))?,
                self.vector(&name("attn_v.bias"))?,
            ]),
            Family::Llama | Family::Qwen3 => None,
        };
        Ok(Layer {
            attention_norm: self.norm(&name("attn_norm.weight"), network.norm_epsilon)?,
            attention: Attention {
                query: self.matrix(&name("attn_q.weight"))?,
                key: self.matrix(&name("attn_k.weight"))?,
                value: self.matrix(&name("attn_v.weight"))?,
                output: self.matrix(&name("attn_output.weight"))?,
                biases,
                cache: None,
            },
            feed_norm: self.norm(&name("ffn_norm.weight"), network.norm_epsilon)?,
            gate: self.matrix(&name("ffn_gate.weight"))?,
            up: self.matrix(&name("ffn_up.weight"))?,
            down: self.matrix(&name("ffn_down.weight"))?,
        })
    }
}
