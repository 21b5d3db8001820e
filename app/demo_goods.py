"""What the demo warehouse sells: forty things from a tea merchant's, with measures, packs and what is special of them.

Columns: item, name, category, grams, millimetres (length × width × height), pieces in a case, velocity, tracking
(L lot, E expiry, S serial), cost in cents.
"""

from typing import NamedTuple


class Goods(NamedTuple):
    code: str
    name: str
    category: str
    weight_g: int
    size_mm: tuple[int, int, int]
    case: int
    velocity: str
    tracking: str
    cost: int


_TABLE = """
TEA-EARL-100   Earl Grey 100 g             tea        130  85x85x120    12  A LE  420
TEA-ASSAM-100  Assam 100 g                 tea        130  85x85x120    12  A LE  390
TEA-SENCHA-100 Sencha 100 g                tea        130  85x85x120    12  A LE  560
TEA-MINT-100   Peppermint 100 g            tea        120  85x85x120    12  B LE  340
TEA-CHAI-250   Chai 250 g                  tea        290  110x110x150  6   B LE  780
TEA-OOLONG-50  Oolong 50 g                 tea        75   70x70x100    12  C LE  890
TEA-WHITE-50   White tea 50 g              tea        75   70x70x100    12  C LE  1190
TEA-SAMPLER    Tea sampler, 8 kinds        tea        320  220x160x50   10  B LE  1450
HONEY-LIME-250 Lime honey 250 g            honey      420  75x75x95     12  A LE  520
HONEY-ACAC-500 Acacia honey 500 g          honey      780  90x90x115    6   B LE  910
HONEY-FOREST   Forest honey 500 g          honey      780  90x90x115    6   C LE  980
JAM-PLUM-200   Plum jam 200 g              honey      340  70x70x90     12  C LE  380
MUG-WHITE      Mug, white                  mugs       340  120x90x100   24  A -   310
MUG-BLUE       Mug, blue                   mugs       340  120x90x100   24  A -   310
MUG-FOX        Mug with a fox              mugs       350  120x90x100   24  B -   450
MUG-TRAVEL     Travel mug, steel           mugs       390  85x85x200    12  B -   1290
CUP-ESPRESSO   Espresso cup                mugs       150  80x60x60     36  C -   260
SAUCER-WHITE   Saucer, white               mugs       180  150x150x25   24  C -   190
POT-GLASS-1L   Glass teapot 1 l            pots       780  230x160x140  6   B -   1990
POT-IRON-08    Cast iron teapot 0.8 l      pots       1650 200x170x120  4   C -   4200
KETTLE-STEEL   Kettle, steel               kettles    1420 240x180x240  4   B S   3900
KETTLE-TEMP    Kettle with thermostat      electrical 1610 240x190x260  4   B S   6900
SCALE-TEA      Tea scale                   electrical 310  160x110x40   10  C S   2400
FILTER-PAPER   Tea filters, 100            tools      90   180x110x45   20  A -   220
STRAINER-FINE  Strainer, fine              tools      60   150x70x40    20  B -   480
TIMER-SAND     Sand timer, 3-4-5 min       tools      210  100x100x130  12  C -   890
SPOON-TEA      Measuring spoon             tools      35   170x40x20    50  B -   250
WHISK-MATCHA   Matcha whisk                tools      45   70x70x120    20  C -   990
TIN-100        Tin for 100 g               tools      95   80x80x115    24  B -   290
TIN-500        Tin for 500 g               tools      210  120x120x180  12  C -   490
TEE-S          T-shirt 'Kettle on', S      clothing   170  280x220x25   20  B -   700
TEE-M          T-shirt 'Kettle on', M      clothing   180  280x220x25   20  A -   700
TEE-L          T-shirt 'Kettle on', L      clothing   190  280x220x25   20  A -   700
TEE-XL         T-shirt 'Kettle on', XL     clothing   200  280x220x25   20  B -   700
TOWEL-LINEN    Tea towel, linen            clothing   110  250x180x20   30  B -   480
APRON-GREEN    Apron, green                clothing   260  300x220x35   15  C -   990
SOAP-LAVENDER  Soap, lavender              cosmetics  105  90x60x35     48  A -   210
SOAP-OLIVE     Soap, olive                 cosmetics  105  90x60x35     48  B -   210
CANDLE-BEES    Beeswax candle              soap       230  70x70x150    12  C -   640
BISCUIT-OAT    Oat biscuits 150 g          honey      180  200x70x60    16  A LE  230
"""


def goods() -> list[Goods]:
    found = []
    for line in _TABLE.strip().splitlines():
        code, rest = line[:15].strip(), line[15:]
        name = rest[:28].strip()
        category, grams, size, case, velocity, tracking, cost = rest[28:].split()
        length, width, height = (int(side) for side in size.split("x"))
        track = "" if tracking == "-" else tracking
        found.append(
            Goods(code, name, category, int(grams), (length, width, height), int(case), velocity, track, int(cost))
        )
    return found
