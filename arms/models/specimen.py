"""The pathology of a specimen: margin, what is left of each lesion, and the pathological response."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from arms import codelists
from arms.models.readings import record_at, settings_for
from arms.pathology import ImpossiblePathology, ResectedLesion, pathological_response
from participants.models import CaseReportForm, FormRow, Visit
from participants.models.forms import not_in_future
from participants.selectors import case_forms_of
from records.checks import at_row
from records.codelists import NY
from records.conditions import ALWAYS, NEVER, When
from records.definition import Derived, FormFacts, RowFacts
from records.findings import Finding, Level
from records.items import CodeItem, DecimalItem, IntegerItem, TextItem
from records.text import Text

VIABLE_TUMOUR = When(histo=("HCC", "ICC", "CHCC_CCA"))

MORE_THAN_ALL = Text(
    "Viable tumour, necrosis and fibrosis make {total} %, more than 100. Correct them.",
    "存活肿瘤、坏死与纤维化合计{total}%，超过100%，请更正。",
)
NARROW_R0 = Text(
    "R0 with a margin of {width} mm, narrower than {least} mm. Correct one, or confirm it with a word.",
    "切缘宽度{width} mm，小于{least} mm，但判定为R0。请更正其中之一，或填写说明予以确认。",
)
TOO_MANY_NODES = Text(
    "More positive lymph nodes than were examined. Correct one of the two.",
    "阳性淋巴结数多于检出数，请更正其中之一。",
)
VIABLE_AND_NONE = Text(
    "Viable tumour is recorded for a lesion, but the histology says there is none. Correct one.",
    "病灶记录有存活肿瘤，但组织学类型为无存活肿瘤，请更正其中之一。",
)
CODES = {True: "Y", False: "N", None: None}


class Pathology(CaseReportForm):
    form = FormFacts(
        "PATH", Text("Pathology", "病理"), ("MI",), several=True, listed=("pathno", "histo", "pcr", "mpr")
    )

    pathno = TextItem(
        Text("Pathology number", "病理号"), max_length=40, missing=(), width="m", name_cdash="MI.MIREFID"
    )
    histo = CodeItem(
        Text("Histology", "组织学类型"),
        codes=codelists.SPECIMEN_HISTOLOGY,
        missing=(),
        name_cdash="MI.MIORRES",
    )
    edmond = CodeItem(
        Text("Differentiation (Edmondson-Steiner)", "分化（Edmondson-Steiner）"),
        codes=codelists.EDMONDSON,
        required=VIABLE_TUMOUR,
        shown_when=VIABLE_TUMOUR,
        missing=(),
        name_cdash="MI.MIORRES",
    )
    rmargin = CodeItem(
        Text("Final margin", "病理切缘"),
        help=Text("R0: no tumour at the margin.", "R0：切缘无肿瘤。"),
        codes=codelists.MARGIN,
        missing=("NA",),
        name_cdash="MI.MIORRES",
    )
    rmarginw = DecimalItem(
        Text("Margin width", "切缘宽度"),
        unit="mm",
        places=1,
        digits=4,
        hard=(0, 200),
        required=When(rmargin="R0"),
        shown_when=When(rmargin=("R0", "R1")),
        missing=("ND",),
        width="s",
        name_cdash="MI.MIORRES",
    )
    mvi = CodeItem(
        Text("Microvascular invasion", "微血管侵犯"),
        codes=codelists.MICROVASCULAR,
        missing=("ND",),
        name_cdash="MI.MIORRES",
    )
    satell = CodeItem(Text("Satellites", "卫星灶"), codes=NY, missing=("NK",), name_cdash="MI.MIORRES")
    lnexam = IntegerItem(
        Text("Lymph nodes examined", "淋巴结检出数"),
        help=Text("0 where none was removed.", "未清扫时填0。"),
        hard=(0, 100),
        missing=("ND",),
        width="s",
        name_cdash="MI.MIORRES",
    )
    lnpos = IntegerItem(
        Text("Positive lymph nodes", "阳性淋巴结数"),
        hard=(0, 100),
        missing=("ND",),
        width="s",
        name_cdash="MI.MIORRES",
    )
    fibrosis = CodeItem(
        Text("Background liver fibrosis", "背景肝纤维化"),
        codes=codelists.LIVER_FIBROSIS,
        missing=("ND",),
        name_cdash="MI.MIORRES",
    )
    pcr = CodeItem(
        Text("Pathological complete response (pCR)", "病理完全缓解（pCR）"),
        section=Text("Pathological response", "病理缓解"),
        codes=NY,
        derived=True,
        required=NEVER,
        name_cdash="RS.RSORRES",
    )
    mpr = CodeItem(
        Text("Major pathological response (MPR)", "主要病理缓解（MPR）"),
        codes=NY,
        derived=True,
        required=NEVER,
        name_cdash="RS.RSORRES",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add the settings. Two queries more."""
        given = super().context(visit=visit, **place)
        this = record_at(case_forms_of(visit.participant, (cls,)).of(cls), visit, given["repeat"])
        return {**given, "settings": settings_for(this, place["today"])}

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        width, least = answers.get("rmarginw"), context["settings"]["pathology_r0_margin"]
        if answers.get("rmargin") == "R0" and width is not None and width < least:
            yield Finding("rmarginw", Level.SOFT, NARROW_R0.format(width=width, least=least))
        examined, positive = answers.get("lnexam"), answers.get("lnpos")
        if examined is not None and positive is not None and positive > examined:
            yield Finding("lnpos", Level.HARD, TOO_MANY_NODES)
        for index, lesion in enumerate(answers.get("lesions", [])):
            parts = [lesion.get(name) for name in ("viable", "necrosis", "lesfibr")]
            total = sum(part for part in parts if part is not None)
            if total > 100:
                place = at_row("lesions", index, "viable" if parts[1] is None else "necrosis")
                yield Finding(place, Level.HARD, MORE_THAN_ALL.format(total=total))
            if lesion.get("viable") and answers.get("histo") == "NOVIABLE":
                yield Finding(at_row("lesions", index, "viable"), Level.HARD, VIABLE_AND_NONE)

    @classmethod
    def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
        """Derive pCR and MPR from the lesions and the lymph nodes (arms/pathology.py)."""
        try:
            found = pathological_response(
                [
                    ResectedLesion(lesion.get("viable"), lesion.get("necrosis"), lesion.get("lesfibr"))
                    for lesion in answers.get("lesions", [])
                ],
                positive_nodes=answers.get("lnpos"),
                mpr_threshold=context["settings"]["pathology_mpr"],
            )
        except ImpossiblePathology as impossible:
            return {name: Derived(None, impossible.sentence) for name in ("pcr", "mpr")}
        return {
            "pcr": Derived(CODES[found.complete], found.reason),
            "mpr": Derived(CODES[found.major], found.reason),
        }


class SpecimenLesion(FormRow):
    """One lesion of a specimen."""

    rows = RowFacts(
        Text("Lesions", "病灶"), Text("Lesion", "病灶"), after="fibrosis", required=ALWAYS, most=20
    )

    record = models.ForeignKey(Pathology, models.CASCADE, related_name="lesions")
    pathlnk = TextItem(
        Text("Lesion", "病灶编号"),
        help=Text("As in the imaging form: T01, T02, NT01 …", "与影像表一致：T01、T02、NT01等。"),
        max_length=8,
        missing=(),
        width="s",
        name_cdash="MI.MILNKID",
    )
    viable = IntegerItem(
        Text("Viable tumour", "存活肿瘤比例"),
        unit="%",
        hard=(0, 100),
        missing=("ND",),
        width="s",
        name_cdash="MI.MIORRES",
    )
    necrosis = IntegerItem(
        Text("Necrosis", "坏死比例"),
        unit="%",
        hard=(0, 100),
        missing=("ND",),
        width="s",
        name_cdash="MI.MIORRES",
    )
    lesfibr = IntegerItem(
        Text("Fibrosis of the lesion", "病灶纤维化比例"),
        unit="%",
        hard=(0, 100),
        required=NEVER,
        missing=("ND",),
        width="s",
        name_cdash="MI.MIORRES",
    )
    pathsize = DecimalItem(
        Text("Size of the lesion", "病灶大小"),
        unit="mm",
        places=1,
        digits=4,
        hard=(0, 300),
        missing=("ND",),
        width="s",
        name_cdash="MI.MIORRES",
    )

    class Meta(FormRow.Meta):
        pass
