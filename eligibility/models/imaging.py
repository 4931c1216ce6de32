"""One imaging examination with the lesions seen on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models

from eligibility import codelists, imaging_record
from eligibility.imaging_sets import BASELINE_VISIT, INVESTIGATOR, Examination
from eligibility.lesions import IN_LIVER, NODES, State
from eligibility.models.judgement import Judgement
from participants.models import CaseReportForm, FormRow, Visit
from participants.models.forms import not_before_consent, not_in_future
from participants.schedule_file import Anchor
from participants.selectors import anchor_dates
from records.codelists import NY
from records.conditions import NEVER, When
from records.definition import Derived, FormFacts, RowFacts
from records.findings import Finding
from records.items import CodeItem, DateItem, DecimalItem, TextItem, items_of
from records.models import Record
from records.study import value
from records.text import Text

EXAMINED = Text("Imaging date", "检查日期")
FOLLOW_UP = When(follow_up="Y")
NODE = tuple(sorted(NODES))
LIVER = tuple(code for code in codelists.LESION_LOCATION.values if code in IN_LIVER)
# A lesion that is gone, taken out or not to be seen has no size; the baseline does not ask.
MEASURABLE = ("", State.PRESENT.value, State.PD.value)
TREATMENT_BEGINS = (Anchor.C1_START, Anchor.MAP, Anchor.A1)


class Imaging(CaseReportForm):
    """One examination; those of one visit by one reader belong together (eligibility/imaging_sets.py)."""

    form = FormFacts(
        "IMG",
        Text("Imaging and lesion measurements", "影像学检查与病灶测量"),
        ("PR", "TU", "TR"),
        several=True,
        listed=("imgdtc", "imgmod", "imgeval"),
    )
    rules_version = "LESIONS-1"

    imgdtc = DateItem(
        EXAMINED, section=Text("Examination", "检查"), missing=(), name_cdash="PR.PRSTDTC / TU.TUDTC"
    )
    imgmod = CodeItem(
        Text("Modality", "检查方式"), codes=codelists.MODALITY, missing=(), name_cdash="TU.TUMETHOD"
    )
    imgqual = CodeItem(Text("Adequate quality", "图像是否可评价"), codes=NY, missing=(), name_cdash="SUPPTR")
    imgqualr = TextItem(
        Text("Why the images are not adequate", "图像不可评价的原因"),
        required=When(imgqual="N"),
        shown_when=When(imgqual="N"),
        missing=(),
        width="l",
        name_cdash="SUPPTR",
    )
    imgeval = CodeItem(Text("Reader", "评价者"), codes=codelists.READER, missing=(), name_cdash="TU.TUEVAL")
    newles = CodeItem(
        Text("New lesion", "新病灶"),
        codes=codelists.NEW_LESION,
        help=Text(
            "Not there at baseline. List it among the lesions as NEW01, NEW02 …",
            "指基线时没有的病灶，请在病灶中列为NEW01、NEW02…",
        ),
        section=Text("Assessment", "评价"),
        required=FOLLOW_UP,
        shown_when=FOLLOW_UP,
        missing=("ND",),
        name_cdash="TR/RS NEWLPROG",
    )
    sumr11 = DecimalItem(
        Text("Sum of diameters, RECIST 1.1", "直径总和（RECIST 1.1）"),
        unit="mm",
        derived=True,
        required=NEVER,
        name_cdash="TR.TRORRES SUMDIAM",
    )
    summr = DecimalItem(
        Text("Sum of viable diameters, mRECIST", "存活直径总和（mRECIST）"),
        unit="mm",
        derived=True,
        required=NEVER,
        name_cdash="TR.TRORRES SUMDIAM",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add the participant's other examinations, and what its date is held against.

        `visit_id`, `follow_up` (Y at every visit after screening), `examinations` (all others), `resected_on`,
        `treated_on` (first catheterisation, mapping or infusion), `aimed_at` (the day the visit is aimed at),
        and at baseline `treatment_planned_on` and `imaging_days` (study setting).
        Three queries more, five at baseline.
        """
        given = super().context(visit=visit, **place)
        baseline = visit.code == BASELINE_VISIT
        anchors = anchor_dates(visit.participant)
        begun = [anchors[name] for name in TREATMENT_BEGINS if name in anchors]
        planned = None
        if baseline:
            screened = Judgement.objects.filter(visit_id=visit.pk)
            planned = screened.values_list("trtpdtc", flat=True).first()
        return {
            **given,
            "visit_id": visit.pk,
            "follow_up": "N" if baseline else "Y",
            "examinations": tuple(
                one
                for one in cls.examinations_of(visit.participant_id)
                if (one.visit, one.repeat) != (visit.pk, given["repeat"])
            ),
            "resected_on": anchors.get(Anchor.A2),
            "treated_on": min(begun, default=None),
            "aimed_at": visit.target_from or given["today"],
            "treatment_planned_on": planned,
            "imaging_days": value("imaging_before_treatment", given["today"]) if baseline else None,
        }

    @classmethod
    def examinations_of(cls, participant_id: int) -> list[Examination]:
        """Every examination of a participant, drafts included; two queries."""
        found = cls._default_manager.filter(participant_id=participant_id).select_related("visit")
        return [examination_of(record) for record in found.prefetch_related("lesions").order_by("id")]

    @classmethod
    def context_of(cls, record: Imaging, examinations: Sequence[Examination]) -> dict[str, Any]:
        """What the sums of a form read, of examinations that were read already."""
        return {
            "visit_id": record.visit_id,
            "follow_up": "N" if record.visit.code == BASELINE_VISIT else "Y",
            "examinations": tuple(one for one in examinations if one.key != record.pk),
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        if context["follow_up"] == "Y":
            # Imaging of routine care may be the baseline, so that alone may lie before consent.
            yield from not_before_consent("imgdtc", EXAMINED, answers.get("imgdtc"), context)
        yield from imaging_record.findings(answers, context)

    @classmethod
    def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
        return imaging_record.derive(answers, context)

    @classmethod
    def offered_rows(cls, context: Mapping[str, Any]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        return {imaging_record.LESIONS: list(imaging_record.offered_lesions(context))}


class Lesion(FormRow):
    """One lesion as one examination shows it."""

    rows = RowFacts(
        Text("Lesions", "病灶"),
        Text("Lesion", "病灶"),
        after="imgeval",
        shown_when=When(imgqual=("", "Y")),
    )

    record = models.ForeignKey(Imaging, models.CASCADE, related_name=imaging_record.LESIONS)
    lnkid = TextItem(
        Text("Lesion number", "病灶编号"),
        help=Text("T01–T05, NT01–, NEW01–", "T01～T05、NT01～、NEW01～"),
        max_length=8,
        missing=(),
        width="s",
        name_cdash="TU.TULNKID",
    )
    lescat = CodeItem(
        Text("Category", "病灶类别"), codes=codelists.LESION_CATEGORY, missing=(), name_cdash="TU.TUORRES"
    )
    lesloc = CodeItem(
        Text("Location", "部位"), codes=codelists.LESION_LOCATION, missing=(), name_cdash="TU.TULOC"
    )
    leslocd = TextItem(
        Text("Location in words", "部位说明"),
        max_length=100,
        required=When(lesloc="OTHER"),
        shown_when=When(lesloc="OTHER"),
        missing=(),
        name_cdash="SUPPTU",
    )
    lesst = CodeItem(
        Text("Lesion state", "病灶状态"),
        codes=codelists.LESION_STATE,
        required=FOLLOW_UP,
        shown_when=FOLLOW_UP,
        missing=(),
        name_cdash="TR.TRORRES TUMSTATE",
    )
    ldiam = DecimalItem(
        Text("Longest diameter (RECIST 1.1)", "最长径（RECIST 1.1）"),
        unit="mm",
        width="s",
        hard=(0, 300),
        required=When(lescat="TARGET", lesst=MEASURABLE),
        shown_when=When(lesst=MEASURABLE),
        missing=("ND",),
        name_cdash="TR.TRORRES LDIAM",
    )
    saxis = DecimalItem(
        Text("Node short axis", "淋巴结短径"),
        unit="mm",
        width="s",
        hard=(0, 300),
        required=When(lesloc=NODE, lesst=MEASURABLE),
        shown_when=When(lesloc=NODE, lesst=MEASURABLE),
        missing=("ND",),
        name_cdash="TR.TRORRES SAXIS",
    )
    viadiam = DecimalItem(
        Text("Longest viable (arterially enhancing) diameter (mRECIST)", "存活肿瘤最长径（mRECIST）"),
        unit="mm",
        help=Text(
            "Enhancing in the arterial phase, not across necrosis; 0 where nothing enhances.",
            "动脉期强化部分，不跨越坏死区；无强化填0。",
        ),
        width="s",
        hard=(0, 300),
        required=When(lescat="TARGET", lesloc=LIVER, lesst=MEASURABLE),
        shown_when=When(lescat="TARGET", lesloc=LIVER, lesst=MEASURABLE),
        missing=("ND",),
        name_cdash="TR.TRORRES VIADIAM",
    )

    class Meta(FormRow.Meta):
        pass


def examination_of(record: Any) -> Examination:
    """Read a stored form with its visit and its rows."""
    visit: Visit = record.visit
    return Examination(
        key=record.pk,
        visit=record.visit_id,
        repeat=record.repeat,
        code=visit.code,
        label=visit.label,
        position=visit.position,
        on=record.imgdtc,
        modality=record.imgmod or "",
        evaluator=record.imgeval or INVESTIGATOR,
        adequate=record.imgqual != "N",
        new_lesion=record.newles or "",
        submitted=record.state == Record.State.SUBMITTED,
        rows=tuple(
            {item.name: getattr(row, item.name) for item in items_of(Lesion)} for row in record.lesions.all()
        ),
    )
