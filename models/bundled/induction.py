"""Starts a model with the circuit that copying needs, instead of waiting for training to find it.

Copying takes two attention layers: one where every token learns which token came before it, and one
that looks for an earlier place that was preceded by the present token, and repeats what stood there
("induction head"). A small model on little text finds this late and suddenly; written in by hand it
is there from the first step, and training only has to refine it and decide when to use it.

Of the residual stream, value 0 is a constant, values 1..64 are set aside for the previous token, and
the rest is the token itself.
"""

import torch

CONSTANT, NOTES = 8.0, 64


@torch.no_grad()
def install(model, seed=0):
    c, g = model.c, torch.Generator().manual_seed(seed)
    half, own = c.head_dim // 2, c.dim - 1 - NOTES
    theta = c.rope_base ** (-torch.arange(half).float() / half)
    embedding = model.token_embd.weight
    embedding[:, 0] = CONSTANT
    embedding[:, 1:1 + NOTES] = 0
    # Orthonormal views of the token: what is noted of the previous one, and what is copied.
    seen = torch.linalg.qr(torch.randn(own, own, generator=g))[0][:NOTES]
    copied = torch.linalg.qr(torch.randn(own, own, generator=g))[0]

    # Layer 0, key heads 0 and 1: the rotation alone finds the position before. The constant makes the
    # same query and key everywhere, turned against each other by one step.
    first, sharpness = model.blk[0], 1.15
    for kv in range(2):
        rows = slice(kv * c.head_dim, (kv + 1) * c.head_dim)
        first.attn_k.weight[rows] = 0
        first.attn_k.weight[kv * c.head_dim: kv * c.head_dim + half, 0] = sharpness
        query = 2 * kv * c.head_dim
        first.attn_q.weight[query: query + c.head_dim] = 0
        first.attn_q.weight[query: query + half, 0] = sharpness * theta.cos()
        first.attn_q.weight[query + half: query + c.head_dim, 0] = -sharpness * theta.sin()
        first.attn_v.weight[rows] = 0
        first.attn_v.weight[rows, 1 + NOTES:] = seen[rows]
        for i in range(c.head_dim):
            first.attn_output.weight[1 + kv * c.head_dim + i, query + i] = 1.0

    # Layer 1, every key head: the present token (query) against the notes (key). Only slow rotations
    # carry it, because the match must hold at any distance.
    second, gain, loud = model.blk[1], 3.0, 5.0
    slow = torch.cat([torch.arange(half - 7, half), torch.arange(c.head_dim - 7, c.head_dim)])
    share = NOTES // c.kv_heads
    for kv in range(c.kv_heads):
        rows, query = slice(kv * c.head_dim, (kv + 1) * c.head_dim), 2 * kv * c.head_dim
        second.attn_k.weight[rows] = 0
        second.attn_q.weight[query: query + c.head_dim] = 0
        for i, at in enumerate(slow.tolist()):
            note = kv * share + i
            second.attn_k.weight[kv * c.head_dim + at, 1 + note] = gain
            second.attn_q.weight[query + at, 1 + NOTES:] = gain * seen[note]
        second.attn_v.weight[rows] = 0
        second.attn_v.weight[rows, 1 + NOTES:] = copied[rows]
        second.attn_output.weight[1 + NOTES:, query: query + c.head_dim] = loud * copied[rows].T
