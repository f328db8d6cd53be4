"""`extract_data`, preset contact (signatures, cards, introductions) and simple schemas of a caller."""

import words
from mail import Sender
from rfq import deadline
from world import compact

TALK = {
    "de": ["wir haben uns auf der Messe unterhalten, hier sind meine Daten.", "ich bin Ihr neuer Ansprechpartner.", "bitte nehmen Sie mich in den Verteiler auf.", "anbei meine Kontaktdaten.", "bitte legen Sie für uns ein Kundenkonto an.", "ab sofort erreichen Sie mich unter der neuen Nummer.",
           "wir interessieren uns für Ihr Sortiment.", "könnten Sie mich bitte zurückrufen?", "unser Büro ist umgezogen.", "vielen Dank für Ihre Nachricht."],
    "en": ["we talked at the fair, here are my details.", "I am your new contact person.", "please add me to your mailing list.", "please find my contact details below.", "please open a customer account for us.", "from now on you can reach me on the new number.",
           "we are interested in your range.", "could you please call me back?", "our office has moved.", "thank you for your message."],
}
SELF = {
    "de": ["mein Name ist {name} und ich arbeite als {role} bei {company}.", "ich bin {name}, {role} bei der Firma {company}.", "{name} hier, {role}, {company}.", "{name} von {company} ({role}) bittet um Rückruf."],
    "en": ["my name is {name} and I work as {role} at {company}.", "I am {name}, {role} at {company}.", "{name} here, {role}, {company}.", "{name} from {company} ({role}) asks to be called back."],
}
REACH = {"de": ["Sie erreichen mich unter {x}.", "Rückfragen bitte an {x}.", "Kontakt: {x}"], "en": ["You can reach me at {x}.", "Please send questions to {x}.", "Contact: {x}"]}
KEYS = {"de": {"name": "Name", "company": "Firma", "role": "Funktion", "email": "E-Mail", "phone": "Telefon", "address": "Adresse", "website": "Web"},
        "en": {"name": "Name", "company": "Company", "role": "Position", "email": "Email", "phone": "Phone", "address": "Address", "website": "Web"}}


def cap(text):
    return text[:1].upper() + text[1:]


def facts(w, lang):
    company = w.company(lang)
    name, domain = w.person(), w.domain(company, lang)
    have = lambda p, value: value if w.maybe(p) else None
    return {"name": have(0.95, name), "company": have(0.9, company), "role": have(0.6, w.pick(words.ROLES[lang])), "email": have(0.8, w.email(name, domain)),
            "phone": have(0.75, w.phone(lang)), "address": have(0.5, ", ".join(w.address(lang))), "website": have(0.35, w.any(["www.", "https://www.", "https://"]) + domain)}


def sample(w, size=None):
    lang = w.lang()
    f, style = facts(w, lang), w.r.random()
    if style < 0.35:  # keys and values
        shown = [(KEYS[lang][k], v) for k, v in f.items() if v]
        if w.maybe(0.4):
            w.r.shuffle(shown)
        text = "\n".join(f"{k}: {v}" for k, v in shown)
    elif style < 0.6:  # prose
        f.update(name=f["name"] or w.person(), company=f["company"] or w.company(lang), role=w.pick(words.ROLES[lang]), address=None, website=None)
        text = w.fill(w.any(words.GREETINGS[lang])) + "\n\n" + w.any(SELF[lang]).format(**f) + " " + cap(w.pick(TALK[lang]))
        reach = [v for v in (f["email"], f["phone"]) if v]
        if reach:
            text += " " + w.any(REACH[lang]).format(x=w.any([" oder ", ", "] if lang == "de" else [" or ", ", "]).join(reach))
    else:  # mail with a signature, or the bare signature
        s = Sender(w, lang)
        s.contact, s.company, s.role, s.email, s.phone = f["name"], f["company"], f["role"], f["email"], f["phone"]
        s.address, s.site, s.in_header = tuple(f["address"].split(", ")) if f["address"] else None, f["website"], False
        if w.maybe(0.3) and any(v for k, v in f.items()):
            text = s.signature()
        else:
            text = s.frame(w.any(["Kontakt", "Rückruf", "Anfrage"] if lang == "de" else ["Contact", "Call back", "Enquiry"]), w.pick(TALK[lang]))
    if w.maybe(0.03):  # nothing to find
        f, text = dict.fromkeys(f), cap(w.pick(TALK[lang]))
    return {"tool": "extract_data", "headers": "preset: contact\n", "text": text, "answer": compact(f), "lang": lang}


