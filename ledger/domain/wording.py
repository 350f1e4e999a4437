"""The vocabulary of the linter: which words break a rule, and which fulfil one."""

import re
from collections import defaultdict


def any_of(*alternatives: str) -> re.Pattern[str]:
    """Whole words or phrases; `*` stands for any ending, a space for any gap or hyphen.

    Grouped by their first letter, so that of a hundred words only a few are tried at each place.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for part in sorted(alternatives, key=len, reverse=True):
        rest = part[1:].replace("*", r"\w*").replace(" ", r"[\s-]+")
        groups[part[0]].append(rest)
    grouped = "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in groups.items())
    return re.compile(rf"(?<![\w-])(?:{grouped})(?!\w)", re.IGNORECASE)


JARGON = any_of(
    "refactor*", "rewrite", "rewrites", "rewriting", "rewritten", "rewrote", "clean up",
    "cleanup", "cleaning up", "cleaned up", "spaghetti", "monolith*", "coupling", "coupled",
    "decoupl*", "cyclomatic", "complexity", "technical debt", "tech debt", "code quality",
    "code smell*", "legacy", "abstraction*", "module", "modules", "modular*", "kubernetes", "k8s",
    "codebase", "microservice*", "middleware", "dependency injection", "singleton*", "god class",
    "boilerplate", "orm", "schema migration*", "unit test*", "test coverage", "ci pipeline",
    "docker*", "namespace*", "mutex*", "race condition*", r"n\+1", "architecture",
    "architectural", "god object*", "global state", "global variable*", "circular import*",
    "cyclic import*", "circular dependenc*", "cyclic dependenc*", "dependency graph",
    "dependency hell", "dependencies", "import cycle*", "monkeypatch*", "monkey patch*", "hack",
    "hacks", "hacky", "kludge*", "stack trace*", "null pointer*", "segfault*", "deadlock*",
    "thread safe*", "multithread*", "worker thread*", "concurrency", "idempoten*", "serializ*",
    "deserializ*", "memory leak*", "garbage collect*", "regex*", "cron job*", "cronjob*",
    "flaky test*", "integration test*", "mock*", "stub", "stubs", "stubbed", "backport*",
    "upstream", "downstream", "api endpoint*", "endpoint*", "rest api", "graphql", "grpc",
    "kafka", "redis", "rabbitmq", "postgres*", "sql", "nosql", "query plan*", "db schema",
    "database schema", "table lock*", "callback*", "async", "asynchronous", "runtime exception*",
    "exception handl*", "linter", "compiler", "dead code", "duplicate code", "code duplication",
    "copy paste code", "copy pasted", "inheritance", "polymorphi*", "getter*", "setter*",
    "factory method*", "design pattern*", "anti pattern*", "helm chart*", "terraform", "yaml",
    "json schema", "devops", "merge conflict*", "feature flag*", "bit rot", "functional test*",
    "this patch", "the patch", "pull request*", "merge request*", "git", "traceback*",
    "import error*",
)  # fmt: skip

BLAME = any_of(
    "lazy", "laziness", "incompeten*", "careless*", "sloppy", "sloppiness", "stupid*", "idiot*",
    "amateur*", "fault of", "to blame", "is to blame", "are to blame", "blame", "blames",
    "whoever wrote", "nobody bothered", "no one bothered", "did not bother", "didn't bother",
    "somebody forgot", "someone forgot", "should have known", "their mess", "his mess",
    "her mess", "bad developer*", "bad engineer*", "bad programmer*", "junior developer*",
    "the offshore team", "because of management", "failed to think", "negligen*", "botched",
    "bungl*", "messed up", "screwed up", "clueless", "no clue", "no idea what",
    "should be ashamed", "own fault", "their fault", "his fault", "her fault", "your fault",
    "whose fault", "ignored our", "ignored the warning*", "ignored all warning*", "did not think",
    "didn't think", "did not care", "didn't care", "does not care", "doesn't care", "do not care",
    "don't care", "nobody cared", "no one cared", "no one cares", "nobody cares",
    "without thinking", "never tests", "never tested anything", "bad code", "terrible code",
    "half baked", "hare brained",
)  # fmt: skip

# Only as the opening of a statement: what is to be done, before what is wrong.
_THING = r"(?:the|a|an|our|this|that|these|those|all|each|every|more|some|new|old|it|them|to|from)"
SOLUTION_FIRST = re.compile(
    r"\A\s*(?:so\s+|please\s+)?(?:"
    r"(?:we|you|they|the\s+team|engineering|it|somebody|someone)\s+(?:really\s+|just\s+|urgently\s+)?"
    r"(?:need|needs|have|has|ought|want|wants)\s+to\b"
    r"|(?:we|you|they|the\s+team|engineering|somebody|someone)\s+(?:should|must|could)\b"
    r"|let(?:'|\u2019)?s\b|let\s+us\b|please\b|todo\b|fixme\b|xxx\b"
    r"|(?:the|our)\s+(?:best\s+|only\s+|right\s+|real\s+)?(?:solution|fix|way\s+out|remedy)\s+"
    r"(?:is|would|to)\b"
    r"|it\s+(?:is|'s)\s+(?:high\s+)?time\s+to\b"
    r"|it\s+(?:is|'s|would\s+be)\s+(?:best|better|necessary|time|wise)\s+to\b"
    r"|(?:migrate|replace|switch|upgrade|introduce|implement|extract|split|fix|improve|refactor|"
    r"rewrite|redesign|rebuild|rework|revert|simplify|deprecate|clean\s+up|get\s+rid\s+of)\b"
    rf"|(?:add|use|move|make|create|drop|build|buy|update|change|disable|enable|allow|set|remove|"
    rf"delete|rename|stop|start|give|hire|merge|bump|skip|avoid)\s+{_THING}\b)",
    re.IGNORECASE,
)

BUSINESS_OBJECT = any_of(
    "customer*", "client", "clients", "user", "users", "visitor*", "shopper*", "buyer*",
    "subscriber*", "partner", "partners", "supplier*", "merchant*", "employee*", "colleague*",
    "order", "orders", "invoice*", "payment", "payments", "refund*", "checkout*", "billing",
    "booking*", "contract*", "deal", "deals", "sale", "sales", "revenue", "turnover", "profit*",
    "margin*", "cost", "costs", "budget*", "price", "prices", "pricing", "fee", "fees", "fine",
    "fines", "penalty", "penalties", "money", "euro*", "dollar*", "pound*", "churn", "market*",
    "time to market", "launch*", "release*", "deliver*", "shipment*", "ship", "shipped",
    "feature*", "product", "products", "campaign*", "trade show", "promise*", "deadline*", "date",
    "dates", "audit*", "regulat*", "compliance", "legal", "law", "privacy", "breach*", "outage*",
    "downtime", "incident*", "support", "ticket*", "complaint*", "call", "calls", "report",
    "reports", "payroll", "salary", "salaries", "stock", "inventory", "warehouse*", "account",
    "accounts", "sign up*", "signup*", "login*", "reputation", "risk", "risks", "growth",
    "quarter", "quarters", "hiring", "onboarding", "shop", "shops", "store", "stores", "parcel*",
    "patient", "patients", "guest*", "passenger*", "student*", "citizen*", "applicant*", "reader",
    "readers", "audience", "leader", "leaders", "finance", "accounting", "operator*", "insurance",
    "claim", "claims", "tariff*", "discount*", "leadership", "roadmap*", "working day*",
)  # fmt: skip

_WRITTEN_NUMBERS = (
    r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|"
    r"hundred|thousand|million|half|twice|double|triple"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_YEAR = r"(?:19|20)\d\d\b"
_DAY = (
    rf"\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}(?:\s+{_YEAR})?"
    rf"|{_MONTH}\s+\d{{1,4}}\b(?:,?\s+{_YEAR})?|\bQ[1-4]\b(?:\s+{_YEAR})?"
)
DATE = re.compile(
    rf"\b(?:(?:between\s+|from\s+)?\b\d{{1,2}}\s+(?:and|to|-|\u2013)\s+\d{{1,2}}\s+{_MONTH}|{_DAY}"
    rf"|(?:\b(?:in|since|until|by|before|after|from|of|year)|{_MONTH})\s+{_YEAR})",
    re.IGNORECASE,
)
_UNIT = r"(?:minute|hour|day|week|weekend|month|quarter|season|year)"
# Over which time something was counted: its number is no figure of its own.
WINDOW = re.compile(
    rf"\b(?:last|past|next|previous|first|within|over|every|per)\s+(?:the\s+)?"
    rf"(?:last\s+|past\s+|next\s+)?(?:\d[\d,]*|{_WRITTEN_NUMBERS})(?:\s+(?:working|business))?"
    rf"\s+{_UNIT}s?\b"
    rf"|\b(?:weeks?|days?|months?|years?|quarters?|versions?|page|chapter)\s+\d+"
    r"(?:\s*(?:to|-|\u2013|and)\s*\d+)?",
    re.IGNORECASE,
)
TIME_FRAME = re.compile(
    rf"\b(?:{_DAY}"
    rf"|\b(?:per|a|an|each|every|this|last|next|within\s+a)\s+(?:working\s+)?{_UNIT}\b"
    rf"|\b(?:\d[\d.,]*|{_WRITTEN_NUMBERS}|one)(?:\s+(?:to|or|and|extra|more|working|business)"
    rf"(?:\s+\d[\d.,]*)?)*[\s-]+{_UNIT}s?\b"
    rf"|\b(?:daily|weekly|monthly|quarterly|yearly|annually|today|tomorrow|yesterday)\b"
    rf"|\bat\s+weekends\b|\bovernight\b|\b(?:this|last|next)\s+{_MONTH}"
    rf"|\b(?:since|until|by|before|after|in|from)\s+(?:{_MONTH}|{_YEAR}))",
    re.IGNORECASE,
)
# "expires on 30 September", "promised for 1 July 2027": a day that the register can check.
PROMISED_DATE = re.compile(
    r"\b(?:expir(?:es|y|ed|ing)|promised|due)\s+(?:is\s+|was\s+)?(?:on|for|by|until)\s+"
    rf"(?P<date>\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}(?:\s+{_YEAR})?)",
    re.IGNORECASE,
)

_TICKET = (
    r"\b(?!UTF-|ISO-|SHA-|COVID-|RFC-|TLS-|USB-|IPV-|[A-Z]-)[A-Z][A-Z0-9]{1,9}-\d{1,7}\b"
    r"|(?<![\w&#])(?:[A-Za-z]{1,10})?#\d{1,9}\b"
    r"|\b(?:[Bb]ug|[Ii]ssue|[Tt]icket)\s+#?\d{3,9}\b"
)
_ADDRESS = r"https?://[^\s)>\]]{3,}"
_NAMED = r"\b(?:sources?|evidence)\s*:\s*(?=\S*[^\W\d_#]|\S*\d)"
_ACCORDING = (
    r"\baccording\s+to\s+\w|\b(?:as\s+)?(?:counted|measured|reported|recorded|listed)\s+(?:in|by)\s+"
    r"(?:the|our|a)\s+\w"
)
# Where an author says where a number comes from.
SOURCE = re.compile(
    rf"(?i:{_NAMED}|{_ADDRESS}|{_ACCORDING})|{_TICKET}",
)
# The part of a sentence that only names the source: no words of the statement itself.
SOURCE_CLAUSE = re.compile(
    rf"(?i:\(?\b(?:sources?|evidence)\s*:[^.;)\n]*(?:\.(?=\w)[^.;)\n]*)*\)?|{_ADDRESS})|{_TICKET}"
)

VAGUE = any_of(
    "soon", "often", "sometimes", "frequently", "rarely", "usually", "eventually", "some day",
    "always", "never", "everything", "nothing", "everyone", "nobody", "very", "really", "quite",
    "a lot", "lots of", "many", "much", "several", "various", "huge", "massive", "significant*",
    "extremely", "totally", "completely", "impossible", "somehow", "etc", "and so on", "too long",
    "too slow", "fast", "slow", "asap", "as soon as possible", "possibly", "probably", "perhaps",
    "maybe", "or so", "ages", "forever", "constantly", "countless", "numerous",
    "most of the time", "regularly", "at some point", "tons of",
)  # fmt: skip

_AMOUNT = r"(?:[€$£]|EUR|USD|GBP|CHF)?\s?\d[\d.,]*\s?(?:k|m)?"
COST_RANGE = re.compile(
    rf"(?:between\s+)?{_AMOUNT}\s*(?:-|\u2013|to|and)\s*{_AMOUNT}\s*"
    r"(?:[€$£]|EUR|USD|GBP|CHF|euros?|dollars?|pounds?|(?:person[\s-]+|extra\s+|more\s+)?"
    r"(?:hours?|days?|weeks?|months?))"
    r"|(?:[€$£]|EUR|USD|GBP|CHF)\s?\d[\d.,]*\s?[km]?\s*(?:-|\u2013|to|and)\s*"
    rf"{_AMOUNT}",
    re.IGNORECASE,
)
OPTION = re.compile(
    r"\b(?:option\w*|alternatively|alternative|instead|either|otherwise|we\s+can|could\s+pay|"
    r"paying\s+(?:it\s+)?(?:back|off)|repaying|pay(?:ing)?\s+now|choose|decide|decision|"
    r"accept\w*|or\s+(?:we|accept|pay|wait|drop|stop))\b",
    re.IGNORECASE,
)
