"""Samples the invented world: people, companies, products, numbers. One `World` per random stream.

`held_out` decides which side of the split a stream sees. Kept from training are an eighth of every long
list (`pick`, `option`) and an eighth of everything made from parts (`drawn`); an evaluation stream draws
half of its picks, and half of what it makes from parts, from what is kept.
"""

import json
import random
import re
import string
import zlib

import goods
import words

PIECE = re.compile(r"\[([^\[\]]*)\]|<(\w+)>")


def compact(value):
    """The one JSON form the model is taught."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def kept(text):
    """Whether training never sees this text, which was made from parts: so it is for one in eight."""
    return zlib.crc32(text.encode()) % 8 == 7


def number(value):
    return int(value) if float(value).is_integer() else round(float(value), 2)


class World:
    def __init__(self, seed, held_out=False):
        self.r = random.Random(seed)
        self.held_out = held_out

    # Choice -----------------------------------------------------------------------------------
    def maybe(self, p):
        return self.r.random() < p

    def pick(self, options):
        """Any item of a list, minus the kept part of long lists while training."""
        if not isinstance(options, (list, tuple)):
            options = list(options)
        if len(options) >= 8:
            kept = options[7::8]
            if self.held_out:
                return self.r.choice(kept if self.maybe(0.5) else options)
            return self.r.choice([o for i, o in enumerate(options) if i % 8 != 7])
        return self.r.choice(options)

    def option(self, options):
        """Like `pick`, for the small parts of a text: an evaluation meets a kept one as often as it is long."""
        if not self.held_out and len(options) >= 8:
            return self.r.choice([o for i, o in enumerate(options) if i % 8 != 7])
        return self.r.choice(options)

    def drawn(self, make):
        """What `make` makes, from the right side of the split. It must be able to make many things."""
        wanted = self.maybe(0.5) if self.held_out else False
        for _ in range(50):
            text = make()
            if kept(text) == wanted or self.held_out and not wanted:
                return text
        if self.held_out:
            return text
        raise ValueError(f"nothing but kept texts like {text!r}")

    def expand(self, frame, parts):
        """A frame with each `[a|b]` and `<name>` replaced by one of its choices."""
        while found := PIECE.search(frame):
            choices = (found[1] if found[1] is not None else parts[found[2]]).split("|")
            frame = frame[: found.start()] + self.option(choices) + frame[found.end():]
        return " ".join(frame.split())

    def say(self, sentences, frames, parts=None):
        """A sentence with its slots open: one in four written by hand, the others made from a frame."""
        if self.maybe(0.25):
            return self.pick(sentences)
        never = {s.lower() for s in sentences[7::8]}  # what `pick` keeps must not come in by this door
        while True:
            sentence = self.drawn(lambda: self.expand(self.any(frames.split("\n")), parts or {}))
            if self.held_out or sentence.lower() not in never:
                return sentence

    def any(self, options):
        return self.r.choice(list(options))

    def some(self, options, low, high):
        options = list(options)
        return self.r.sample(options, min(len(options), self.r.randint(low, high)))

    def lang(self):
        return "de" if self.maybe(0.5) else "en"

    def fill(self, template, **slots):
        return template.format(first=self.first(), last=self.last(), **slots)

    # Names ------------------------------------------------------------------------------------
    def coined(self, low=2, high=3):
        return "".join(self.any(words.SYLLABLES) for _ in range(self.r.randint(low, high))).capitalize()

    def letters(self, low, high):
        return "".join(self.r.choices(string.ascii_uppercase, k=self.r.randint(low, high)))

    def digits(self, low, high=None):
        n = self.r.randint(low, high or low)
        return str(self.r.randint(1, 9)) + "".join(self.r.choices(string.digits, k=n - 1))

    def first(self):
        return self.pick(words.FIRST) if self.maybe(0.8) else self.coined(2, 2)

    def last(self):
        return self.pick(words.LAST) if self.maybe(0.55) else self.coined(2, 3)

    def person(self):
        return f"{self.first()} {self.last()}"

    def company(self, lang):
        legal = self.any(words.LEGAL[lang])
        trade = self.any(words.COMPANY_WORDS if lang == "de" else words.COMPANY_WORDS_EN)
        name = self.last() if self.maybe(0.3) else self.coined()
        kind = self.r.randint(0, 6)
        if kind == 0:
            return f"{trade} {name} {legal}"
        if kind == 1:
            return f"{name} & {self.last()} {legal}"
        if kind == 2:
            return f"{self.letters(2, 4)} {trade} {legal}"
        if kind == 3:
            return f"{name} {legal}"
        if kind == 4:
            return f"{name}{self.any(['tec', 'tech', 'pro', 'werk', 'line', 'plan', 'max'])} {legal}"
        return f"{name} {trade} {legal}"

    @staticmethod
    def ascii(text):
        for a, b in zip("äöüßşıéáćńłñøåğýŞ", "ae oe ue ss s i e a c n l n o a g y s".split()):
            text = text.replace(a, b)
        return "".join(c for c in text.lower() if c in string.ascii_lowercase + string.digits + "-")

    def domain(self, company, lang):
        parts = [p for p in company.split() if len(p) > 2 and p not in words.LEGAL[lang]] or [company]
        host = self.ascii(parts[0]) if self.maybe(0.7) else "-".join(self.ascii(p) for p in parts[:2])
        return f"{host or 'firma'}.{self.any(['de', 'de', 'com', 'at', 'eu', 'net'] if lang == 'de' else ['com', 'co.uk', 'com', 'io', 'eu', 'ie', 'example'])}"

    def email(self, person, domain):
        first, last = self.ascii(person.split()[0]), self.ascii(person.split()[-1])
        if self.maybe(0.2):
            return f"{self.any(['info', 'einkauf', 'purchasing', 'office', 'orders', 'kontakt', 'sales', 'buero'])}@{domain}"
        return self.any([f"{first}.{last}", f"{first[0]}.{last}", last, f"{first}_{last}", f"{first[0]}{last}", first]) + "@" + domain

    def phone(self, lang):
        d = self.digits
        if lang == "de":
            return self.any([f"+49 {d(2, 4)} {d(5, 8)}", f"0{d(2, 4)} {d(5, 7)}", f"0{d(3)}/{d(6)}", f"+49 ({0}) {d(3)} {d(4)}-{d(2)}", f"0{d(3)}-{d(6)}",
                             f"+43 {d(1, 3)} {d(6, 7)}", f"+41 {d(2)} {d(3)} {d(2)} {d(2)}", f"0049 {d(3)} {d(6)}", f"0{d(2)} {d(3)} {d(4)}"])
        return self.any([f"+44 {d(2, 4)} {d(3)} {d(4)}", f"0{d(3)} {d(3)} {d(4)}", f"+1 {d(3)}-{d(3)}-{d(4)}", f"({d(3)}) {d(3)}-{d(4)}", f"+353 {d(1)} {d(3)} {d(4)}",
                         f"+44 (0){d(4)} {d(6)}", f"0{d(4)} {d(6)}", f"{d(3)}-{d(4)}"])

    def address(self, lang):
        street = self.any(words.STREETS[lang]) if self.maybe(0.6) else self.coined() + self.any(["straße", "weg", "allee", "gasse"] if lang == "de" else [" Street", " Road", " Lane", " Way"])
        city = self.any(words.CITIES[lang]) if self.maybe(0.75) else self.coined()
        if lang == "de":
            return f"{street} {self.r.randint(1, 220)}{self.any(['', '', '', '', 'a', 'b'])}", f"{self.digits(5) if self.maybe(0.85) else self.digits(4)} {city}"
        post = f"{self.letters(1, 2)}{self.r.randint(1, 30)} {self.r.randint(1, 9)}{self.letters(2, 2)}" if self.maybe(0.7) else self.digits(5)
        return f"{self.any(['', '', '', 'Unit 4, '])}{self.r.randint(1, 220)} {street}", self.any([f"{city} {post}", f"{city}, {post}"])

    # Numbers ----------------------------------------------------------------------------------
    def part_no(self):
        d, l = self.digits, self.letters
        kind = self.r.randint(0, 13)
        return [lambda: f"{d(4)}-{d(2)}", lambda: f"{l(2, 3)}-{d(3, 5)}", lambda: d(5, 8), lambda: f"{l(1, 3)}{d(3, 6)}", lambda: f"{d(2)}.{d(3)}.{d(2)}",
                lambda: f"{l(2, 3)}-{d(2, 4)}-{l(1, 2)}", lambda: f"{d(3)}-{l(2, 2)}-{d(2, 4)}", lambda: f"{l(2, 4)}/{d(2, 4)}", lambda: f"{d(3)} {d(3)} {d(2)}",
                lambda: f"{l(1, 2)}{d(2)}-{d(3)}", lambda: f"{l(3, 5)}{d(1, 2)}{l(1, 1)}", lambda: f"{l(1, 2).lower()}{d(4)}", lambda: f"{l(2, 3)}.{d(4)}",
                lambda: f"{d(2)}{l(2, 3)}{d(3)}"][kind]()

    def ref(self):
        """An order, invoice or ticket number."""
        d = self.digits
        return self.any([d(5, 8), f"{self.letters(1, 3)}-{d(4, 6)}", f"2026-{d(4, 5)}", f"{self.letters(2, 2)}{d(5, 7)}", f"{d(3)}-{d(4)}", f"#{d(4, 6)}", f"{d(4)}/26", f"{self.letters(2, 2)}-2026-{d(3, 5)}"])

    def quantity(self):
        r = self.r
        return self.any([r.randint(1, 12), r.randint(1, 99), r.randint(1, 20) * 5, r.randint(1, 50) * 10, r.randint(1, 20) * 100, r.randint(1, 999), r.randint(1, 12) * 500])

    def grouped(self, n, lang, p=0.5):
        """1500 as 1.500 or 1,500 now and then."""
        return f"{n:,}".replace(",", "." if lang == "de" else ",") if n >= 1000 and self.maybe(p) else str(n)

    def price(self, lang):
        cents = self.any([self.r.randint(5, 999), self.r.randint(100, 9999), self.r.randint(1000, 99999), self.r.randint(1, 400) * 50, self.r.randint(100000, 499999)])
        text = f"{cents / 100:,.2f}" if self.maybe(0.8) else f"{cents / 100:.2f}"
        if lang == "de":
            text = text.translate(str.maketrans(",.", ".,"))
        return text, number(cents / 100)

    def date(self, lang):
        day, month, year = self.r.randint(1, 28), self.r.randint(1, 12), self.any([2025, 2026, 2026, 2026, 2027])
        name = words.MONTHS[lang][month - 1]
        if lang == "de":
            return self.any([f"{day:02}.{month:02}.{year}", f"{day}.{month}.{year}", f"{day}. {name} {year}", f"{day}. {name}", f"{day:02}.{month:02}.", f"{year}-{month:02}-{day:02}", f"{day:02}.{month:02}.{year % 100}"])
        return self.any([f"{day} {name} {year}", f"{name} {day}, {year}", f"{name} {day}", f"{year}-{month:02}-{day:02}", f"{day:02}/{month:02}/{year}", f"{day} {name}", f"{day} {name[:3]} {year}"])

    # Products ---------------------------------------------------------------------------------
    def measure(self, kind, lang):
        r, comma = self.r, ("," if lang == "de" else ".")
        x = self.any(["x", "x", " x "])
        half = lambda low, high: f"{r.randint(low, high)}{self.any(['', '', comma + '5'])}"
        return {
            "thread": lambda: f"M{self.any([3, 4, 5, 6, 8, 10, 12, 16, 20])}{x}{r.randint(1, 30) * 5}",
            "wood": lambda: f"{half(3, 8)}{x}{r.randint(2, 30) * 10}", "nut": lambda: f"M{self.any([3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24])}",
            "mm": lambda: f"{half(2, 400)} mm", "cm": lambda: f"{r.randint(2, 30) * 10} cm", "len": lambda: f"{half(1, 100)} m",
            "diam": lambda: f"{half(1, 9)} mm", "cross": lambda: f"{self.any([2, 3, 4, 5, 7])}{self.any(['x', 'G'])}{self.any(['1' + comma + '5', '2' + comma + '5', '4', '6', '10', '0' + comma + '75'])}{self.any(['', ' mm²'])}",
            "colour": lambda: self.any(words.COLOURS[lang]), "amp": lambda: f"{self.any('BC')}{self.any([6, 10, 16, 20, 25, 32])}", "area": lambda: f"{half(1, 25)} mm²",
            "volt": lambda: f"{self.any([12, 18, 24, 36, 48, 230, 400])} V", "watt": lambda: f"{r.randint(1, 300) * 5} W", "flow": lambda: f"{r.randint(1, 400)} l/{self.any(['h', 'min'])}",
            "dn": lambda: f"DN {self.any([10, 15, 20, 25, 32, 40, 50, 65, 80, 100, 150])}", "range": lambda: f"{r.randint(8, 30)}-{r.randint(31, 90)} mm", "bar": lambda: f"0-{self.any([4, 6, 10, 16, 25, 40])} bar",
            "ring": lambda: f"{r.randint(3, 120)}x{half(1, 8)}", "bearing": lambda: f"6{r.randint(0, 3)}{r.randint(0, 1)}{r.randint(0, 9)}-2RS", "dims": lambda: f"{r.randint(2, 120) * 10}{x}{r.randint(2, 80) * 10}{self.any(['', x + str(r.randint(1, 60) * 10)])} mm",
            "micron": lambda: f"{r.randint(1, 50)} µm", "size": lambda: f"{self.any(['Gr.', 'Größe'] if lang == 'de' else ['size', 'size'])} {self.any(['S', 'M', 'L', 'XL', 'XXL', '8', '9', '10', '11'])}",
            "shoe": lambda: f"{self.any(['Gr.', 'Größe'] if lang == 'de' else ['size', 'size'])} {r.randint(36, 48)}", "db": lambda: f"{r.randint(20, 40)} dB", "pack": lambda: f"{r.randint(5, 100)}{self.any(['-tlg.', 'er Pack'] if lang == 'de' else ['-piece', ' pack'])}",
            "litre": lambda: f"{half(1, 60)} l", "gsm": lambda: f"{self.any([70, 75, 80, 90, 100])} g/m²", "torque": lambda: f"{r.randint(5, 60)}-{r.randint(61, 300)} Nm", "grit": lambda: f"P{self.any([60, 80, 120, 180, 240, 400])}",
            "ml": lambda: f"{r.randint(1, 100) * 10} ml", "ul": lambda: f"{r.randint(1, 100) * 10} µl", "gram": lambda: f"{r.randint(1, 100) * 10} g", "kilo": lambda: f"{r.randint(1, 100) * 25} kg", "none": lambda: "",
        }[kind]()

    def product(self):
        if self.maybe(0.6):
            return self.pick(words.PRODUCTS)
        return self.drawn_goods()

    def drawn_goods(self):
        """Goods named by two parts, as a row of words.PRODUCTS."""
        made = lambda: "|".join([*self.option(goods.FIRST), *self.option(goods.BASE)])
        first, first_en, base, base_en, measure, units = self.drawn(made).split("|")
        return [first + base, f"{first_en} {base_en}", "other", measure, units]

    def unit(self, product, lang):
        return self.any(words.UNITS[lang][self.any(product[4].split())].split())

    def description(self, product, lang):
        """What a buyer would write for a product: name, measure, finish, in some order."""
        name, size = product[0 if lang == "de" else 1], self.measure(product[3], lang)
        if self.maybe(0.12):
            name = f"{self.coined()} {name}" if self.maybe(0.5) else f"{self.coined()} {self.letters(0, 2)}{self.digits(2, 3)}"
        elif lang == "en" and self.maybe(0.4) and not name[-1].isdigit() and not name.endswith(("s", "J", "wire", "wrap", "film", "paper", "°")):
            name += "es" if name.endswith(("sh", "x", "ch")) else "s"
        elif self.maybe(0.15):
            name = name.capitalize() if lang == "en" else name.lower()
        parts = [name, size] if self.maybe(0.85) else [size, name]
        if self.maybe(0.35):
            parts.append(self.any(words.FINISH[lang]))
            if self.maybe(0.2):
                parts[-2:] = [f"{parts[-2]},", parts[-1]] if parts[-2] else parts[-1:]
        return " ".join(p for p in parts if p)
