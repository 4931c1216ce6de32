"""How each heading of a screening log is read: which item of a form it is, in which unit, with which codes.

The headings are those of the HCC Survival data set (Santos et al., J Biomed Inform 58 (2015) 49-59). Ranges are
not written here but read from the form's item; only columns that no form asks for carry limits of their own,
wide enough for anything measured in a living adult.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from records.text import Text

NO_YES: Final = {"0": "N", "1": "Y"}
NEGATIVE_POSITIVE: Final = {"0": "NEG", "1": "POS"}
NOT_GIVEN: Final = ("?", "")

PER_MICROLITRE: Final = ("cells per µL", Decimal("0.001"))


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """Label, unit and inclusive limits of a column that no form asks for; outside `hard` is refused."""

    label: Text
    unit: str
    hard: tuple[Decimal, Decimal]
    soft: tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One heading of the log.

    item     where the value belongs, as "form.item"; "" where no form asks for it
    codes    the log's codes with the form's; empty for numbers
    unit     the unit the log's numbers are in; "" where it is the item's own
    factor   from there into the item's unit, for items that know only one unit
    also     other units in which a number outside the hard range may be meant, with their factor: a hint only
    limits   for a number no form asks for
    note     how the heading is read, wherever that is more than what it says
    """

    heading: str
    item: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    factor: Decimal = Decimal(1)
    also: tuple[tuple[str, Decimal], ...] = ()
    limits: OwnLimits | None = None
    note: Text | None = None


def _own(
    heading: str,
    label: tuple[str, str],
    unit: str,
    hard: tuple[str, str],
    soft: tuple[str, str],
    *,
    given_in: str = "",
    factor: int = 1,
    also: tuple[tuple[str, Decimal], ...] = (),
    note: Text | None = None,
) -> Column:
    limits = OwnLimits(
        Text(*label),
        unit,
        (Decimal(hard[0]), Decimal(hard[1])),
        (Decimal(soft[0]), Decimal(soft[1])),
    )
    return Column(
        heading=heading, unit=given_in or unit, factor=Decimal(factor), also=also, limits=limits, note=note
    )


def _yes_no(heading: str) -> Column:
    return Column(heading=heading, codes=NO_YES)


PATIENT: Final = "patient"

CELL_COUNT: Final = Text(
    "G/L is ×10⁹/L. Part of the column is per µL in spite of that; such a value is refused, not converted.",
    "G/L即×10⁹/L。该列部分数值实为每微升计数，此类数值不予采用，也不自动换算。",
)

COLUMNS: Final[tuple[Column, ...]] = (
    Column(heading="Gender", item="DM.sex", codes={"0": "F", "1": "M"}),
    _yes_no("Symptoms"),
    _yes_no("Alcohol"),
    Column(heading="Hepatitis B Surface Antigen", item="LB.hbsag", codes=NEGATIVE_POSITIVE),
    _yes_no("Hepatitis B e Antigen"),
    _yes_no("Hepatitis B Core Antibody"),
    Column(heading="Hepatitis C Virus Antibody", item="LB.hcvab", codes=NEGATIVE_POSITIVE),
    _yes_no("Cirrhosis"),
    _yes_no("Endemic Countries"),
    _yes_no("Smoking"),
    _yes_no("Diabetes"),
    _yes_no("Obesity"),
    _yes_no("Hemochromatosis"),
    _yes_no("Arterial Hypertension"),
    _yes_no("Chronic Renal Insufficiency"),
    Column(
        heading="Human Immunodeficiency Virus",
        item="LB.hivab",
        codes=NEGATIVE_POSITIVE,
        note=Text(
            "Read as the result of the HIV antibody; the log does not say whether a positive one was confirmed, "
            "and it is taken as confirmed.",
            "视为HIV抗体结果；日志未说明阳性是否经确证，按已确证处理。",
        ),
    ),
    _yes_no("Nonalcoholic Steatohepatitis"),
    _yes_no("Esophageal Varices"),
    _yes_no("Splenomegaly"),
    _yes_no("Portal Hypertension"),
    Column(
        heading="Portal Vein Thrombosis",
        item="STG.vascinv",
        codes=NO_YES,
        note=Text(
            "Read as visible vascular tumour thrombus. The log says nothing of hepatic veins or the vena cava, "
            "nor whether a thrombus is of tumour.",
            "视为影像学可见血管癌栓。日志未记录肝静脉和下腔静脉情况，也未区分癌栓与血栓。",
        ),
    ),
    Column(
        heading="Liver Metastasis",
        item="STG.exhep",
        codes=NO_YES,
        note=Text(
            "The heading says liver metastasis; the description of the data says distant metastasis. "
            "Read as extrahepatic metastasis.",
            "列名为“肝转移”，数据说明指远处转移，视为肝外转移。",
        ),
    ),
    _yes_no("Radiological Hallmark"),
    Column(
        heading="Age at diagnosis",
        item="DM.age",
        note=Text(
            "Completed years as given; there is no date of birth and no consent. Criterion I1 is judged on it.",
            "按所给周岁采用；无出生日期和知情同意日期，据此判断入选标准1。",
        ),
    ),
    _own("Grams of Alcohol per day", ("Alcohol", "饮酒量"), "g/d", ("0", "1000"), ("0", "300")),
    _own("Packs of cigarets per year", ("Pack-years", "吸烟包年"), "", ("0", "300"), ("0", "150")),
    Column(
        heading="Performance Status",
        item="VS.ecog",
        codes={str(grade): str(grade) for grade in range(5)},
        note=Text("Read as ECOG.", "视为ECOG评分。"),
    ),
    Column(
        heading="Encefalopathy degree",
        item="STG.enceph",
        codes={"1": "NONE", "2": "G1_2", "3": "G3_4"},
        note=Text("1 none, 2 grade I-II, 3 grade III-IV.", "1为无，2为I～II级，3为III～IV级。"),
    ),
    Column(
        heading="Ascites degree",
        item="STG.ascites",
        codes={"1": "NONE", "2": "MILD", "3": "MODSEV"},
        note=Text("1 none, 2 mild, 3 moderate to severe.", "1为无，2为轻度，3为中重度。"),
    ),
    Column(heading="International Normalised Ratio", item="LB.inr"),
    Column(heading="Alpha-Fetoprotein (ng/mL)", item="LB.afp", unit="ng/mL"),
    Column(heading="Haemoglobin (g/dL)", item="LB.hgb", unit="g/dL"),
    _own("Mean Corpuscular Volume (fl)", ("MCV", "平均红细胞体积"), "fL", ("40", "160"), ("65", "125")),
    Column(heading="Leukocytes(G/L)", item="LB.wbc", also=(PER_MICROLITRE,), note=CELL_COUNT),
    Column(heading="Platelets (G/L)", item="LB.plt", also=(PER_MICROLITRE,), note=CELL_COUNT),
    Column(
        heading="Albumin (mg/dL)",
        item="LB.alb",
        unit="g/dL",
        also=(("mg/dL", Decimal("0.01")),),
        note=Text(
            "Read as g/dL: as mg/dL, which the heading says, every value would be far below what is possible.",
            "按g/dL读取：若按列名所写mg/dL，所有数值均远低于可能范围。",
        ),
    ),
    Column(heading="Total Bilirubin(mg/dL)", item="LB.tbil", unit="mg/dL"),
    Column(heading="Alanine transaminase (U/L)", item="LB.alt"),
    Column(heading="Aspartate transaminase (U/L)", item="LB.ast"),
    Column(heading="Gamma glutamyl transferase (U/L)", item="LB.ggt"),
    Column(heading="Alkaline phosphatase (U/L)", item="LB.alp"),
    _own(
        "Total Proteins (g/dL)",
        ("Total protein", "总蛋白"),
        "g/L",
        ("20", "150"),
        ("40", "100"),
        given_in="g/dL",
        factor=10,
        also=(("g/L", Decimal(1)),),
    ),
    Column(heading="Creatinine (mg/dL)", item="LB.crea", unit="mg/dL"),
    Column(
        heading="Number of Nodules",
        item="STG.tumnum",
        note=Text("5 means five or more, which stages alike.", "5表示5个及以上，分期相同。"),
    ),
    Column(
        heading="Major dimension of nodule (cm)",
        item="STG.tummax",
        unit="cm",
        factor=Decimal(10),
        also=(("mm", Decimal(1)),),
    ),
    Column(heading="Direct Bilirubin (mg/dL)", item="LB.dbil", unit="mg/dL"),
    _own("Iron (mcg/dL)", ("Iron", "血清铁"), "µg/dL", ("0", "1000"), ("10", "300")),
    _own(
        "Oxygen Saturation (%)",
        ("Saturation", "饱和度"),
        "%",
        ("0", "100"),
        ("5", "100"),
        note=Text(
            "Stands between iron and ferritin with values such as 25 %: a saturation of transferrin, not of blood. "
            "No rule reads it.",
            "位于血清铁与铁蛋白之间，数值如25%，应为转铁蛋白饱和度而非血氧饱和度；任何规则均不采用。",
        ),
    ),
    _own("Ferritin (ng/mL)", ("Ferritin", "铁蛋白"), "ng/mL", ("0", "100000"), ("5", "2000")),
    Column(
        heading="1_survives_0_dies",
        codes=NO_YES,
        note=Text("The outcome after one year; no rule reads it.", "一年后的结局；任何规则均不采用。"),
    ),
)
BY_HEADING: Final[Mapping[str, Column]] = {column.heading: column for column in COLUMNS}
BY_ITEM: Final[Mapping[str, Column]] = {column.item: column for column in COLUMNS if column.item}
