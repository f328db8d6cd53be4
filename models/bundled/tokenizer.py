"""Byte-level BPE of 4,096 tokens, rebuilt from the GGUF file by any reader that knows `pre = smollm`.

Digits stand alone. A space stays a token of its own, so that a word is the same tokens wherever it
stands: after a space in a mail and after a quote in JSON. That is what makes copying easy to learn.
Only the commonest words get one more token with their space in front, merged last of all.
"""

import json
import sys
from collections import Counter
from itertools import islice

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

import corpus
import words as lists

SIZE, SPACED = 4096, 640
SPECIAL = ["<|endoftext|>", corpus.START, corpus.END]
SPACE = "\u0120"  # how byte-level BPE writes a space


def runtime(vocab, merges):
    bpe = Tokenizer(models.BPE(vocab=vocab, merges=merges))
    bpe.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    bpe.decoder = decoders.ByteLevel()
    bpe.add_special_tokens(SPECIAL)
    return bpe


def build(count=30000, seed=1):
    texts = [corpus.prompt_of(e) + e["answer"] for e in islice(corpus.stream(seed), count)]
    seen = set()
    texts = [t for t in texts if not (t in seen or seen.add(t))]
    learner = Tokenizer(models.BPE())
    # Spaces, JSON's structure and other signs are cut apart, so no merge can cross the edge of a value.
    learner.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r'<\|im_\w+\|>| |\n|["{}\[\]:,]+|[^\w\s]'), "isolated"), pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    learner.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=SIZE - SPACED - len(SPECIAL), min_frequency=2, show_progress=False,
                                                         initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    learnt = json.loads(learner.to_str())["model"]
    merges = [tuple(m) for m in learnt["merges"]]
    vocab = sorted(learnt["vocab"], key=learnt["vocab"].get)
    words = Counter()
    for text in texts:
        for word, _ in learner.pre_tokenizer.pre_tokenize_str(text[text.index("<input>") if "<input>" in text else 0:]):
            if word in learnt["vocab"] and len(word) > 1 and word.isalpha():
                words[word] += 1
    # Prose words only: what gets copied (units, goods, colours) keeps the space apart.
    goods = " ".join([*(" ".join(p[:2]) for p in lists.PRODUCTS), *(u for units in lists.UNITS.values() for u in units.values()),
                      *(f for both in (lists.FINISH, lists.COLOURS) for some in both.values() for f in some)]).lower().split()
    for word, _ in words.most_common():
        if len(vocab) + len(SPECIAL) == SIZE:
            break
        if word.rstrip("s") in goods or word in goods:
            continue
        if word[0].islower() or word in ("Die", "Der", "Das", "Wir", "Ich", "The", "Please", "Bitte", "I", "We"):
            merges.append((SPACE, word))
            vocab.append(SPACE + word)
    bpe = runtime({t: i for i, t in enumerate(vocab)}, merges)
    assert bpe.get_vocab_size() == SIZE, bpe.get_vocab_size()
    return bpe


if __name__ == "__main__":
    build().save(sys.argv[1])
