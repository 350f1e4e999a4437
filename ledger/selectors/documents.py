"""Items as plain JSON: what the commands print."""

from typing import Any

from ledger.domain.history import Json
from ledger.models import DebtItem
from ledger.selectors.detail import DebtDetail
from ledger.selectors.item_state import fields_of, plain
from ledger.selectors.register import RegisterPage, RegisterRow

SCHEMA = 1
# Bookkeeping of the register that says nothing about the debt.
_INTERNAL = ("repository", "annotation")


def page_document(page: RegisterPage) -> Json:
    return {
        "schema": SCHEMA,
        "total": page.total,
        "page": page.page,
        "pages": page.pages,
        "debts": [row_document(row) for row in page.rows],
    }


def row_document(row: RegisterRow) -> Json:
    """One item of a list."""
    return {
        **_item(row.item),
        "repository": row.repository_slug,
        "timing": row.timing,
        "days_left": row.days_left,
    }


def detail_document(detail: DebtDetail) -> Json:
    """One item with everything known about it."""
    return {
        "schema": SCHEMA,
        **_item(detail.item),
        "repository": detail.repository_slug,
        "timing": detail.timing,
        "days_left": detail.days_left,
        "payback_months": None if detail.payback_months is None else str(detail.payback_months),
        "annotation_differs": list(detail.annotation_differs),
        "commitments": [_row(row) for row in detail.commitments],
        "statements": [_row(row) for row in detail.statements],
        "estimates": [_row(row) for row in detail.estimates],
        "plan": _plan(detail),
        "evidence": [_row(row) for row in detail.evidence],
        "history": [_row(row) for row in detail.events],
    }


def _item(item: DebtItem) -> Json:
    fields = {name: value for name, value in fields_of(item).items() if name not in _INTERNAL}
    return {
        "reference": item.reference,
        "id": item.slug,
        **fields,
        "line": item.line,
        "end_line": item.end_line,
        "cd3": item.cd3,
        "version": item.version,
    }


def _plan(detail: DebtDetail) -> Json | None:
    if detail.plan is None:
        return None
    steps = [
        {"title": step.title, "due_on": step.due_on.isoformat()}
        for step in detail.plan.milestones.all()
    ]
    return {**_row(detail.plan), "milestones": steps}


def _row(row: Any) -> Json:
    hidden = {"id", "item_id"}
    names = [field.attname for field in row._meta.concrete_fields if field.attname not in hidden]
    return {name: plain(getattr(row, name)) for name in names}
