"""Statements of business impact with the judgement of a person, to measure the linter against."""
