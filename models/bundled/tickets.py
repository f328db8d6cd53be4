"""`classify_ticket`: support mails with a label, priority, sentiment and language.

A ticket is one to three sentences about its topic inside neutral, angry, pleased, urgent or patient
ones; what was mixed in decides priority and sentiment, so the labels are true by construction.
"""

import words
import mood_frames as moods
import ticket_frames as frames
from rfq import ORDERS_TO_MODEL
from ticket_phrases import LABEL_NAMES, MOODS, NEUTRAL, OTHER_LANGUAGES, TOPICS, URGENCY
from world import compact

DEFAULT = ["order", "delivery", "invoice", "return", "product", "account", "technical", "other"]


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


def sentences(w, topic, lang, count):
    found = [ticket_sentence(w, topic, lang) for _ in range(count)]
    return [cap(t.format(**slots(w, lang))) for t in dict.fromkeys(found)]


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
        body = sentences(w, topic, lang, w.any([1, 1, 1, 2, 2, 3]))
        if w.maybe(0.14) and topic != "other" and len(names) > 2:
            second = w.any([t for t in names if t not in (topic, "other")] or [topic])
            second = None if second == topic else second
        if second:
            body.append(w.any(["Außerdem: ", "Noch etwas: ", "Zweitens: ", "Und: "] if lang == "de" else ["Also: ", "Another thing: ", "Secondly: ", "And: "]) + sentences(w, second, lang, 1)[0])
        if mood != "neutral":
            body.insert(w.any([0, len(body), len(body)]), cap(w.say(MOODS[mood][lang], moods.MOODS[mood][lang]).format(**slots(w, lang))))
        if urgency != "normal":
            body.append(cap(w.say(URGENCY[urgency][lang], moods.URGENCY[urgency][lang]).format(**slots(w, lang))))
        if w.maybe(0.3):
            body.insert(0, cap(w.say(NEUTRAL[lang], moods.NEUTRAL[lang]).format(**slots(w, lang))))
        if w.maybe(0.02):
            body.append(w.any(ORDERS_TO_MODEL[lang]))
        greeting = w.fill(w.any(words.GREETINGS[lang])) if w.maybe(0.6) else ""
        close = f"{w.any(words.CLOSINGS[lang])}\n{w.person()}" + (f"\n{w.company(lang)}" if w.maybe(0.4) else "") if w.maybe(0.5) else ""
        text = ("\n" if w.maybe(0.6) else " ").join(p for p in (greeting, " ".join(body), close) if p)
        if w.maybe(0.15):
            text = w.any(["Betreff: ", "Subject: "]) + w.any(["Anfrage", "Ticket", "Hilfe", "Frage", "Re: Ticket"] if lang == "de" else ["Request", "Ticket", "Help", "Question", "Re: ticket"]) + f" {w.digits(4, 6)}\n" + text
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
