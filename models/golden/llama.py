"""What llama.cpp makes of a file: quantises it, and scores tokens."""

import ctypes

import llama_cpp
import numpy as np


def start():
    """Readies llama.cpp, and keeps it from telling what it loads for as long as the result lives."""
    llama_cpp.llama_backend_init()
    quiet = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    return quiet


def quantise(source, target, file_type, pure):
    """Writes `source` again with weights of another type; of one type only if `pure`."""
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.nthread = 1
    parameters.ftype = file_type
    parameters.pure = pure
    status = llama_cpp.llama_model_quantize(
        str(source).encode(), str(target).encode(), ctypes.byref(parameters)
    )
    if status != 0:
        raise RuntimeError(f"llama.cpp cannot quantise {source}: status {status}")


class Network:
    """A file that llama.cpp has loaded."""

    def __init__(self, path, context):
        parameters = llama_cpp.llama_model_default_params()
        # Weights as they are stored, not packed again for this processor's own kernels.
        parameters.use_extra_bufts = False
        self.model = llama_cpp.llama_model_load_from_file(str(path).encode(), parameters)
        if not self.model:
            raise RuntimeError(f"llama.cpp cannot load {path}")
        self.context_tokens = context
        self.vocabulary = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model))

    def score(self, tokens, prompt):
        """Scores behind each token: the first `prompt` of them fed at once, the others one by one."""
        parameters = llama_cpp.llama_context_default_params()
        parameters.n_ctx = self.context_tokens
        parameters.n_batch = parameters.n_ubatch = self.context_tokens
        parameters.n_threads = parameters.n_threads_batch = 1
        # Fused attention adds up in 16 bits: what is to be held against is the more exact way.
        parameters.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        context = llama_cpp.llama_init_from_model(self.model, parameters)
        pieces = [range(prompt), *([at] for at in range(prompt, len(tokens)))]
        rows = [self._feed(context, tokens, piece) for piece in pieces]
        llama_cpp.llama_free(context)
        return np.concatenate(rows)

    def _feed(self, context, tokens, piece):
        batch = llama_cpp.llama_batch_init(len(piece), 0, 1)
        batch.n_tokens = len(piece)
        for row, position in enumerate(piece):
            batch.token[row] = int(tokens[position])
            batch.pos[row] = position
            batch.n_seq_id[row] = 1
            batch.seq_id[row][0] = 0
            batch.logits[row] = True
        status = llama_cpp.llama_decode(context, batch)
        if status != 0:
            raise RuntimeError(f"llama_decode: status {status}")
        rows = [
            np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(context, row), (self.vocabulary,)).copy()
            for row in range(len(piece))
        ]
        llama_cpp.llama_batch_free(batch)
        return np.stack(rows)

    def close(self):
        llama_cpp.llama_model_free(self.model)
