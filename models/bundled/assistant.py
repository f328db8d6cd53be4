"""`ask_assistant`: short conversations of tenant admins with the small assistant."""

from assistant_topics import TOPICS, UNKNOWN
from tickets import cap, slots, typos

POLITE = {"de": ["Hallo, {q}", "{q} Danke!", "Kurze Frage: {q}", "Bitte: {q}", "Können Sie mir sagen: {q}"], "en": ["Hi, {q}", "{q} Thanks!", "Quick question: {q}", "Please: {q}", "Can you tell me: {q}"]}


def ask(w, lang):
    asks, says = (UNKNOWN if w.maybe(0.15) else w.any(TOPICS))[lang]
    question = cap(w.pick(asks).format(**slots(w, lang)))
    if w.maybe(0.15):
        question = w.any(POLITE[lang]).format(q=question)
    style = w.r.random()
    if style < 0.15:
        question = question.lower()
    elif style < 0.25:
        question = question.rstrip("?!.")
    elif style < 0.35:
        question = typos(w, question) if len(question) > 8 else question
    return question, w.any(says)


def sample(w, size=None):
    lang = w.lang()
    turns = [ask(w, lang) for _ in range(w.any([1, 1, 1, 2, 2, 3]))]
    return {"tool": "ask_assistant", "turns": turns, "answer": turns[-1][1], "lang": lang}
