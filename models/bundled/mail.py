"""The frame of a business mail: headers, greeting, sign-off, signature, legal footer, quoted reply."""

import words


class Sender:
    """Who writes; a field that the text does not show is None."""

    def __init__(self, w, lang):
        self.w, self.lang = w, lang
        self.company = w.company(lang) if w.maybe(0.85) else None
        self.contact = w.person() if w.maybe(0.9) else None
        domain = w.domain(self.company or f"{w.coined()} {w.letters(2, 2)}", lang)
        self.email = w.email(self.contact or w.person(), domain) if w.maybe(0.6) else None
        self.phone = w.phone(lang) if w.maybe(0.5) else None
        self.address = w.address(lang) if w.maybe(0.25) else None
        self.role = w.pick(words.ROLES[lang]) if w.maybe(0.3) else None
        self.site = w.any(["www.", "https://www.", "", "https://"]) + domain if w.maybe(0.15) else None
        self.in_header = bool(self.email) and self.contact is not None and w.maybe(0.25)

    def header(self, subject):
        w, de = self.w, self.lang == "de"
        lines = []
        if self.in_header:
            who = self.w.any([f"{self.contact} <{self.email}>", f'"{self.contact}" <{self.email}>'])
            lines.append(f"{'Von' if de else 'From'}: {who}")
            if w.maybe(0.3):
                lines.append(f"{'An' if de else 'To'}: {w.any(['info', 'sales', 'shop', 'bestellung'])}@{w.coined().lower()}.{w.any(['de', 'com'])}")
        if self.in_header and w.maybe(0.8) or w.maybe(0.2):
            lines.append(f"{w.any(['Betreff']) if de else 'Subject'}: {subject}")
        return "\n".join(lines) + "\n\n" if lines else ""

    def greeting(self):
        return self.w.fill(self.w.any(words.GREETINGS[self.lang])) if self.w.maybe(0.85) else ""

    def signature(self):
        w, de = self.w, self.lang == "de"
        lines = []
        if w.maybe(0.85):
            lines.append(w.any(words.CLOSINGS[self.lang]) + w.any(["", "", ","]))
        if self.contact:
            lines.append(self.contact)
        if self.role:
            lines.append(self.role)
        if self.company:
            lines.append(self.company)
        if self.address:
            lines.extend(self.address if w.maybe(0.6) else [", ".join(self.address)])
        reach = []
        if self.phone:
            reach.append(w.any(["Tel. ", "Tel.: ", "Telefon: ", "T ", "Mobil: ", "", "Fon "] if de else ["Tel. ", "Tel: ", "Phone: ", "T: ", "Mobile: ", "", "Ph. "]) + self.phone)
        if self.email and not self.in_header:
            reach.append(w.any(["", "", "E-Mail: ", "Mail: ", "E: "] if de else ["", "", "Email: ", "E: ", "e-mail: "]) + self.email)
        if self.site:
            reach.append(self.site)
        if w.maybe(0.2):
            w.r.shuffle(reach)
        if self.contact and self.company and not (self.role or self.address) and w.maybe(0.2):
            lines = [line for line in lines if line not in (self.contact, self.company)] + [f"{self.contact}, {self.company}"]
        lines.extend([w.any([" | ", " · ", ", "]).join(reach)] if reach and w.maybe(0.2) else reach)
        return "\n".join(lines)

    def footer(self):
        """Text that says nothing about the task."""
        w, de = self.w, self.lang == "de"
        if w.maybe(0.9):
            return ""
        return "\n\n" + w.any([
            "Diese Nachricht ist vertraulich.", f"Amtsgericht {w.any(words.CITIES['de'])} HRB {w.digits(4, 5)}", f"USt-IdNr. DE{w.digits(9)}", "Bitte denken Sie an die Umwelt, bevor Sie diese E-Mail drucken.", "Gesendet von meinem Mobiltelefon",
        ] if de else ["This message is confidential.", f"Registered in England No. {w.digits(7)}", f"VAT No. GB{w.digits(9)}", "Please consider the environment before printing this email.", "Sent from my phone"])

    def frame(self, subject, body):
        parts = [p for p in (self.greeting(), body, self.signature()) if p]
        gap = "\n\n" if self.w.maybe(0.8) else "\n"
        return self.header(subject) + gap.join(parts) + self.footer()
