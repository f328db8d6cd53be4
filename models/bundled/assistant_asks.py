"""How people ask, put on speak and system prompts: frames for `assistant.py`. Data only.

<do> is what somebody wants to do (an infinitive), <what> a thing in the nominative, <about> a bare noun.
"""

ASKS = {
    "do": {
        "de": """Wie kann [ich|man] <do>?
[Wo|Wie und wo|Ab wann|In welchem Bereich] [kann|darf] [ich|man] <do>?
Ich [möchte|will|muss|würde gern|soll|wollte] [|gerade|heute|demnächst] <do>.
Ich [möchte|will|muss|soll] <do>, [wie geht das|wie mache ich das|wo finde ich das|wo fange ich an|was muss ich tun]?
Wir [möchten|wollen|müssen|würden gern|sollen] <do>.
Wir [möchten|wollen|müssen] <do>, [wie geht das|wie macht man das|wo geht das|geht das]?
Ich weiß nicht, wie [ich|man] <do> kann.
[Kannst du|Können Sie|Könnten Sie|Könntest du] [mir|uns] [bitte|kurz|mal|] [sagen|erklären|zeigen|verraten], wie [ich|man] <do> kann?
[Weißt du|Wissen Sie], wie [ich|man] <do> kann?
[Geht das|Ist das möglich|Kann man das]: <do>?
[Ist es möglich|Geht es], dass wir <do>?
[Was muss ich tun|Was brauche ich|Was ist nötig], [damit ich|wenn ich] <do> [kann|will]?
Wie [macht man das|läuft das|geht das], wenn man <do> [will|möchte|muss]?
[Hilfe|Achtung|Dringend], ich [muss|soll] <do>!
[Mein Chef|Unser Vertrieb|Die Buchhaltung|Unsere Geschäftsführung|Der Einkauf] [will|möchte|verlangt], dass wir <do>.
<do>
<do> [wie|wo|wie geht das|wie macht man das|bitte um Hilfe|geht das]?
[Anleitung|Hilfe|Frage|Schritte|So geht es]: <do>?
[Wieso|Warum] kann ich nicht <do>?
[Ich versuche vergeblich, das zu schaffen|Ich komme nicht weiter|Ich finde es nicht]: <do>.""",
        "en": """How [do|can|could|would|should] [I|we|you] <do>?
How to <do>?
Where [do|can|could] [I|we] <do>?
[I|We] [want|need|would like|have|am asked|are asked] to <do>.
[I|We] [want|need|would like|have] to <do>, [how does that work|where do I start|how|what do I do|is that possible]?
I [do not|don't] know how to <do>.
[Can|Could|Would] you [please|] [tell|show] [me|us] how to <do>?
Do you know how to <do>?
[Is it possible|Is there a way|Are we able|Am I allowed] to <do>?
[What do I need|What do I have|What does it take] to do to <do>?
What is the [best|easiest|right|usual|quickest] way to <do>?
[Any idea|Any hint|Tell me|Explain|Show me] how to <do>[?|.|]
[Help|Urgent|Please help], I [have|need] to <do>!
[My boss|Our sales team|Accounting|Our management|Purchasing] [wants us|needs us|asks us] to <do>.
<do>
<do> [how|where|please|how does it work|possible]?
[Steps|Guide|Instructions|Howto|Question]: <do>
Why [can I not|can't I] <do>?
[I cannot find out|I am stuck on|I struggle with] how to <do>.
If I [want|wanted] to <do>, [where do I go|how would I do that|what should I do]?""",
    },
    "what": {
        "de": """Was [ist|bedeutet|heißt] <what>?
Was [genau|eigentlich] ist <what>?
Was [meint ihr|meinen Sie|meint man] mit „<what>“?
[Weißt du|Wissen Sie|Kannst du erklären|Können Sie mir sagen|Sag mir|Erklär mir kurz], was <what> [ist|bedeutet|heißt][?|.|]
Mir ist [nicht|nicht ganz] klar, was <what> [ist|bedeutet|heißt].
Ich [lese|sehe|höre] [immer|hier|gerade|öfter] „<what>“, was [ist|bedeutet|heißt|soll] das?
[Definition|Bedeutung|Begriff|Erklärung]: <what>
<what> [Bedeutung|Definition|erklären|was ist das]?
[Hilf mir|Bitte hilf mir] mal: was [ist|bedeutet|heißt] <what>?
<what>?""",
        "en": """What is <what>[| exactly| actually]?
What [exactly is|is the meaning of|is meant by] <what>?
What do you mean by "<what>"?
[Can|Could] you [explain|tell me] what <what> [is|means]?
[I do not know|I wonder|Tell me|Explain] what <what> [is|means].
I [keep reading|see|hear|saw] "<what>", what [is that|does it mean]?
[Definition|Meaning|Term|Explain]: <what>
<what> [meaning|definition|explained|what is it]?
Explain <what>[| please| to me| briefly].
<what>?""",
    },
    "about": {
        "de": """<about>
<about>[?|!|...|]
[Frage|Kurze Frage|Thema|Stichwort|Info|Es geht um|Betrifft]: <about>
[Ich habe|Wir haben|Ich hätte] eine Frage zum Thema <about>.
[Zum|Mal zum|Noch zum] Thema <about>: [was muss ich wissen|wie geht das|was gilt|wo finde ich das]?
<about>, [wie geht das|wo finde ich das|was muss ich beachten|was gilt da|wie ist das bei euch]?
[Wo finde ich|Gibt es|Hast du|Haben Sie] [etwas|Informationen|eine Auskunft] zum Thema <about>?
[Erzähl mir|Sag mir|Ich brauche] [etwas|mehr|kurz etwas] zum Thema <about>.
Wie sieht es [in Sachen|beim Thema|mit dem Thema] <about> aus?
[Ich suche|Wir suchen|Ich finde nichts zu]: <about>""",
        "en": """<about>
<about>[?|!|...|]
[Question|Quick question|Topic|Subject|Info|It is about|Regarding]: <about>
[I have|We have] a question [about|on|regarding] <about>.
What about <about>?
[About|On|Regarding] <about>: [what do I need to know|how does it work|what applies|where is it]?
<about>, [how does that work|where do I find that|what should I know|any advice]?
[Where do I find|Is there|Do you have] [anything|information|something|help] [about|on] <about>?
[Tell me|I need to know] [about|more about|something about] <about>.
How do you handle <about>?
[I am looking for|We are looking for|I cannot find anything on] <about>.""",
    },
}

BEFORE = {
    "de": """Hallo,|Hi,|Moin,|Guten Tag,|Guten Morgen,|Servus,|Kurze Frage:|Noch eine Frage:|Eine Frage noch:|Bitte:|Entschuldigung,|Sorry,|Ich bin neu hier.|Ich bin Admin bei {c}.|Hier ist {x}.|Bei uns fragt der Vertrieb:|Ein Kunde fragt:|Dumme Frage vielleicht:|Sag mal,|Du,|Hey,|Hallo zusammen,|Ich bräuchte mal Hilfe.|Ich komme nicht weiter.|Ganz kurz:|Nur aus Neugier:""".split("|"),
    "en": """Hi,|Hello,|Hey,|Good morning,|Good afternoon,|Quick question:|Another question:|One more thing:|Please:|Sorry,|Excuse me,|I am new here.|I am an admin at {c}.|This is {x}.|A customer asks:|Our sales team wants to know:|Maybe a silly question:|Say,|Hi there,|Hello assistant,|I need some help.|I am stuck.|Very briefly:|Just curious:""".split("|"),
}
AFTER = {
    "de": "Danke!|Vielen Dank!|Danke im Voraus.|Bitte kurz antworten.|Bitte helfen.|Danke und Gruß|LG|Ist dringend.|Ich finde es nicht.|Besten Dank, {x}|Mit freundlichen Grüßen {x}|Bitte um schnelle Hilfe.".split("|"),
    "en": "Thanks!|Thank you!|Thanks in advance.|Please answer briefly.|Please help.|Cheers|It is urgent.|I cannot find it.|Many thanks, {x}|Kind regards {x}|Please reply quickly.|Appreciate it.".split("|"),
}
NEXT = {"de": ["Und", "Ok, und", "Gut, und", "Danke. Und", "Aha, und", "Verstanden. Und", "Alles klar, und", "Schön. Und"],
        "en": ["And", "Ok, and", "Good, and", "Thanks. And", "I see, and", "Got it. And", "Fine, and", "All right, and"]}

# A system prompt of somebody else: who the model is, and perhaps how it shall answer. It never changes the answer.
ROLE = {
    "de": """Du bist ein [hilfreicher|freundlicher|höflicher|nützlicher|kompetenter|sachlicher|ehrlicher|digitaler|virtueller|] Assistent.
Sie sind ein [hilfreicher|freundlicher|höflicher|kompetenter|sachlicher] Assistent.
Du bist ein [KI-Assistent|Chatbot|Sprachmodell|Helfer|Hilfebot|Support-Bot|Assistenzsystem].
Du bist der [Assistent|Chatbot|Support-Assistent|Kundenservice|virtuelle Berater] von {c}.
Du bist [Mitarbeiter|Mitarbeiterin] im [Kundenservice|Support|Vertrieb|Innendienst] [von {c}|eines Großhändlers|eines Online-Shops].
Du [hilfst|antwortest|berätst] [den|unseren] [Kunden|Nutzern|Administratoren|Mitarbeitern|Händlern].
Du hilfst [bei Fragen|Kunden] [zu|rund um] [Bestellungen|unseren Shop|B2B-Handel|unsere Plattform|B2XGate].
Hilf dem [Nutzer|Benutzer|Kunden|Anwender].
Beantworte [die Fragen|die Frage] des [Nutzers|Benutzers|Kunden].
[Assistent|Helpdesk|Support|Demo|Test|Chat]
Dies ist [ein Chat|eine Unterhaltung|ein Gespräch] mit einem [hilfreichen|kleinen|freundlichen] Assistenten.
Unterhaltung zwischen einem Menschen und einem [Assistenten|KI-Assistenten|Modell].
Du arbeitest für {c} in {city}.""",
    "en": """You are a [helpful|friendly|polite|useful|knowledgeable|concise|honest|digital|smart|] assistant.
You are a [helpful, respectful and honest|helpful AI|helpful and harmless|friendly customer support|kind and patient] assistant.
You are [ChatGPT-like|an AI|an intelligent|an expert|an online] assistant.
You are a [chatbot|language model|support bot|help desk agent|customer service agent|sales assistant].
You are the [assistant|chatbot|support assistant|virtual advisor|help desk] of {c}.
You work in [customer service|support|sales] [at {c}|of a wholesaler|of an online shop].
You [help|assist|advise|answer] [customers|users|administrators|employees|dealers].
You help [customers|users] with [orders|our shop|B2B commerce|our platform|B2XGate].
Help the [user|customer|reader].
Answer the [user's question|user's questions|question|customer].
[Assistant|Helpdesk|Support|Demo|Test|Chat]
This is a [chat|conversation] with a [helpful|small|friendly] assistant.
A [chat|conversation] between a [curious user|human|person] and an [AI assistant|assistant|artificial intelligence].
You work for {c} in {city}.""",
}
MANNER = {
    "de": """Antworte [kurz|knapp|kurz und klar|ausführlich|freundlich|höflich|sachlich|ehrlich|in wenigen Sätzen|in einem Satz|Schritt für Schritt].
[Bleib|Sei] [freundlich|höflich|sachlich|ehrlich|genau|hilfsbereit|geduldig].
Wenn du etwas nicht weißt, [sag es|sag das ehrlich|erfinde nichts|gib es zu].
Erfinde [nichts|keine Fakten|keine Angaben].
Antworte in der Sprache [der Frage|des Nutzers|des Kunden].
Verwende [kein Markdown|keine Aufzählungen|einfache Sprache|keine Emojis].
Denke [gründlich|genau|in Ruhe] nach, bevor du antwortest.
[Heute ist der|Datum:] {d}.
Der [Nutzer|Kunde|Benutzer] heißt {x}.
Gib keine [internen|vertraulichen|persönlichen] [Daten|Informationen] weiter.""",
    "en": """Answer [briefly|concisely|in detail|politely|honestly|clearly|in a few sentences|in one sentence|step by step|as helpfully as possible].
[Be|Stay] [friendly|polite|concise|honest|precise|helpful|patient|brief].
If you do not know [something|the answer], [say so|say that you do not know|do not make anything up|admit it].
[Do not|Never] [invent|make up] [anything|facts|information].
Answer in the language of the [question|user|customer].
[Do not use markdown|Do not use lists|Use plain language|Do not use emojis].
Think [carefully|step by step|twice] before you answer.
[Today is|Current date:] {d}.
The [user|customer]'s name is {x}.
Do not [share|reveal|give away] [internal|confidential|personal] [data|information].""",
}
