"""The vocabulary of the linter: which words break a rule, and which fulfil one."""

import re


def _any_of(*alternatives: str) -> re.Pattern[str]:
    """Whole words or phrases; `*` stands for any ending, a space for any gap or hyphen."""
    parts = (
        part.replace("*", r"\w*").replace(" ", r"[\s-]+") for part in sorted(alternatives, key=len)
    )
    return re.compile(rf"(?<![\w-])(?:{'|'.join(reversed(list(parts)))})(?!\w)", re.IGNORECASE)


JARGON = _any_of(
    "refactor*", "rewrite", "rewrites", "rewriting", "rewritten", "rewrote", "clean up",
    "cleanup", "cleaning up", "cleaned up", "spaghetti", "monolith*", "coupling", "coupled",
    "decoupl*", "cyclomatic", "complexity", "technical debt", "tech debt", "code quality",
    "code smell*", "legacy", "abstraction*", "module", "modules", "modular*", "kubernetes", "k8s",
    "codebase", "microservice*", "middleware", "dependency injection", "singleton*", "god class",
    "boilerplate", "orm", "schema migration*", "unit test*", "test coverage", "ci pipeline",
    "docker*", "namespace*", "mutex*", "race condition*", "n+1", "architecture", "architectural",
)  # fmt: skip

BLAME = _any_of(
    "lazy", "laziness", "incompeten*", "careless*", "sloppy", "sloppiness", "stupid*", "idiot*",
    "amateur*", "fault of", "to blame", "is to blame", "are to blame", "blame", "blames",
    "whoever wrote", "nobody bothered", "no one bothered", "did not bother", "didn't bother",
    "somebody forgot", "someone forgot", "should have known", "their mess", "his mess",
    "her mess", "bad developer*", "bad engineer*", "bad programmer*", "junior developer*",
    "the offshore team", "because of management", "failed to think",
)  # fmt: skip

# Only as the opening of a statement: what is to be done, before what is wrong.
SOLUTION_FIRST = re.compile(
    r"^(?:so\s+|please\s+)?(?:"
    r"(?:we|you|they|the\s+team|engineering|it)\s+(?:really\s+)?"
    r"(?:need|needs|have|has|ought|want|wants)\s+to\b"
    r"|(?:we|you|they|the\s+team|engineering)\s+(?:should|must)\b"
    r"|let(?:'|\u2019)?s\b|let\s+us\b|please\b|todo\b|fixme\b"
    r"|(?:migrate|replace|move|switch|upgrade|introduce|implement|extract|split|fix|improve|"
    r"remove|redesign|rebuild)\b)",
    re.IGNORECASE,
)

BUSINESS_OBJECT = _any_of(
    "customer*", "client", "clients", "user", "users", "visitor*", "shopper*", "buyer*",
    "subscriber*", "partner", "partners", "supplier*", "merchant*", "employee*", "colleague*",
    "order", "orders", "invoice*", "payment", "payments", "refund*", "checkout*", "billing",
    "booking*", "contract*", "deal", "deals", "sale", "sales", "revenue", "turnover", "profit*",
    "margin*", "cost", "costs", "budget*", "price", "prices", "pricing", "fee", "fees", "fine",
    "fines", "penalty", "penalties", "money", "euro*", "dollar*", "pound*", "churn", "market*",
    "time to market", "launch*", "release*", "deliver*", "shipment*", "ship", "shipped",
    "feature*", "product", "products", "campaign*", "trade show", "promise*", "deadline*",
    "date", "dates", "audit*", "regulat*", "compliance", "legal", "law", "privacy", "breach*",
    "outage*", "downtime", "incident*", "support", "ticket*", "complaint*", "call", "calls",
    "report", "reports", "payroll", "salary", "salaries", "stock", "inventory", "warehouse*",
    "account", "accounts", "sign up*", "signup*", "login*", "reputation", "risk", "risks",
    "growth", "quarter", "quarters", "hiring", "onboarding",
)  # fmt: skip

_WRITTEN_NUMBERS = (
    r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|"
    r"hundred|thousand|million|half|twice|double|triple"
)
NUMBER = re.compile(rf"(?<![\w-])(?:[€$£]?\d|(?:{_WRITTEN_NUMBERS})\b)", re.IGNORECASE)

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_DAY = (
    rf"\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}|{_MONTH}\s+\d{{1,4}}\b"
    r"|\bQ[1-4]\b"
)
DATE = re.compile(_DAY, re.IGNORECASE)
_UNIT = r"(?:minute|hour|day|week|month|quarter|year)"
TIME_FRAME = re.compile(
    rf"{_DAY}"
    rf"|\b(?:per|a|an|each|every|this|last|next|within\s+a)\s+{_UNIT}\b"
    rf"|\b(?:\d[\d.,]*|{_WRITTEN_NUMBERS}|one)(?:\s+(?:to|or|and|extra|more|working|business)"
    rf"(?:\s+\d[\d.,]*)?)*[\s-]+{_UNIT}s?\b"
    rf"|\b(?:daily|weekly|monthly|quarterly|yearly|annually|today|tomorrow)\b"
    rf"|\b(?:since|until|by|before|after|in|from)\s+(?:{_MONTH}|(?:19|20)\d\d\b)",
    re.IGNORECASE,
)

VAGUE = _any_of(
    "soon", "often", "sometimes", "frequently", "rarely", "usually", "eventually", "some day",
    "always", "never", "everything", "nothing", "everyone", "nobody", "very", "really", "quite",
    "a lot", "lots of", "many", "much", "several", "various", "huge", "massive", "significant*",
    "extremely", "totally", "completely", "impossible", "somehow", "etc", "and so on", "too long",
    "too slow", "fast", "slow", "asap", "as soon as possible", "possibly", "probably",
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
