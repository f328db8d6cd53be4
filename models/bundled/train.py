"""Trains the model for a given time, on text made while it runs: no example is seen twice.

Processes beside the training make the text and cut it into batches. Matrices are updated by Muon, the rest by
Adam. The learning rate is constant and falls to zero over the last part of the time, whatever the speed was.
There are as many shapes of batches as lengths, so that a GPU can play each shape's step from a recording.
"""

import argparse
import itertools
import os
import random
import time
from collections import defaultdict
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch
import torch.multiprocessing as mp
import torch.nn.functional as F
from tokenizers import Tokenizer

import corpus
import induction
from model import Config, Model

PROMPT_SHARE = 0.1  # of a prompt's tokens are scored, too: it teaches the languages
DRILLS = 0.08  # of the batches are not text but exercises in copying
STEP = 64  # lengths of rows are multiples of this
SCORED = 5 / 8  # of a batch's places at most are scored; texts score less than half


def encode(bpe, example, rng):
    """Token ids and, for each, how much the model is scored on producing it.

    Short answers count more a token: a ticket's label is one word that decides everything.
    """
    ids, scored = [], []
    for text, role in corpus.segments(example):
        piece = bpe.encode(text).ids
        ids += piece
        scored += [role == "assistant" or role == "user" and rng.random() < PROMPT_SHARE for _ in piece]
    weight = sum(scored) ** -0.5
    return ids, [weight * s for s in scored]


def echo(length, size, rng):
    """Gibberish said again and again: nothing but looking back helps, so looking back is learnt early."""
    n = rng.randint(4, 40)
    phrase = [rng.randrange(size) for _ in range(n)]
    return (phrase * (length // n + 1))[:length], [i > n for i in range(length)]


def lists(length, size, digits, rng):
    """Values of few different tokens ("4922", "kk2k"), then the same values between other signs.

    What repeats inside a value must not be taken for the echo to follow: that is how answers run into loops.
    """
    row, scored = [], []
    while len(row) < length:
        few = rng.sample(digits, rng.randint(1, 10)) if rng.random() < 0.7 else [rng.randrange(size) for _ in range(rng.randint(1, 4))]
        values = [[rng.choice(few) for _ in range(rng.randint(1, 9))] for _ in range(rng.randint(1, 5))]
        shown, said = rng.randrange(size), rng.randrange(size)
        row += [t for v in values for t in (*v, shown)] + [said]
        scored += [False] * (len(row) - len(scored))
        row += [t for v in values for t in (*v, said)]
        scored += [True] * (len(row) - len(scored))
    return row[:length], scored[:length]


def drill(bpe, rng, rows):
    length, size = 96, bpe.get_vocab_size()
    digits = [bpe.token_to_id(d) for d in "0123456789"]
    return [echo(length, size, rng) if rng.random() < 0.5 else lists(length, size, digits, rng) for _ in range(rows)]


def length_of(ids):
    """Of a row: every token but the last is read, and then it is filled up."""
    return -(-(len(ids) - 1) // STEP) * STEP


def packed(rows):
    """Inputs (rows, length), and of what is scored: where, which token is wanted, and how much it counts (filled up with 0)."""
    length = max(length_of(ids) for ids, _ in rows)
    tokens, where, wanted, weights = np.zeros((len(rows), length), np.int16), [], [], []
    for i, (ids, scored) in enumerate(rows):
        tokens[i, : len(ids) - 1] = ids[:-1]
        at = np.flatnonzero(scored[1:])
        where.append(at + i * length)
        wanted.append(np.asarray(ids)[at + 1])
        weights.append(np.asarray(scored, np.float32)[at + 1])
    room = int(tokens.size * SCORED)
    filled = lambda pieces, kind: np.concatenate([*pieces, np.zeros(room)])[:room].astype(kind)
    return tokens, filled(where, np.int32), filled(wanted, np.int16), filled(weights, np.float32)


def batches(bpe, seed, size):
    """Rows of one length side by side, one example a row, so that little is padding."""
    stream, rng, waiting = corpus.stream(seed), random.Random(seed), defaultdict(list)
    while True:
        ids, scored = encode(bpe, next(stream), rng)
        if len(ids) > Config.context:
            continue
        length = length_of(ids)
        waiting[length].append((ids, scored))
        if len(waiting[length]) == size // length:
            if rng.random() < DRILLS:
                yield packed(drill(bpe, rng, size // (2 * STEP)))
            yield packed(waiting.pop(length))


def write_batches(queue, tokenizer, seed, size):
    torch.set_num_threads(1)
    for batch in batches(Tokenizer.from_file(tokenizer), seed, size):
        queue.put(batch)


def orthogonal(g):
    """For each of a stack of matrices the nearest orthogonal one, by five Newton-Schulz steps (Muon)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = g.shape[-2] > g.shape[-1]
    x = g.mT if tall else g
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    x = x.to(torch.bfloat16) if g.is_cuda else x
    for _ in range(5):
        s = x @ x.mT
        x = a * x + (b * s + c * s @ s) @ x
    return (x.mT if tall else x).float()


def flat(tensors):
    return torch.cat([t.flatten() for t in tensors])


class Optimiser:
    """Keeps the exact weights; the model that is trained is a copy of them, in bf16 where the device likes that.

    Matrices of one shape lie in one stack and all the rest in one row, so that a step is a few large operations.
    """

    def __init__(self, model, device, muon_rate, adam_rate):
        exact = {n: p.detach().to(device, torch.float32, copy=True) for n, p in model.named_parameters()}
        matrices = [n for n in exact if n.startswith("blk.") and "norm" not in n]
        shape = lambda n: tuple(exact[n].shape)
        self.stacks = [list(names) for _, names in itertools.groupby(sorted(matrices, key=shape), shape)]
        self.rest = [n for n in exact if n not in matrices]
        self.muon_rate, self.adam_rate = muon_rate, adam_rate
        self.exact = [torch.stack([exact[n] for n in names]) for names in self.stacks] + [flat(exact[n] for n in self.rest)]
        # Adam's steps are relative to the size of what it changes.
        self.size = flat(exact[n].square().mean().sqrt().expand_as(exact[n]) for n in self.rest)
        self.first = [torch.zeros_like(w) for w in self.exact]
        self.second = torch.zeros_like(self.exact[-1])

        self.shapes = [exact[n].shape for n in self.rest]

    def named(self, kept):
        """The weights by name, out of a list like `exact`."""
        found = {n: t for names, stack in zip(self.stacks, kept) for n, t in zip(names, stack)}
        pieces = kept[-1].split([shape.numel() for shape in self.shapes])
        return found | {n: t.view(shape) for n, t, shape in zip(self.rest, pieces, self.shapes)}

    def step(self, grads, scale):
        for names, weights, first in zip(self.stacks, self.exact, self.first):
            g = torch.stack([grads[n] for n in names]).float()
            first.lerp_(g, 0.05)
            rows, cols = weights.shape[1:]
            weights.mul_(1 - 0.05 * self.muon_rate * scale)
            weights.sub_(orthogonal(g.lerp_(first, 0.95)) * (self.muon_rate * scale * max(1, rows / cols) ** 0.5))
        g, m, v = flat(grads[n] for n in self.rest).float(), self.first[-1], self.second
        m.lerp_(g, 0.1)
        v.lerp_(g * g, 0.05)
        self.exact[-1].sub_(self.size * (m / (v.sqrt() + 1e-8)) * (self.adam_rate * scale))


def rate(step, elapsed, budget, decay):
    left = (budget - elapsed) / (budget * decay)
    return min(1.0, (step + 1) / 100, max(0.0, left))


def on(device, batch):
    """A batch as tensors there; pinned on the way, so that copying waits for nothing."""
    kinds = torch.long, torch.long, torch.long, torch.float32
    tensors = [torch.from_numpy(a).to(kind) for a, kind in zip(batch, kinds)]
    return [t.pin_memory().to(device, non_blocking=True) for t in tensors] if device == "cuda" else tensors


def loss_of(model, tokens, where, wanted, weights):
    chosen = model.hidden(tokens).flatten(0, 1).index_select(0, where)
    losses = F.cross_entropy(model.logits(chosen).float(), wanted, reduction="none")
    return (losses * weights).sum() / weights.sum()


class Learner:
    """A model, and what one batch does to it."""

    def __init__(self, model, optimiser, device):
        self.model, self.optimiser, self.device = model.to(device), optimiser, device
        self.params = dict(model.named_parameters())
        if device == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported():  # the angles stay exact
            for p in self.params.values():
                p.data = p.data.to(torch.bfloat16)
        working = list(optimiser.named(optimiser.exact).items())
        self.inside, self.exact = [self.params[n] for n, _ in working], [w for _, w in working]
        self.compiled = torch.compile(loss_of, dynamic=True)  # one compilation serves all lengths
        self.scale, self.losses = torch.zeros((), device=device), torch.zeros((), device=device)
        self.recordings = {}
        with torch.no_grad():
            torch._foreach_copy_(self.inside, self.exact)

    def update(self, batch):
        loss = self.compiled(self.model, *batch)
        loss.backward()
        with torch.no_grad():
            self.optimiser.step({n: p.grad for n, p in self.params.items()}, self.scale)
            torch._foreach_copy_(self.inside, self.exact)
            self.model.zero_grad(set_to_none=True)
            self.losses += loss.detach()

    def learn(self, batch, scale):
        """A GPU waits for nobody while it plays a recording: started one by one, its thousand small operations leave it idle."""
        self.scale.fill_(scale)
        batch = on(self.device, batch)
        shape = batch[0].shape
        if self.device != "cuda":
            self.update(batch)
        elif shape in self.recordings:
            inputs, graph = self.recordings[shape]
            torch._foreach_copy_(inputs, batch)
            graph.replay()
        else:
            self.update(batch)
            self.recordings[shape] = self.record(batch)

    def record(self, inputs):
        """What `update` does with inputs of these shapes; whoever changes their content plays it again."""
        graph, pool = torch.cuda.CUDAGraph(), next((g.pool() for _, g in self.recordings.values()), None)
        with torch.cuda.graph(graph, pool=pool, stream=torch.cuda.current_stream()):
            self.update(inputs)
        return inputs, graph


def train(args, queue, device):
    torch.manual_seed(args.seed)
    model = Model()
    induction.install(model)
    optimiser, step, seen = Optimiser(model, device, args.muon, args.adam), 0, 0
    if args.resume:
        state = torch.load(args.resume, weights_only=True, map_location=device)
        optimiser.exact, optimiser.first, optimiser.second = state["exact"], state["first"], state["second"]
        step, seen = state["step"], state["tokens"]
    average = [w.clone() for w in optimiser.exact]
    learner = Learner(model, optimiser, device)
    learner.learn(queue.get(), 0.0)  # the time starts when all is compiled and the batches flow
    began = saved = time.time()
    first_step, first_seen, elapsed = step, seen, 0.0
    while elapsed < args.minutes * 60:
        batch = queue.get()
        learner.learn(batch, rate(step - first_step, elapsed, args.minutes * 60, args.decay))
        if step % 4 == 0:
            torch._foreach_lerp_(average, optimiser.exact, 0.04)
        step, seen = step + 1, seen + batch[0].size
        if step % args.log == 0:
            loss = learner.losses.item() / args.log
            learner.losses.zero_()
            print(f"step {step} min {elapsed / 60:.2f} tokens {seen / 1e6:.1f}M loss {loss:.4f} k tokens/s {(seen - first_seen) / (time.time() - began) / 1e3:.0f} queue {queue.qsize()}", flush=True)
        if time.time() - saved > args.save:
            save(args.out, optimiser, average, step, seen)
            saved = time.time()
        elapsed = time.time() - began
    save(args.out, optimiser, optimiser.exact, step, seen)
    print(f"finished: {step} steps, {seen / 1e6:.1f}M tokens", flush=True)


def save(out, optimiser, average, step, seen):
    """`average` is what to export: smoother than the last step while the learning rate is high."""
    state = {"average": optimiser.named(average), "exact": optimiser.exact, "first": optimiser.first, "second": optimiser.second, "step": step, "tokens": seen}
    torch.save(state, out / "checkpoint.tmp")
    (out / "checkpoint.tmp").rename(out / "checkpoint.pt")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("tokenizer", type=Path)
    p.add_argument("--out", type=Path, required=True, help="folder that gets checkpoint.pt")
    p.add_argument("--minutes", type=float, default=80)
    p.add_argument("--decay", type=float, default=0.5, help="part of the time over which the rate falls")
    p.add_argument("--batch", type=int, default=65536, help="tokens a batch")
    p.add_argument("--muon", type=float, default=0.01, help="learning rate of the matrices")
    p.add_argument("--adam", type=float, default=0.005, help="learning rate of the rest, relative to its size")
    p.add_argument("--resume", type=Path, help="a checkpoint to go on from")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--writers", type=int, default=max(1, (os.cpu_count() or 2) - 1), help="processes that make text")
    p.add_argument("--save", type=float, default=120, help="seconds between checkpoints")
    p.add_argument("--log", type=int, default=100, help="steps between lines of the log")
    args = p.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    context = mp.get_context("spawn")
    queue = context.Queue(maxsize=4 * args.writers)
    writers = [context.Process(target=write_batches, args=(queue, str(args.tokenizer), args.seed * 1000 + i, args.batch), daemon=True) for i in range(args.writers)]
    for w in writers:
        w.start()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        with torch.cuda.stream(torch.cuda.Stream()) if device == "cuda" else nullcontext():  # the default one cannot be recorded
            train(args, queue, device)
    finally:
        for w in writers:
            w.terminate()


if __name__ == "__main__":
    main()
