"""A handle can be written as `owner=x` in an annotation."""

import pytest

from accounts.domain.handles import MAX_LENGTH, is_handle


@pytest.mark.parametrize("text", ["a", "payments", "jane.doe", "team-2", "a_b", "x" * MAX_LENGTH])
def test_handles(text: str) -> None:
    assert is_handle(text)


@pytest.mark.parametrize(
    "text",
    ["", "-a", "a-", ".a", "Jane", "a b", "a@b", "a,b", "a=b", "é", "a\n", "x" * (MAX_LENGTH + 1)],
)
def test_not_handles(text: str) -> None:
    assert not is_handle(text)
