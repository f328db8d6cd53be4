"""Frames of sentences that say how a writer feels, how urgent it is, or nothing at all. Data only; see ticket_frames.py."""

MOODS = {
    "negative": {
        "de": """[das ist|so etwas ist|das finde ich|ehrlich gesagt ist das] [wirklich|einfach|mehr als|absolut|] [ärgerlich|enttäuschend|inakzeptabel|unverschämt|peinlich|frech|schwach|unmöglich|nicht hinnehmbar|eine Zumutung][!|.]
wir sind [sehr|äußerst|maßlos|wirklich|zutiefst] [enttäuscht|verärgert|unzufrieden|sauer|genervt|frustriert] [von Ihrem Service|über diesen Ablauf|mit Ihrer Firma|und erwarten eine Entschuldigung][!|.]
ich bin [stinksauer|wütend|fassungslos|entsetzt|genervt|verärgert|enttäuscht|empört][!|.| und sage das auch.]
so [kann das nicht weitergehen|kann man nicht arbeiten|geht es nicht|lassen wir nicht mit uns umgehen][!|.]
das ist [schon|bereits|jetzt] das [zweite|dritte|vierte|fünfte] Mal[!|.| in diesem Monat.| in Folge.]
auf [meine|unsere] [letzten {k} |][Mails|Anrufe|Nachrichten|Anfragen|Erinnerungen] [hat niemand reagiert|kam keine Antwort|meldet sich niemand|wurde nicht geantwortet].
[langsam|allmählich] [verliere ich|verlieren wir] [die Geduld|das Vertrauen|die Nerven][!|.]
wir [überlegen|erwägen], [den Lieferanten zu wechseln|zur Konkurrenz zu gehen|nicht mehr bei Ihnen zu kaufen|einen Anwalt einzuschalten].
[Ihr Service|Ihre Hotline|die Betreuung|Ihr Support|die Qualität] ist [eine Katastrophe|unter aller Kritik|unterirdisch|miserabel|schlecht|völlig unzuverlässig|ein schlechter Witz][!|.]
[leider müssen wir uns beschweren|ich möchte mich beschweren|wir beschweren uns ausdrücklich|das ist eine Beschwerde][!|.]
[noch nie|selten] [habe ich|haben wir] [so schlechten Service|so etwas Schlechtes|so viel Ärger|solche Inkompetenz] erlebt[!|.]""",
        "en": """[this is|that is|I find this|frankly this is] [really|simply|absolutely|more than|] [annoying|disappointing|unacceptable|outrageous|embarrassing|rude|poor|ridiculous|a disgrace|a nuisance][!|.]
we are [very|extremely|deeply|really|terribly] [disappointed|annoyed|unhappy|angry|upset|frustrated] [with your service|about this|with your company|and expect an apology][!|.]
I am [furious|angry|speechless|shocked|fed up|annoyed|disappointed|outraged][!|.| and I say so.]
[this cannot go on|nobody can work like this|we will not put up with this|that must not happen again][!|.]
this is [already|now] the [second|third|fourth|fifth] time[!|.| this month.| in a row.]
[nobody answered|there was no reply to|nobody reacts to|you ignored] [my|our] [last {k} |][emails|calls|messages|requests|reminders].
[slowly|by now] [I am|we are] losing [patience|trust|our nerves][!|.]
we are [thinking about|considering] [changing the supplier|going to a competitor|not buying from you again|calling a lawyer].
[your service|your hotline|the support|your customer care|the quality] is [a catastrophe|below standard|terrible|miserable|bad|completely unreliable|a bad joke][!|.]
[unfortunately we have to complain|I want to complain|we complain expressly|this is a complaint about your service][!|.]
[never before|rarely] have [I|we] [seen such bad service|had so much trouble|met such incompetence|been treated so badly][!|.]""",
    },
    "positive": {
        "de": """[vielen|herzlichen|tausend|besten] Dank für [die schnelle Hilfe|die nette Beratung|Ihre Mühe|den tollen Service|die prompte Antwort|die gute Zusammenarbeit|Ihre Geduld][!|.| beim letzten Mal!]
[mit Ihrem Service|mit der Qualität|mit Ihrer Arbeit|mit Ihrem Shop|mit der letzten Lieferung] sind wir [sehr|wirklich|rundum|äußerst] [zufrieden|glücklich][!|.]
[das hat|es hat|die Zusammenarbeit hat|alles hat] [bisher|immer|bislang] [super|prima|hervorragend|bestens|wunderbar|reibungslos] [geklappt|funktioniert][!|.]
[ein großes Lob|ein dickes Lob|unser Kompliment|ein herzliches Dankeschön] an [{x}|Ihr Team|den Kundendienst|die Kollegen im Lager][!|.]
ich bin [begeistert|positiv überrascht|sehr angetan|beeindruckt|rundum zufrieden] [von Ihrem Shop|von der Qualität|von Ihrem Team|von der Beratung][!|.]
wir [arbeiten|bestellen|kaufen] [sehr gern|immer wieder gern|mit Freude] [mit Ihnen zusammen|bei Ihnen][!|.]
[tolle|klasse|hervorragende|super|erstklassige] [Qualität|Arbeit|Beratung|Produkte], [weiter so|vielen Dank dafür|wir empfehlen Sie weiter][!|.]
Sie sind [wirklich|für uns|] [ein klasse Partner|der beste Lieferant|ein Vorbild|eine große Hilfe][!|.]""",
        "en": """[thank you so much|many thanks|a thousand thanks|heartfelt thanks] for [the quick help|the kind advice|your effort|the great service|the prompt reply|the good cooperation|your patience][!|.| last time!]
we are [very|really|completely|extremely] [happy|satisfied|pleased] with [your service|the quality|your work|your shop|the last delivery][!|.]
[so far|until now] [everything|the cooperation|it] has [always |][worked|run|gone] [perfectly|smoothly|wonderfully|very well|without a hitch][!|.]
[great praise|big compliments|a warm thank you|our compliments] to [{x}|your team|the customer service|the people in the warehouse][!|.]
I am [delighted|positively surprised|impressed|thrilled|very pleased] [with your shop|by the quality|with your team|by the advice][!|.]
we [really enjoy|love|always like] [working with you|ordering from you|buying from you][!|.]
[great|fantastic|excellent|superb|first-class] [quality|work|advice|products], [keep it up|thank you for that|we will recommend you][!|.]
you are [really |for us |][a fantastic partner|the best supplier|a role model|a great help][!|.]""",
    },
}
URGENCY = {
    "urgent": {
        "de": """[unsere Produktion|die Anlage|die Linie|die Baustelle|der ganze Betrieb|die Maschine|die Montage|unser Lager] [steht still|steht komplett|steht seit heute|ist lahmgelegt|kann nicht weiterarbeiten][!|.]
[bitte|Sie müssen das] [sofort|umgehend|auf der Stelle|unverzüglich|noch heute|noch in dieser Stunde] [bearbeiten|klären|erledigen|lösen][!|.]
[das ist|es ist|hier ist] ein [Notfall|echter Notfall][!|.| und duldet keinen Aufschub.]
wir brauchen [noch heute|sofort|innerhalb einer Stunde|bis heute Mittag|in den nächsten Minuten] [eine Lösung|Hilfe|eine Antwort|jemanden am Telefon][!|.]
[extrem|höchst|absolut|äußerst] dringend[!|, bitte umgehend anrufen!|, jede Minute zählt!|, sonst steht alles!]
[es geht um Stunden|jede Stunde kostet uns Geld|wir verlieren gerade Umsatz|uns läuft die Zeit davon|es zählt jede Minute][!|.]""",
        "en": """[our production|the plant|the line|the whole site|our whole business|the machine|the assembly|our warehouse] [is at a standstill|has stopped|is down since today|is paralysed|cannot go on][!|.]
[please|you must] [handle|clarify|fix|solve] this [immediately|at once|right now|without delay|today|within the hour][!|.]
[this is|we have] [an emergency|a real emergency][!|.| and it cannot wait.]
we need [a solution|help|an answer|somebody on the phone] [today|immediately|within an hour|by noon today|within minutes][!|.]
[extremely|highly|absolutely|most] urgent[!|, please call at once!|, every minute counts!|, or everything stops!]
[it is a matter of hours|every hour costs us money|we are losing sales right now|we are running out of time|every minute counts][!|.]""",
    },
    "high": {
        "de": """bitte [antworten Sie|melden Sie sich|reagieren Sie|helfen Sie uns] [schnellstmöglich|möglichst bald|zeitnah|rasch|zügig|bis morgen|so schnell wie möglich].
[das|die Sache|die Angelegenheit] ist [dringend|eilig|sehr wichtig|zeitkritisch|für uns wichtig|wirklich dringend].
wir brauchen [bis morgen|bis übermorgen|in dieser Woche|schnell|zeitnah|kurzfristig] [eine Antwort|eine Rückmeldung|eine Klärung|Bescheid].
bitte mit [hoher Priorität|Vorrang|höchster Dringlichkeit] bearbeiten.
das hat [für uns|bei uns|hier] [hohe Priorität|Vorrang|Dringlichkeit].
[das eilt|es eilt|es ist eilig|die Zeit drängt ein wenig|wir haben es eilig][!|.| etwas.]
wir [bitten um|hoffen auf|wünschen] [rasche|zügige|schnelle|baldige] [Klärung|Bearbeitung|Rückmeldung|Antwort].""",
        "en": """please [reply|get back to us|react|help] [as soon as possible|soon|quickly|promptly|by tomorrow|as quickly as you can].
[this|the matter|it] is [urgent|pressing|very important|time-critical|important for us|really urgent].
we need [an answer|feedback|a clarification|to know] [by tomorrow|by the day after tomorrow|this week|quickly|soon|at short notice].
[please treat this with|this has] [high priority|priority|some urgency][.| for us.]
[we are in a hurry|this is a rush|time is short|we are pressed for time][!|.]
we [ask for|hope for|would like] [a quick|a speedy|a fast|an early] [clarification|reply|answer|response].""",
    },
    "low": {
        "de": """[es eilt nicht|das eilt nicht|das hat Zeit|keine Eile|kein Stress|ohne Eile|das drängt nicht|das ist nicht dringend|das kann warten][.|, wirklich.|, lassen Sie sich Zeit.| und muss nicht heute sein.]
[antworten Sie|melden Sie sich|schauen Sie], [wann es Ihnen passt|wenn Sie Zeit haben|sobald es passt|wenn es ruhiger ist].
[bei Gelegenheit|irgendwann|nächste Woche|in den kommenden Wochen] [reicht völlig|genügt|reicht uns|ist früh genug].
[nur|gern] wenn Sie [gerade |einmal |]Zeit haben.
das muss nicht [heute|sofort|diese Woche|gleich] [sein|passieren|geklärt werden].""",
        "en": """[there is no rush|this can wait|no hurry|no stress|no pressure|it is not urgent|this is not urgent|this is not pressing|take your time][.|, really.|, any time is fine.| and need not be today.]
[answer|get back to us|have a look] [whenever it suits you|when you have time|as it suits you|when things are quieter].
[some time|next week|in the coming weeks|at your convenience] is [fine|enough|soon enough|good enough for us].
only if you have [a moment|some time|time to spare].
it does not have to [be|happen|be settled] [today|right away|this week|at once].""",
    },
}
NEUTRAL = {
    "de": """[ich habe|wir haben|wir hätten] [eine Frage|ein Anliegen|noch eine Frage|eine kurze Frage][.|:| an Sie.]
[wir sind|unsere Firma ist|{c} ist] [Kunde bei Ihnen|Stammkunde|seit {k} Jahren Kunde|ein neuer Kunde].
unsere Kundennummer [ist|lautet] {n}{k}.
ich [melde mich|schreibe] [im Auftrag von {c}|für unsere Filiale in {city}|im Namen von {x}|wegen unseres Telefonats].
{x} hat mich gebeten, [Ihnen zu schreiben|mich bei Ihnen zu melden|das mit Ihnen zu klären].
ich [arbeite bei|bin bei|leite den Einkauf bei|vertrete] {c}.
[mein Kollege|meine Kollegin] {x} ist [im Urlaub|krank|heute nicht da|auf Dienstreise].
ich beziehe mich auf [unser Telefonat|unser Gespräch|Ihr Schreiben|Ihre Mail] vom {d}.
ich hoffe, [es geht Ihnen gut|Sie können uns helfen|ich bin hier richtig].""",
    "en": """[I have|we have|we had] [a question|a request|another question|a quick question][.|:| for you.]
[we are|our company is|{c} is] [a customer of yours|a regular customer|a customer for {k} years|a new customer].
our customer number is {n}{k}.
I am [writing|getting in touch] [on behalf of {c}|for our branch in {city}|in the name of {x}|because of our phone call].
{x} asked me to [write to you|get in touch with you|clarify this with you].
I [work for|am with|run purchasing at|represent] {c}.
my colleague {x} is [on holiday|ill|not in today|on a business trip].
I refer to [our phone call|our conversation|your letter|your email] of {d}.
I hope [you are well|you can help us|I am in the right place].""",
}
