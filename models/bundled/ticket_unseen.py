"""Tickets written out by hand for the evaluation alone: no training reads them and no frame makes them. Data only."""

from words import split

UNSEEN = {
    "order": {
        "de": split("""Uns ist ein Fehler unterlaufen: statt 40 hatten wir 400 eingetragen. Lässt sich das im Auftrag noch richten?|Der Kunde ist abgesprungen, daher brauchen wir die bestellten Pumpen nicht mehr. Bitte Auftrag stornieren.
Hat die Bestellung von gestern Abend geklappt? Eine Bestätigung kam nicht.|Wir würden den Auftrag gern um zwei Packungen Handschuhe erweitern.|Nehmen Sie auch Bestellungen per Telefon entgegen?|Position 3 im Auftrag 88123 ist überflüssig, die restlichen bleiben bestellt."""),
        "en": split("""We typed 400 instead of 40 by mistake. Can the order still be corrected?|Our customer backed out, so the pumps on order are no longer needed. Kindly cancel.
Did the order I placed last night go through? No confirmation came.|We would like to add two boxes of gloves to the order we placed.|Do you also take orders over the phone?|Line 3 of order 88123 is not needed, everything else stays on order."""),
    },
    "delivery": {
        "de": split("""Seit vorgestern warten wir vergeblich auf die Ware, der Lkw ist nicht gekommen.|Die Palette war unvollständig, zwei Kartons waren nicht dabei.|Wann ungefähr trifft die Lieferung morgen bei uns ein?|Laut Status wurde zugestellt, hier hat aber niemand etwas angenommen.
Unsere neue Baustelle liegt in Kassel, dorthin soll die Lieferung gehen.|Was würde ein Expressversand nach Österreich kosten?"""),
        "en": split("""We have been waiting for the goods since Monday, no truck showed up.|The pallet was incomplete, two boxes did not come with it.|Around what time will the delivery arrive tomorrow?|The status says delivered but nobody here signed for a parcel.
Our new site is in Leeds, the delivery should go there.|How much would express shipping to Austria be?"""),
    },
    "invoice": {
        "de": split("""Der Rechnungsbetrag weicht um 20 Euro vom Angebot ab.|Warum wird uns trotz Überweisung eine Mahngebühr berechnet?|Auf dem Beleg ist unsere alte Firmierung abgedruckt, wir brauchen eine neue Rechnung.|Die Mehrwertsteuer wurde mit 7 statt 19 Prozent angesetzt.
Bis wann müssen wir spätestens zahlen?|Unser Prüfer verlangt alle Rechnungen des Jahres in digitaler Form."""),
        "en": split("""The invoice total is 20 euros higher than the quote.|Why are we charged a late fee although the transfer was made?|The invoice carries our former company name, we need a new one.|VAT was calculated at 7 instead of 19 percent.
What is the latest date for our payment?|Our auditor wants every invoice of the year in digital form."""),
    },
    "return": {
        "de": split("""Der Schrauber gibt seit gestern keinen Mucks mehr von sich, das ist doch ein Fall für die Garantie.|Die Schuhe fallen zu klein aus, können wir gegen Größe 44 tauschen?|Beim Auspacken war das Glas zersplittert. Wie geht die Reklamation vor sich?|Wir haben 10 Rollen zu viel und möchten sie zurückgeben.
Mein Rücksendeschein ist unlesbar, bitte einen neuen.|Vor drei Wochen ging die Ware an Sie zurück, erstattet wurde bisher nichts."""),
        "en": split("""The drill has been dead since yesterday, surely that is covered by the warranty.|The shoes turn out too small, can we exchange them for size 44?|The glass was smashed when we unpacked it. How does a complaint work?|We have 10 rolls too many and would like to give them back.
My return label is unreadable, please send another.|The goods went back to you three weeks ago and nothing has been refunded."""),
    },
    "product": {
        "de": split("""Eignen sich die Handschuhe auch für den Umgang mit Säure?|Gibt es den Schrank auch etwas breiter?|Wie viel Druck verträgt der Schlauch maximal?|Ich suche ein Datenblatt mit den genauen Maßen der Pumpe.
Welche Spannung braucht der Sensor?|Ist die neue Serie mit den alten Haltern kompatibel?"""),
        "en": split("""Are the gloves suitable for handling acid as well?|Does the cabinet come a bit wider too?|What is the maximum pressure of the hose?|I am looking for a data sheet with the exact dimensions of the pump.
Which voltage does the sensor need?|Is the new series compatible with the old brackets?"""),
    },
    "account": {
        "de": split("""Nach dem dritten Versuch war mein Zugang gesperrt, bitte das Passwort zurücksetzen.|Frau Krüger hat uns verlassen, ihr Benutzer soll weg.|Wo trage ich in meinem Profil die neue Mobilnummer ein?|Drei Kolleginnen brauchen ebenfalls einen Zugang zum Kundenkonto.
Wir firmieren um und müssen die Stammdaten anpassen lassen.|Mein Benutzername wird nicht mehr erkannt."""),
        "en": split("""After the third attempt my access was locked, please reset the password.|Ms Carter has left us, her user should be removed.|Where in my profile do I enter the new mobile number?|Three colleagues also need access to the customer account.
We are changing our company name and need our master data updated.|My user name is not recognised any more."""),
    },
    "technical": {
        "de": split("""Ein Klick auf Absenden bringt nur einen Ladekreis, der nie aufhört.|Euer Server wirft ständig einen internen Fehler aus.|Der Bestandsabgleich mit unserem ERP läuft seit Freitag nicht mehr durch.|Im Browser erscheint eine Warnung, das Zertifikat sei ungültig.
Der CSV-Export enthält kaputte Umlaute.|Die Suche liefert plötzlich keinen einzigen Treffer."""),
        "en": split("""Pressing submit only shows a spinner that never ends.|Your server keeps throwing an internal error.|The stock sync with our ERP has not gone through since Friday.|The browser warns that the certificate is invalid.
The CSV export contains broken characters.|The search suddenly returns not a single hit."""),
    },
    "other": {
        "de": split("""Unsere Schulklasse würde sich gern einmal Ihren Betrieb ansehen, Besichtigung möglich?|Suchen Sie noch Auszubildende für den Herbst?|Für unser Vereinsfest suchen wir Sponsoren.|Wir verkaufen Anzeigenplätze in einem Branchenbuch.
Haben Sie zwischen den Feiertagen geöffnet?|Ein Kompliment an Ihre Firma, das wollte ich loswerden."""),
        "en": split("""Our school class would love to see your company, are visits possible?|Are you still looking for apprentices this autumn?|We are looking for sponsors for our club festival.|We sell advertising space in a trade directory.
Are you open between the holidays?|A compliment to your company, that is all I wanted to say."""),
    },
}


def examples():
    """One example a sentence, asked with the default labels."""
    for label, both in UNSEEN.items():
        for lang, texts in both.items():
            for text in texts:
                yield label, lang, text
