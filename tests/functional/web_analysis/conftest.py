"""A small project with everything that pages have to show, analysed for real."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis import services
from analysis.models import Repository
from tests.builders.git_history import History

HOSTILE_NAME = "<script>alert('name')</script>"
HOSTILE_PATH = 'shop/od"d <img src=x onerror=alert(1)>.py'

CART = "from shop import order\n\n\ndef add(item):\n    if item:\n        return order.new()\n"
ORDER = "from shop import cart\n\n\ndef new():\n    return cart\n"
CHECKOUT = "from shop import cart, order\n\n\nclass Till:\n    def pay(self):\n        pass\n"


def grow(path: Path) -> History:
    """Two files in a cycle that change together, unreadable files and a hostile name."""
    history = History(path).commit(
        "Open the <shop>",
        {
            "shop/__init__.py": "",
            "shop/cart.py": CART,
            "shop/order.py": ORDER,
            "shop/checkout.py": CHECKOUT,
            "shop/broken.py": "def broken(:\n",
            "shop/ancient.py": "print 'hello'\n",
            "web/page.html": "<p>Shop</p>\n",
            HOSTILE_PATH: "def odd():\n    return 1\n",
        },
    )
    for number in range(6):
        history.commit(
            f"Change {number}",
            {
                "shop/cart.py": f"{CART}# {number}\n",
                "shop/order.py": f"{ORDER}# {number}\n",
            },
        )
    return history


@pytest.fixture
def history(tmp_path: Path) -> History:
    return grow(tmp_path / "shop.git")


@pytest.fixture
def registered(history: History, db: None) -> Repository:
    """The project, registered and not yet analysed."""
    return services.repository_register(location=str(history.path), name=HOSTILE_NAME)


@pytest.fixture
def analysed(registered: Repository) -> Repository:
    """The project after its first analysis."""
    services.analyse_now(repository=registered)
    registered.refresh_from_db()
    return registered


@pytest.fixture
def person(db: None) -> Callable[[Role], Any]:
    """Somebody with the role."""

    def make(role: Role) -> Any:
        return accounts_services.user_create(username=role.value, role=role)

    return make


@pytest.fixture
def signed_in(person: Callable[[Role], Any]) -> Callable[[Role], Client]:
    """A client in which somebody with the role is signed in."""

    def make(role: Role) -> Client:
        client = Client()
        client.force_login(person(role))
        return client

    return make


@pytest.fixture
def viewer(signed_in: Callable[[Role], Client]) -> Client:
    return signed_in(Role.VIEWER)
