"""What stands against closing a debt that other parts of the product know of.

A part above the ledger registers a function; the guards of closing ask them all.
"""

from collections.abc import Callable, Sequence

from ledger.domain.debts import Debt

# Sentences that say what stands against it and what to do; empty where nothing does.
Obligation = Callable[[Debt], Sequence[str]]
_obligations: list[Obligation] = []


def obligation(function: Obligation) -> Obligation:
    """Have this function asked before a debt is closed."""
    if function not in _obligations:
        _obligations.append(function)
    return function


def obligations_of(item: Debt) -> tuple[str, ...]:
    """Everything that has to be settled before the item is closed."""
    return tuple(sentence for function in _obligations for sentence in function(item))
