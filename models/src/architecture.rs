//! The shape of a network as its header states it, checked tensor by tensor before anything is loaded.

use candle_core::quantized::GgmlDType;

use crate::{
    engine::LoadError,
    gguf::{Header, TensorHead, Value},
};

mod family;
mod scaling;

pub use family::Family;
pub(crate) use family::{Scales, Window};
pub(crate) use scaling::Scaling;

/// Attention takes this many numbers of a head at once.
const HEAD_WIDTH_STEP: usize = 16;

/// What a network is made of.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    pub(crate) family: Family,
    pub(crate) layers: usize,
    pub(crate) width: usize,
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    pub(crate) head_width: usize,
    /// Width within the feed-forward part.
    pub(crate) feed: usize,
    pub(crate) vocabulary: usize,
    /// Longest sequence the model was made for.
    pub(crate) context: usize,
    pub(crate) rope_base: f64,
    pub(crate) rope_scaling: Scaling,
    pub(crate) norm_epsilon: f64,
    pub(crate) scales: Scales,
    /// `None` where every layer sees all positions.
    pub(crate) window: Option<Window>,
}

impl Network {
    /// Reads and checks the hyperparameters and that every tensor they ask for is there, in its shape.
    pub(crate) fn read(header: &Header) -> Result<Self, LoadError> {
        let architecture = header
            .text("general.architecture")
            .ok_or_else(|| LoadError::Malformed("metadata lacks general.architecture".to_owned()))?;
        let family = Family::named(architecture)?;
        let keys = Keys {
            header,
            prefix: architecture,
        };
        keys.refuse_unknown_kinds(family)?;
        let layers = keys.integer("block_count", 1..=512)?;
        let width = keys.integer("embedding_length", 1..=65_536)?;
        let heads = keys.integer("attention.head_count", 1..=1_024)?;
        let kv_heads = keys.integer_or("attention.head_count_kv", 1..=1_024, heads)?;
        if heads % kv_heads != 0 {
            return Err(LoadError::Malformed(format!(
                "{heads} heads cannot share {kv_heads} key heads evenly"
            )));
        }
        let head_width = keys.integer_or("attention.key_length", 2..=1_024, (width / heads).max(1))?;
        if head_width % HEAD_WIDTH_STEP != 0 {
            return Err(LoadError::Unsupported(format!(
                "a head width of {head_width}; multiples of {HEAD_WIDTH_STEP} are run"
            )));
        }
        let rope_width = keys.integer_or("rope.dimension_count", 2..=1_024, head_width)?;
        if rope_width != head_width {
            return Err(LoadError::Unsupported(format!(
                "rotary embedding of {rope_width} of {head_width} dimensions"
            )));
        }
        let embedding = tensor(header, "token_embd.weight")?;
        let network = Self {
            family,
            layers,
            width,
            heads,
            kv_heads,
            head_width,
            feed: tensor(header, "blk.0.ffn_gate.weight")?.shape[0],
            vocabulary: embedding.shape[0],
            context: keys.integer("context_length", 1..=1 << 24)?,
            rope_base: keys.positive("rope.freq_base", Some(10_000.0))?,
            rope_scaling: Scaling::read(&keys)?,
            norm_epsilon: keys.positive("attention.layer_norm_rms_epsilon", None)?,
            scales: Scales::read(family, &keys, (layers, width, heads, head_width))?,
            window: Window::read(family, &keys)?,
        };
        network.check_tensors(header)?;
        Ok(network)
    }

    /// The window of a layer, where it has one.
    pub(crate) fn window(&self, layer: usize) -> Option<&Window> {
        self.window.as_ref().filter(|window| window.is_of(layer))
    }

    fn check_tensors(&self, header: &Header) -> Result<(), LoadError> {
        let feed = self.feed;
        let (queries, keys) = (self.heads * self.head_width, self.kv_heads * self.head_width);
        let expect = |name: &str, shape: &[usize]| expect(header, name, shape);
        expect("token_embd.weight", &[self.vocabulary, self.width])?;
        expect("output_norm.weight", &[self.width])?;
        if header.tensors.contains_key("output.weight") {
            expect("output.weight", &[self.vocabulary, self.width])?;
        }
        for layer in 0..self.layers {
            let expect = |part: &str, shape: &[usize]| expect(&format!("blk.{layer}.{part}"), shape);
            expect("attn_norm.weight", &[self.width])?;
            expect("attn_q.weight", &[queries, self.width])?;
            expect("attn_k.weight", &[keys, self.width])?;
            expect("attn_v.weight", &[keys, self.width])?;
            expect("attn_output.weight", &[self.width, queries])?;
            expect("ffn_norm.weight", &[self.width])?;
            expect("ffn_gate.weight", &[feed, self.width])?;
            expect("ffn_up.weight", &[feed, self.width])?;
            expect("ffn_down.weight", &[self.width, feed])?;
            if self.family.has_biases() {
                expect("attn_q.bias", &[queries])?;
                expect("attn_k.bias", &[keys])?;
                expect("attn_v.bias", &[keys])?;
            }
            if self.family.has_head_norms() {
                expect("attn_q_norm.weight", &[self.head_width])?;
                expect("attn_k_norm.weight", &[self.head_width])?;
            }
            if self.family.has_post_norms() {
                expect("post_attention_norm.weight", &[self.width])?;
                expect("post_ffw_norm.weight", &[self.width])?;
            }
        }
        self.refuse_other_biases(header)?;
        if header.tensors.contains_key("rope_freqs.weight") {
            expect("rope_freqs.weight", &[self.head_width / 2])?;
        }
        Ok(())
    }

    /// Those that would be left out, and the answers be wrong for it.
    fn refuse_other_biases(&self, header: &Header) -> Result<(), LoadError> {
        let known = ["attn_q.bias", "attn_k.bias", "attn_v.bias"];
        let is_known =
            |name: &str| self.family.has_biases() && known.iter().any(|known| name.ends_with(known));
        let mut names = header.tensors.keys();
        match names.find(|name| name.rsplit('.').next() == Some("bias") && !is_known(name)) {
            Some(name) => Err(LoadError::Unsupported(format!("a bias, '{name}'"))),
            None => Ok(()),
        }
    }
}

/// The type that most weights of matrices are stored in.
pub(crate) fn commonest_kind(header: &Header) -> GgmlDType {
    let mut weights: Vec<(GgmlDType, u64)> = Vec::new();
    for head in header.tensors.values().filter(|head| head.shape.len() > 1) {
        match weights.iter_mut().find(|(kind, _)| *kind == head.kind) {
            Some((_, sum)) => *sum += head.elements(),
            None => weights.push((head.kind, head.elements())),
        }
    }
    weights
        .into_iter()
        .max_by_key(|&(_, sum)| sum)
        .map_or(GgmlDType::F32, |(kind, _)| kind)
}

fn tensor<'a>(header: &'a Header, name: &str) -> Result<&'a TensorHead, LoadError> {
    header
        .tensors
        .get(name)
        .ok_or_else(|| LoadError::Malformed(format!("tensor '{name}' is missing")))
}

fn expect(header: &Header, name: &str, shape: &[usize]) -> Result<(), LoadError> {
    let found = &tensor(header, name)?.shape;
    if found == shape {
        return Ok(());
    }
    Err(LoadError::Malformed(format!(
        "tensor '{name}' has shape {found:?}, expected {shape:?}"
    )))
}

struct Keys<'a> {
    header: &'a Header,
    prefix: &'a str,
}

impl Keys<'_> {
    /// Variants that would load and then answer wrongly.
    fn refuse_unknown_kinds(&self, family: Family) -> Result<(), LoadError> {
        let experts = self.header.integer(&format!("{}.expert_count", self.prefix));
        if experts.unwrap_or(0) > 1 {
            return Err(LoadError::Unsupported("a mixture of experts".to_owned()));
        }
        // Where Granite's files say so, positions are not told to the network at all.
        if family == Family::Granite && self.flag("rope.scaling.finetuned") == Some(false) {
            return Err(LoadError::Unsupported("a network without positions".to_owned()));
        }
        if self
            .header
            .float(&format!("{}.final_logit_softcapping", self.prefix))
            .unwrap_or(0.0)
            > 0.0
        {
            return Err(LoadError::Unsupported("capped scores".to_owned()));
        }
        Ok(())
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.header.text(&format!("{}.{key}", self.prefix))
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.header.flag(&format!("{}.{key}", self.prefix))
    }

    fn integer(&self, key: &str, range: std::ops::RangeInclusive<usize>) -> Result<usize, LoadError> {
        let name = format!("{}.{key}", self.prefix);
        if !self.header.metadata.contains_key(&name) {
            return Err(LoadError::Malformed(format!("metadata lacks {name}")));
        }
        let found = &self.header.metadata[&name];
        // Some files say it for each layer.
        let value = match found {
            Value::Integers(layers) if layers.iter().all(|layer| *layer == layers[0]) => {
                layers.first().and_then(|&layer| layer.try_into().ok())
            }
            Value::Integers(_) => {
                return Err(LoadError::Unsupported(format!(
                    "{name} that differs between layers"
                )));
            }
            _ => self.header.integer(&name),
        };
        let value = value
            .and_then(|n| usize::try_from(n).ok())
            .filter(|n| range.contains(n));
        value.ok_or_else(|| {
            LoadError::Malformed(format!(
                "{name} is {}, expected an integer from {} to {}",
                brief(found),
                range.start(),
                range.end()
            ))
        })
    }

    fn integer_or(
        &self,
        key: &str,
        range: std::ops::RangeInclusive<usize>,
        otherwise: usize,
    ) -> Result<usize, LoadError> {
        if self
            .header
            .metadata
            .contains_key(&format!("{}.{key}", self.prefix))
        {
            self.integer(key, range)
        } else {
            Ok(otherwise)
        }
    }

    fn positive(&self, key: &str, otherwise: Option<f64>) -> Result<f64, LoadError> {
        let name = format!("{}.{key}", self.prefix);
        match (self.header.float(&name), otherwise) {
            (Some(n), _) if n.is_finite() && n > 0.0 => Ok(n),
            (None, Some(n)) if !self.header.metadata.contains_key(&name) => Ok(n),
            (Some(n), _) => Err(LoadError::Malformed(format!(
                "{name} is {n}, expected a positive number"
            ))),
            (None, _) => Err(LoadError::Malformed(format!("metadata lacks a number in {name}"))),
        }
    }
}

fn brief(value: &Value) -> String {
    let text = format!("{value:?}");
    text.chars().take(60).collect()
}
