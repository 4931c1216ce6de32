from participants.models import Demographics, Participant
from records.models import TrailEntry


def test_register_leaves_a_trail(participant: Participant) -> None:
    assert participant.number == "01-001"
    assert Demographics.objects.get(participant=participant).icfver == "1.0"
    assert [v.code for v in participant.visits.all()] == ["SCR"]
    print(list(TrailEntry.objects.filter(participant_id=participant.pk).values_list("relation", "operation", "role", "changes")))
