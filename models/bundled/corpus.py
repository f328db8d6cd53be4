"""The mixture: which task how often, and the exact prompts of the server's tools."""

from pathlib import Path

import assistant
import contacts
import orders
import products
import rfq
import schemas
import summaries
import tickets
from world import World

TASKS = {rfq: 36, orders: 16, contacts: 6, schemas: 5, tickets: 26, summaries: 5, products: 3, assistant: 6}
PROMPTS = Path(__file__).resolve().parents[2] / "mcp-server/src/tools/prompts"
START, END = "<|im_start|>", "<|im_end|>"


def system_text(tool):
    return (PROMPTS / f"{tool}.txt").read_text(encoding="utf-8").rstrip("\n")


SYSTEM = {tool: system_text(tool) for tool in ("summarize_text", "classify_ticket", "extract_data", "generate_product_text", "ask_assistant")}


def turn(role, text):
    return f"{START}{role}\n{text}{END}\n"


def fenced(example):
    return f"{example['headers']}<input>\n{example['text']}\n</input>"


def question(example):
    """The prompt of an example of one turn, whose answer may be unknown."""
    return turn("system", SYSTEM[example["tool"]]) + turn("user", fenced(example)) + f"{START}assistant\n"


def segments(example):
    """The conversation as (text, role) pieces; only the assistant's are what the model must say.

    An example may come with a `system` text of its own, or with None for a caller who sends no such message.
    """
    system = example.get("system", SYSTEM[example["tool"]])
    if system is not None:
        yield turn("system", system), "system"
    asked = example.get("turns") or [(fenced(example), example["answer"])]
    for question, answer in asked:
        yield turn("user", question) + f"{START}assistant\n", "user"
        yield answer + END, "assistant"
        yield "\n", "system"


def prompt_of(example):
    """Everything up to and including the opening of the last assistant turn."""
    return "".join(text for text, _ in list(segments(example))[:-2])


def stream(seed, held_out=False):
    """Examples without end. A few are long, so that every position of the context is seen."""
    w = World(seed, held_out)
    tasks, weights = list(TASKS), list(TASKS.values())
    while True:
        task = w.r.choices(tasks, weights)[0]
        long = task in (rfq, orders, summaries) and not held_out and w.maybe(0.05)
        size = w.r.randint(8, 18 if task is rfq else 12) if long else None
        yield task.sample(w, size)
