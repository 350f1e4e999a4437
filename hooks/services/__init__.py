"""Every write of this app."""

from hooks.services.endpoints import (
    IssuedSecret,
    endpoint_create,
    endpoint_delete,
    endpoint_disable,
    endpoint_enable,
    endpoint_rotate,
    previous_secrets_forget,
)
from hooks.services.receiving import Answer, Receipt, deliveries_forget, delivery_receive
from hooks.services.watching import looks_due, tip_look, tip_moved

__all__ = [
    "Answer",
    "IssuedSecret",
    "Receipt",
    "deliveries_forget",
    "delivery_receive",
    "endpoint_create",
    "endpoint_delete",
    "endpoint_disable",
    "endpoint_enable",
    "endpoint_rotate",
    "looks_due",
    "previous_secrets_forget",
    "tip_look",
    "tip_moved",
]
