"""What is stored about Git hosts and what they said."""

from hooks.models.endpoints import Delivery, Endpoint
from hooks.models.overrides import GateOverride
from hooks.models.watches import Watch

__all__ = ["Delivery", "Endpoint", "GateOverride", "Watch"]
