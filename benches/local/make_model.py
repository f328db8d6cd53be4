"""Makes a model file of a known shape, with random weights that llama.cpp quantises.

    make_model.py {qwen3,qwen2.5,llama} {q4_k_m,q8_0} FILE
"""

import ctypes
import os
import pathlib
import sys

import gguf
import llama_cpp
import numpy as np

# Qwen3-0.6B, Qwen2.5-0.5B, Llama-3.2-1B. All use the embeddings again as the head.
SHAPES = {
    "qwen3": dict(
        architecture="qwen3", vocabulary=151936, width=1024, layers=28, heads=16, kv_heads=8, head_width=128,
        feed=3072, context=40960, rope_base=1e6, splitter="qwen2",
    ),
    "qwen2.5": dict(
        architecture="qwen2", vocabulary=151936, width=896, layers=24, heads=14, kv_heads=2, head_width=64,
        feed=4864, context=32768, rope_base=1e6, splitter="qwen2",
    ),
    "llama": dict(
        architecture="llama", vocabulary=128256, width=2048, layers=16, heads=32, kv_heads=8, head_width=64,
        feed=8192, context=131072, rope_base=5e5, splitter="llama-bpe",
    ),
}
KINDS = {
    "q4_k_m": llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M,
    "q8_0": llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0,
}
# A prompt is then as many tokens as its text has characters.
CHAT_TEMPLATE = "{% for message in messages %}{{ message['content'] }}{% endfor %}"


def byte_spellings():
    """The printable characters that byte-level BPE writes for bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    characters = {byte: chr(byte) for byte in printable}
    characters.update({byte: chr(256 + place) for place, byte in enumerate(others)})
    return [characters[byte] for byte in range(256)]


def add_tokenizer(writer, shape):
    spellings = [*byte_spellings(), "th"]
    spellings += [f"<f{id}>" for id in range(len(spellings), shape["vocabulary"] - 1)]
    kinds = [gguf.TokenType.NORMAL] * len(spellings)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(shape["splitter"])
    writer.add_token_list([*spellings, "<|end|>"])
    writer.add_token_types([*kinds, gguf.TokenType.CONTROL])
    writer.add_token_merges(["t h"])
    writer.add_eos_token_id(len(spellings))
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def add_hyperparameters(writer, shape):
    writer.add_context_length(shape["context"])
    writer.add_embedding_length(shape["width"])
    writer.add_block_count(shape["layers"])
    writer.add_feed_forward_length(shape["feed"])
    writer.add_head_count(shape["heads"])
    writer.add_head_count_kv(shape["kv_heads"])
    writer.add_key_length(shape["head_width"])
    writer.add_value_length(shape["head_width"])
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(shape["rope_base"])
    writer.add_rope_dimension_count(shape["head_width"])


def add_weights(writer, shape):
    random = np.random.default_rng(1)
    width, feed, head = shape["width"], shape["feed"], shape["head_width"]
    queries, keys = shape["heads"] * head, shape["kv_heads"] * head

    def matrix(name, rows, columns):
        weights = random.standard_normal((rows, columns), dtype=np.float32)
        writer.add_tensor(name + ".weight", (weights * np.float32(0.02)).astype(np.float16))

    def ones(name, length):
        writer.add_tensor(name, np.ones(length, np.float32))

    matrix("token_embd", shape["vocabulary"], width)
    ones("output_norm.weight", width)
    if shape["architecture"] == "llama":
        ones("rope_freqs.weight", head // 2)
    for layer in range(shape["layers"]):
        at = f"blk.{layer}."
        ones(at + "attn_norm.weight", width)
        ones(at + "ffn_norm.weight", width)
        matrix(at + "attn_q", queries, width)
        matrix(at + "attn_k", keys, width)
        matrix(at + "attn_v", keys, width)
        matrix(at + "attn_output", width, queries)
        matrix(at + "ffn_gate", feed, width)
        matrix(at + "ffn_up", feed, width)
        matrix(at + "ffn_down", width, feed)
        if shape["architecture"] == "qwen2":
            ones(at + "attn_q.bias", queries)
            ones(at + "attn_k.bias", keys)
            ones(at + "attn_v.bias", keys)
        if shape["architecture"] == "qwen3":
            ones(at + "attn_q_norm.weight", head)
            ones(at + "attn_k_norm.weight", head)


def main(model, kind, target):
    shape, target = SHAPES[model], pathlib.Path(target)
    floats = target.with_name(f"{model}-f16.gguf")
    if not floats.exists():
        partial = floats.with_suffix(".partial")
        writer = gguf.GGUFWriter(partial, shape["architecture"])
        writer.add_name(f"{model}-random")
        add_hyperparameters(writer, shape)
        add_tokenizer(writer, shape)
        add_weights(writer, shape)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        partial.rename(floats)
    llama_cpp.llama_backend_init()
    quiet = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = KINDS[kind]
    parameters.nthread = os.cpu_count()
    partial = target.with_suffix(".partial")
    status = llama_cpp.llama_model_quantize(
        str(floats).encode(), str(partial).encode(), ctypes.byref(parameters)
    )
    if status != 0:
        sys.exit(f"llama.cpp cannot quantise {floats}: status {status}")
    partial.rename(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
