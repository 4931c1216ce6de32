"""What participants wrote, what the site said to it, and the tasks severe answers raise."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from diary.models.links import DiaryLink
from diary.severity import TEMPERATURE
from diary.workflow import DIARY_TASK_WORDS, REMARK_WORDS, DiaryTaskState, RemarkKind
from followup import codelists
from followup.models import SymptomRecord
from participants.models import Participant, StoredFile
from records.items import IntegerItem, items_of
from records.models import AppendOnly
from records.text import Text

# The ten symptoms as the site's form asks them: name and words by name, in the order of that form.
SYMPTOMS: dict[str, Text] = {
    item.name: item.label
    for item in items_of(SymptomRecord)
    if isinstance(item, IntegerItem) and item.name.startswith("sym_")
}
WORST = 10
COLDEST, HOTTEST = Decimal(34), Decimal(43)
TEMPERATURE_WORDS = Text("Highest temperature (°C)", "最高体温（°C）")


def _symptom() -> Any:
    return models.PositiveSmallIntegerField(null=True)


class DiaryEntry(AppendOnly):
    """One entry of a participant, as it was sent; never changed. A correction is an entry that names the one it replaces.

    `key` is made on the phone: the same entry sent twice is stored once. `stated` is when it was so in the participant's
    words, `typed` when it was saved on the phone, by the phone's clock set right at its last contact, and `received` when
    it came. Symptoms go from 0 (none) to 10 (worst); what was not answered is empty.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="diary_entries")
    link = models.ForeignKey(DiaryLink, models.PROTECT, related_name="entries")
    key = models.UUIDField(unique=True)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    stated = models.DateTimeField()
    typed = models.DateTimeField()
    received = models.DateTimeField()
    sym_fatigue = _symptom()
    sym_pain = _symptom()
    sym_fever = _symptom()
    sym_nausea = _symptom()
    sym_vomiting = _symptom()
    sym_appetite = _symptom()
    sym_jaundice = _symptom()
    sym_itching = _symptom()
    sym_diarrhoea = _symptom()
    sym_numbness = _symptom()
    temperature = models.DecimalField(max_digits=3, decimal_places=1, null=True)
    test = models.CharField(max_length=16, blank=True, default="")
    test_words = models.CharField(max_length=100, blank=True, default="")
    value = models.CharField(max_length=100, blank=True, default="")
    unit = models.CharField(max_length=20, blank=True, default="")
    photo = models.OneToOneField(StoredFile, models.PROTECT, null=True, related_name="+")
    note = models.TextField(max_length=1000, blank=True, default="")

    class Meta:
        ordering = ["-stated", "-id"]
        constraints = [
            *(
                models.CheckConstraint(
                    condition=Q(**{name: None}) | Q(**{f"{name}__lte": WORST}), name=f"diary_{name}_to_ten"
                )
                for name in SYMPTOMS
            ),
            models.CheckConstraint(
                condition=Q(temperature=None) | Q(temperature__gte=COLDEST, temperature__lte=HOTTEST),
                name="diary_temperature_possible",
            ),
            models.CheckConstraint(
                condition=Q(test="") | Q(test__in=codelists.OWN_TEST.values), name="diary_test_known"
            ),
            models.CheckConstraint(
                condition=~Q(test="", temperature=None, note="", photo=None, **dict.fromkeys(SYMPTOMS)),
                name="diary_entry_says_something",
            ),
        ]
        indexes = [models.Index(fields=["participant", "received"], name="diary_entries_received")]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.stated}"

    @property
    def symptoms(self) -> dict[str, int | None]:
        return {name: getattr(self, name) for name in SYMPTOMS}

    @property
    def answered(self) -> Iterator[tuple[str, Text, int]]:
        """Name, words and value of each symptom that was answered."""
        for name, value in self.symptoms.items():
            if value is not None:
                yield name, SYMPTOMS[name], value

    @property
    def test_label(self) -> Text:
        """Which test, in words: those of the list, or the participant's own."""
        if self.test == "OTHER" and self.test_words:
            return Text(self.test_words, self.test_words)
        return codelists.OWN_TEST.label(self.test) if self.test else Text("", "")


class DiaryTask(models.Model):
    """What a severe entry asks of the site: look, and say what was done. `reasons` names the severe answers."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="diary_tasks")
    entry = models.OneToOneField(DiaryEntry, models.PROTECT, related_name="task")
    reasons = ArrayField(models.CharField(max_length=20))
    raised = models.DateTimeField()
    state = models.CharField(max_length=4, default=DiaryTaskState.OPEN)

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE (state)")

    class Meta:
        ordering = ["raised", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in DiaryTaskState]), name="diary_task_state_known"
            ),
        ]
        indexes = [models.Index(fields=["state"], name="diary_tasks_by_state")]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.state}"

    @property
    def words(self) -> Text:
        return DIARY_TASK_WORDS[DiaryTaskState(self.state)]

    @property
    def is_open(self) -> bool:
        return self.state != DiaryTaskState.DONE

    @property
    def reason_words(self) -> Text:
        """The severe answers in words: "Fever 8, Highest temperature (°C) 39.2"."""
        parts = []
        for name in self.reasons:
            value = getattr(self.entry, name)
            label = TEMPERATURE_WORDS if name == TEMPERATURE else SYMPTOMS[name]
            parts.append(label + Text(f" {value}", f" {value}"))
        return Text.join(parts, ", ", "、")


class DiaryTaskStep(AppendOnly):
    """One step of a task: raised by the entry, seen, done with what was done."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    task = models.ForeignKey(DiaryTask, models.PROTECT, related_name="steps")
    state = models.CharField(max_length=4)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    done = models.CharField(max_length=1000, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=str(DiaryTaskState.OPEN), by=None, done="")
                | Q(state=str(DiaryTaskState.SEEN), by__isnull=False, done="")
                | Q(state=str(DiaryTaskState.DONE), by__isnull=False) & ~Q(done=""),
                name="diary_task_step_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} {self.state}"

    @property
    def words(self) -> Text:
        return DIARY_TASK_WORDS[DiaryTaskState(self.state)]


class EntryRemark(AppendOnly):
    """What the site's staff said to an entry: seen, or a comment. The entry itself is the participant's."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    entry = models.ForeignKey(DiaryEntry, models.PROTECT, related_name="remarks")
    kind = models.CharField(max_length=7)
    comment = models.CharField(max_length=1000, blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=str(RemarkKind.SEEN), comment="")
                | Q(kind=str(RemarkKind.COMMENT)) & ~Q(comment=""),
                name="diary_remark_says_something",
            ),
            models.UniqueConstraint(
                fields=["entry", "by"], condition=Q(kind=str(RemarkKind.SEEN)), name="diary_entry_seen_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.kind}"

    @property
    def words(self) -> Text:
        return REMARK_WORDS[RemarkKind(self.kind)]
