"""Measures a GGUF file on held-out texts: greedy answers against what the generators know.

The file itself is read back (dequantised, tokenizer and all), so what is measured is what ships.
"""

import argparse
import json
import time
from collections import defaultdict

import gguf
import numpy as np
import torch

import assistant
import contacts
import corpus
import orders
import products
import rfq
import summaries
import ticket_unseen
import tickets
import tokenizer
from model import Config, Model, Past

SEED = 20261123


def read(path):
    """Model and tokenizer out of a GGUF file."""
    reader, c = gguf.GGUFReader(path), Config()
    field = lambda name: reader.fields[name].contents()
    assert (field("llama.embedding_length"), field("llama.block_count"), field("llama.context_length")) == (c.dim, c.layers, c.context)
    state = {}
    for t in reader.tensors:
        values = gguf.dequantize(t.data, t.tensor_type)
        heads = c.heads if t.name.endswith("attn_q.weight") else c.kv_heads if t.name.endswith("attn_k.weight") else 0
        if heads:  # back to the order the model was trained in
            rows, cols = values.shape
            values = values.reshape(heads, rows // heads // 2, 2, cols).swapaxes(1, 2).reshape(rows, cols)
        state[t.name] = torch.from_numpy(np.array(values, dtype=np.float32))
    model = Model(c)
    model.load_state_dict(state)
    tokens = field("tokenizer.ggml.tokens")
    merges = [tuple(m.split(" ")) for m in field("tokenizer.ggml.merges")]
    plain = len(tokens) - len(tokenizer.SPECIAL)
    return model.eval(), tokenizer.runtime({t: i for i, t in enumerate(tokens[:plain])}, merges)


@torch.inference_mode()
def generate(model, bpe, prompts, limit=700):
    """Greedy answers to a batch of prompts, shorter ones padded on the left."""
    c = model.c
    end = bpe.token_to_id(corpus.END)
    rows = [bpe.encode(p).ids for p in prompts]
    longest = max(map(len, rows))
    pad = torch.tensor([longest - len(r) for r in rows])
    tokens = torch.tensor([[end] * (longest - len(r)) + r for r in rows])
    limit = min(limit, c.context - longest)
    past = [Past(c, len(rows), longest + limit) for _ in model.blk]
    answers, done, at = [[] for _ in rows], torch.zeros(len(rows), dtype=torch.bool), 0
    for _ in range(limit):
        length = tokens.shape[1]
        keys = torch.arange(at + length)
        position = (torch.arange(at, at + length)[None] - pad[:, None]).clamp(min=0)
        visible = (keys[None, None] <= torch.arange(at, at + length)[None, :, None]) & (keys[None, None] >= pad[:, None, None])
        mask = torch.where(visible, 0.0, -1e9)[:, None]
        cos, sin = model.cos[position][:, None], model.sin[position][:, None]
        x = model.token_embd(tokens)
        for block, p in zip(model.blk, past):
            x = block(x, cos, sin, mask, p)
        chosen = model.logits(model.output_norm(x[:, -1])).argmax(-1)
        at += length
        for i, t in enumerate(chosen.tolist()):
            if t == end:
                done[i] = True
            elif not done[i]:
                answers[i].append(t)
        if done.all():
            break
        tokens = chosen[:, None]
    return [bpe.decode(a) for a in answers], done.tolist()


def examples(task, n, seed, context, bpe):
    """Held-out examples that fit the context together with their answer."""
    w, found = corpus.World(seed, held_out=True), []
    while len(found) < n:
        e = task.sample(w)
        if len(bpe.encode(corpus.prompt_of(e) + e["answer"]).ids) < context - 32:
            found.append(e)
    return found


class Score:
    def __init__(self):
        self.hits = defaultdict(lambda: [0, 0])

    def add(self, name, hit):
        self.hits[name][0] += bool(hit)
        self.hits[name][1] += 1

    def show(self):
        for name, (good, n) in self.hits.items():
            print(f"{name}: {100 * good / max(n, 1):.1f} % ({good}/{n})")


def compare(task, example, answer, score):
    want, lang = json.loads(example["answer"]), example["lang"]
    got = {}
    try:
        got = json.loads(answer)
        score.add(f"{example['tool']} same keys in order", list(got) == list(want))
    except json.JSONDecodeError:
        score.add(f"{example['tool']} same keys in order", False)
    if task is tickets:
        score.add("ticket label", got.get("label") == want["label"])
        score.add(f"ticket label {lang}", got.get("label") == want["label"])
        if example["headers"] == f"labels: {', '.join(tickets.DEFAULT)}\n":
            score.add("ticket label, default list", got.get("label") == want["label"])
        for key in ("priority", "sentiment", "language"):
            score.add(f"ticket {key}", got.get(key) == want[key])
    elif task in (rfq, orders):
        name, lines = ("rfq" if task is rfq else "po"), got.get("lines") or []
        for i, line in enumerate(want["lines"]):
            mine = lines[i] if i < len(lines) and isinstance(lines[i], dict) else {}
            score.add(f"{name} line exact", mine == line)
            score.add(f"{name} line exact {lang}", mine == line)
            for key, value in line.items():
                score.add(f"{name} line {key}", key in mine and mine[key] == value)
        score.add(f"{name} right number of lines", len(lines) == len(want["lines"]))
        for key, value in want.items():
            if key != "lines":
                score.add(f"{name} {key}", got.get(key, "") == value)
    elif task is contacts:
        for key, value in want.items():
            score.add("contact field", got.get(key, "") == value)


def by_hand():
    """Tickets that no program made, to be answered with the default labels."""
    header = f"labels: {', '.join(tickets.DEFAULT)}\n"
    return [{"tool": "classify_ticket", "headers": header, "text": text, "label": label, "lang": lang} for label, lang, text in ticket_unseen.examples()]


def label_of(answer):
    try:
        return json.loads(answer).get("label")
    except (json.JSONDecodeError, AttributeError):
        return None


def score_by_hand(model, bpe, score):
    prompts = by_hand()
    answers, _ = generate(model, bpe, [corpus.question(e) for e in prompts], 60)
    for e, answer in zip(prompts, answers):
        score.add("ticket label, written by hand", label_of(answer) == e["label"])
        score.add(f"ticket label, written by hand {e['lang']}", label_of(answer) == e["label"])


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("gguf")
    p.add_argument("--n", type=int, default=200, help="examples for each extraction and ticket task")
    p.add_argument("--show", type=int, default=0, help="samples to print for each free-text task")
    p.add_argument("--errors", type=int, default=0, help="wrong answers to print for each task")
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.set_flush_denormal(True)
    model, bpe = read(a.gguf)
    score, began = Score(), time.time()
    for task in (tickets, rfq, orders, contacts, summaries, products, assistant):
        free = task in (summaries, products, assistant)
        todo = examples(task, max(1, a.n // 4) if free else a.n, SEED, model.c.context, bpe)
        todo.sort(key=lambda e: len(corpus.prompt_of(e)))
        shown = wrong = 0
        for i in range(0, len(todo), 25):
            part = todo[i:i + 25]
            answers, ended = generate(model, bpe, [corpus.prompt_of(e) for e in part])
            for e, answer, end in zip(part, answers, ended):
                score.add("answer ended", end)
                if task is assistant:
                    score.add("assistant answer as taught", answer == e["answer"])
                else:
                    compare(task, e, answer, score)
                question = e["text"] if "text" in e else " / ".join(q for q, _ in e["turns"])
                if free and shown < a.show or not free and answer != e["answer"] and wrong < a.errors:
                    shown, wrong = shown + 1, wrong + 1
                    print(f"--- {e.get('headers', '')}{question}\n>>> {answer}" + ("" if free else f"\n=== {e['answer']}") + "\n")
    score_by_hand(model, bpe, score)
    print(f"n {a.n}, seed {SEED}, {time.time() - began:.0f} s")
    score.show()


if __name__ == "__main__":
    main()
