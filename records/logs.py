"""What is written to the logs: nothing of what a row holds."""

from __future__ import annotations

import logging
import re
from typing import Final

# PostgreSQL tells the whole row that a check refused, and the key that is there already. What it says stands in the
# error's own words, in a traceback, and as repr() in what a worker says of a task.
DETAIL: Final = re.compile(r"(DETAIL:\s+)(?:(?!\n\n|\nHINT:|\nCONTEXT:|\\nHINT:|\\nCONTEXT:).)*", re.DOTALL)
LEFT_OUT: Final = r"\1(left out)"


class WithoutRows(logging.Formatter):
    """A line of a log without the DETAIL of a database's error; what follows it up to a blank line goes too."""

    def format(self, record: logging.LogRecord) -> str:
        return DETAIL.sub(LEFT_OUT, super().format(record))
