"""`extract_data` with a caller's own flat schema: its keys are words of the text or close to them."""

import words
from contacts import cap
from rfq import deadline
from world import compact


def fields(w, lang):
    """Key, label in the text, text as shown, value."""
    shown, price = w.price(lang)
    n, person = w.quantity(), w.person()
    found = [
        ("rechnungsnummer Rechnungsnummer", "invoice_number Invoice number", w.ref()), ("kundennummer Kundennummer", "customer_number Customer number", w.digits(5, 7)),
        ("termin Termin", "due_date Due date", deadline(w, lang)), ("projekt Projekt", "project Project", w.coined()), ("seriennummer Seriennummer", "serial_number Serial number", w.part_no()),
        ("firma Firma", "company Company", w.company(lang)), ("name Name", "name Name", person), ("ort Ort", "city City", w.any(words.CITIES[lang])), ("farbe Farbe", "colour Colour", w.any(words.COLOURS[lang])),
        ("bestellnummer Bestellnummer", "order_number Order number", w.ref()), ("email E-Mail", "email Email", w.email(person, w.domain(w.company(lang), lang))), ("telefon Telefon", "phone Phone", w.phone(lang)),
        ("betrag Betrag", "amount Amount", (shown, price)), ("menge Menge", "quantity Quantity", (str(n), n)), ("artikel Artikel", "product Product", w.description(w.product(), lang)),
        (f"{w.coined().lower()} {{}}", f"{w.coined().lower()} {{}}", w.coined()), (f"{w.coined().lower()} {{}}", f"{w.coined().lower()} {{}}", w.part_no()),
    ]
    for de, en, value in found:
        key, label = (de if lang == "de" else en).split(" ", 1)
        yield (key, cap(key) if label == "{}" else label, *(value if isinstance(value, tuple) else (value, value)))


def sample(w, size=None):
    lang = w.lang()
    chosen = w.some(fields(w, lang), 2, 6)
    kinds = {key: {"type": "number" if isinstance(value, (int, float)) else "string"} for key, _, _, value in chosen}
    answer = {key: value for key, _, _, value in chosen}
    for key in list(answer)[1:]:
        if w.maybe(0.12):  # asked for, but not in the text
            kinds[key]["type"], answer[key] = [kinds[key]["type"], "null"], None
    schema = {"type": "object", "properties": kinds, "required": list(kinds)}
    if w.maybe(0.3):
        schema["additionalProperties"] = False
    elif w.maybe(0.3):
        del schema["required"]
    mark = w.any([": ", ": ", " ", " = "])
    lines = [f"{label}{mark}{shown}" for key, label, shown, _ in chosen if answer[key] is not None]
    w.r.shuffle(lines)
    text = w.any(["\n", ", ", "\n", ". "]).join(lines)
    return {"tool": "extract_data", "headers": f"schema: {compact(schema)}\n", "text": text, "answer": compact(answer), "lang": lang}
