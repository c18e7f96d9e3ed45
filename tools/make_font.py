"""Make graphdiff's Korean subset font from Debian's Noto Sans CJK.

    apt-get install fonts-noto-cjk && pip install fonttools
    python tools/make_font.py

Typst carries fonts for Latin, Greek and mathematics, but none for Korean, and without one it
draws empty boxes. The subset holds the 2,350 Hangul syllables of KS X 1001, the letters (jamo)
on their own, ASCII, Greek and the usual operators, so that mixed text such as ``y의 값 ≥ 0``
has one look; everything else stays in the 16 MB original.

The result is renamed: "Noto" is a trademark, and a subset must not pass for the whole font when
both are installed. The licence (SIL Open Font License 1.1) goes with it as ``OFL.txt``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

SOURCE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
KOREAN_FACE = 1
FAMILY = "Graphdiff Sans KR"
TARGET = Path(__file__).parents[1] / "graphdiff/drawing/fonts/GraphdiffSansKR-Regular.otf"
# Seconds since 1904, the epoch of OpenType dates: 2021-01-01. A fixed date keeps the bytes fixed.
MODIFIED = 3_692_217_600
OPERATORS = "±×÷·−√∞∂∇∑∏∫≈≠≤≥∈→←↑↓↔⇒⇔…‘’“”–—°′″「」『』、。"


def ks_x_1001_syllables() -> set[int]:
    """The 2,350 Hangul syllables of KS X 1001: exactly those that plain EUC-KR can encode."""
    syllables = set()
    for point in range(0xAC00, 0xD7A4):
        try:
            encoded = chr(point).encode("euc_kr")
        except UnicodeEncodeError:
            continue
        # Python spells the other 8,822 syllables as eight bytes of jamo: not in the standard.
        if len(encoded) == 2:
            syllables.add(point)
    return syllables


def wanted() -> set[int]:
    """Every code point that the subset keeps."""
    return (
        ks_x_1001_syllables()
        | set(range(0x3131, 0x3164))
        | set(range(0x20, 0x7F))
        | set(range(0x391, 0x3CA)) - {0x3A2}
        | {ord(sign) for sign in OPERATORS}
    )


def rename(font: TTFont) -> None:
    """Give the subset its own family name; copyright, trademark and licence lines stay."""
    names = font["name"]
    names.names = [record for record in names.names if record.langID == 0x409]
    for number, text in {
        1: FAMILY,
        3: "2.004;GraphdiffSansKR-Regular",
        4: FAMILY,
        6: "GraphdiffSansKR-Regular",
    }.items():
        names.setName(text, number, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = ["GraphdiffSansKR-Regular"]
    top.topDictIndex[0].FamilyName = FAMILY
    top.topDictIndex[0].FullName = FAMILY


def make(source: Path, target: Path) -> None:
    """Write the subset of ``source`` to ``target``; the same bytes on every run."""
    options = subset.Options(
        hinting=False,
        desubroutinize=False,
        layout_features=["kern", "locl", "ccmp"],
        name_IDs=["*"],
        notdef_outline=True,
        drop_tables=["BASE", "VORG", "vhea", "vmtx", "GPOS", "GSUB", "GDEF"],
    )
    font = TTFont(source, fontNumber=KOREAN_FACE, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted())
    subsetter.subset(font)
    rename(font)
    font["head"].modified = MODIFIED
    font.save(target)


def main() -> None:
    """Read the two paths from the command line and make the font."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--source", type=Path, default=SOURCE)
    parser.add_argument("--target", type=Path, default=TARGET)
    options = parser.parse_args()
    make(options.source, options.target)
    print(f"{options.target}: {options.target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
