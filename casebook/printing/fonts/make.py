"""Make the fonts casebooks are printed in: Noto Sans SC and Noto Sans, cut down to what people in China write.

    npm pack @expo-google-fonts/noto-sans-sc@0.4.3 @expo-google-fonts/noto-sans@0.4.2
    for package in *.tgz; do tar xzf $package --one-top-level; done
    python casebook/printing/fonts/make.py */package/400Regular/NotoSansSC_400Regular.ttf \
        */package/400Regular/NotoSans_400Regular.ttf

Needs fonttools (requirements-dev.txt). Writes NotoSansSC.ttf, NotoSans.ttf, and characters.txt, which says what
is in them.
"""

from __future__ import annotations

import sys
import unicodedata
from itertools import pairwise
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).resolve().parent
DROPPED = ("BASE", "STAT", "gasp", "prep", "vhea", "vmtx")

# Characters of the table of general standard characters (通用规范汉字表, 2013) that GBK does not have.
STANDARD_OUTSIDE_GBK = (
    "㑇㑊㕮㖞㘎㙍㙘㙦㛃㛚㛹㟃㠇㠓㤘㥄㧐㧑㧟㫰㬊㬎㬚㭎㭕㮾㰀㳇㳘㳚㴔㵐㶲㸆㸌㺄㻬㽏㿠䁖䂮䃅䃎䅟䌹䎃䎖䏝䏡䏲䐃䓖䓛䓨䓫䓬"
    "䗖䗛䗪䗴䜣䝙䢺䢼䣘䥽䦃䲟䲠䲢䴓䴔䴕䴖䴗䴘䴙䶮"
)
CHINESE_BLOCKS = (
    (0x20, 0x17F),  # Latin
    (0x370, 0x3FF),  # Greek
    (0x2000, 0x20CF),  # punctuation, raised and lowered figures, currencies
    (0x2100, 0x22FF),  # letter-like signs, Roman figures, arrows, mathematics
    (0x2460, 0x24FF),  # figures in circles
    (0x25A0, 0x27BF),  # shapes, ticks
    (0x3000, 0x303F),  # Chinese punctuation
    (0x9FA6, 0x9FFF),  # ideographs added to the main block since GBK
    (0xFF00, 0xFFEF),  # full width
    (0x20000, 0x3FFFF),  # those of the standard table beyond 16 bits: all the font has there
)
# What the Chinese font lacks: accents, raised and lowered figures (10⁹), Greek and Cyrillic in full.
LATIN_BLOCKS = ((0x20, 0x24F), (0x2B0, 0x52F), (0x1E00, 0x1EFF), (0x2000, 0x20CF), (0x2100, 0x218F))


def gbk() -> set[int]:
    """Every character of GBK, by Python's own table."""
    found = set()
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                found.add(ord(bytes([lead, trail]).decode("gbk")))
            except UnicodeDecodeError:
                continue
    return found


def of_blocks(blocks: tuple[tuple[int, int], ...]) -> set[int]:
    """The code points of some blocks, without those that only steer others and would be printed as nothing."""
    codes = {code for first, last in blocks for code in range(first, last + 1)}
    return {code for code in codes if unicodedata.category(chr(code)) != "Cf"}


def cut(source: str, name: str, wanted: set[int], features: list[str]) -> set[int]:
    """Write a font with the wanted characters alone; give those it really has."""
    options = subset.Options(hinting=False, layout_features=features, name_IDs=["*"], drop_tables=DROPPED)
    font = subset.load_font(source, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    # The same input gives the same bytes.
    font["head"].modified = font["head"].created
    subset.save_font(font, str(HERE / name), options)
    return set(TTFont(HERE / name).getBestCmap())


def ranges(codes: list[int]) -> list[str]:
    """Sorted code points as lines `4E00-9FA5`."""
    gaps = [(before, after) for before, after in pairwise(codes) if after != before + 1]
    starts = [codes[0], *(after for _before, after in gaps)]
    ends = [*(before for before, _after in gaps), codes[-1]]
    return [f"{start:X}-{end:X}" for start, end in zip(starts, ends, strict=True)]


def main(chinese: str, latin: str) -> None:
    standard = {ord(character) for character in STANDARD_OUTSIDE_GBK}
    covered = cut(chinese, "NotoSansSC.ttf", gbk() | standard | of_blocks(CHINESE_BLOCKS), [])
    covered |= cut(latin, "NotoSans.ttf", of_blocks(LATIN_BLOCKS), ["ccmp", "mark", "mkmk"])
    (HERE / "characters.txt").write_text("\n".join(ranges(sorted(covered))) + "\n", encoding="ascii")


if __name__ == "__main__":
    main(*sys.argv[1:])
