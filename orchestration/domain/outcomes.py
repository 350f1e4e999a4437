"""What a repayment brought: the same figure before and after."""

from dataclasses import dataclass

# A change below this share is nothing that anybody would notice.
NO_CHANGE = 0.005


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a debt, such as "p95 of the checkout" in ms; None where it was not measured."""

    name: str
    unit: str
    before: float | None
    after: float | None

    @property
    def change(self) -> float | None:
        """By which share it changed: -0.4 is 40 % less. None where that cannot be said."""
        if self.before is None or self.after is None or self.before == 0:
            return None
        return (self.after - self.before) / abs(self.before)

    @property
    def says(self) -> str:
        """The figure as a sentence."""
        if self.before is None:
            return f"{self.name}: {self._amount(self.after)} after; nobody measured it before."
        if self.after is None:
            return f"{self.name}: {self._amount(self.before)} before; not measured since."
        return (
            f"{self.name}: {self._amount(self.before)} before, {self._amount(self.after)} after"
            f"{self._by}."
        )

    @property
    def _by(self) -> str:
        change = self.change
        if change is None:
            return ""
        if abs(change) < NO_CHANGE:
            return ": no change"
        return f": {abs(change):.0%} {'more' if change > 0 else 'less'}".replace("%", " %")

    def _amount(self, value: float | None) -> str:
        return f"{value:,.6g} {self.unit}".rstrip()
