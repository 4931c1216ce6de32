"""Take a mail that came back from standard input, for the mail server's pipe (docs/reminders.md)."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from accounts.access import SYSTEM
from followup.actions import note_bounce
from followup.bounces import read_bounce
from records import clock

# Notifications are small; what is longer is none.
LONGEST = 4 * 1024 * 1024


class Command(BaseCommand):
    help = (
        "Reads one mail from standard input. A notification that a reminder could not be delivered (RFC 3464) marks "
        "that reminder as come back; any other mail is left alone. Always ends with 0, so that nothing bounces again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        bounce = read_bounce(sys.stdin.buffer.read(LONGEST))
        if bounce is None:
            self.stdout.write("No notification of a failed delivery; nothing done.")
        elif note_bounce(message_id=bounce.message_id, code=bounce.code, by=SYSTEM, now=clock.now()):
            self.stdout.write("The reminder is marked as come back.")
        else:
            self.stdout.write("No reminder that was sent has this Message-ID; nothing done.")
