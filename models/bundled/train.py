"""Trains the model for a given time, on text made while it runs: no example is seen twice.

Two processes of one thread each average their gradients, which on two busy cores beats two threads
that wait for each other at every operation. Matrices are updated by Muon, the rest by Adam. The
learning rate is constant and falls to zero over the last part of the time, whatever the speed was.
"""

import argparse
import math
import os
import time
from pathlib import Path

# Keep freed memory: on a virtual machine returning it to the system costs more than the arithmetic.
ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": "33554432", "MALLOC_TRIM_THRESHOLD_": "500000000", "MALLOC_TOP_PAD_": "67108864", "MALLOC_ARENA_MAX": "1", "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64",
               "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", "OMP_NUM_THREADS": "1"}

import torch
import torch.distributed as dist
import torch.nn.functional as F
from tokenizers import Tokenizer

import corpus
import evaluate
import induction
from model import Config, Model

# Where the processor has no arithmetic of its own for bf16, it is fifty times slower than f32.
PRECISION = torch.bfloat16 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else torch.float32
BATCH_TOKENS, POOL, PROMPT_SHARE, SHORT = 6144, 256, 0.1, 384
PATIENCE = 6.0  # seconds; no step takes longer unless somebody stopped the process


def encode(bpe, example, rng):
    """Token ids and, for each, how much the model is scored on producing it.

    Short answers count more a token: a ticket's label is one word that decides everything.
    """
    ids, scored = [], []
    for text, is_answer in corpus.segments(example):
        piece = bpe.encode(text).ids
        ids += piece
        # A little of the prompt is scored too: it teaches the languages.
        system = not scored
        scored += [is_answer or (not system and rng.random() < PROMPT_SHARE) for _ in piece]
    weight = sum(scored) ** -0.5
    return ids[:-1], [weight * s for s in scored[:-1]]


def echo(bpe, rng):
    """Gibberish said again and again: nothing but looking back helps, so looking back is learnt early."""
    length, rows = 96, BATCH_TOKENS // 96
    tokens, mask = torch.zeros(rows, length, dtype=torch.long), torch.zeros(rows, length)
    for i in range(rows):
        n = rng.randint(4, 40)
        phrase = [rng.randrange(bpe.get_vocab_size()) for _ in range(n)]
        tokens[i] = torch.tensor((phrase * (length // n + 1))[:length])
        mask[i, n + 1:] = 1.0
    return tokens, mask


def lists(bpe, rng):
    """Values of few different tokens ("4922", "kk2k"), then the same values between other signs.

    What repeats inside a value must not be taken for the echo to follow: that is how answers run into loops.
    """
    length, rows, size = 96, BATCH_TOKENS // 96, bpe.get_vocab_size()
    digits = [bpe.token_to_id(d) for d in "0123456789"]
    tokens, mask = torch.zeros(rows, length, dtype=torch.long), torch.zeros(rows, length)
    for i in range(rows):
        row, scored = [], []
        while len(row) < length:
            few = rng.sample(digits, rng.randint(1, 10)) if rng.random() < 0.7 else [rng.randrange(size) for _ in range(rng.randint(1, 4))]
            values = [[rng.choice(few) for _ in range(rng.randint(1, 9))] for _ in range(rng.randint(1, 5))]
            shown, said = rng.randrange(size), rng.randrange(size)
            row += [t for v in values for t in (*v, shown)] + [said]
            scored += [False] * (len(row) - len(scored))
            row += [t for v in values for t in (*v, said)]
            scored += [True] * (len(row) - len(scored))
        tokens[i], mask[i] = torch.tensor(row[:length]), torch.tensor(scored[:length], dtype=torch.float)
    return tokens, mask


def batches(bpe, seed, limit, echoes):
    """Rows of similar length side by side, one example a row, so that little is padding.

    `limit()` is the longest example wanted now, `echoes()` how many echoes come with a batch.
    """
    stream = corpus.stream(seed)
    rng = corpus.World(seed).r
    while True:
        pool, longest = [], limit()
        while len(pool) < POOL:
            ids, scored = encode(bpe, next(stream), rng)
            if len(ids) <= longest:
                pool.append((ids, scored))
        pool.sort(key=lambda row: len(row[0]))
        groups, rows = [], []
        for row in pool:
            if rows and (len(rows) + 1) * len(row[0]) > BATCH_TOKENS:
                groups.append(rows)
                rows = []
            rows.append(row)
        groups.append(rows)
        rng.shuffle(groups)
        for rows in groups:
            for _ in range(int(echoes() + rng.random())):
                yield *(echo if rng.random() < 0.5 else lists)(bpe, rng), True
            length = -(-max(len(ids) for ids, _ in rows) // 16) * 16
            tokens, mask = torch.zeros(len(rows), length, dtype=torch.long), torch.zeros(len(rows), length)
            for i, (ids, scored) in enumerate(rows):
                tokens[i, : len(ids)], mask[i, : len(ids)] = torch.tensor(ids), torch.tensor(scored)
            yield tokens, mask, False


def orthogonal(g):
    """The nearest orthogonal matrix, by five Newton-Schulz steps (Muon)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.to(PRECISION)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        s = x @ x.T
        x = a * x + (b * s + c * s @ s) @ x
    return x.T if tall else x


class Optimiser:
    def __init__(self, master, muon_rate=0.008, adam_rate=0.005):
        self.master, self.rates, self.t = master, (muon_rate, adam_rate), 0
        self.size = {n: p.square().mean().sqrt().item() for n, p in master.items()}  # Adam steps are relative to it
        self.first = {n: torch.zeros_like(p) for n, p in master.items()}
        self.second = {n: torch.zeros_like(p) for n, p in master.items() if not self.muon(n)}

    @staticmethod
    def muon(name):
        return name.startswith("blk.") and "norm" not in name

    def step(self, grads, scale, rank, size):
        self.t += 1
        directions = self.directions(grads, rank, size)
        for n, p in self.master.items():
            if n in directions:
                p.mul_(1 - 0.05 * self.rates[0] * scale)
                p.add_(directions[n], alpha=-self.rates[0] * scale * max(1, p.shape[0] / p.shape[1]) ** 0.5)
            else:
                g, m, v = grads[n], self.first[n], self.second[n]
                m.lerp_(g, 0.1)
                v.lerp_(g * g, 0.05)
                p.sub_(self.size[n] * self.rates[1] * scale * (m / (1 - 0.9**self.t)) / ((v / (1 - 0.95**self.t)).sqrt() + 1e-8))

    def directions(self, grads, rank, size):
        """Muon's directions; each process works out its share of the matrices."""
        names = [n for n in self.master if self.muon(n)]
        found = {n: torch.zeros_like(self.master[n], dtype=PRECISION) for n in names}
        for i, n in enumerate(names):
            self.first[n].lerp_(grads[n], 0.05)
            if i % size == rank:
                found[n] = orthogonal(grads[n].lerp(self.first[n], 0.95))
        if size > 1:
            flat = torch.cat([d.flatten() for d in found.values()])
            dist.all_reduce(flat)
            found = {n: d.view_as(found[n]) for n, d in zip(names, flat.split([d.numel() for d in found.values()]))}
        return found


def rate(step, elapsed, budget, decay):
    left = (budget - elapsed) / (budget * decay)
    return min(1.0, (step + 1) / 50, max(0.0, left))


def work(rank, size, args):
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(args.out / f"compiled{rank}")  # shared, one process may load what the other has half written
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    os.nice(5)
    if size > 1:
        dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{args.port}", rank=rank, world_size=size)
    torch.manual_seed(args.seed)
    config = Config()
    if args.start:
        model, bpe = evaluate.read(args.start)
        model.train()
        if rank == 0:
            bpe.save(str(args.out / "tokenizer.json"))
    else:
        model, bpe = Model(config), Tokenizer.from_file(str(args.out / "tokenizer.json"))
        induction.install(model)
    master = {n: p.detach().clone() for n, p in model.named_parameters()}
    optimiser, step0, seen0 = Optimiser(master), 0, 0
    if args.resume:
        state = torch.load(args.resume, weights_only=True)
        for n, p in master.items():
            p.copy_(state["model"][n])
            optimiser.first[n].copy_(state["first"][n])
            if n in optimiser.second:
                optimiser.second[n].copy_(state["second"][n])
        optimiser.t, step0, seen0 = state["t"], state["step"], state["tokens"]
    average = {n: p.clone() for n, p in master.items()}
    model.to(PRECISION)  # the working copy; the optimiser keeps the exact one
    model.run = torch.compile(model.run, dynamic=True)  # one compilation serves all blocks and lengths
    params = dict(model.named_parameters())
    saved = logged = time.time()
    elapsed = torch.zeros(1)
    # Short examples teach copying sooner and cost less; the whole context comes in good time.
    limit = lambda: SHORT if elapsed < args.short * args.minutes * 60 else config.context
    echo_loss = torch.tensor(10.0)
    echoes = lambda: 3 if echo_loss > 2 else 0.25 if echo_loss > 0.5 else 0.1
    data = batches(bpe, args.seed * 1000 + step0 * 10 + rank, limit, echoes)
    step, seen, recent = step0, seen0, torch.zeros(4)
    while True:
        # Time spent training: a step during which the machine was halted counts as a usual one.
        elapsed += min(time.time() - began, PATIENCE) if step > step0 else 0
        if size > 1:
            dist.broadcast(elapsed, 0)
        began = time.time()
        if elapsed >= args.minutes * 60:
            break
        with torch.no_grad():
            for n, p in params.items():
                p.copy_(master[n])
                p.grad = None
        tokens, mask, is_echo = next(data)
        wanted, weights = tokens[:, 1:], mask[:, 1:]
        chosen = weights > 0
        losses = F.cross_entropy(model.logits(model.hidden(tokens[:, :-1])[chosen]).float(), wanted[chosen], reduction="none")
        loss = (losses * weights[chosen]).sum() / weights.sum()
        loss.backward()
        flat = torch.cat([params[n].grad.float().flatten() for n in master] + [torch.tensor([float(tokens.numel()), loss.item() * (not is_echo), not is_echo, loss.item() * is_echo, is_echo])])
        if size > 1:
            dist.all_reduce(flat)
        *pieces, tail = flat.split([p.numel() for p in master.values()] + [5])
        grads = {n: g.view_as(master[n]) / size for n, g in zip(master, pieces)}
        optimiser.step(grads, rate(step if not args.resume else 100, elapsed.item(), args.minutes * 60, args.decay), rank, size)
        if step % 4 == 0:
            torch._foreach_lerp_(list(average.values()), list(master.values()), 0.04)
        step, seen = step + 1, seen + int(tail[0])
        recent += tail[1:]
        if tail[4]:
            echo_loss.lerp_(tail[3] / tail[4], 0.1)
        if rank == 0 and step % 20 == 0:
            now = time.time()
            print(f"step {step} min {elapsed.item() / 60:.1f} tokens {seen / 1e6:.2f}M loss {recent[0] / recent[1].clamp(min=1):.4f} echo {recent[2] / recent[3].clamp(min=1):.4f} ms/step {(now - logged) * 50:.0f}", flush=True)
            logged, recent = now, torch.zeros(4)
        if rank == 0 and time.time() - saved > 120:
            save(args.out, master, average, optimiser, step, seen)
            saved = time.time()
    if rank == 0:
        save(args.out, master, master, optimiser, step, seen)
        print(f"finished: {step} steps, {seen / 1e6:.1f}M tokens", flush=True)


def save(out, master, average, optimiser, step, seen):
    """`average` is what to export: smoother than the last step while the learning rate is high."""
    state = {"model": master, "average": average, "first": optimiser.first, "second": optimiser.second, "t": optimiser.t, "step": step, "tokens": seen}
    torch.save(state, out / "checkpoint.tmp")
    (out / "checkpoint.tmp").rename(out / "checkpoint.pt")


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--out", type=Path, required=True, help="folder with tokenizer.json; gets checkpoint.pt")
    p.add_argument("--minutes", type=float, default=80)
    p.add_argument("--decay", type=float, default=0.4, help="part of the time over which the rate falls")
    p.add_argument("--short", type=float, default=0.4, help="part of the time with short examples only")
    p.add_argument("--resume", type=Path, help="a checkpoint to go on from")
    p.add_argument("--start", type=Path, help="a GGUF file of ours to go on from, where its checkpoint is gone")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--processes", type=int, default=2)
    p.add_argument("--port", type=int, default=29517)
    args = p.parse_args()
    os.environ.update(ENVIRONMENT)  # read by the children when they start
    if args.processes == 1:
        work(0, 1, args)
    else:
        import torch.multiprocessing as mp
        mp.spawn(work, (args.processes, args), args.processes)
