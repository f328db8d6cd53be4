"""Frames of the sentences around the goods of an enquiry or order. Data only; see ticket_frames.py."""

INTRO = {
    "de": """[wir bitten|ich bitte|wir bitten Sie|hiermit bitten wir] um [ein Angebot|Ihr Angebot|eine Offerte|ein Preisangebot|Preis und Lieferzeit] [für|zu|über] [folgende|die folgenden|diese|nachstehende] [Artikel|Positionen|Teile|Waren|Produkte]:
bitte [bieten Sie uns an|um Angebot|um Preisangabe|um Offerte][:| für:]
[wir benötigen|wir brauchen|wir suchen|ich brauche|benötigt werden|gesucht werden] [für unsere Werkstatt|für ein Projekt|für einen Kunden|für unser Lager|kurzfristig|erneut|][:| folgendes:| diese Teile:]
bitte [senden|schicken|machen|mailen] Sie uns ein Angebot [über|für] [folgende Positionen|die Artikel unten|diese Waren]:
[was kosten|welchen Preis haben|wie teuer sind] [bei Ihnen |derzeit |][diese Artikel|folgende Teile|die Positionen unten|][:|?]
[unser Bedarf|Bedarfsliste|Anfrage|Angebotsanfrage|Preisanfrage|unsere Liste|Stückliste|Positionen|Bedarf für Projekt {x}]:
[können Sie|könnten Sie] [uns |][folgende Artikel|das Folgende|diese Positionen] [anbieten|liefern]?
[hiermit fragen wir|wir fragen|heute fragen wir] [folgende Artikel|das Folgende|folgende Positionen] [an|bei Ihnen an]:
[für die Baustelle in {c}|für unser Werk {c}|für die nächste Lieferung|zur Ergänzung des Lagers] [brauchen|benötigen|suchen] wir:""",
    "en": """[please|kindly|could you please|would you] [quote|offer|send us a quote for|give us a price for|make us an offer for] [the following|these|the items below|the following items|these parts|the goods below]:
[we need|we require|we are looking for|I need|we are in need of] [for our workshop|for a project|for a customer|for our stock|at short notice|again|][:| the following:| these parts:]
[we would like|I would like|we request|we ask for] [a quote|a quotation|an offer|your best price|price and delivery time] [for|on] [the following|these items|the parts below|the following goods]:
[what do|how much do] [these items|the following parts|the items below] cost[:|?| at the moment?]
[our requirements|list of needs|RFQ|enquiry|price request|our list|bill of materials|items|requirements for project {x}]:
[can|could] you [supply|offer|deliver] [the following|these items|the items below]?
[please let us have|please send us|we kindly ask for] [your offer|prices|your best offer|price and availability] [for|on]:
[for the site in {c}|for our plant in {c}|for the next delivery|to fill up our stock] we [need|require|are looking for]:""",
}
DELIVERY = {
    "de": """[Lieferung|Anlieferung|Liefertermin|Lieferdatum|Wunschtermin|Lieferzeitpunkt|Termin|gewünschte Lieferung|Bedarfstermin|benötigt|gewünschter Termin][:| bis| bis spätestens| -] {t}[.|]
[wir brauchen|wir benötigen|ich brauche|benötigt werden] [die Ware|die Teile|alles|das Material|die Artikel] [bis|spätestens bis|zum|spätestens] {t}.
bitte [liefern|schicken|senden] Sie [die Ware |alles |][bis|bis zum|spätestens] {t}.
[die Lieferung|die Ware|das Material|alles] [muss|soll|sollte] [bis|spätestens|zum] {t} [bei uns sein|da sein|eintreffen|erfolgen|geliefert werden].
[wann wäre eine Lieferung möglich, wir brauchen sie|können Sie liefern|ist eine Lieferung möglich] [bis|zum] {t}?
[gewünscht ist|wir wünschen|wir rechnen mit] [eine Lieferung|der Lieferung|Lieferung] [bis|zum] {t}.""",
    "en": """[delivery|delivery date|required|required date|needed|due date|requested delivery|ship date|date needed|requested date|deadline][:| by| no later than| -] {t}[.|]
[we need|we require|I need|we must have] [the goods|the parts|everything|the material|the items] [by|no later than|before|latest by] {t}.
please [deliver|ship|send] [the goods |everything |][by|no later than|latest by] {t}.
[the delivery|the goods|the material|everything] [must|should|has to] [be here|arrive|be with us|be delivered|take place] [by|no later than|before] {t}.
[can you deliver|is delivery possible|could you ship] [by|before] {t}?
[we expect|we would like|we count on] delivery [by|no later than] {t}.""",
}
NOTES = {
    "de": """bitte [Versandkosten|Frachtkosten|Verpackungskosten|Lieferkosten|Mindermengenzuschläge] [nach {c} |][angeben|nennen|ausweisen|aufführen].
bitte [mit|inklusive] [Werkszeugnis 3.1|Prüfprotokoll|Konformitätserklärung|Sicherheitsdatenblatt|Ursprungszeugnis|Montageanleitung].
[Teillieferung|eine Teillieferung|Lieferung in zwei Teilen|Vorablieferung] ist [möglich|nicht möglich|erlaubt|in Ordnung|nicht gewünscht].
bitte nennen Sie [auch |uns |][Staffelpreise|Ihre Rabatte|Alternativen|die Lieferzeit|die Mindestmenge|das Gewicht|die Zolltarifnummer].
Zahlungsziel {n} Tage[ netto| ohne Abzug| rein netto|].
[Zahlung innerhalb von|zahlbar in|wir zahlen in] {n} Tagen[ netto| ohne Abzug| abzüglich Skonto|].
[Alternativen|gleichwertige Produkte|andere Hersteller|Restposten] sind [willkommen|erlaubt|nicht zugelassen|möglich].
bitte [keine Ersatzprodukte|nur Originalware|keine B-Ware|nur Neuware] [anbieten|liefern].
[Lieferung|Anlieferung|Versand] [frei Haus|unfrei|frei Baustelle|ab Werk|per Spedition] [nach {c}|].
bitte [neutral|einzeln|stoßfest|auf Palette|sortenrein] [verpacken|verpackt liefern].
[Anlieferung|Warenannahme|Abladen] nur [vormittags|bis 14 Uhr|werktags|nach Absprache|mit Hebebühne].
die Ware muss [palettiert|gestempelt|beschriftet|foliert|trocken] geliefert werden.
wir holen die Ware [in {c} |selbst |][ab|am Lager ab].
Ihr Angebot [sollte|muss] bis {t} gültig [sein|bleiben].""",
    "en": """please [state|include|show|list] [shipping costs|freight costs|packaging costs|delivery charges|small order surcharges][ to {c}|].
please [include|enclose|add] [a 3.1 certificate|a test report|a declaration of conformity|the safety data sheet|a certificate of origin|an assembly manual].
[partial delivery|a partial delivery|delivery in two parts|advance delivery] is [possible|not possible|fine|allowed|not wanted].
please also [quote|state|tell us] [volume discounts|your discounts|alternatives|the lead time|the minimum quantity|the weight|the customs code].
[payment terms|payment within|payable in] {n} days[ net| without deduction| less discount].
[alternatives|equivalent products|other brands|remaining stock] are [welcome|allowed|not accepted|possible].
[no substitutes|original parts only|no seconds|new goods only] please.
[delivery|shipping|dispatch] [free of charge|carriage forward|free to site|ex works|by carrier][ to {c}|].
please [use neutral packaging|pack each piece|use shockproof packaging|deliver on pallets|pack by type].
[deliveries|goods receipt|unloading] [in the morning|until 2 pm|on working days|by arrangement|with tail lift] only.
the goods must be delivered [on pallets|stamped|labelled|wrapped|dry].
we will [collect|pick up] the goods [in {c}|ourselves|at your warehouse].
your offer [should|must] [be|stay] valid until {t}.""",
}
FILLER = {
    "de": """[vielen Dank|danke|besten Dank] für [das nette Gespräch|Ihren Besuch|den Katalog|Ihre letzte Lieferung|die Muster][.| auf der Messe.| letzte Woche.]
[wir sind|unsere Firma ist] [Stammkunde bei Ihnen|seit Jahren Kunde|neu in der Branche|ein Betrieb mit vielen Mitarbeitern].
[wie telefonisch besprochen|wie vereinbart|wie angekündigt] [melde ich mich|kommt hier die Liste|sende ich unsere Liste].
[Ihr Shop|Ihre Firma|Ihr Sortiment] wurde uns [empfohlen|von einem Partner genannt|sehr gelobt].
unser [bisheriger Lieferant|alter Händler|Stammlieferant] ist [ausgefallen|zu teuer|insolvent|zu langsam].
wir [planen gerade|bauen derzeit|starten bald] [den Umbau unserer Halle|eine neue Linie|ein größeres Projekt].
ich hoffe, [es geht Ihnen gut|Sie hatten ein schönes Wochenende|Sie können uns helfen].""",
    "en": """[thank you|thanks|many thanks] for [the pleasant talk|your visit|the catalogue|your last delivery|the samples][.| at the fair.| last week.]
[we are|our company is] [a regular customer of yours|a customer for years|new to the trade|a business with many employees].
as [discussed on the phone|agreed|announced] [I am writing to you|here comes the list|I am sending our list].
your [shop|company|range] was [recommended to us|named by a partner|praised a lot].
our [previous supplier|old dealer|regular supplier] [let us down|is too expensive|is insolvent|is too slow].
we are [currently planning|building|about to start] [the rebuilding of our hall|a new line|a larger project].
I hope [you are well|you had a nice weekend|you can help us].""",
}
