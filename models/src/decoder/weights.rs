//! The weights, read from the file tensor by tensor and packed as they come.

use std::io::{Read, Seek, SeekFrom};

use candle_core::quantized::GgmlDType;
use half::{bf16, f16};

use crate::{
    architecture::Network,
    gguf::{self, Header, TensorHead},
    kernels::{Kind, Matrix, Pages, Pool},
    memory,
};

/// What is read of a file at once, about: enough for all threads to have tiles to pack.
const READ_BYTES: usize = 4 << 20;

/// What attention and feed-forward of one layer are made of.
pub(crate) struct LayerWeights {
    pub(super) attention_norm: Vec<f32>,
    pub(super) query: Matrix,
    pub(super) key: Matrix,
    pub(super) value: Matrix,
    pub(super) output: Matrix,
    /// Of queries, keys and values; Qwen 2 only.
    pub(super) biases: Option<[Vec<f32>; 3]>,
    /// Of each head of the queries and keys; Qwen 3 and Gemma 3 only.
    head_norms: Option<[Vec<f32>; 2]>,
    /// Of what attention and feed-forward add; Gemma 3 only.
    post_norms: Option<[Vec<f32>; 2]>,
    pub(super) feed_norm: Vec<f32>,
    pub(super) gate: Matrix,
    pub(super) up: Matrix,
    pub(super) down: Matrix,
}

impl LayerWeights {
    /// Of the heads of queries, and of keys.
    pub(super) fn head_norms(&self) -> [Option<&[f32]>; 2] {
        both(self.head_norms.as_ref())
    }

    /// Of what attention adds, and what feed-forward adds.
    pub(super) fn post_norms(&self) -> [Option<&[f32]>; 2] {
        both(self.post_norms.as_ref())
    }
}

fn both(norms: Option<&[Vec<f32>; 2]>) -> [Option<&[f32]>; 2] {
    norms.map_or([None; 2], |norms| norms.each_ref().map(|norm| Some(&norm[..])))
}

/// All of them.
pub(crate) struct Weights {
    pub(super) embedding: Matrix,
    pub(super) layers: Vec<LayerWeights>,
    pub(super) norm: Vec<f32>,
    /// `None` where the embedding scores too.
    pub(super) head: Option<Matrix>,
    pub(super) rope_factors: Option<Vec<f32>>,
}

/// Why weights were not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WeightError {
    /// The file could not be read, or holds no sound numbers.
    #[error("{0}")]
    Unsound(String),
    /// A tensor is of a kind that is not run.
    #[error("{0}")]
    Unsupported(String),
}

impl Weights {
    /// Reads them, a few tiles at a time: nothing is held twice.
    pub(crate) fn read(
        network: &Network,
        header: &Header,
        reader: &mut (impl Read + Seek),
        pool: &Pool,
    ) -> Result<Self, WeightError> {
        let all = memory::tensor_bytes(header);
        let mut file = File {
            header,
            reader,
            pool,
            memory: Pages::by(usize::try_from(all).unwrap_or(0)),
            buffer: Vec::new(),
        };
        let embedding = file.matrix("token_embd.weight")?;
        let layers = (0..network.layers)
            .map(|index| file.layer(network, index))
            .collect::<Result<_, _>>()?;
        // Where scores are scaled, what they are made of is.
        let norm = file.vector("output_norm.weight")?;
        Ok(Self {
            embedding,
            layers,
            norm: norm.iter().map(|gain| gain * network.scales.scores).collect(),
            head: file.optional("output.weight", File::matrix)?,
            rope_factors: file.optional("rope_freqs.weight", File::vector)?,
        })
    }

    /// Bytes that they take in memory.
    pub(crate) fn bytes(&self) -> u64 {
        self.matrices().map(|matrix| matrix.bytes() as u64).sum()
    }

    pub(super) fn matrices(&self) -> impl Iterator<Item = &Matrix> {
        let layers = self.layers.iter().flat_map(|layer| {
            let LayerWeights {
                query,
                key,
                value,
                output,
                gate,
                up,
                down,
                ..
            } = layer;
            [query, key, value, output, gate, up, down]
        });
        layers.chain(self.head.as_ref()).chain([&self.embedding])
    }
}

struct File<'a, R> {
    header: &'a Header,
    reader: &'a mut R,
    pool: &'a Pool,
    /// Of all matrices: as much as they take at most.
    memory: Pages,
    buffer: Vec<u8>,
}

impl<'a, R: Read + Seek> File<'a, R> {
    fn layer(&mut self, network: &Network, index: usize) -> Result<LayerWeights, WeightError> {
        let name = |part: &str| format!("blk.{index}.{part}.weight");
        let bias = |part: &str| format!("blk.{index}.{part}.bias");
        let family = network.family;
        let biases = [bias("attn_q"), bias("attn_k"), bias("attn_v")];
        let head_norms = [name("attn_q_norm"), name("attn_k_norm")];
        let post_norms = [name("post_attention_norm"), name("post_ffw_norm")];
        Ok(LayerWeights {
            attention_norm: self.vector(&name("attn_norm"))?,
            query: self.matrix(&name("attn_q"))?,
            key: self.matrix(&name("attn_k"))?,
            value: self.matrix(&name("attn_v"))?,
            output: self.matrix(&name("attn_output"))?,
            biases: self.vectors(family.has_biases(), &biases)?,
            head_norms: self.vectors(family.has_head_norms(), &head_norms)?,
            post_norms: self.vectors(family.has_post_norms(), &post_norms)?,
            feed_norm: self.vector(&name("ffn_norm"))?,
            gate: self.matrix(&name("ffn_gate"))?,
            up: self.matrix(&name("ffn_up"))?,
            down: self.matrix(&name("ffn_down"))?,
        })
    }

    fn optional<T>(
        &mut self,
        name: &str,
        read: fn(&mut Self, &str) -> Result<T, WeightError>,
    ) -> Result<Option<T>, WeightError> {
        if self.header.tensors.contains_key(name) {
            read(self, name).map(Some)
        } else {
            Ok(None)
        }
    }

    fn matrix(&mut self, name: &str) -> Result<Matrix, WeightError> {
        let (head, bytes) = self.find(name)?;
        let [rows, columns] = head.shape[..] else {
            return Err(WeightError::Unsound(format!("tensor '{name}' is no matrix")));
        };
        let mut matrix = Kind::try_from(head.kind)
            .and_then(|kind| Matrix::unfilled(kind, rows, columns, bytes, &mut self.memory))
            .map_err(|error| WeightError::Unsupported(format!("tensor '{name}': {error}")))?;
        let tiles = (READ_BYTES / matrix.source_bytes()).max(1);
        let piece = tiles * matrix.source_bytes();
        for (index, at) in (0..bytes).step_by(piece).enumerate() {
            self.read(name, piece.min(bytes - at))?;
            matrix.fill(index * tiles, &self.buffer, self.pool);
        }
        Ok(matrix)
    }

    /// Some vectors, if there are any.
    fn vectors<const N: usize>(
        &mut self,
        any: bool,
        names: &[String; N],
    ) -> Result<Option<[Vec<f32>; N]>, WeightError> {
        let mut found = [const { Vec::new() }; N];
        for (found, name) in found.iter_mut().zip(names).filter(|_| any) {
            *found = self.vector(name)?;
        }
        Ok(any.then_some(found))
    }

    /// Norms and biases: a few thousand numbers, which no writer quantises.
    fn vector(&mut self, name: &str) -> Result<Vec<f32>, WeightError> {
        let (head, bytes) = self.find(name)?;
        self.read(name, bytes)?;
        let halves = |read: fn([u8; 2]) -> f32| {
            let (pairs, _) = self.buffer.as_chunks::<2>();
            pairs.iter().map(|&bytes| read(bytes)).collect()
        };
        let values: Vec<f32> = match head.kind {
            GgmlDType::F32 => {
                let (numbers, _) = self.buffer.as_chunks::<4>();
                numbers.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
            }
            GgmlDType::F16 => halves(|bytes| f16::from_le_bytes(bytes).to_f32()),
            GgmlDType::BF16 => halves(|bytes| bf16::from_le_bytes(bytes).to_f32()),
            kind => {
                return Err(WeightError::Unsupported(format!(
                    "tensor '{name}' is stored as {}; norms and biases are read as F32, F16 and BF16",
                    gguf::kind_name(kind)
                )));
            }
        };
        if values.iter().all(|value| value.is_finite()) {
            Ok(values)
        } else {
            Err(WeightError::Unsound(format!(
                "tensor '{name}' holds what is not a number"
            )))
        }
    }

    /// Goes to where a tensor begins; says what it is, and how long.
    fn find(&mut self, name: &str) -> Result<(&'a TensorHead, usize), WeightError> {
        let head = self.header.tensors.get(name);
        let head = head.ok_or_else(|| unsound(name, &"missing"))?;
        let length = usize::try_from(head.bytes).map_err(|error| unsound(name, &error))?;
        self.reader
            .seek(SeekFrom::Start(self.header.data_offset + head.offset))
            .map_err(|error| unsound(name, &error))?;
        Ok((head, length))
    }

    /// Reads on.
    fn read(&mut self, name: &str, length: usize) -> Result<(), WeightError> {
        self.buffer.resize(length, 0);
        self.reader
            .read_exact(&mut self.buffer)
            .map_err(|error| unsound(name, &error))
    }
}

fn unsound(name: &str, error: &dyn std::fmt::Display) -> WeightError {
    WeightError::Unsound(format!("tensor '{name}': {error}"))
}
