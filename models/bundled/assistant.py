"""`ask_assistant`: short conversations of tenant admins with the small assistant.

The answer hangs on the last question alone. Two conversations in five have another system prompt than the
tool's, or none, and the same answers: so the model stays itself whoever calls it, and however.
"""

import re
import string

import assistant_asks as asks
from assistant_small_talk import SMALL_TALK
from assistant_topics import TOPICS
from assistant_topics_admin import TOPICS as ADMIN_TOPICS
from assistant_unknown import FOREIGN, FOREIGN_SAYS, GIBBERISH, KINDS
from tickets import cap, slots, typos

ALL_TOPICS = TOPICS + ADMIN_TOPICS
KEYS = {"de": ["qwertz", "asdfgh", "yxcvbn", "lkjhg", "aaaa", "hjkl", "ölkj"], "en": ["qwerty", "asdfgh", "zxcvbn", "lkjhg", "aaaa", "hjkl", "poiu"]}


def known(w, lang):
    about = w.any(ALL_TOPICS)[lang]
    parts = {key: about[key] for key in ("do", "what", "about") if about[key]}
    frames = "\n".join(asks.ASKS[key][lang] for key in parts)
    question = w.say(about["ask"], frames, parts) if about["ask"] else w.drawn(lambda: w.expand(w.any(frames.split("\n")), parts))
    return question, about["say"]


def of_kind(w, lang, kinds):
    says, frames = w.any(kinds)[lang]
    question = w.drawn(lambda: w.expand(w.any(frames.split("\n")), {}))
    return re.sub(r"(?<=\w) (?=[?!.,])", "", question), says


def gibberish(w, lang):
    """Keys hit at random, or one thing named and nothing asked."""
    mash = lambda: "".join(w.r.choices(string.ascii_lowercase, k=w.r.randint(3, 12)))
    return w.any([mash, lambda: f"{mash()} {mash()}", lambda: w.any(KEYS[lang]) * w.r.randint(1, 3), lambda: w.coined(), lambda: w.digits(3, 9), lambda: w.any("?!.#*+-") * w.r.randint(2, 6),
                  lambda: f"{w.coined().lower()} {w.coined().lower()} {w.coined().lower()}", lambda: f"{mash()} {w.digits(2, 4)} {mash()}"])(), GIBBERISH[lang]


def asked(w, lang):
    p = w.r.random()
    if p < 0.20:
        return of_kind(w, lang, KINDS)
    if p < 0.23:
        return gibberish(w, lang)
    if p < 0.25:
        return w.pick(FOREIGN), FOREIGN_SAYS
    if p < 0.40:
        return of_kind(w, lang, SMALL_TALK)
    return known(w, lang)


def after(said, question):
    """A question is no beginning of a sentence any more, unless its first word is always written large."""
    small = said[-1] not in ".:" and question[-1:] == "?" and question.split()[0] not in ("I", "I'm", "B2XGate", "SSO", "2FA", "EDI")
    return f"{said} {question[:1].lower() + question[1:] if small else question}"


def styled(w, question, lang, follows):
    """The same words as somebody in a hurry, or somebody polite, would type them."""
    if question[-1:] == "?" and follows and w.maybe(0.3):
        question = after(w.pick(asks.NEXT[lang]), question)
    elif len(question) > 12:
        if w.maybe(0.18):
            question = after(w.pick(asks.BEFORE[lang]), question)
        if w.maybe(0.10):
            question = f"{question} {w.pick(asks.AFTER[lang])}"
    question = question.format(**slots(w, lang)) if "{" in question else question
    style = w.r.random()
    if style < 0.15:
        return question.lower()
    if style < 0.25:
        return question.rstrip("?!.") or question
    if style < 0.36 and len(question) > 8:
        return typos(w, question)
    if style < 0.38:
        return question.upper().replace("ẞ", "SS")
    if style < 0.42:
        return question.translate(str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}))
    if style < 0.44:
        return question.rstrip("?!.") + w.any(["??", "???", "!!", "...", " ?", "?!"])
    return question


def ask(w, lang, follows=False):
    question, says = asked(w, lang)
    if says in (FOREIGN_SAYS, GIBBERISH[lang]):
        return question.format(**slots(w, lang)) if "{" in question else question, says
    return styled(w, cap(question), lang, follows), says


def other_system(w, lang):
    """A system prompt that is not the tool's, mostly in the language of the question; None is no such message."""
    if w.maybe(0.4):
        return None
    if w.maybe(0.25):
        lang = "de" if lang == "en" else "en"
    part = lambda lines: w.drawn(lambda: w.expand(w.any(lines[lang].split("\n")), {}))
    said = [part(asks.ROLE)] if w.maybe(0.9) else []
    said += [part(asks.MANNER) for _ in range(w.any([0, 0, 0, 1, 1, 2]) if said else 1)]
    text = " ".join(said).replace(" .", ".")
    return text.format(**slots(w, lang)) if "{" in text else text


def sample(w, size=None):
    lang = w.lang()
    turns = [ask(w, lang, i > 0) for i in range(w.any([1, 1, 1, 1, 2, 2, 3, 4]))]
    example = {"tool": "ask_assistant", "turns": turns, "answer": turns[-1][1], "lang": lang}
    if w.maybe(0.4):
        example["system"] = other_system(w, lang)
    return example
