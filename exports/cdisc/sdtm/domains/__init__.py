"""Every dataset of SDTM, each domain with the observations that fill it."""

from exports.cdisc.sdtm.domains.events import EVENTS
from exports.cdisc.sdtm.domains.findings import FINDINGS
from exports.cdisc.sdtm.domains.interventions import INTERVENTIONS
from exports.cdisc.sdtm.domains.oncology import ONCOLOGY
from exports.cdisc.sdtm.domains.pathology import MI
from exports.cdisc.sdtm.domains.special import SPECIAL
from exports.cdisc.sdtm.mapping import (
    Domain,
)

DOMAINS: tuple[Domain, ...] = tuple(
    sorted((*SPECIAL, *INTERVENTIONS, *EVENTS, *FINDINGS, *ONCOLOGY, MI), key=lambda one: one.name)
)
