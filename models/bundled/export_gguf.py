"""Writes a checkpoint as a GGUF file: Q8_0 matrices, F32 norms, tokenizer and chat template inside."""

import argparse
import json
from pathlib import Path

import gguf
import numpy as np
import torch

import corpus
import tokenizer
from model import Config

# Whoever says nothing of what the model is talks to the assistant: without one of the prompts it knows it is lost.
DEFAULT = corpus.turn("system", corpus.SYSTEM["ask_assistant"])
TEMPLATE = ("{% if messages[0].role != 'system' %}" + DEFAULT + "{% endif %}"
            "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
            "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
DESCRIPTION = "Demonstration model and last resort of the B2XGate MCP server: B2B mails, tickets and product copy in German and English."


def neighbouring(weight, heads):
    """Rows (i, i + half) of every head become (2i, 2i + 1): the pairs that readers of GGUF rotate."""
    rows, cols = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, cols).swapaxes(1, 2).reshape(rows, cols)


def tensors(state, c):
    """GGUF name and values, as float32."""
    for name, values in state.items():
        values = values.float().numpy()
        if name.endswith("attn_q.weight"):
            values = neighbouring(values, c.heads)
        elif name.endswith("attn_k.weight"):
            values = neighbouring(values, c.kv_heads)
        yield name, values


def write(checkpoint, tokenizer_json, out):
    c = Config()
    state = torch.load(checkpoint, weights_only=True)["average"]
    bpe = json.loads(Path(tokenizer_json).read_text(encoding="utf-8"))["model"]
    vocab = {i: t for t, i in bpe["vocab"].items()}
    first_special = len(vocab)
    tokens = [vocab.get(i) or tokenizer.SPECIAL[i - first_special] for i in range(c.vocab)]
    kinds = [gguf.TokenType.NORMAL] * first_special + [gguf.TokenType.CONTROL] * len(tokenizer.SPECIAL)
    merges = [m if isinstance(m, str) else " ".join(m) for m in bpe["merges"]]

    w = gguf.GGUFWriter(str(out), "llama")
    w.add_name("b2xgate-bundled")
    w.add_description(DESCRIPTION)
    w.add_license("Apache-2.0")
    w.add_languages(["de", "en"])
    w.add_context_length(c.context)
    w.add_embedding_length(c.dim)
    w.add_block_count(c.layers)
    w.add_feed_forward_length(c.ffn)
    w.add_head_count(c.heads)
    w.add_head_count_kv(c.kv_heads)
    w.add_key_length(c.head_dim)
    w.add_value_length(c.head_dim)
    w.add_layer_norm_rms_eps(c.eps)
    w.add_rope_freq_base(c.rope_base)
    w.add_rope_dimension_count(c.head_dim)
    w.add_vocab_size(c.vocab)
    w.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    w.add_quantization_version(gguf.GGML_QUANT_VERSION)
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("smollm")
    w.add_token_list(tokens)
    w.add_token_types(kinds)
    w.add_token_merges(merges)
    w.add_bos_token_id(tokens.index("<|endoftext|>"))
    w.add_eos_token_id(tokens.index(corpus.END))
    w.add_pad_token_id(tokens.index("<|endoftext|>"))
    w.add_add_bos_token(False)
    w.add_chat_template(TEMPLATE)
    for name, values in tensors(state, c):
        if values.ndim == 1:
            w.add_tensor(name, values.astype(np.float32))
        else:
            kind = gguf.GGMLQuantizationType.Q8_0
            w.add_tensor(name, gguf.quantize(values, kind), raw_dtype=kind)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("checkpoint", type=Path)
    p.add_argument("tokenizer", type=Path)
    p.add_argument("out", type=Path)
    a = p.parse_args()
    write(a.checkpoint, a.tokenizer, a.out)
