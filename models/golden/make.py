"""Makes the golden files: random networks as llama.cpp quantises them, with the scores it gives to fixed tokens, and
the scores that exact arithmetic gives.

    python -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python make.py             # or some of them: make.py granite-f16 gemma3-f16
"""

import pathlib
import sys
import tempfile

import gguf
import llama_cpp
import numpy as np

import llama
import networks
import reference
from networks import Shape

SEQUENCES = 2
PROMPT_TOKENS = 40
SINGLE_TOKENS = 8
# Scores that are kept: behind the last tokens of each prompt, and behind the single ones.
SCORED_TOKENS = 12

# Families whose layers are not all alike: enough of them for each kind.
LAYERS = {"smollm3": 4, "gemma3": 2}

# Type of the file, whether all weights have the one type, families. Kinds that need no rows of 256 get rows
# of 64, 96 and 128, as small models have them.
SMALL = [
    ("f16", llama_cpp.LLAMA_FTYPE_MOSTLY_F16, False, ["llama", "mistral", "qwen2", "qwen3", "smollm3", "granite", "gemma3"]),
    ("q8_0", llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0, True, ["llama", "qwen2"]),
    ("q4_0", llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_0, True, ["mistral", "qwen3", "smollm3"]),
    ("q5_0", llama_cpp.LLAMA_FTYPE_MOSTLY_Q5_0, True, ["llama", "qwen2"]),
    ("q5_1", llama_cpp.LLAMA_FTYPE_MOSTLY_Q5_1, True, ["mistral", "qwen3"]),
]
WIDE = [
    ("q4_k_m", llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M, False, ["llama", "qwen2", "granite", "gemma3"]),
    ("q5_k_s", llama_cpp.LLAMA_FTYPE_MOSTLY_Q5_K_S, False, ["mistral"]),
    ("q6_k", llama_cpp.LLAMA_FTYPE_MOSTLY_Q6_K, False, ["qwen3"]),
]


def cases():
    for kind, file_type, pure, families in SMALL:
        for family in families:
            # llama.cpp wants the heads of qwen2 to be as wide together as the network.
            head_width = 16 if family == "qwen2" else 32
            layers = LAYERS.get(family, 2)
            shape = Shape(f"{family}-{kind}", family, width=64, head_width=head_width, feed=96, layers=layers)
            yield shape, file_type, pure
    for kind, file_type, pure, families in WIDE:
        for family in families:
            layers = LAYERS.get(family, 1)
            shape = Shape(f"{family}-{kind}", family, width=256, head_width=64, feed=256, layers=layers)
            yield shape, file_type, pure


def divergence(found, expected):
    """The KL divergence of each position, in nats."""
    logs = [rows - np.logaddexp.reduce(rows, -1, keepdims=True) for rows in (expected, found)]
    return (np.exp(logs[0]) * (logs[0] - logs[1])).sum(-1)


def make(shape, file_type, pure, folder):
    with tempfile.TemporaryDirectory() as temporary:
        plain, quantised = pathlib.Path(temporary, "plain.gguf"), pathlib.Path(temporary, "quantised.gguf")
        kind = gguf.GGMLQuantizationType.F32
        weights = {name: (array, kind) for name, array in networks.tensors(shape).items()}
        networks.write(plain, shape, weights)
        llama.quantise(plain, quantised, file_type, pure)
        weights = {
            tensor.name: (tensor.data.copy(), tensor.tensor_type)
            for tensor in gguf.GGUFReader(quantised).tensors
        }
        exact = reference.dequantise(quantised)
        tokens = np.random.default_rng(7).integers(
            networks.VOCABULARY, size=(SEQUENCES, PROMPT_TOKENS + SINGLE_TOKENS)
        )
        network = llama.Network(quantised, networks.CONTEXT)
        logits = np.stack([network.score(row, PROMPT_TOKENS)[-SCORED_TOKENS:] for row in tokens])
        network.close()
    ideal = np.stack([reference.score(shape, exact, row)[-SCORED_TOKENS:] for row in tokens])
    networks.write(folder / f"{shape.name}.gguf", shape, weights, (tokens, logits, ideal))
    kinds = sorted({kind.name for _, kind in weights.values()})
    away = divergence(logits.astype(np.float64), ideal)
    print(f"{shape.name:14} {', '.join(kinds):15} spread {logits.std():.2f}", end=", llama.cpp from exact: ")
    print(f"KL {away.mean():.1e}, farthest {away.max():.1e}")


def main():
    names, folder = sys.argv[1:], pathlib.Path(__file__).parent
    quiet = llama.start()
    for shape, *rest in cases():
        if not names or shape.name in names:
            make(shape, *rest, folder)
    del quiet


if __name__ == "__main__":
    main()
