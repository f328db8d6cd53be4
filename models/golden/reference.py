"""The same networks in 64-bit floats on dequantised weights: tells whose error a difference is."""

import gguf
import numpy as np

from networks import CONTEXT, HEADS, KV_HEADS, NORM_EPSILON, WINDOW_ROPE_BASE


def dequantise(path):
    """All weights of a file as 64-bit floats, by name."""
    found = {}
    for tensor in gguf.GGUFReader(path).tensors:
        weights = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        found[tensor.name] = weights.astype(np.float64)
    return found


def score(shape, weights, tokens):
    """Scores behind each of the tokens."""
    embedding, _, residual, scores = shape.scales
    stream = weights["token_embd.weight"][tokens] * embedding
    for layer in range(shape.layers):
        part = lambda name, at=f"blk.{layer}.": weights.get(at + name)
        normed = rms_norm(stream, part("attn_norm.weight"))
        added = attention(shape, layer, part, normed, weights.get("rope_freqs.weight"))
        stream = stream + residual * post_norm(added, part("post_attention_norm.weight"))
        normed = rms_norm(stream, part("ffn_norm.weight"))
        gate = normed @ part("ffn_gate.weight").T
        up = normed @ part("ffn_up.weight").T
        added = (activation(shape, gate) * up) @ part("ffn_down.weight").T
        stream = stream + residual * post_norm(added, part("post_ffw_norm.weight"))
    head = weights.get("output.weight", weights["token_embd.weight"])
    return rms_norm(stream, weights["output_norm.weight"]) @ head.T / scores


def post_norm(rows, gains):
    return rows if gains is None else rms_norm(rows, gains)


def activation(shape, gate):
    if shape.family == "gemma3":
        return gate / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (gate + 0.044715 * gate**3)))
    return gate / (1 + np.exp(-gate))


def rms_norm(rows, gains):
    return rows / np.sqrt((rows**2).mean(-1, keepdims=True) + NORM_EPSILON) * gains


def attention(shape, layer, part, rows, factors):
    def heads(name, count):
        found = rows @ part(f"attn_{name}.weight").T
        if (bias := part(f"attn_{name}.bias")) is not None:
            found = found + bias
        found = found.reshape(len(rows), count, shape.head_width)
        if (gains := part(f"attn_{name}_norm.weight")) is not None:
            found = rms_norm(found, gains)
        return found

    queries, keys, values = heads("q", HEADS), heads("k", KV_HEADS), heads("v", KV_HEADS)
    window = shape.window(layer)
    if shape.turns(layer):
        queries, keys = (rotate(shape, part, factors, window) for part in (queries, keys))
    keys, values = (np.repeat(part, HEADS // KV_HEADS, axis=1) for part in (keys, values))
    scores = np.einsum("qhw,khw->hqk", queries, keys) * shape.scales[1]
    scores[:, np.triu(np.ones(scores.shape[1:], bool), 1)] = -np.inf
    if window:
        scores[:, np.tril(np.ones(scores.shape[1:], bool), -window)] = -np.inf
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)
    seen = np.einsum("hqk,khw->qhw", shares, values)
    return seen.reshape(len(rows), -1) @ part("attn_output.weight").T


def rotate(shape, heads, factors, window):
    half = shape.head_width // 2
    base = WINDOW_ROPE_BASE if window else shape.rope_base
    speeds = base ** (-2.0 * np.arange(half) / shape.head_width)
    magnitude = 1.0
    if factors is not None:
        speeds = speeds / factors
    if shape.linear_factor and not window:
        speeds = speeds / shape.linear_factor
    if shape.yarn_factor:
        speeds, magnitude = yarn(shape, speeds)
    angles = np.arange(len(heads))[:, None, None] * speeds
    cosines, sines = np.cos(angles) * magnitude, np.sin(angles) * magnitude
    first, second = (heads[..., ::2], heads[..., 1::2]) if shape.side_by_side else np.split(heads, 2, -1)
    turned = first * cosines - second * sines, first * sines + second * cosines
    return np.stack(turned, -1).reshape(heads.shape) if shape.side_by_side else np.concatenate(turned, -1)


def yarn(shape, speeds):
    original = CONTEXT / shape.yarn_factor

    def pair(turns):
        return shape.head_width * np.log(original / (turns * 2 * np.pi)) / (2 * np.log(shape.rope_base))

    low, high = max(np.floor(pair(32)), 0), min(np.ceil(pair(1)), shape.head_width - 1)
    ramp = 1 - np.clip((np.arange(len(speeds)) - low) / max(high - low, 0.001), 0, 1)
    return speeds * ramp + speeds / shape.yarn_factor * (1 - ramp), 1 + 0.1 * np.log(shape.yarn_factor)
