//! Tiny model files with random weights: real shapes in small, for tests that need no sense in the answers.

pub mod fuzz;
#[doc(hidden)]
pub mod kernels;
pub mod near;

use std::io::Cursor;

use candle_core::{
    Device, Tensor,
    quantized::{GgmlDType, QTensor, gguf_file},
};
use rand::{Rng, SeedableRng, rngs::StdRng};

pub use crate::Family;
use crate::vocabulary::bpe::map_byte;

/// The chat template of these files, unless another is given.
pub const CHAT_TEMPLATE: &str = "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + \
                                 message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}\
                                 {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/// Control tokens and marks, in this order behind the bytes and the merged tokens.
const CONTROLS: [(&str, u32); 5] = [
    ("<|endoftext|>", 3),
    ("<|im_start|>", 3),
    ("<|im_end|>", 3),
    ("<think>", 4),
    ("</think>", 4),
];
const MERGES: [(&str, &str); 8] = [
    ("e", "n"),
    ("e", "r"),
    ("t", "h"),
    ("th", "e"),
    ("i", "n"),
    ("\u{120}", "t"),
    ("\"", ":"),
    ("\"", ","),
];

const WIDTH: usize = 256;
const HEADS: usize = 4;
const KV_HEADS: usize = 2;
const HEAD_WIDTH: usize = 64;
const FEED: usize = 256;
/// A multiple of 16, so that Candle's packed kernels take the matrices; a few rows have no token.
const ROWS: usize = 272;

/// A file of about 0.9 MB, of `SmolLM 3` about twice that; equal seeds give equal bytes.
#[derive(Debug, Clone)]
pub struct TinyModel {
    family: Family,
    seed: u64,
    context_tokens: u32,
    template: String,
    kind: GgmlDType,
}

impl TinyModel {
    /// A model of this family with a context of 512 tokens.
    pub fn new(family: Family, seed: u64) -> Self {
        Self {
            family,
            seed,
            context_tokens: 512,
            template: CHAT_TEMPLATE.to_owned(),
            kind: GgmlDType::Q8_0,
        }
    }

    /// Takes another context length.
    #[must_use]
    pub fn context(mut self, tokens: u32) -> Self {
        self.context_tokens = tokens;
        self
    }

    /// Stores its matrices as plain floats, four times as long.
    #[must_use]
    pub fn floats(mut self) -> Self {
        self.kind = GgmlDType::F32;
        self
    }

    /// Takes another chat template.
    #[must_use]
    pub fn template(mut self, template: &str) -> Self {
        template.clone_into(&mut self.template);
        self
    }

    /// The file's bytes.
    ///
    /// # Panics
    /// If Candle cannot quantise or write the weights, which would be a bug here.
    pub fn bytes(&self) -> Vec<u8> {
        let metadata = self.metadata();
        let tensors = self.tensors();
        let metadata: Vec<(&str, &gguf_file::Value)> = metadata
            .iter()
            .map(|(key, value)| (key.as_str(), value))
            .collect();
        let tensors: Vec<(&str, &QTensor)> = tensors
            .iter()
            .map(|(name, tensor)| (name.as_str(), tensor))
            .collect();
        let mut file = Cursor::new(Vec::new());
        gguf_file::write(&mut file, &metadata, &tensors).expect("a vector takes any amount");
        file.into_inner()
    }

    /// The beginning of the file, which says that there are no weights.
    ///
    /// # Panics
    /// Never: a vector takes any amount.
    pub fn header_bytes(&self) -> Vec<u8> {
        let metadata = self.metadata();
        let metadata: Vec<(&str, &gguf_file::Value)> = metadata
            .iter()
            .map(|(key, value)| (key.as_str(), value))
            .collect();
        let mut file = Cursor::new(Vec::new());
        gguf_file::write(&mut file, &metadata, &[]).expect("a vector takes any amount");
        file.into_inner()
    }

    /// Writes the file.
    ///
    /// # Errors
    /// Fails as the file system does.
    pub fn write(&self, path: &std::path::Path) -> std::io::Result<()> {
        std::fs::write(path, self.bytes())
    }

    fn metadata(&self) -> Vec<(String, gguf_file::Value)> {
        use gguf_file::Value::{Array, Bool, F32, I32, String as Text, U32};
        let architecture = self.family.name();
        let number = |n: usize| U32(u32::try_from(n).expect("small"));
        let mut spellings: Vec<String> = (0..=255).map(|byte| map_byte(byte).to_string()).collect();
        spellings.extend(MERGES.iter().map(|(left, right)| format!("{left}{right}")));
        let mut kinds = vec![1; spellings.len()];
        let first_control = spellings.len();
        for (spelling, kind) in CONTROLS {
            spellings.push(spelling.to_owned());
            kinds.push(i32::try_from(kind).expect("small"));
        }
        let merges = MERGES.iter().map(|(left, right)| Text(format!("{left} {right}")));
        let pre = if self.family == Family::Llama {
            "smollm"
        } else {
            "qwen2"
        };
        let mut metadata = vec![
            ("general.architecture".to_owned(), Text(architecture.to_owned())),
            ("general.name".to_owned(), Text(format!("tiny-{architecture}"))),
            ("general.license".to_owned(), Text("apache-2.0".to_owned())),
            ("tokenizer.ggml.model".to_owned(), Text("gpt2".to_owned())),
            ("tokenizer.ggml.pre".to_owned(), Text(pre.to_owned())),
            (
                "tokenizer.ggml.tokens".to_owned(),
                Array(spellings.into_iter().map(Text).collect()),
            ),
            (
                "tokenizer.ggml.token_type".to_owned(),
                Array(kinds.into_iter().map(I32).collect()),
            ),
            ("tokenizer.ggml.merges".to_owned(), Array(merges.collect())),
            (
                "tokenizer.ggml.eos_token_id".to_owned(),
                number(first_control + 2),
            ),
            ("tokenizer.ggml.bos_token_id".to_owned(), number(first_control)),
            ("tokenizer.ggml.add_bos_token".to_owned(), Bool(false)),
            ("tokenizer.chat_template".to_owned(), Text(self.template.clone())),
        ];
        let network = [
            ("block_count", number(layers(self.family))),
            ("context_length", U32(self.context_tokens)),
            ("embedding_length", number(WIDTH)),
            ("feed_forward_length", number(FEED)),
            ("attention.head_count", number(HEADS)),
            ("attention.head_count_kv", number(KV_HEADS)),
            ("attention.key_length", number(HEAD_WIDTH)),
            ("attention.layer_norm_rms_epsilon", F32(1e-5)),
            ("rope.freq_base", F32(10_000.0)),
        ];
        metadata.extend(
            network
                .into_iter()
                .chain(extras(self.family))
                .map(|(key, value)| (format!("{architecture}.{key}"), value)),
        );
        metadata
    }

    fn tensors(&self) -> Vec<(String, QTensor)> {
        let mut random = StdRng::seed_from_u64(self.seed);
        let mut matrix = |rows: usize, columns: usize| {
            let weights: Vec<f32> = (0..rows * columns)
                .map(|_| random.random_range(-0.12..0.12))
                .collect();
            quantise(weights, &[rows, columns], self.kind)
        };
        let ones = |width: usize| quantise(vec![1.0; width], &[width], GgmlDType::F32);
        let (queries, keys) = (HEADS * HEAD_WIDTH, KV_HEADS * HEAD_WIDTH);
        let mut tensors = vec![
            ("token_embd.weight".to_owned(), matrix(ROWS, WIDTH)),
            ("output_norm.weight".to_owned(), ones(WIDTH)),
        ];
        for layer in 0..layers(self.family) {
            let mut add = |part: &str, tensor| tensors.push((format!("blk.{layer}.{part}"), tensor));
            add("attn_norm.weight", ones(WIDTH));
            add("attn_q.weight", matrix(queries, WIDTH));
            add("attn_k.weight", matrix(keys, WIDTH));
            add("attn_v.weight", matrix(keys, WIDTH));
            add("attn_output.weight", matrix(WIDTH, queries));
            add("ffn_norm.weight", ones(WIDTH));
            add("ffn_gate.weight", matrix(FEED, WIDTH));
            add("ffn_up.weight", matrix(FEED, WIDTH));
            add("ffn_down.weight", matrix(WIDTH, FEED));
            match self.family {
                Family::Llama | Family::SmolLm3 | Family::Granite => {}
                Family::Qwen2 => {
                    add("attn_q.bias", ones(queries));
                    add("attn_k.bias", ones(keys));
                    add("attn_v.bias", ones(keys));
                }
                Family::Qwen3 | Family::Gemma3 => {
                    add("attn_q_norm.weight", ones(HEAD_WIDTH));
                    add("attn_k_norm.weight", ones(HEAD_WIDTH));
                }
            }
            if self.family == Family::Gemma3 {
                add("post_attention_norm.weight", ones(WIDTH));
                add("post_ffw_norm.weight", ones(WIDTH));
            }
        }
        tensors
    }
}

/// Enough for one of each kind.
fn layers(family: Family) -> usize {
    if family == Family::SmolLm3 { 4 } else { 2 }
}

/// What a family's header says besides what all say.
fn extras(family: Family) -> Vec<(&'static str, gguf_file::Value)> {
    use gguf_file::Value::{F32, U32};
    match family {
        Family::Granite => vec![
            ("embedding_scale", F32(3.0)),
            ("attention.scale", F32(0.1)),
            ("residual_scale", F32(0.6)),
            ("logit_scale", F32(1.6)),
        ],
        // Every other layer.
        Family::Gemma3 => vec![
            ("attention.sliding_window", U32(40)),
            ("attention.sliding_window_pattern", U32(2)),
        ],
        Family::Llama | Family::Qwen2 | Family::Qwen3 | Family::SmolLm3 => Vec::new(),
    }
}

fn quantise(weights: Vec<f32>, shape: &[usize], kind: GgmlDType) -> QTensor {
    let tensor = Tensor::from_vec(weights, shape, &Device::Cpu).expect("as many weights as the shape holds");
    QTensor::quantize(&tensor, kind).expect("widths are multiples of the block size")
}
