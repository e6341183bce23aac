"""General English the drafter knows: function words, comparisons, negation, numbers.

No word here belongs to one organisation's business. A word that is listed may be set aside
or used as a sign of structure; every other word must be found in the ontology.
"""

from __future__ import annotations

from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


IRREGULAR: Mapping[str, str] = {
    "women": "woman", "men": "man", "children": "child", "people": "person", "persons": "person",
    "ins": "in", "ups": "up", "outs": "out", "offs": "off", "feet": "foot", "teeth": "tooth",
    "mice": "mouse", "has": "have", "had": "have",
    "having": "have", "is": "be", "are": "be", "was": "be", "were": "be", "been": "be",
    "being": "be", "am": "be", "'s": "be", "'re": "be", "'m": "be", "'ve": "have",
    "does": "do", "did": "do", "done": "do", "doing": "do", "gave": "give", "given": "give",
    "got": "get", "gotten": "get", "getting": "get", "labelled": "label", "labeled": "label",
    "cancelled": "cancel",
    "went": "go", "going": "go",
    "gone": "go", "goes": "go",
    "came": "come", "paid": "pay", "took": "take", "taken": "take", "made": "make",
    "making": "make", "brought": "bring", "kept": "keep", "held": "hold", "said": "say",
    "told": "tell", "knew": "know", "known": "know", "sent": "send", "spent": "spend",
    "bought": "buy", "sold": "sell", "lent": "lend", "lost": "lose", "left": "leave",
    "met": "meet", "seen": "see", "saw": "see", "written": "write", "wrote": "write",
    "driven": "drive", "drove": "drive", "broken": "break", "broke": "break", "worn": "wear",
    "wore": "wear", "born": "bear", "felt": "feel", "found": "find", "fell": "fall",
    "fallen": "fall", "grown": "grow", "begun": "begin", "began": "begin", "chosen": "choose",
    "shown": "show", "stolen": "steal", "taught": "teach", "caught": "catch", "sought": "seek",
    "built": "build", "hurt": "hurt", "ran": "run", "running": "run",
    "sold out": "sell", "drank": "drink", "drunk": "drink", "ate": "eat", "eaten": "eat",
    "lying": "lie", "dying": "die", "using": "use", "used": "use", "yrs": "year", "yr": "year",
    "hrs": "hour", "hr": "hour", "mins": "minute", "min": "minute", "secs": "second",
    "wks": "week", "wk": "week", "mos": "month", "mo": "month",
    "dropped": "drop", "this": "this", "his": "his", "its": "its", "us": "us", "as": "as",
    "yes": "yes", "less": "less", "unless": "unless", "always": "always", "besides": "besides",
    "during": "during", "nothing": "nothing", "anything": "anything", "something": "something",
    "everything": "everything", "hers": "hers", "need": "need", "species": "species",
    "regardless": "regardless", "whereas": "whereas", "perhaps": "perhaps", "plus": "plus",
    "thus": "thus", "across": "across", "towards": "towards", "else": "else", "bring": "bring",
    "owed": "owe", "owes": "owe", "owing": "owe",
    "thing": "thing", "king": "king", "red": "red", "bed": "bed", "wed": "wed", "fed": "feed",
    "spring": "spring", "evening": "evening", "morning": "morning", "ceiling": "ceiling",
}  # fmt: skip
"""Forms a stemmer would miss, and words it must leave alone."""

NEAR: Mapping[str, str] = {
    "needing": "require", "finish": "end", "finishes": "end", "finished": "end",
    "finishing": "end", "begin": "start", "begins": "start", "began": "start",
    "beginning": "start",
    "need": "require", "needs": "require", "requires": "require",
    "requirement": "require", "requirements": "require", "earlier": "prior", "previous": "prior",
    "previously": "prior", "prior": "prior",
    "former": "prior", "necessary": "require", "needed": "require", "required": "require",
    "require": "require", "mandatory": "require", "compulsory": "require",
    "older": "age", "younger": "age", "aged": "age", "ages": "age", "old": "age",
    "weighing": "weight", "weighs": "weight", "weigh": "weight", "heavier": "weight",
    "lighter": "weight", "taller": "height", "cheaper": "price",
    "handle": "treat", "handled": "treat", "regard": "treat", "regarded": "treat",
    "worth": "value",
    "qualify": "eligible", "qualifies": "eligible", "qualified": "eligible",
    "entitled": "eligible", "eligibility": "eligible",
    "permitted": "allow", "allowed": "allow", "permit": "allow", "permission": "allow",
    "allowable": "allow", "w/o": "without", "w/": "with", "yearly": "annual",
}  # fmt: skip
"""Words that mean the same in names and in sentences."""

NEGATIONS = _words("not n't no never without neither nor none cannot nobody hardly lack lacks"
    " lacking"
                   " free")  # fmt: skip
"""Words that turn what follows round; `free` only before `of`."""

DETERMINERS = _words("a an the this that these those any each every all some both such one's")
PRONOUNS = _words("i you he she it we they me him her us them my your his its our their one ones"
                  " who whom whose which what there here someone somebody anyone anybody everyone"
                  " everybody themselves himself herself itself themself yourself ourselves"
                  " something"
                  " anything everything nothing s/he he/she they're theirs")  # fmt: skip
PERSONS = _words("person people individual adult somebody someone anyone anybody everyone everybody"
                 " folk those participant holder case cases member client customer user"
                 " applicant holder owner item thing object request")  # fmt: skip
AUXILIARIES = _words("be have do will would shall 'll 'd 've 's to")
PREPOSITIONS = _words("of in on at by for with from to into onto about as per via under over than"
                      " through during among across toward towards upon within")  # fmt: skip
MODALS_STRONG = _words("must should shall need needs require requires have_to ought")
LIGHT = _words("give get go come take make use do have be want plan ask see look apply count mean"
               " happen occur treat handle perform carry receive undergo let put run set"
               " belong fall wear contain hold involve cover keep bring show undertake concern call"
               " say become stay remain arrange lie")  # fmt: skip
FILLER = _words(
    "please kindly thank thanks hello hi hey dear ok okay so then just simply always also too"
    " actually really basically generally usually normally currently now well however therefore"
    " thus hence still yet already either indeed sure certainly definitely automatically"
    " rule policy rules period want would like could case cases situation situations matter"
    " us our ours fully completely properly whatever whichever anyway"
    " general ever even quite very since because ago as said way time due like"
    " long given following follow accord according per regarding concerning terms there's"
    " usual normal ordinary lasts lasting straight directly"
    " i'm i'd we'd we're let's etc eg ie namely such kind type sort form part kinds types"
)
POLITE = _words("please kindly thank thanks hello hi hey dear")
CONNECTIVES = _words("and or but if when whenever while unless except excluding provided once where"
                     " only otherwise then until since because although though whether nor plus"
                     " that which who whose")  # fmt: skip

COND_OPENERS: tuple[tuple[str, ...], ...] = (
    ("if",), ("when",), ("whenever",), ("while",), ("where",), ("wherever",), ("once",),
    ("provided", "that"), ("provided",), ("providing",), ("as", "long", "as"), ("so", "long", "as"),
    ("in", "case", "of"), ("in", "case"), ("in", "the", "case", "of"), ("given", "that"),
    ("assuming",), ("in", "the", "event", "of"), ("in", "cases", "where"), ("in", "cases", "of"),
    ("on", "condition", "that"), ("should", "a"), ("should", "the"), ("because", "of"), ("as",
    "soon", "as"),
    ("who",), ("whose",), ("with",), ("without",), ("for",), ("at",), ("in",), ("on",), ("during",),
    ("among",), ("under",), ("before",), ("from",), ("by",), ("of",), ("that",), ("which",),
    ("ahead", "of"), ("prior", "to"), ("in", "advance", "of"),
    ("within",), ("across",), ("throughout",), ("inside",), ("having",), ("after",), ("since",),
    ("outside",),
)  # fmt: skip
CLAUSE_OPENERS = _words("if when whenever while where wherever once provided providing as so in"
                        " given assuming on because should")  # fmt: skip
UNLESS_OPENERS: tuple[tuple[str, ...], ...] = (
    ("unless",), ("except", "that"), ("except", "when"), ("except", "if"), ("except", "for"),
    ("except", "in"),
    ("except", "where"), ("except", "at"), ("except", "on"), ("except", "with"), ("except",),
    ("excepting",), ("excluding",), ("other", "than"), ("apart", "from"), ("aside", "from"),
    ("with", "the", "exception", "of"), ("but", "not", "for"), ("but", "not", "if"),
    ("but", "not", "when"), ("but", "not", "at"), ("but", "not"), ("outside", "of"), ("barring",),
        ("save", "for"), ("not", "counting"),
)  # fmt: skip
REASONS: tuple[tuple[str, ...], ...] = (("because",), ("as", "per"), ("since", "our"))
IRRELEVANT: tuple[tuple[str, ...], ...] = (
    ("no", "matter"), ("regardless", "of"), ("irrespective", "of"), ("whatever", "the"),
    ("independent", "of"), ("even", "if"), ("even", "when"), ("even", "though"),
    ("also", "if"), ("also", "when"), ("including", "when"),
    ("whether", "or", "not"), ("however", "many"), ("however", "much"),
)  # fmt: skip
OTHERWISE: tuple[tuple[str, ...], ...] = (
    ("otherwise",), ("in", "every", "other", "case"), ("in", "all", "other", "cases"),
    ("in", "any", "other", "case"), ("all", "others"), ("everyone", "else"), ("everybody", "else"),
    ("everything", "else"), ("anything", "else"), ("anyone", "else"), ("everywhere", "else"),
    ("if", "not"), ("else",),
    ("when", "not"), ("where", "not"), ("elsewhere",),
    ("for", "all", "others"), ("others",), ("the", "rest"), ("for", "everyone", "else"), ("for",
    "everybody", "else"), ("for", "anyone", "else"),
    ("for", "the", "rest"),
)  # fmt: skip

BEFORE_NUMBER: tuple[tuple[tuple[str, ...], str], ...] = (
    (("on", "or", "after"), "ge"), (("on", "or", "before"), "le"),
    (("at", "or", "after"), "ge"), (("at", "or", "before"), "le"),
    (("at", "or", "above"), "ge"), (("at", "or", "over"), "ge"),
    (("at", "or", "below"), "le"), (("at", "or", "under"), "le"),
    (("after", "at", "least"), "ge"), (("after", "more", "than"), "gt"),
    (("after", "over"), "gt"), (("after", "no", "less", "than"), "ge"),
    (("no", "less", "than"), "ge"), (("not", "less", "than"), "ge"), (("no", "fewer", "than"),
    "ge"),
    (("not", "fewer", "than"), "ge"), (("not", "until"), "ge"), (("not", "till"), "ge"),
    (("no", "younger", "than"), "ge"),
    (("no", "earlier", "than"), "ge"), (("not", "before"), "ge"), (("not", "under"), "ge"),
    (("not", "below"), "ge"), (("at", "least"), "ge"), (("at", "minimum"), "ge"),
    (("at", "a", "minimum"), "ge"), (("a", "minimum", "of"), "ge"), (("minimum", "of"), "ge"),
    (("minimum",), "ge"), (("even", "just"), "ge"), (("even",), "ge"), (("starting", "at"), "ge"),
    (("starting", "from"), "ge"),
    (("starting", "on"), "ge"), (("starting",), "ge"), (("effective", "from"), "ge"),
    (("effective",), "ge"),
    (("as", "of"), "ge"), (("beginning", "on"), "ge"), (("beginning",), "ge"), (("since",), "ge"),
    (("through",), "le"), (("ending",), "le"), (("till",), "le"), (("as", "many", "as"), "ge"),
    (("upwards", "of"), "ge"),
    (("no", "more", "than"), "le"), (("not", "more", "than"), "le"), (("no", "greater", "than"),
    "le"),
    (("no", "older", "than"), "le"), (("no", "later", "than"), "le"), (("not", "over"), "le"),
    (("not", "above"), "le"), (("not", "after"), "le"), (("at", "most"), "le"),
    (("at", "the", "most"), "le"), (("a", "maximum", "of"), "le"), (("maximum", "of"), "le"),
    (("maximum",), "le"), (("up", "to", "and", "including"), "le"),
    (("up", "to"), "le"), (("until",), "le"), (("no", "longer", "than"),
    "le"),
    (("not", "exceeding"), "le"), (("does", "not", "exceed"), "le"),
    (("do", "not", "exceed"), "le"), (("not", "exceed"), "le"), (("n't", "exceed"), "le"),
    (("on", "or", "before"), "le"),
    (("before", "or", "on"), "le"), (("on", "or", "after"), "ge"), (("after", "or", "on"), "ge"),
    (("not", "earlier", "than"), "ge"), (("not", "later", "than"), "le"),
    (("not", "older", "than"), "le"),
    (("not", "longer", "than"), "le"), (("not", "younger", "than"), "ge"),
    (("more", "than"), "gt"), (("greater", "than"), "gt"), (("higher", "than"), "gt"),
    (("larger", "than"), "gt"), (("bigger", "than"), "gt"), (("older", "than"), "gt"),
    (("longer", "than"), "gt"), (("later", "than"), "gt"), (("heavier", "than"), "gt"),
    (("taller", "than"), "gt"), (("better", "than"), "gt"), (("in", "excess", "of"), "gt"),
    (("over",), "gt"), (("above",), "gt"), (("exceeds",), "gt"), (("exceed",), "gt"),
    (("exceeding",), "gt"), (("beyond",), "gt"), (("past",), "gt"), (("after",), "gt"), ((">=",),
    "ge"),
    (("<=",), "le"), ((">",), "gt"), (("<",), "lt"), (("upward", "of"), "gt"),
    (("less", "than"), "lt"), (("fewer", "than"), "lt"), (("lower", "than"), "lt"),
    (("smaller", "than"), "lt"), (("younger", "than"), "lt"), (("shorter", "than"), "lt"),
    (("earlier", "than"), "lt"), (("sooner", "than"), "lt"), (("lighter", "than"), "lt"),
    (("under",), "lt"), (("below",), "lt"), (("before",), "lt"), (("prior", "to"), "lt"),
    (("exactly",), "eq"), (("equal", "to"), "eq"), (("equals",), "eq"), (("precisely",), "eq"),
)  # fmt: skip
"""Comparison phrases that stand before a number; longer ones first where they share a start."""

_LINKED = tuple(
    ((link, word), op)
    for link in ("or", "and")
    for words, op in (
        (
            "more older above over higher greater longer later up upwards larger heavier beyond"
            " onwards bigger taller better after",
            "ge",
        ),
        (
            "less fewer under younger below lower shorter earlier lighter smaller down before"
            " sooner",
            "le",
        ),
    )
    for word in words.split()
)
AFTER_NUMBER: tuple[tuple[tuple[str, ...], str], ...] = (
    *_LINKED, (("and", "up"), "ge"), (("+",), "ge"), (("upwards",), "ge"), (("onwards",), "ge"),
    (("onward",), "ge"), (("plus",), "ge"), (("minimum",), "ge"), (("maximum",), "le"),
    (("tops",), "le"), (("at", "least"), "ge"), (("at", "most"), "le"), (("max",), "le"),
)  # fmt: skip

NUMBER_WORDS: Mapping[str, int] = {
    w: n
    for n, w in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
        "eighteen", "nineteen"]
    )
} | {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000, "dozen": 12,
}  # fmt: skip
ORDINALS: Mapping[str, int] = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip
SMALLER = _words("smaller lighter younger shorter cheaper fewer lower lesser slower earlier")
LARGER = _words("larger bigger heavier older longer taller dearer higher greater faster later")
"""Which side of a limit ``… ones`` are on."""
MONTHS: Mapping[str, int] = {
    name: n + 1
    for n, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
         "august aug", "september sep sept", "october oct", "november nov", "december dec")
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS = _words("monday tuesday wednesday thursday friday saturday sunday")
UNITS: Mapping[str, str] = {
    "year": "years", "month": "months", "week": "weeks", "day": "days", "hour": "hours",
    "h": "hours", "minute": "minutes", "second": "seconds", "percent": "percent", "%": "percent",
    "dollar": "dollars", "$": "dollars", "buck": "dollars", "usd": "dollars", "€": "euros",
    "euro": "euros", "eur": "euros", "£": "pounds", "gbp": "pounds",
    "kg": "kg", "kilo": "kg", "kilogram": "kg",
    "kilogramme": "kg", "g": "g", "gram": "g", "lb": "lb", "pound": "lb", "cm": "cm", "m": "m",
    "meter": "m", "metre": "m", "km": "km", "kilometer": "km", "kilometre": "km", "mile": "miles",
    "centimeter": "cm", "centimetre": "cm", "mm": "mm", "pct": "percent",
    "foot": "feet", "ft": "feet", "inch": "inches", "yard": "yards", "yd": "yards",
    "acre": "acres", "hectare": "hectares", "litre": "litres", "liter": "litres",
    "tonne": "tonnes", "gallon": "gallons", "ounce": "oz", "oz": "oz", "ml": "ml",
}  # fmt: skip
"""Unit words, stemmed, and the unit they stand for."""
CURRENCIES = _words("$ € £ usd eur")
"""Units that may stand before the number."""
SECONDS: Mapping[str, int] = {
    "seconds": 1, "minutes": 60, "hours": 3600, "days": 86400, "weeks": 604800,
}  # fmt: skip
MONTH_COUNT: Mapping[str, int] = {"months": 1, "years": 12}
MILLIMETRES: Mapping[str, int] = {"mm": 1, "cm": 10, "m": 1000, "km": 1_000_000}
GRAMS: Mapping[str, int] = {"g": 1, "kg": 1000, "tonnes": 1_000_000}
INCHES: Mapping[str, int] = {"inches": 1, "feet": 12, "yards": 36}
MILLILITRES: Mapping[str, int] = {"ml": 1, "litres": 1000}
SQUARE = _words("square sq")
"""Words that make a length an area: ``sq ft``."""
FREQUENCY_ADVERBS: Mapping[str, tuple[int, str]] = {
    "yearly": (1, "years"), "annual": (1, "years"), "annually": (1, "years"),
    "monthly": (1, "months"), "weekly": (1, "weeks"), "daily": (1, "days"), "hourly": (1, "hours"),
    "biennial": (2, "years"), "biennially": (2, "years"), "quarterly": (3, "months"),
}  # fmt: skip
REPEATS = _words("interval frequency often every repeat recurrence cycle")
"""Roots in the name of a number that says how often."""

REQUIRE = _words("require need must necessary mandatory compulsory needed required have_to")
ALLOW = _words("allow permit may can ok okay fine possible accept accepted allowed permitted"
    " acceptable"
               " welcome could")  # fmt: skip
PREDICATE_WORDS = _words("required needed necessary mandatory must allowed permitted may can be"
    " provided"
                         " ok accepted needs have to is are require should possible")  # fmt: skip
"""Words in a yes-or-no decision's name that say `yes`, not what it is about."""
REFUSALS = _words("refuse deny decline reject skip waive drop forbid prohibit disallow ban"
    " unnecessary"
                  " refused denied declined rejected skipped waived dropped forbidden prohibited"
                  " disallowed banned barred")  # fmt: skip
WEAK = _words("may might consider option optional could suggest offer perhaps possibly")
STRONG = _words("must should need require recommend get have order do necessary")
STATE_NOUNS = _words("known available present status existing recorded yes indicator")
"""Words a name may carry that a sentence leaves out."""
IMPERATIVES = _words(
    "recommend consider use bill give get require tell make add do book schedule send charge assign"
    " apply order flag mark ask treat leave set route offer provide keep put take reject refuse"
    " deny decline accept allow approve call wait delay rate exclude include skip waive drop pay"
    " instruct let reduce increase issue request notify inform remind return code grant hold"
    " cancel reschedule escalate forward transfer never don't always no prescribe choose pick"
    " select"
    " limit cap raise lower stop start extend block permit ensure insist collect count"
)
PHRASES: tuple[tuple[str, ...], ...] = (
    ("is", "enough", "to"), ("is", "enough"), ("at", "all"), ("as", "well"), ("as", "usual"),
    ("in", "general"),
    ("by", "default"),
    ("as", "a", "general", "rule"), ("as", "a", "rule"), ("in", "that", "case"), ("in", "this",
    "case"),
    ("in", "such", "cases"), ("in", "such", "a", "case"), ("one", "of", "these", "is", "true"),
    ("all", "of", "this", "is", "true"), ("all", "of", "these", "are", "true"), ("so", "far"),
    ("for", "sure"), ("a", "yes", "to"), ("any", "of"), ("either", "kind"),
    ("any", "kind", "of"), ("each", "other"), ("at", "any", "time"), ("at", "the", "moment"),
    ("from", "now", "on"), ("our", "policy", "is"), ("the", "rule", "is"), ("make", "sure",
    "that"), ("make", "sure"), ("ensure", "that"), ("see", "to", "it", "that"),
    ("do", "n't", "forget", "that"), ("do", "not", "forget", "that"), ("do", "n't", "forget"),
    ("do", "not", "forget"),
    ("never", "forget", "that"), ("never", "forget"), ("note", "that"), ("remember", "that"),
    ("it", "is", "important", "that"),
    ("we", "want", "that"), ("i", "want", "that"), ("of", "course"),
    ("i", "want", "a", "rule", "that"), ("i", "would", "like"), ("ahead", "of", "time"),
    ("in", "addition"),
    ("handed", "in"), ("hand", "in"), ("hands", "in"), ("turned", "in"), ("sent", "in"),
    ("by", "default"), ("not", "by", "us"), ("not", "us"),
    ("please", "note"), ("please", "note", ":"), ("new", "rule"), ("new", "rule", ":"),
    ("note", ":"), ("for", "information"),
    ("as", "far", "as", "i", "know"), ("from", "what", "i", "know"),
    ("all", "of", "these", "hold"), ("all", "of", "the", "following", "hold"),
    ("all", "of", "these", "apply"), ("all", "of", "the", "following", "apply"),
    ("all", "of", "the", "following", "are", "true"),
    ("one", "of", "the", "following", "is", "true"),
    ("one", "of", "these", "applies"), ("one", "of", "the", "following", "applies"),
    ("one", "of", "these", "holds"), ("one", "of", "the", "following", "holds"),
    ("the", "number", "of"), ("number", "of"), ("due", "to"), ("due", "for"),
)  # fmt: skip
"""Turns of phrase that are set aside as a whole."""
OPERATORS = _words("instead only other same first last twice until before after except unless"
    " another next"
                   " half double most less more fewer least different additional extra second"
                   " exactly roughly nearly almost approximately mostly often sometimes rarely"
                   " again"
                   " today tomorrow yesterday per between within beyond above below both"
                   " neither")  # fmt: skip
"""Function words that bear meaning: unplaced unless a construction has used them."""
CLAUSE_WORDS = _words(
    "if when whenever while where wherever once provided providing assuming given because"
)
"""Words that open a clause with a verb of its own."""
PLAIN_VERB_WORDS = _words(
    "be do must should shall will can may could might would need require have mean get"
    " use take make receive ought pay leave call"
)
"""Verbs with which a main part may begin."""
STRONG_VERB_WORDS = _words("must should shall will can may could might need require ought")
"""Verbs that say what must or may happen."""
LINKS = _words("owe own possess bear include comprise measure reach seem last concern regard")
"""Verbs between a person and a fact that is named beside them: ``owes 5 dollars in fines``."""
CATEGORIES = _words("grade type kind class category level degree descent origin nature sort")
"""Nouns that say what kind of value stands before them: ``of moderate grade``."""
EVERYONE = _words("everyone everybody everything anyone anybody anything all nobody nothing")
"""Words for all there are."""
