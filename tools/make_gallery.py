"""Write docs/teach/gallery.md from examples/figures.toml, or check that it is up to date.

    graphdiff figures examples/figures.toml    make the pictures
    python tools/make_gallery.py               write the page
    python tools/make_gallery.py --check       exit 1 if the page is stale

Beside each picture stands the command that draws it.
"""

from __future__ import annotations

import argparse
import html
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "cli")]

if TYPE_CHECKING:
    import click

    from graphdiff.drawing.series.manifest import Entry, Option

MANIFEST = Path("examples/figures.toml")
PAGE = Path("docs/teach/gallery.md")
HEAD = """<!-- Made by tools/make_gallery.py from examples/figures.toml: edit there. -->

# Gallery

{count} figures for lectures, each with the command that draws it. They are made from
[examples/figures.toml](../../examples/figures.toml), all in one run:

```sh
graphdiff figures examples/figures.toml
```

Commands that read a file are run in the root of the repository.

## A set of your own

A manifest is a TOML file: defaults, and a table for each figure.

```toml
[defaults]
folder = "pictures"              # beside the manifest
formats = ["svg", "pdf"]
digits = 2                       # and all other options of graphdiff draw

[[figure]]
name = "simple"                  # pictures/simple.svg, pictures/simple.pdf
program = "q = x + y; f = q*z"   # or file = "simple.gd", or gallery = "colah"
at = "x=-2,y=5,z=-4"             # or "@point.json"; without a point there are formulas
annotate = ["q: distributor"]

[[figure]]
name = "simple-builds"
gallery = "cs231n-add-mul"
formats = ["pdf", "gif"]
steps = {{ start = "backward" }}   # or true; a page or picture for each step

[[figure]]
command = "descend"              # plot, analyze, flow, gradcheck, backprop, steps: as this one
name = "two-optimizers"
program = "x^2/20 + y^2"
from = "x=-7,y=2"                # its other keys are the options of that command
with = "sgd(lr=0.95), adam(lr=0.3)"
```

Files that a command reads (`data = "d.csv"`, `at = "@point.json"`) are looked for beside the
manifest; a default is used by every figure whose command has that option.

`graphdiff figures lecture.toml` makes what changed and leaves the rest alone; `--check` writes
nothing, names the files that are stale or missing, and exits with 1, as pre-commit wants it:

```yaml
- repo: local
  hooks:
    - id: figures
      name: figures are up to date
      entry: graphdiff figures lecture.toml --check
      language: system
      pass_filenames: false
```

The lock beside the manifest only saves time: without it, `--check` makes every figure and compares.
"""


def main() -> int:
    """Write or check; returns the exit status."""
    parser = argparse.ArgumentParser(description="Write or check docs/teach/gallery.md.")
    parser.add_argument("--check", action="store_true", help="only say whether it is stale")
    check = parser.parse_args().check
    content, page = gallery_page(), ROOT / PAGE
    if page.exists() and page.read_text(encoding="utf-8") == content:
        return 0
    print(f"{'stale' if check else 'wrote'}: {PAGE}")
    if check:
        print("run: python tools/make_gallery.py")
    else:
        page.write_text(content, encoding="utf-8")
    return int(check)


def gallery_page() -> str:
    """The whole page."""
    from graphdiff.drawing.series.manifest import read_manifest

    entries = read_manifest(ROOT / MANIFEST).entries
    parts, section = [HEAD.format(count=len(entries))], ""
    for entry in entries:
        if entry.section != section:
            section = entry.section
            parts.append(f"## {section}\n")
        parts.append(figure(entry))
    return "\n".join(parts)


def figure(entry: Entry) -> str:
    """A figure with its title, source, note and command."""
    example, target = entry.example, entry.targets[0]
    said = [text for text in (example.source, example.note) if text]
    words = "".join(f"{_text(text.rstrip('.'))}.\n" for text in said)
    alt = _text(description(target)).replace("[", "\\[").replace("]", "\\]")
    path = target.resolve().relative_to((ROOT / PAGE).parent)
    return (
        f"### {_text(example.title)}\n\n{words}\n![{alt}]({path.as_posix()})\n\n"
        f"```sh\n{command(entry)}\n```\n"
    )


def description(picture: Path) -> str:
    """The sentence that a picture holds for those who cannot see it."""
    found = re.search(r"<desc[^>]*>(.*?)</desc>", picture.read_text(encoding="utf-8"), re.DOTALL)
    return html.unescape(found[1]) if found else ""


def command(entry: Entry) -> str:
    """The command that draws the figure."""
    from graphdiff_cli.main import root

    name = "draw" if entry.steps is None else "steps"
    words = ["graphdiff", name, *program(entry)]
    for text in entry.at:
        located = f"@{_from_root(entry.folder / text[1:])}" if text.startswith("@") else text
        words += ["--at", _quoted(located)]
    words += [word for text in entry.shape for word in ("--shape", _quoted(text))]
    usual = {"fuse": "none", "share": True, "kink": "zero"}
    given = [(key, value) for key, value in entry.parsing if usual[key] != value]
    given += [*entry.options, *(entry.steps or ())]
    for key, value in given:
        words += flag(root.commands[name], key, value)
    return " ".join([*words, "-o", entry.targets[0].name])


def program(entry: Entry) -> list[str]:
    """The program as an argument, or the file that holds it."""
    if entry.file is not None:
        return ["-f", _from_root(entry.file)]
    lines = [line for line in entry.example.program.split("\n") if not line.startswith("#")]
    return [_quoted("; ".join(line for line in lines if line.strip()))]


def flag(command: click.Command, key: str, value: Option) -> list[str]:
    """An option of the library as the command takes it."""
    if key == "share":
        return ["--no-share"]
    for parameter in command.params:
        if parameter.name == {"ppi": "dpi", "start": "from"}.get(key, key):
            option = max(parameter.opts, key=len)
            if isinstance(value, bool) and getattr(parameter, "is_flag", False):
                return [option] if value else []
            if isinstance(value, bool):
                return [option, "on" if value else "off"]
            if isinstance(value, dict):
                return [w for name in value for w in (option, _quoted(f"{name}={value[name]}"))]
            if not isinstance(value, tuple):
                return [option, _quoted(str(value))]
            if getattr(parameter, "multiple", False):
                return [word for item in value for word in (option, _quoted(item))]
            return [option, _quoted(",".join(value))]
    raise SystemExit(f"graphdiff {command.name} has no option for {key!r}")


def _from_root(path: Path) -> str:
    return path.resolve().relative_to(ROOT).as_posix()


def _quoted(text: str) -> str:
    """A word for the shell, in double quotes where they do."""
    plain = shlex.quote(text)
    return f'"{text}"' if plain != text and not set(text) & set('"$`\\!') else plain


def _text(text: str) -> str:
    """Plain text in Markdown."""
    return re.sub(r"([\\`*_<>|#])", r"\\\1", text)


if __name__ == "__main__":
    sys.exit(main())
