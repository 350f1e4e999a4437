"""What the command `analyse` tells people."""

from ledger.management.commands.analyse import summary


def test_one_of_a_thing_is_not_called_many() -> None:
    totals = {
        "files": 3,
        "measured_files": 3,
        "unreadable_files": 0,
        "sloc": 9,
        "functions": 3,
        "complexity": 4,
        "modules": 3,
        "dependencies": 2,
        "commits": 1,
    }
    text = summary(
        {
            "repository": {"name": "shop"},
            "commit": {"sha": "a" * 40},
            "totals": totals,
            "cycles": [["shop.cart", "shop.stock"]],
            "change_coupling": [{}],
            "warnings": [],
            "files": [],
            "debts": [
                {
                    "id": "carts",
                    "expires_on": "2027-03-01",
                    "owner": "payments",
                    "path": "shop/cart.py",
                    "line": 3,
                }
            ],
        }
    )
    assert ", 1 cycle\n" in f"{text}\n"
    assert "1 commit, 1 pair of files that change together" in text
    assert "1 debt announced in the code" in text
