"""Rows written in bulk are the rows that Django itself would have written."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import DatabaseError, connection, models, transaction

from common.bulk import BATCH_ROWS, insert_rows

MOMENT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


class Parent(models.Model):
    name = models.CharField(max_length=20, unique=True)

    class Meta:
        app_label = "bulk_test"


class Measured(models.Model):
    parent = models.ForeignKey(Parent, null=True, on_delete=models.CASCADE)
    text = models.TextField()
    flag = models.BooleanField()
    moment = models.DateTimeField(null=True)
    document = models.JSONField(null=True)
    ratio = models.FloatField(null=True)
    amount = models.DecimalField(max_digits=8, decimal_places=2, db_column="the amount")

    class Meta:
        app_label = "bulk_test"


FIELDS = ("parent_id", "text", "flag", "moment", "document", "ratio", "amount")


@pytest.fixture
def tables(transactional_db: None) -> Iterator[None]:
    with connection.schema_editor() as editor:
        editor.create_model(Parent)
        editor.create_model(Measured)
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(Measured)
        editor.delete_model(Parent)


@pytest.mark.parametrize(
    "row",
    [
        (
            "tab\t, newline\n, back\\slash, “é”, \\N",
            True,
            MOMENT,
            {"a": [1, None, "x\ty"]},
            0.1,
            "9.50",
        ),
        ("", False, None, None, None, "-0.01"),
        ("\\.", True, MOMENT, [], 1e300, "0"),
    ],
)
def test_values_arrive_as_by_save(tables: None, row: tuple[object, ...]) -> None:
    parent = Parent.objects.create(name="p")
    assert insert_rows(Measured, FIELDS, [(parent.pk, *row)]) == 1
    Measured.objects.create(**dict(zip(FIELDS, (parent.pk, *row), strict=True)))
    bulk, saved = Measured.objects.order_by("pk").values_list(*FIELDS)
    assert bulk == saved


def test_more_than_one_batch_from_a_generator(tables: None) -> None:
    count = BATCH_ROWS + 3
    rows: Iterator[tuple[object, ...]] = (
        (None, str(n), True, None, {}, None, 1) for n in range(count)
    )
    assert insert_rows(Measured, FIELDS, rows) == count
    assert Measured.objects.count() == count
    assert insert_rows(Measured, FIELDS, []) == 0


def test_all_rows_or_none(tables: None) -> None:
    rows = [("a",), ("b",), ("a",)]
    with pytest.raises(DatabaseError):
        insert_rows(Parent, ("name",), rows)
    assert not Parent.objects.exists()


def test_part_of_a_transaction_that_is_undone(tables: None) -> None:
    with transaction.atomic():
        insert_rows(Parent, ("name",), [("a",)])
        transaction.set_rollback(True)
    assert not Parent.objects.exists()


def test_the_foreign_key_is_kept(tables: None) -> None:
    with pytest.raises(DatabaseError):
        insert_rows(Measured, FIELDS, [(999, "", True, None, {}, None, 1)])


def test_a_row_of_another_length_is_refused(tables: None) -> None:
    with pytest.raises(ValueError, match="0 values for 1 columns"):
        insert_rows(Parent, ("name",), [()])


def test_a_name_that_is_no_column_is_refused(tables: None) -> None:
    with pytest.raises(FieldDoesNotExist):
        insert_rows(Parent, ("measured",), [])
