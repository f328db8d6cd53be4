"""`summarize_text`: a few facts told at length in a mail, a note or minutes, and told again briefly.

Each known fact has a long text, the sentence of a summary and the key point in both languages, so that a
text in one language can also be summarised in the other. Sentences that are no known fact are kept as they
are, the first ones or those the writer marked: the safest habit for text that nobody foresaw.
"""

import words
from assistant_topics import TOPICS as ANSWERS
from contacts import cap
from products import CLAIMS
from summary_facts import CHATTER, FACTS, QUESTIONS
from summary_facts_more import FACTS as MORE_FACTS
from summary_facts_more import KINDS, TITLES
from summary_prose import ASKED, MARKS, PROSE
from ticket_phrases import TOPICS
from tickets import slots, ticket_sentence
from world import compact

ALL_FACTS = FACTS + MORE_FACTS
LIMITS = [20, 25, 30, 40, 50, 60, 80, 80, 80, 80, 100, 120, 150, 200]


def sentences_for(limit):
    """How many sentences keep within so many words."""
    return 1 if limit <= 25 else 2 if limit <= 40 else 3 if limit <= 50 else 4 if limit <= 60 else 5


class Told:
    """What a text says, what is to be said of it, in the order of the text."""

    def __init__(self, w, source, lang):
        self.w, self.source, self.lang = w, source, lang
        self.text, self.summary, self.points, self.questions = [], [], [], []

    def values(self):
        values = slots(self.w, self.source)
        if self.source != self.lang:  # dates and products keep the words of the text
            values["d"] = f"{self.w.r.randint(1, 28):02}.{self.w.r.randint(1, 12):02}.2026"
        return values

    def fact(self, fact):
        w, values = self.w, self.values()
        long = w.any(fact[self.source][0])
        long = w.drawn(lambda: w.expand(long, {})) if "[" in long and long.count("|") > 3 else w.expand(long, {})
        for said, rendering in ((self.text, long), (self.summary, fact[self.lang][1]), (self.points, fact[self.lang][2])):
            sentence = rendering.format(**values).replace(" .", ".")
            said.append(sentence if rendering[:3] in ("{a}", "{o}") else cap(sentence))  # a number keeps its letters

    def sentence(self, sentence, mark=""):
        """A sentence that is copied as it stands."""
        self.text.append(mark + sentence)
        if sentence.endswith("?"):
            self.questions.append(sentence)
        else:
            self.summary.append(sentence)
            self.points.append(sentence.rstrip(".!"))

    def question(self, asked):
        values = self.values()
        self.text.append(cap(asked[self.source][0].format(**values)))
        self.questions.append(cap(asked[self.lang][1].format(**values)))


def different(w, options, count):
    """So many picks, less those that came twice."""
    found = []
    for _ in range(count):
        if (one := w.pick(options)) not in found:
            found.append(one)
    return found


def ticket(w, lang):
    return cap(ticket_sentence(w, w.any(TOPICS), lang).format(**slots(w, lang)))


def prose(w, lang, frames=PROSE):
    sentence = w.drawn(lambda: w.expand(w.any(frames[lang].split("\n")), {}))
    return cap(sentence.format(N=w.coined(), M=w.coined(), **slots(w, lang)))


def anything(w, lang):
    """A sentence of any of the generators, or of none of them."""
    p = w.r.random()
    if p < 0.55:
        return prose(w, lang, ASKED if w.maybe(0.12) else PROSE)
    if p < 0.85:
        return ticket(w, lang)
    if p < 0.93:
        return w.any(w.any(ANSWERS)[lang]["say"].split(". ")).rstrip(".") + "."
    return w.pick(CLAIMS[lang]).format(a=w.part_no(), y=w.r.randint(1950, 2020), c=w.any(words.CITIES[lang]))


def facts_told(w, told, size):
    """Facts of one kind, or of any; tickets' sentences beside them where both are in one language."""
    kind = w.any(KINDS) if w.maybe(0.6) else None
    chosen = [i for i, fact in enumerate(ALL_FACTS) if (not kind or fact["kind"] == kind) and (w.held_out or i % 8 != 7)]
    for i in w.some(chosen, *[size or w.any([1, 2, 2, 3, 3, 4])] * 2):
        told.fact(ALL_FACTS[i])
    if told.source == told.lang and w.maybe(0.3):
        for _ in range(w.r.randint(1, 2)):
            told.sentence(ticket(w, told.lang))
    return kind


def copied(w, told, size):
    """Sentences about anything; now and then the writer marks some, and then only those count."""
    said = [anything(w, told.lang) if w.maybe(0.8) else ticket(w, told.lang) for _ in range(size or w.any([1, 2, 3, 3, 4, 5, 6]))]
    marked = w.some(range(len(said)), 1, 2) if len(said) > 2 and w.maybe(0.35) else []
    mark = w.pick(MARKS[told.lang])
    for i, sentence in enumerate(said):
        if marked and i not in marked and not sentence.endswith("?"):
            told.text.append(sentence)
        else:
            told.sentence(sentence, mark if i in marked and not sentence.endswith("?") else "")


def laid_out(w, lang, text, kind):
    """The sentences as a mail, a thread, a chat, minutes, a report, a list or bare."""
    title = w.any(TITLES[kind or w.any(KINDS)][lang].split("|")).format(**slots(w, lang))
    body = w.any([" ", " ", "\n"]).join(text)
    bullet = w.any("--*•")
    dashed = "\n".join(f"{bullet} {t}" for t in text)
    style = w.r.random()
    if style < 0.38:
        head = f"{'Betreff' if lang == 'de' else 'Subject'}: {title}" if w.maybe(0.35) else ""
        return "\n\n".join(p for p in (head, w.fill(w.any(words.GREETINGS[lang])), body if w.maybe(0.85) else dashed, f"{w.any(words.CLOSINGS[lang])}\n{w.person()}") if p)
    if style < 0.50:
        return (f"Protokoll vom {w.date('de')}, Teilnehmer: " if lang == "de" else f"Minutes of {w.date('en')}, present: ") + f"{w.person()}, {w.person()}\n\n{body if w.maybe(0.5) else dashed}"
    if style < 0.62:  # a chat of two
        names, hour, minute = (w.first(), w.first()), w.r.randint(7, 18), w.r.randint(0, 40)
        at = (lambda i: f"[{hour:02}:{minute + i:02}] ") if w.maybe(0.5) else (lambda i: "")
        return "\n".join(f"{at(i)}{names[i % 2]}: {t}" for i, t in enumerate(text))
    if style < 0.72 and len(text) > 1:  # an answer above what it answers
        cut = w.r.randint(1, len(text) - 1)
        wrote = f"Am {w.date('de')} schrieb {w.person()}:" if lang == "de" else f"On {w.date('en')} {w.person()} wrote:"
        return "\n".join([" ".join(text[:cut]), "", wrote, *(f"> {t}" for t in text[cut:])])
    if style < 0.86:
        numbered = "\n".join(f"{i}. {t}" for i, t in enumerate(text, 1))
        return f"{title}\n\n{w.any([body, dashed, numbered])}"
    return body if w.maybe(0.7) else dashed


def sample(w, size=None):
    lang = w.lang()
    copies = w.maybe(0.4)
    source = lang if copies or w.maybe(0.8) else ("en" if lang == "de" else "de")
    limit, kind = w.any(LIMITS), None
    told = Told(w, source, lang)
    if copies:
        copied(w, told, size)
    else:
        kind = facts_told(w, told, size)
    if w.maybe(0.45):
        for asked in different(w, QUESTIONS, w.r.randint(1, 2)):
            told.question(asked)
    for chatter in different(w, CHATTER[source], w.any([0, 0, 0, 1, 2])):
        told.text.insert(w.r.randint(0, len(told.text)), cap(chatter.format(**slots(w, source))))
    summary = told.summary[: sentences_for(limit)] or told.text[:1]
    answer = {"summary": " ".join(summary), "key_points": told.points[:5], "open_questions": told.questions[:3]}
    text = laid_out(w, source, told.text, kind)
    return {"tool": "summarize_text", "headers": f"language: {lang}\nmax_words: {limit}\n", "text": text, "answer": compact(answer), "lang": lang}
