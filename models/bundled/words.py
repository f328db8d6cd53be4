"""Word lists shared by all generators. Data only; every list is plain text to stay easy to extend."""


def split(text):
    return [part.strip() for part in text.replace("\n", "|").split("|") if part.strip()]


# German name | English name | category | measures (keys of world.MEASURES) | units
PRODUCTS = [row.split("|") for row in """
Sechskantschraube|hex bolt|fasteners|thread|pcs box
Zylinderschraube|socket head screw|fasteners|thread|pcs box
Holzschraube|wood screw|fasteners|wood|box pcs
Senkkopfschraube|countersunk screw|fasteners|thread|pcs box
Sechskantmutter|hex nut|fasteners|nut|pcs box
Unterlegscheibe|washer|fasteners|nut|pcs box
Gewindestange|threaded rod|fasteners|nut|pcs m
Spreizdübel|wall plug|fasteners|mm|box pcs
Blindniete|blind rivet|fasteners|diam|box pcs
Federring|spring washer|fasteners|nut|pcs box
Sicherungsring|retaining ring|fasteners|mm|pcs
Schwerlastanker|heavy-duty anchor|fasteners|thread|pcs
Kabelbinder|cable tie|electrical|mm|pcs bag
Mantelleitung NYM-J|sheathed cable NYM-J|electrical|cross|m roll
Erdkabel NYY-J|underground cable NYY-J|electrical|cross|m drum
Steuerleitung|control cable|electrical|cross|m roll
Patchkabel Cat 6A|patch cable Cat 6A|electrical|len|pcs
Verlängerungskabel|extension lead|electrical|len|pcs
Schukosteckdose|socket outlet|electrical|colour|pcs
Leitungsschutzschalter|circuit breaker|electrical|amp|pcs
Aderendhülse|wire ferrule|electrical|area|bag pcs
Schütz|contactor|electrical|volt|pcs
Netzteil|power supply|electrical|volt|pcs
LED-Panel|LED panel|electrical|watt|pcs
LED-Strahler|LED floodlight|electrical|watt|pcs
Näherungsschalter|proximity switch|electrical|thread|pcs
Klemmenblock|terminal block|electrical|area|pcs
Kabelkanal|cable duct|electrical|dims|m pcs
Tauchpumpe|submersible pump|pumps|watt|pcs
Kreiselpumpe|centrifugal pump|pumps|flow|pcs
Membranpumpe|diaphragm pump|pumps|flow|pcs
Dosierpumpe|dosing pump|pumps|flow|pcs
Umwälzpumpe|circulation pump|pumps|dn|pcs
Kugelhahn|ball valve|fittings|dn|pcs
Absperrklappe|butterfly valve|fittings|dn|pcs
Rückschlagventil|check valve|fittings|dn|pcs
Flanschdichtung|flange gasket|fittings|dn|pcs
Schlauchschelle|hose clamp|fittings|range|pcs bag
Druckluftschlauch|compressed air hose|fittings|len|roll pcs
Hydraulikschlauch|hydraulic hose|fittings|dn|m pcs
Rohrbogen 90°|pipe elbow 90°|fittings|dn|pcs
Manometer|pressure gauge|fittings|bar|pcs
O-Ring|O-ring|seals|ring|pcs bag
Wellendichtring|shaft seal|seals|ring|pcs
Rillenkugellager|deep groove ball bearing|bearings|bearing|pcs
Keilriemen|V-belt|drives|mm|pcs
Rollenkette|roller chain|drives|len|m pcs
Zahnriemen|timing belt|drives|mm|pcs
Getriebemotor|gear motor|drives|watt|pcs
Faltkarton|folding carton|packaging|dims|pcs bundle
Versandkarton|shipping box|packaging|dims|pcs pallet
Luftpolsterfolie|bubble wrap|packaging|len|roll
Stretchfolie|stretch film|packaging|micron|roll carton
Packband|packing tape|packaging|len|roll carton
Umreifungsband|strapping|packaging|mm|roll
Europalette|Euro pallet|packaging|dims|pcs
Versandtasche|mailing bag|packaging|dims|pack pcs
Füllpapier|void fill paper|packaging|len|roll
Kantenschutz|edge protector|packaging|mm|pcs bundle
Nitrilhandschuhe|nitrile gloves|safety|size|box pair
Schnittschutzhandschuhe|cut-resistant gloves|safety|size|pair
Sicherheitsschuhe S3|safety shoes S3|safety|shoe|pair
Schutzbrille|safety glasses|safety|colour|pcs
Gehörschutzstöpsel|earplugs|safety|db|box pair
Schutzhelm|safety helmet|safety|colour|pcs
Warnweste|high-visibility vest|safety|size|pcs
Atemschutzmaske FFP2|respirator mask FFP2|safety|pack|box pcs
Arbeitshose|work trousers|safety|size|pcs
Feuerlöscher|fire extinguisher|safety|litre|pcs
Verbandkasten|first aid kit|safety|none|pcs
Kopierpapier A4|copy paper A4|office|gsm|pack carton
Kugelschreiber|ballpoint pen|office|colour|pcs box
Ordner A4|lever arch file A4|office|colour|pcs
Haftnotizen|sticky notes|office|dims|pack
Toner|toner cartridge|office|colour|pcs
Bürostuhl|office chair|office|colour|pcs
Schreibtisch|desk|office|dims|pcs
Whiteboard|whiteboard|office|dims|pcs
Etiketten|labels|office|dims|roll pack
Akkuschrauber|cordless drill|tools|volt|pcs
Winkelschleifer|angle grinder|tools|watt|pcs
Bohrhammer|rotary hammer|tools|watt|pcs
Drehmomentschlüssel|torque wrench|tools|torque|pcs
Ringschlüssel|ring spanner|tools|mm|pcs set
Bitsatz|bit set|tools|pack|set
Trennscheibe|cutting disc|tools|mm|pcs box
Spiralbohrer HSS|twist drill HSS|tools|mm|pcs set
Messschieber|calliper|tools|mm|pcs
Wasserwaage|spirit level|tools|cm|pcs
Werkzeugkoffer|tool case|tools|none|pcs set
Schleifpapier|sandpaper|tools|grit|sheet pack
Becherglas|beaker|laboratory|ml|pcs
Messzylinder|measuring cylinder|laboratory|ml|pcs
Pipettenspitzen|pipette tips|laboratory|ul|box pack
Petrischale|Petri dish|laboratory|mm|pack pcs
Laborwaage|laboratory balance|laboratory|gram|pcs
Magnetrührer|magnetic stirrer|laboratory|watt|pcs
Reagenzglas|test tube|laboratory|ml|pack pcs
Thermometer|thermometer|laboratory|none|pcs
Reinigungsmittel|cleaning agent|cleaning|litre|canister bottle
Bremsenreiniger|brake cleaner|cleaning|ml|can carton
Putztuchrolle|wiping roll|cleaning|none|roll
Müllsack|refuse sack|cleaning|litre|roll carton
Handseife|hand soap|cleaning|litre|bottle canister
Motoröl 5W-30|engine oil 5W-30|lubricants|litre|canister drum
Schmierfett|grease|lubricants|gram|cartridge can
Silikonspray|silicone spray|lubricants|ml|can
Silikondichtstoff|silicone sealant|chemicals|ml|cartridge
Montagekleber|construction adhesive|chemicals|ml|cartridge carton
Epoxidharz|epoxy resin|chemicals|kilo|can kg
Lackspray|spray paint|chemicals|colour|can
Stahlrohr|steel tube|metal|dims|m pcs
Aluminiumprofil|aluminium profile|metal|dims|m pcs
Edelstahlblech|stainless steel sheet|metal|dims|sheet pcs
Flachstahl|flat steel bar|metal|dims|m kg
Lochblech|perforated sheet|metal|dims|sheet
Schweißdraht|welding wire|metal|diam|roll kg
Stapelbox|stacking container|storage|litre|pcs
Schwerlastregal|heavy-duty shelf|storage|dims|pcs
Hubwagen|pallet truck|storage|kilo|pcs
Transportroller|transport dolly|storage|kilo|pcs
Lagersichtbox|storage bin|storage|litre|pcs
Spanngurt|lashing strap|storage|len|pcs set
Rundschlinge|round sling|storage|len|pcs
Temperaturfühler|temperature sensor|sensors|len|pcs
Drucksensor|pressure sensor|sensors|bar|pcs
Frequenzumrichter|frequency inverter|sensors|watt|pcs
Filterpatrone|filter cartridge|filters|micron|pcs
Luftfilter|air filter|filters|dims|pcs
Ölfilter|oil filter|filters|none|pcs
""".strip().splitlines()]

UNITS = {  # the spellings seen in mails
    "de": {"pcs": "Stk Stück St. Stk. ST", "box": "Karton Packung VE Pkg.", "m": "m Meter lfm", "bag": "Beutel",
           "roll": "Rollen Rolle Rl.", "drum": "Trommel Fass", "pair": "Paar Pr.", "pack": "Packungen Pack Pkt. Pck",
           "carton": "Karton Kartons Ktn", "pallet": "Paletten Pal.", "bundle": "Bund", "set": "Satz Sets Set",
           "sheet": "Tafeln Bogen", "canister": "Kanister", "bottle": "Flaschen Fl.", "can": "Dosen Dose",
           "cartridge": "Kartuschen", "kg": "kg"},
    "en": {"pcs": "pcs pieces pc pcs. EA units ea", "box": "boxes box bx", "m": "m metres meters", "bag": "bags bag",
           "roll": "rolls roll", "drum": "drums drum", "pair": "pairs pair prs", "pack": "packs pack pkts",
           "carton": "cartons carton ctn", "pallet": "pallets", "bundle": "bundles", "set": "sets set",
           "sheet": "sheets", "canister": "canisters", "bottle": "bottles", "can": "cans",
           "cartridge": "cartridges", "kg": "kg"},
}

FINISH = {
    "de": split("A2|A4|verzinkt|8.8|10.9|DIN 933|DIN 912|ISO 4762|Edelstahl|schwarz|weiß|blau|PE|PVC|Typ B|IP65|IP44|EN 388|"
                "pulverfrei|selbstklebend|extra stark|mit Deckel|ohne Zubehör|Messing|Stahl blank|RAL 7035|kurz|lang"),
    "en": split("A2|A4|zinc plated|8.8|10.9|DIN 933|DIN 912|ISO 4762|stainless|black|white|blue|PE|PVC|type B|IP65|IP44|EN 388|"
                "powder-free|self-adhesive|heavy duty|with lid|without accessories|brass|plain steel|RAL 7035|short|long"),
}

COLOURS = {"de": split("schwarz|weiß|blau|rot|gelb|grün|grau|orange|anthrazit|transparent"),
           "en": split("black|white|blue|red|yellow|green|grey|orange|anthracite|clear")}

FIRST = split("""Anna|Thomas|Julia|Michael|Sabine|Stefan|Petra|Andreas|Claudia|Markus|Nicole|Jürgen|Katrin|Wolfgang|Birgit|Lukas|Laura
Jonas|Lena|Felix|Marie|Paul|Sophie|Maximilian|Hannah|Jan|Lisa|Tim|Sarah|Daniel|Melanie|Oliver|Heike|Matthias|Ute|Ralf|Ingrid|Dirk
Uwe|Jens|Monika|Frank|Silke|Holger|Renate|Sven|Tanja|Bernd|Susanne|Kai|Emily|James|Olivia|William|Charlotte|George|Grace|Harry|Amelia
Jack|Sophia|Oscar|Isabella|Noah|Mia|Liam|Ava|Ethan|Chloe|Lucas|Ella|Henry|Lucy|David|Rachel|Peter|Helen|Mark|Karen|Steven|Linda|Brian
Priya|Arjun|Mei|Wei|Yuki|Ahmed|Fatima|Omar|Leila|Marta|Piotr|Agnieszka|Jakub|Elena|Marco|Giulia|Pierre|Camille|Sofia|Carlos|Ana|Mehmet
Ayşe|Emre|Zeynep|Nils|Ingeborg|Freya|Lars|Astrid|Sanne|Joost|Anouk|Bram""")
LAST = split("""Müller|Schmidt|Schneider|Fischer|Weber|Meyer|Wagner|Becker|Schulz|Hoffmann|Koch|Bauer|Richter|Klein|Wolf|Schröder|Neumann
Schwarz|Zimmermann|Braun|Krüger|Hofmann|Hartmann|Lange|Schmitt|Werner|Krause|Lehmann|Köhler|Herrmann|König|Walter|Huber|Kaiser|Fuchs
Peters|Lang|Scholz|Möller|Weiß|Jung|Hahn|Vogel|Friedrich|Keller|Günther|Berger|Winkler|Roth|Beck|Lorenz|Baumann|Franke|Albrecht|Böhm
Smith|Jones|Taylor|Brown|Williams|Wilson|Johnson|Davies|Robinson|Wright|Thompson|Evans|Walker|White|Roberts|Green|Hall|Wood|Jackson
Clarke|Hughes|Edwards|Hill|Moore|Cooper|Ward|Turner|Carter|Morris|Bennett|Cook|Bailey|Parker|Singh|Patel|Khan|Nguyen|Chen|Wang|Kowalski
Nowak|Rossi|Bianchi|Dubois|Laurent|García|Martínez|de Vries|Jansen|van Dijk|Andersen|Nielsen|Yılmaz|Demir|Novák|Horvat|O'Brien|McDonald""")
SYLLABLES = split("al|an|ar|bel|ber|bor|bra|cal|cor|dal|dan|del|dor|dur|el|en|er|fal|fen|fer|gal|gar|gen|gra|hal|har|hel|hol|ing|ka|kel|ker|kor|"
                  "kra|lan|lar|len|lin|lor|mar|mel|mer|min|mon|nar|nel|nor|on|or|pel|per|pol|ra|ren|rin|ro|sal|san|sel|ser|sol|stan|ta|tek|tel|"
                  "ter|tor|tri|val|van|ver|vin|vor|wal|wen|wer|xan|zel|zen|zor|burg|feld|stein|mann|hoff|berg|tal|ström|grün|küh|lüh|höf|bäu")
COMPANY_WORDS = split("Metallbau|Maschinenbau|Elektrotechnik|Logistik|Anlagenbau|Haustechnik|Industriebedarf|Werkzeugbau|Verpackungen|Labortechnik|"
                      "Bau|Handel|Automation|Sanitär|Holzbau|Kunststofftechnik|Präzisionsteile|Fördertechnik|Gebäudeservice|Stahlhandel|Energie|Medizintechnik")
COMPANY_WORDS_EN = split("Engineering|Industries|Manufacturing|Logistics|Supplies|Systems|Fabrication|Packaging|Electrical|Building Services|Tools|"
                         "Trading|Automation|Components|Laboratories|Construction|Hardware|Solutions|Precision|Energy|Marine|Foods")
LEGAL = {"de": split("GmbH|GmbH & Co. KG|AG|KG|e.K.|OHG|UG|SE|GmbH|GmbH|mbH"), "en": split("Ltd|Ltd.|Inc.|LLC|plc|Group|Limited|& Sons Ltd|B.V.|Corp.")}
CITIES = {
    "de": split("Berlin|Hamburg|München|Köln|Frankfurt am Main|Stuttgart|Düsseldorf|Leipzig|Dortmund|Essen|Bremen|Dresden|Hannover|Nürnberg|Duisburg|"
                "Bochum|Wuppertal|Bielefeld|Bonn|Münster|Karlsruhe|Mannheim|Augsburg|Wiesbaden|Gelsenkirchen|Aachen|Kiel|Chemnitz|Magdeburg|Freiburg|"
                "Lübeck|Erfurt|Rostock|Mainz|Kassel|Ulm|Heilbronn|Regensburg|Ingolstadt|Würzburg|Wolfsburg|Göttingen|Jena|Siegen|Passau|Wien|Graz|Linz|"
                "Salzburg|Innsbruck|Zürich|Basel|Bern|Winterthur|Sankt Gallen"),
    "en": split("London|Birmingham|Manchester|Leeds|Sheffield|Bristol|Liverpool|Newcastle|Nottingham|Leicester|Coventry|Glasgow|Edinburgh|Cardiff|"
                "Belfast|Dublin|Cork|Derby|Plymouth|Norwich|York|Reading|Austin|Denver|Portland|Chicago|Boston|Seattle|Dallas|Atlanta|Toronto|Rotterdam|"
                "Utrecht|Antwerp|Copenhagen|Gothenburg|Milton Keynes|Swindon|Hull|Preston"),
}
STREETS = {
    "de": split("Hauptstraße|Bahnhofstraße|Industriestraße|Gewerbering|Am Hafen|Ringstraße|Gartenstraße|Schulstraße|Werkstraße|Lindenallee|Siemensstraße|"
                "Robert-Bosch-Straße|Im Gewerbepark|Mühlenweg|Daimlerstraße|Dieselstraße|Kirchweg|Otto-Hahn-Straße|Max-Planck-Ring|Am Bahndamm"),
    "en": split("High Street|Station Road|Industrial Way|Mill Lane|Park Road|Victoria Road|Church Street|Harbour Road|Queens Road|Kings Avenue|"
                "Riverside Drive|Enterprise Way|Dock Road|Maple Avenue|Foundry Lane|Canal Street|Trade Park|Bridge Street|Oak Street|Commerce Drive"),
}
ROLES = {
    "de": split("Einkauf|Einkaufsleiter|Einkäuferin|Leiter Technik|Geschäftsführer|Geschäftsführerin|Projektleiter|Werkstattleiter|Vertrieb|"
                "Strategischer Einkauf|Assistentin der Geschäftsleitung|Leiterin Logistik|Produktionsleiter|Facility Manager|Buchhaltung|Disponentin|"
                "Technischer Einkäufer|Vertriebsleiterin|Laborleiter|Leiter Instandhaltung"),
    "en": split("Purchasing|Purchasing Manager|Buyer|Head of Procurement|Managing Director|Project Manager|Workshop Manager|Sales|Strategic Buyer|"
                "Office Manager|Logistics Manager|Production Manager|Facility Manager|Accounts|Supply Chain Coordinator|Maintenance Manager|"
                "Technical Buyer|Sales Director|Lab Manager|Operations Manager|Account Manager"),
}
MONTHS = {"de": split("Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"),
          "en": split("January|February|March|April|May|June|July|August|September|October|November|December")}
NUMBER_WORDS = {"de": dict(zip(split("zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|zwanzig|fünfzig|hundert"),
                               (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 20, 50, 100))),
                "en": dict(zip(split("two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|fifty|a hundred"),
                               (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 20, 50, 100)))}
GREETINGS = {"de": split("Sehr geehrte Damen und Herren,|Guten Tag,|Hallo,|Hallo zusammen,|Guten Morgen,|Liebes Team,|Moin,|Sehr geehrte Frau {last},|"
                         "Sehr geehrter Herr {last},|Hallo Frau {last},|Grüß Gott,|Servus,|Werte Kollegen,|Liebe Kolleginnen und Kollegen,"),
             "en": split("Dear Sir or Madam,|Hello,|Hi,|Hi team,|Good morning,|Good afternoon,|Dear team,|Dear Mr {last},|Dear Ms {last},|Hi {first},|"
                         "To whom it may concern,|Hey there,|Hello support,|Dear {first},")}
CLOSINGS = {"de": split("Mit freundlichen Grüßen|Viele Grüße|Beste Grüße|Freundliche Grüße|MfG|Vielen Dank und Grüße|Mit besten Grüßen|Danke und Gruß|LG|VG|Danke im Voraus"),
            "en": split("Kind regards|Best regards|Regards|Many thanks|Thanks|Best|Yours sincerely|Thank you|Cheers|With kind regards|Thanks in advance|BR")}
