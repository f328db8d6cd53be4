"""`summarize_text`: a few facts told at length in a mail, a note or minutes, and told again briefly.

Each known fact has three renderings in both languages: the long text, the sentence of a summary and
the key point, so that a text in one language can also be summarised in the other. Sentences that are
no known fact are kept as they are, which is also the safest habit for text that nobody foresaw.
"""

import words
from contacts import cap
from summary_facts import CHATTER, FACTS, QUESTIONS
from ticket_phrases import TOPICS
from tickets import slots, ticket_sentence
from world import compact


def sample(w, size=None):
    lang = w.lang()
    source = lang if w.maybe(0.85) else ("en" if lang == "de" else "de")
    count = size or w.any([1, 1, 2, 2, 3, 3, 4])
    chosen, told = w.some(range(len(FACTS)), count, count), []
    if not w.held_out:
        chosen = [i for i in chosen if i % 8 != 7] or [0]
    limit = w.any([20, 30, 40, 50, 60, 80, 100, 120, 150])
    summary, points = [], []
    for i in chosen:
        values = slots(w, source)
        long, short, point = FACTS[i][source][0], FACTS[i][lang][1], FACTS[i][lang][2]
        if source != lang:  # dates and products keep the words of the text
            values["d"] = f"{w.r.randint(1, 28):02}.{w.r.randint(1, 12):02}.2026"
        told.append(cap(w.any(long).format(**values)))
        summary.append(cap(short.format(**values)))
        points.append(cap(point.format(**values)))
    questions = []
    if source == lang and w.maybe(0.6):
        for _ in range(w.r.randint(1, 3)):
            sentence = cap(ticket_sentence(w, w.any(TOPICS), lang).format(**slots(w, lang)))
            told.append(sentence)
            if sentence.endswith("?"):
                questions.append(sentence)
            else:
                summary.append(sentence)
                points.append(sentence.rstrip(".!"))
        if w.maybe(0.4):  # nothing but such sentences
            known = len(chosen)
            told, summary, points = told[known:], summary[known:], points[known:]
    for _ in range(w.any([0, 0, 1, 1, 2])):
        q, values = w.pick(QUESTIONS), slots(w, source)
        if source != lang:
            values["d"] = f"{w.r.randint(1, 28):02}.{w.r.randint(1, 12):02}.2026"
        told.append(cap(q[source][0].format(**values)))
        questions.append(cap(q[lang][1].format(**values)))
    for _ in range(w.any([0, 0, 1, 1, 2])):
        told.insert(w.r.randint(0, len(told)), cap(w.pick(CHATTER[source]).format(**slots(w, source))))
    if limit <= 30:
        summary = summary[:2]
    elif limit <= 60:
        summary = summary[:4]
    summary = summary or told[:1]
    style = w.r.random()
    body = (w.any([" ", " ", "\n"])).join(told) if style < 0.8 else "\n".join(f"- {t}" for t in told)
    if style < 0.55:
        text = "\n\n".join(p for p in (w.fill(w.any(words.GREETINGS[source])), body, f"{w.any(words.CLOSINGS[source])}\n{w.person()}") if p)
    elif style < 0.7:
        text = (f"Protokoll vom {w.date('de')}, Teilnehmer: " if source == "de" else f"Minutes of {w.date('en')}, present: ") + f"{w.person()}, {w.person()}\n\n{body}"
    else:
        text = body
    answer = {"summary": " ".join(summary), "key_points": points[:5], "open_questions": questions[:3]}
    return {"tool": "summarize_text", "headers": f"language: {lang}\nmax_words: {limit}\n", "text": text, "answer": compact(answer), "lang": lang}
