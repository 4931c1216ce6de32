"""The home of each role in a large, busy trial: asked for by one person while nobody else asks."""

from __future__ import annotations

from django.db import connection

from accounts.models import Role, RoleHeld, Site, User
from bench import trial
from bench.browser import Page, Side
from bench.copies import FIRST_SITE
from bench.jobs.pages import always
from bench.report import Figure
from bench.run import Run
from bench.servers import as_superuser
from monitoring.selectors.work import count_work
from records import clock

DATABASE = "bench_work"
# What keeps people busy, at one of so many participants: a submitted form taken back to a draft, a form gone, questions.
ONE_OF = "abs(hashint8(participant_id)) % {} = 0"
DRAFTS = f"""
UPDATE eligibility_laboratory SET state = 'DRAFT', submitted_at = NULL, submitted_by_id = NULL WHERE {ONE_OF.format(7)}
"""  # noqa: S608 – our own words
GONE = f"DELETE FROM eligibility_vitalsigns WHERE {ONE_OF.format(5)}"  # noqa: S608
QUERIES = f"""
INSERT INTO monitoring_query (participant_id, visit_id, form, repeat, item, trail_from, state, raised_at, raised_by_id)
SELECT participant_id, id, 'SV', 1, '', 0, state, now(), (SELECT id FROM accounts_user WHERE username = 'monitor')
FROM participants_visit, unnest(ARRAY['OPEN', 'ANSWERED']) state WHERE code = 'SCR' AND {ONE_OF.format(4)}
"""  # noqa: S608
ASKED = """
INSERT INTO monitoring_querystep (participant_id, query_id, kind, at, by_id, role, words)
SELECT participant_id, id, 'RAISED', raised_at, raised_by_id, 'MONITOR', 'Please check.' FROM monitoring_query
"""
COUNT = "INSERT INTO monitoring_visittocount (visit_id) SELECT id FROM participants_visit"
BUSY = (
    "SET session_replication_role = replica",
    DRAFTS,
    GONE,
    QUERIES,
    ASKED,
    COUNT,
    "SET session_replication_role = DEFAULT",
)
# Who works at one of the hospitals; monitor and data manager see the whole trial.
AT_A_SITE = {"coordinator": Role.COORDINATOR, "investigator": Role.INVESTIGATOR}
OF_THE_TRIAL = ("monitor", "datamanager")


def _prepare(run: Run) -> str:
    """A database of its own, busy, with the people of site 01 at a site of 500 as well."""
    trial.make_copy(DATABASE, run.options.all)
    as_superuser(*BUSY, database=DATABASE)
    trial.use(DATABASE)
    today = clock.day(trial.BEGINS)
    site = Site.objects.get(code=str(FIRST_SITE))
    for username, role in AT_A_SITE.items():
        person = User.objects.get(username=username)
        RoleHeld.objects.create(user=person, role=role, site=site, starts_on=today)
    count_work()
    connection.close()
    as_superuser("VACUUM ANALYZE", database=DATABASE)
    return DATABASE


def worklist(run: Run) -> list[Figure]:
    """The slowest home of those of one site, and of those of the whole trial."""
    run.say(f"Copying {run.options.all} participants and making them busy")
    database = _prepare(run)
    port = run.product(database)
    took, asked = {}, {}
    for username in (*AT_A_SITE, *OF_THE_TRIAL):
        desk = trial.client(username)
        desk.get("/")
        asked[username] = trial.statements(lambda: desk.get("/"))  # noqa: B023
        side = Side(port, trial.cookie(username), [always(Page("/"))])
        side.milliseconds(4)  # every worker has compiled its templates then
        took[username] = side.milliseconds(run.options.rounds * 5)
    figures = []
    for key, where, people in (
        ("worklist.site.ms", "at a site of 500", tuple(AT_A_SITE)),
        ("worklist.trial.ms", "of the whole trial", OF_THE_TRIAL),
    ):
        slowest = max(took[one] for one in people)
        told = ", ".join(f"{one} {took[one]:.1f}" for one in people)
        figures.append(Figure(key, f"home {where}, of {run.options.all}, ms", told, slowest))
    told = ", ".join(f"{one} {number}" for one, number in asked.items())
    return [*figures, Figure("worklist.sql", "home, SQL", told, max(asked.values()))]
