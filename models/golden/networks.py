"""Small networks of each family with random weights, and the GGUF files that hold them."""

import zlib
from dataclasses import dataclass

import gguf
import numpy as np

VOCABULARY = 128
CONTEXT = 256
HEADS, KV_HEADS = 4, 2
NORM_EPSILON = 1e-6
# As Llama 3.1 files do it: fast pairs are left alone, slow ones turn eight times slower, a ramp between.
ROPE_FREQUENCY_FACTORS = (1.0, 1.0, 1.5, 4.0, 8.0)
# Of Gemma 3: shorter than the sequences, and every other layer sees all.
WINDOW, WINDOW_PATTERN, WINDOW_ROPE_BASE = 16, 2, 1e4


@dataclass(frozen=True)
class Shape:
    """What sets one network apart from the others."""

    name: str
    family: str  # "llama", "mistral", "qwen2", "qwen3", "smollm3", "granite" or "gemma3"
    width: int
    head_width: int
    feed: int
    layers: int

    @property
    def architecture(self):
        return "llama" if self.family == "mistral" else self.family

    @property
    def rope_base(self):
        return {"llama": 5e5, "mistral": 1e4, "smollm3": 5e6, "granite": 1e7}.get(self.family, 1e6)

    @property
    def yarn_factor(self):
        return 4.0 if self.family == "qwen2" else None

    @property
    def linear_factor(self):
        return 2.0 if self.family in ("mistral", "gemma3") else None

    @property
    def side_by_side(self):
        """Whether the pairs that are turned together are neighbours."""
        return self.architecture in ("llama", "smollm3", "granite")

    @property
    def scales(self):
        """What embeddings, scores of attention, and what a part adds, are multiplied by, and scores divided by."""
        plain = self.head_width**-0.5
        granite, gemma = (3.0, 0.05, 0.6, 1.6), (self.width**0.5, plain, 1.0, 1.0)
        return {"granite": granite, "gemma3": gemma}.get(self.family, (1.0, plain, 1.0, 1.0))

    def turns(self, layer):
        """Whether a layer turns queries and keys to their positions."""
        return self.family != "smollm3" or layer % 4 != 3

    def window(self, layer):
        """How many positions a layer sees, its own among them; `None` for all."""
        return WINDOW if self.family == "gemma3" and layer % WINDOW_PATTERN < WINDOW_PATTERN - 1 else None

    @property
    def tied(self):
        return self.family != "mistral"


def tensors(shape):
    """All weights as 32-bit floats, by name. Equal names of shapes give equal weights."""
    random = np.random.default_rng(zlib.crc32(shape.name.encode()))
    found = {}

    def matrix(name, rows, columns, scale=1.0):
        weights = random.standard_normal((rows, columns), dtype=np.float32)
        found[name] = weights * np.float32(scale / columns**0.5)

    def vector(name, length, mean, spread):
        found[name] = (mean + spread * random.standard_normal(length)).astype(np.float32)

    # Gives scores a spread of about 0.8. Random networks carry every rounding through to the scores, and the
    # divergence grows with the square of their spread: at 2, llama.cpp itself is 0.003 to 0.009 from exact.
    matrix("token_embd.weight", VOCABULARY, shape.width, 0.8 * shape.scales[3])
    vector("output_norm.weight", shape.width, 1.0, 0.2)
    if not shape.tied:
        matrix("output.weight", VOCABULARY, shape.width, 0.8)
    if shape.family == "llama":
        factors = np.interp(
            np.linspace(0, 1, shape.head_width // 2), np.linspace(0, 1, 5), ROPE_FREQUENCY_FACTORS
        )
        found["rope_freqs.weight"] = factors.astype(np.float32)
    queries, keys = HEADS * shape.head_width, KV_HEADS * shape.head_width
    for layer in range(shape.layers):
        at = f"blk.{layer}."
        vector(at + "attn_norm.weight", shape.width, 1.0, 0.2)
        vector(at + "ffn_norm.weight", shape.width, 1.0, 0.2)
        matrix(at + "attn_q.weight", queries, shape.width)
        matrix(at + "attn_k.weight", keys, shape.width)
        matrix(at + "attn_v.weight", keys, shape.width)
        matrix(at + "attn_output.weight", shape.width, queries)
        matrix(at + "ffn_gate.weight", shape.feed, shape.width)
        matrix(at + "ffn_up.weight", shape.feed, shape.width)
        matrix(at + "ffn_down.weight", shape.width, shape.feed)
        if shape.family == "qwen2":
            vector(at + "attn_q.bias", queries, 0.0, 1.0)
            vector(at + "attn_k.bias", keys, 0.0, 1.0)
            vector(at + "attn_v.bias", keys, 0.0, 0.1)
        if shape.family in ("qwen3", "gemma3"):
            vector(at + "attn_q_norm.weight", shape.head_width, 1.5, 0.2)
            vector(at + "attn_k_norm.weight", shape.head_width, 1.0, 0.2)
        if shape.family == "gemma3":
            vector(at + "post_attention_norm.weight", shape.width, 1.0, 0.2)
            vector(at + "post_ffw_norm.weight", shape.width, 1.0, 0.2)
    return found


def write(path, shape, weights, golden=None):
    """Writes a file; `weights` are pairs of an array and its GGML type, by name."""
    writer = gguf.GGUFWriter(path, shape.architecture)
    writer.add_name(shape.name)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_key_length(shape.head_width)
    writer.add_value_length(shape.head_width)
    writer.add_layer_norm_rms_eps(NORM_EPSILON)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_rope_dimension_count(shape.head_width)
    if shape.linear_factor:
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(shape.linear_factor)
    if shape.yarn_factor:
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(shape.yarn_factor)
        writer.add_rope_scaling_orig_ctx_len(int(CONTEXT / shape.yarn_factor))
    if shape.family == "granite":
        embedding, attention, residual, scores = shape.scales
        writer.add_embedding_scale(embedding)
        writer.add_attention_scale(attention)
        writer.add_residual_scale(residual)
        writer.add_logit_scale(scores)
    if shape.family == "gemma3":
        writer.add_sliding_window(WINDOW)
        writer.add_sliding_window_pattern(WINDOW_PATTERN)
    writer.add_vocab_size(VOCABULARY)
    writer.add_tokenizer_model("no_vocab")
    if golden:
        tokens, scores, exact = golden
        writer.add_array("golden.tokens", [int(token) for token in tokens.reshape(-1)])
        writer.add_array("golden.llama", [float(score) for score in scores.reshape(-1)])
        writer.add_array("golden.exact", [float(score) for score in exact.reshape(-1)])
    for name, (array, kind) in weights.items():
        writer.add_tensor(name, array, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
