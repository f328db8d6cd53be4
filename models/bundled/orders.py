"""`extract_data`, preset purchase_order: orders with numbers, prices and delivery addresses."""

from mail import Sender
from rfq import deadline, items
from world import compact
import words

LINES = {
    "de": ["{p} {d}, {q} {u} à {v} {c}", "{q} {u} {d} (Art. {p}) zu {v} {c}", "{q} {u} {d}, Art.-Nr. {p}, Einzelpreis {v} {c}", "{p}; {d}; {q}; {u}; {v}", "| {p} | {d} | {q} {u} | {v} {c} |", "{d} - Art. {p} - {q} {u} - {v} {c}/Einheit",
           "{p} | {q} {u} | {d} | {v} {c}", "{q} {u} {p} {d} EP {v}", "Art. {p}: {d}, Menge: {q} {u}, Preis: {v} {c}", "{q} {u} {d} ({p}) @ {v} {c}"],
    "en": ["{p} {d}, {q} {u} at {v} {c}", "{q} {u} {d} (art. {p}) at {v} {c} each", "{q} {u} {d}, part no. {p}, unit price {v} {c}", "{p}; {d}; {q}; {u}; {v}", "| {p} | {d} | {q} {u} | {v} {c} |", "{d} - part {p} - {q} {u} - {v} {c}/unit",
           "{p} | {q} {u} | {d} | {v} {c}", "{q} {u} {p} {d} @ {v}", "Item {p}: {d}, qty: {q} {u}, price: {v} {c}", "{q} {u} of {d} ({p}) @ {c} {v}"],
}
BARE = {"de": ["{q} x {d}, Art.-Nr. {p}", "{p} {d}: {q}", "{q} x {d} ({p})"], "en": ["{q} x {d}, part no. {p}", "{p} {d}: {q}", "{q} x {d} ({p})"]}
NUMBER = {"de": ["Bestellung {n}", "Bestellnummer: {n}", "Bestellung Nr. {n}", "unsere Bestellnummer {n}", "Auftrag {n}", "Best.-Nr.: {n}", "PO-Nummer: {n}", "Bestell-Nr. {n}"],
          "en": ["Purchase order {n}", "PO number: {n}", "PO {n}", "Our order no. {n}", "Order {n}", "Purchase Order No. {n}", "PO#: {n}", "Order number {n}"]}
DATED = {"de": ["Datum: {t}", "vom {t}", "Bestelldatum: {t}", "Datum {t}"], "en": ["Date: {t}", "dated {t}", "Order date: {t}", "Date {t}"]}
INTRO = {"de": ["hiermit bestellen wir:", "wir bestellen wie folgt:", "bitte liefern Sie:", "wir bestellen verbindlich", "Positionen:", "bitte führen Sie folgende Bestellung aus:", "gemäß Ihrem Angebot bestellen wir:", ""],
         "en": ["we hereby order:", "please supply the following:", "please deliver:", "we would like to order", "Items:", "please process the following order:", "as per your quotation we order:", ""]}
SHIP = {"de": ["Lieferadresse: {a}", "Lieferung an: {a}", "Lieferanschrift: {a}", "Bitte liefern an {a}", "Liefern Sie bitte nach: {a}"],
        "en": ["Delivery address: {a}", "Ship to: {a}", "Deliver to: {a}", "Shipping address: {a}", "Please deliver to {a}"]}
DUE = {"de": ["Liefertermin: {t}", "Lieferung bis {t}", "Wunschtermin {t}", "Bitte liefern Sie bis {t}."], "en": ["Delivery date: {t}", "Delivery by {t}", "Required by {t}", "Please deliver by {t}."]}
SIGNS = {"EUR": ["EUR", "EUR", "€", "€", "Euro"], "USD": ["USD", "$"], "GBP": ["GBP", "£"], "CHF": ["CHF"]}


def sample(w, size=None):
    lang = w.lang()
    who = Sender(w, lang)
    goods = items(w, lang, size or w.any([1, 1, 2, 2, 3, 3, 4, 5]))
    currency = w.any(["EUR", "EUR", "EUR", "CHF", "USD"] if lang == "de" else ["EUR", "EUR", "GBP", "USD"])
    sign, priced = w.any(SIGNS[currency]), w.maybe(0.8)
    template = w.pick(LINES[lang]) if priced else w.any(BARE[lang])
    bullet, lines, rows = w.any(["", "", "- ", "{i}. ", "Pos {i}0: "]), [], []
    if "{u}" not in template:
        for g in goods:
            g["unit"] = None
    for i, g in enumerate(goods, 1):
        shown, value = w.price(lang) if priced else (None, None)
        lines.append(("" if template[0] == "|" else bullet.format(i=i)) + template.format(p=g["part_no"], d=g["description"], q=g["shown"], u=g["unit"], v=shown, c=sign))
        rows.append({"part_no": g["part_no"], "description": g["description"], "quantity": g["quantity"], "unit": g["unit"], "unit_price": value})
    named = "{c}" in template
    if priced and not named and w.maybe(0.6):
        lines.append((f"Alle Preise in {sign}" if lang == "de" else f"All prices in {sign}") + w.any(["", "."]))
        named = True
    n = w.ref() if w.maybe(0.92) else None
    date = w.date(lang) if w.maybe(0.6) else None
    where = (w.address(lang) if w.maybe(0.7) else (w.company(lang),) + w.address(lang)) if w.maybe(0.6) else None
    due = deadline(w, lang) if w.maybe(0.5) else None
    head = []
    if n:
        head.append(w.pick(NUMBER[lang]).format(n=n))
    if date:
        head.append(w.any(DATED[lang]).format(t=date))
    top = w.any(["\n", " ", "\n"]).join(head) if n else "\n".join(head)
    tail = []
    if where:
        tail.append(w.any(SHIP[lang]).format(a=", ".join(where) if w.maybe(0.8) else "\n".join(where)))
    if due:
        tail.append(w.any(DUE[lang]).format(t=due))
    w.r.shuffle(tail)
    intro = w.pick(INTRO[lang])
    order = "\n".join(lines)
    if w.maybe(0.15) and priced:
        order += f"\n{w.any(['Summe', 'Gesamt', 'Netto']) if lang == 'de' else w.any(['Total', 'Net total'])}: {w.price(lang)[0]} {sign}"
        named = True
    body = "\n".join(p for p in ([intro] if intro else []) + [order] + tail)
    if w.maybe(0.3) and tail:
        body = "\n".join(([intro] if intro else []) + [order, ""] + tail)
    if w.maybe(0.5):
        text = (top + "\n\n" if top else "") + who.frame(top.split("\n")[0] or "PO", body)
    else:
        text = who.frame(w.any(["Bestellung", "Neue Bestellung"] if lang == "de" else ["Order", "New order"]), (top + "\n" if top else "") + body)
    answer = {"order_number": n, "order_date": date, "customer": {"company": who.company, "contact": who.contact, "email": who.email},
              "delivery_address": ", ".join(where) if where else None, "requested_delivery": due, "currency": currency if priced and named else None, "lines": rows}
    return {"tool": "extract_data", "headers": "preset: purchase_order\n", "text": text, "answer": compact(answer), "lang": lang}
