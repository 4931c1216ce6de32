"""A screening log to try: one sound patient, and the path of the published file."""

from __future__ import annotations

import csv
from pathlib import Path

from eligibility.history.columns import COLUMNS, PATIENT
from eligibility.history.judging import Judged

LOG = Path(__file__).resolve().parents[2] / "data" / "uci-hcc-screening.csv"
CRITERIA = [*(f"I{n}" for n in range(1, 7)), *(f"E{n}" for n in range(1, 12))]
BILIRUBIN, DIRECT = "Total Bilirubin(mg/dL)", "Direct Bilirubin (mg/dL)"
PLATELETS, LEUKOCYTES = "Platelets (G/L)", "Leukocytes(G/L)"

SOUND = {
    PATIENT: "1",
    **{column.heading: "?" for column in COLUMNS},
    "Gender": "1",
    "Age at diagnosis": "60",
    "Performance Status": "0",
    "Encefalopathy degree": "1",
    "Ascites degree": "1",
    "International Normalised Ratio": "1.1",
    "Albumin (mg/dL)": "4.0",
    BILIRUBIN: "1.0",
    PLATELETS: "150",
    "Portal Vein Thrombosis": "0",
    "Liver Metastasis": "0",
    "Number of Nodules": "1",
    "Major dimension of nodule (cm)": "7.2",
    "Human Immunodeficiency Virus": "0",
}


def outcomes(one: Judged) -> dict[str, str]:
    return {result.id: str(result.outcome) for result in one.criteria}


def published() -> list[dict[str, str]]:
    with LOG.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
