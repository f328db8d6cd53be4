"""`extract_data`, preset purchase_order: orders with numbers, prices and delivery addresses."""

import lines
import rfq_frames as frames
from mail import Sender
from rfq import capital, deadline, items
from world import compact
import words

NUMBER = {"de": ["Bestellung {n}", "Bestellnummer: {n}", "Bestellung Nr. {n}", "unsere Bestellnummer {n}", "Auftrag {n}", "Best.-Nr.: {n}", "PO-Nummer: {n}", "Bestell-Nr. {n}"],
          "en": ["Purchase order {n}", "PO number: {n}", "PO {n}", "Our order no. {n}", "Order {n}", "Purchase Order No. {n}", "PO#: {n}", "Order number {n}"]}
DATED = {"de": ["Datum: {t}", "vom {t}", "Bestelldatum: {t}", "Datum {t}"], "en": ["Date: {t}", "dated {t}", "Order date: {t}", "Date {t}"]}
INTRO = {"de": ["hiermit bestellen wir:", "wir bestellen wie folgt:", "bitte liefern Sie:", "wir bestellen verbindlich", "Positionen:", "bitte führen Sie folgende Bestellung aus:", "gemäß Ihrem Angebot bestellen wir:", ""],
         "en": ["we hereby order:", "please supply the following:", "please deliver:", "we would like to order", "Items:", "please process the following order:", "as per your quotation we order:", ""]}
SHIP = {"de": ["Lieferadresse: {a}", "Lieferung an: {a}", "Lieferanschrift: {a}", "Bitte liefern an {a}", "Liefern Sie bitte nach: {a}"],
        "en": ["Delivery address: {a}", "Ship to: {a}", "Deliver to: {a}", "Shipping address: {a}", "Please deliver to {a}"]}
DUE = {"de": ["Liefertermin: {t}", "Lieferung bis {t}", "Wunschtermin {t}", "Bitte liefern Sie bis {t}."], "en": ["Delivery date: {t}", "Delivery by {t}", "Required by {t}", "Please deliver by {t}."]}
SIGNS = {"EUR": ["EUR", "EUR", "€", "€", "Euro"], "USD": ["USD", "$"], "GBP": ["GBP", "£"], "CHF": ["CHF"]}


def goods_and_prices(w, lang, size):
    """The items, how the text shows them, and the currency if it names one."""
    goods, priced = items(w, lang, size or w.any([1, 1, 2, 2, 3, 3, 4, 5]), w.maybe(0.8)), w.maybe(0.8)
    unit = goods[0]["unit"] is not None
    currency = w.any(["EUR", "EUR", "EUR", "CHF", "USD"] if lang == "de" else ["EUR", "EUR", "GBP", "USD"])
    sign = w.any(SIGNS[currency])
    for g in goods:
        g["price_shown"], g["price"] = w.price(lang) if priced else (None, None)
        g["sign"] = sign
    if len(goods) > 1 and w.maybe(0.2):
        shown, template = lines.table(w, lang, goods, unit, True, priced), ""
    else:
        shown, template = lines.listed(w, lang, goods, unit, True, priced)
    named = "{c}" in template
    if priced and not named and w.maybe(0.6):
        shown += "\n" + (f"Alle Preise in {sign}" if lang == "de" else f"All prices in {sign}") + w.any(["", "."])
        named = True
    if w.maybe(0.15) and priced:
        shown += f"\n{w.any(['Summe', 'Gesamt', 'Netto']) if lang == 'de' else w.any(['Total', 'Net total'])}: {w.price(lang)[0]} {sign}"
        named = True
    return goods, shown, currency if priced and named else None


def answer_line(item):
    return {"part_no": item["part_no"], "description": item["description"], "quantity": item["quantity"], "unit": item["unit"], "unit_price": item["price"]}


def heading(w, lang, order_number, date):
    head = []
    if order_number:
        head.append(w.pick(NUMBER[lang]).format(n=order_number))
    if date:
        head.append(w.any(DATED[lang]).format(t=date))
    return w.any(["\n", " ", "\n"]).join(head)


def sample(w, size=None):
    lang = w.lang()
    who = Sender(w, lang)
    goods, shown, currency = goods_and_prices(w, lang, size)
    n = w.ref() if w.maybe(0.92) else None
    date = w.date(lang) if w.maybe(0.6) else None
    where = (w.address(lang) if w.maybe(0.7) else (w.company(lang),) + w.address(lang)) if w.maybe(0.6) else None
    due = deadline(w, lang) if w.maybe(0.5) else None
    top, tail = heading(w, lang, n, date), []
    if where:
        tail.append(w.any(SHIP[lang]).format(a=", ".join(where) if w.maybe(0.8) else "\n".join(where)))
    if due:
        tail.append(capital(w.say(DUE[lang], frames.DELIVERY[lang]).format(t=due)))
    w.r.shuffle(tail)
    intro = w.pick(INTRO[lang])
    body = "\n".join([intro] * bool(intro) + [shown] + [""] * bool(tail and w.maybe(0.3)) + tail)
    if w.maybe(0.5):
        text = (top + "\n\n" if top else "") + who.frame(top.split("\n")[0] or "PO", body)
    else:
        text = who.frame(w.any(["Bestellung", "Neue Bestellung"] if lang == "de" else ["Order", "New order"]), (top + "\n" if top else "") + body)
    answer = {"order_number": n, "order_date": date, "customer": {"company": who.company, "contact": who.contact, "email": who.email},
              "delivery_address": ", ".join(where) if where else None, "requested_delivery": due, "currency": currency, "lines": [answer_line(g) for g in goods]}
    return {"tool": "extract_data", "headers": "preset: purchase_order\n", "text": text, "answer": compact(answer), "lang": lang}
