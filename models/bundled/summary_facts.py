"""Facts for summaries: a long rendering or some, summary sentence, key point, in both languages. Data only.

Long renderings stand apart by " // " and may have parts, as the frames of tickets have.
"""


def fact(de_long, de_short, de_point, en_long, en_short, en_point, kind="mixed"):
    return {"de": (de_long.split(" // "), de_short, de_point), "en": (en_long.split(" // "), en_short, en_point), "kind": kind}


FACTS = [
    fact("wie Sie wissen, war die Lieferung zu Auftrag {o} für den {d} zugesagt, aber leider verzögert sie sich noch einmal um {k} Tage. // die Spedition hat uns heute mitgeteilt, dass sich der Auftrag {o}, der am {d} kommen sollte, um {k} Tage verspätet.", "Auftrag {o} (zugesagt für {d}) verspätet sich um {k} Tage.", "Auftrag {o}: {k} Tage Verspätung",
         "as you know, the delivery of order {o} was promised for {d}, but unfortunately it is delayed by another {k} days. // the carrier told us today that order {o}, which was due on {d}, will be {k} days late.", "Order {o} (promised for {d}) is {k} days late.", "Order {o}: {k} days late"),
    fact("beim Auspacken haben wir festgestellt, dass {k} von {n} Stück {p} beschädigt sind, und wir möchten dafür Ersatz. // leider mussten wir sehen, dass von den {n} {p} genau {k} defekt waren; wir erwarten eine Ersatzlieferung.", "{k} von {n} {p} sind beschädigt; der Kunde möchte Ersatz.", "{k} von {n} {p} beschädigt",
         "when unpacking we noticed that {k} out of {n} {p} are damaged, and we would like a replacement. // sadly we found that of the {n} {p} exactly {k} were defective; we expect a replacement delivery.", "{k} of {n} {p} are damaged; the customer wants a replacement.", "{k} of {n} {p} damaged"),
    fact("außerdem möchten wir Sie darüber informieren, dass der Preis für {p} ab dem {d} um {k} Prozent steigt. // wegen gestiegener Rohstoffkosten erhöhen wir den Preis für {p} zum {d} um {k} Prozent.", "Der Preis für {p} steigt ab {d} um {k} Prozent.", "{p}: {k} Prozent teurer ab {d}",
         "we would also like to inform you that the price of {p} will rise by {k} percent from {d}. // because of higher material costs we will increase the price of {p} by {k} percent as of {d}.", "The price of {p} rises by {k} percent from {d}.", "{p}: {k} percent more from {d}"),
    fact("{x} hat zugesagt, bis zum {d} ein überarbeitetes Angebot zu schicken. // bis {d} wird {x} uns ein neues Angebot zukommen lassen.", "{x} schickt bis {d} ein neues Angebot.", "Neues Angebot von {x} bis {d}",
         "{x} promised to send a revised quote by {d}. // by {d} {x} will let us have a new quote.", "{x} will send a new quote by {d}.", "New quote from {x} by {d}"),
    fact("die Rechnung {i} über {v} wurde doppelt gebucht und muss korrigiert werden. // unsere Buchhaltung hat bemerkt, dass die Rechnung {i} über {v} zweimal erfasst ist; das bitte berichtigen.", "Rechnung {i} über {v} wurde doppelt gebucht und muss korrigiert werden.", "Rechnung {i} doppelt gebucht",
         "the invoice {i} over {v} was booked twice and has to be corrected. // our accounts team noticed that invoice {i} over {v} was entered two times; please correct this.", "Invoice {i} over {v} was booked twice and must be corrected.", "Invoice {i} booked twice"),
    fact("wir planen, im nächsten Quartal rund {n} Stück {p} abzunehmen, wenn der Preis stimmt. // bei einem guten Preis würden wir im kommenden Quartal etwa {n} {p} bestellen.", "Der Kunde plant, im nächsten Quartal {n} {p} abzunehmen.", "Bedarf: {n} {p} im nächsten Quartal",
         "we plan to take about {n} pieces of {p} next quarter if the price is right. // at a good price we would order some {n} {p} in the coming quarter.", "The customer plans to take {n} {p} next quarter.", "Demand: {n} {p} next quarter"),
    fact("das Treffen mit {c} findet am {d} in {city} statt. // wir sehen uns am {d} mit {c} in {city}.", "Am {d} gibt es ein Treffen mit {c} in {city}.", "Treffen mit {c} am {d}",
         "the meeting with {c} will take place on {d} in {city}. // we will meet {c} on {d} in {city}.", "There is a meeting with {c} on {d} in {city}.", "Meeting with {c} on {d}"),
    fact("bitte ändern Sie die Lieferadresse für {o}, wir sind nach {city} umgezogen. // wir sind umgezogen, deshalb soll {o} nach {city} geliefert werden.", "Die Lieferung {o} soll nach {city} gehen.", "Neue Lieferadresse: {city}",
         "please change the delivery address for {o}, we have moved to {city}. // we have moved, so {o} should be delivered to {city}.", "Delivery {o} should go to {city}.", "New delivery address: {city}"),
    fact("der Artikel {a} ist abgekündigt und wird nur noch bis {d} ausgeliefert. // vom Hersteller hören wir, dass {a} ausläuft; letzte Lieferungen gibt es bis {d}.", "Artikel {a} ist abgekündigt und nur bis {d} lieferbar.", "{a} läuft am {d} aus",
         "item {a} has been discontinued and will only be shipped until {d}. // the manufacturer tells us that {a} is phased out; the last deliveries are on {d}.", "Item {a} is discontinued and available until {d} only.", "{a} ends on {d}"),
    fact("der Import der Preisliste ist in Zeile {n} mit einem Fehler abgebrochen, und {x} prüft gerade die Datei. // {x} untersucht, warum der Preisimport in Zeile {n} stehen geblieben ist.", "Der Preisimport brach in Zeile {n} ab; {x} prüft die Datei.", "Preisimport: Fehler in Zeile {n}",
         "the import of the price list stopped with an error at line {n}, and {x} is checking the file. // {x} is looking into why the price import got stuck at line {n}.", "The price import stopped at line {n}; {x} is checking the file.", "Price import: error at line {n}"),
    fact("wir haben uns mit {c} auf ein Zahlungsziel von {n} Tagen geeinigt. // mit {c} wurde vereinbart, dass innerhalb von {n} Tagen gezahlt wird.", "Mit {c} gilt ein Zahlungsziel von {n} Tagen.", "Zahlungsziel {n} Tage",
         "we agreed with {c} on payment terms of {n} days. // it was agreed with {c} that payment is due within {n} days.", "Payment terms with {c} are {n} days.", "Payment terms: {n} days"),
    fact("ab dem {d} ist {x} Ihr neuer Ansprechpartner. // bitte wenden Sie sich ab {d} an {x}, der Ihr Konto übernimmt.", "Ab {d} ist {x} der neue Ansprechpartner.", "Neuer Ansprechpartner: {x}",
         "from {d} {x} will be your new contact. // as of {d} please turn to {x}, who takes over your account.", "From {d} {x} is the new contact.", "New contact: {x}"),
    fact("im Lager in {city} sind derzeit nur noch {k} Stück {p} vorhanden, Nachschub kommt am {d}. // der Bestand an {p} in {city} ist auf {k} gefallen; die nächste Lieferung erwarten wir am {d}.", "In {city} sind noch {k} {p} am Lager; Nachschub kommt am {d}.", "Bestand {p}: {k}",
         "the warehouse in {city} has only {k} {p} left at the moment, new stock arrives on {d}. // the stock of {p} in {city} fell to {k}; we expect the next delivery on {d}.", "{k} {p} are left in {city}; new stock arrives on {d}.", "Stock of {p}: {k}"),
    fact("der Kunde {c} hat die Bestellung {o} heute früh storniert. // leider hat {c} den Auftrag {o} zurückgezogen.", "{c} hat die Bestellung {o} storniert.", "Bestellung {o} storniert",
         "the customer {c} cancelled order {o} this morning. // unfortunately {c} has withdrawn order {o}.", "{c} cancelled order {o}.", "Order {o} cancelled"),
    fact("für das Projekt in {city} brauchen wir bis {d} insgesamt {n} {p}. // das Projekt in {city} benötigt {n} {p}, und zwar bis {d}.", "Das Projekt in {city} braucht {n} {p} bis {d}.", "{n} {p} für {city}",
         "for the project in {city} we need a total of {n} {p} by {d}. // the project in {city} requires {n} {p} by {d}.", "The project in {city} needs {n} {p} by {d}.", "{n} {p} for {city}"),
    fact("der Rückruf der Charge {a} betrifft {n} Stück, die Kunden wurden informiert. // wir rufen die Charge {a} mit {n} Stück zurück und haben alle Kunden benachrichtigt.", "Charge {a} ({n} Stück) wird zurückgerufen; die Kunden sind informiert.", "Rückruf der Charge {a}",
         "the recall of batch {a} concerns {n} pieces, customers have been informed. // we are recalling batch {a} with {n} pieces and have notified all customers.", "Batch {a} ({n} pieces) is being recalled; customers are informed.", "Recall of batch {a}"),
]
QUESTIONS = [
    {"de": ("können Sie uns sagen, wann wir mit der Ware rechnen können?", "Wann kommt die Ware?"), "en": ("could you tell us when we can expect the goods?", "When will the goods arrive?")},
    {"de": ("noch offen ist, wer die Frachtkosten nach {city} übernimmt.", "Wer übernimmt die Frachtkosten nach {city}?"), "en": ("it is still open who pays the freight to {city}.", "Who pays the freight to {city}?")},
    {"de": ("wir wissen noch nicht, ob eine Teillieferung möglich ist.", "Ist eine Teillieferung möglich?"), "en": ("we do not know yet whether a partial delivery is possible.", "Is a partial delivery possible?")},
    {"de": ("gibt es bei {n} Stück einen Rabatt?", "Gibt es bei {n} Stück einen Rabatt?"), "en": ("is there a discount for {n} pieces?", "Is there a discount for {n} pieces?")},
    {"de": ("unklar bleibt, ob {a} als Ersatz passt.", "Passt {a} als Ersatz?"), "en": ("it remains unclear whether {a} fits as a replacement.", "Does {a} fit as a replacement?")},
    {"de": ("wer den Termin am {d} leitet, müssen wir noch klären.", "Wer leitet den Termin am {d}?"), "en": ("we still have to clarify who leads the meeting on {d}.", "Who leads the meeting on {d}?")},
    {"de": ("bekommen wir dafür eine Gutschrift?", "Gibt es eine Gutschrift?"), "en": ("will we get a credit note for that?", "Will there be a credit note?")},
    {"de": ("die Freigabe durch {x} steht noch aus.", "Wann gibt {x} frei?"), "en": ("the approval by {x} is still pending.", "When will {x} approve?")},
]
CHATTER = {
    "de": ["ich hoffe, Sie hatten ein schönes Wochenende.", "vielen Dank für das gute Gespräch.", "entschuldigen Sie bitte die späte Antwort.", "bei uns ist gerade sehr viel los.", "wie immer freuen wir uns über die gute Zusammenarbeit.", "das Wetter in {city} ist herrlich.", "wie besprochen hier noch einmal alles schriftlich.", "bitte geben Sie mir kurz Bescheid.", "ich melde mich nächste Woche noch einmal.", "bitte leiten Sie das an die Kollegen weiter."],
    "en": ["I hope you had a nice weekend.", "thank you for the good conversation.", "please excuse the late reply.", "we are very busy at the moment.", "as always we appreciate the good cooperation.", "the weather in {city} is lovely.", "as discussed, here is everything in writing.", "please let me know.", "I will get back to you next week.", "please forward this to your colleagues."],
}
