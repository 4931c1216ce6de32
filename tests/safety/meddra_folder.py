"""A folder in the layout of a MedDRA release, with invented terms: nothing of MedDRA is part of this project."""

from __future__ import annotations

from pathlib import Path

ENGLISH = {
    "soc.asc": ["900$Invented organ disorders$Inv$$$$$$$$", "901$Imaginary conditions$Ima$$$$$$$$"],
    "hlgt.asc": ["800$Invented group$$$$$$$$", "801$Imaginary group$$$$$$$$"],
    "hlt.asc": ["700$Invented high level$$$$$$$$", "701$Imaginary high level$$$$$$$$"],
    "pt.asc": [
        "500$Blue knee$$900$$$$$$$$",
        "501$Humming elbow$$901$$$$$$$$",
        "502$Green knee$$900$$$$$$$$",
    ],
    "llt.asc": [
        "100$Blue knee$500$$$$$$$Y$$",
        "101$Knee turning blue$500$$$$$$$Y$$",
        "102$Blueness of knee, old$500$$$$$$$N$$",
        "110$Humming elbow$501$$$$$$$Y$$",
        "120$Green knee$502$$$$$$$Y$$",
    ],
    "mdhier.asc": [
        "500$700$800$900$Blue knee$Invented high level$Invented group$Invented organ disorders$Inv$$900$Y$",
        "500$701$801$901$Blue knee$Imaginary high level$Imaginary group$Imaginary conditions$Ima$$900$N$",
        "501$701$801$901$Humming elbow$Imaginary high level$Imaginary group$Imaginary conditions$Ima$$901$Y$",
        "502$700$800$900$Green knee$Invented high level$Invented group$Invented organ disorders$Inv$$900$Y$",
    ],
}
CHINESE_NAMES = {
    "soc.asc": {"900": "虚构器官疾病", "901": "想象状况"},
    "hlgt.asc": {"800": "虚构组", "801": "想象组"},
    "hlt.asc": {"700": "虚构高位语", "701": "想象高位语"},
    "pt.asc": {"500": "蓝膝", "501": "嗡鸣肘", "502": "绿膝"},
    "llt.asc": {"100": "蓝膝", "101": "膝部发蓝", "102": "旧称蓝膝", "110": "嗡鸣肘", "120": "绿膝"},
}


def write(folder: Path, files: dict[str, list[str]], encoding: str = "utf-8") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in files.items():
        (folder / name).write_bytes("\r\n".join([*lines, ""]).encode(encoding))
    return folder


def english(folder: Path, **changed: list[str]) -> Path:
    """Write the English files; `llt=[…]` puts other lines in place of a file's."""
    return write(folder, {**ENGLISH, **{f"{name}.asc": lines for name, lines in changed.items()}})


def chinese(folder: Path, encoding: str = "utf-8") -> Path:
    """Write the Chinese files: the same lines with other names."""
    files = {}
    for name, names in CHINESE_NAMES.items():
        rows = [line.split("$") for line in ENGLISH[name]]
        files[name] = ["$".join([row[0], names[row[0]], *row[2:]]) for row in rows]
    return write(folder, files, encoding)
