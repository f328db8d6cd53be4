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
    """Turns the pair (i, i + half) of a head's values by its position's angle."""
    first, second = x.chunk(2, -1)
    return torch.cat((first * cos - second * sin, first * sin + second * cos), -1)


class Causal(torch.autograd.Function):
    """Attention of every token to itself and the ones before, for whole sequences, a block of queries at a time.

    What a block needs stays in the processor's cache, and what lies after the block is not worked out at
    all. On CPUs that is twice as fast as two large matmuls, and the backward pass more than twice.
    """

    ROWS, STEP = 4, 128

    @staticmethod
    def forward(ctx, q, k, v):
        """q is (batch, key heads, query heads of each, length, width), scaled; k and v lack the third."""
        (batch, kv, group, length, width), shape = q.shape, q.shape
        q, k, v = q.reshape(batch * kv, group, length, width), k.reshape(batch * kv, length, width), v.reshape(batch * kv, length, width)
        later = torch.full((Causal.STEP, Causal.STEP), float("-inf"), dtype=q.dtype).triu(1)
        y, kept = torch.empty_like(q), []
        for row in range(0, batch * kv, Causal.ROWS * kv):
            rows = slice(row, row + Causal.ROWS * kv)
            for first in range(0, length, Causal.STEP):
                end = min(first + Causal.STEP, length)
                now, n = q[rows, :, first:end], end - first
                scores = torch.bmm(now.reshape(-1, group * n, width), k[rows, :end].transpose(1, 2)).view(-1, group, n, end)
                scores[..., first:] += later[:n, :n]
                weights = torch.softmax(scores, -1).view(-1, group * n, end)
                y[rows, :, first:end] = torch.bmm(weights, v[rows, :end]).view(-1, group, n, width)
                kept.append(weights)
        ctx.save_for_backward(q, k, v, *kept)
        ctx.form = shape
        return y.view(shape)

    @staticmethod
    def backward(ctx, dy):
        q, k, v, *kept = ctx.saved_tensors
        batch, kv, group, length, width = ctx.form
        dy, kept = dy.reshape(q.shape), iter(kept)
        dq, dk, dv = torch.empty_like(q), torch.zeros_like(k, dtype=torch.float32), torch.zeros_like(v, dtype=torch.float32)
        for row in range(0, batch * kv, Causal.ROWS * kv):
            rows = slice(row, row + Causal.ROWS * kv)
            for first in range(0, length, Causal.STEP):
                end = min(first + Causal.STEP, length)
                n, weights = end - first, next(kept)
                now, change = q[rows, :, first:end].reshape(-1, group * n, width), dy[rows, :, first:end].reshape(-1, group * n, width)
                dv[rows, :end] += torch.bmm(weights.transpose(1, 2), change)
                scores = torch._softmax_backward_data(torch.bmm(change, v[rows, :end].transpose(1, 2)), weights, -1, weights.dtype)
                dq[rows, :, first:end] = torch.bmm(scores, k[rows, :end]).view(-1, group, n, width)
                dk[rows, :end] += torch.bmm(scores.transpose(1, 2), now)
        whole = (batch, kv, length, width)
        return dq.view(ctx.form), dk.to(k.dtype).view(whole), dv.to(v.dtype).view(whole)


@torch.compiler.disable
def causal(q, k, v):
    return Causal.apply(q, k, v)


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

    @staticmethod
    def recall(q, k, v, mask):
        """Attention to all that is remembered, as far as the mask allows: generating."""
        batch, kv, group, length, width = q.shape
        scores = (q.reshape(batch, kv, group * length, width) @ k.transpose(-1, -2)).view(batch, kv, group, length, -1)
        return torch.softmax(scores + mask, -1).view(batch, kv, group * length, -1) @ v

    def forward(self, x, cos, sin, mask=None, past=None):
        c, (batch, length, _) = self.c, x.shape
        h = self.attn_norm(x)
        split = lambda t, heads: t.view(batch, length, heads, c.head_dim).transpose(1, 2)
        q = rotate(split(self.attn_q(h), c.heads), cos, sin)
        k = rotate(split(self.attn_k(h), c.kv_heads), cos, sin)
        v = split(self.attn_v(h), c.kv_heads)
        # The query heads that share a key head are rows of one matmul.
        q = q.reshape(batch, c.kv_heads, c.heads // c.kv_heads, length, c.head_dim) * c.head_dim**-0.5
        y = causal(q, k, v) if past is None else self.recall(q, *past.append(k, v), mask)
        y = y.reshape(batch, c.heads, length, c.head_dim)
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
        self.run = lambda block, *inputs: block(*inputs)  # training puts a compiled one here
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
            x = self.run(block, x, cos, sin)
        return self.output_norm(x)

    def logits(self, hidden):
        return F.linear(hidden, self.token_embd.weight)
