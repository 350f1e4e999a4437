"""Print how well the linter of statements agrees with a reader, per rule, on the corpus.

`python -m bench.wording`: precision and recall on the part that the rules were tuned on, and on
the part held out; both were written and labelled by hand (tests/corpus).
"""

from tests.corpus.measure import table


def main() -> None:
    """Print the table."""
    for line in table():
        print(line)


if __name__ == "__main__":
    main()
