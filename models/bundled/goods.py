"""Names of goods made from two parts, so that most names in an evaluation were never read before. Data only."""

# German first part | English
FIRST = [row.split("|") for row in """
Stahl|steel
Edelstahl|stainless
Kunststoff|plastic
Aluminium|aluminium
Messing|brass
Gummi|rubber
Silikon|silicone
Winkel|angle
Doppel|double
Hochdruck|high-pressure
Niederdruck|low-pressure
Schnell|quick
Sicherheits|safety
Montage|assembly
Wand|wall
Decken|ceiling
Boden|floor
Rohr|pipe
Kabel|cable
Schlauch|hose
Tür|door
Fenster|window
Motor|motor
Pumpen|pump
Filter|filter
Lager|bearing
Klemm|clamp
Magnet|magnetic
Vakuum|vacuum
Industrie|industrial
Labor|lab
Werkstatt|workshop
Transport|transport
Schutz|protective
Isolier|insulating
Feder|spring
Gelenk|swivel
Dreh|rotary
Kipp|tilting
Mess|measuring
Signal|signal
Temperatur|temperature
Öl|oil
Luft|air
Wasser|water
Gas|gas
Keramik|ceramic
Glas|glass
Holz|wooden
Falt|folding
""".strip().splitlines()]

# German base | English | measures (keys of World.measure) | units
BASE = [row.split("|") for row in """
halter|bracket|mm|pcs
klemme|clamp|mm|pcs bag
dichtung|gasket|ring|pcs
ventil|valve|dn|pcs
flansch|flange|dn|pcs
hülse|sleeve|diam|pcs bag
stift|pin|diam|pcs box
bolzen|bolt|thread|pcs box
scheibe|disc|nut|pcs box
platte|plate|dims|pcs sheet
profil|profile|dims|m pcs
leiste|strip|len|m pcs
griff|handle|mm|pcs
deckel|lid|mm|pcs
kasten|box|dims|pcs
behälter|container|litre|pcs
wanne|tray|litre|pcs
kupplung|coupling|mm|pcs
verschraubung|fitting|nut|pcs
stecker|plug|amp|pcs
schalter|switch|volt|pcs
leuchte|lamp|watt|pcs
sensor|sensor|volt|pcs
regler|controller|bar|pcs
pumpe|pump|flow|pcs
lüfter|fan|watt|pcs
heizer|heater|watt|pcs
rolle|roller|mm|pcs
rad|wheel|mm|pcs
kette|chain|len|m pcs
seil|rope|len|m roll
band|tape|len|roll carton
folie|film|micron|roll
matte|mat|dims|pcs roll
tuch|cloth|pack|pack box
handschuh|glove|size|pair box
brille|goggles|none|pcs
haube|hood|none|pcs pack
spray|spray|ml|can
kleber|adhesive|ml|cartridge
reiniger|cleaner|litre|canister bottle
fett|grease|gram|can cartridge
lack|paint|litre|can
bürste|brush|mm|pcs
messer|knife|mm|pcs
zange|pliers|mm|pcs
säge|saw|mm|pcs
bohrer|drill bit|diam|pcs set
feile|file|mm|pcs set
wagen|trolley|kilo|pcs
regal|rack|dims|pcs
etikett|label|dims|roll pack
mappe|folder|none|pcs pack
beutel|bag|litre|pack carton
""".strip().splitlines()]
