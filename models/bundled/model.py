"""The network: a llama-architecture decoder of about five million parameters.

Rotary pairs are (i, i + half) here because that is fast to train; the export reorders the rows of the
query and key matrices to the neighbouring pairs that GGUF files of architecture `llama` mean.
Every row length is a multiple of 256, which block-quantised matmuls like.
"""

from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass(frozen=True)
class Config:
    vocab: int = 4096
    context: int = 1024
    dim: int = 256
    layers: int = 5
    heads: int = 8
    kv_heads: int = 4
    head_dim: int = 32
    ffn: int = 768
    rope_base: float = 10000.0
    eps: float = 1e-5


class RmsNorm(nn.Module):
    def __init__(self, dim: int, eps: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        return F.rms_norm(x, x.shape[-1:], self.weight.to(x.dtype), self.eps)


def rotate(x, cos, sin):
    """Turns the pair (i, i + half) of a head's values by its position's angle, worked out exactly even where the rest is bf16."""
    first, second = x.chunk(2, -1)
    return torch.cat((first * cos - second * sin, first * sin + second * cos), -1).to(x.dtype)


class Block(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.c = c
        linear = lambda rows, cols: nn.Linear(rows, cols, bias=False)
        self.attn_norm, self.ffn_norm = RmsNorm(c.dim, c.eps), RmsNorm(c.dim, c.eps)
        self.attn_q = linear(c.dim, c.heads * c.head_dim)
        self.attn_k = linear(c.dim, c.kv_heads * c.head_dim)
        self.attn_v = linear(c.dim, c.kv_heads * c.head_dim)
        self.attn_output = linear(c.heads * c.head_dim, c.dim)
        self.ffn_gate, self.ffn_up = linear(c.dim, c.ffn), linear(c.dim, c.ffn)
        self.ffn_down = linear(c.ffn, c.dim)

    def forward(self, x, cos, sin, mask=None, past=None):
        """Whole sequences, each token seeing itself and the ones before; with `past` also all that is remembered, as far as the mask allows."""
        c, (batch, length, _) = self.c, x.shape
        h = self.attn_norm(x)
        split = lambda t, heads: t.view(batch, length, heads, c.head_dim).transpose(1, 2)
        q = rotate(split(self.attn_q(h), c.heads), cos, sin)
        k = rotate(split(self.attn_k(h), c.kv_heads), cos, sin)
        v = split(self.attn_v(h), c.kv_heads)
        if past is not None:
            k, v = past.append(k, v)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=past is None, enable_gqa=True)
        x = x + self.attn_output(y.transpose(1, 2).reshape(batch, length, -1))
        h = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h))


class Past:
    """Keys and values of one layer, written in place while generating."""

    def __init__(self, c: Config, batch: int, length: int):
        self.k = torch.zeros(batch, c.kv_heads, length, c.head_dim)
        self.v = torch.zeros(batch, c.kv_heads, length, c.head_dim)
        self.used = 0

    def append(self, k, v):
        end = self.used + k.shape[2]
        self.k[:, :, self.used:end], self.v[:, :, self.used:end] = k, v
        self.used = end
        return self.k[:, :, :end], self.v[:, :, :end]


class Model(nn.Module):
    def __init__(self, c: Config = Config()):
        super().__init__()
        self.c = c
        self.token_embd = nn.Embedding(c.vocab, c.dim)  # tied: also the output matrix
        self.blk = nn.ModuleList(Block(c) for _ in range(c.layers))
        self.output_norm = RmsNorm(c.dim, c.eps)
        steps = c.rope_base ** (-torch.arange(0, c.head_dim, 2).float() / c.head_dim)
        angles = torch.outer(torch.arange(c.context).float(), steps)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        # Large embeddings keep a token's identity audible above what the layers add, which is what
        # copying needs; the small last norm brings the logits of the tied matrix back to size.
        nn.init.normal_(self.token_embd.weight, std=1.0)
        nn.init.constant_(self.output_norm.weight, 0.05)
        for block in self.blk:
            for name, p in block.named_parameters():
                if p.ndim == 2:
                    nn.init.normal_(p, std=p.shape[1] ** -0.5 * 0.5)
            nn.init.zeros_(block.attn_output.weight)
            nn.init.zeros_(block.ffn_down.weight)

    def hidden(self, tokens):
        """Final hidden states of full sequences: training."""
        x = self.token_embd(tokens)
        cos, sin = self.cos[: tokens.shape[1]], self.sin[: tokens.shape[1]]
        for block in self.blk:
            x = block(x, cos, sin)
        return self.output_norm(x)

    def logits(self, hidden):
        return F.linear(hidden, self.token_embd.weight)
