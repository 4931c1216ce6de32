"""What an inspector will try, line by line: the test that shows it, and the sabotage that makes that test fail.

lines.toml is the register; tests name their lines with `@pytest.mark.line("A1")`. `python -m validation` runs them and
writes docs/validation.md; `python -m validation sabotage` breaks the product in a throwaway copy, a line at a time,
and records which test noticed.
"""
