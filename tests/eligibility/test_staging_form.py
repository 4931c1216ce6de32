from datetime import datetime
from decimal import Decimal

from accounts.access import Actor
from eligibility.models import Laboratory, Staging, VitalSigns
from participants.models import Participant
from trial_edc.demo.walks import walk_to_screened


def test_stage_and_scores_of_somebody_screened(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start)
    stage = Staging.objects.get(participant=participant)
    assert (stage.cnlc, stage.recordi3, stage.cnlced) == ("Ib", "MET", "2022")
    assert (stage.cptot, stage.cpcls, stage.albigr, stage.transok) == (5, "A", "1", "N")
    assert VitalSigns.objects.get(participant=participant).bsa == Decimal("1.75")
    laboratory = Laboratory.objects.get(participant=participant)
    assert (laboratory.egfr, laboratory.afp400, laboratory.lbtoxgr) == (Decimal("103.3"), "N", 0)
