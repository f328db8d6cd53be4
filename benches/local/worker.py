"""Runs llama.cpp for the comparison: a request is a line of JSON on standard input, its answer one on standard output.

Only the calls into llama.cpp are timed. It samples nothing and is fed random tokens, so nothing of Python counts.
"""

import ctypes
import json
import sys
import time

import llama_cpp
import numpy as np


def resident_bytes():
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


class Worker:
    def __init__(self):
        self.model = None
        self.random = np.random.default_rng(3)
        self.resident_before = resident_bytes()

    def load(self, path, threads, context):
        self.model = llama_cpp.llama_model_load_from_file(
            path.encode(), llama_cpp.llama_model_default_params()
        )
        if not self.model:
            raise RuntimeError(f"llama.cpp cannot load {path}")
        self.threads, self.context_tokens = threads, context
        self.vocabulary = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model))
        self.alone = self._context(context, 1)
        self.together = None
        return {
            "weight_bytes": llama_cpp.llama_model_size(self.model),
            "kv_token_bytes": self._kv_token_bytes(),
            "resident_bytes": resident_bytes() - self.resident_before,
        }

    def read_and_answer(self, prompt, answer):
        """Reads a prompt of so many tokens, then goes on for so many more."""
        self._forget(self.alone)
        read = self._timed(self.alone, [(0, position) for position in range(prompt)], [prompt - 1])
        answered = sum(
            self._timed(self.alone, [(0, prompt + index)], [0]) for index in range(answer)
        )
        return {"read_s": read, "answer_s": answered, "resident_bytes": resident_bytes() - self.resident_before}

    def answer_together(self, callers, prompt, answer):
        """Goes on with several sequences at once, each behind a prompt of so many tokens."""
        if self.together is None:
            self.together = self._context(callers * (prompt + answer), callers)
        self._forget(self.together)
        for caller in range(callers):
            self._timed(self.together, [(caller, position) for position in range(prompt)], [prompt - 1])
        seconds = 0.0
        for index in range(answer):
            rows = [(caller, prompt + index) for caller in range(callers)]
            seconds += self._timed(self.together, rows, range(callers))
        return {"answer_s": seconds}

    def _context(self, tokens, sequences):
        parameters = llama_cpp.llama_context_default_params()
        parameters.n_ctx = tokens
        parameters.n_batch = 2048
        parameters.n_ubatch = 512
        parameters.n_seq_max = sequences
        parameters.n_threads = parameters.n_threads_batch = self.threads
        context = llama_cpp.llama_init_from_model(self.model, parameters)
        if not context:
            raise RuntimeError(f"llama.cpp makes no context of {tokens} tokens")
        return context

    def _forget(self, context):
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)

    def _timed(self, context, rows, scored):
        """Feeds a random token to each (sequence, position); says how long it took."""
        batch = llama_cpp.llama_batch_init(len(rows), 0, 1)
        batch.n_tokens = len(rows)
        for row, (sequence, position) in enumerate(rows):
            batch.token[row] = int(self.random.integers(self.vocabulary))
            batch.pos[row] = position
            batch.n_seq_id[row] = 1
            batch.seq_id[row][0] = sequence
            batch.logits[row] = row in scored
        started = time.perf_counter()
        status = llama_cpp.llama_decode(context, batch)
        llama_cpp.llama_synchronize(context)
        seconds = time.perf_counter() - started
        llama_cpp.llama_batch_free(batch)
        if status != 0:
            raise RuntimeError(f"llama_decode: status {status}")
        return seconds

    def _kv_token_bytes(self):
        def key(name):
            text = ctypes.create_string_buffer(64)
            llama_cpp.llama_model_meta_val_str(self.model, name.encode(), text, len(text))
            return text.value.decode()

        at = key("general.architecture") + ".attention."
        heads, width = int(key(at + "head_count_kv")), int(key(at + "key_length"))
        # Keys and values, of two bytes a number.
        return llama_cpp.llama_model_n_layer(self.model) * heads * width * 4


def main():
    llama_cpp.llama_backend_init()
    quiet = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    worker = Worker()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(worker, request.pop("do"))(**request)
        except RuntimeError as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
