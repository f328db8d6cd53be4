"""Prose about anything, so that what nobody foresaw is summarised with its own sentences. Data only.

{N}, {M}: coined names; the other slots are those of the tickets.
"""

PROSE = {
    "de": """[Der Verein|Die Stiftung|Das Institut|Die Schule|Das Museum|Der Verband|Die Genossenschaft] {N} [feiert|plant|eröffnet|veranstaltet] am {d} [ein Fest|eine Ausstellung|einen Kongress|ein Turnier|einen Tag der offenen Tür|eine Versammlung].
[Die Stadt|Der Landkreis|Die Gemeinde] {N} [baut|saniert|sperrt|verkauft] [die Brücke|das Rathaus|die Turnhalle|den alten Bahnhof|das Freibad|die Straße nach {city}] [bis {d}|ab {d}|für {n} Tage].
{x} [leitet|verlässt|übernimmt|gründet|berät] [das Projekt {N}|die Abteilung {N}|den Standort {city}|die Firma {c}|die Arbeitsgruppe {N}].
[Die Messung|Die Studie|Der Versuch|Die Umfrage|Die Auswertung] [ergab|zeigte|lieferte] {n} [Treffer|Abweichungen|gültige Antworten|Proben|Auffälligkeiten] [in {city}|bei {N}|seit {d}].
[Das Programm|Der Server|Die Anlage|Der Dienst|Die Maschine] {N} [läuft|steht still|arbeitet nur langsam|wurde neu gestartet] [seit {d}|wieder seit {k} Stunden|ohne Unterbrechung|trotz der Wartung].
[Unser Team|Die Abteilung|Die Arbeitsgruppe] [hat|hatte] {k} [Vorschläge|Entwürfe|Berichte|Aufgaben] zu {N} [fertig|eingereicht|geprüft|verworfen].
[Im Garten|In der Halle|Auf dem Dach|Im Keller] [stehen|liegen|fehlen|lagern] {n} [Kisten|Stühle|Rohre|Pflanzen|Platten|Fahrräder] [von {N}|aus {city}|für {x}].
[Die Reise|Der Ausflug|Die Fahrt|Der Flug] nach {city} [dauert|dauerte] {k} [Stunden|Tage] und [kostet|kostete] {v} Euro.
[{N} und {M}|Die Partner {N} und {M}|Die Häuser {N} und {M}] [arbeiten|forschen|werben] [ab {d}|seit {d}|künftig] [zusammen|getrennt|gemeinsam an {k} Themen].
[Der Film|Das Buch|Das Stück|Der Vortrag] „{N}“ [handelt von|erzählt von|berichtet über] {x} [und einer Reise nach {city}|und {k} Freunden|aus {city}].
[Wegen des Sturms|Wegen Krankheit|Wegen eines Streiks|Trotz der Hitze] [bleibt|blieb] [die Kantine|das Labor|die Filiale {city}|der Eingang {k}|das Büro] [geschlossen|offen|bis {d} geschlossen].
[Die Miete|Der Beitrag|Der Strompreis|Das Gehalt|Der Eintritt] [steigt|sinkt] [am|ab] {d} [um {k} Prozent|auf {v} Euro].
[Neu ist|Geplant ist|Vorgeschlagen wird] [ein Kurs|ein Raum|eine Regel|ein Formular|eine App] für [{N}|alle Besucher|die Azubis|{n} Teilnehmer].
[Niemand|Kaum jemand|Jeder|Die Mehrheit] [kennt|nutzt|lobt|kritisiert] [den neuen Kalender|das System {N}|die Methode {N}|den Vorschlag von {x}].
[Nach|Seit|Vor] {k} [Wochen|Monaten|Jahren] [wurde|ist] [{N} umbenannt|die Prüfung bestanden worden|der Vertrag erfüllt|das Haus verkauft].
[Es wurde beschlossen|Wir haben vereinbart|Alle waren sich einig], dass {x} [die Kasse|den Schlüssel|die Einladung|das Thema {N}|den Bericht] [übernimmt|vorbereitet|prüft].
[Der Hund|Die Katze|Das Pferd] von {x} heißt {N} und ist {k} Jahre alt.
[Das Gerät|Die Figur|Das Modell] {N} [wiegt|misst] {n} [Gramm|Millimeter|Kilogramm].""",
    "en": """[The club|The foundation|The institute|The school|The museum|The association|The cooperative] {N} [plans|opens|holds|celebrates] [a festival|an exhibition|a congress|a tournament|an open day|an assembly] on {d}.
[The town|The district|The village] of {N} [builds|repairs|closes|sells] [the bridge|the town hall|the gym|the old station|the open-air pool|the road to {city}] [by {d}|from {d}|for {n} days].
{x} [leads|leaves|takes over|founded|advises] [the project {N}|the department {N}|the site in {city}|the company {c}|the working group {N}].
[The measurement|The study|The trial|The survey|The analysis] [found|showed|gave] {n} [hits|deviations|valid answers|samples|oddities] [in {city}|at {N}|since {d}].
[The program|The server|The plant|The service|The machine] {N} [has been running|has stood still|has been slow|was restarted] [since {d}|for {k} hours|without a break|in spite of the maintenance].
[Our team|The department|The working group] [finished|submitted|checked|dropped] {k} [proposals|drafts|reports|tasks] about {N}.
[In the garden|In the hall|On the roof|In the basement] there are {n} [boxes|chairs|pipes|plants|plates|bicycles] [of {N}|from {city}|for {x}].
[The journey|The trip|The drive|The flight] to {city} takes {k} [hours|days] and costs {v} euros.
[{N} and {M}|The partners {N} and {M}|The houses {N} and {M}] [will work|have worked|do research] [together|separately|on {k} topics] [from {d}|since {d}|in future].
[The film|The book|The play|The talk] "{N}" is about {x} [and a journey to {city}|and {k} friends|from {city}].
[Because of the storm|Because of illness|Because of a strike|In spite of the heat] [the canteen|the lab|the branch in {city}|entrance {k}|the office] [stays closed|stays open|is closed until {d}].
[The rent|The fee|The price of electricity|The salary|The admission] [rises|falls] [by {k} percent|to {v} euros] [on|from] {d}.
There will be [a course|a room|a rule|a form|an app] for [{N}|all visitors|the apprentices|{n} participants].
[Nobody|Hardly anybody|Everybody|The majority] [knows|uses|praises|criticises] [the new calendar|the system {N}|the method {N}|the proposal of {x}].
[After|For] {k} [weeks|months|years] [{N} was renamed|the exam was passed|the contract was fulfilled|the house was sold].
[It was decided|We agreed|Everybody agreed] that {x} [takes over|prepares|checks] [the till|the key|the invitation|the topic {N}|the report].
[The dog|The cat|The horse] of {x} is called {N} and is {k} years old.
[The device|The figure|The model] {N} [weighs|measures] {n} [grams|millimetres|kilograms].""",
}
ASKED = {
    "de": """[Wer|Welcher Partner|Welche Abteilung] [bezahlt|übernimmt|prüft|organisiert] [{N}|die Fahrt nach {city}|den Umbau|das Fest|den Bericht]?
[Wann|Wo|Warum] [beginnt|endet] [{N}|das Turnier|der Kurs|die Reise nach {city}]?
[Wie viele|Welche] [Teilnehmer|Räume|Unterlagen|Mittel] [braucht|bekommt] {N}?
[Kann|Soll|Darf] {x} [an {N} teilnehmen|den Termin am {d} verschieben|das Budget von {v} Euro nutzen|nach {city} fahren]?
Reichen [{n}|{k}] [Plätze|Stühle|Tage|Exemplare] für {N}?""",
    "en": """[Who|Which partner|Which department] [pays for|takes over|checks|organises] [{N}|the trip to {city}|the conversion|the party|the report]?
[When|Where] does [{N}|the tournament|the course|the trip to {city}] [start|end]?
How many [participants|rooms|documents|funds] does {N} [need|get]?
[Can|Should|May] {x} [take part in {N}|move the date {d}|use the budget of {v} euros|go to {city}]?
Are [{n}|{k}] [seats|chairs|days|copies] enough for {N}?""",
}
# What the writer marks is what counts; all else is then left out.
MARKS = {"de": ["Wichtig: ", "Beschluss: ", "Ergebnis: ", "Fazit: ", "Merke: ", "Achtung: ", "Kurz gesagt: ", "Entscheidung: ", "Das Wichtigste: ", "WICHTIG: "],
         "en": ["Important: ", "Decision: ", "Result: ", "Conclusion: ", "Note: ", "Attention: ", "In short: ", "Decided: ", "Most important: ", "IMPORTANT: "]}
