"""Frames of sentences that say how a writer feels, how urgent it is, or nothing at all. Data only; see ticket_frames.py."""

MOODS = {
    "negative": {
        "de": """[das ist|so etwas ist|das finde ich|ehrlich gesagt ist das][ wirklich| einfach| absolut|] [ärgerlich|enttäuschend|inakzeptabel|unverschämt|peinlich|frech|schwach|unmöglich|nicht hinnehmbar|eine Zumutung][!|.]
wir sind [sehr|äußerst|maßlos|wirklich|zutiefst] [enttäuscht|verärgert|unzufrieden|sauer|genervt|frustriert] [von Ihrem Service|über diesen Ablauf|mit Ihrer Firma|und erwarten eine Entschuldigung][!|.]
ich bin [stinksauer|wütend|fassungslos|entsetzt|genervt|verärgert|enttäuscht|empört][!|.| und sage das auch.]
so [kann das nicht weitergehen|kann man nicht arbeiten|geht es nicht|lassen wir nicht mit uns umgehen][!|.]
das ist [schon|bereits|jetzt] das [zweite|dritte|vierte|fünfte] Mal[!|.| in diesem Monat.| in Folge.]
auf [meine|unsere] [letzten {k} |][Mails|Anrufe|Nachrichten|Anfragen|Erinnerungen] [hat niemand reagiert|kam keine Antwort|meldet sich niemand|wurde nicht geantwortet].
[langsam|allmählich] [verliere ich|verlieren wir] [die Geduld|das Vertrauen|die Nerven][!|.]
wir [überlegen|erwägen], [den Lieferanten zu wechseln|zur Konkurrenz zu gehen|nicht mehr bei Ihnen zu kaufen|einen Anwalt einzuschalten].
[Ihr Service|Ihre Hotline|die Betreuung|Ihr Support|die Qualität] ist [eine Katastrophe|unter aller Kritik|unterirdisch|miserabel|schlecht|völlig unzuverlässig|ein schlechter Witz][!|.]
[leider müssen wir uns beschweren|ich möchte mich beschweren|wir beschweren uns ausdrücklich|das ist eine Beschwerde][!|.]
[noch nie|selten] [habe ich|haben wir] [so schlechten Service|so etwas Schlechtes|so viel Ärger|solche Inkompetenz] erlebt[!|.]
[allmählich|langsam|so nach und nach] [reicht es uns|haben wir genug|platzt mir der Kragen|ist das Maß voll|reißt mir der Geduldsfaden][!|.]
[wir fühlen uns|ich fühle mich] [im Stich gelassen|nicht ernst genommen|veräppelt|abgewimmelt|für dumm verkauft|hingehalten][!|.| und das als langjähriger Kunde.]
[das geht gar nicht|das geht so nicht|was soll das|das darf doch nicht wahr sein|muss das sein|ich fasse es nicht][!|.]
[wie oft|wie lange] [sollen wir das noch sagen|muss man Ihnen das noch erklären|sollen wir uns das noch gefallen lassen|müssen wir Ihnen noch hinterherlaufen]?
[von einem Fachbetrieb|von Profis|von einem Partner|von Ihnen] [hätten wir mehr erwartet|sind wir Besseres gewohnt|darf man mehr erwarten][.|!]
[nicht gerade berauschend|keine Glanzleistung|ein Trauerspiel|ziemlich mies|wirklich schwach|eine Blamage], [was Sie da abliefern|muss ich sagen|Ihr Service].
[jedes Mal|immer wieder|schon wieder|ständig] [derselbe Ärger|das gleiche Theater|dieser Zirkus|dasselbe Chaos][ bei Ihnen| mit Ihnen|][.|!]
[niemand fühlt sich zuständig|keiner weiß Bescheid|jeder sagt etwas anderes|man wird nur weitergereicht|man bekommt nur Ausreden zu hören][.|!]
[unsere Geduld|mein Verständnis|unser Vertrauen] [ist am Ende|ist aufgebraucht|hat Grenzen|hält sich in Grenzen][.|!]
das hat uns [Nerven|viel Zeit und Nerven|schon viel Ärger und Geld|unseren guten Ruf] gekostet[.|!|, und zwar nicht zu knapp.]
[ich bin|wir sind] [bedient|ratlos und verärgert|mit den Nerven fertig|schwer enttäuscht|alles andere als zufrieden|nicht amüsiert][.|!]
[ich erwarte|wir erwarten|wir fordern] [eine Stellungnahme|eine Entschuldigung|dass sich der Chef meldet|Konsequenzen|endlich Taten][.|!]
[zugesagt war etwas anderes|versprochen wurde viel, gehalten nichts|auf Ihr Wort ist kein Verlass|Ihre Versprechen sind nichts wert][.|!]
[bei der Konkurrenz|anderswo|bei Ihrem Mitbewerber] [klappt so etwas|wäre das nicht passiert|wird man besser behandelt][.|!]
[so verliert man Kunden|so macht man sich keine Freunde|das spricht sich herum|das werden wir uns merken][.|!]
[empfehlen|weiterempfehlen] [kann ich Sie so nicht|werden wir Sie sicher nicht][.|!]
bitte sparen Sie sich [die üblichen Floskeln|Textbausteine|Standardantworten][.|!]
[ein Armutszeugnis|eine Frechheit|ein schlechter Scherz|eine Zumutung|eine Unverschämtheit] [ist das|sondergleichen][.|!]""",
        "en": """[this is|that is|I find this|frankly this is][ really| simply| absolutely| more than|] [annoying|disappointing|unacceptable|outrageous|embarrassing|rude|poor|ridiculous|a disgrace|a nuisance][!|.]
we are [very|extremely|deeply|really|terribly] [disappointed|annoyed|unhappy|angry|upset|frustrated] [with your service|about this|with your company|and expect an apology][!|.]
I am [furious|angry|speechless|shocked|fed up|annoyed|disappointed|outraged][!|.| and I say so.]
[this cannot go on|nobody can work like this|we will not put up with this|that must not happen again][!|.]
this is [already|now] the [second|third|fourth|fifth] time[!|.| this month.| in a row.]
[nobody answered|there was no reply to|nobody reacts to|you ignored] [my|our] [last {k} |][emails|calls|messages|requests|reminders].
[slowly|by now] [I am|we are] losing [patience|trust|our nerves][!|.]
we are [thinking about|considering] [changing the supplier|going to a competitor|not buying from you again|calling a lawyer].
[your service|your hotline|the support|your customer care|the quality] is [a catastrophe|below standard|terrible|miserable|bad|completely unreliable|a bad joke][!|.]
[unfortunately we have to complain|I want to complain|we complain expressly|this is a complaint about your service][!|.]
[never before|rarely] have [I|we] [seen such bad service|had so much trouble|met such incompetence|been treated so badly][!|.]
[we have had enough|I have had it|enough is enough|I am at the end of my tether|my patience has run out][!|.]
[we feel|I feel] [let down|fobbed off|not taken seriously|ignored|taken for fools|strung along][!|.| and that after years as a customer.]
[this is not on|this is beyond a joke|what is going on|I cannot believe it|you must be kidding|is this meant seriously][!|.]
how [often|many times] do [we|I] have to [say this|explain this|chase you|put up with this]?
[from a professional firm|from a partner|from you] [we expected more|we are used to better|one may expect more][.|!]
[not exactly impressive|hardly a shining example|a sorry affair|pretty shabby|really weak|quite a letdown], [what you are doing there|I must say|your service].
[every time|again and again|once more|constantly] [the same trouble|the same circus|this mess|the same old story][ with you|][.|!]
[nobody feels responsible|nobody has a clue|everybody says something different|one is passed from pillar to post|all we hear is excuses][.|!]
our [patience|trust|goodwill] [is used up|has limits|is wearing thin|is gone][.|!]
this has cost us [a lot of nerves|time and nerves|nothing but grief|our good name][.|!]
[I am|we are] [not amused|anything but satisfied|at our wits' end|sick and tired of this|bitterly disappointed|far from happy][.|!]
[I expect|we expect|we demand] [a statement|an apology|a call from your boss|consequences|deeds, not words][.|!]
[a lot was promised and nothing kept|your word is worth nothing|one cannot rely on you|your promises are empty][.|!]
[your competitors would|others would|any other firm would] [have managed this|treat us better|never let that happen][.|!]
[this is how you lose customers|word will get around|we will remember this|you are making no friends this way][.|!]
[I cannot recommend you|we will certainly not recommend you|I would warn others about you][.|!]
[please spare us|we can do without] [the usual phrases|stock answers|canned replies][.|!]
what [a shambles|a farce|a mess|a let-down|an ordeal|a cheek][!|.]""",
    },
    "positive": {
        "de": """[vielen|herzlichen|tausend|besten] Dank für [die schnelle Hilfe|die nette Beratung|Ihre Mühe|den tollen Service|die prompte Antwort|die gute Zusammenarbeit|Ihre Geduld][!|.| beim letzten Mal!]
[mit Ihrem Service|mit der Qualität|mit Ihrer Arbeit|mit Ihrem Shop|mit der letzten Lieferung] sind wir [sehr|wirklich|rundum|äußerst] [zufrieden|glücklich][!|.]
[das hat|es hat|die Zusammenarbeit hat|alles hat] [bisher|immer|bislang] [super|prima|hervorragend|bestens|wunderbar|reibungslos] [geklappt|funktioniert][!|.]
[ein großes Lob|ein dickes Lob|unser Kompliment|ein herzliches Dankeschön] an [{x}|Ihr Team|den Kundendienst|die Kollegen im Lager][!|.]
ich bin [begeistert|positiv überrascht|sehr angetan|beeindruckt|rundum zufrieden] [von Ihrem Shop|von der Qualität|von Ihrem Team|von der Beratung][!|.]
wir [arbeiten|bestellen|kaufen] [sehr gern|immer wieder gern|mit Freude] [mit Ihnen zusammen|bei Ihnen][!|.]
[tolle|klasse|hervorragende|super|erstklassige] [Qualität|Arbeit|Beratung|Produkte], [weiter so|vielen Dank dafür|wir empfehlen Sie weiter][!|.]
Sie sind[ wirklich| für uns|] [ein klasse Partner|der beste Lieferant|ein Vorbild|eine große Hilfe][!|.]
[einfach|rundum|wirklich] [spitze|top|prima|klasse|große Klasse], [wie Sie das machen|Ihr Service|danke dafür|immer wieder gern][!|.]
[auf Sie ist Verlass|bei Ihnen fühlt man sich gut aufgehoben|man merkt, dass Sie mit Herz dabei sind|bei Ihnen ist man noch Kunde][.|!]
[wir sind|ich bin] [hellauf begeistert|restlos überzeugt|mehr als zufrieden|hochzufrieden|richtig happy][.|!| mit Ihnen.]
[besten Dank|lieben Dank|danke|ein Dankeschön] an [{x}|alle Beteiligten|die nette Dame am Telefon|das ganze Team], [das war klasse|so freundlich|wir haben uns gefreut|super Einsatz][!|.]
[das ging ja|das lief ja|das war] [flott|wie am Schnürchen|schneller als gedacht|ruckzuck|vorbildlich][!|, danke!|, vielen Dank.]
[wir wissen|ich weiß] [Ihre Zuverlässigkeit|Ihre Freundlichkeit|Ihren Einsatz|Ihre gute Beratung] [sehr |]zu schätzen[.|!]
[schön|es freut uns|gut], dass [es Sie gibt|man sich auf Sie verlassen kann|die Zusammenarbeit so angenehm ist|Sie sich so gut kümmern][!|.]
Sie haben [uns|mir] [sehr geholfen|den Tag gerettet|aus der Patsche geholfen|eine große Freude gemacht][!|, danke!|, herzlichen Dank.]
[weiter so|bleiben Sie so|Daumen hoch|Hut ab|Respekt|Chapeau][!|, danke!| und vielen Dank!]
[unsere Leute|meine Kollegen|alle hier|unsere Monteure] [schwärmen von Ihnen|sind voll des Lobes|loben Ihren Service|sind ganz begeistert][.|!]
[seit Jahren|von Anfang an|jedes Mal] [sind wir hochzufrieden|ist es ein Vergnügen mit Ihnen|läuft es bei Ihnen tadellos|überzeugen Sie uns][.|!]
[so wünscht man sich das|besser geht es nicht|so macht Einkaufen Spaß|davon können andere lernen|fünf Sterne von uns][!|.]
wir empfehlen Sie [gern weiter|überall weiter|jedem Kollegen][.|, und das aus Überzeugung.|, weil Sie gut sind.]
[die Freundlichkeit|die Hilfsbereitschaft|das Engagement] [Ihrer Leute|Ihres Teams|von {x}] ist [großartig|bemerkenswert|Gold wert|vorbildlich][.|!]
[noch einmal|vorab|an dieser Stelle] [vielen Dank für alles|ein großes Lob von uns|ein herzliches Danke|unsere Anerkennung][.|!]
[alles bestens|alles super|alles wunderbar] [bei Ihnen|bisher|wie immer], [wir bleiben gern Kunde|darum bleiben wir Ihnen treu|da kann man nur danken].""",
        "en": """[thank you so much|many thanks|a thousand thanks|heartfelt thanks] for [the quick help|the kind advice|your effort|the great service|the prompt reply|the good cooperation|your patience][!|.| last time!]
we are [very|really|completely|extremely] [happy|satisfied|pleased] with [your service|the quality|your work|your shop|the last delivery][!|.]
[so far|until now] [everything|the cooperation|it] has [always |][worked|run|gone] [perfectly|smoothly|wonderfully|very well|without a hitch][!|.]
[great praise|big compliments|a warm thank you|our compliments] to [{x}|your team|the customer service|the people in the warehouse][!|.]
I am [delighted|positively surprised|impressed|thrilled|very pleased] [with your shop|by the quality|with your team|by the advice][!|.]
we [really enjoy|love|always like] [working with you|ordering from you|buying from you][!|.]
[great|fantastic|excellent|superb|first-class] [quality|work|advice|products], [keep it up|thank you for that|we will recommend you][!|.]
you are [really |for us |][a fantastic partner|the best supplier|a role model|a great help][!|.]
[simply|really|truly] [brilliant|top-notch|lovely|superb|first class], [the way you do things|your service|thank you|we appreciate it][!|.]
[one can rely on you|we feel in good hands with you|you can tell you care|with you a customer still counts][.|!]
[we are|I am] [over the moon|more than happy|thoroughly convinced|highly satisfied|very happy indeed][.|!| with you.]
[thanks a million|many thanks|cheers|a big thank you] to [{x}|everyone involved|the kind lady on the phone|the whole team], [that was great|so friendly|it made our day|top effort][!|.]
that [went like clockwork|was faster than expected|was exemplary|went very smoothly|was quick work][!|, thanks!|, thank you so much.]
we [really |greatly |][appreciate|value] [your reliability|your kindness|your efforts|your good advice][.|!]
[it is good|we are glad|it is lovely] that [we can count on you|working with you is so pleasant|you look after us so well|firms like yours exist][!|.]
you [helped us a lot|saved the day|got us out of a tight spot|made us very happy][!|, thanks!|, thank you.]
[keep up the good work|stay as you are|thumbs up|hats off|respect|well done][!| and thank you!| to all of you!]
[our people|my colleagues|everyone here|our fitters] [rave about you|are full of praise|praise your service|cannot speak highly enough of you][.|!]
[for years|from the very start|each time] [we have been more than satisfied|it has been a pleasure|you have been spot on|you have won us over][.|!]
[this is how it should be|it does not get better|that makes buying fun|others could learn from you|five stars from us][!|.]
we [gladly recommend you|have recommended you several times|tell everybody about you|would choose you again any time][.|!]
the [kindness|helpfulness|commitment] of [your people|your team|{x}] is [outstanding|remarkable|worth its weight in gold|exemplary][.|!]
[once again|first of all|before anything else] [thank you for everything|great praise from us|a heartfelt thank you|our compliments][.|!]
everything is [great|perfect|wonderful] with you[ so far| as ever|], [we are happy to stay|that is why we stay loyal|we can only say thanks].""",
    },
}
URGENCY = {
    "urgent": {
        "de": """[unsere Produktion|die Anlage|die Linie|die Baustelle|der ganze Betrieb|die Maschine|die Montage|unser Lager] [steht still|steht komplett|steht seit heute|ist lahmgelegt|kann nicht weiterarbeiten][!|.]
[bitte|Sie müssen das] [sofort|umgehend|auf der Stelle|unverzüglich|noch heute|noch in dieser Stunde] [bearbeiten|klären|erledigen|lösen][!|.]
[das ist|es ist|hier ist] ein [Notfall|echter Notfall][!|.| und duldet keinen Aufschub.]
wir brauchen [noch heute|sofort|innerhalb einer Stunde|bis heute Mittag|in den nächsten Minuten] [eine Lösung|Hilfe|eine Antwort|jemanden am Telefon][!|.]
[extrem|höchst|absolut|äußerst] dringend[!|, bitte umgehend anrufen!|, jede Minute zählt!|, sonst steht alles!]
[es geht um Stunden|jede Stunde kostet uns Geld|wir verlieren gerade Umsatz|uns läuft die Zeit davon|es zählt jede Minute][!|.]
[Alarmstufe rot|höchste Alarmstufe|Notfall|SOS|hier brennt es][!|: bitte sofort reagieren!|, bitte sofort anrufen!]
[bei uns|hier|im Werk] [geht nichts mehr|steht alles|stehen die Bänder|steht die Produktion|stehen alle Räder still][!|.]
[{n} Leute|unsere Monteure|alle Kollegen|die ganze Schicht] [stehen herum|können nicht arbeiten|drehen Däumchen|sitzen untätig da][ und warten auf Sie|, solange das nicht gelöst ist|, und zwar jetzt][!|.]
wenn das nicht [heute noch|in den nächsten Stunden|sofort] [gelöst wird|geklärt wird|erledigt wird], [stehen wir still|zahlen wir Vertragsstrafe|müssen wir den Betrieb einstellen|droht ein Produktionsausfall][!|.]
[lassen Sie bitte alles stehen und liegen|bitte jetzt gleich handeln|bitte nicht erst morgen, sondern jetzt|keine Minute länger warten|bitte auf der Stelle melden][!|.]
[rufen Sie mich|ruft mich|bitte rufen Sie] [sofort|in den nächsten Minuten|jetzt gleich|innerhalb der nächsten halben Stunde] an[!|.|, es ist ein Notfall!]
[der Betrieb|die Fertigung|die Kühlung|die Schicht] [ist akut gefährdet|muss sonst heute noch abgebrochen werden|steht kurz vor dem Stillstand|fällt sonst aus][!|.]
[heute noch|jetzt sofort|noch in dieser Stunde] [muss etwas passieren|brauchen wir eine Lösung|muss das vom Tisch|muss jemand handeln][!|.]
[Vertragsstrafe|Produktionsausfall|Stillstand] [droht|ist kaum noch abzuwenden][!|, bitte sofort handeln!|, jede Stunde zählt!]
[es brennt lichterloh|uns steht das Wasser bis zum Hals|es ist fünf vor zwölf|Gefahr im Verzug][!|, bitte sofort helfen!|, wir können keine Stunde warten.]
[ein Aufschub ist nicht möglich|warten können wir nicht|bis morgen ist es zu spät|morgen nützt uns das nichts mehr], [es muss jetzt sein|bitte sofort|es geht um Stunden][!|.]
[der Schaden|der Ausfall|der Verlust] wächst [stündlich|mit jeder Minute|von Stunde zu Stunde][!|.]
[allerhöchste Eisenbahn|allerhöchste Dringlichkeit|dringendst|brandeilig|supereilig][!|, bitte sofort!|, heute noch bitte!]
[höchste Priorität|Priorität eins|Prio 1], [Stillstand|Notfall|bitte unverzüglich|sofortige Hilfe nötig][!|.]
[ohne sofortige Hilfe|ohne Lösung bis heute Mittag] [steht morgen alles|müssen wir die Leute heimschicken|bricht hier alles zusammen|verlieren wir einen Großkunden][!|.]""",
        "en": """[our production|the plant|the line|the whole site|our whole business|the machine|the assembly|our warehouse] [is at a standstill|has stopped|is down since today|is paralysed|cannot go on][!|.]
[please|you must] [handle|clarify|fix|solve] this [immediately|at once|right now|without delay|today|within the hour][!|.]
[this is|we have] [an emergency|a real emergency][!|.| and it cannot wait.]
we need [a solution|help|an answer|somebody on the phone] [today|immediately|within an hour|by noon today|within minutes][!|.]
[extremely|highly|absolutely|most] urgent[!|, please call at once!|, every minute counts!|, or everything stops!]
[it is a matter of hours|every hour costs us money|we are losing sales right now|we are running out of time|every minute counts][!|.]
[red alert|emergency|SOS|mayday|this is a fire alarm][!|: please react at once!|, please call right now!]
[over here|at our plant|in our hall] [nothing moves any more|everything has stopped|the belts are standing|production is down|all wheels have come to a halt][!|.]
[{n} people|our fitters|all my colleagues|the whole shift] [are standing about|cannot work|are twiddling their thumbs|are sitting idle] [waiting for you|until this is solved|as we speak][!|.]
if this is not [solved|settled|done] [today|within hours|straight away], [we come to a standstill|we face a penalty|we have to shut down|production will fail][!|.]
[please drop everything|please act this very minute|not tomorrow but now, please|do not wait a minute longer|please respond on the spot][!|.]
[call me|please ring me|somebody must phone us] [immediately|within minutes|right this minute|in the next half hour][!|.|, it is an emergency!]
[our operation|the cooling|the shift|the plant] is [in acute danger|about to stop|on the verge of a shutdown|minutes away from a halt][!|.]
[before the day is out|right now|within this hour] [something has to happen|we need a solution|somebody has to act][!|.]
[a penalty|a shutdown|a loss of production] [is looming|is upon us|has begun][!|, act at once please!|, every hour counts!]
[we are up to our necks in it|it is one minute to midnight|the house is on fire|danger is imminent][!|, help at once please!|, we cannot wait an hour.]
[there is no time to lose|waiting is no option|tomorrow is too late|tomorrow will not help us], [it has to be now|immediately please|it is a matter of hours][!|.]
the [damage|loss|downtime] [grows by the hour|gets worse every minute|mounts with each passing hour][!|.]
[top urgency|as urgent as it gets|most pressing|red hot][!|, at once please!|, today please!]
[top priority|priority one|prio 1], [standstill|emergency|immediate help needed|without delay please][!|.]
without [immediate help|a solution by noon] [everything stops tomorrow|we have to send people home|it all falls apart here|we lose a key account][!|.]""",
    },
    "high": {
        "de": """bitte [antworten Sie|melden Sie sich|reagieren Sie|helfen Sie uns] [schnellstmöglich|möglichst bald|zeitnah|rasch|zügig|bis morgen|so schnell wie möglich].
[das|die Sache|die Angelegenheit] ist [dringend|eilig|sehr wichtig|zeitkritisch|für uns wichtig|wirklich dringend].
wir brauchen [bis morgen|bis übermorgen|in dieser Woche|schnell|zeitnah|kurzfristig] [eine Antwort|eine Rückmeldung|eine Klärung|Bescheid].
bitte mit [hoher Priorität|Vorrang|höchster Dringlichkeit] bearbeiten.
das hat [für uns|bei uns|hier] [hohe Priorität|Vorrang|Dringlichkeit].
[das eilt|es eilt|es ist eilig|die Zeit drängt ein wenig|wir haben es eilig][!|.| etwas.]
wir [bitten um|hoffen auf|wünschen] [rasche|zügige|schnelle|baldige] [Klärung|Bearbeitung|Rückmeldung|Antwort].
[wir stehen etwas unter Druck|bei uns wird es zeitlich eng|die Zeit wird knapp|der Termin rückt näher|wir sind spät dran], [bitte rasch|bitte bald Bescheid geben|wir zählen auf eine zügige Antwort].
[bitte nicht lange liegen lassen|bitte bevorzugt behandeln|bitte vorziehen|bitte oben auf den Stapel legen|bitte zeitnah erledigen][.|, danke.|, es ist wichtig.]
[eine schnelle Antwort|eine rasche Reaktion|zügiges Handeln|baldige Hilfe] [wäre wichtig|ist uns wichtig|wäre sehr nötig|täte not].
[können Sie|könnten Sie] sich [bitte |]das [noch diese Woche|bis übermorgen|möglichst morgen|zeitnah|vorrangig] [ansehen|vornehmen|anschauen]?
[dringend|eilt|eilig|wichtig|Eilsache|dringlich][.|, bitte.|: bitte bald antworten.|, bitte zügig.]
[mein Chef|die Geschäftsleitung|unser Kunde] [wartet auf Antwort|sitzt mir im Nacken|fragt täglich nach|macht Druck].
[je eher|je früher|je schneller], desto besser[, es ist dringend.|, wir haben wenig Zeit.|, die Sache eilt.]
[spätestens|bis] [morgen Mittag|übermorgen|Ende der Woche|Freitag] [sollte das geklärt sein|brauchen wir Bescheid|muss eine Antwort da sein].
[wir haben nur noch wenige Tage|uns bleiben nur {k} Tage|wir brauchen es in Kürze], [bitte beeilen Sie sich|bitte helfen Sie zügig|bitte geben Sie Gas].
[höchstwichtig|sehr wichtig|von großer Bedeutung] [für uns|für unseren Betrieb], [bitte kümmern Sie sich bald|bitte nicht aufschieben].
[darf ich|dürfen wir] um [schnelle Hilfe|rasche Erledigung|eine Antwort bis morgen|bevorzugte Behandlung] bitten[?|, es ist dringend.]
[bitte um|erbitte|wünschen] [kurzfristige Rückmeldung|baldige Antwort|schnellstmögliche Erledigung|zeitnahen Rückruf].
wir [müssen bald entscheiden|brauchen hier schnell Klarheit|kommen sonst in Verzug|können nicht mehr lange warten].
das sollte [nicht bis nächste Woche warten|bald vom Tisch|so schnell wie möglich geregelt werden|Vorrang haben].
ein [Rückruf|kurzes Zeichen|Bescheid] [noch in dieser Woche|bis morgen|möglichst bald] [wäre wichtig|ist dringend erwünscht].""",
        "en": """please [reply|get back to us|react|help] [as soon as possible|soon|quickly|promptly|by tomorrow|as quickly as you can].
[this|the matter|it] is [urgent|pressing|very important|time-critical|important for us|really urgent].
we need [an answer|feedback|a clarification|to know] [by tomorrow|by the day after tomorrow|this week|quickly|soon|at short notice].
[please treat this with|this has] [high priority|priority|some urgency][.| for us.]
[we are in a hurry|this is a rush|time is short|we are pressed for time][!|.]
we [ask for|hope for|would like] [a quick|a speedy|a fast|an early] [clarification|reply|answer|response].
[we are under some pressure|time is getting short|our deadline is near|we are running late], [please be quick|please let us know soon|we count on a prompt reply].
please [do not let this lie around|give this preference|move this up|put this on top of the pile|see to this soon][.|, thank you.|, it matters.]
[a quick answer|a swift reaction|prompt action|early help] [would be important|matters to us|is much needed].
[can you|could you] [please |]look [at this|into it] [this week|by the day after tomorrow|tomorrow if possible|as a priority]?
[urgent|pressing|important|a rush job][.|, please.|: please reply soon.|, please be quick.]
[my boss|management|our client] [is waiting for an answer|is breathing down my neck|asks every day|is putting pressure on us].
the [sooner|earlier|quicker] the better[, it is urgent.|, we have little time.|, we are in a hurry.]
[by noon tomorrow|by Friday|before the week is out|by the day after tomorrow] [this should be settled|we need to know|there must be an answer].
[we have only a few days|we are left with {k} days|we need it shortly], [please hurry|please help promptly|please step on it].
[very important|of great importance] [to us|for our business], [please deal with it soon|please do not put it off].
may [I|we] ask for [fast help|a speedy solution|an answer by tomorrow|priority treatment][?|, it is urgent.]
[kindly|please] [revert soon|respond at short notice|settle this asap|call back before tomorrow evening].
we [have to decide soon|need clarity quickly|will fall behind otherwise|cannot wait much longer].
this should [not wait until next week|be off the table soon|be sorted as soon as possible|have priority].
a [call|short sign|word] [this week|by tomorrow|as soon as possible] [would be important|is needed].""",
    },
    "low": {
        "de": """[es eilt nicht|das eilt nicht|das hat Zeit|keine Eile|kein Stress|ohne Eile|das drängt nicht|das ist nicht dringend|das kann warten][.|, wirklich.|, lassen Sie sich Zeit.| und muss nicht heute sein.]
[antworten Sie|melden Sie sich|schauen Sie], [wann es Ihnen passt|wenn Sie Zeit haben|sobald es passt|wenn es ruhiger ist].
[bei Gelegenheit|irgendwann|nächste Woche|in den kommenden Wochen] [reicht völlig|genügt|reicht uns|ist früh genug].
[nur|gern] wenn Sie [gerade |einmal |]Zeit haben.
das muss nicht [heute|sofort|diese Woche|gleich] [sein|passieren|geklärt werden].
[nur so am Rande|nur aus Neugier|nur interessehalber|nur eine Kleinigkeit|bloß eine Nebensache], [es drängt nicht|ohne jede Eile|wir haben alle Zeit der Welt|das hat Zeit].
[lassen Sie sich Zeit|keine Hektik|machen Sie sich keinen Stress|in aller Ruhe][.|, wir haben Zeit.|, das läuft nicht weg.]
[das läuft uns nicht weg|das rennt uns nicht davon|daran hängt nichts|darauf kommt es nicht an][.|, also ohne Eile.]
[irgendwann in den nächsten Wochen|wenn Sie mal Luft haben|in einer ruhigen Minute|wenn Ihr Kollege aus dem Urlaub zurück ist|irgendwann im nächsten Monat] [reicht|genügt es|ist völlig in Ordnung|wäre es schön].
[auf ein paar Tage mehr oder weniger|auf einen Monat] kommt es [nicht an|uns nicht an].
[nicht eilig|unwichtig|niedrige Priorität|keine Eile nötig|eilt überhaupt nicht][.|, nur zur Info.|, wenn mal Zeit ist.]
[eine Antwort|ein Rückruf|die Erledigung] [kann ruhig warten|hat keine Eile|darf gern dauern|muss nicht diese Woche sein].
[wir können|ich kann] [gut |ruhig |problemlos |]warten[, bis es Ihnen passt.|, nur keine Umstände.|, das hat keine Eile.]
[es ist nichts Wichtiges|es ist nichts Wildes|es ist nur eine kleine Sache], [bei Gelegenheit|irgendwann mal|wenn gerade nichts anderes anliegt].
[stellen Sie es|schieben Sie es] ruhig [hinten an|nach hinten|auf nächste Woche].
[nur zur Kenntnis|nur für Ihre Akten|nur als Anregung], [eine schnelle Antwort ist nicht nötig|kein Handlungsbedarf heute|es hat Zeit].
[wir planen erst fürs nächste Jahr|das brauchen wir erst in einigen Monaten|vor dem Sommer wird das nicht gebraucht], [es eilt also nicht|Sie haben also Zeit].
[ganz entspannt|ganz ohne Druck|ganz gemütlich], [wann immer es passt|irgendwann diese Wochen|es drängt uns niemand].
[wenn es|falls es] [diesen Monat nicht mehr klappt|noch dauert], [ist das kein Problem|macht das nichts|stört uns das nicht].
[für den Moment|im Augenblick|vorerst] [hat das keine Eile|ist das nicht wichtig|besteht kein Zeitdruck].""",
        "en": """[there is no rush|this can wait|no hurry|no stress|no pressure|it is not urgent|this is not urgent|this is not pressing|take your time][.|, really.|, any time is fine.| and need not be today.]
[answer|get back to us|have a look] [whenever it suits you|when you have time|as it suits you|when things are quieter].
[some time|next week|in the coming weeks|at your convenience] is [fine|enough|soon enough|good enough for us].
only if you have [a moment|some time|time to spare].
it does not have to [be|happen|be settled] [today|right away|this week|at once].
[just by the way|just out of curiosity|just a small thing|a side note only], [no rush|no hurry at all|we have all the time in the world|it can wait].
[take all the time you need|please do not rush|do not stress yourselves|in your own time][.|, we can wait.|, it will not run away.]
[nothing hinges on it|it will not run away|it is of little importance][.|, so no hurry.]
[some time in the next few weeks|when you have a breather|in a quiet moment|when your colleague is back from holiday|some day next month] [will do|is plenty|is perfectly fine|would be nice].
a [few days|week|month] more or less [does not matter|makes no difference|is neither here nor there].
[not urgent|unimportant|low priority|no haste needed|not pressing at all][.|, just for information.|, whenever there is time.]
[an answer|a call back|sorting this out] [can wait|is in no hurry|may take its time|need not be this week].
[we|I] can [happily |easily |]wait[ until it suits you.|, do not go out of your way.|, there is no hurry.]
it is [nothing important|nothing serious|only a trifle], [some time or other|whenever it fits in|when you have nothing else on].
feel free to [leave this till last|push this back|put this off till next week].
[for information only|for your files only|a mere suggestion], [no quick answer needed|nothing to do today|it can wait].
[we are only planning for next year|we will not need it for some months|nobody needs it before summer], [so there is no hurry|so you have time].
[quite relaxed|no pressure at all|nice and easy], [whenever it fits|some time these weeks|nobody is pushing us].
if it [takes a while|does not work out this month], [that is no problem|never mind|we do not mind].
[for the moment|right now|for the time being] [there is no hurry|this is not important|there is no time pressure].""",
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
ich hoffe, [es geht Ihnen gut|Sie können uns helfen|ich bin hier richtig].
[ich weiß nicht, ob ich hier richtig bin|ich hoffe, das ist die richtige Adresse|falls Sie nicht zuständig sind, bitte weiterleiten].
[zu unserem Vorgang|zum Thema von letzter Woche|zu meiner Mail vom {d}] [noch Folgendes|eine Rückfrage|eine Ergänzung|etwas][.|:]
[wie eben besprochen|nach unserem Gespräch|wie am Telefon gesagt|wie mit {x} vereinbart], [hier noch einmal schriftlich|nun meine Mail|hier die Einzelheiten].
[{c} ist ein kleiner Betrieb|wir sind eine Firma|wir sind ein Familienbetrieb|wir sind ein Team von {n} Leuten] [in {city}|mit zwei Standorten|mit Sitz in {city}].
[ich bin neu|ich bin seit {k} Wochen|ich bin als Vertretung] [in der Abteilung|bei {c}|hier] [und kenne mich noch nicht aus|und arbeite mich ein].
[wir sprachen|Sie sprachen] am {d} mit [{x}|meinem Kollegen|unserer Zentrale].
[ich schreibe Ihnen|ich melde mich] [heute|kurz|wieder|zum ersten Mal].
[unser Zeichen|mein Zeichen|unsere Referenz|die Vorgangsnummer|das Aktenzeichen][ ist | lautet |: ]{i}.
[{x} ist in dieser Woche nicht im Haus|unser Ansprechpartner {x} ist nicht da|ich vertrete heute {x}][.|, darum schreibe ich.]
[antworten Sie bitte|eine Antwort bitte] [an diese Adresse|per Mail|auf Deutsch|an {x}].
ich bin [am besten vormittags|bis 16 Uhr|montags bis freitags|unter meiner Durchwahl] [zu erreichen|am Telefon|im Büro].
[ich setze|wir setzen] {x} [in Kopie|in CC].
[folgendes Anliegen|folgender Fall|es geht um Folgendes|zur Sache|kurz gesagt][:|.]
[Kundennummer|Kunde|Kd.-Nr.] {n}{k}[.|, {c}.|, Standort {city}.]
[danke fürs Lesen|vielen Dank im Voraus|danke vorab|ich danke Ihnen].""",
    "en": """[I have|we have|we had] [a question|a request|another question|a quick question][.|:| for you.]
[we are|our company is|{c} is] [a customer of yours|a regular customer|a customer for {k} years|a new customer].
our customer number is {n}{k}.
I am [writing|getting in touch] [on behalf of {c}|for our branch in {city}|in the name of {x}|because of our phone call].
{x} asked me to [write to you|get in touch with you|clarify this with you].
I [work for|am with|run purchasing at|represent] {c}.
my colleague {x} is [on holiday|ill|not in today|on a business trip].
I refer to [our phone call|our conversation|your letter|your email] of {d}.
I hope [you are well|you can help us|I am in the right place].
[I am not sure whether this is the right address|I hope this is the right place to ask|if this is not your area, please pass it on].
[about our last conversation|regarding my email of {d}|on the matter of last week|once more, briefly][: |, ][one more thing|a follow-up|an addition][.|:]
[as we discussed|as I said on the phone|as agreed with {x}], [here it is again in writing|I am getting in touch|I am writing to you].
[{c} is a small firm|we are a company|we are a family business|we are a team of {n}] [in {city}|with two sites|based in {city}].
I am [new|standing in for somebody|a recent starter] [in the department|at {c}|here] [and still finding my way around|and still learning].
[we|you] spoke [to|with] [{x}|my colleague|our head office] on {d}.
[I am writing|I am getting in touch] [today|briefly|again|for the first time].
[our reference|my reference|the case number|the file number][ is |: ]{i}.
[{x} is out of the office this week|our contact {x} is away|I am covering for {x} today][.|, which is why I am writing.]
please reply [to this address|by email|in English|to {x}].
you can reach me [best in the mornings|until 4 pm|Monday to Friday|on my direct line].
[I have|we have] put {x} [in copy|on CC].
[the matter is this|here is the case|it is about the following|to the point|in short][:|.]
[customer number|customer|cust. no.] {n}{k}[.|, {c}.|, site {city}.]
[thanks for reading|thank you in advance|thanks beforehand|I thank you].""",
}
# What a writer tells about the own company, though the matter is another one.
CONTEXT = {
    "de": """wir [verwenden|nutzen] Ihre <things> [schon lange |seit Jahren |seit {k} Jahren |][in unserer Werkstatt|in unserem Werk in {city}|in der Montage|auf allen Baustellen|in der Fertigung].
wir sind ein [Betrieb|Handwerksbetrieb|Händler|Hersteller|Ingenieurbüro] [aus {city}|in {city}|mit {n} Mitarbeitern] und [arbeiten viel mit <thingsD>|verbauen täglich <things>|handeln mit <thingsD>|warten Maschinen].
[letzten Monat|im Frühjahr|vor {k} Wochen] [haben wir unser Werk erweitert|ging unsere neue Halle in Betrieb|haben wir auf Ihre <things> umgestellt|haben wir {x} eingestellt].
[in unserem Betrieb|bei uns|in {city}] [laufen|arbeiten] [rund {n} Maschinen|{k} Anlagen|Ihre <things>] [im Dauerbetrieb|rund um die Uhr|in drei Schichten].
unser Projekt in {city} [geht gut voran|ist mitten in der Bauphase].
[ich betreue|wir betreuen] [die Instandhaltung|den Einkauf|die Verwaltung|mehrere Filialen|die Baustelle in {city}] [bei {c}|für {c}].""",
    "en": """we [use|work with|fit] your <things> [in our workshop|at our plant in {city}|in assembly|on all our sites|in production][.| every day.]
we are a [workshop|trade business|dealer|manufacturer|design office] [from {city}|in {city}|with {n} employees] and [work a lot with <things>|fit <things> every day|trade in <things>|service machines].
[last month|in spring|{k} weeks ago] we [extended our plant|opened our new hall|changed over to your <things>|took on {x}].
[in our firm|here|in {city}] [about {n} machines|{k} lines|your <things>] run [non-stop|round the clock|in three shifts].
our project in {city} [is going well|is in the middle of construction].
[I look after|we look after] [maintenance|purchasing|administration|several branches|the site in {city}] [at {c}|for {c}].""",
}
# Numbers that have nothing to do with the matter.
REFERENCE = {
    "de": """[Ref.|Ihr Zeichen|Unser Zeichen|Vorgang|Az.|Ticket][: | ]{i}[.|]
([Kd.-Nr.|Kundennummer|Ref.|Projekt|intern] {n}{k})
[Telefonnotiz|Notiz|Gesprächsnotiz] vom {d}, {x}.
[Ticket|Fall|Vorgang] [#|Nr. ]{n}{k}{n}[.| vom {d}.]""",
    "en": """[Ref.|Your ref.|Our ref.|Case|File|Ticket][: | ]{i}[.|]
([cust. no.|customer number|ref.|project|internal] {n}{k})
[phone note|note|call note] of {d}, {x}.
[ticket|case|file] [#|no. ]{n}{k}{n}[.| of {d}.]""",
}
