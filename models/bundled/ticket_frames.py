"""Frames that ticket sentences are made from, one a line. Data only.

`[a|b]` is a choice, `<name>` one of PARTS, `{o}` a slot as in ticket_phrases.py. One frame stands for dozens to
thousands of sentences, so that what the model learns is what the words mean and not the sentences by heart.
"""

PARTS = {
    "de": {
        "ordN": "die Bestellung {o}|unsere Bestellung {o}|der Auftrag {o}|unser Auftrag {o}|die Order {o}|meine Bestellung {o}|unsere letzte Bestellung|die Bestellung vom {d}|der Auftrag vom {d}|meine Bestellung über {n} {p}",
        "ordA": "die Bestellung {o}|unsere Bestellung {o}|den Auftrag {o}|unseren Auftrag {o}|die Order {o}|meine Bestellung {o}|unsere letzte Bestellung|die Bestellung vom {d}|den Auftrag vom {d}|meine Bestellung über {n} {p}",
        "ordD": "der Bestellung {o}|unserer Bestellung {o}|dem Auftrag {o}|unserem Auftrag {o}|der Order {o}|meiner Bestellung {o}|unserer letzten Bestellung|der Bestellung vom {d}|dem Auftrag vom {d}",
        "shipN": "die Lieferung|unsere Lieferung|die Sendung {o}|das Paket|unser Paket|die Palette|die Ware|unsere Ware aus {o}|die Restlieferung|die Lieferung zu {o}|die Fracht|das Päckchen",
        "shipA": "die Lieferung|unsere Lieferung|die Sendung {o}|das Paket|unser Paket|die Palette|die Ware|die Restlieferung|die Lieferung zu {o}|die Fracht",
        "carrier": "die Spedition|der Spediteur|der Paketdienst|der Fahrer|der Kurier|der Zusteller|der Frachtführer|die Post|der Kurierfahrer|das Transportunternehmen",
        "billN": "die Rechnung {i}|Ihre Rechnung {i}|die Rechnung vom {d}|die Rechnung Nr. {i}|die letzte Rechnung|die Schlussrechnung|die Rechnung zu {o}|die Abrechnung {i}",
        "billD": "der Rechnung {i}|Ihrer Rechnung {i}|der Rechnung vom {d}|der letzten Rechnung|der Schlussrechnung|der Rechnung zu {o}|der Abrechnung {i}",
        "defect": "defekt|kaputt|beschädigt|gebrochen|zerkratzt|fehlerhaft|undicht|verbogen|zerbrochen|mangelhaft|eingedrückt|verrostet",
        "site": "der Shop|die Webseite|das Portal|die Seite|die App|das Kundenportal|der Onlineshop|die Anwendung|die Oberfläche|das Bestellportal|das System|Ihr Webshop",
        "siteD": "im Shop|auf der Webseite|im Portal|auf der Seite|in der App|im Kundenportal|im Onlineshop|in der Anwendung|im Bestellportal|im Checkout|im Warenkorb|im Dashboard",
        "fails": "lädt nicht|ist nicht erreichbar|stürzt ab|zeigt nur eine leere Seite|hängt|reagiert nicht mehr|ist extrem langsam|meldet Fehler {n}|wirft einen Timeout|funktioniert seit dem Update nicht|bricht mit einer Fehlermeldung ab|bleibt weiß",
        "feature": "der Export|der Import|die Suche|der Filter|das Hochladen|der Download|die Schnittstelle|die API|der Webhook|die Synchronisation|die EDI-Anbindung|der Upload|der CSV-Import|die Anzeige der Bilder|das Formular|die Preisanzeige",
        "since": "seit heute Morgen|seit gestern|seit {k} Stunden|seit dem letzten Update|seit dem {d}|immer wieder|schon wieder|seit einer Woche",
        "knowN": "können Sie mir sagen,|wissen Sie,|ich wüsste gern,|bitte teilen Sie uns mit,|sagen Sie mir bitte,|können Sie prüfen,|wir möchten wissen,|mich interessiert,|können Sie uns mitteilen,|bitte sagen Sie uns,",
        "user": "einen neuen Benutzer|einen Zugang|ein Benutzerkonto|einen weiteren Login|ein Konto|einen Account|eine Anmeldung",
        "pw": "mein Passwort|mein Kennwort|meine Zugangsdaten|das Passwort|die Anmeldedaten|mein Login|die PIN für die Anmeldung|meinen Benutzernamen",
    },
    "en": {
        "ord": "order {o}|our order {o}|my order {o}|purchase order {o}|our purchase order {o}|the order of {d}|our last order|my order for {n} {p}|our order from {d}|PO {o}",
        "ship": "the delivery|our delivery|shipment {o}|the parcel|our parcel|the pallet|the goods|our shipment|the consignment|the package|the remaining goods|the freight",
        "carrier": "the carrier|the courier|the driver|the haulier|the parcel service|the forwarder|the postman|the delivery man|the freight company|the delivery company",
        "bill": "invoice {i}|your invoice {i}|the invoice of {d}|the last invoice|the bill for {o}|invoice no. {i}|the final invoice|the bill {i}",
        "defect": "defective|broken|damaged|cracked|scratched|faulty|leaking|bent|shattered|dented|rusty|in pieces",
        "site": "the shop|the website|the portal|the page|the app|the customer portal|the web shop|the application|your platform|the ordering portal|the system|your online store",
        "where": "in the shop|on the website|in the portal|on the page|in the app|in the customer portal|in the web shop|in the application|in the checkout|in the cart|on the dashboard|in the ordering portal",
        "fails": "does not load|cannot be reached|keeps crashing|shows a blank page only|hangs|has stopped responding|is extremely slow|reports error {n}|runs into a timeout|has not worked since the update|stops with an error message|stays white",
        "feature": "the export|the import|the search|the filter|the upload|the download|the interface|the API|the webhook|the synchronisation|the EDI connection|the file upload|the CSV import|the display of images|the form|the price display",
        "since": "since this morning|since yesterday|for {k} hours|since the last update|since {d}|again and again|once again|for a week",
        "know": "can you tell me|do you know|I would like to know|please let us know|please tell me|could you check|we would like to know|I wonder|can you let us know|please inform us",
        "user": "a new user|an access|a user account|another login|an account|a sign-in|credentials",
        "pw": "my password|my credentials|the password|my login details|my login|the PIN for signing in|my user name",
    },
}

FRAMES = {
    "order": {
        "de": """bitte [stornieren|löschen|annullieren|streichen] Sie <ordA>[.| komplett.| wieder.|, wir haben uns vertan.|, der Bedarf ist entfallen.]
[ich möchte|wir möchten|wir müssen|ich muss] <ordA> [stornieren|ändern|anpassen|zurückziehen|erweitern|aufstocken|widerrufen].
bitte [ändern|erhöhen|reduzieren|korrigieren|setzen] Sie die [Menge|Stückzahl|Bestellmenge] in <ordD> auf {n}[.| Stück.]
können Sie zu <ordD> noch {n} [Stück |]{p} [hinzufügen|ergänzen|dazunehmen|mit aufnehmen]?
bitte [bestätigen|prüfen|wiederholen] Sie <ordA>[.| schriftlich.| kurz per Mail.]
wir haben [noch immer|bis heute|leider] keine [Auftragsbestätigung|Bestellbestätigung|Bestätigung] zu <ordD>[.| erhalten.| bekommen.]
[ist|wurde] <ordN> [bei Ihnen eingegangen|schon bearbeitet|angenommen|bereits erfasst|freigegeben]?
[wie ist der Stand|was ist der Status|wie weit sind Sie] [bei|mit|von] <ordD>?
[wir würden gern|ich möchte|wir möchten|wir wollen] {n} [Stück |x |]{p} [bestellen|nachbestellen|ordern|in Auftrag geben].
bitte [nehmen|buchen|notieren] Sie {n} {p} [in <ordD> mit auf|für uns als neue Bestellung|zusätzlich zum Auftrag {o}].
in der [Auftragsbestätigung|Bestellbestätigung] {o} [steht die falsche|stimmt die|passt die] [Menge|Artikelnummer|Position|Stückzahl][.| nicht.]
wir haben [versehentlich|aus Versehen|irrtümlich] [doppelt|zweimal|zu viel|den falschen Artikel] bestellt[.|, bitte <ordA> anpassen.|, bitte streichen Sie Position {k}.]
[gibt es|haben Sie] [eine Mindestbestellmenge|einen Mindestbestellwert|eine Mindestmenge] [für|bei] {p}?
bitte [tauschen|ersetzen] Sie in <ordD> Position {k} gegen {a}[.|, bevor der Auftrag freigegeben wird.]
bitte fassen Sie [die Aufträge|die Bestellungen] {o} und {i} [zusammen|zu einer Bestellung zusammen].
wie kann ich [eine Bestellung|unseren Auftrag|meine letzte Order] [wiederholen|ändern|stornieren|im Nachhinein anpassen]?
[wir planen|wir möchten] [einen Rahmenauftrag|einen Abrufauftrag|eine Sammelbestellung|eine Jahresbestellung] über {n} {p}[.| aufgeben.]""",
        "en": """please [cancel|delete|withdraw|call off] <ord>[.| completely.|, we made a mistake.|, we no longer need it.]
[I|we] [would like|want|need|have] to [cancel|change|amend|extend|modify|withdraw|increase] <ord>.
please [change|raise|reduce|correct|set] the [quantity|number of pieces|order quantity] in <ord> to {n}[.| pieces.]
can you [add|include] {n} [more |]{p} [to|in] <ord>?
please [confirm|check|repeat] <ord>[.| in writing.| by email.]
we have [still|so far|unfortunately] received no [order confirmation|confirmation|acknowledgement] for <ord>.
[did you receive|have you processed|has anyone entered|have you accepted|have you released] <ord>?
what is the [status|state|progress] of <ord>?
[we would like to|I want to|we want to|I would like to] [order|reorder|place an order for|buy] {n} [pieces of |x |]{p}.
please [put|book|note] {n} {p} [on <ord>|as a new order for us|in addition to order {o}].
the order confirmation {o} [shows|has|contains] the wrong [quantity|part number|item|number of pieces].
we [accidentally|by mistake|wrongly] ordered [twice|too many|the wrong item][.|, please adjust <ord>.|, please remove item {k}.]
is there [a minimum order quantity|a minimum order value|a minimum quantity] for {p}?
please [swap|replace] item {k} in <ord> for {a}[.| before the order is released.]
please [combine|merge] [the orders|the purchase orders] {o} and {i}[.| into one order.]
how can I [repeat|change|cancel|amend] [an order|our order|my last order]?
[we are planning|we would like to place] [a blanket order|a call-off order|a collective order|a yearly order] for {n} {p}.""",
    },
    "delivery": {
        "de": """wo [bleibt|ist|steckt] <shipN>?
<shipN> ist [noch nicht|immer noch nicht|bis heute nicht] [angekommen|eingetroffen|da|zugestellt worden|bei uns].
[wann|wie bald] kommt <shipN> [bei uns|in {city}|endlich|auf der Baustelle] an?
<carrier> [stand vor verschlossener Tür|hat niemanden angetroffen|hat die Palette im Regen abgestellt|wollte nicht abladen|war unfreundlich|hat das Paket beim Nachbarn abgegeben|kam ohne Hebebühne].
laut [Tracking|Sendungsverfolgung|Spedition] [liegt|steht|hängt] <shipN> seit {k} Tagen in {city}.
in [der Lieferung|der Sendung|dem Paket] [fehlen|fehlten] {k} [Kartons|Stück|Packungen|Pakete|Rollen][.|, obwohl sie auf dem Lieferschein stehen.]
es [wurden|sind] nur {k} [statt|von] {n} [Stück|Kartons|Packungen] [geliefert worden|angekommen|eingetroffen].
bitte [ändern|korrigieren] Sie die [Lieferadresse|Lieferanschrift|Versandadresse] [auf|in] {city}[.|, wir sind umgezogen.]
[können|könnten] Sie <shipA> [per Express|mit einem Kurier|schon am {d}|erst nach dem {d}|nach {city}|auf eine Baustelle] [schicken|liefern|zustellen|versenden]?
ich habe [keine|noch keine|nie eine] [Trackingnummer|Sendungsnummer|Versandbestätigung|Versandmail] [erhalten|bekommen].
[wie hoch sind|was kosten] [die Versandkosten|Versand und Fracht|die Frachtkosten] nach {city}?
der [Liefertermin|zugesagte Termin|Anliefertermin] {d} [ist verstrichen|wurde nicht gehalten|passt uns nicht|muss verschoben werden].
<shipN> wurde [an die falsche Adresse|an das falsche Werk|nach {city}|bei einer fremden Firma] [geliefert|zugestellt|abgegeben].
liefern Sie auch [nach {city}|samstags|auf Inseln|in die Schweiz|ins Ausland|frei Baustelle]?
können wir [die Ware|die Bestellung] [selbst|in {city}|am {d}|ab Lager] [abholen|mitnehmen]?
bitte kündigen Sie die [Anlieferung|Zustellung|Lieferung] [telefonisch|vorher|einen Tag vorher|per Mail] an.
<knowN> wann <shipN> [verschickt wird|das Lager verlässt|ausgeliefert wird]?
unser [Paket|Päckchen|Container] ist [verloren gegangen|verschwunden|unterwegs hängen geblieben|beim Zoll].
die Lieferzeit [von {k} Wochen |]ist [zu lang|nicht akzeptabel|länger als zugesagt].""",
        "en": """where is <ship>[?| now?| right now?]
<ship> has [not|still not] [arrived|reached us|turned up|come|been delivered].
[when|how soon] will <ship> [arrive|be here|get to {city}|reach us]?
<carrier> [came when nobody was there|left the pallet in the rain|refused to unload|was rude|left the parcel with a neighbour|came without a tail lift|did not ring the bell].
according to [tracking|the tracking page|the carrier] <ship> [has been|is] in {city} [for {k} days|since {d}].
{k} [boxes|pieces|packs|parcels|rolls] [are|were] missing from [the delivery|the shipment|the parcel][.|, although they are on the delivery note.]
only {k} [of|out of] {n} [pieces|boxes|packs] [were delivered|arrived|came].
please [change|correct] the [delivery address|shipping address] to {city}[.|, we have moved.]
[can|could] you [send|ship|deliver] <ship> [by express|by courier|by {d}|after {d} only|to {city}|to a building site]?
I [did not receive|never got|have not received] a [tracking number|shipping confirmation|tracking link|dispatch email].
how much [is|are] [shipping|the freight costs|the shipping costs|freight] to {city}?
the [delivery date|promised date|delivery slot] {d} [has passed|was not kept|does not suit us|has to be moved].
<ship> was [delivered|taken|sent] to [the wrong address|the wrong plant|{city}|another company].
do you [deliver|ship] [to {city}|on Saturdays|to islands|to Switzerland|abroad|to building sites]?
can we [collect|pick up] the goods [ourselves|in {city}|on {d}|from your warehouse]?
please [announce|notify us of] the delivery [by phone|in advance|one day before].
<know> when <ship> will [be shipped|be dispatched|leave your warehouse|be sent out].
our [parcel|package|container] [got lost|has disappeared|is stuck on the way|is held by customs].
[a lead time|a delivery time] of {k} weeks is [too long|not acceptable|longer than promised].""",
    },
    "invoice": {
        "de": """[auf|in] <billD> [ist|steht] [ein falscher Betrag|ein falscher Preis|eine falsche Adresse|die falsche Umsatzsteuer|die falsche Firma|ein Rechenfehler|ein zu hoher Betrag].
<billN> [ist falsch|stimmt nicht|ist zu hoch|wurde schon bezahlt|liegt uns nicht vor|ist doppelt gekommen|ging an die falsche Adresse].
bitte [schicken|senden|mailen] Sie uns [eine Kopie|ein Duplikat|eine Korrektur|die korrigierte Fassung] [der Rechnung {i}|von <billD>].
auf <billD> fehlt [unsere Umsatzsteuer-ID|die Steuernummer|unsere Kostenstelle|der Skonto|die Bestellnummer|der Ausweis der Mehrwertsteuer].
wir haben <billN> [schon|bereits|längst] [am {d} |][bezahlt|überwiesen|beglichen].
warum [bekommen|erhalten] wir [eine Mahnung|eine Zahlungserinnerung|eine zweite Mahnung|Mahngebühren|einen Brief vom Inkasso][?|, obwohl wir bezahlt haben?]
[es wurden|Sie haben] {v} EUR [zu viel|doppelt|ohne Grund] [abgebucht|berechnet|eingezogen].
wir [brauchen|erwarten|bitten um] eine Gutschrift über {v}[ EUR|].
können wir [das Zahlungsziel|die Zahlungsfrist] auf {n} Tage [verlängern|ausdehnen|setzen]?
wir möchten [künftig|ab sofort|in Zukunft] [per Rechnung|per Lastschrift|mit Kreditkarte|auf Raten|per Vorkasse] [zahlen|bezahlen].
[unsere|die] [Kreditkarte|Bankverbindung|Lastschrift|Zahlung|Überweisung] wurde [doppelt belastet|abgelehnt|zurückgebucht|nicht zugeordnet|zweimal eingezogen].
an welche [Bankverbindung|IBAN|Kontonummer] sollen wir [den Betrag|die Rechnung|{v}] überweisen?
[unsere Buchhaltung|die Buchhaltung|unser Steuerberater|das Controlling] [kann den Betrag {v} nicht zuordnen|fragt nach <billD>|braucht einen Beleg über {v}|vermisst den Zahlungseingang].
der Skonto von {k} [%|Prozent] [wurde nicht abgezogen|fehlt|ist nicht berücksichtigt].
wo finde ich [meine|unsere|alle] Rechnungen [als PDF|zum Herunterladen|vom letzten Jahr]?
bitte [stellen|schreiben] Sie die Rechnung auf {c} [aus|um].
wir [benötigen|brauchen] [eine Proforma-Rechnung|eine elektronische Rechnung|eine Sammelrechnung|eine Rechnung mit ausgewiesener Mehrwertsteuer|einen Zahlungsbeleg].""",
        "en": """<bill> [shows|has|contains|states] [a wrong amount|a wrong price|a wrong address|the wrong VAT|the wrong company|a calculation error|too high an amount].
<bill> [is wrong|is not correct|is too high|has been paid already|never reached us|came twice|went to the wrong address].
please [send|email|mail] us [a copy|a duplicate|a correction|the corrected version] of <bill>.
[our VAT number|the tax number|our cost centre|the cash discount|the PO number|the VAT] is missing on <bill>.
we have [already|long since] [paid|settled|transferred] <bill>[.| on {d}.]
why [do we get|did we receive] [a reminder|a payment reminder|a second reminder|late fees|a letter from the debt collectors][?| although we have paid?]
[you charged|you have billed|you debited] {v} [too much|twice|without reason].
we [need|expect|ask for] a credit note [over|of] {v}.
[can we|would it be possible to] [extend|prolong] the [payment terms|payment period] to {n} days?
we would like to pay [by invoice|by direct debit|by credit card|in instalments|in advance] [in future|from now on|instead].
[our credit card|our bank details|the direct debit|our payment|our transfer] [was charged twice|was rejected|was returned|could not be matched|was taken two times].
[to which|into which] [bank account|IBAN|account] should we [transfer|pay] [the amount|the bill|{v}]?
[our accounts department|our accountant|our tax adviser|our bookkeeping] [cannot match the amount {v}|asks about <bill>|needs a receipt for {v}|is missing the payment].
the cash discount of {k} [%|percent] [was not deducted|is missing|was not considered].
where do I find [my|our|all] [invoices|bills] [as PDF|for download|of last year]?
please [issue|rewrite|address] the invoice to {c}.
we need [a pro forma invoice|an electronic invoice|a collective invoice|an invoice with VAT shown|a receipt for our payment].""",
    },
    "return": {
        "de": """wir [möchten|wollen|müssen] {n} [Stück |]{p} [zurückschicken|zurückgeben|zurücksenden|retournieren|reklamieren|umtauschen].
[{n}|{k}|die] {p} [sind|kamen|waren bei Ankunft] <defect>[.|, bitte nehmen Sie sie zurück.|, wir wollen Ersatz.|, wir möchten sie umtauschen.|, wir reklamieren das.]
der Artikel {a} [ist|war beim Auspacken] <defect>[ und muss ersetzt werden.| und geht zurück.|, bitte tauschen Sie ihn um.|, wir wollen unser Geld zurück.]
bitte [senden|schicken|mailen] Sie uns [ein Rücksendeetikett|einen Retourenschein|ein Retourenlabel|einen Abholauftrag für die Retoure][.| für {p}.| zu {o}.]
[wie|wo] melde ich [eine Retoure|eine Reklamation|einen Garantiefall|eine Rücksendung] an?
wir haben [falsche Ware|das falsche Modell|die falsche Größe|den falschen Artikel] [bekommen|erhalten] und möchten [sie tauschen|umtauschen|alles zurückgeben|die Sachen zurücksenden].
wann [bekommen|erhalten] wir [das Geld|die Erstattung|den Kaufpreis|eine Erstattung] für die [Retoure|Rücksendung|Reklamation] [{o} |]zurück?
{p} [passt nicht|gefällt uns nicht|ist zu klein|ist zu groß|entspricht nicht der Beschreibung], [wir möchten umtauschen|bitte nehmen Sie es zurück|wie können wir es zurückgeben|wir schicken es zurück].
die [Rücksendung|Retoure|Reklamation] [{o} |vom {d} |][ist seit {k} Tagen bei Ihnen|ist noch offen|wurde nicht bearbeitet|wurde abgelehnt|ist unterwegs].
[wie lange|innerhalb welcher Frist|bis wann] kann [ich|man] {p} [zurückgeben|zurückschicken|umtauschen|reklamieren]?
das Gerät [ist nach {k} Tagen ausgefallen|läuft nicht mehr|raucht beim Einschalten|war von Anfang an <defect>], [wir machen Garantie geltend|das ist ein Garantiefall|wir verlangen Gewährleistung|bitte reparieren oder ersetzen].
bitte [erstatten|zahlen] Sie [uns |][den Kaufpreis|den vollen Betrag|das Geld] für {p} [zurück|].
bitte [holen|nehmen] Sie die [defekten|falschen|beschädigten|überzähligen] {p} [wieder ab|zurück|wieder mit].
[wir verweigern die Annahme|wir widerrufen den Kauf|wir treten vom Kauf zurück] [und senden alles zurück|, die Ware ist <defect>|, bitte veranlassen Sie die Rücknahme].
[ist die Rücksendung|ist eine Retoure|sind Rücksendungen] [kostenlos|frei|kostenpflichtig]?
wohin [soll|darf|können] [ich|wir] die [Rücksendung|Retoure|defekte Ware|reklamierte Ware] schicken?""",
        "en": """we [would like|want|need|have] to [return|send back|give back|exchange|complain about] {n} [pieces of |]{p}.
[{n}|{k}|the] {p} [are|arrived|were on arrival] <defect>[.|, please take them back.|, we want a replacement.|, we would like to exchange them.|, this is a complaint.]
item {a} [is|was on unpacking] <defect>[ and must be replaced.| and goes back.|, please exchange it.|, we want our money back.]
please send us [a return label|a returns form|a returns slip|a pick-up order for the return][.| for {p}.| for {o}.]
how [do I register a return|can I file a complaint|do I submit a warranty claim][?| for {p}?]
we [got|received] the wrong [goods|model|size|item] and would like to [swap them|exchange it|return everything|send the goods back].
when [do we get|will we receive] [the money|the refund|the purchase price|a refund] for [the return|return {o}|the returned goods|our complaint] [back|]?
{p} [does not fit|is not what we want|is too small|is too big|is not as described], [we would like to exchange it|please take it back|how can we return it|we are sending it back].
the [return|complaint|returned parcel] [{o} |of {d} |][has been with you for {k} days|is still open|has not been handled|was rejected|is on its way].
[how long|within which period|until when] can [I|we] [return|send back|exchange|give back] {p}?
the device [failed after {k} days|no longer runs|smokes when switched on|was <defect> from the start], [we claim warranty|this is a warranty case|we demand a replacement|please repair or replace it].
please refund [us |][the purchase price of|the full amount for|the money for] {p}.
please [collect|take back|pick up] the [faulty|wrong|damaged|surplus] {p}.
[we refuse the goods|we withdraw from the purchase|we revoke the purchase] [and send everything back|, the goods are <defect>|, please arrange the return].
[is the return|is a return|are returns] [free of charge|free|at our cost]?
where [should|can|do] [I|we] send the [return|returned goods|defective goods|faulty goods][ to?|?]""",
    },
    "product": {
        "de": """[welches Material|welche Maße|welches Gewicht|welche Farbe|welche Zulassung|welche Leistung|welchen Durchmesser|welche Norm|welche Haltbarkeit|welche Schutzart] hat {p}[?| genau?]
aus welchem [Material|Werkstoff|Kunststoff] [ist|besteht] {p}[?| eigentlich?]
ist {p} [auch |][in {m}|in anderen Farben|in einer anderen Größe|in Edelstahl|als Set|einzeln] [verfügbar|erhältlich|lieferbar|zu haben]?
[gibt es|haben Sie|führen Sie|verkaufen Sie] [auch |][{p}|{p} in {m}|eine Alternative zu {p}|einen Nachfolger für {a}|ein Ersatzteil für {a}|Zubehör für {p}|passende Deckel zu {p}]?
ist {p} [für den Außenbereich|für Lebensmittel|für Trinkwasser|für den Dauerbetrieb|für hohe Temperaturen|bei Frost|für unsere Maschine] [geeignet|zugelassen|gedacht]?
passt {p} zu [unserer Anlage|{a}|unserem Gestell|älteren Modellen|einem Rohr in {m}]?
was ist der Unterschied zwischen {a} und {o}?
[haben Sie|gibt es] [ein Datenblatt|ein Sicherheitsdatenblatt|eine Anleitung|eine technische Zeichnung|ein Zertifikat|eine Konformitätserklärung|ein CAD-Modell|ein Prüfzeugnis] [zu|für] [Artikel {a}|{p}]?
bitte [schicken|senden] Sie uns [ein Muster|das Datenblatt|technische Daten|Bilder|eine Probe|den Katalog] [von|zu] {p}.
[wie schwer|wie lang|wie breit|wie laut|wie stabil|wie dick|wie viel Watt] ist {p}[?| eigentlich?]
welche [Temperatur|Last|Spannung|Belastung|Chemikalien] [hält|verträgt] {p} [aus|]?
wann ist {p} wieder [auf Lager|lieferbar|vorrätig|verfügbar]?
ist [der Artikel|das Produkt|das Modell] {a} [noch lieferbar|abgekündigt|ein Auslaufmodell|baugleich mit {o}|mit {o} kompatibel]?
[welche Variante|welches Modell|welche Ausführung|welche Größe] von {p} [empfehlen Sie|brauchen wir|passt] für {m}?
die [Angaben|Maße|technischen Daten|Bilder] zu {p} [im Katalog|im Shop|auf der Produktseite] sind [unklar|unvollständig|widersprüchlich].
wie viele {p} sind in [einer Packung|einem Karton|einer Verpackungseinheit]?
[hat|besitzt] {p} [eine CE-Kennzeichnung|einen Überlastschutz|ein Innengewinde|eine VDE-Zulassung|eine Dichtung|einen Griff]?""",
        "en": """what [material|size|weight|colour|approval|power|diameter|standard|shelf life|protection class] does {p} have?
what is {p} made of[?| exactly?]
is {p} [also |][available in|sold in|offered in] [{m}|other colours|another size|stainless steel|a set|single pieces]?
[is there|do you have|do you stock|do you sell] [{p}|{p} in {m}|an alternative to {p}|a successor of {a}|a spare part for {a}|any accessory for {p}|a matching lid for {p}]?
is {p} [suitable|approved|meant] for [outdoor use|food|drinking water|continuous operation|high temperatures|frost|our machine]?
does {p} [fit|go with|work with] [our machine|{a}|our rack|older models|a pipe of {m}]?
what is the difference between {a} and {o}?
[do you have|is there] [a data sheet|a safety data sheet|a manual|a technical drawing|a certificate|a declaration of conformity|a CAD model|a test report] for [item {a}|{p}]?
please send us [a sample|the data sheet|technical data|pictures|a specimen|the catalogue] [of|for] {p}.
how [heavy|long|wide|loud|strong|thick|powerful] is {p}[?| actually?]
what [temperature|load|voltage|stress|chemicals] can {p} [withstand|take|handle]?
when will {p} be [back in stock|available again|in stock again|obtainable]?
is [item|product|model] {a} [still available|discontinued|being phased out|identical to {o}|compatible with {o}]?
which [version|model|variant|size] of {p} [do you recommend|do we need|is right] for {m}?
the [details|dimensions|technical data|pictures] of {p} [in the catalogue|in the shop|on the product page] are [unclear|incomplete|contradictory].
how many {p} are in [a pack|a box|one packing unit]?
does {p} have [a CE mark|an overload protection|an internal thread|a VDE approval|a seal|a handle]?""",
    },
    "account": {
        "de": """[ich habe|wir haben] <pw> [vergessen|verlegt|verloren|nicht mehr].
bitte [setzen|stellen] Sie <pw> [zurück|neu ein].
bitte [legen|richten] Sie <user> für {x} [an|ein].
bitte [löschen|sperren|deaktivieren|entfernen] Sie [den Zugang|das Benutzerkonto|den Login|den Benutzer] von {x}[.|, sie ist nicht mehr bei uns.|, er hat gekündigt.]
[unser|mein] [Kundenkonto|Konto|Account|Benutzerkonto|Zugang|Profil] ist [gesperrt|noch nicht freigeschaltet|deaktiviert|verschwunden|abgelaufen].
[ich kann mich|wir können uns|Kollegen können sich|unser Einkauf kann sich] [nicht|nicht mehr|seit gestern nicht] [anmelden|einloggen|registrieren].
[ich möchte|wir möchten|wir wollen] [die E-Mail-Adresse|die Telefonnummer|den Ansprechpartner|den Firmennamen|die Adresse|unsere Stammdaten|den Benutzernamen] im [Konto|Kundenkonto|Profil] ändern.
bitte [ändern|aktualisieren|korrigieren] Sie [unsere Stammdaten|unsere Adresse im Kundenkonto|den Firmennamen in {c}|meine Kontaktdaten|die hinterlegte Telefonnummer].
bitte geben Sie {x} [die Berechtigung|das Recht|die Rolle] [zum Bestellen|für das Konto|als Administrator|zum Freigeben].
wie [kann ich|können wir] [Kollegen|weitere Benutzer|einen Mitarbeiter|{x}] zu [unserem|meinem] [Konto|Account] [einladen|hinzufügen]?
[der Link|die Mail|der Code|die SMS] [zum Zurücksetzen des Passworts|zur Anmeldung|zur Bestätigung der Registrierung|für die Zwei-Faktor-Anmeldung] kommt nicht an.
bitte löschen Sie [mein Konto|unser Kundenkonto|meine persönlichen Daten|alle meine Daten|mein Profil].
welche [Kundennummer|Zugangsdaten|Benutzerkennung] [haben wir|gehört zu uns|hat {c}]?
wer [ist|steht] bei uns als [Administrator|Ansprechpartner|Hauptbenutzer|Kontoinhaber] [eingetragen|hinterlegt]?
wir möchten [zwei Kundenkonten|zwei Accounts|unsere Zugänge] [zusammenlegen|vereinen|trennen].
[bitte schalten Sie|wann schalten Sie] [meinen Zugang|unser Konto|die Registrierung von {x}|unseren neuen Benutzer] frei[.|?]
ich möchte [den Newsletter|die Werbemails|die Benachrichtigungen] [abbestellen|abmelden|in meinem Profil abschalten].""",
        "en": """[I|we] [forgot|lost|misplaced|no longer know] <pw>.
please reset <pw>[.| for me.]
please [create|set up|open] <user> for {x}.
please [delete|block|deactivate|remove] the [access|user account|login|user] of {x}[.|, she has left us.|, he has resigned.]
[our|my] [customer account|account|user account|access|profile] [is locked|has not been activated yet|is deactivated|has disappeared|has expired].
[I|we] [cannot|can no longer|have not been able to] [log in|sign in|register].
[I|we] would like to change [the email address|the phone number|the contact|the company name|the address|our master data|the user name] in [the|our|my] [account|customer account|profile].
please [change|update|correct] [our master data|our address in the account|the company name to {c}|my contact details|the phone number on file].
please give {x} [permission to order|the right to approve|the administrator role|access to the account|ordering rights].
how can [I|we] [invite|add] [colleagues|more users|an employee|{x}] to [our|my] account?
[the link|the email|the code|the text message] [for resetting the password|for signing in|for confirming the registration|for two-factor login] does not arrive.
please delete [my account|our customer account|my personal data|all my data|my profile].
what is [our customer number|our user ID|the customer number of {c}]?
who is [registered|listed|entered] as our [administrator|contact|main user|account owner]?
we would like to [merge|combine|separate] [two customer accounts|two accounts|our logins].
[please activate|when will you activate] [my access|our account|the registration of {x}|our new user][.|?]
I want to [unsubscribe from|opt out of|switch off] [the newsletter|the advertising emails|the notifications in my profile].""",
    },
    "technical": {
        "de": """<site> <fails>.
<since> [ist|war] <site> [gestört|nicht zu erreichen|unbenutzbar|immer wieder offline|sehr langsam].
<feature> [funktioniert nicht|bricht ab|hängt|ist kaputt|liefert einen Fehler|läuft nicht|schlägt fehl|endet mit Fehler {n}][.| <since>.]
<siteD> [erscheint|kommt|sehe ich] [nur |][Fehler {n}|eine Fehlermeldung|eine weiße Seite|ein Timeout|ein Skriptfehler|die Meldung ungültiges Token|Status 500].
beim [Öffnen|Speichern|Absenden|Hochladen|Exportieren|Drucken|Importieren|Scrollen|Klicken] <siteD> [passiert nichts|kommt Fehler {n}|stürzt alles ab|friert der Browser ein|erscheint eine Fehlermeldung].
der [Button|Link|Knopf|Menüpunkt|Schalter] <siteD> [reagiert nicht|fehlt plötzlich|ist grau|führt ins Leere|löst nichts aus].
die [Bilder|Preise|Bestände|PDF-Dateien|Artikeltexte|Statistiken] werden <siteD> [nicht angezeigt|falsch dargestellt|nicht aktualisiert|doppelt angezeigt].
[die API|der Server|die Schnittstelle|der Webhook|der Dienst] [antwortet mit Status 500|antwortet nicht|liefert einen Timeout|gibt Fehler {n} zurück|verweigert die Verbindung].
[das SSL-Zertifikat|der DNS-Eintrag|die Weiterleitung|die Domain|die Subdomain] [ist abgelaufen|wird nicht erkannt|funktioniert nicht|zeigt ins Leere|ist falsch konfiguriert].
[auf dem Handy|im Firefox|unter Safari|auf dem Tablet|mit dem neuen Browser] [ist die Seite nicht bedienbar|fehlt die Navigation|lädt nichts|ist alles verschoben].
die Verbindung [zu unserem ERP|zum Warenwirtschaftssystem|zur Schnittstelle|per EDI] [ist unterbrochen|bricht ständig ab|lässt sich nicht herstellen|meldet Fehler {n}].
der Import [der Preisliste|der Artikel|der CSV-Datei] [bricht in Zeile {n} ab|bleibt hängen|meldet ein falsches Format|dauert ewig].
[bitte beheben Sie den Bug|bitte beheben Sie den Fehler|es gibt einen Programmfehler|wir melden eine Störung] [im Checkout|in der Suche|im Export|in der API|im Warenkorb|<siteD>].
[nach dem Update|seit der Umstellung|seit dem Release] [sind die Daten weg|fehlen Funktionen|geht nichts mehr|ist die Darstellung kaputt|startet die App nicht].""",
        "en": """<site> <fails>.
<since> <site> <fails>.
<feature> [does not work|aborts|hangs|is broken|gives an error|is not running|fails|ends with error {n}][.| <since>.]
<where> [there is|I get|I see] [only |][error {n}|an error message|a blank page|a timeout|a script error|the message invalid token|status 500].
when [opening|saving|submitting|uploading|exporting|printing|importing|scrolling|clicking] <where> [nothing happens|error {n} appears|everything crashes|the browser freezes|an error message appears].
the [button|link|menu item|switch|tab] <where> [does not react|has suddenly gone|is greyed out|leads nowhere|triggers nothing].
the [images|prices|stock levels|PDF files|item texts|statistics] are [not shown|displayed wrongly|not updated|shown twice] <where>.
[the API|the server|the interface|the webhook|the service] [responds with status 500|does not respond|times out|returns error {n}|refuses the connection].
[the SSL certificate|the DNS record|the redirect|the domain|the subdomain] [has expired|is not recognised|does not work|points nowhere|is configured wrongly].
[on a phone|in Firefox|in Safari|on the tablet|with the new browser] [the page cannot be used|the navigation is missing|nothing loads|everything is out of place].
the connection [to our ERP|to the inventory system|to the interface|over EDI] [is interrupted|keeps dropping|cannot be established|reports error {n}].
the import of [the price list|the items|the CSV file] [stops at line {n}|gets stuck|reports a wrong format|takes forever].
[there is a bug|please fix the bug|we found a software error|we report a malfunction] [in the checkout|in the search|in the export|in the API|in the cart|<where>].
[after the update|since the migration|since the release] [the data are gone|functions are missing|nothing works|the layout is broken|the app does not start].""",
    },
    "other": {
        "de": """haben Sie [offene Stellen|freie Stellen|einen Praktikumsplatz|Ausbildungsplätze|einen Ferienjob] [in {city}|in Ihrem Unternehmen|für Studenten]?
ich möchte mich [als Praktikant|als Aushilfe|um eine Stelle|initiativ|um eine Ausbildung] bei Ihnen bewerben.
wir [möchten|würden gern] [eine Kooperation|eine Partnerschaft|eine Zusammenarbeit|ein gemeinsames Projekt] mit Ihnen [besprechen|starten|prüfen].
[kann man|dürfen wir|können Schüler] [Ihr Lager|Ihr Werk|die Firma|Ihre Ausstellung] [besichtigen|besuchen|anschauen]?
[nehmen Sie|sind Sie] [an der Messe in {city} teil|auf der Messe in {city}|am {d} auf der Ausstellung]?
wir bieten [Ihnen |][günstige Werbeflächen|eine Anzeige in unserem Magazin|Suchmaschinenwerbung|Büroreinigung|Leasingfahrzeuge|eine Unternehmensberatung] an.
wer ist [bei Ihnen|in Ihrem Haus] für [Marketing|Presse|Ausbildung|Sponsoring|Nachhaltigkeit|Veranstaltungen|den Datenschutz] zuständig?
[frohe Weihnachten|schöne Feiertage|ein gutes neues Jahr|herzlichen Glückwunsch zum Jubiläum] [wünscht {c}|an das ganze Team|und alles Gute][!|.]
unterstützen Sie [unseren Sportverein|unser Sommerfest|eine Tombola|unseren Kindergarten|einen guten Zweck] [mit einer Spende|als Sponsor|]?
[wie sind|wann sind] [Ihre Öffnungszeiten|Ihre Bürozeiten|Ihre Telefonzeiten][?| am {d}?| über die Feiertage?]
[wir sind Journalisten|ich schreibe für eine Zeitung|ich bin Student] und [möchte|möchten] [über Ihre Firma berichten|ein Interview führen|eine Umfrage machen].
wir laden Sie [zu unserem Sommerfest|zur Eröffnung|zu einem Vortrag|zu unserer Feier] am {d} ein.
[wie viele Mitarbeiter|welche Standorte|welche Geschichte|welchen Umsatz] hat [Ihr Unternehmen|Ihre Firma]?
[seit wann gibt es|wo sitzt|wem gehört|wie nachhaltig ist] [Ihre Firma|Ihr Unternehmen]?
[ich habe mich verwählt|diese Mail war ein Versehen|ich habe die falsche Adresse benutzt], bitte [ignorieren|löschen] Sie [die Nachricht|das].
[darf ich|dürfen wir] [Ihr Logo|ein Foto|Ihren Namen] [auf unserer Seite|in unserer Broschüre|in der Presse] verwenden?
[ich wollte nur|wir wollten einfach] einmal [Danke sagen|ein Lob loswerden|einen Gruß schicken].""",
        "en": """do you have [open positions|vacancies|an internship|apprenticeships|a summer job] [in {city}|in your company|for students]?
I would like to apply [for an internship|as a temp|for a job|on my own initiative|for an apprenticeship] with you.
we would like to [discuss|start|explore] [a partnership|a cooperation|a joint venture|a joint project] with you.
[is it possible to|may we|can pupils] [visit|see|tour] [your warehouse|your plant|the company|your showroom]?
[will you be|are you] at the [fair|exhibition|trade show] in {city}[?| on {d}?]
we offer [you |][cheap advertising space|an ad in our magazine|search engine marketing|office cleaning|leasing cars|business consulting].
who is responsible for [marketing|the press|training|sponsoring|sustainability|events|data protection] [at your company|in your house]?
[merry Christmas|happy holidays|a happy new year|congratulations on your anniversary] [from {c}|to the whole team|and all the best][!|.]
would you support [our sports club|our summer party|a raffle|our kindergarten|a good cause][?| with a donation?| as a sponsor?]
what are your [opening hours|office hours|phone hours][?| on {d}?| over the holidays?]
[we are journalists|I write for a newspaper|I am a student] and would like to [report about your company|do an interview|do a survey].
we invite you to [our summer party|the opening|a talk|our celebration] on {d}.
[how many employees|which locations|what turnover|how many branches] does your [company|business] have?
[how old is|where is|who owns|how sustainable is] your [company|business]?
[I dialled the wrong number|this email was a mistake|I used the wrong address], please [ignore|delete] [the message|this].
may [I|we] use [your logo|a photo|your name] [on our site|in our brochure|in the press]?
[I just wanted|we simply wanted] to [say thank you|pass on some praise|send our greetings].""",
    },
}
