"""`classify_ticket`: support mails with a label, priority, sentiment and language.

A ticket is one to three sentences about its topic inside neutral, angry, pleased, urgent or patient
ones; what was mixed in decides priority and sentiment, so the labels are true by construction. What surrounds
them (context, references, signatures, haste) says nothing about any label.
"""

import re

import words
import mood_frames as moods
import ticket_frames as frames
from rfq import ORDERS_TO_MODEL
from ticket_phrases import LABEL_NAMES, MOODS, NEUTRAL, OTHER_LANGUAGES, TOPICS, URGENCY
from world import compact

DEFAULT = ["order", "delivery", "invoice", "return", "product", "account", "technical", "other"]
# Words that a text can lose and still say the same; none of them carries a label.
LITTLE = {"de": "der|die|das|den|ein|eine|einen|wir|ich|uns|bitte|auch|Sie", "en": "the|a|an|we|I|please|our|my|us|is|are"}
# A last clause that begins so is a question.
ASKS = re.compile(r", (?:wann|wo|was|wer|wohin|warum|woran|welche[rsnm]?|wie (?!gehabt|immer|vereinbart)|wen|an wen|kann|können|könnten|dürfen|darf|geht das|gibt es|haben Sie|ist (?:das|ein|es)|lässt sich|läuft|nehmen Sie|passen|bieten|"
                  r"what|when|where|who|whom|how|why|which (?!is why)|can|could|may|do|does|did|is (?:it|that|there)|are there|will|would|shall|should)\b[^,]*\.$")
JOINTS = {"de": [" und ", ", ", ", und ", " - ", ", außerdem: "], "en": [" and ", ", ", ", and ", " - ", "; "]}
BARE = {"de": ["Hallo", "hallo", "Moin", "moin moin", "Hi", "Tach,", "Guten Tag", "Hey", "Hallo!", "Servus zusammen", "Morgen,"],
        "en": ["Hi", "hi", "Hello", "hello there", "Hey", "hey,", "Hi all,", "Morning", "Good day", "Hello!", "Hi everyone"]}
SUBJECTS = {"de": ["Anfrage", "Ticket", "Hilfe", "Frage", "Re: Ticket", "AW: Anfrage", "WG: Ihre Nachricht", "Vorgang"], "en": ["Request", "Ticket", "Help", "Question", "Re: ticket", "RE: your message", "FW: request", "Case"]}


def cap(text):
    return text[:1].upper() + text[1:]


def slots(w, lang):
    product = w.product()
    return {"o": w.ref(), "i": w.ref(), "p": product[0 if lang == "de" else 1], "d": w.date(lang), "n": w.r.randint(2, 400), "k": w.r.randint(2, 12), "a": w.part_no(),
            "c": w.company(lang), "v": w.price(lang)[0], "city": w.any(words.CITIES[lang]), "m": w.measure(product[3], lang) or "XL", "x": w.person()}


def labels_for(w):
    """The header's list: mostly the default, else a shuffled part of it, else other names for the same."""
    if w.maybe(0.62):
        return {t: t for t in DEFAULT}
    topics = list(DEFAULT)
    w.r.shuffle(topics)
    topics = topics[: w.r.randint(3, 8)]
    if w.maybe(0.4):
        return {t: t for t in topics}
    style = w.any(["de", "en"])
    return {t: w.any(LABEL_NAMES[t][style]) for t in topics}


def ticket_sentence(w, topic, lang):
    return w.say(TOPICS[topic][lang], frames.FRAMES[topic][lang], frames.PARTS[lang])


def made(w, by_lang, lang):
    """A sentence for which there are frames only."""
    return w.drawn(lambda: w.expand(w.any(by_lang[lang].split("\n")), frames.PARTS[lang])).format(**slots(w, lang))


def sentences(w, topic, lang, count, mood="neutral"):
    """Sentences about a topic; two of them now and then as one."""
    found = [ticket_sentence(w, topic, lang) for _ in range(count)]
    found = [t.format(**slots(w, lang)) for t in dict.fromkeys(found)]
    found = [t[:-1] + "?" if ASKS.search(t) and w.maybe(0.75) else t for t in found]
    if topic == "other" and mood in frames.FELT and w.maybe(0.4):
        found[0] = made(w, frames.FELT[mood], lang)
    if len(found) > 1 and found[0].endswith(".") and w.maybe(0.35):
        found[:2] = [found[0][:-1] + w.any(JOINTS[lang]) + found[1]]
    return [cap(t) for t in found]


def signature(w, lang):
    """A close with a name, and what people put under it."""
    under = [w.company(lang)] if w.maybe(0.4) else []
    if w.maybe(0.25):
        under.insert(0, w.any(words.ROLES[lang]))
    if w.maybe(0.2):
        under.append(w.any(["Tel. ", "Tel.: ", "", "Mobil " if lang == "de" else "Mobile ", "T: "]) + w.phone(lang))
    name = w.person() if w.maybe(0.8) else w.first()
    return "\n".join(([w.any(words.CLOSINGS[lang])] if w.maybe(0.85) else []) + [name] + under)


def hasty(w, text, lang):
    """Somebody without time: little words, marks or umlauts are left out."""
    if w.maybe(0.6):
        text = re.sub(r"[ \t]+", " ", re.sub(rf"\b({LITTLE[lang]}) ", lambda m: "" if w.maybe(0.5) else m[0], text))
    if w.maybe(0.5):
        text = re.sub(r"[,.!?](?= |\n|$)", lambda m: "" if w.maybe(0.6) else m[0], text)
    if w.maybe(0.25):
        for pair in ("äae", "öoe", "üue", "ßss", "ÄAe", "ÖOe", "ÜUe"):
            text = text.replace(pair[0], pair[1:])
    return text


def sample(w, size=None):
    names = labels_for(w)
    topic = w.any(names)
    foreign = w.maybe(0.05)
    lang = "other" if foreign else w.lang()
    second = None
    mood, urgency = w.any(["neutral"] * 5 + ["negative"] * 4 + ["positive"] * 2), w.any(["normal"] * 6 + ["low", "high", "high", "urgent"])
    if foreign:
        mood, urgency = "neutral", "normal"
        text = w.pick(OTHER_LANGUAGES[topic]).format(**slots(w, "en"))
    else:
        body = sentences(w, topic, lang, w.any([1, 1, 1, 2, 2, 3]), mood)
        if w.maybe(0.14) and topic != "other" and len(names) > 2:
            second = w.any([t for t in names if t not in (topic, "other")] or [topic])
            second = None if second == topic else second
        if second:
            body.append(w.any(["Außerdem: ", "Noch etwas: ", "Zweitens: ", "Und: "] if lang == "de" else ["Also: ", "Another thing: ", "Secondly: ", "And: "]) + sentences(w, second, lang, 1)[0])
        if mood != "neutral":
            body.insert(w.any([0, len(body), len(body)]), cap(w.say(MOODS[mood][lang], moods.MOODS[mood][lang]).format(**slots(w, lang))))
        if urgency != "normal":
            body.insert(w.any([0, len(body), len(body), len(body)]), cap(w.say(URGENCY[urgency][lang], moods.URGENCY[urgency][lang]).format(**slots(w, lang))))
        if w.maybe(0.12):
            body.insert(0, cap(made(w, moods.CONTEXT, lang)))
        if w.maybe(0.3):
            filler = cap(w.say(NEUTRAL[lang], moods.NEUTRAL[lang]).format(**slots(w, lang)))
            body.insert(len(body) if w.maybe(0.2) and not filler.endswith(":") else 0, filler)
        if w.maybe(0.05):
            body.insert(w.any([0, len(body)]), made(w, moods.REFERENCE, lang))
        if w.maybe(0.02):
            body.append(w.any(ORDERS_TO_MODEL[lang]))
        greeting = w.fill(w.any(words.GREETINGS[lang])) if w.maybe(0.45) else w.any(BARE[lang]) if w.maybe(0.3) else ""
        close = signature(w, lang) if w.maybe(0.5) else ""
        inner = w.any([" ", " ", " ", " ", "\n", "\n\n"])
        text = w.any(["\n", "\n", "\n\n", " ", " "]).join(p for p in (greeting, inner.join(body), close) if p)
        if w.maybe(0.15):
            text = w.any(["Betreff: ", "Subject: "]) + w.any(SUBJECTS[lang]) + f" {w.digits(4, 6)}\n" + text
        text = text.replace("..", ".")  # after names and dates that end with a dot
        if w.maybe(0.1):
            text = " ".join(text.split())
        if w.maybe(0.1):
            text = hasty(w, text, lang)
        if w.maybe(0.12):
            text = typos(w, text)
        if w.maybe(0.08):
            text = text.lower()
        elif w.maybe(0.03) and mood == "negative":
            text = text.upper()
    answer = {"label": names[topic], "alternatives": [names[second]] if second else [], "priority": urgency, "sentiment": mood, "language": lang,
              "confidence": "medium" if second else "high"}
    return {"tool": "classify_ticket", "headers": f"labels: {', '.join(names.values())}\n", "text": text, "answer": compact(answer), "lang": lang}


def typos(w, text):
    """Swaps, drops or doubles a few letters."""
    chars = list(text)
    for _ in range(max(1, len(chars) // 80)):
        i = w.r.randrange(len(chars) - 1)
        if chars[i].isalpha() and chars[i + 1].isalpha():
            kind = w.r.randint(0, 2)
            if kind == 0:
                chars[i], chars[i + 1] = chars[i + 1], chars[i]
            elif kind == 1:
                chars[i] = ""
            else:
                chars[i] *= 2
    return "".join(chars)
