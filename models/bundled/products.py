"""`generate_product_text`: product copy that says the given facts and nothing else."""

import words
from contacts import cap
from world import compact

ATTRIBUTES = {  # German key | English key | values, "de/en" where they differ
    "material": ("Material", "Material", ["Stahl/steel", "Edelstahl A2/stainless steel A2", "Edelstahl A4/stainless steel A4", "Messing/brass", "Aluminium/aluminium", "Polypropylen/polypropylene", "PVC/PVC", "Nitril/nitrile", "Leder/leather", "Baumwolle/cotton", "Wellpappe/corrugated cardboard", "Glas/glass", "Gusseisen/cast iron", "Polyamid/polyamide", "EPDM/EPDM"]),
    "colour": ("Farbe", "Colour", ["schwarz/black", "weiß/white", "blau/blue", "rot/red", "gelb/yellow", "grün/green", "grau/grey", "orange/orange", "transparent/clear"]),
    "finish": ("Oberfläche", "Finish", ["verzinkt/zinc plated", "blank/plain", "poliert/polished", "pulverbeschichtet/powder coated", "matt/matt", "eloxiert/anodised"]),
    "standard": ("Norm", "Standard", ["DIN 933", "DIN 912", "ISO 4762", "EN 388", "EN ISO 20345", "DIN EN 166", "IP65", "IP44", "DIN 125", "VDE 0250"]),
    "pack": ("Verpackungseinheit", "Pack size", ["#n Stück/#n pieces", "#n Stück pro Karton/#n pieces per box", "#n/#n"]),
    "weight": ("Gewicht", "Weight", ["#n g", "#n kg", "#1,#1 kg/#1.#1 kg"]),
    "length": ("Länge", "Length", ["#n mm", "#n cm", "#1 m", "#2 m"]),
    "width": ("Breite", "Width", ["#n mm", "#2 cm"]),
    "power": ("Leistung", "Power", ["#n W", "#1,#1 kW/#1.#1 kW"]),
    "voltage": ("Spannung", "Voltage", ["12 V", "24 V", "230 V", "400 V", "18 V"]),
    "temperature": ("Temperaturbereich", "Temperature range", ["-#2 bis +#2 °C/-#2 to +#2 °C", "bis #n °C/up to #n °C"]),
    "capacity": ("Inhalt", "Capacity", ["#n ml", "#1 l", "#2 l"]),
    "load": ("Tragkraft", "Load capacity", ["#n kg"]),
    "pressure": ("Druck", "Pressure", ["#2 bar", "0-#2 bar"]),
    "use": ("Einsatzbereich", "Application", ["Industrie/industry", "Handwerk/trades", "Labor/laboratory", "Außenbereich/outdoor use", "Werkstatt/workshop", "Lager und Versand/warehouse and shipping", "Maschinenbau/mechanical engineering", "Lebensmittelindustrie/food industry"]),
    "warranty": ("Garantie", "Warranty", ["2 Jahre/2 years", "5 Jahre/5 years", "36 Monate/36 months", "1 Jahr/1 year"]),
    "thread": ("Gewinde", "Thread", ["M4", "M5", "M6", "M8", "M10", "M12", "M16", "G 1/2", "G 3/4"]),
    "size": ("Größe", "Size", ["S", "M", "L", "XL", "9", "10", "42", "44"]),
    "origin": ("Herkunftsland", "Country of origin", ["Deutschland/Germany", "Österreich/Austria", "Italien/Italy", "Polen/Poland", "Schweden/Sweden", "Spanien/Spain"]),
    "noise": ("Schallpegel", "Noise level", ["#2 dB", "#2 dB(A)"]),
    "shelf": ("Haltbarkeit", "Shelf life", ["#2 Monate/#2 months", "#1 Jahre/#1 years"]),
    "current": ("Nennstrom", "Rated current", ["#1 A", "#2 A", "#1,#1 A/#1.#1 A"]),
    "speed": ("Drehzahl", "Rotational speed", ["#n rpm"]),
    "mesh": ("Feinheit", "Fineness", ["#2 µm", "P#n"]),
}
SENTENCES = {  # {k}, {v}: one fact
    "material": {"de": ["{N} besteht aus {v}.", "Das Material ist {v}.", "Gefertigt aus {v}.", "Als Material dient {v}.", "Material: {v}."], "en": ["{N} is made of {v}.", "The material is {v}.", "Made of {v}.", "The material used is {v}.", "Material: {v}."]},
    "colour": {"de": ["Die Farbe ist {v}.", "Erhältlich in {v}.", "Farbe: {v}."], "en": ["The colour is {v}.", "Available in {v}.", "Colour: {v}."]},
    "finish": {"de": ["Die Oberfläche ist {v}.", "Oberfläche: {v}."], "en": ["The finish is {v}.", "Finish: {v}."]},
    "standard": {"de": ["{N} entspricht der Norm {v}.", "Ausgeführt nach {v}.", "Es gilt die Norm {v}.", "Norm: {v}."], "en": ["{N} conforms to {v}.", "Made to {v}.", "The standard is {v}.", "Standard: {v}."]},
    "pack": {"de": ["Eine Verpackungseinheit enthält {v}.", "Geliefert wird in Einheiten zu {v}."], "en": ["One pack contains {v}.", "Supplied in packs of {v}."]},
    "weight": {"de": ["Das Gewicht beträgt {v}.", "Es wiegt {v}.", "Gewicht: {v}."], "en": ["The weight is {v}.", "It weighs {v}.", "Weight: {v}."]},
    "length": {"de": ["Die Länge beträgt {v}.", "Mit einer Länge von {v}.", "Länge: {v}."], "en": ["The length is {v}.", "With a length of {v}.", "Length: {v}."]},
    "width": {"de": ["Die Breite beträgt {v}.", "Breite: {v}.", "Mit einer Breite von {v}."], "en": ["The width is {v}.", "Width: {v}.", "With a width of {v}."]},
    "power": {"de": ["Die Leistung beträgt {v}.", "Mit {v} Leistung."], "en": ["The power is {v}.", "With {v} of power."]},
    "voltage": {"de": ["Betrieben wird es mit {v}.", "Die Spannung beträgt {v}."], "en": ["It runs on {v}.", "The voltage is {v}."]},
    "temperature": {"de": ["Der Temperaturbereich ist {v}.", "Einsetzbar von {v}."], "en": ["The temperature range is {v}.", "Usable from {v}."]},
    "capacity": {"de": ["Der Inhalt beträgt {v}.", "Das Fassungsvermögen beträgt {v}."], "en": ["The capacity is {v}.", "It holds {v}."]},
    "load": {"de": ["Die Tragkraft beträgt {v}.", "Belastbar bis {v}."], "en": ["The load capacity is {v}.", "It carries up to {v}."]},
    "pressure": {"de": ["Der Druck beträgt {v}.", "Geeignet für {v}."], "en": ["The pressure is {v}.", "Suitable for {v}."]},
    "use": {"de": ["Einsatzbereich: {v}.", "Gedacht für den Bereich {v}."], "en": ["Application: {v}.", "Intended for {v}."]},
    "warranty": {"de": ["Die Garantie beträgt {v}.", "Mit {v} Garantie."], "en": ["The warranty is {v}.", "With a warranty of {v}."]},
    "thread": {"de": ["Das Gewinde ist {v}.", "Mit Gewinde {v}."], "en": ["The thread is {v}.", "With thread {v}."]},
    "size": {"de": ["Die Größe ist {v}.", "Lieferbar in Größe {v}."], "en": ["The size is {v}.", "Available in size {v}."]},
    "origin": {"de": ["Hergestellt in {v}.", "Das Herkunftsland ist {v}."], "en": ["Made in {v}.", "The country of origin is {v}."]},
    "noise": {"de": ["Der Schallpegel beträgt {v}.", "Schallpegel: {v}."], "en": ["The noise level is {v}.", "Noise level: {v}."]},
    "shelf": {"de": ["Die Haltbarkeit beträgt {v}.", "Haltbarkeit: {v}."], "en": ["The shelf life is {v}.", "Shelf life: {v}."]},
    "current": {"de": ["Der Nennstrom beträgt {v}.", "Ausgelegt für {v}."], "en": ["The rated current is {v}.", "Rated for {v}."]},
    "speed": {"de": ["Die Drehzahl beträgt {v}.", "Drehzahl: {v}."], "en": ["The rotational speed is {v}.", "Rotational speed: {v}."]},
    "mesh": {"de": ["Die Feinheit beträgt {v}.", "Feinheit: {v}."], "en": ["The fineness is {v}.", "Fineness: {v}."]},
}
FREE = {  # labels without a sentence of their own
    "de": ["Kopfform", "Antrieb", "Schutzart", "Schutzklasse", "Nennweite", "Durchmesser", "Höhe", "Tiefe", "Dicke", "Zertifikat", "Hersteller", "Marke", "Serie", "Modell", "Drehzahl", "Anschluss", "Filterklasse", "Härte", "Körnung", "Herkunft", "Lieferumfang", "Ausführung", "Volumen", "Fördermenge", "Schaltstrom", "Leuchtmittel", "Typ"],
    "en": ["Head shape", "Drive", "Protection", "Protection class", "Nominal size", "Diameter", "Height", "Depth", "Thickness", "Certificate", "Manufacturer", "Brand", "Series", "Model", "Speed", "Connection", "Filter class", "Hardness", "Grit", "Origin", "Scope of delivery", "Version", "Volume", "Flow rate", "Switching current", "Light source", "Type"],
}
CLAIMS = {
    "de": ["Einfache Montage ohne Werkzeug.", "Die robuste Bauweise hält dem täglichen Einsatz stand.", "Jedes Teil wird einzeln geprüft.", "Sofort ab Lager lieferbar.", "Das Modell ersetzt die Serie {a}.", "Passend zu allen Geräten der Serie {a}.", "Wird seit {y} in {c} gefertigt.", "Geeignet für Innen- und Außenbereich.", "Mit Prüfzeugnis auf Anfrage.", "Rutschfest und leicht zu reinigen.", "Für häufigen Gebrauch ausgelegt.", "Lieferung ohne Zubehör.", "Passt in Standardhalterungen.", "Die Oberfläche lässt sich feucht abwischen.", "Ersatzteile sind einzeln erhältlich.", "Auch als Set unter {a} erhältlich.", "Das Gehäuse stammt aus {c}.", "Vor Nässe geschützt lagern.", "Nicht für Trinkwasser geeignet.", "Montageanleitung liegt bei."],
    "en": ["Easy to fit without tools.", "The sturdy design withstands daily use.", "Every part is tested individually.", "Available from stock.", "The model replaces series {a}.", "Fits all devices of series {a}.", "Made in {c} since {y}.", "Suitable for indoor and outdoor use.", "Test certificate on request.", "Non-slip and easy to clean.", "Designed for frequent use.", "Supplied without accessories.", "Fits standard holders.", "The surface can be wiped with a damp cloth.", "Spare parts are sold separately.", "Also sold as a set under {a}.", "The housing comes from {c}.", "Store in a dry place.", "Not suitable for drinking water.", "Fitting instructions are enclosed."],
}
OPEN = {"de": ["{N} für den gewerblichen Einsatz.", "{N}: die wichtigsten Daten auf einen Blick.", "{N} für Ihren Betrieb.", "Mit {N} bestellen Sie genau, was Sie brauchen.", "{N} in bewährter Ausführung.", "Hier finden Sie {N} mit allen Daten.", "{N} für Einkauf und Technik.", "{N} im Überblick.", "Sie suchen {N}? Hier sind die Daten.", "{N} auf einen Blick.", "{N} mit klaren Angaben für die Bestellung.", "Die Daten zu {N} finden Sie hier.", "{N} für den Alltag im Betrieb.", "Jetzt im Sortiment: {N}.", "{N} für Ihren Bedarf.", "Alles Wichtige zu {N}."],
        "en": ["{N} for professional use.", "{N}: the key facts at a glance.", "{N} for your business.", "With {N} you order exactly what you need.", "{N} in a clear specification.", "Here is {N} with all its data.", "{N} for purchasing and engineering.", "{N} at a glance.", "Looking for {N}? Here are the data.", "All that matters about {N}.", "{N} with clear data for your order.", "You find the data of {N} here.", "{N} for everyday work.", "Now in our range: {N}.", "{N} for your needs.", "The facts about {N}."]}
FOR = {"de": ["Für {a}.", "Gedacht für {a}.", "Richtet sich an {a}."], "en": ["For {a}.", "Intended for {a}.", "Made for {a}."]}
CLOSE = {"de": ["Artikelnummer: {s}.", "Bestellen Sie unter der Artikelnummer {s}.", "Die Artikelnummer lautet {s}."], "en": ["Item number: {s}.", "Order it under item number {s}.", "The item number is {s}."]}
AUDIENCE = {"de": ["Handwerker", "Einkäufer", "Werkstätten", "Labore", "Industriebetriebe", "Elektriker", "Facility Manager", "Monteure"], "en": ["tradespeople", "buyers", "workshops", "laboratories", "industrial companies", "electricians", "facility managers", "fitters"]}
PROMISE = {"de": ["schnelle Lieferung", "Mengenrabatt", "Kauf auf Rechnung", "ab Lager lieferbar", "persönliche Beratung", "nachhaltig verpackt"], "en": ["fast delivery", "volume discount", "purchase on account", "available from stock", "personal advice", "sustainable packaging"]}
FORBID = {"de": ["günstig", "Nummer 1", "billig", "perfekt", "revolutionär"], "en": ["cheap", "number one", "best", "perfect", "revolutionary"]}


def value(w, text, lang):
    both = text.split("/", 1) if "/" in text and not text.startswith("G ") else [text, text]
    shown = both[0 if lang == "de" else 1]
    while "#" in shown:
        i = shown.index("#")
        n = {"n": str(w.any([w.r.randint(2, 999), w.r.randint(1, 20) * 5, w.r.randint(1, 10) * 100])), "1": str(w.r.randint(1, 9)), "2": str(w.r.randint(10, 99))}[shown[i + 1]]
        shown = shown[:i] + n + shown[i + 2:]
    return shown


def sample(w, size=None):
    lang = w.lang()
    column = 0 if lang == "de" else 1
    length = w.any(["short", "medium", "medium", "long"])
    product, sku = w.product(), w.part_no()
    name = w.description(product, lang) if w.maybe(0.7) else f"{w.coined()} {cap(product[column])}"
    kinds = w.some(ATTRIBUTES, 2, 6)
    facts = [(k, w.any(ATTRIBUTES[k][2])) for k in kinds]
    facts = [(k, ATTRIBUTES[k][column], value(w, v, lang)) for k, v in facts]
    for i in range(len(facts)):
        if w.maybe(0.3):
            facts[i] = (None, w.pick(FREE[lang]), w.any([w.coined(), w.part_no(), w.measure(w.product()[3], lang) or "A+", w.any(words.FINISH[lang]), w.digits(1, 4), f"{w.coined()} {w.digits(1, 3)}"]))
    # The facts may be written in the other language's headings; the copy keeps the values as they are.
    shown_as = column if w.maybe(0.9) else 1 - column
    audience = w.any(AUDIENCE[lang]) if w.maybe(0.25) else None
    include = w.some(PROMISE[lang], 1, 2) if w.maybe(0.25) else []
    avoid = w.some(FORBID[lang], 1, 2) if w.maybe(0.15) else []
    headers = f"language: {lang}\nlength: {length}\n"
    headers += f"audience: {audience}\n" if audience else ""
    headers += f"must_include: {'; '.join(include)}\n" if include else ""
    headers += f"avoid: {'; '.join(avoid)}\n" if avoid else ""
    text = f"sku: {sku}\nname: {name}\n" + "\n".join(f"{ATTRIBUTES[k][shown_as] if k else label}: {v}" for k, label, v in facts)
    own = lambda k, label, v: w.any(SENTENCES[k][lang] if k else ["{l}: {v}."]).format(N=name, v=v, l=label)
    source = None
    if w.maybe(0.4):
        source = [w.pick(CLAIMS[lang]).format(a=w.part_no(), y=w.r.randint(1950, 2020), c=w.any(words.CITIES[lang])) for _ in range(w.r.randint(1, 2))]
        text += f"\n\n{' '.join(source)}"
    count = {"short": 2, "medium": 4, "long": 6}[length]
    body = [w.any(OPEN[lang]).format(N=name)] + [own(*fact) for fact in facts[:count]]
    body += source or []
    if audience:
        body.append(w.any(FOR[lang]).format(a=audience))
    if include:
        body.append(cap((" und " if lang == "de" else " and ").join(include)) + ".")
    if length != "short":
        body.append(w.any(CLOSE[lang]).format(s=sku))
    first, second = facts[0], facts[1]
    title = w.any([name, f"{name} – {first[2]}", f"{name}, {first[2]}"])
    short = w.any([f"{name} mit {first[1]} {first[2]} und {second[1]} {second[2]}.", f"{name}: {first[1]} {first[2]}, {second[1]} {second[2]}."] if lang == "de" else
                  [f"{name} with {first[1].lower()} {first[2]} and {second[1].lower()} {second[2]}.", f"{name}: {first[1].lower()} {first[2]}, {second[1].lower()} {second[2]}."])
    bullets = [f"{label}: {v}" for _, label, v in facts[:6]]
    seo = w.any([f"{name} kaufen | {sku}", f"{name} online bestellen", f"{name} | {sku}"] if lang == "de" else [f"Buy {name} | {sku}", f"Order {name} online", f"{name} | {sku}"])
    meta = (f"{name} ({sku}) online bestellen: " if lang == "de" else f"Order {name} ({sku}) online: ") + ", ".join(f"{label} {v}" for _, label, v in facts[:3]) + "."
    answer = {"title": title, "short_description": short, "body": " ".join(body), "bullets": bullets, "seo_title": seo, "seo_description": meta}
    return {"tool": "generate_product_text", "headers": headers, "text": text, "answer": compact(answer), "lang": lang}
