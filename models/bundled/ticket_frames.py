"""Frames that ticket sentences are made from, one a line. Data only.

`[a|b]` is a choice, `<name>` one of PARTS, `{o}` a slot as in ticket_phrases.py. One frame stands for dozens to
thousands of sentences, so that what the model learns is what the words mean and not the sentences by heart.
Many frames are notes, questions and remarks without any number, and one that seems angry or pleased belongs to FELT.
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
        "things": "Schrauben|Dichtungen|Ventile|Handschuhe|Filter|Kartons|Lampen|Schläuche|Kugellager|Sensoren|Klemmen|Stecker|Rollen|Sägeblätter|Batterien|Schutzbrillen|Etiketten|Bohrer|Düsen|Kabelbinder|Pumpen|Riemen|Matten|Griffe",
        "thingsD": "Schrauben|Dichtungen|Ventilen|Handschuhen|Filtern|Kartons|Lampen|Schläuchen|Kugellagern|Sensoren|Klemmen|Steckern|Rollen|Sägeblättern|Batterien|Schutzbrillen|Bohrern|Düsen|Pumpen|Riemen|Matten|Griffen",
        "deviceN": "die neue Pumpe|das Ladegerät|die Bohrmaschine|das Netzteil|die Maschine|das Messgerät|die Leuchte|das Steuergerät|die Hebebühne|das Gebläse|die Waage|das neue Gerät",
        "deviceA": "die neue Pumpe|das Ladegerät|die Bohrmaschine|das Netzteil|die Maschine|das Messgerät|die Leuchte|das Steuergerät|die Säge|das Gebläse|die Waage|das neue Gerät",
        "whoN": "unser Einkauf|die Werkstatt|mein Chef|meine Kollegin|unser Lager|die Bauleitung|der Betriebsleiter|die Zentrale|unser Meister|mein Kollege|die Schichtleitung|unser Techniker",
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
        "things": "screws|seals|valves|gloves|filters|boxes|lamps|hoses|bearings|sensors|clamps|plugs|rollers|saw blades|batteries|goggles|labels|drill bits|nozzles|cable ties|pumps|belts|mats|handles",
        "device": "the new pump|the charger|the drill|the power supply|the machine|the gauge|the lamp|the control unit|the saw|the blower|the scale|the new unit",
        "who": "our buyer|the workshop|my boss|my colleague|our warehouse|the site manager|the plant manager|head office|our foreman|the shift leader|our technician|one of our engineers",
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
[wir planen|wir möchten] [einen Rahmenauftrag|einen Abrufauftrag|eine Sammelbestellung|eine Jahresbestellung] über {n} {p}[.| aufgeben.]
[könnte|kann] man [den Auftrag|das Ganze|die Bestellung von gestern|unsere letzte Order] noch [abblasen|rückgängig machen|stoppen|aufhalten|zurücknehmen|anhalten]?
[der Kunde|unser Kunde|der Bauherr|das Projekt] ist [abgesprungen|geplatzt|weggefallen], [wir brauchen die bestellten <things> nicht mehr|bitte nehmen Sie die Bestellung heraus|daher ziehen wir den Auftrag zurück|der Auftrag hat sich damit erledigt].
[bis jetzt|bislang|seit {k} Tagen|bis dato] keine [Auftragsbestätigung|Bestätigung der Bestellung|AB|Bestelleingangsbestätigung] [da|im Postfach|bei uns|eingegangen|gesehen].
[wir haben vor|ich habe vor] {k} Tagen [per Fax|telefonisch|per Mail|online|über den Außendienst] bestellt und [nichts mehr gehört|nie eine Bestätigung gesehen|wissen nicht, ob das angekommen ist|fragen uns, ob das bei Ihnen vorliegt].
[haben Sie|habt ihr] unser [Bestellfax|Bestellformular|Bestellschreiben] [bekommen|vorliegen|schon erfasst|gesehen]?
[das Gleiche|dasselbe|noch einmal das Gleiche|alles genauso] wie [beim letzten Mal|im Vormonat|letztes Jahr|im Frühjahr] [bitte|hätten wir gern|brauchen wir wieder|würden wir gern ordern].
[einmal|bitte] [Nachschub|Nachbestellung]: {n} [Stück|Karton|Packungen|Rollen] <things>[.|, wie gehabt.|, gleiche Ausführung wie zuletzt.|, Abruf aus dem Rahmen.]
uns gehen die <things> aus, [bitte buchen Sie|wir ordern hiermit|wir nehmen|tragen Sie uns bitte ein für] [noch {n} Stück|weitere {k} Kartons|noch einmal {n}|dieselbe Menge wie zuletzt].
hiermit [bestellen|ordern|beauftragen] wir [verbindlich|zu den bekannten Konditionen|gemäß Ihrem Angebot {i}|laut Angebot vom {d}] [{n} <things>|die angebotenen Positionen|alle Positionen|Position 1 bis {k}].
[wir nehmen Ihr Angebot an|Ihr Angebot passt uns|das Angebot {i} geht für uns in Ordnung], [bitte führen Sie den Auftrag aus|bitte als Auftrag anlegen|wir geben die Bestellung frei|hiermit bestellen wir].
[kann ich|können wir|darf man] bei Ihnen auch [telefonisch|per Mail|per Fax|ohne Kundenkonto|über WhatsApp|mit einer Excel-Liste] bestellen[?| oder nur online?]
[wie bestellt man|wie gebe ich eine Bestellung auf für|wie läuft das mit Bestellungen für] [Sonderanfertigungen|größere Mengen|mehrere Standorte|Zuschnitte|unsere Filialen]?
[ab welchem Betrag|ab welcher Menge|ab wie viel Stück] [darf man bei Ihnen bestellen|nehmen Sie Bestellungen an|kann ich ordern|gilt der Mindestbestellwert]?
[nehmen Sie|akzeptieren Sie] auch [kleine Bestellungen|Kleinmengen|Bestellungen unter {n} EUR|Einzelstücke], oder [gibt es einen Mindermengenzuschlag|liegt der Mindestwert höher|muss es ein ganzer Karton sein]?
[ich habe mich|wir haben uns|mein Kollege hat sich] [beim Ausfüllen vertan|verklickt|in der Zeile vertippt|bei der Stückzahl verrechnet] und [{n} statt {k}|zehnmal so viel wie nötig|die falsche Länge|den falschen Artikel] bestellt.
[statt der kurzen|statt der roten|statt der kleinen] <things> [hätten wir gern die anderen|sollen es doch die anderen sein|bitte die größeren eintragen], [bestellt haben wir heute früh|der Auftrag ist noch nicht raus|falls der Auftrag noch änderbar ist].
[geht da noch was|lässt sich an der Bestellung noch etwas drehen|ist es für Änderungen am Auftrag schon zu spät|kann man in den Auftrag noch eingreifen]?
[packen|legen|nehmen] Sie [bitte noch|doch gleich noch] [{k} Kartons|ein paar|{n} Stück] <things> [mit in den Auftrag|zur Bestellung dazu|in die laufende Bestellung auf].
[<whoN>|unser Polier|unsere Planung] [braucht doch mehr|hat sich bei der Menge vertan|will jetzt die doppelte Menge|kommt mit der Hälfte aus], [bitte passen Sie die Bestellung an|ändern Sie bitte den Auftrag|kann man das im Auftrag noch ändern]?
in [der Bestätigung|Ihrer AB|der Auftragsbestätigung] [steht ein anderer Preis|steht ein höherer Preis|fehlt eine Position|fehlt unser Rabatt|taucht ein fremder Artikel auf|stimmt die Farbe nicht], [bitte neu schicken|bitte prüfen|so haben wir nicht bestellt].
[der Rabatt|der vereinbarte Preis|der Staffelpreis|unser Projektpreis] [aus dem Angebot|laut Vereinbarung|vom Außendienst] [fehlt in der Auftragsbestätigung|ist im Auftrag nicht hinterlegt|wurde in der AB vergessen].
[wir|unsere Leute] [haben versehentlich zweimal auf Bestellen gedrückt|haben denselben Auftrag zweimal geschickt|haben unabhängig voneinander dasselbe bestellt], [ein Auftrag reicht|einer davon kann weg|bitte nur einmal ausführen].
warum steht [unser Auftrag|unsere Bestellung] [noch auf Prüfung|auf Status offen|seit {k} Tagen in der Freigabe|auf Halt]?
[der Auftrag|die Bestellung] [ist angeblich gesperrt|wurde wegen des Kreditlimits angehalten|wartet auf Freigabe], [was fehlt noch|was müssen wir tun|bitte geben Sie das frei|wer kann das lösen]?
das Budget [ist jetzt freigegeben|wurde genehmigt|ist durch], [Sie können den Auftrag ausführen|bitte setzen Sie die Bestellung um|die Bestellung kann raus].
[unser Chef|die Geschäftsleitung|der Einkaufsleiter] muss [die Bestellung erst abzeichnen|den Auftrag noch genehmigen|das noch unterschreiben], [bitte halten Sie alles so lange an|bitte noch nicht ausführen|wir melden uns dann].
[könnten Sie|würden Sie] [die Bestellung|den Auftrag] [bitte auf den Namen {c} umschreiben|auf eine andere Kostenstelle buchen|auf unsere Tochterfirma umschreiben|unter der Projektnummer {i} führen]?
bitte [ergänzen|vermerken|notieren] Sie [im Auftrag|auf der Bestätigung|zu unserer Bestellung] [unsere Bestellnummer {i}|unsere Kommission|die Projektnummer|den Namen {x}|die Kostenstelle {n}].
wir [wollen|möchten|würden gern] [für das ganze Jahr feste Abrufe vereinbaren|einen Rahmenvertrag mit monatlichen Abrufen abschließen|die Mengen fürs nächste Quartal jetzt schon fest bestellen].
aus unserem [Rahmenvertrag|Abrufauftrag|Jahreskontrakt] [rufen wir hiermit {n} Stück ab|bitte die nächste Teilmenge abrufen|ist noch eine Restmenge offen, wie viel ist das|möchten wir den Abruf um einen Monat verschieben].
[lässt sich|kann man] [eine Dauerbestellung|eine automatische Nachbestellung|eine feste Abrufbestellung|eine regelmäßige Bestellung] [einrichten|anlegen|vereinbaren]?
[zwei|drei|mehrere] [kleine Bestellungen|Aufträge|Orders] von [dieser Woche|heute|uns] [können zu einer werden|bitte zusammenziehen|sollen als ein Auftrag laufen|lassen sich hoffentlich zusammenlegen].
bitte [trennen|splitten|teilen] Sie [die Bestellung|den Auftrag] [in zwei Aufträge|nach Kostenstellen|auf zwei Kommissionen] auf.
[auf meine Bestellung hin|auf die Order|nach unserem Auftrag] [kam nur eine Eingangsmail|hat niemand reagiert|herrscht Funkstille]: [ist der Auftrag angelegt|liegt er bei Ihnen vor|läuft das jetzt|ist das verbindlich]?
[wer|welcher Kollege] [bearbeitet|betreut|hat] unsere [Bestellung|Order] [gerade|vom {d}|jetzt]?
[Auftrag|Bestellung|Order] {o}: [bitte Storno|Menge ändern auf {n}|Position {k} streichen|Status|erbitten Bestätigung|bitte bestätigen|bitte stoppen].
[Stornierung|Storno|Widerruf] [unserer Bestellung|des Auftrags] {o}[.|, bitte kurz bestätigen.|, Grund: Bedarf entfällt.]
[fürs Musterzimmer|für einen Versuch|zum Testen] möchten wir [erst einmal nur ein Stück|eine kleine Menge|nur {k} Stück] bestellen, [die große Order folgt|danach folgt der Hauptauftrag|geht das].
wir haben [den falschen Typ|die alte Artikelnummer|die falsche Variante|die falsche Abmessung] [bestellt|in die Bestellung geschrieben|angekreuzt], [bitte vor der Ausführung ändern|richtig ist {a}|die Bestellung ist erst eine Stunde alt].
[die Position|Zeile] {k} [kann raus|entfällt|bitte streichen|brauchen wir nicht mehr|hat sich erledigt], [der Rest der Bestellung bleibt|alles andere wie bestellt|bitte neue AB].
[ist es möglich|wäre es machbar|besteht die Möglichkeit], [eine laufende Bestellung aufzustocken|den Auftrag nachträglich zu ändern|die Bestellung zu pausieren|eine Order unter Vorbehalt anzulegen]?
gelten [mündliche Zusagen als Bestellung|Bestellungen per Mail als verbindlich|Ihre Preise noch, wenn wir erst nächste Woche bestellen|bei Nachbestellungen dieselben Konditionen]?
[versehentlich|aus Unachtsamkeit|im Eifer des Gefechts] ging [unsere Bestellung|eine alte Bestellung|ein Entwurf der Bestellung] [zu früh raus|mit falschen Mengen raus|an Sie, bitte nicht ausführen].
bitte [reservieren|blocken] Sie [uns|für uns] {n} <things>, [die Bestellung folgt|der schriftliche Auftrag kommt morgen|wir bestellen Anfang der Woche].
wir haben uns [intern umentschieden|anders entschieden|für ein anderes Modell entschieden], [die Bestellung ist hinfällig|bitte den Auftrag aufheben|können wir noch aus dem Auftrag heraus].
[die Bestellung der Kollegin|die Order von {x}|der Auftrag aus {city}] war [nicht abgestimmt|nicht genehmigt|ein Irrtum|doppelt] und [muss zurückgezogen werden|darf nicht ausgeführt werden|soll storniert werden].""",
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
[we are planning|we would like to place] [a blanket order|a call-off order|a collective order|a yearly order] for {n} {p}.
[is it too late to|can we still|any chance we can] [stop|pull|undo|call off|scrap|back out of] [the order|our order|yesterday's order|what we ordered on Monday]?
our [customer|client] has [pulled out|backed out|dropped the project], so [we do not need the <things> we ordered|please take the order off your books|the order is void|kindly cancel what we ordered].
[no confirmation|no order acknowledgement|not a word about our order] [so far|yet|to date|since {d}|in our inbox].
[we|our buyer] [placed an order|sent in a PO|ordered <things>] [by fax|over the phone|by email|through your rep|online] {k} days ago and [nothing came back|have heard nothing since|never saw a confirmation|do not know whether you got it].
did [our PO|our purchase order|my order form|the order we faxed] [make it to you|come through|land on your desk|get entered]?
[same again|same as last time|the usual|our regular order], please: {n} [boxes|pieces|packs|rolls] of <things>.
[we are running low on|we are nearly out of|our stock is down to the last] <things>, [please put us down for {n} more|please book another {k} boxes|we hereby reorder {n}|send us the order form for a top-up].
we [hereby order|would like to go ahead with|are happy to order] [everything in your quote {i}|the items in quotation {i}|{n} <things> as quoted|lines 1 to {k} of your offer].
your [quote|offer] [is fine|is accepted|has been approved], [please turn it into an order|please enter the order|go ahead and book the order|consider this our purchase order].
can [we|I] [place orders|order] [by phone|by email|without an account|with a spreadsheet|over WhatsApp|by fax][?| or only online?]
how do [we|I] [go about placing|place|submit] [a bulk order|an order for several sites|an order for custom parts|a first order]?
[what is the smallest amount|what is the least|how little] [we|one] can order[?| at a time?| without a surcharge?]
do you [accept|take] [small orders|single-piece orders|orders under {n} pounds|trial orders], or [is there a surcharge|is there a minimum|does it have to be a full box]?
[I|our trainee|my colleague] [typed|keyed in|clicked on] [an extra zero|the wrong line|the wrong length|{n} instead of {k}] [when ordering|on the order form|in the purchase order].
[we meant to order|what we really wanted were|the order should have been for] the [larger|shorter|blue|longer] <things>, [can the order be changed|please amend it before it goes out|the order was only sent this morning].
[while you are at it|if it is not too late|as the order is still open], [add another {n} <things>|could you throw in {k} boxes of <things>|please put {k} more on the order].
[<who>|our planner] now [needs more|wants twice as many|needs only half], [please adjust the order|can the order be amended|could you update the purchase order].
the [price|unit price|discount|quantity|colour] [in|on] [your acknowledgement|the order confirmation|the confirmation you sent] is not [what we agreed|what you quoted|what we ordered|what the rep promised].
your confirmation [lists an item we never ordered|leaves out one of our lines|has an old price|is missing our project discount], [please reissue it|please correct it|please look into that].
[the same order went out twice|we pressed the order button twice|two of us ordered the same thing], [please run only one|one of them can go|please drop the second one].
why is [our order|the order] [still pending|on hold|stuck in review|not released|showing as open]?
[the order|our PO] [was blocked because of our credit limit|is on hold, it seems|is awaiting approval], what [do you need from us|is missing|can we do to release it]?
[budget is approved now|we finally got sign-off|management has said yes], [you can go ahead with the order|please release the order|so please process our PO].
[my boss|our director|head office] [has to sign off on the order first|still has to approve the purchase], [please hold it|do not process it yet|so please wait with the order].
could you [put the order in the name of {c}|move the order to another cost centre|book our order under project {i}|transfer the order to our sister company]?
please [quote|add|note] [our PO number {i}|the project name|cost centre {n}|our reference] on [the order|the order confirmation|the acknowledgement].
[we would like to|our plan is to|could we] [fix our volumes for the whole year|agree on a framework contract with monthly call-offs|set up a standing order|lock in quantities for next quarter].
[from|against] our [framework agreement|blanket order|annual contract], [we now call off {n} pieces|please release the next batch|how much is left to call off].
[could|can] [a recurring order|a monthly reorder|an automatic reorder] be [set up|arranged] for [us|our workshop|our site in {city}]?
we [sent|placed] [three small orders|two orders|several orders] this week, [could they become one|please treat them as one order|can you merge them].
please split [the order|our PO|my order] [in two|by cost centre|into two purchase orders].
who is [handling|looking after|dealing with] [our order|the purchase order we sent|my order of {d}]?
[order|PO] {o}: [please cancel|change quantity to {n}|drop line {k}|status|please confirm|put on hold].
[cancellation of|please void|kindly stop] [order|PO|purchase order] {o}[.|, reason: no longer required.|, a short confirmation will do.]
we would like to [order just one to begin with|start with a trial order of {k}|order a small batch first], [the main order will follow|is that possible|before we commit to a large order].
we [used an old part number|picked the wrong variant|put down the wrong dimensions] in [the order|our PO], [it should read {a}|please amend it before processing|sorry for the extra work].
[line|item] {k} [can go|is no longer needed|should come off], [the rest of the order stands|everything else as ordered|please send a new confirmation].
[would it be possible to|is there a way to|may we] [pause an order|top up an open order|change an order after it has been confirmed|place an order subject to approval]?
[are|will] [emailed orders binding|your quoted prices still valid if we order next week|repeat orders at the same price]?
[a draft order|an old purchase order|the wrong version of our order] [was sent out too early|went to you by mistake], please do not process it.
please [set aside|reserve|hold] {n} <things> for us, [the order follows|our PO will come tomorrow|the written order is on its way].
[we changed our minds|plans have changed|we have decided on a different model], [the order is off|can we get out of the order|please tear up our purchase order].
[the order placed by {x}|our branch's order|that purchase order] was [never authorised|not approved|a misunderstanding] and [has to be withdrawn|must not be carried out|should be cancelled].
[has anyone looked at|is anybody working on|where are we with] [the order I sent|our purchase order|the PO from last week]?
we [never ordered this|did not order that many|ordered something else], yet [your confirmation says so|the order confirmation shows it|it was booked as an order].
I [would rather|prefer to] [give you the order over the phone|place the order with a person], [can somebody take it down|who takes orders|which number do I ring].""",
    },
    "delivery": {
        "de": """[wo bleibt|wo ist|wo steckt] <ordN>?[| Der Termin war {d}.| Sie sollte längst da sein.| Zugesagt war {d}.]
<ordN> ist [noch nicht|immer noch nicht|bis heute nicht|nie] [angekommen|eingetroffen|bei uns eingegangen|geliefert worden|da].
wann [erhalten wir|bekommen wir|kommt] [die Ware aus|die Lieferung zu|die Sendung zu] <ordD>?
wann [können|dürfen] wir mit [der Ware aus|der Lieferung zu|den Artikeln aus] <ordD> rechnen?
[wir warten|ich warte|wir warten noch immer] [seit {k} Tagen|seit dem {d}|seit einer Woche|vergeblich] auf [die Ware aus|die Lieferung zu|die Artikel aus|den Versand] <ordD>.
[laut Sendungsverfolgung|laut Tracking|angeblich] ist <ordN> [zugestellt|seit {k} Tagen unterwegs|beim Nachbarn abgegeben], [hier kam aber nichts an|bei uns ist nichts|wir haben nichts erhalten].
<ordN> hätte [am {d}|letzte Woche|gestern|heute früh|am Montag|am Freitag] [hier sein|geliefert werden|ankommen] [müssen|sollen], [nichts davon ist da|nichts kam].
<ordN> sollte [am {d}|letzte Woche|gestern|am Montag|am Freitag] [hier sein|geliefert werden|ankommen][.|, wo ist die Ware?|, es kam aber nichts.]
aus <ordD> [fehlt noch ein Paket|fehlen noch {k} Kartons|fehlt ein Teil der Ware|fehlt noch immer die Restmenge].
[wurde|ist] <ordN> [schon verschickt|schon versandt|bereits unterwegs|schon auf dem Weg]?
wo [bleibt|ist|steckt] <shipN>?
<shipN> ist [noch nicht|immer noch nicht|bis heute nicht] [angekommen|eingetroffen|da|zugestellt worden|bei uns].
[wann|wie bald] kommt <shipN> [bei uns|in {city}|endlich|auf der Baustelle] an?
<carrier> [stand vor verschlossener Tür|hat niemanden angetroffen|hat die Palette im Regen abgestellt|wollte nicht abladen|war unfreundlich|hat das Paket beim Nachbarn abgegeben|kam ohne Hebebühne].
laut [Tracking|Sendungsverfolgung|Spedition] [liegt|steht|hängt] <shipN> seit {k} Tagen in {city}.
in [der Lieferung|der Sendung|dem Paket] [fehlen|fehlten] {k} [Kartons|Stück|Packungen|Pakete|Rollen][.|, obwohl sie auf dem Lieferschein stehen.]
es sind nur {k} [statt|von] {n} [Stück|Kartons|Packungen] [geliefert worden|angekommen|eingetroffen].
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
die Lieferzeit [von {k} Wochen |]ist [zu lang|nicht akzeptabel|länger als zugesagt].
[hier|bei uns] ist [bis jetzt|bis heute|noch immer] [nichts|keine Ware|kein Paket|kein LKW|gar nichts] angekommen[.|, wo hängt das?|, obwohl es gestern da sein sollte.|, können Sie nachfassen?]
[wir warten|unsere Leute warten|<whoN> wartet] [seit {k} Tagen|schon die ganze Woche|immer noch|seit dem {d}] auf [die <things>|die Ware|das Paket|den LKW].
[gestern|heute|am {d}] sollte [der LKW|die Ware|das Paket|der Spediteur] kommen, [aber es tat sich nichts|doch niemand kam|gekommen ist keiner|wir haben umsonst gewartet].
[weiß jemand|könnt ihr sagen|können Sie nachsehen], [wo sich die Palette herumtreibt|wo unser Zeug bleibt|ob die Ware schon unterwegs ist|wann der Fahrer bei uns ist]?
die [Sendungsverfolgung|Paketverfolgung|Trackingseite] [zeigt seit Tagen dasselbe|rührt sich nicht|sagt nur, dass die Daten übermittelt wurden|behauptet, das Paket sei zugestellt|springt zwischen zwei Depots hin und her].
[der Trackinglink|die Sendungsnummer] [führt zu einem fremden Paket|ist beim Paketdienst unbekannt|wurde nie geschickt], wo [ist die Ware|steckt das Paket|können wir die Sendung verfolgen]?
[angeblich|laut Zusteller|dem Paketdienst zufolge] [wurde alles abgegeben|hat jemand unterschrieben|liegt das Paket beim Nachbarn], [hier war aber niemand|wir haben nichts bekommen|den Namen kennt hier keiner|der Nachbar weiß von nichts].
[die halbe Lieferung|ein Karton|eine Palette|ein Teil der Ware] fehlt [noch|uns|bei der Anlieferung], [wann kommt der Rest|kommt da noch etwas|bitte nachliefern].
[der Lieferschein|das Begleitpapier] [weist {n} Stück aus|nennt {k} Kartons], [im Paket war weniger|gezählt haben wir nur {k}|es fehlen einige].
[auf der Palette|im Karton|im Paket] [lagen nur {k} Beutel|war die Hälfte nicht drin|fehlten die <things>|fehlt etwas].
[kommt|folgt] [der Rest|die fehlende Palette|der zweite Karton] [automatisch|noch diese Woche|getrennt|mit der nächsten Tour]?
[bitte alles in einer Lieferung|bitte keine Teillieferungen|schicken Sie bitte, was schon da ist|gern auch in Teilen liefern], [mehrere Anlieferungen schaffen wir nicht|der Rest kann später kommen|unser Lager ist klein|so war es abgesprochen].
[bitte die Lieferung|können Sie die Zustellung|lässt sich die Anlieferung] [um eine Woche verschieben|auf nächste Woche legen|vorziehen|bis zum {d} zurückhalten]?
[vom {d} an|über die Feiertage|nächste Woche] [haben wir Betriebsurlaub|ist hier niemand|ist unser Tor zu], [bitte nicht liefern|die Lieferung muss davor kommen|bitte später zustellen].
[Anlieferung|Warenannahme] [bei uns nur|bitte nur|ist nur] [von 7 bis 12 Uhr|vormittags|am Hintereingang|über das Tor {k}|mit Voranmeldung][.| möglich.|, bitte dem Fahrer sagen.]
wir haben [keinen Stapler|keine Rampe|nur eine enge Zufahrt|keinen Gabelstapler], [bitte mit Hebebühne liefern|kommt der LKW mit Ladebordwand|es muss ein kleiner LKW sein|geht das auch ohne Rampe].
hat [der LKW|der Fahrer|die Spedition] [eine Hebebühne|einen Hubwagen|einen Stapler|einen Kran] dabei?
<carrier> [hat sich nicht angemeldet|hat einfach vor dem Tor abgeladen|hat unser Tor gerammt|ist an uns vorbeigefahren|hat die Zustellung verweigert|wollte Geld für das Abladen|hat die Kartons in den Matsch gestellt].
[so ein Zusteller|einen solchen Fahrer|diesen Paketdienst] [bitte nicht mehr zu uns schicken|bitte nicht mehr einsetzen], [er hat alles auf den Gehweg geworfen|die Palette stand mitten in der Einfahrt|er ließ niemanden nachzählen].
[bitte|können Sie] künftig [mit einem anderen Paketdienst|nicht mehr mit dieser Spedition|per Post statt mit dem Kurier|mit unserer Hausspedition] [verschicken|versenden|liefern][.|?]
[was kostet|wie teuer wäre|was macht der Aufpreis für] [der Expressversand|eine Lieferung bis morgen früh|die Zustellung am Samstag|die Lieferung mit Termin|die Lieferung auf die Insel]?
[ab welchem Warenwert|wann] [liefern Sie frei Haus|entfällt die Fracht|ist der Versand kostenlos|sparen wir uns das Porto]?
warum [ist die Fracht|sind die Versandkosten|ist das Porto] [diesmal so hoch|doppelt so teuer wie sonst|für ein so kleines Päckchen so hoch]?
[wir sind umgezogen|unser Lager ist jetzt woanders|die Baustelle hat gewechselt|das Tor ist wegen Bauarbeiten zu], [bitte an die neue Anschrift liefern|die Ware muss nach {city}|bitte den Fahrer umleiten|liefern Sie bitte ans Werk in {city}].
[die Palette|der Karton|das Paket] [steht jetzt bei unserem Nachbarn|ging an unser altes Büro|landete in {city} statt bei uns|wurde in der falschen Straße abgeladen], [bitte umlenken|wer holt das dort ab|wie kommt das zu uns].
[ein fremdes Paket|eine fremde Palette|eine Sendung für eine andere Firma] [wurde bei uns abgegeben|steht seit heute bei uns im Hof|ist bei uns gelandet], [wann wird sie abgeholt|bitte den Spediteur schicken|unsere fehlt dafür].
[der Zoll|das Zollamt|die Grenze] [hält die Ware fest|verlangt noch Papiere|will einen Ursprungsnachweis], [bitte schicken Sie die Unterlagen|was ist zu tun|wer kümmert sich um die Verzollung].
[brauchen Sie|benötigt man] für [den Versand in die Schweiz|die Lieferung nach Norwegen|den Export nach England] [eine EORI-Nummer|Zollpapiere von uns|besondere Begleitpapiere]?
[wer zahlt|wer übernimmt|kommen noch] [Zoll und Einfuhrabgaben|die Verzollung|Zollgebühren] bei [einer Lieferung in die Schweiz|Versand ins Ausland|Lieferung nach {city}][?| dazu?]
[tauschen Sie|nimmt der Fahrer] [die Europaletten|leere Paletten|Gitterboxen] [gleich mit|bei der Anlieferung|direkt mit zurück]?
[wir haben noch|hier stehen] {k} [leere Paletten|Europaletten|Gitterboxen] [von Ihrer Spedition|aus den letzten Lieferungen], [wann nimmt der Fahrer sie mit|wie läuft der Palettentausch|bitte bei der nächsten Lieferung abholen].
[ab Werk|in Ihrem Lager|am Samstag] [abholen|selbst abholen|Ware abholen]: [geht das|ab wie viel Uhr|muss ich mich anmelden|was muss der Fahrer mitbringen]?
[unser Fahrer kommt|wir kommen selbst|ein Kurier von uns kommt] [morgen|am {d}|gegen Mittag] [vorbei|zur Abholung|an die Rampe], ist [die Ware|alles|das Paket] dann [fertig gepackt|bereit|abholbereit]?
[liegt die Ware|ist das Paket|sind die Kartons] [schon verpackt|noch bei Ihnen im Lager|schon beim Spediteur|schon verladen]?
[bitte|könnten Sie] [dem Fahrer unsere Handynummer geben|uns eine Stunde vorher anrufen lassen|den Fahrer zum Tor {k} schicken|einen Zettel mit Lieferung an {x} anbringen][.|?]
[bitte|falls möglich] [neutral verpackt|ohne Werbung|mit neutralem Absender|direkt an unseren Kunden] [verschicken|versenden|liefern].
[Liefertermin geplatzt|Termin gerissen|zugesagte Lieferung ausgeblieben], [neuer Termin bitte|wann wird es nun|bitte um einen verbindlichen Tag].
[Lieferung|Sendung|Paket] {o}: [wo bleibt sie|Verbleib unbekannt|Rest fehlt|bitte Termin nennen|Zustellung gescheitert|bitte Nachforschung einleiten].
[bitte stellen Sie einen Nachforschungsantrag|bitte forschen Sie beim Paketdienst nach|haben Sie beim Spediteur nachgefragt], [der Karton ist spurlos verschwunden|die Palette ist nirgends zu finden|die Sendung taucht nicht auf].
[Liefern Sie|Versenden Sie] [an Packstationen|an Privatadressen|auf die Baustelle|bis in den dritten Stock|hinter die Bordsteinkante|auch nachts]?
[könnt ihr|können Sie] [einen Teil vorab schicken|den eiligen Teil vorziehen|schon mal {k} Stück losschicken|alles zusammen liefern]?
[bis wann|wie früh|bis wie viel Uhr] muss [die Ware|das Paket|der LKW] [bei Ihnen raus|vom Hof sein|verladen sein], damit [alles am {d} hier ist|es morgen hier ist|es noch vor dem Wochenende ankommt]?
[fehlt|es fehlt] [der Lieferschein|das Packstück {k} von {n}|die Packliste] [zur Sendung|zur Ware|bei der letzten Lieferung][.|, bitte nachreichen.]
der Versand wird [seit Wochen von einem Termin zum nächsten geschoben|immer wieder verschoben|laut Ihrer Mail erst in {k} Wochen stattfinden], [wann kommt die Ware nun|so lange können wir nicht warten|geht das nicht früher].
der Versand [verzögert sich offenbar|zieht sich|dauert], [nennen Sie uns einen neuen Termin|woran liegt es|wann geht die Ware endlich raus].""",
        "en": """[where is|where's|what happened to] <ord>?[| It should have been here on {d}.| It should be here by now.| You promised it for {d}.]
<ord> [has still not|has not|never|has not yet] [arrived|been delivered|reached us|come][.| yet.]
when will <ord> [arrive|be delivered|get here|be here]?
when can we expect <ord>[| to arrive| to be delivered]?
[we are|I am|we are still] waiting for [the goods of|the items of|delivery of|the parcel of] <ord>[.| since {d}.| for {k} days now.]
[tracking says|the courier claims|according to the tracking] <ord> was delivered, [but nothing is here|we have nothing|it is not with us].
<ord> [should have|was supposed to have] [arrived|come|been delivered] [on {d}|last week|yesterday|on Monday|on Friday|this morning][.|, nothing is here.| and has not.]
[part of|half of|one box of|one pallet of] <ord> [is still missing|has not arrived|did not come with the rest].
has <ord> [been shipped|left your warehouse|been dispatched|been sent out][ yet|]?
my order [has not arrived|is late|is a week late|did not come|is nowhere to be seen], [where is it|when will it come|please find out]?
where is <ship>[?| now?| right now?]
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
[a lead time|a delivery time] of {k} weeks is [too long|not acceptable|longer than promised].
[nothing|no parcel|no lorry|not a single box] has [shown up|turned up|come in|reached our dock] [so far|yet|here to this day][.|, can you chase it?|, although it was due yesterday.]
[we have|<who> has|our fitters have] been waiting for [the <things>|the goods|the lorry|the parcel] [all week|since {d}|for {k} days now|all morning].
[the lorry|the van|the driver|our parcel] was [supposed to come|due|promised for] [yesterday|today|on {d}|this morning], but [nobody came|it never showed up|nothing happened].
[any idea|can someone find out|does anybody know] where [our stuff is|the pallet has got to|the lorry is|the shipment is stuck]?
the tracking [has not moved for days|only says that the label was created|says delivered, which is not true|keeps jumping between two depots|shows nothing at all].
the [tracking link|tracking number] you [gave|sent] us [leads to somebody else's parcel|is unknown to the courier], where [are the goods|is our parcel]?
[supposedly|according to the courier|the carrier claims] [someone signed for it|it was left with a neighbour|everything was handed over], [but we got nothing|but nobody here knows that name|yet our dock is empty].
[half the shipment|one box|a whole pallet|part of the load] is [missing|still to come|unaccounted for], [when can we expect the rest|is more on the way|please send it on].
the [delivery note|packing list] [says|lists] {n}, [we counted {k}|there were fewer in the box|but the pallet held less].
[the box|the parcel|the crate] was [half empty|short by {k} pieces|missing the <things>] [when it got here|on arrival|when we unpacked it].
will the [rest|missing pallet|second box|balance] [come by itself|follow this week|be sent separately]?
[please send everything in one go|no part shipments, please|please ship what you have|feel free to deliver in parts], [our store is small|the rest can wait|that is what we agreed].
can the delivery be [pushed back a week|brought forward|held until {d}|moved to next week]?
[we are closed|nobody is on site|our gates are shut] [from {d}|over the holidays|next week], so [please do not deliver then|the goods must come before that|please hold the shipment].
[goods are accepted|deliveries are possible|our dock is open] [only between 7 and noon|in the mornings only|at the rear entrance only|by appointment only][.|, please tell the driver.]
we have [no forklift|no loading ramp|only a narrow driveway|nobody to unload], [please send a truck with a tail lift|it has to be a small van|will the driver unload].
[does the lorry have a tail lift|will the driver bring a pallet jack|can you send a van instead of a truck]?
<carrier> [did not call ahead|dumped everything at the gate|hit our gatepost|drove straight past us|asked for cash to unload|put the boxes in the mud|would not wait five minutes].
[please do not send that driver again|please tell the courier], [he threw the boxes on the pavement|the pallet blocked our whole entrance|he would not let us count the boxes].
[please use another courier|could you switch to our own forwarder|please do not ship with that carrier] [in future|for our deliveries|from now on].
what [would|does] [next-day delivery|a Saturday delivery|express shipping|a timed delivery] cost[?| for {k} boxes?| to {city}?]
[from what value on|when] [is delivery free|do you ship free of charge|do we not pay freight]?
why [is carriage|are the shipping charges|is postage] [so high this time|twice what it used to be|so much for such a small box]?
[we have moved|our warehouse has moved|the building site has changed|our gate is closed for roadworks], [please ship to the new place|the goods must go to {city}|please redirect the lorry].
[the pallet|our box|the parcel] [ended up at|was dropped at|went to] [our old office|the firm next door|a depot in {city}|the wrong street], [how do we get it|please reroute it|who picks it up from there].
[somebody else's pallet|a parcel for another firm|a box that is not ours] [was left here|is standing in our yard], [please send the carrier to collect it|and ours is missing].
customs [is holding the goods|wants more papers|asks for proof of origin], [please send the documents|what has to be done|who deals with clearance].
do [you|we] need [an EORI number|customs papers|an export declaration] [for shipping to Norway|for a delivery to Switzerland|to send goods to the UK]?
who [pays|covers|takes care of] [duties and import tax|customs charges|clearance] [on shipments abroad|when you ship overseas|for deliveries to {city}]?
does the driver [swap Euro pallets|take empty pallets back|pick up empty crates] [on delivery|at the same time]?
[we still have|there are] {k} empty [pallets|crates|cages] from your [last deliveries|haulier] [here|in our yard], [when will the driver take them|please have them taken along with the next load].
[our driver|somebody from our side|our own van] will [come round|be at your dock|come to collect] [tomorrow|on {d}|around noon], [will the goods be ready|is everything packed|what papers does he need].
[are the goods|is my parcel|is the pallet] [packed yet|still in your warehouse|with the carrier already|on the truck]?
please [give the driver our mobile number|have the driver call an hour ahead|send the driver to gate {k}|mark the boxes for {x}].
please [send it in plain packaging|ship directly to our customer|use a neutral sender on the parcel|leave out any advertising in the parcel].
[missed delivery date|delivery slot missed again|promised delivery did not happen], [new date please|when will it be|please name a firm day].
[shipment|delivery|consignment] {o}: [where is it|balance missing|please advise date|delivery attempt failed|please start a trace].
please [start a search|open a trace|chase it up] with [the courier|the haulier|the freight company], [the box has vanished|the pallet is nowhere to be found|the shipment never surfaced].
do you deliver [to private homes|to parcel lockers|to the third floor|at night|past the kerb|to building sites]?
could you [send part of it ahead|ship a few pieces now|let us have the first {k} boxes earlier|hold everything and ship it together]?
[how early|by when] does [it|the lorry|the parcel] have to [leave|go out] [to be here by {d}|to get here before the weekend|to reach us tomorrow]?
[the packing list|the delivery note|box {k} of {n}] [was not with the goods|did not come with the shipment|is missing from the pallet].
the [shipment|dispatch|rest of the goods] keeps [being put off|slipping|getting postponed], [when will it really come|what is the hold-up|we cannot wait that long].
[dispatch seems to be delayed|it is taking ages to ship], [what is the hold-up|when will the goods finally leave|give us a new date].
[we sat here|two people stood around|the crane was booked] [all day|for {k} hours] [for nothing|in vain], [the truck did not come|your lorry never arrived].
[can|could] the goods be [left with the porter|dropped at reception|put behind the gate] if [nobody is in|we are out|we are closed]?""",
    },
    "invoice": {
        "de": """[die Rechnung zu|eine Rechnung für|der Beleg zu] <ordD> [fehlt noch|kam nie|liegt uns nicht vor|ist falsch|stimmt nicht].
[auf|in] <billD> [ist|steht] [ein falscher Betrag|ein falscher Preis|eine falsche Adresse|die falsche Umsatzsteuer|die falsche Firma|ein Rechenfehler|ein zu hoher Betrag].
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
wir [benötigen|brauchen] [eine Proforma-Rechnung|eine elektronische Rechnung|eine Sammelrechnung|eine Rechnung mit ausgewiesener Mehrwertsteuer|einen Zahlungsbeleg].
[Sie haben uns|uns wurden] [zu viel berechnet|zwei Kartons zu viel berechnet|die alten Preise berechnet|Posten in Rechnung gestellt, die wir nie hatten|Kosten in Rechnung gestellt, die nicht vereinbart waren].
die [Summe|Endsumme|Zwischensumme|Mehrwertsteuer] [geht nicht auf|ist falsch zusammengezählt|stimmt hinten und vorne nicht|passt nicht zum Angebot], [bitte neue Rechnung|bitte Rechnung korrigieren|die Rechnung können wir so nicht buchen].
[auf der Rechnung|in der Abrechnung] [tauchen Frachtkosten auf, obwohl frei Haus vereinbart war|steht eine Position doppelt|fehlt der Rabatt|wurde der Bonus vergessen|steht noch der alte Preis].
[uns fehlt noch|wir vermissen|wir suchen] [die Rechnung vom letzten Monat|eine Rechnung über {v} EUR|die Rechnung zu unserem letzten Einkauf|der Beleg für die Vorauszahlung].
für [die letzten Einkäufe|den Januar|unser Projekt in {city}] [haben wir noch keine Rechnung|steht die Rechnung noch aus|kam nie eine Rechnung], [unsere Buchhaltung möchte abschließen|bitte nachreichen|der Jahresabschluss naht].
[eure|Ihre] Rechnung [kam zweimal|ist zweimal im Postfach gelandet|liegt uns doppelt vor], [welche gilt|bitte eine davon stornieren|zahlen werden wir nur einmal].
[das Geld|der Betrag|die Überweisung] [ging am {d} raus|ist längst raus|müsste längst bei Ihnen sein|wurde letzte Woche angewiesen], [trotzdem kam eine Mahnung|bitte nehmen Sie die Mahnung zurück|bitte gleichen Sie Ihr Konto ab].
[schon wieder|heute|zum zweiten Mal] [kam ein Mahnschreiben|liegt eine Mahnung im Briefkasten|fordert uns das Inkasso zur Zahlung auf], [dabei ist alles bezahlt|obwohl nichts offen ist|wir haben den Kontoauszug hier].
[welche Posten|welche Beträge|welche Rechnungen] sind [bei Ihnen|aus Ihrer Sicht|laut Buchhaltung] [noch offen|unbezahlt|fällig]?
[schicken Sie uns bitte|bitte senden Sie uns|wir bräuchten] [einen Kontoauszug|eine Aufstellung der offenen Posten|eine Saldenbestätigung|eine Übersicht aller Rechnungen des Jahres].
[die Mahngebühr|die Verzugszinsen|die Mahnkosten] [zahlen wir nicht|sehen wir nicht ein|bitten wir zu streichen|sind nicht gerechtfertigt], [die Rechnung kam zu spät|die Rechnung lag uns nie vor|wir waren in der Frist].
[wo|bei wem] [reklamiere ich|beanstande ich|kläre ich] [eine falsche Rechnung|einen falschen Rechnungsbetrag|eine unberechtigte Mahnung]?
[geht die Rechnung|gehen Ihre Rechnungen|kommt die Abrechnung] [auch per Mail|als ZUGFeRD|als XRechnung|an unsere Zentrale|direkt an die Buchhaltung][?| statt per Post?]
[ab sofort|seit Januar|künftig] [nehmen wir nur noch elektronische Rechnungen an|brauchen wir alle Rechnungen im XRechnungsformat|verlangt unser System ein PDF mit eingebetteten Daten|gehen Rechnungen bitte an unsere Sammeladresse].
[Ihre XRechnung|die E-Rechnung|die elektronische Rechnung] [ließ sich nicht einlesen|wurde von unserem Prüfprogramm abgelehnt|enthält keine Leitweg-ID|kam ohne PDF], [bitte neu ausstellen|bitte die Rechnung noch einmal schicken].
[ohne Bestellnummer|ohne Kostenstelle|ohne unsere Referenz] [bucht unsere Buchhaltung keine Rechnung|geht die Rechnung bei uns zurück|bleibt die Rechnung liegen], [bitte ergänzen|bitte neu ausstellen|bitte künftig angeben].
der Rechnungsempfänger [ist falsch|heißt inzwischen anders|ist die Holding, nicht die Filiale|muss {c} lauten], [bitte umschreiben|bitte die Rechnung neu ausstellen].
[können wir|dürfen wir|lässt sich der Betrag] [in Raten zahlen|in drei Teilen begleichen|auf zwei Monate verteilen|erst nächsten Monat bezahlen][?| ohne Zinsen?]
[wir sind gerade knapp bei Kasse|unser größter Kunde zahlt spät|die Liquidität ist eng], [ist eine Ratenzahlung möglich|können wir die Rechnung später begleichen|gewähren Sie einen Zahlungsaufschub].
[welches Zahlungsziel|welche Zahlungsbedingungen|wie viel Skonto] [haben wir|gelten für uns|bekommen wir|gewähren Sie bei schneller Zahlung]?
[die Zahlungsfrist|das Zahlungsziel|die Skontofrist] [ist uns zu kurz|war anders vereinbart|beträgt laut Vertrag {n} Tage|wurde ohne Absprache gekürzt].
[wir haben Skonto gezogen|das Skonto war noch in der Frist|die zwei Prozent Skonto standen im Vertrag], [Sie fordern die Differenz trotzdem nach|bitte ausbuchen|bitte erkennen Sie den Abzug an].
[zahlen|bezahlen] [kann man|können wir][ bei Ihnen|] auch [mit PayPal|mit der Firmenkarte|in Dollar|in Schweizer Franken|per Lastschrift|nach Erhalt der Ware]?
bitte buchen Sie die Beträge künftig [per Lastschrift|von unserem neuen Konto|einmal im Monat gesammelt] ab.
[ein SEPA-Mandat|die Einzugsermächtigung|das Lastschriftmandat] [haben wir nie erteilt|möchten wir widerrufen|muss auf die neue Bank umgestellt werden|schicken wir Ihnen, an wen].
[hat sich Ihre Bankverbindung geändert|ist die neue IBAN echt|stimmt die Kontonummer auf dem letzten Schreiben], [oder ist das Betrug|bevor wir zahlen|wir wollen nicht an Betrüger überweisen]?
[versehentlich|aus Versehen|irrtümlich] haben wir [zweimal überwiesen|zu viel überwiesen|an die falsche IBAN überwiesen|{v} EUR doppelt gezahlt], [bitte zurücküberweisen|verrechnen Sie es mit der nächsten Rechnung|wie kommen wir an das Geld].
[von unserem Konto|von der Firmenkarte|per Lastschrift] [wurde zweimal abgebucht|ging ein unbekannter Betrag ab|wurden {v} EUR abgebucht, wofür denn|hat jemand {v} EUR eingezogen].
[die Karte|die Kreditkartenzahlung|die Abbuchung] [wurde nicht akzeptiert|ging nicht durch|ist geplatzt], [wie sollen wir nun zahlen|können wir überweisen|bitte noch einmal einziehen].
[wir schulden Ihnen nichts|wir haben ein Guthaben|da ist noch ein Guthaben von {v} EUR], [bitte auszahlen|bitte mit der offenen Rechnung verrechnen|bitte prüfen Sie unser Konto].
[wo bleibt|wann kommt|wo steckt] [der Jahresbonus|die Bonusgutschrift|die versprochene Preisgutschrift|die Rückvergütung fürs letzte Jahr]?
[die Gutschrift über die Preisdifferenz|die zugesagte Gutschrift für den Rabatt|die Rechnungskorrektur] [lässt auf sich warten|kam nie|fehlt in unseren Büchern|ist zu niedrig].
[als Firma aus Österreich|als Kunde in der Schweiz|als EU-Unternehmen] [zahlen wir keine deutsche Umsatzsteuer|brauchen wir eine Rechnung ohne Mehrwertsteuer|gilt für uns Reverse Charge], [bitte korrigieren|bitte Rechnung ändern].
[warum|wieso] [sind 19 Prozent Mehrwertsteuer drauf|steht keine Mehrwertsteuer drauf|rechnen Sie in Dollar ab|wird uns eine Bearbeitungsgebühr berechnet]?
das Finanzamt [verlangt|will] [einen Beleg mit Steuernummer|eine Rechnung mit allen Pflichtangaben|das Original der Rechnung], [auf Ihrer fehlt das|bitte nachliefern|können Sie das ausstellen].
[unsere Rechnungsangaben haben sich geändert:|bitte tragen Sie auf den Rechnungen ein:|auf Rechnungen bitte angeben:] [USt-ID DE{n}{n}{k}|Kostenstelle {n}|unsere Bestellnummer|Projekt {i}].
[für die Reisekosten|fürs Finanzamt|für den Wirtschaftsprüfer|für die Versicherung] [brauche ich eine Quittung|fehlt uns ein Zahlungsbeleg|brauchen wir alle Rechnungen der letzten zwei Jahre|hätte ich gern eine Rechnungskopie].
[die Rechnung ist|Ihre Rechnung ist|das PDF der Rechnung ist] [unleserlich|unvollständig|leer|auf Englisch, wir brauchen sie auf Deutsch], [bitte noch einmal|können Sie sie neu schicken].
[wir bezahlen erst|wir überweisen erst|Geld gibt es erst], wenn [die Rechnung stimmt|die Gutschrift da ist|der Betrag geklärt ist].
[kann|könnte] die Rechnung [geteilt|auf zwei Firmen aufgeteilt|vorab ausgestellt|noch mit Datum dieses Jahres gestellt] werden?
[bitte|könnten Sie] [eine Vorabrechnung|eine Anzahlungsrechnung|eine Abschlagsrechnung|eine Schlussrechnung] [stellen|schreiben|ausstellen][.|?]
[Rechnung|Beleg|Mahnung] {i}: [bitte Kopie|Betrag stimmt nicht|bezahlt am {d}|bitte stornieren|USt falsch|Skonto fehlt].
[Zahlungserinnerung|Mahnung] vom {d} [gegenstandslos|unberechtigt|erhalten, Zahlung ist unterwegs], [bitte prüfen|bitte ausbuchen|Geld ist angewiesen].
[ist|war] [unsere Zahlung|die Überweisung vom {d}|unser Geld] [schon eingegangen|bei Ihnen angekommen|richtig verbucht|zugeordnet]?
[<whoN>|unser Steuerberater] hat [beim Abgleich der Konten eine Differenz gefunden|einen Rechenfehler in Ihrer Rechnung entdeckt|die Rechnung zurückgewiesen|Fragen zu Ihrer Abrechnung].
[der Käufer hat|der Lehrling hat|{x} hat] [privat bezahlt|mit der eigenen Karte bezahlt], [bitte die Rechnung auf die Firma ausstellen|wie bekommen wir eine Firmenrechnung].""",
        "en": """[the invoice for|a bill for|the receipt for] <ord> [is missing|never came|is wrong|does not add up|has not been sent].
<bill> [shows|has|contains|states] [a wrong amount|a wrong price|a wrong address|the wrong VAT|the wrong company|a calculation error|too high an amount].
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
we need [a pro forma invoice|an electronic invoice|a collective invoice|an invoice with VAT shown|a receipt for our payment].
[you billed us for|we were charged for|we have been invoiced for] [two boxes too many|things we never had|carriage although it was meant to be free|the old prices|a setup fee nobody mentioned].
the [total|subtotal|VAT|sum] [does not add up|is miscalculated|does not match the quote|is off by {v}], [please send a new invoice|please correct the bill|we cannot post it like this].
[there is|we found] [a line charged twice|an old price|a surcharge we do not recognise|no discount] on [the bill|your last invoice|this month's invoice].
[we never got|we are still waiting for|our books are missing] [the bill for last month|an invoice for {v}|the invoice for our last purchase|the receipt for the deposit].
[accounts|our bookkeeper|the auditor] [cannot close the month|wants to finish the year-end], [the invoice has not come in|one of your invoices is missing|please send the outstanding bill].
the [same bill|same invoice] [came twice|was posted twice|landed in our inbox two times], [which one counts|please void one|we will pay only once].
[the money|the payment|our transfer] [went out on {d}|left our account last week|should be with you by now], [yet you sent a reminder|please withdraw the reminder|please check your account].
[another reminder|a dunning letter|a letter from a collection agency] [came in today|is on my desk|arrived by post], [although nothing is outstanding|and we paid weeks ago|please call them off].
[which bills|which items|what amounts] are [still open|unpaid|overdue] on [our side|your books]?
please send us [a statement of account|a list of open items|an overview of this year's invoices|a balance confirmation].
we [will not pay|refuse|object to] [the late fee|interest on arrears|the reminder charges], [your bill came late|we paid in time|the invoice never got here].
[who do I talk to about|who deals with|where do I dispute] [a wrong bill|an incorrect invoice|a reminder sent in error]?
[could|can] [bills|the invoices|your invoices] [be emailed|go straight to accounts|be sent as PDF|come in UBL format|be addressed to head office][?| instead of by post?]
[from now on|as of this month] we [only accept electronic invoices|need every bill as a PDF|require invoices through our supplier network|want one collective invoice per month].
your e-invoice [could not be read|was rejected by our system|has no buyer reference|came without a PDF], [please reissue it|please send it again].
[without a PO number|without our reference|with no cost centre on it] [the bill cannot be paid|accounts will send the invoice back|your invoice stays in the queue], [please add it|please reissue it].
the bill is [made out to the wrong company|in the wrong name|addressed to our old firm|addressed to a person who has left], it [should read {c}|has to be rewritten].
[may we|could we|is it possible to] [pay in three parts|spread the amount over two months|settle the bill next month|pay in instalments]?
[cash is tight this month|our biggest client pays late|we are short of liquidity], [could we have more time to pay|can the due date be moved|would instalments be all right].
[what payment terms|what discount for early payment|how many days to pay] [do we have|do you grant us|apply to us]?
[the due date|the payment period|the time to pay] [is too short|is not what was agreed|was cut without notice|should be {n} days according to the contract].
[we took the early payment discount|the two percent were agreed], [now you ask for the difference|please write off the rest|please accept the deduction].
[can we|is it possible to|do you let customers] [pay by PayPal|pay in dollars|pay with a company card|pay on receipt of goods|pay by bank transfer]?
[please debit|could you collect] the amounts [from our new bank account|once a month|by direct debit from now on][.|, please.]
[the direct debit mandate|our debit authorisation] [was never given|should be cancelled|needs to move to our new bank], [what do you need from us|please confirm|whom do we send it to].
[have your bank details changed|is the new IBAN genuine|is the account number on your letter correct], [or is this fraud|before we pay|we do not want to pay a fraudster]?
[by mistake|accidentally] we [paid twice|transferred too much|paid {v} too much|sent the money to the wrong account], [please pay it back|please offset it against the next bill|how do we get the money back].
[our card was charged|our account was debited|somebody took {v} from our account] [twice|without notice|for no reason], [what was that for|please explain|please put it right].
[the card payment|the debit] [did not go through|was declined|bounced], [how should we pay now|may we transfer instead|please try again].
[we have|there is|our books show] a credit balance of {v}, [please pay it out|please offset it|what happens with it].
[what about|where is|when will we see] [our annual bonus|the price credit you promised|the rebate for last year|the bonus payment]?
the credit [for the price difference|for the discount|you promised for the overcharge] [never came|is too low|is not in our books].
[as a company in Ireland|being outside the EU|as an EU business] we [should not be charged VAT|need an invoice without VAT|fall under reverse charge], [please correct the bill|please reissue].
why [is there VAT on it|is no VAT shown on the bill|are we billed in dollars|do you charge a handling fee on each invoice]?
the tax office [wants|asks for|insists on] [the original invoice|a bill with all legal details|a receipt with a tax number], [yours has none|can you issue one|please supply it].
[for our expenses|for the auditor|for the insurance|for our tax return] [I need a receipt|we need copies of all bills|an invoice copy is missing|we need proof of payment].
the [invoice PDF|bill|scan of the invoice] is [unreadable|incomplete|blank|in German only], [could you send it again|please resend].
we will [pay|settle] [only once|as soon as] [the bill is right|the amount has been clarified|the credit has been issued].
[could the bill be|can the invoice be] [split between two companies|issued in advance|dated this year|made out in euros]?
please [issue|send|raise] [a deposit invoice|an advance invoice|the final bill|one bill for all sites].
[invoice|bill|reminder] {i}: [copy please|amount wrong|paid on {d}|please cancel|VAT wrong|discount missing].
[has our payment|has the transfer of {d}|has our money] [come in|reached you|been booked|been matched]?
<who> [found a difference when matching the accounts|spotted a mistake in your bill|has sent back the invoice|has a few questions about the bill].
{x} [paid privately|used a private card], [please make the invoice out to the company|how do we get a company invoice].
[you still show|your system shows|your books show] [a bill we paid long ago as open|us as a late payer|an open balance for us].
[our purchase ledger|accounts payable] [cannot pay|has blocked the bill], [the supplier details on it have changed|the invoice does not match the order|the price on it is too high].""",
    },
    "return": {
        "de": """<ordN> [kam beschädigt an|ist defekt angekommen|kam mit Bruch an|ist mit zerdrückten Teilen eingetroffen][.| und muss ersetzt werden.]
[ich möchte|wir möchten|wir wollen] [die Ware aus <ordD>|Artikel aus <ordD>|<ordA>] [zurückgeben|zurücksenden|retournieren|umtauschen].
wir [möchten|wollen|müssen] {n} [Stück |]{p} [zurückschicken|zurückgeben|zurücksenden|retournieren|reklamieren|umtauschen].
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
bitte [erstatten|zahlen] Sie [uns |][den Kaufpreis|den vollen Betrag|das Geld] für {p}[ zurück|].
bitte [holen|nehmen] Sie die [defekten|falschen|beschädigten|überzähligen] {p} [wieder ab|zurück|wieder mit].
[wir verweigern die Annahme|wir widerrufen den Kauf|wir treten vom Kauf zurück][ und senden alles zurück|, die Ware ist <defect>|, bitte veranlassen Sie die Rücknahme].
[ist die Rücksendung|ist eine Retoure|sind Rücksendungen] [kostenlos|frei|kostenpflichtig]?
wohin [soll|darf|können] [ich|wir] die [Rücksendung|Retoure|defekte Ware|reklamierte Ware] schicken?
[nach zwei Wochen|nach nur {k} Tagen|beim ersten Einsatz|gleich beim Einschalten] [gab <deviceN> den Geist auf|ging <deviceN> kaputt|war <deviceN> hinüber|fiel <deviceN> aus], [wir möchten Ersatz|läuft da noch Garantie|bitte austauschen|was machen wir nun].
<deviceN> [macht komische Geräusche|leckt|wird heiß|klemmt|vibriert stark|springt nicht mehr an|verliert Öl], [das ist ein Garantiefall|bitte reparieren oder tauschen|können wir reklamieren|wir schicken das Ding ein].
[die Hälfte|ein Drittel|fast jedes Stück|jedes zweite Stück] der <things> ist [unbrauchbar|Ausschuss|rissig|schief|nicht maßhaltig|verrostet][.|, wir reklamieren das.|, wir erwarten Ersatz.|, nehmen Sie die zurück?]
beim Auspacken [fiel auf|haben wir gesehen|stellte sich heraus], dass [die <things> gebrochen sind|alles nass ist|Kratzer an den Teilen sind|das Gehäuse eine Delle hat|die <things> verbogen sind].
[die Verpackung|der Karton|die Palette] war [eingedrückt|aufgerissen|umgekippt|durchnässt] und [der Inhalt ist Schrott|die <things> sind zerbrochen|innen ist alles kaputt|die Ware ist nicht mehr zu gebrauchen].
wir [haben|melden] [einen Transportschaden|einen Bruchschaden|Glasbruch], [Fotos liegen bei|an wen wenden wir uns mit der Reklamation|bitte ersetzen Sie die Teile|wer nimmt den Schaden auf].
[statt der|anstelle der] [bestellten <things>|roten <things>|langen <things>] [war etwas ganz anderes drin|haben Sie das falsche Modell geschickt|liegt hier ein anderer Typ], [wie tauschen wir das|bitte umtauschen|das geht zurück].
[die Schuhe|die Handschuhe|die Jacken|die Hosen] [sind zu eng|fallen zu klein aus|sind zu groß|sitzen nicht], [können wir die Größe tauschen|bitte gegen eine Nummer größer umtauschen|ist ein Umtausch möglich].
[wir haben|es sind] {k} <things> [übrig|zu viel gekauft|nicht gebraucht], [nehmen Sie die zurück|dürfen wir die zurückgeben|kann man das zurückschicken|gibt es dafür Geld zurück].
[das Zeug|das Ganze|das Gerät|die ganze Ladung] [geht zurück|ist nicht das, was wir wollten|geht an Sie zurück|wollen wir zurückgeben], [Geld zurück bitte|wir wollen eine Erstattung|wie läuft die Rückgabe].
[kann|darf] man [ausgepackte|angebrochene|unbenutzte|schon montierte|reduzierte] Ware [bei Ihnen |][zurückgeben|umtauschen|zurücksenden]?
[wie lange|wie viele Monate] [haben wir Garantie|gilt die Gewährleistung|läuft die Garantie] auf [<deviceA>|diese <things>|Ihre Geräte]?
[ist das|fällt das|gilt so etwas als] [noch Garantie|ein Fall für die Gewährleistung|noch unter die Garantie], [wenn der Motor durchbrennt|wenn der Lack abblättert|wenn die Naht aufgeht|wenn das Display ausfällt]?
bieten Sie [eine Reparatur an|einen Reparaturservice|Leihgeräte während der Reparatur|eine kostenlose Reparatur], [<deviceN> ist defekt|unser Gerät ist kaputt|bei uns ist eins ausgefallen]?
[was kostet|wie lange dauert] [die Reparatur|eine Instandsetzung|die Überprüfung] [unseres defekten Geräts|der eingeschickten Pumpe|unserer kaputten Maschine]?
[wir haben|unser Monteur hat] <deviceA> [vor {k} Wochen zur Reparatur eingeschickt|am {d} eingesandt|als Garantiefall zurückgeschickt] und [seither nichts gehört|warten auf Rückmeldung|fragen nach dem Stand].
[die Ware ging|alles ging|die Kartons gingen] vor {k} Wochen [an Sie zurück|als Retoure raus], [das Geld ist noch nicht da|die Erstattung steht aus|eine Gutschrift kam nie].
[wo bleibt|wann kommt|wo steckt] [die Erstattung|der Ersatz für die kaputten Teile|die Gutschrift für die zurückgeschickte Ware|das Austauschgerät]?
[die Erstattung|die Gutschrift für die Retoure|das zurückgezahlte Geld] [ist zu niedrig|deckt nur einen Teil|wurde um {k} Prozent gekürzt|fiel kleiner aus als der Kaufpreis].
[warum|wofür] [verlangen|berechnen] Sie [eine Wiedereinlagerungsgebühr|{k} Prozent für die Rücknahme|Kosten für die Rücksendung]?
[ich finde kein|es lag kein|im Karton war kein|wir bräuchten ein] [Rücksendeetikett|Retourenlabel|Formular für die Rücksendung][.|, bitte mailen.|, wie schicken wir die Ware zurück?]
[das Retourenlabel|das Rücksendeetikett] [lässt sich nicht drucken|ist abgelaufen|gilt nur für Pakete, wir haben eine Palette|kam nicht an].
[wer|welcher Dienst] [holt die defekten Teile ab|nimmt die Rücksendung mit|holt die falsche Ware wieder ab]?
[die Retoure|die falsche Ware|die kaputte Maschine] [steht gepackt bereit|steht im Weg|liegt hier seit Wochen], [wann wird sie abgeholt|bitte abholen lassen|wohin damit].
[ist unsere Rücksendung|sind die zurückgeschickten Teile|ist die Retoure] [bei Ihnen eingetroffen|schon geprüft|angekommen|bearbeitet]?
[unsere Reklamation|die Beanstandung|der Garantieantrag] [wurde abgelehnt|wurde ohne Begründung abgewiesen|liegt seit {k} Wochen|läuft ins Leere], [bitte noch einmal prüfen|wir widersprechen|wir haben doch Fotos geschickt].
[Sie behaupten|Ihr Kollege meint|in Ihrem Bescheid steht], [der Schaden sei durch uns entstanden|die Garantie sei abgelaufen|es liege Verschleiß vor], [wir sehen das anders|das stimmt nicht|das Teil war von Anfang an fehlerhaft].
[die Farbe|die Länge|der Anschluss|das Gewinde] [stimmt nicht mit dem Katalog überein|weicht vom Muster ab|passt nicht zum bestellten Typ], [wir geben die Ware zurück|wir wollen tauschen|bitte holen Sie alles ab].
[das neue Teil|das Austauschgerät|auch der Ersatz] [ist ebenfalls kaputt|hat denselben Fehler|funktioniert auch nicht], [nun wollen wir das Geld zurück|bitte noch einmal tauschen].
wir [möchten|verlangen|erwarten] [eine Preisminderung für die Mängelware|einen Nachlass für die zerkratzten Teile|statt Ersatz das Geld zurück|eine Nachbesserung der fehlerhaften <things>][.|, die Mängel sind erheblich.]
[Mängelrüge|Reklamation|Beanstandung|Garantiefall] [zu {o}|vom {d}|{a}]: [Ware defekt|Teile verbogen|falscher Artikel|Oberfläche zerkratzt|bitte um Ersatz|bitte um Gutschrift für die Retoure].
[Retoure|Rücksendung|Umtausch] {o}: [bitte Label|Stand der Erstattung|Ware ist unterwegs|bitte Abholung|bitte Eingang bestätigen].
[an <things>|bei den <thingsD>] [löst sich die Beschichtung|ist die Naht offen|fehlt das Gewinde|bricht der Kunststoff|ist das Glas gesprungen], [so können wir die nicht verwenden|wir bitten um Austausch|das ist ein Mangel].
[leider|dummerweise|diesmal] [sind die <things> Ausschuss|sind die <things> nicht in Ordnung, wir reklamieren|müssen wir die <things> beanstanden|kamen die <things> verkratzt an].
[müssen wir|muss man] die [Originalverpackung|Rechnung|defekten Teile] [aufheben|beilegen|einschicken], [um zu reklamieren|wenn wir zurückgeben wollen|damit die Garantie gilt]?
[die Ware ist nicht wie beschrieben|die Ware entspricht nicht dem Muster|die Muster sahen anders aus], [alles geht zurück|wir machen vom Rückgaberecht Gebrauch|bitte erstatten Sie den Kaufpreis].
[ein Teil|eine Schraube|das Netzteil|die Fernbedienung] [war schon gebraucht|trägt Gebrauchsspuren|ist offensichtlich repariert worden], [wir wollen Neuware|bitte umtauschen|das reklamieren wir].
[bitte tauschen Sie|tauschen Sie doch] [das kaputte Teil gegen ein neues|die falschen <things> gegen die richtigen|die zu kleinen gegen größere] [aus|um].
[die Haltbarkeit war bei Ankunft schon abgelaufen|die Kartuschen sind eingetrocknet|der Kleber ist hart geworden], [bitte um Ersatz|das reklamieren wir|nehmen Sie die Charge zurück].
[gibt es bei Ihnen ein Rückgaberecht|kann man auf Probe kaufen und zurückgeben|wie kulant sind Sie bei Rückgaben], [falls die <things> nicht passen|wenn es nicht gefällt|für Geschäftskunden]?
[ich möchte|<whoN> möchte] [zurücktreten und die Ware zurückgeben|die <things> loswerden, sie passen nicht|das Gerät zurückgeben|einen Gewährleistungsanspruch anmelden].
[eine ganze Charge|die Charge {n}|die letzte Charge] [ist fehlerhaft|mussten wir sperren|fiel in unserer Wareneingangsprüfung durch], [bitte um einen 8D-Report|wir schicken sie zurück|wer nimmt die Reklamation auf].""",
        "en": """<ord> arrived [damaged|broken|with cracked parts|in a bad state][.| and has to be replaced.]
[I want to|we would like to|we need to] [return|send back|exchange] [the goods of|items of|part of|] <ord>.
we [would like|want|need|have] to [return|send back|give back|exchange|complain about] {n} [pieces of |]{p}.
[{n}|{k}|the] {p} [are|arrived|were on arrival] <defect>[.|, please take them back.|, we want a replacement.|, we would like to exchange them.|, this is a complaint.]
item {a} [is|was on unpacking] <defect>[ and must be replaced.| and goes back.|, please exchange it.|, we want our money back.]
please send us [a return label|a returns form|a returns slip|a pick-up order for the return][.| for {p}.| for {o}.]
how [do I register a return|can I file a complaint|do I submit a warranty claim][?| for {p}?]
we [got|received] the wrong [goods|model|size|item] and would like to [swap them|exchange it|return everything|send the goods back].
when [do we get|will we receive] [the money|the refund|the purchase price|a refund] for [the return|return {o}|the returned goods|our complaint][ back|]?
{p} [does not fit|is not what we want|is too small|is too big|is not as described], [we would like to exchange it|please take it back|how can we return it|we are sending it back].
the [return|complaint|returned parcel] [{o} |of {d} |][has been with you for {k} days|is still open|has not been handled|was rejected|is on its way].
[how long|within which period|until when] can [I|we] [return|send back|exchange|give back] {p}?
the device [failed after {k} days|no longer runs|smokes when switched on|was <defect> from the start], [we claim warranty|this is a warranty case|we demand a replacement|please repair or replace it].
please refund [us |][the purchase price of|the full amount for|the money for] {p}.
please [collect|take back|pick up] the [faulty|wrong|damaged|surplus] {p}.
[we refuse the goods|we withdraw from the purchase|we revoke the purchase][ and send everything back|, the goods are <defect>|, please arrange the return].
[is the return|is a return|are returns] [free of charge|free|at our cost]?
where [should|can|do] [I|we] send the [return|returned goods|defective goods|faulty goods][ to?|?]
<device> [packed up|died|gave out|stopped working] [after two weeks|on the first day|after {k} days|the moment we switched it on], [we want a new one|is it still under warranty|please replace it|what now].
<device> [makes odd noises|leaks|overheats|jams|shakes badly|will not start|loses oil], [this is a warranty case|please repair or replace it|we want to send it in|can we claim on the guarantee].
[half|a third|nearly all|every second one] of the <things> [turned out useless|came out as scrap|had cracks|turned out warped|failed our checks][.|, we want replacements.|, will you take them back?|, we are filing a complaint.]
when we [unpacked the goods|opened the box] we [saw|found|noticed] that [the <things> were broken|everything was soaked|the parts were scratched|the housing had a dent|the <things> were bent].
the [packaging|box|crate|pallet] was [crushed|torn open|tipped over|soaked] and [the contents are ruined|the <things> inside are smashed|nothing in it can be used].
[we have to report|I am reporting|there is] [transport damage|breakage|damage in transit], [photos are attached|whom do we claim from|please replace the broken parts].
[instead of|in place of] the [long|red|large] <things> we [were sent the short ones|got another model altogether|got something else entirely], [how do we swap them|please exchange them|these are going back].
the [shoes|gloves|jackets|trousers] [are too tight|come up small|are too big|do not fit our people], [can we swap the size|please exchange them for the next size up|is an exchange possible].
we [have {k} <things> left over|bought too many <things>|did not use {k} of the <things>], [will you take them back|may we return them|can we get our money back|do you buy them back].
[this stuff|the whole lot|the device] [goes back|is not what we wanted|is going back to you], [we want our money back|how does the return work|please refund us].
[may we|can one|is it allowed to] [return|exchange|send back] [opened|unused|already fitted|reduced|part-used] goods?
how long [is the warranty|does the guarantee run|are we covered] on [<device>|these <things>|your devices]?
[is it covered|does it count as a warranty case|do you replace it under guarantee] [if the motor burns out|when the paint peels|if the seam splits|when the display fails]?
do you [repair|fix] [broken devices|faulty units|units out of warranty], [ours has failed|one of ours is dead|we have a broken one here]?
[what does it cost|how long does it take] to [repair|fix] [our faulty pump|the broken unit|the machine we sent in]?
we [sent in|returned|posted] <device> [for repair|as a warranty case] [{k} weeks ago|on {d}] and [have heard nothing since|are waiting for news|would like to know where it stands].
[the goods went back|everything was returned|we shipped it all back] {k} weeks ago, [the money has not come|no refund so far|still no credit for it].
[where is|what about|when do we get] [our refund|the replacement for the broken parts|the credit for what we sent back|the exchange unit]?
the [refund|credit for the return|money you paid back] [is too low|covers only a part|was cut by {k} percent|is less than what we paid].
why do you [charge|deduct|want] [a restocking fee|{k} percent for taking it back|money for the return parcel]?
[there was no|I cannot find the|please email the|we need a] [return label|returns form|returns number][.|, how do we send the goods back?]
[the return label|your returns label] [cannot be printed|has expired|is for parcels, but we have a pallet|never came].
who [picks up the faulty parts|collects the return|comes for the wrong goods]?
[the return|the wrong item|the broken machine] is [packed and ready|in the way here|still standing in our hall], [when will it be collected|please have it picked up|where should it go].
[did you receive|have you checked|has anyone looked at] [our return|the goods we sent back|the broken parts we returned]?
our [complaint about the quality|warranty claim|claim for the damaged goods] [was turned down|was rejected without a reason|has been lying there for {k} weeks], [please look at it again|we do not accept that|we sent photos after all].
[you claim|your colleague says|your letter says] [we caused the damage|the warranty has run out|it is normal wear], [we disagree|that is wrong|the part was faulty from day one].
the [colour|length|connection|thread] [is not as in the catalogue|differs from the sample|is not what we ordered], [we are returning the goods|we want to exchange them|please collect everything].
[the replacement|the new unit|the exchange part] [is broken as well|has the very same fault|does not work either], [now we want the money back|please swap it again].
[we want|may we ask for|can we have] [a discount for the scratched parts|money back rather than a replacement|the faulty <things> reworked][.|, the faults are serious.]
[complaint|claim|warranty case] [{o}|of {d}|{a}]: [goods defective|parts bent|wrong item|surface scratched|replacement requested|refund requested for returned goods].
[return|exchange|RMA] {o}: [label please|status of refund|goods on their way back|please collect|please confirm receipt].
[on the <things>|with the new <things>] [the coating comes off|the seam is open|the thread is missing|the plastic snaps|the glass is cracked], [we cannot use them like this|we ask for an exchange|that is a defect].
[sadly|once more|again] [the <things> are scrap|we have to reject the <things>|the <things> came in scratched|the <things> failed our incoming inspection].
do we have to [keep the packaging|enclose the receipt|send in the broken parts] [to make a claim|for the warranty|if we want to return something]?
the goods [are not as described|do not match the sample|differ from the picture], [they are all going back|we are using our right to return them|please refund the price].
[one part|the power supply|the remote control|the unit] [has been used before|shows signs of use|was obviously repaired], [we want new goods|please exchange it|we reject it].
[please swap|would you exchange|could you swap] [the broken part for a new one|the wrong <things> for the right ones|the small ones for larger ones][.|, please.]
[the shelf life had run out on arrival|the cartridges have dried up|the glue has gone hard], [please replace them|we are filing a complaint|will you take the batch back].
[do you give business customers a right of return|can we buy on approval|how generous are you with returns] [if the <things> do not fit|if we do not like it]?
[I want|<who> wants] to [hand back the goods|get rid of the <things>, they do not fit|return the device|make a warranty claim].
[a whole batch|batch {n}|the last batch] [is faulty|had to be blocked|failed our tests], [we want a written report on the defect|we are sending it back|who takes the complaint].
[can the old part be|do you take the old part] [exchanged for a working one|back when you send the replacement]?""",
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
welche [Temperatur|Last|Spannung|Belastung|Chemikalien] [hält|verträgt] {p}[ aus|]?
wann ist {p} wieder [auf Lager|lieferbar|vorrätig|verfügbar]?
ist [der Artikel|das Produkt|das Modell] {a} [noch lieferbar|abgekündigt|ein Auslaufmodell|baugleich mit {o}|mit {o} kompatibel]?
[welche Variante|welches Modell|welche Ausführung|welche Größe] von {p} [empfehlen Sie|brauchen wir|passt] für {m}?
die [Angaben|Maße|technischen Daten|Bilder] zu {p} [im Katalog|im Shop|auf der Produktseite] sind [unklar|unvollständig|widersprüchlich].
wie viele {p} sind in [einer Packung|einem Karton|einer Verpackungseinheit]?
[hat|besitzt] {p} [eine CE-Kennzeichnung|einen Überlastschutz|ein Innengewinde|eine VDE-Zulassung|eine Dichtung|einen Griff]?
[taugen|eignen sich] die <things> [auch für draußen|für den Einsatz im Wasser|fürs Tiefkühlhaus|für Dauerlast|für Edelstahlrohre][?|, oder brauchen wir etwas Stabileres?]
was [verträgt|hält] [so ein Gerät|diese Pumpe|der kleine Motor|so ein Regal] [an Druck aus|an Hitze aus|an Gewicht aus|im Dauerbetrieb aus]?
wie viel Kilo [trägt|hält] [das Regal|ein Haken|der Anker|die Kette|die Rolle][?| pro Stück?| im Dauerbetrieb?| laut Datenblatt?]
wir suchen [etwas|eine Lösung|ein Produkt|einen Artikel] [zum Abdichten von Rohren|zum Heben schwerer Platten|gegen Rost|für nasse Böden|für die Montage in der Höhe], [was empfehlen Sie|haben Sie so etwas im Programm|was passt da].
[gibt es|haben Sie|führen Sie] [so etwas|die <things>|das Modell] [auch in Grün|in kleineren Packungen|ohne Deckel|mit Linksgewinde|in einer leiseren Ausführung|in einer günstigeren Qualität][?| oder nur so?]
[haben Sie|führen Sie|verkaufen Sie] [überhaupt|auch|zufällig] <things>[?| für den Schiffbau?| aus recyceltem Material?| in Sondergrößen?| für die Lebensmittelindustrie?]
im [Katalog|Prospekt|Onlineshop] [finde ich keine <things>|steht nichts zum Gewicht|fehlt die Angabe zur Länge|steht nicht, aus welchem Material das ist|sind zwei verschiedene Maße angegeben][.|, können Sie helfen?]
[wir haben noch|bei uns läuft noch|im Einsatz ist bei uns] [das Vorgängermodell|ein Gerät von 1998|die alte Baureihe|eine Maschine von einem anderen Hersteller], [passen die neuen <things> dazu|gibt es dafür noch Ersatzteile|welches Modell ist der Nachfolger].
[woran|wie] [erkenne ich|erkennt man] [die richtige Größe|den passenden Typ|welche Dichtung passt|ob das Gewinde passt]?
[wir schwanken|ich schwanke|wir überlegen] zwischen [zwei Modellen|{a} und {o}|der großen und der kleinen Ausführung|Stahl und Kunststoff], [was raten Sie|was ist robuster|wo liegt der Unterschied|was hält länger].
[lohnt sich|reicht] [die teurere Ausführung|das kleinere Modell|die einfache Version] [für unseren Zweck|für eine kleine Werkstatt|bei {n} Einsätzen im Jahr]?
wird [die Serie|der Artikel|das Modell] [{a} |][weiter produziert|noch lange hergestellt|bald abgelöst|eingestellt]?
bis wann [bekommt man|gibt es|liefert der Hersteller] [noch Ersatzteile|Ersatzakkus|Verschleißteile|Nachfüllpackungen] [für das alte Modell|für {a}|für die Baureihe]?
ist [das Kabel|ein Netzteil|die Halterung|eine Anleitung|das Montagematerial] [dabei|im Lieferumfang|enthalten|separat zu kaufen]?
was [gehört zum Lieferumfang|ist im Set enthalten|brauche ich zusätzlich|muss man sonst noch kaufen][?| bei {p}?| beim Starterset?]
[wer hat Erfahrung|haben Sie Erfahrung|gibt es Erfahrungswerte] mit [Ihren <thingsD> in der Chemie|dem Kleber auf feuchtem Holz|der Pumpe bei Salzwasser|dem Material bei Minusgraden]?
[haben die <things>|hat das Gerät|haben Ihre Geräte] [eine Zulassung für den Ex-Bereich|ein Prüfzeichen|eine Lebensmittelzulassung|eine Trinkwasserzulassung|einen Schutz gegen Staub]?
[unser Kunde|die Berufsgenossenschaft|der Prüfer|das Qualitätsmanagement] [verlangt|möchte|braucht] [ein Werkszeugnis|einen Herkunftsnachweis|eine RoHS-Erklärung|ein Prüfprotokoll|ein Sicherheitsdatenblatt] [zu den <thingsD>|für den Artikel][.|, wo finde ich das?|, gibt es das?]
enthält [der Lack|das Granulat|das Material|der Kleber] [Silikon|Latex|Nickel|Weichmacher|Lösemittel]?
wie lange [hält sich der Kleber|ist die Farbe haltbar|hält der Akku|hält so eine Dichtung] [laut Hersteller|im Schnitt|bei Raumtemperatur|erfahrungsgemäß]?
[wo werden|in welchem Land werden] [die <things>|Ihre Geräte|die Werkzeuge] [hergestellt|gefertigt|produziert]?
[wie wird|wie montiert man|wie reinigt man|wie lagert man|wie dosiert man] [die Pumpe|das Ventil|der Filter|so etwas] [am besten|richtig|fachgerecht][?| laut Hersteller?]
mit welchem Drehmoment [zieht man die <things> an|werden die Schrauben angezogen|darf man die Muttern anziehen]?
[könnten wir|können wir|dürfen wir] [vorab ein Muster|eine Farbprobe|ein Probestück|ein paar Teile zum Testen|ein Vorführgerät] [haben|testen][?|, bevor wir uns entscheiden?]
[ist das Gerät|ist die Pumpe|ist das Modell] [laut|schwer zu bedienen|wartungsfrei|von einem Laien montierbar|auch für Linkshänder geeignet|sparsam im Verbrauch]?
stimmen die [Maße auf der Produktseite|Angaben im Katalog|technischen Daten von {a}], [dort steht etwas anderes als auf der Zeichnung|die Zeichnung sagt etwas anderes|mir kommen sie zu groß vor]?
[haben Sie|gäbe es] [eine CAD-Datei|ein 3D-Modell|eine Maßzeichnung|einen Schaltplan|eine Explosionszeichnung|ein Foto von der Rückseite] [von|zu] [dem Gerät|Artikel {a}|diesem Artikel]?
[wann|ab wann|in welchem Monat] [ist das neue Modell zu haben|kommt die neue Serie auf den Markt|sind die <things> wieder vorrätig|haben Sie wieder welche da]?
[wie viele|welche Mengen] [davon|von den <thingsD>] [haben Sie am Lager|sind vorrätig|sind sofort verfügbar|liegen im Regal]?
[sind die <things>|ist der Artikel {a}|ist das Modell] [gerade vergriffen|zurzeit nicht zu haben|aus dem Programm genommen], [was nehmen wir stattdessen|gibt es einen Ersatztyp|was kommt dem am nächsten]?
[kann man|lassen sich] die <things> [zuschneiden|lackieren|mit unserem Logo bedrucken|verkleben|kürzen]?
machen Sie [auch Sonderanfertigungen|Zuschnitte nach Maß|Gravuren|Sonderfarben] [bei den <thingsD>|bei kleinen Stückzahlen|nach Zeichnung][?| und bis zu welcher Größe?]
[welcher Schlauch|welche Düse|welches Ladegerät|welcher Adapter|welches Zubehör] [passt auf|gehört zu|brauche ich für] [{a}|die große Pumpe|unser Gerät|das alte Modell]?
[{p}|{a}|das kleine Modell]: [Gewicht|Abmessungen|Werkstoff|maximaler Druck|Schutzart|Drehzahl|Zolltarifnummer][?| bitte.| fehlt im Datenblatt.]
[Datenblatt|Produktdatenblatt|Maßblatt|Konformitätserklärung|Betriebsanleitung] zu [{a}|{p}|dem Modell][ gesucht.| bitte.| als PDF bitte.|, gibt es das?]
[wir brauchen|wir planen|wir bauen] [ein Gerät für feuchte Räume|eine Anlage mit {n} bar|etwas für die Außenwand|ein Regal für schwere Kisten], [welches Ihrer Produkte wäre geeignet|was hätten Sie da|kommt {a} infrage].
gilt der [Katalogpreis|Preis auf der Produktseite] [pro Stück|für ein Stück oder die ganze Packung|auch bei den lackierten <thingsD>]?
[ab welcher Stückzahl|bei welcher Menge] [gibt es Staffelpreise|wird es billiger|wird der Artikel günstiger][?| bei {p}?| bei den <thingsD>?]
was kostet [so ein Gerät|ein Satz <things>|das größere Modell|der Nachfolger] [ungefähr|bei {n} Stück|mit Zubehör]?
[kann|könnte] mich jemand [zu den <thingsD> beraten|bei der Auswahl beraten|zum richtigen Modell beraten|technisch zu {p} beraten][?|, wir kennen uns da nicht aus?]
[funktioniert|läuft|arbeitet] [so ein Gerät|das Gerät|{a}] auch [mit 110 Volt|ohne WLAN|mit unserer Steuerung|mit Akkus anderer Hersteller|im Dauerlauf]?
[im Video|auf der Messe|bei einem Kollegen] [haben wir ein Gerät von Ihnen gesehen|sah ich Ihre neuen <things>], [wie heißt das Modell|wo finde ich das im Katalog|welche Artikelnummer hat das].
[mir fehlt|ich brauche|wie lautet] [die Artikelnummer|die genaue Bezeichnung|die Typenbezeichnung] [der kleinen Dichtung|des passenden Filters|für den Ersatzakku|des Deckels][.|, können Sie helfen?]""",
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
does {p} have [a CE mark|an overload protection|an internal thread|a VDE approval|a seal|a handle]?
are the <things> [any good|up to it|strong enough|suitable] [for outdoor work|under water|in a cold store|under constant load|on stainless pipes], or do we need [something sturdier|another type|the heavy version]?
how much [pressure|heat|weight|dust] can [this pump|the small motor|such a rack|the device] [take|stand|cope with][?| over a whole day?]
how many kilos does [the shelf|one hook|the anchor|the chain|a roller] [carry|hold|take][?| each?| according to the data sheet?]
we are looking for something [to seal pipes|to lift heavy panels|against rust|for wet floors|for working at height], [what do you suggest|do you have such a thing|what would be right].
[do you do|do you stock|do you have|can one get] [the <things> in green|smaller packs|a version without a lid|a left-hand thread|a quieter model|a cheaper grade]?
do you [carry|sell|make|stock] <things> [at all|for shipbuilding|from recycled material|in special sizes|for the food industry]?
the catalogue [has no <things>|says nothing about the weight|leaves out the length|does not say what it is made of|gives two different sizes][.|, can you help?]
[we still run|we still use|our hall has] [the previous model|a unit from 1998|the old series|a machine of another make], [do the new <things> fit it|are there spare parts for it|which model replaces it].
how [do I find|can one tell|do you determine] [the right size|which seal fits|whether the thread matches|the correct type]?
[we are torn between|we cannot decide between|I am hesitating between] [two models|{a} and {o}|the big and the small version|steel and plastic], [what would you advise|which is sturdier|what is the difference|which lasts longer].
is [the dearer version|the smaller model|the basic version] [worth it|enough|good enough] [for a small workshop|for {n} uses a year|for our purpose]?
is [the series|the item|model {a}] going to be [made much longer|phased out|replaced soon]?
how long will [spare parts|replacement batteries|wearing parts|refills] [be available|be around|still be made] [for the old model|for {a}|for that series]?
[does it come with|is there|do I also get] [a cable|a power supply|a bracket|a manual|a fixing kit] [in the box|included|as part of the set][?| or is that extra?]
what [is in the box|else does one have to buy|does the set contain|is included][?| with {p}?| in the starter set?]
[do you have any experience|is there any experience] with [your <things> in chemical plants|this glue on damp wood|the pump in salt water|the material at sub-zero temperatures]?
do the <things> [suit explosive areas|carry a test mark|have food approval|come with drinking water approval|meet EN standards]?
[our customer|the safety officer|the inspector|our quality team] [wants|needs|asks for] [a mill certificate|proof of origin|a RoHS statement|a test report|a safety data sheet] for [the <things>|this item|{a}][.|, where do I find it?]
[does the paint|does the material|does the glue] contain [silicone|latex|nickel|solvents|plasticisers]?
how long does [the glue keep|the paint keep|a battery last|a seal like that last] [unopened|on average|at room temperature|with daily use]?
[where|in which country] are [the <things>|your devices|the tools] [made|manufactured|produced]?
[how do you fit|how does one clean|what is the best way to store|how should one mount] [the pump|the valve|the filter|such a unit]?
what torque [do the <things> need|should one use for the bolts|is right for the nuts]?
[could we have|may we get|is it possible to get] [a sample|a colour swatch|a test piece|a few pieces to try|a demo unit] [beforehand|before we decide|first]?
is [the device|the pump|that model] [noisy|hard to use|maintenance-free|easy to fit for a layman|fine for left-handers|economical]?
are the [dimensions on the product page|figures in the catalogue|technical details of {a}] [right|correct], [the drawing says something else|they look too big to me]?
do you have [a CAD file|a 3D model|a dimensioned drawing|a wiring diagram|an exploded view|a picture of the back] of [the device|{a}|this item]?
when [will the new model be out|does the new series come to market|will you have <things> again|are the <things> expected in stock]?
how many [of them|of the <things>] [do you have in stock|are on the shelf|are available straight away]?
[the <things> seem|item {a} seems|that model seems] to be [sold out|out of your range|unavailable at the moment], [what can we use instead|is there a substitute|what comes closest].
can the <things> be [cut to length|painted|printed with our logo|made in special lengths|glued|shortened]?
do you [make custom parts|cut to size|do engraving|offer special colours] [for small quantities|from a drawing|on the <things>][?| and up to what size?]
which [hose|nozzle|charger|adapter|accessory] [fits|goes with|do I need for] [{a}|the large pump|our unit|the old model]?
[{p}|{a}|the small model]: [weight|dimensions|material|maximum pressure|protection class|speed|customs code][?| please.| not in the data sheet.]
[data sheet|product sheet|declaration of conformity|operating manual|material list] for [{a}|{p}|the model][ wanted.| please.| as a PDF please.|, does it exist?]
we [need|are planning|are building] [a unit for damp rooms|a system with {n} bar|something for an outside wall|a rack for heavy boxes], [which of your products would do|what have you got|is {a} an option].
is the [price on the page|catalogue price] [per piece|for one or for a whole pack|the same for the painted <things>]?
[from what quantity|at what volume] [are there price breaks|does it get cheaper|do you give quantity discounts][?| on {p}?| on the <things>?]
[roughly how much is|what would be the price of|what does one pay for] [such a device|the larger model|the successor|{p} with accessories][?| if we take {n}?]
could someone [advise us on <things>|help us choose a model|talk us through the options|give us technical advice on {p}][?|, we are no experts?]
does [it|the device|{a}] [run|work] [on 110 volts|without wifi|with our controller|with batteries of other makes|round the clock]?
[in a video|at the fair|at a colleague's] [we saw one of your devices|I saw your new <things>], [what is the model called|where is it in the catalogue|what is the part number].
[I am missing|I need|I am looking for] the [part number|exact name|type designation] of [the small seal|the matching filter|the spare battery|the lid][.|, can you help?]
[would|could] [{a}|the cheaper model|plastic] [do instead of|stand in for|replace] [{o}|the original|brass], or [are they different|is that risky|is there something to watch out for]?
[has anything changed|what is new|is anything different] [in the new version of {p}|with the latest model|between the old and the new series]?""",
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
ich möchte [den Newsletter|die Werbemails|die Benachrichtigungen] [abbestellen|abmelden|in meinem Profil abschalten].
[hier kommt keiner mehr rein|niemand kommt mehr ins Konto|keiner von uns kommt mehr in unser Konto], [das Passwort wird nicht genommen|offenbar ist der Zugang gesperrt|was ist mit unserem Zugang|bitte das Konto freischalten].
ich komme [nicht|nicht mehr|seit gestern nicht] [in mein Konto|in unser Kundenkonto|an meine Kontodaten|in meinen Account][.|, das Passwort stimmt aber.|, es heißt, das Konto sei gesperrt.]
nach [drei|mehreren|zu vielen] [Fehlversuchen|falschen Eingaben] [bin ich gesperrt|ist mein Zugang zu|wurde das Konto blockiert], [bitte entsperren|wie komme ich wieder rein|wie lange dauert das].
[mein Passwort|mein Kennwort|das alte Passwort] [ist mir entfallen|weiß ich nicht mehr|wird nicht angenommen|ist abgelaufen|ging mit dem alten Handy verloren], [bitte um ein neues|wie setze ich es zurück|helfen Sie mir rein].
[die Mail mit dem neuen Passwort|der Zurücksetzen-Link|die Aktivierungsmail|der Bestätigungscode] [bleibt aus|ist nicht angekommen|war schon abgelaufen|landet nicht einmal im Spam].
[ich habe ein neues Handy|mein Handy ist weg|die Authenticator-App ist weg] und [komme nicht mehr durch die Zwei-Faktor-Anmeldung|bekomme den Code zum Anmelden nicht|kann mich nicht mehr ausweisen], [bitte zurücksetzen|was nun].
[kann man|können wir|lässt sich] die [Zwei-Faktor-Anmeldung|Anmeldung per SMS-Code|zweistufige Anmeldung] [für alle Kollegen einschalten|abschalten|auf ein anderes Handy umstellen]?
[eine neue Kollegin|ein neuer Mitarbeiter|{x}|die Vertretung] [fängt am {d} an|übernimmt den Einkauf|kommt zu uns] [und braucht einen Zugang|und soll ein Benutzerkonto bekommen|und hat noch keinen Login], [bitte anlegen|wer richtet das ein].
[{x}|der Vorgänger|die frühere Einkäuferin] ist [ausgeschieden|im Ruhestand|nicht mehr im Haus], [bitte den Login sperren|hat aber noch Zugang zu unserem Konto|der Account soll auf mich übergehen|wer wird nun Administrator].
[wie viele|welche] [Benutzer|Zugänge|Logins] [hat unser Konto|sind für uns angelegt|dürfen wir haben|gehören zu {c}]?
[bei uns teilen sich alle einen Login|wir nutzen alle dasselbe Passwort], [kann jeder einen eigenen Zugang bekommen|wir möchten getrennte Benutzer|wie legt man weitere Benutzer an].
[wer von uns|welcher Benutzer] [darf was|hat welche Rechte|ist Administrator] [in unserem Konto|in unserem Account][?|, und wo stellt man das ein?]
[unser Azubi|die Aushilfe|<whoN>] soll [nur lesen dürfen|keine Preise sehen|nichts freigeben dürfen|nur bis {n} EUR bestellen dürfen], [wie stelle ich die Rechte ein|bitte die Berechtigung anpassen].
[mir fehlen|ihm fehlen|uns fehlen] [die Rechte|die Berechtigungen], um [Benutzer anzulegen|die Stammdaten zu ändern|Freigaben zu erteilen|die Adressen unserer Firma zu pflegen].
wir möchten [Freigabestufen einrichten|einen Vier-Augen-Schritt für Benutzer festlegen|die Genehmigerrolle ändern|zwei Genehmiger hinterlegen], [wo geht das im Konto|bitte für unseren Account freischalten].
[als Genehmiger|als Hauptkontakt|als Administrator] ist [noch {x} hinterlegt|die falsche Person eingetragen|jemand eingetragen, der längst weg ist], [bitte ändern|bitte mich eintragen].
[wir heißen jetzt anders|wir haben umfirmiert|unsere Firma wurde übernommen|aus der GmbH wurde eine AG], [bitte den Namen im Kundenkonto ändern|bitte die Stammdaten anpassen|was brauchen Sie dafür].
[der Eintrag zu unserer Firma|unser Kundenstamm|unser Firmenprofil] [ist veraltet|enthält eine alte Telefonnummer|nennt den falschen Ansprechpartner|ist doppelt angelegt].
[meine Mailadresse|meine Handynummer|mein Nachname] hat sich [geändert|nach der Hochzeit geändert|mit dem Firmenwechsel geändert], [bitte im Profil anpassen|wo ändere ich das im Konto|bitte im Benutzerkonto nachtragen].
[ich habe mich|wir haben uns] [vor {k} Tagen|letzte Woche|am {d}] [registriert|als Neukunde angemeldet], [die Freischaltung fehlt noch|der Zugang ist noch nicht aktiv|wann werden wir freigeschaltet].
wie [werde ich|werden wir|wird ein Handwerksbetrieb] bei Ihnen [registrierter Kunde|Kunde mit eigenem Login]?
[welche Unterlagen|was] [brauchen Sie|muss ich einreichen], um [ein Kundenkonto zu eröffnen|uns als Firmenkunden anzulegen|die Registrierung abzuschließen]?
[wir haben zwei Kundennummern|wir sind doppelt angelegt|jede Filiale hat ihr eigenes Konto], [bitte zusammenführen|kann man das zu einem Konto machen|welche ist die richtige].
wie [lautet|heißt] [unsere Kundennummer|mein Benutzername|die Kennung für unser Konto][?|, ich finde sie nirgends?]
[wir möchten|ich möchte|wir wollen] [unser Konto|unseren Account] [komplett schließen|samt allen Angaben löschen lassen|dauerhaft stilllegen].
[bitte nehmen Sie|nehmt bitte] [mich|uns|{x}] [aus dem Verteiler|von der Newsletterliste|aus der Liste für Werbemails].
[hören Sie bitte auf, uns Newsletter zu schicken|trotz Abmeldung kommen weiter Newsletter|der Abmeldelink im Newsletter bringt nichts], [bitte in unserem Profil abstellen|wir haben uns längst ausgetragen].
[ich bekomme|wir bekommen] [Benachrichtigungen für ein fremdes Konto|zu viele Systemmails aus dem Kundenkonto|die Mails einer anderen Firma], [wo stelle ich das im Profil um|bitte die Zuordnung der Benutzer prüfen].
[es hat sich jemand Fremdes|ich glaube, jemand hat sich] in [mein Konto|unseren Account] [eingeloggt|eingewählt], [ich bekam eine Anmeldewarnung|bitte sperren Sie den Zugang|bitte prüfen Sie die letzten Anmeldungen].
können wir [uns mit Microsoft anmelden|unser Firmenlogin verwenden|Single Sign-on für unsere Benutzer einrichten|dasselbe Konto an mehreren Standorten nutzen]?
[der Login der Filiale|der Zugang für {city}|das Benutzerkonto von {x}] [soll auf unser Hauptkonto laufen|gehört nicht mehr zu uns|muss umbenannt werden|wurde nie eingerichtet].
[Passwort|Kennwort|Login] [vergessen|gesperrt|zurücksetzen|abgelaufen|unbekannt][.|, bitte Hilfe.|, Kunde {n}{k}.| bitte.]
[Zugangsdaten|Logindaten] [nie bekommen|verlegt|funktionieren nicht|bitte neu zusenden].
es heißt [immer|nur], [Benutzername oder Passwort seien falsch|mein Konto existiere nicht|der Benutzer sei unbekannt|meine Mailadresse sei schon registriert].
[ich sehe im Konto nur die Daten einer anderen Filiale|in meinem Profil steht eine fremde Firma|mein Account hängt am falschen Unternehmen], [bitte umhängen|bitte richtig zuordnen].
bitte [hinterlegen|speichern] Sie [mich als neuen Ansprechpartner|{x} als Vertretung|unsere neue Telefonnummer|die neue Firmenadresse] [in unserem Kundenkonto|in den Stammdaten|im Profil der Firma].
[ich gehe|<whoN> geht] [in Elternzeit|für {k} Monate ins Ausland|in Rente], [wie übergebe ich meinen Zugang|wer kann das Konto so lange verwalten|bitte den Benutzer so lange stilllegen].
[muss ich|müssen wir] [das Passwort wirklich alle drei Monate ändern|für jede Filiale ein eigenes Konto anlegen|mich bei jedem Besuch neu anmelden]?
[welche Daten|was] [haben Sie zu meinem Konto gespeichert|steht in unserem Kundenprofil|ist zu unserer Firma im Konto hinterlegt]?
[die Einladung an {x}|der Einladungslink für meinen Kollegen] [ist abgelaufen|kam nie an|führt zu einem fremden Konto], [bitte neu einladen|bitte noch einmal schicken].""",
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
I want to [unsubscribe from|opt out of|switch off] [the newsletter|the advertising emails|the notifications in my profile].
[nobody here can get into the account any more|none of us can sign in|everyone in our office is shut out of the account], [the password is refused|it says we are blocked|please let us back in|what happened to our access].
I [cannot get into|am locked out of|have lost access to] [my account|our customer account|my profile][.|, although the password is right.|, it says the account is blocked.]
after [three|several|too many] wrong [attempts|tries|passwords] [I am locked out|my access is blocked|the account was frozen], [please unlock it|how do I get back in|how long does it last].
[my password|my old password|the password I had] [slipped my mind|is not accepted|has expired|went missing with my old phone], [I need a new one|how do I reset it|please help me back in].
[the mail with the new password|the reset link|the activation email|the verification code] [never comes|did not show up|had already expired|is not even in the spam folder].
[I have a new phone|my phone is gone|I lost the authenticator app] and [cannot get past two-factor|get no sign-in code|can no longer prove who I am], [please reset it|what now].
can [two-factor sign-in|the login by text code|the second step at login] be [switched on for all colleagues|turned off|moved to another phone]?
[a new colleague|a new buyer|{x}|our stand-in] [starts on {d}|takes over purchasing] and needs [a login|an account|her own access], [please set it up|who does that].
{x} has [retired|moved on|left the firm], [please block the login|but still has access to our account|the account should pass to me|who becomes administrator now].
how many [users|logins|seats] [does our account have|are set up for us|may we have|belong to {c}]?
[we all share one login|everybody here uses the same password], [can each of us get an own user|we want separate users|how do we add more users].
who [in our team|on our side] has [which rights|admin rights|permission to approve] [in our account|on the account][?|, and where is that set?]
[our trainee|the temp|<who>] should [be read-only|not see prices|not be able to approve anything|only have rights up to {n} euros], [how do I set the rights|please adjust the permissions].
[I lack|we lack|my user lacks] the rights to [add users|edit our master data|approve requests|maintain our company details].
we want [two approvers|an approval step|to change who may approve|another approval role], [where is that in the account|please enable it for our account].
[the main contact|the approver|the administrator] on [file|our account] is [still {x}|the wrong person|someone who left long ago], [please change it|please put me down].
[we have a new company name|our firm was taken over|we changed from Ltd to plc], [please change the name on our account|please update our records|what do you need for that].
[our company entry|our customer record|our company profile] [is out of date|has an old phone number|names the wrong contact|exists twice].
my [email address|mobile number|last name] has changed[ since the wedding| with the new company|], [please update my profile|where do I edit that in the account|please correct it on my user account].
[I|we] [registered|signed up] [{k} days ago|last week|on {d}], [the approval is still missing|our access is not active yet|when will we be let in].
how [do I become|does one become] [a registered customer|a trade customer with a login][ with you|]?
what [papers|documents|details] do you need to [open a customer account|register us as a business|finish our registration]?
[we have two customer numbers|we are in your records twice|each branch has an account of its own], [please merge them|can that become one account|which is the right one].
what is [our customer number|my user name|the ID of our account][?|, I cannot find it anywhere?]
please [close|shut down|wipe|get rid of] [our account|my account|the account of {c}][ for good| and everything stored in it|, we no longer need it].
please take me off [the newsletter list|your mailing list|the marketing emails][.|, I never signed up.]
[please stop sending us newsletters|newsletters keep coming although we opted out|the unsubscribe link in the newsletter does nothing], [turn it off in our profile please|we signed off long ago].
I get [notifications for someone else's account|too many account emails|another firm's account messages], [where do I change that in my profile|please check which user I am].
[somebody else has logged into|I think a stranger got into|there was a strange sign-in to] [my account|our account], [please block it|please check the latest logins].
can we [sign in with Microsoft|use our company login|have single sign-on for our users|share one account across sites]?
[the login of our branch|the access for {city}|the user {x}] [should be linked to our main account|no longer belongs to us|has to be renamed|was never set up].
[password|login|user name] [forgotten|locked|rejected|expired|unknown][.|, please help.|, customer {n}{k}.|, please.]
[login details|credentials] [never received|lost|do not work|to be sent again please].
it [keeps saying|only says|tells me] [the user name or password is wrong|my account does not exist|the user is unknown|my email is already registered].
[in my account I only see another branch's details|my profile shows a different firm|my user is tied to the wrong company], [please move it|please put that right].
please [put me down|enter {x}|register {x}] as [the new contact|a deputy|the main user] [on our account|in your records|for our company].
[I am|<who> is] [going on parental leave|abroad for {k} months|about to retire], [how do I hand over my login|who can run the account meanwhile|please suspend the user until then].
do [I|we] really have to [change the password every three months|open an account for each branch|sign in anew each time]?
what [data do you hold about my account|is in our customer profile|company details do you have on file]?
the invitation [for {x}|I sent to my colleague] [has expired|never came|leads to a stranger's account], [please send a new invite|please invite again].
[can|may] [one user|I] [belong to two companies|have access to both accounts|switch between our firms]?
[our new starter|the new buyer] [has no login yet|is still waiting for credentials|was not given any rights].""",
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
[nach dem Update|seit der Umstellung|seit dem Release] [sind die Daten weg|fehlen Funktionen|geht nichts mehr|ist die Darstellung kaputt|startet die App nicht].
[bei uns|hier|auf allen Rechnern] [geht die Seite nicht auf|dreht sich nur der Ladekreis|bleibt der Bildschirm weiß|baut sich der Shop nicht auf|erscheint nur Kauderwelsch].
[der Shop|die Seite|das Portal] ist [lahm|sehr langsam|zäh wie Kaugummi|ständig weg|mal da, mal weg][.|, bei den Kollegen auch.|, egal mit welchem Browser.]
[jeder Klick|jede Seite|jede Suche] dauert [eine halbe Ewigkeit|{n} Sekunden|ewig|gefühlte Minuten][.| <since>.|, liegt das an Ihrem Server?]
[ich klicke|man klickt|wir klicken] auf [Absenden|Speichern|Weiter|Herunterladen|Kaufen] und [es passiert nichts|die Seite springt zurück|der Bildschirm friert ein|alles ist leer|es kommt ein Fehler].
der [Warenkorb|Merkzettel] [leert sich von selbst|vergisst alles|zeigt falsche Mengen|lässt sich nicht öffnen|springt immer auf null][.| <since>.|, das ist wohl ein Programmfehler.]
[an der Kasse|im letzten Schritt|beim Bezahlschritt] [stürzt die Seite ab|hängt sich der Shop auf|dreht sich das Rädchen endlos|kommt eine Fehlermeldung].
die [Suchfunktion|Suche|Suchmaske] [findet nichts|findet Artikel nicht, die es gibt|spuckt Unsinn aus|ignoriert Umlaute|zeigt immer dasselbe].
[Umlaute|Sonderzeichen|Kommas] [werden im Export zerstört|kommen als Fragezeichen an|zerschießen den Import|fehlen in der Datei].
[die exportierte Datei|die Excel-Datei aus dem Portal|das heruntergeladene PDF] [ist leer|lässt sich nicht öffnen|hat verschobene Spalten|enthält nur die Kopfzeile|ist beschädigt].
[unser Einlesen|der nächtliche Import|der Abgleich|der Datenimport] [bricht seit {k} Tagen ab|läuft auf Fehler {n}|lief heute Nacht nicht durch|dauert neuerdings Stunden].
[seit ihr etwas umgestellt habt|seit der neuen Version|seit dem Wochenende|seit eurem Update] [läuft bei uns nichts mehr|klemmt die Schnittstelle|sieht alles anders aus und die Hälfte geht nicht|kommen keine Daten mehr].
[unser ERP|unser SAP|unsere Warenwirtschaft|unser Script] [kommt nicht mehr an Ihre Schnittstelle|erhält keine Antwort vom Server|bekommt nur noch Fehler {n}|wird von Ihrer API abgewiesen].
[der API-Schlüssel|das Token|der Zertifikatstausch|der Endpunkt] [wird abgelehnt|ist ungültig, meldet die Schnittstelle|läuft ins Leere|liefert Fehler 401].
[wo finde ich|gibt es] [die Dokumentation der API|eine Beschreibung der Schnittstelle|eine Testumgebung für die Schnittstelle|ein Beispiel für den Webhook|eine Liste der Fehlercodes]?
[wie viele Abfragen|wie viele Aufrufe] [pro Minute|pro Stunde] [erlaubt Ihre API|sind an der Schnittstelle zulässig][?|, wir bekommen ständig Fehler 429?]
wir [bekommen von der API|sehen im Protokoll] [nur noch 429|Zeitüberschreitungen|ungültiges JSON|leere Antworten|Verbindungsabbrüche][.| <since>.]
[die EDI-Übertragung|die OCI-Anbindung|der Punchout|die cXML-Strecke] [klemmt|kommt nicht zustande|bricht mitten drin ab|liefert falsche Felder|sendet doppelt].
[unterstützen Sie|geht bei der Schnittstelle auch|läuft die Anbindung auch über] [REST|SFTP|AS2|JSON|XML|OAuth][?| oder nur SOAP?]
wir [möchten unser System an Ihren Shop anbinden|wollen die Bestände automatisch abrufen|planen eine Schnittstelle], [wer hilft uns technisch|welches Format braucht die API|gibt es eine Testumgebung].
der [Webhook|Rückruf|automatische Abruf] [feuert doppelt|kommt nie an|trifft stundenlang zu spät ein|schickt leere Daten][.| <since>.]
das [Zertifikat|SSL-Zertifikat|Sicherheitszertifikat] [Ihrer Seite|Ihres Servers|der Schnittstelle] [ist abgelaufen|wird vom Browser angemeckert|ist nicht vertrauenswürdig].
der Browser [warnt vor Ihrer Seite|blockiert Ihr Skript|meldet eine unsichere Verbindung|zeigt Fehler {n}], [ist das bei Ihnen bekannt|bitte prüfen].
[in Chrome geht es, in Firefox nicht|am PC läuft es, am Handy nicht|nur unter Windows 11 tritt das auf|im Inkognitofenster klappt es], [woran liegt das|bitte den Fehler beheben].
die App [stürzt beim Scannen ab|startet nicht|zeigt nach dem Update nur Grau|verliert ständig die Verbindung|frisst den Akku leer|erkennt Barcodes nicht].
[der Barcodescanner|die Scanfunktion|der Drucker für Etiketten] [wird von der App nicht erkannt|arbeitet nicht mehr mit dem Portal zusammen|löst im Portal einen Fehler aus].
[die Schrift ist viel zu klein|die Seite ist auf dem Tablet verschoben|Knöpfe liegen übereinander|das Menü überdeckt alles|der Text läuft aus dem Bild], [bitte die Anzeige beheben|Darstellungsfehler im Portal].
[Bilder|Produktfotos|Vorschaubilder|Symbole] [fehlen überall|laden nicht|erscheinen als rotes Kreuz|sind vertauscht][, ist das ein Serverproblem?| <since>.| im Shop.]
[der Preisfilter|die Sortierung|die Blätterfunktion|das Auswahlmenü] [tut nichts|macht Unsinn|springt immer zurück|funktioniert nur jedes dritte Mal].
[der Upload der Zeichnung|das Hochladen von Dateien|der Dateianhang] [klappt nicht|bricht bei {n} Prozent ab|geht nur bis 2 MB|endet mit einer Fehlermeldung].
[Formulare|Eingaben|Änderungen] [werden nicht gespeichert|gehen beim Absenden verloren|verschwinden nach dem Neuladen][, offenbar ein Fehler im System.| <since>.|, wir tippen alles doppelt.]
automatische Mails [aus Ihrem System|vom Portal] [haben kaputte Zeichen|kommen hundertfach|enthalten Platzhalter statt Text|zeigen nur HTML-Code].
die [Druckansicht|PDF-Erzeugung|Etikettendatei] [schneidet die Hälfte ab|liefert leere Seiten|hängt sich auf|wirft Fehler {n}].
[Datum und Uhrzeit|Währung und Komma|Nachkommastellen|Einheiten] werden [falsch dargestellt|im Portal vertauscht|nach dem Import verdreht], [das ist ein Softwarefehler|bitte korrigieren lassen].
[haben Sie gerade eine Störung|ist eine Wartung im Gange|sind Ihre Server unten|liegt das Problem bei Ihnen oder bei uns], [die Seite ist weg|nichts lädt|die API antwortet nicht]?
[wann ist die Störung behoben|wie lange dauert die Wartung noch|wann läuft das System wieder]?
[die Synchronisation der Preise|der Bestandsabgleich|der Katalogabgleich] [ist hängengeblieben|liefert alte Werte|überschreibt unsere Daten|läuft ins Timeout].
[Fehler|Error|Code] {n} [im Shop|beim Export|in der API|beim Speichern|im Browser|beim Hochladen][.|, was bedeutet das?|, bitte beheben.| <since>.]
[Seite|Shop|Portal|Server] [down|weg|nicht erreichbar|offline|hängt][.|, bitte prüfen.| <since>.|, bei allen Kollegen.]
[beim Wechsel der Sprache|beim Zurückgehen|beim Drucken|bei mehr als {n} Zeilen] [wirft das Portal einen Fehler|verschwinden alle Eingaben|springt die Seite auf Englisch|friert die Anwendung ein].
[ein Screenshot|das Logfile|die Fehlermeldung|ein Video vom Absturz] [hängt an|liegt bei|habe ich mitgeschickt], [die Anwendung bricht immer an derselben Stelle ab|der Server antwortet nicht|vielleicht hilft das Ihren Entwicklern].
[die IP-Adresse unseres Servers|unsere Firewall|unser Proxy] [wird von Ihrem System blockiert|lässt Ihre Seite nicht durch|braucht die Adressen Ihrer API], [welche Ports sind nötig|bitte freigeben|wer kann das technisch klären].
[die Adresse der Schnittstelle|die alte Exportfunktion|der FTP-Server] [ist verschwunden|wurde abgeschaltet|ist nicht mehr erreichbar|antwortet anders als dokumentiert].""",
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
[after the update|since the migration|since the release] [the data are gone|functions are missing|nothing works|the layout is broken|the app does not start].
[on our side|here|on all our computers] [the page will not open|the loading wheel just spins|the screen stays white|the shop does not build up|only gibberish shows up].
[the shop|the site|the portal] is [very slow|sluggish|down all the time|there one minute and gone the next][.|, for my colleagues too.|, whatever browser we use.]
[each click|every page|every search] takes [forever|{n} seconds|an eternity|ages][.| <since>.|, is it your server?]
[I click|you click|we press] [submit|save|next|download|buy] and [nothing happens|the page jumps back|the screen freezes|everything is blank|an error comes up].
the [basket|cart|wish list] [empties itself|forgets everything|shows wrong quantities|will not open|keeps going back to zero][.| <since>.|, looks like a bug.]
[at the till|at the last step|on the payment page] [the site crashes|the shop freezes|the wheel spins forever|an error pops up].
the search [finds nothing|misses items that exist|spits out nonsense|ignores hyphens|always shows the same].
[special characters|umlauts|commas] [get mangled in the export|come out as question marks|break the import|are missing from the file].
[the exported file|the spreadsheet from the portal|the PDF I downloaded] [is empty|will not open|has shifted columns|contains only the header|is corrupt].
[our nightly import|the sync job|the data import|the feed] [has been failing for {k} days|ends in error {n}|did not run last night|now takes hours].
[since you changed something|since the new version|since the weekend|since your update] [nothing works here|the interface is stuck|half the functions are gone|no data comes through].
[our ERP|our SAP|our inventory software|our script] [can no longer reach your interface|gets no answer from the server|only receives error {n}|is turned away by your API].
[the API key|the token|the new certificate|the endpoint] [is rejected|is invalid according to the interface|leads nowhere|returns a 401].
[where is|is there|can I get] [the API documentation|a description of the interface|a sandbox for the interface|a sample webhook|a list of error codes]?
how many [requests|calls] [per minute|per hour] [does your API allow|does the interface permit][?|, we keep getting 429?]
[from the API we get|our logs show] [nothing but 429|timeouts|invalid JSON|empty responses|dropped connections][.| <since>.]
the [EDI transfer|OCI link|punchout|cXML connection] [is stuck|cannot be set up|breaks off halfway|sends wrong fields|sends everything twice].
[do you support|does the interface also speak|can the connection run over] [REST|SFTP|AS2|JSON|XML|OAuth][?| or just SOAP?]
we [want to connect our system to your shop|would like to pull stock levels automatically|plan an interface], [who can help us on the technical side|what format does the API need|is there a test system].
the [webhook|callback|automatic feed] [fires twice|never arrives|comes hours late|sends empty data][.| <since>.]
the [certificate|SSL certificate|security certificate] [of your site|of your server|on the interface] [has run out|makes the browser complain|is not trusted].
[the browser|our browser] [warns about your site|blocks your script|reports an insecure connection|shows error {n}], [is this known|please check].
[it works in Chrome but not in Firefox|it runs on a PC but not on a phone|it happens on Windows 11 only|in a private window it works], [why is that|please fix the bug].
the app [crashes when scanning|will not start|is just grey after the update|keeps losing its connection|drains the battery|does not read barcodes].
[the barcode scanner|the scan function|the label printer] [is not recognised by the app|no longer works with the portal|causes an error in the portal].
[the type is far too small|the page is garbled on a tablet|buttons sit on top of each other|the menu covers everything|text runs off the screen], [please fix the display|a layout bug in the portal].
[images|product photos|thumbnails|icons] [are missing everywhere|do not load|show as a red cross|are mixed up][, is it a server problem?| <since>.| in the shop.]
[the price filter|sorting|paging|the drop-down menu] [does nothing|plays up|keeps jumping back|works only every third time].
[uploading the drawing|uploading files|attaching a file] [fails|stops at {n} percent|only works up to 2 MB|ends with an error message].
[forms|entries|changes] [are not saved|get lost on submit|vanish after reloading][, it seems a system fault.| <since>.|, we have to type everything twice.]
automatic emails [from your system|from the portal] [have broken characters|come in hundreds|contain placeholders in place of text|show raw HTML].
the [print view|PDF generator|label file] [cuts off half|gives blank pages|hangs|throws error {n}].
[date and time|currency and decimals|decimal places|units] are [shown wrongly|swapped in the portal|twisted after the import], [it is a software fault|please have it corrected].
[do you have an outage|is maintenance going on|are your servers down|is the problem on your side or ours], [the site is gone|nothing loads|the API does not answer]?
[when will the outage be over|how long will the maintenance take|when will the system be up again]?
[the price sync|the stock feed|the catalogue sync] [has got stuck|delivers old values|overwrites our data|runs into a timeout].
[error|fault|code] {n} [in the shop|during export|from the API|when saving|in the browser|while uploading][.|, what does it mean?|, please fix.| <since>.]
[site|shop|portal|server] [down|gone|unreachable|offline|hanging][.|, please check.| <since>.|, for everybody here.]
[when I switch the language|when going back|when printing|with more than {n} lines] [the portal throws an error|all entries vanish|the page turns German|the application freezes].
[a screenshot|the log file|the error text|a video of the crash] is [attached|enclosed], [the application always breaks at the same point|the server does not answer|perhaps it helps your developers].
[our server's IP address|our firewall|our proxy] [is blocked by your system|does not let your site through|needs the addresses of your API], [which ports are needed|please unblock it|who can sort that out technically].
[the interface address|the old export function|the FTP server] [has vanished|was switched off|can no longer be reached|answers differently from the documentation].
[the configurator|the quick entry form|the live chat window|the price calculator] [freezes|will not load|shows a script error|swallows what I type].""",
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
unterstützen Sie [unseren Sportverein|unser Sommerfest|eine Tombola|unseren Kindergarten|einen guten Zweck][ mit einer Spende| als Sponsor|]?
[wie sind|wann sind] [Ihre Öffnungszeiten|Ihre Bürozeiten|Ihre Telefonzeiten][?| am {d}?| über die Feiertage?]
[wir sind Journalisten|ich schreibe für eine Zeitung|ich bin Student] und [möchte|möchten] [über Ihre Firma berichten|ein Interview führen|eine Umfrage machen].
wir laden Sie [zu unserem Sommerfest|zur Eröffnung|zu einem Vortrag|zu unserer Feier] am {d} ein.
[wie viele Mitarbeiter|welche Standorte|welche Geschichte|welchen Umsatz] hat [Ihr Unternehmen|Ihre Firma]?
[seit wann gibt es|wo sitzt|wem gehört|wie nachhaltig ist] [Ihre Firma|Ihr Unternehmen]?
[ich habe mich verwählt|diese Mail war ein Versehen|ich habe die falsche Adresse benutzt], bitte [ignorieren|löschen] Sie [die Nachricht|das].
[darf ich|dürfen wir] [Ihr Logo|ein Foto|Ihren Namen] [auf unserer Seite|in unserer Broschüre|in der Presse] verwenden?
[wann|bis wie viel Uhr|ab wann] [ist bei Ihnen jemand im Haus|erreicht man Sie telefonisch|hat Ihr Büro offen|ist der Empfang besetzt][?| auch am Samstag?| zwischen den Jahren?]
[haben Sie|hat Ihr Büro|ist bei Ihnen] [am Brückentag|zwischen Weihnachten und Neujahr|am {d}|samstags] [offen|geöffnet|jemand da|Betriebsferien]?
[wie komme ich|wie kommt man] [mit der Bahn zu Ihnen|am besten zu Ihrem Firmensitz|vom Bahnhof zu Ihrem Büro][?|, und wo kann man parken?]
[gibt es|haben Sie] [Besucherparkplätze|Ladesäulen für Gäste|eine Kantine für Besucher|einen barrierefreien Eingang] [an Ihrem Standort|am Haupteingang|in {city}]?
[ich habe|{x} hat] am {d} [einen Termin bei Ihnen|einen Gesprächstermin mit {x}|einen Besuchstermin in Ihrem Haus], [bei wem melde ich mich|können wir den verschieben|wo ist der Eingang].
[wir würden Sie gern besuchen|wir sind nächste Woche in {city}|unser Geschäftsführer ist in der Nähe], [hätten Sie Zeit für ein Gespräch|passt Ihnen ein kurzes Kennenlernen|ist jemand von der Leitung da].
[ich suche|meine Tochter sucht|mein Sohn sucht|eine Bekannte sucht] [eine Lehrstelle|ein Schulpraktikum|einen Werkstudentenjob|eine Stelle im Lager|Arbeit in Ihrer Verwaltung], [bilden Sie aus|an wen geht die Bewerbung|haben Sie etwas frei].
[meine Bewerbung|mein Lebenslauf] [liegt bei|ging am {d} an Ihre Personalabteilung|ist angehängt], [haben Sie sie bekommen|gibt es schon eine Entscheidung|ich freue mich auf ein Gespräch].
[was verdient man|wie sind die Arbeitszeiten|welche Voraussetzungen gelten] [als Lagerhelfer bei Ihnen|in der Ausbildung bei Ihnen|für die ausgeschriebene Stelle]?
[für unsere Zeitung|für einen Beitrag im Radio|für unser Fachmagazin|für einen Podcast] [suchen wir einen Gesprächspartner|möchten wir Ihre Chefin interviewen|hätten wir gern ein Statement|brauchen wir Pressefotos].
[im Rahmen meines Studiums|für meine Masterarbeit|für ein Schulprojekt] [mache ich eine Umfrage|untersuche ich Lieferketten|suche ich Unternehmen, die mitmachen|brauche ich Auskünfte über Ihre Branche].
[unser Verein|die Feuerwehr|die Schule nebenan|unser Chor] [sucht Spender|freut sich über Preise für die Tombola|braucht neue Trikots|sammelt für einen guten Zweck], [machen Sie mit|wären Sie dabei|unterstützen Sie uns].
[Spendenanfrage|Sponsoring|Einladung|Presseanfrage|Initiativbewerbung] [von {c}|vom {d}|des Sportvereins {city}][.|: bitte um kurze Rückmeldung.|, wer ist dafür zuständig?]
[wir sind ein Startup|wir sind eine Agentur|wir vertreten einen Hersteller] und [würden gern Partner werden|möchten Ihnen unsere Leistungen vorstellen|suchen einen Vertriebspartner|hätten eine Idee für ein gemeinsames Projekt].
[suchen Sie noch Händler|vergeben Sie Vertretungen|nehmen Sie neue Lieferanten auf|arbeiten Sie mit Handelsvertretern] [in Österreich|in unserer Region|für {city}]?
[wir könnten|gern würden wir|wir möchten] [Ihre Büros reinigen|Ihre Fahrzeuge bekleben|Ihre Webtexte schreiben|Ihre Firma bei Google bekannter machen|Ihnen Strom günstiger anbieten|Ihre Mitarbeiter schulen][.|, dürfen wir Ihnen ein Angebot machen?]
[dürfen wir uns vorstellen|darf ich mich kurz vorstellen]: [wir verkaufen Büromöbel|wir vermitteln Zeitarbeiter|ich biete Fotografie für Firmen|wir liefern Obstkörbe für Büros|wir machen Steuerseminare].
[ich erreiche niemanden am Telefon|in der Warteschleife hängt man ewig|bei Ihnen geht nie jemand ran], [gibt es eine andere Nummer|haben Sie eine Durchwahl|wer ruft mich zurück].
[wer ist|wie heißt|wie erreiche ich] [Ihr Datenschutzbeauftragter|Ihre Personalchefin|Ihr Pressesprecher|Ihr Betriebsrat]?
[was passiert bei Ihnen mit Bewerberdaten|wie lange speichern Sie Telefonmitschnitte|wo liegt Ihre Datenschutzerklärung|zeichnen Sie Gespräche auf]?
[wie hält es Ihre Firma mit|haben Sie Angaben zu|was tun Sie für] [dem Klimaschutz|Ihren Klimazielen|der Menschenrechtslage in Ihrer Lieferkette|Ihrer CO2-Bilanz]?
bitte [füllen Sie unseren Fragebogen zur Lieferkette aus|beantworten Sie unsere Umfrage zur Nachhaltigkeit|unterschreiben Sie unseren Verhaltenskodex|schicken Sie uns Ihr ISO-Zertifikat für das Umweltmanagement].
[wir prüfen unsere Lieferanten|unser Lieferantenaudit steht an|für die Lieferantenbewertung], [wann dürfen wir Sie besuchen|wer beantwortet Fragen zu Ihrem Unternehmen|bitte senden Sie eine Firmenbroschüre].
[herzlichen Glückwunsch|alles Gute|Gratulation] [zum Firmenjubiläum|zum neuen Standort|zur Auszeichnung|zum Umzug|zum runden Geburtstag des Chefs][.|!| wünscht {c}.]
[schöne Ostern|frohes Fest|einen guten Rutsch|erholsame Feiertage] [an alle|Ihnen und Ihrer Familie|der ganzen Mannschaft][.|!|, wir hören uns im neuen Jahr.]
[wir feiern|{c} feiert] am {d} [Richtfest|Eröffnung|unser 50-jähriges Bestehen|unser Sommerfest], [kommen Sie auch|Sie sind herzlich eingeladen|bitte sagen Sie kurz zu oder ab].
[wir müssen leider absagen|leider kann niemand von uns kommen|wir kommen gern zu zweit], [danke für die Einladung zu Ihrer Feier|es geht um Ihren Tag der offenen Tür|was das Jubiläum betrifft].
[veranstalten Sie|gibt es bei Ihnen|planen Sie] [wieder einen Tag der offenen Tür|Werksführungen|Fachvorträge|Schulungen für Kunden|ein Sommerfest][?| in diesem Jahr?| in {city}?]
[sind Sie|stehen Sie|haben Sie einen Stand] [auf der Messe|auf der Ausstellung] [in {city}|im Herbst|im nächsten Jahr][?|, und in welcher Halle?|, wir hätten gern Freikarten?]
[diese Nachricht war nicht für Sie|die Mail ging an den falschen Empfänger|das sollte an einen Kollegen gehen|falsche Adresse, Verzeihung], [bitte nicht beachten|bitte löschen|entschuldigen Sie die Störung].
[ich suche die Firma {c}|bin ich hier richtig bei {c}|ich wollte eigentlich {x} erreichen], [haben Sie eine Telefonnummer|können Sie mich weiterleiten|oder sind Sie jemand anders].
[bei uns steht jetzt|wir haben hier] [ein herrenloser Schlüssel|einen Schlüssel mit Ihrem Anhänger|einen Ausweis Ihres Mitarbeiters|eine Jacke mit Ihrem Logo] [gefunden|im Besprechungsraum gefunden], [wem gehört das|sollen wir das aufheben].
[darf man|dürfen wir] [bei Ihnen filmen|eine Drohne über Ihr Gelände fliegen lassen|Ihr Firmengebäude fotografieren|auf Ihrem Hof ein Zelt aufstellen]?
[Ihre Leuchtreklame|Ihre Baustelle|der Lärm aus Ihrem Werk|Ihre Hecke] [stört die Nachbarn|raubt uns den Schlaf|ragt auf unseren Gehweg|blendet uns nachts], [wer ist zuständig|bitte kümmern Sie sich].
[wie groß ist Ihr Unternehmen|wie viele Standorte haben Sie|gehören Sie zu einem Konzern|wer ist Ihr Geschäftsführer|in welchem Jahr wurde die Firma gegründet]?
[haben Sie|gibt es] [ein Firmenporträt|eine Imagebroschüre|eine Chronik Ihrer Firma|ein Organigramm|einen Podcast][?| zum Mitnehmen?| für unser Archiv?]
[unsere Klasse|eine Gruppe von Lehrlingen|der Seniorenkreis] [möchte Ihr Werk sehen|plant einen Ausflug zu Ihnen|hätte gern eine Führung], [geht das|was kostet eine Führung|wie viele Personen dürfen kommen].
[ich brauche ein Arbeitszeugnis|ich habe früher bei Ihnen gearbeitet|mein Vater war bei Ihnen beschäftigt], [wer hilft mir in der Personalabteilung|an wen wende ich mich wegen der Rentenunterlagen].
[können Sie mich|bitte] [mit der Geschäftsleitung verbinden|zurückrufen, es geht um etwas Persönliches|mit Ihrer Rechtsabteilung verbinden].""",
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
[when|until what time|from when] [is somebody in your office|can one reach you by phone|is your reception staffed|is your head office open][?| on Saturdays too?| between Christmas and New Year?]
[are you|is your office|will anybody be] [open|there|in] [on the bank holiday|between the holidays|on {d}|on Saturdays]?
how [do I get|does one get] [to you by train|to your head office|from the station to your office][?|, and where can I park?]
[is there|do you have] [visitor parking|a charging point for guests|a canteen for visitors|step-free access] [at your site|at your place|in {city}]?
[I have|{x} has] an appointment [with you|with your director|at your office] on {d}, [whom do I ask for|can we move it|where is the entrance].
[we would like to come and see you|we are in {city} next week|our director is in the area], [do you have time for a chat|would a short meeting suit you|is anybody from management in].
[I am|my daughter is|my son is|a friend is] looking for [an apprenticeship|a school placement|a student job|a job in your warehouse|office work], [do you take trainees|where does the application go|is anything going].
my [application|CV] [is attached|went to your HR team on {d}|is enclosed], [did you get it|is there a decision yet|I look forward to meeting you].
[what is the pay|what are the hours|what do you need] [for a warehouse job with you|for the advertised position|for a traineeship with you]?
[for our paper|for a radio feature|for our trade magazine|for a podcast] [we need someone to talk to|we would like to interview your director|we would love a statement|we need press photos].
[as part of my studies|for my master's thesis|for a school project] I [am doing a survey|look at supply chains|need companies that take part|need some facts about your industry].
[our club|the fire brigade|the school next door|our choir] [is looking for donors|would love prizes for a raffle|needs new shirts|is collecting for a good cause], [would you join in|can you help|would your firm support us].
[donation request|sponsorship|invitation|press enquiry|speculative application] [from {c}|of {d}|from the sports club in {city}][.|: a short reply would be kind.|, who deals with that?]
we are [a start-up|an agency|a manufacturer's agent] and [would like to become a partner|want to show you what we do|are looking for a sales partner|have an idea for a joint project].
[are you looking for resellers|do you appoint agents|do you take on new suppliers|do you work with sales agents] [in Ireland|in our region|for {city}]?
we could [clean your offices|letter your vans|write your web copy|get you higher up on Google|cut your power bill|train your staff][.|, may we send you a proposal?]
[may I introduce myself|allow us to introduce ourselves]: [we sell office furniture|we supply temporary staff|I do corporate photography|we bring fruit baskets to offices|we run tax seminars].
[I cannot reach anyone by phone|one waits on hold forever|nobody ever picks up], [is there another number|is there a direct line|who can call me back].
[who is|how do I reach|what is the name of] your [data protection officer|head of HR|press officer|works council]?
[what happens to applicants' data with you|how long do you keep call recordings|where is your privacy policy|do you record phone calls]?
[how does your firm deal with|do you have figures on|what do you do about] [climate protection|your climate targets|human rights in your supply chain|your carbon footprint]?
please [fill in our supply chain questionnaire|answer our survey on sustainability|sign our code of conduct|send us your company's ISO certificate for environmental management].
[we are reviewing our suppliers|our supplier audit is coming up], [when may we visit|who answers questions about your company|please send a company brochure].
[congratulations|all the best|well done] on [your anniversary|your new site|the award|the move|the big birthday of your boss][.|!| from {c}.]
[happy Easter|season's greetings|a good start to the new year|restful holidays] [to you all|to you and your family|to the whole crew][.|!|, speak to you in the new year.]
[we are|{c} is] celebrating [the opening|50 years in business|a summer party|the new hall] on {d}, [will you come|you are warmly invited|please say yes or no].
[sadly we have to decline|unfortunately none of us can make it|two of us will gladly come], [thanks for inviting us to your party|it is about your open day|as for the anniversary].
[will you hold|are there|do you plan] [another open day|plant tours|talks|training courses for customers|a summer party][?| this year?| in {city}?]
will you have a [stand|booth] at the [fair|exhibition|trade show] [in {city}|in autumn|next year][?|, and in which hall?|, we would love free tickets?]
[this message was not meant for you|the email went to the wrong person|that should have gone to a colleague|wrong address, sorry], [please disregard it|please delete it|apologies for the trouble].
[I am looking for {c}|is this {c}|I was trying to reach {x}], [do you have a phone number|can you put me through|or are you somebody else].
we found [a key with your tag|an ID card of one of your people|a jacket with your logo] [in our meeting room|at our reception], [whose is it|shall we keep it for you].
[may one|may we] [film at your site|fly a drone over your premises|take pictures of your building|put up a tent in your yard]?
[your neon sign|your building work|the noise from your plant|your hedge] [bothers the neighbours|keeps us awake|hangs over our pavement|dazzles us at night], [who is in charge|please see to it].
[how big is your company|how many sites do you have|are you part of a group|who is your managing director|in what year was the firm founded]?
[do you have|is there] [a company profile|a corporate brochure|a history of your firm|an organisation chart|a podcast][?| to take along?| for our archive?]
[our class|a group of apprentices|our senior circle] would like [to see your plant|to come on an outing|a guided tour], [is that possible|what does a tour cost|how many people may come].
[I need an employment reference|I used to work for you|my father was employed by you], [who in HR can help me|whom do I ask about pension papers].
[could you|please] [put me through to your management|call me back on a private matter|connect me with your legal team].
[is it true|we hear] [that your firm is being sold|that you are moving to {city}|that you are opening a new site][?|, is there an official statement?]""",
    },
}

# Sentences about people and the company that say how the writer feels by themselves: the topic is "other".
FELT = {
    "positive": {
        "de": """[ich wollte nur|wir wollten einfach] einmal [Danke sagen|ein Lob loswerden|sagen, dass Sie das toll machen|ein Dankeschön schicken].
[die Dame an Ihrem Empfang|{x} aus Ihrem Haus|Ihr Mitarbeiter am Telefon|Ihr Außendienstler] [war außergewöhnlich freundlich|verdient ein großes Lob|hat uns den Tag gerettet|hat sich rührend gekümmert][.|, das wollte ich loswerden.|, sagen Sie das bitte weiter.]
[an wen|bei wem] [richte ich ein Lob über Ihre Mitarbeiterin|kann ich ein Lob für Ihren Kollegen loswerden], [sie war großartig|die Betreuung war spitze|das muss der Chef wissen]?
[nur ein kleiner Gruß|kein besonderes Anliegen|nur so viel]: [ich finde Ihre Firma großartig|Ihr Messestand war wunderschön|das Interview mit Ihrer Chefin war klasse|Ihr Team ist einfach toll].
[ich habe Sie im Fernsehen gesehen|ich las über Ihr Unternehmen in der Zeitung|ich war bei Ihrem Vortrag in {city}], [herzlichen Glückwunsch, klasse|das hat mich begeistert|ein tolles Unternehmen][.|!]
[die Führung durch Ihr Werk|der Tag der offenen Tür|Ihr Sommerfest|Ihr Seminar in {city}] war [ein voller Erfolg|großartig|wunderbar organisiert|rundum gelungen][.|!|, danke dafür.]""",
        "en": """[I just wanted|we simply wanted] to [say thank you|pass on some praise|say how well you do things|tell you that you are great].
[the lady at your reception|{x} from your firm|the man on your switchboard|your sales rep] [was exceptionally kind|deserves great praise|saved our day|could not have been nicer][.|, I wanted you to know.|, please pass that on.]
[to whom do I address|where can I leave] praise for [one of your people|your colleague {x}], [she was great|the support was superb|the boss ought to know]?
[just a short hello|nothing special|only this much]: [I think your company is great|your stand at the fair was lovely|the interview with your boss was brilliant|your team is wonderful].
[I saw you on television|I read about your company in the paper|I was at your talk in {city}], [congratulations, brilliant|I was thrilled|what a great company][.|!]
[the tour of your plant|your open day|your summer party|your seminar in {city}] was [a great success|fantastic|wonderfully organised|a real treat][.|!|, thank you.]""",
    },
    "negative": {
        "de": """[ein Mitarbeiter von Ihnen|Ihr Außendienstler|{x} aus Ihrem Haus|die Person an Ihrer Zentrale] [war am Telefon unverschämt|hat mich angeschrien|hat einfach aufgelegt|war äußerst unhöflich|hat sich im Ton vergriffen][.|!|, das lasse ich mir nicht bieten.]
ich [beschwere mich|möchte mich beschweren] über [das Benehmen Ihres Vertreters|einen Ihrer Angestellten|den Ton am Telefon|Ihre Telefonzentrale][.|!|, das war eine Frechheit.]
[Ihr Firmenwagen|ein Fahrzeug mit Ihrem Logo|Ihr Vertreter] [parkt ständig unsere Einfahrt zu|hat unser Auto gestreift und ist abgehauen|rast durch unsere Straße], [das ist eine Zumutung|wir sind stinksauer|das ist rücksichtslos][.|!]
[Ihre Werbeanrufe|die ständigen Vertreterbesuche|Ihre Werbeflyer im Briefkasten] [nerven gewaltig|sind eine Zumutung|gehen uns auf die Nerven|müssen endlich aufhören][.|!]
[der Lärm aus Ihrem Werk|Ihre Leuchtreklame|der Müll vor Ihrem Tor] [ist unerträglich|ist eine Zumutung für die Nachbarn|raubt uns den letzten Nerv][.|!]
[auf meine Bewerbung|auf unsere Einladung|auf unsere Presseanfrage] [nicht einmal zu antworten, ist schwach|keine Antwort zu geben, finde ich respektlos|haben Sie nie reagiert, das enttäuscht mich][.|!]""",
        "en": """[one of your staff|your sales rep|{x} from your firm|the person on your switchboard] [was insulting on the phone|shouted at me|simply hung up on me|was extremely impolite|took a dreadful tone][.|!|, I will not stand for that.]
I [am complaining|want to complain] about [the behaviour of your rep|one of your employees|the tone on the phone|your switchboard][.|!|, it was outrageous.]
[your company car|a van with your logo|your rep] [keeps blocking our driveway|scratched our car and drove off|races down our street], [it is a disgrace|we are furious|how inconsiderate][.|!]
[your advertising calls|the constant visits from your reps|your flyers in our letterbox] [are a real nuisance|drive us mad|get on our nerves|have to stop at last][.|!]
[the noise from your plant|your neon sign|the rubbish outside your gate] [is unbearable|is a disgrace for the neighbourhood|is driving us up the wall][.|!]
[not even answering my application|leaving our invitation unanswered|ignoring our press enquiry] is [poor|disrespectful|very disappointing|shabby][.|!]""",
    },
}
