"""Who holds, verifies or signs waits for those who save, and they for these: what is judged stands still meanwhile.

Everybody who saves a form takes three locks together with others, of the trial, the site and the participant, while
the guard reads what is held (migration 0002, `monitoring_holds`). Who changes or relies on the whole takes the one of
their level alone. PostgreSQL gives the locks back when the transaction ends.
"""

from __future__ import annotations

from django.db import connection

from monitoring.extents import Extent
from monitoring.trust import Level
from participants import still

# From the widest to the narrowest, as the guard takes them: so nobody waits in a circle.
ALONE = {
    Level.TRIAL: "SELECT pg_advisory_xact_lock(7307, 0)",
    Level.SITE: "SELECT pg_advisory_xact_lock_shared(7307, 0), pg_advisory_xact_lock(7308, %(site)s)",
    Level.PARTICIPANT: still.ALONE,
}


def stand_still(extent: Extent) -> None:
    """Wait until nobody saves within an extent, and keep others from saving until the transaction ends."""
    level = extent.level if extent.level in (Level.TRIAL, Level.SITE) else Level.PARTICIPANT
    with connection.cursor() as cursor:
        cursor.execute(
            ALONE[level],
            {"site": extent.site_id, "participant": extent.participant.pk if extent.participant else None},
        )
