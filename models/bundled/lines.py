"""How a mail writes down one item: formats put together from where things stand, signs and label words.

A format is a template with {q} quantity, {u} unit, {d} description, {p} part number, {v} price, {c} currency.
"""

import re

LABELS = {
    "de": {
        "q": "Menge|Anzahl|Stückzahl|Bedarf|Mge.|Bestellmenge|benötigt|Quantum".split("|"),
        "p": "Art.-Nr.|Art.|Artikelnummer|Artikel-Nr.|Best.-Nr.|Bestellnummer|ArtNr.|Teilenummer|Teile-Nr.|Mat.-Nr.|Materialnummer|Sachnummer|SKU|Nr.|Ihre Art.-Nr.|Katalognummer|Artikel|Bestell-Nr.|Code|Herst.-Nr.|Typ-Nr.|Ident-Nr.".split("|"),
        "d": "Artikel|Bezeichnung|Beschreibung|Produkt|Ware|Text|Artikelbezeichnung|Gegenstand".split("|"),
        "u": "Einheit|ME|Mengeneinheit|Einh.|VPE".split("|"),
        "v": "Preis|Einzelpreis|EP|Stückpreis|Preis/Einheit|Nettopreis|E-Preis|Listenpreis".split("|"),
    },
    "en": {
        "q": "Qty|Quantity|qty|Amount|Needed|Qty.|quantity|No. of units".split("|"),
        "p": "part no.|art.|item no.|item number|P/N|part|SKU|part number|article|cat. no.|ref.|item|code|art. no.|your ref.|product code|Part no.|Article|PN|model|Material|Stock code".split("|"),
        "d": "Item|Description|Product|Article|Goods|item|description|Text".split("|"),
        "u": "Unit|UoM|UOM|Units|U/M".split("|"),
        "v": "Price|Unit price|price|unit price|price per unit|Net price|Each|List price".split("|"),
    },
}
MARKS = [", ", ", ", " - ", " | ", "; ", " / ", " – ", ": ", "\t", " · ", " -> ", " // "]
OF = {"de": [" ", " ", " ", " ", " vom ", " von ", " des Artikels "], "en": [" ", " ", " of ", " of ", " of the "]}
PRICED = {"de": ["à", "zu", "je", "zum Preis von", "EP", "Einzelpreis", "@", "zu je", "Preis"], "en": ["at", "@", "for", "unit price", "priced at", "at a price of", "price", "each"]}
BULLETS = ["", "", "", "- ", "- ", "* ", "• ", "{i}. ", "{i}) ", "Pos. {i}: ", "Pos {i}0 ", "{i}: ", "({i}) ", "– ", "+ ", "#{i} ", "Nr. {i}: ", "> "]
# Column orders as people have them; any other order comes now and then.
COLUMNS = ["qudp", "qudp", "pdqu", "pdqu", "dpqu", "qupd", "dqup", "qdup", "pdquv"]


def labelled(w, lang, what):
    return w.option(LABELS[lang][what]) + w.any([" ", ": ", ": ", ":", " = "])


def quantity(w, lang, unit, leads):
    amount = "{q} {u}" if unit else "{q}"
    if w.maybe(0.15 if leads else 0.35):
        return labelled(w, lang, "q") + amount
    if unit:
        return amount if leads else w.any([amount, amount, f"({amount})"])
    if leads:
        return w.any(["{q} x", "{q}x", "{q} ×", "{q}", "{q} mal" if lang == "de" else "{q} of"])
    return w.any(["{q}", "x {q}", "({q})", "× {q}", "{q}x"])


def part_number(w, lang):
    named = labelled(w, lang, "p") + "{p}"
    return w.any([named, named, named, f"({named})", f"({named})", "({p})", "[{p}]", f"[{named}]", "{p}"])


def joined(w, left, right, marks=MARKS):
    """Two pieces with a sign between them that keeps them apart."""
    if right.startswith(("(", "[", "x ", "× ")) and w.maybe(0.8):
        return f"{left} {right}"
    return left + w.any(marks) + right


def made(w, lang, unit, part, price):
    q = lambda leads: quantity(w, lang, unit, leads)
    d = labelled(w, lang, "d") + "{d}" if w.maybe(0.08) else "{d}"
    p = part_number(w, lang) if part else ""
    kind, mark = w.r.random(), [w.any(MARKS)]
    if kind < 0.5:  # quantity, goods, number
        lead = q(True)
        text = lead + (w.any(OF[lang]) if d == "{d}" and (unit and ":" not in lead) else " " if d == "{d}" and w.maybe(0.85) else mark[0]) + d
        text = joined(w, text, p, mark) if p else text
    elif kind < 0.64:  # goods, quantity, number
        text = joined(w, d, q(False), mark)
        text = joined(w, text, p, mark) if p else text
    elif kind < 0.72:  # goods, number, quantity
        text = joined(w, d, p, mark) if p else d
        text = joined(w, text, q(False), mark)
    elif kind < 0.86:  # number, goods, quantity
        text = (p + w.any([" ", mark[0], mark[0]]) if p else "") + d
        text = joined(w, text, q(False), mark)
    elif kind < 0.93:  # quantity, number, goods
        text = q(True) + " " + (p + w.any([" ", mark[0]]) if p else "") + d
    else:  # one below the other
        more = [labelled(w, lang, "q") + ("{q} {u}" if unit else "{q}")] + ([labelled(w, lang, "p") + "{p}"] if part else [])
        w.r.shuffle(more)
        text = "\n  ".join([d, *more])
    if price:
        money = w.any(["{v} {c}", "{v} {c}", "{c} {v}", "{v}"])
        word = w.option(PRICED[lang])
        text += w.any([f" {word} {money}", f" {word} {money}", f"{mark[0]}{money}", f"{mark[0]}{word} {money}", f" ({money})", f" {word} {money}/" + w.any(["Stk", "Einheit", "ME"] if lang == "de" else ["unit", "pc", "each"])])
    return text


def form(w, lang, unit, part, price=False):
    """One format. Which of them training sees is decided by the whole of it and by its label words."""
    return w.drawn(lambda: made(w, lang, unit, part, price))


def separable(template, item):
    """A part number with spaces inside needs a sign around it, or nobody could tell where it ends."""
    if item["part_no"] and " " in item["part_no"] and re.search(r"(?<![\]):.=]) \{p\}|\{p\} |^\{p\}|\t", template):
        item["part_no"] = item["part_no"].replace(" ", "")


def line(template, item, i):
    separable(template, item)
    return template.format(q=item["shown"], u=item["unit"], d=item["description"], p=item["part_no"], i=i, v=item.get("price_shown"), c=item.get("sign"))


def listed(w, lang, goods, unit, part, price=False):
    """One line an item, one format for the whole mail (or, rarely, a mix)."""
    template, bullet, rows = form(w, lang, unit, part, price), w.any(BULLETS), []
    if "{i}" in bullet and template.startswith("{q}") and w.maybe(0.5):
        bullet = "- "
    for i, item in enumerate(goods, 1):
        if w.maybe(0.04):
            template = form(w, lang, unit, part, price)
        rows.append(bullet.format(i=i) + line(template, item, i))
    return "\n".join(rows), template


def prose(w, lang, goods, unit, part):
    """The items in a sentence."""
    for _ in range(100):
        template = form(w, lang, unit, part)
        if template.startswith("{q}") and not re.search(r"[\n\t|;:]|//|->", template):
            break
    shown = [line(template, g, i) for i, g in enumerate(goods, 1)]
    if len(shown) == 1:
        return shown[0] + w.any([".", ""])
    joint = w.any([" und ", " sowie "] if lang == "de" else [" and ", " as well as ", ", and "])
    return ", ".join(shown[:-1]) + joint + shown[-1] + "."


def table(w, lang, goods, unit, part, price=False):
    """Columns, mostly in an order that people use, mostly with a head."""
    usual = w.maybe(0.75)
    columns = list(w.any(COLUMNS))
    if price and "v" not in columns:
        columns.append("v")
    columns = [c for c in columns if c in "qd" or c == "u" and unit or c == "p" and part or c == "v" and price]
    if not usual:
        w.r.shuffle(columns)
    marks = [" | ", " | ", ";", "; ", "\t", "\t", " ; "]
    if not any("," in str(g[k]) for g in goods for k in ("description", "shown", "price_shown") if k in g):
        marks.append(", ")
    mark, numbered = w.any(marks), w.maybe(0.35)
    edges = mark == " | " and w.maybe(0.5)
    key = {"q": "shown", "u": "unit", "d": "description", "p": "part_no", "v": "price_shown"}
    rows = [[str(i)] * numbered + [str(g[key[c]]) for c in columns] for i, g in enumerate(goods, 1)]
    if w.maybe(0.8) or not usual:
        head = [w.option(LABELS[lang][c]) for c in columns]
        rows.insert(0, [w.any(["Pos", "Pos.", "Nr.", "#"] if lang == "de" else ["Pos", "No.", "#", "Item"])] * numbered + [h[:1].upper() + h[1:] for h in head])
        if edges and w.maybe(0.5):
            rows.insert(1, ["---"] * len(rows[0]))
    lines = [mark.join(row) for row in rows]
    return "\n".join(f"| {row} |" if edges else row for row in lines)
