"""The sentences that support tickets are made of. Data only.

Slots: {o} order, {i} invoice, {p} product, {d} date, {n} number, {k} small number, {a} part number,
{c} company, {v} price, {city} city, {m} measure, {x} person.
"""

from words import split

TOPICS = {
    "order": {
        "de": split("""ich möchte die Menge in Bestellung {o} auf {n} Stück ändern.|bitte stornieren Sie unsere Bestellung {o}.|wir haben am {d} {n} Stück {p} bestellt, aber keine Auftragsbestätigung erhalten.
können Sie zu Auftrag {o} noch {n} Stück {p} hinzufügen?|ist meine Bestellung {o} bei Ihnen eingegangen?|wir haben versehentlich doppelt bestellt, bitte löschen Sie {o}.|bitte bestätigen Sie unseren Auftrag {o}.
ich habe {p} in der falschen Größe bestellt und möchte die Bestellung {o} ändern.|wie kann ich eine Bestellung wiederholen?|bitte senden Sie uns die Auftragsbestätigung für {o}.|die Bestellung {o} soll auf eine andere Kostenstelle laufen.
in der Auftragsbestätigung {o} steht die falsche Menge.|wir möchten einen Rahmenauftrag über {n} {p} abschließen.|kann ich die Bestellung {o} noch stornieren?|welchen Status hat der Auftrag {o}?|bitte ändern Sie bei Auftrag {o} die Artikelnummer auf {a}.
gibt es eine Mindestbestellmenge für {p}?|wir würden gern {n} x {p} bestellen.|unsere Bestellnummer fehlt auf der Bestätigung {o}.|der Preis in der Auftragsbestätigung weicht von unserem Angebot ab.|bitte nehmen Sie Position {k} aus unserer Bestellung heraus.
ich wollte {n} bestellen, im Auftrag stehen aber nur {k}.|bitte fassen Sie die Aufträge {o} und {i} zusammen.|wir brauchen eine Änderung an unserer letzten Bestellung.|die Bestellung wurde noch nicht bestätigt."""),
        "en": split("""I would like to change the quantity in order {o} to {n}.|please cancel our order {o}.|we ordered {n} pieces of {p} on {d} but received no order confirmation.
can you add {n} more {p} to order {o}?|did you receive my order {o}?|we ordered twice by mistake, please delete {o}.|please confirm our order {o}.
I ordered {p} in the wrong size and want to change order {o}.|how can I repeat an order?|please send us the order confirmation for {o}.|order {o} should go to another cost centre.
the order confirmation {o} shows the wrong quantity.|we would like to place a blanket order for {n} {p}.|can I still cancel order {o}?|what is the status of order {o}?|please change the part number in order {o} to {a}.
is there a minimum order quantity for {p}?|we would like to order {n} x {p}.|our PO number is missing on the confirmation {o}.|the price in the order confirmation differs from your quote.|please remove item {k} from our order.
I meant to order {n} but the order says {k}.|please combine the orders {o} and {i}.|we need to amend our last purchase order.|the order has not been confirmed yet.|I want to place an order but need a quote first."""),
    },
    "delivery": {
        "de": split("""wo bleibt unsere Lieferung {o}?|die Lieferung zu {o} ist noch nicht angekommen.|laut Sendungsverfolgung liegt das Paket seit {k} Tagen in {city}.|wann wird {p} geliefert?|der Liefertermin {d} ist verstrichen und es ist nichts da.
das Paket wurde an die falsche Adresse zugestellt.|bitte ändern Sie die Lieferadresse auf {city}.|die Spedition stand vor verschlossener Tür.|in der Lieferung fehlen {k} Kartons.|es wurden nur {k} statt {n} Stück geliefert.
können Sie die Sendung per Express schicken?|ich habe keine Trackingnummer erhalten.|der Fahrer hat die Palette einfach auf dem Hof abgestellt.|bitte liefern Sie erst nach dem {d}.|wie hoch sind die Versandkosten nach {city}?
die Sendung ist verspätet.|der Paketdienst behauptet, die Ware sei zugestellt, wir haben aber nichts bekommen.|wann kommt die Restlieferung zu Auftrag {o}?|liefern Sie auch nach {city}?|können wir die Ware selbst in {city} abholen?
bitte avisieren Sie die Anlieferung telefonisch.|unser Paket ist verloren gegangen.|die Lieferzeit von {k} Wochen ist zu lang.|bitte teilen Sie uns den Versandtag für {o} mit.|eine Teillieferung wäre für uns in Ordnung."""),
        "en": split("""where is our shipment {o}?|the delivery for {o} has not arrived yet.|according to tracking the parcel has been in {city} for {k} days.|when will {p} be delivered?|the delivery date {d} has passed and nothing is here.
the parcel was delivered to the wrong address.|please change the delivery address to {city}.|the carrier came when nobody was there.|{k} boxes are missing from the delivery.|only {k} of {n} pieces were delivered.
can you ship it by express?|I did not receive a tracking number.|the driver just left the pallet in the yard.|please deliver after {d} only.|how much is shipping to {city}?
the shipment is late.|the courier says the goods were delivered but we got nothing.|when will the rest of order {o} arrive?|do you deliver to {city}?|can we collect the goods in {city}?
please call before the delivery.|our package got lost.|a lead time of {k} weeks is too long.|please tell us the shipping date of {o}.|a partial delivery would be fine for us.|my order has not been shipped and it was due on {d}."""),
    },
    "invoice": {
        "de": split("""die Rechnung {i} enthält einen falschen Betrag.|bitte senden Sie uns die Rechnung zu {o} noch einmal.|auf Rechnung {i} fehlt unsere Umsatzsteuer-ID.|wir haben die Rechnung {i} doppelt erhalten.|die Rechnung {i} haben wir schon am {d} bezahlt.
warum bekommen wir eine Mahnung, obwohl wir bezahlt haben?|bitte stellen Sie die Rechnung auf {c} aus.|der Skonto von {k} % wurde nicht abgezogen.|es wurden {v} EUR zu viel abgebucht.|wir brauchen eine Gutschrift über {v} EUR.
können wir das Zahlungsziel auf {n} Tage verlängern?|bitte korrigieren Sie die Rechnungsadresse.|die Mehrwertsteuer auf {i} ist falsch ausgewiesen.|die Zahlung per Lastschrift wurde abgelehnt.|wir möchten künftig per Rechnung statt Kreditkarte zahlen.
wo finde ich meine Rechnungen als PDF?|die Gutschrift zu {i} ist noch nicht eingegangen.|unsere Buchhaltung kann Rechnung {i} nicht zuordnen.|bitte schicken Sie Rechnungen künftig an die Buchhaltung.|auf der Rechnung steht ein anderer Preis als vereinbart.
welche Bankverbindung gilt für die Überweisung?|wir benötigen eine Rechnung im XRechnung-Format.|der Betrag {v} wurde zweimal berechnet.|die Kreditkarte wurde doppelt belastet.|bitte um Kopie der Rechnung vom {d}."""),
        "en": split("""invoice {i} shows a wrong amount.|please send us the invoice for {o} again.|our VAT number is missing on invoice {i}.|we received invoice {i} twice.|we already paid invoice {i} on {d}.
why do we get a payment reminder although we have paid?|please issue the invoice to {c}.|the {k} % cash discount was not deducted.|you charged {v} too much.|we need a credit note over {v}.
can we extend the payment terms to {n} days?|please correct the billing address.|the VAT on {i} is wrong.|the direct debit payment was rejected.|we would like to pay by invoice instead of credit card.
where do I find my invoices as PDF?|the credit note for {i} has not arrived.|our accounts department cannot match invoice {i}.|please send invoices to our accounting department.|the invoice shows a different price than agreed.
which bank account should we transfer the payment to?|we need an electronic invoice.|the amount {v} was billed twice.|our credit card was charged two times.|please send a copy of the bill dated {d}.|I have a question about the payment of my bill."""),
    },
    "return": {
        "de": split("""wir möchten {n} Stück {p} zurückschicken.|die {p} kamen beschädigt an, bitte nehmen Sie sie zurück.|bitte senden Sie uns ein Rücksendeetikett für {o}.|wie lange kann ich {p} zurückgeben?|wir reklamieren {k} defekte {p}.
der Artikel {a} ist kaputt und wir wollen Ersatz.|wir haben falsche Ware bekommen und möchten sie umtauschen.|wann bekommen wir das Geld für die Retoure {o} zurück?|die Rücksendung zu {o} ist seit {d} bei Ihnen.|{p} passt nicht, wir möchten umtauschen.
bitte holen Sie die defekte Palette wieder ab.|wie melde ich eine Retoure an?|das Gerät ist nach {k} Tagen ausgefallen, wir machen Garantie geltend.|die Ware hat Kratzer und muss ersetzt werden.|wir haben zu viel bestellt und senden {k} Kartons zurück.
das Retourenformular lässt sich nicht ausfüllen, wie schicke ich {p} zurück?|bitte erstatten Sie den Kaufpreis für {p}.|ist die Rücksendung kostenlos?|wir widerrufen den Kauf von {p}.|{k} von {n} Stück sind gebrochen, wir wollen sie reklamieren.
die Verpackung war aufgerissen und der Inhalt zerbrochen.|wir verweigern die Annahme und schicken alles zurück.|bitte tauschen Sie {p} gegen die Größe {m}.|wohin soll ich die Rücksendung schicken?|die Reklamation vom {d} ist noch offen."""),
        "en": split("""we would like to return {n} pieces of {p}.|the {p} arrived damaged, please take them back.|please send us a return label for {o}.|how long can I return {p}?|we have a complaint about {k} defective {p}.
item {a} is broken and we want a replacement.|we got the wrong goods and want to exchange them.|when do we get the refund for return {o}?|the return for {o} has been with you since {d}.|{p} does not fit, we would like to exchange it.
please collect the faulty pallet.|how do I register a return?|the device failed after {k} days, we claim warranty.|the goods are scratched and must be replaced.|we ordered too much and are sending back {k} boxes.
I cannot fill in the return form, how do I send {p} back?|please refund the purchase price of {p}.|is the return free of charge?|we withdraw from the purchase of {p}.|{k} of {n} pieces are cracked and we want to send them back.
the packaging was torn and the contents broken.|we refuse the goods and send everything back.|please swap {p} for size {m}.|where should I send the return to?|our complaint of {d} is still open.|I want my money back for the defective {p}."""),
    },
    "product": {
        "de": split("""ist {p} auch in {m} verfügbar?|welches Material hat {p}?|haben Sie ein Datenblatt zu Artikel {a}?|passt {p} zu unserer Anlage?|ist {p} für den Außenbereich geeignet?
was ist der Unterschied zwischen {a} und {o}?|gibt es eine Alternative zu {p}?|wann ist {p} wieder auf Lager?|welche Zulassungen hat {p}?|führen Sie auch {p}?
wie schwer ist {p}?|bitte schicken Sie uns das Sicherheitsdatenblatt für {p}.|welche Temperatur hält {p} aus?|ist der Artikel {a} noch lieferbar oder abgekündigt?|gibt es {p} auch in anderen Farben?
die Beschreibung von {p} im Katalog ist unklar.|welche Maße hat {p} genau?|können wir ein Muster von {p} bekommen?|ist {p} mit {a} kompatibel?|hat {p} eine CE-Kennzeichnung?
welches Zubehör brauche ich für {p}?|gibt es eine Bedienungsanleitung für {p}?|wie viele {p} sind in einer Packung?|ist {p} lebensmittelecht?|welche Variante von {p} empfehlen Sie für {m}?"""),
        "en": split("""is {p} also available in {m}?|what material is {p} made of?|do you have a data sheet for item {a}?|does {p} fit our machine?|is {p} suitable for outdoor use?
what is the difference between {a} and {o}?|is there an alternative to {p}?|when will {p} be back in stock?|which approvals does {p} have?|do you also sell {p}?
how heavy is {p}?|please send us the safety data sheet for {p}.|what temperature can {p} withstand?|is item {a} still available or discontinued?|does {p} come in other colours?
the description of {p} in the catalogue is unclear.|what are the exact dimensions of {p}?|can we get a sample of {p}?|is {p} compatible with {a}?|does {p} have a CE mark?
which accessories do I need for {p}?|is there a manual for {p}?|how many {p} are in one pack?|is {p} food safe?|which version of {p} do you recommend for {m}?"""),
    },
    "account": {
        "de": split("""ich habe mein Passwort vergessen.|bitte legen Sie einen neuen Benutzer für {x} an.|unser Kundenkonto ist gesperrt.|ich möchte meine E-Mail-Adresse im Konto ändern.|{x} arbeitet nicht mehr bei uns, bitte Zugang löschen.
wie kann ich Kollegen zu unserem Konto einladen?|wir brauchen ein Kundenkonto für unsere Niederlassung in {city}.|die Firma heißt jetzt {c}, bitte Stammdaten anpassen.|der Link zum Zurücksetzen des Passworts kommt nicht an.|meine Registrierung wurde noch nicht freigeschaltet.
bitte löschen Sie mein Konto und alle meine Daten.|welche Kundennummer haben wir?|ich kann mich nicht anmelden, mein Benutzerkonto ist unbekannt.|bitte geben Sie {x} die Berechtigung zum Bestellen.|wie ändere ich meine Telefonnummer im Profil?
ich möchte den Newsletter abbestellen.|wir möchten zwei Kundenkonten zusammenlegen.|bitte schalten Sie meinen Zugang frei.|ich bekomme keinen Bestätigungscode für die Anmeldung.|unsere neue Adresse ist {city}, bitte im Kundenkonto ändern.
mein Benutzername funktioniert nicht mehr.|wer ist bei uns als Administrator eingetragen?|bitte setzen Sie mein Kennwort zurück.|ich brauche Zugriff auf das Konto von {c}.|der Login für {x} soll deaktiviert werden."""),
        "en": split("""I forgot my password.|please create a new user for {x}.|our customer account is locked.|I want to change the email address of my account.|{x} no longer works for us, please remove the access.
how can I invite colleagues to our account?|we need a customer account for our branch in {city}.|our company is now called {c}, please update our master data.|the password reset link does not arrive.|my registration has not been approved yet.
please delete my account and all my data.|what is our customer number?|I cannot log in, my user account is unknown.|please give {x} permission to order.|how do I change the phone number in my profile?
I want to unsubscribe from the newsletter.|we would like to merge two customer accounts.|please activate my access.|I get no verification code for the login.|our new address is {city}, please change it in the account.
my username no longer works.|who is registered as our administrator?|please reset my password.|I need access to the account of {c}.|the login for {x} should be deactivated."""),
    },
    "technical": {
        "de": split("""beim Öffnen des Warenkorbs erscheint Fehler {n}.|die Webseite lädt nicht.|der CSV-Import bricht in Zeile {n} ab.|die Schnittstelle zu unserem ERP liefert einen Timeout.|die Suche im Shop zeigt keine Ergebnisse.
die API antwortet mit Status 500.|der Shop ist seit heute Morgen nicht erreichbar.|Bilder werden auf der Produktseite nicht angezeigt.|der Button zum Absenden reagiert nicht.|die Seite stürzt im Browser ständig ab.
das SSL-Zertifikat unserer Domain ist abgelaufen.|seit dem Update funktioniert der Export nicht mehr.|der Webhook wird nicht ausgelöst.|auf dem Handy ist die Seite nicht bedienbar.|die Synchronisation der Lagerbestände hängt.
die PDF-Datei lässt sich nicht herunterladen.|im Checkout kommt eine weiße Seite.|die Anwendung ist extrem langsam.|der DNS-Eintrag für unsere Domain wird nicht erkannt.|die Fehlermeldung lautet: ungültiges Token.
die EDI-Nachrichten kommen nicht an.|der Filter nach Kategorie ist kaputt.|das Hochladen von Dateien schlägt fehl.|ich sehe nur eine Fehlermeldung statt des Dashboards.|die App zeigt veraltete Preise an, vermutlich ein Cache-Problem."""),
        "en": split("""error {n} appears when opening the cart.|the website does not load.|the CSV import stops at line {n}.|the interface to our ERP times out.|the shop search shows no results.
the API responds with status 500.|the shop has been down since this morning.|images are not shown on the product page.|the submit button does not react.|the page keeps crashing in the browser.
the SSL certificate of our domain has expired.|since the update the export no longer works.|the webhook is not triggered.|the page cannot be used on a phone.|the stock synchronisation is stuck.
the PDF file cannot be downloaded.|the checkout shows a blank page.|the application is extremely slow.|the DNS record of our domain is not recognised.|the error message says: invalid token.
the EDI messages do not arrive.|the category filter is broken.|uploading files fails.|I only see an error message instead of the dashboard.|the app shows outdated prices, probably a cache problem.|there is a bug in the checkout form."""),
    },
    "other": {
        "de": split("""haben Sie offene Stellen in {city}?|wir möchten mit Ihnen eine Kooperation besprechen.|kann man Ihr Lager besichtigen?|ich schreibe eine Bachelorarbeit und suche Interviewpartner.|nehmen Sie an der Messe in {city} teil?
wir bieten Ihnen günstige Werbeflächen an.|wer ist bei Ihnen für Marketing zuständig?|ich möchte mich als Praktikant bewerben.|frohe Weihnachten und ein gutes neues Jahr!|unterstützen Sie unseren Sportverein?
wie sind Ihre Öffnungszeiten am {d}?|wir sind Journalisten und möchten über Ihre Firma berichten.|wo finde ich Ihr Impressum?|wie steht Ihr Unternehmen zur Nachhaltigkeit?|haben Sie einen Newsletter in Papierform?
wir laden Sie zu unserem Sommerfest am {d} ein.|dürfen wir Ihr Logo auf unserer Seite verwenden?|kennen Sie {x}?|wie viele Mitarbeiter haben Sie?|ich habe mich verwählt, bitte ignorieren Sie die Nachricht.
wir suchen einen Sponsor für unser Projekt.|wo liegt Ihr Firmensitz?|ich habe eine allgemeine Frage zu Ihrem Unternehmen.|seit wann gibt es Ihre Firma?|gibt es bei Ihnen Parkplätze für Besucher?"""),
        "en": split("""do you have open positions in {city}?|we would like to discuss a partnership with you.|is it possible to visit your warehouse?|I am writing my thesis and looking for interview partners.|will you be at the fair in {city}?
we offer you cheap advertising space.|who is responsible for marketing?|I would like to apply for an internship.|merry Christmas and a happy new year!|would you support our sports club?
what are your opening hours on {d}?|we are journalists and would like to write about your company.|where do I find your legal notice?|what is your position on sustainability?|do you have a printed newsletter?
we invite you to our summer party on {d}.|may we use your logo on our site?|do you know {x}?|how many employees do you have?|I sent this by accident, please ignore the message.
we are looking for a sponsor for our project.|where is your head office?|I have a general question about your company.|how long has your company existed?|do you have parking for visitors?"""),
    },
}

MOODS = {
    "negative": {
        "de": split("""das ist wirklich ärgerlich.|so etwas darf nicht passieren!|wir sind sehr enttäuscht.|das ist schon das dritte Mal.|langsam verliere ich die Geduld.|ein solcher Service ist inakzeptabel.|wir sind äußerst unzufrieden.
auf meine letzten {k} Mails hat niemand reagiert.|wir überlegen, den Lieferanten zu wechseln.|das ist eine Frechheit!|leider müssen wir uns beschweren.|so kann man nicht zusammenarbeiten.|ich bin stinksauer.|die Hotline war überhaupt keine Hilfe.|das ist ein Unding.|schlechter geht es kaum."""),
        "en": split("""this is really annoying.|this must not happen!|we are very disappointed.|this is the third time already.|I am losing my patience.|such service is unacceptable.|we are extremely unhappy.
nobody answered my last {k} emails.|we are thinking about changing the supplier.|this is outrageous!|unfortunately we have to complain.|we cannot work like this.|I am furious.|your hotline was no help at all.|this is a disgrace.|what a terrible experience."""),
    },
    "positive": {
        "de": split("""vielen Dank für die schnelle Hilfe beim letzten Mal!|mit Ihrem Service sind wir sehr zufrieden.|das hat bisher immer super geklappt.|ein großes Lob an {x}.|wir arbeiten sehr gern mit Ihnen zusammen.|tolle Qualität, weiter so!|ich bin begeistert von Ihrem Shop.|danke für die freundliche Beratung.|Sie sind wirklich ein klasse Partner."""),
        "en": split("""thank you so much for the quick help last time!|we are very happy with your service.|so far everything has worked perfectly.|great praise for {x}.|we really enjoy working with you.|great quality, keep it up!|I love your shop.|thanks for the friendly advice.|you are a fantastic partner."""),
    },
}
URGENCY = {
    "urgent": {
        "de": split("""unsere Produktion steht still!|bitte sofort bearbeiten!|das ist ein Notfall.|wir brauchen heute noch eine Lösung.|extrem dringend, bitte umgehend anrufen!|die ganze Baustelle steht.|es geht um Stunden.|bitte noch heute erledigen, sonst steht die Linie."""),
        "en": split("""our production is at a standstill!|please handle this immediately!|this is an emergency.|we need a solution today.|extremely urgent, please call at once!|the whole site is at a standstill.|it is a matter of hours.|please fix this today or the line stops."""),
    },
    "high": {
        "de": split("""bitte melden Sie sich schnellstmöglich.|es ist dringend.|wir brauchen bis morgen eine Antwort.|bitte kümmern Sie sich zeitnah darum.|das ist für uns sehr wichtig.|bitte mit hoher Priorität bearbeiten.|wir bitten um rasche Klärung.|das eilt."""),
        "en": split("""please reply as soon as possible.|this is urgent.|we need an answer by tomorrow.|please look into this soon.|this is very important for us.|please treat this with high priority.|please clarify quickly.|we are in a hurry."""),
    },
    "low": {
        "de": split("""es eilt nicht.|das hat Zeit.|antworten Sie, wann es Ihnen passt.|nur wenn Sie gerade Zeit haben.|keine Eile.|das ist nicht dringend.|bei Gelegenheit reicht völlig.|das muss nicht heute sein."""),
        "en": split("""there is no rush.|this can wait.|answer whenever it suits you.|only if you have a moment.|no hurry.|this is not urgent.|whenever you get around to it.|it does not have to be today."""),
    },
}
NEUTRAL = {
    "de": split("""ich habe eine Frage.|wir sind Kunde bei Ihnen.|unsere Kundennummer ist {n}{k}.|ich melde mich im Auftrag von {c}.|{x} hat mich gebeten, Ihnen zu schreiben.|ich beziehe mich auf unser Telefonat.|kurze Frage:|ich arbeite bei {c}.|mein Kollege {x} ist im Urlaub."""),
    "en": split("""I have a question.|we are a customer of yours.|our customer number is {n}{k}.|I am writing on behalf of {c}.|{x} asked me to write to you.|I refer to our phone call.|quick question:|I work for {c}.|my colleague {x} is on holiday."""),
}
OTHER_LANGUAGES = {
    "order": split("Bonjour, je voudrais annuler ma commande {o}. Merci.|Buongiorno, vorrei modificare il mio ordine {o}. Grazie.|Hola, quiero cambiar la cantidad de mi pedido {o}.|Goedemiddag, ik wil mijn bestelling {o} annuleren."),
    "delivery": split("Bonjour, où est notre livraison {o}? Le colis n'est pas arrivé.|Buongiorno, dove si trova la spedizione {o}?|Hola, el paquete {o} todavía no ha llegado. ¿Cuándo será la entrega?|Hallo, waar blijft onze levering {o}? De zending is te laat."),
    "invoice": split("Bonjour, la facture {i} contient une erreur de montant.|Buongiorno, la fattura {i} non è corretta.|Hola, necesito una copia de la factura {i}.|Hallo, wij hebben factuur {i} al betaald."),
    "return": split("Bonjour, nous voulons retourner {n} articles défectueux.|Buongiorno, vorrei restituire la merce danneggiata.|Hola, queremos devolver el producto defectuoso {a}.|Hallo, wij willen de beschadigde goederen retourneren."),
    "product": split("Bonjour, avez-vous une fiche technique pour l'article {a}?|Buongiorno, questo prodotto {a} è disponibile in altri colori?|Hola, ¿de qué material es el artículo {a}?|Hallo, is artikel {a} ook in een andere maat verkrijgbaar?"),
    "account": split("Bonjour, j'ai oublié mon mot de passe.|Buongiorno, non riesco ad accedere al mio account.|Hola, he olvidado mi contraseña de usuario.|Hallo, ik ben mijn wachtwoord vergeten."),
    "technical": split("Bonjour, le site affiche une erreur {n}.|Buongiorno, il sito non si carica.|Hola, la página web no funciona y muestra un error.|Hallo, de website geeft een foutmelding."),
    "other": split("Bonjour, avez-vous des postes ouverts?|Buongiorno, possiamo visitare il vostro magazzino?|Hola, ¿cuál es su horario de apertura?|Hallo, wat zijn uw openingstijden?"),
}
LABEL_NAMES = {
    "order": {"en": ["orders", "purchase", "order change"], "de": ["Bestellung", "Auftrag", "Bestellungen"]},
    "delivery": {"en": ["shipping", "shipment", "logistics"], "de": ["Lieferung", "Versand", "Logistik"]},
    "invoice": {"en": ["billing", "payment", "invoices", "accounting"], "de": ["Rechnung", "Zahlung", "Buchhaltung"]},
    "return": {"en": ["returns", "complaint", "refund", "warranty"], "de": ["Retoure", "Reklamation", "Rücksendung"]},
    "product": {"en": ["product question", "products", "catalogue"], "de": ["Produkt", "Produktfrage", "Artikel"]},
    "account": {"en": ["user account", "login", "access"], "de": ["Konto", "Benutzerkonto", "Zugang"]},
    "technical": {"en": ["bug", "technical issue", "IT"], "de": ["Technik", "Fehler", "Störung"]},
    "other": {"en": ["misc", "general", "other"], "de": ["Sonstiges", "Allgemein", "Andere"]},
}
