"""A manifest of figures: reading it, what is stale, and making what is."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphdiff as gd
from graphdiff.drawing.series.lock import origin, read_lock
from graphdiff.drawing.series.making import Job, make, processes
from graphdiff.drawing.series.manifest import Entry, read_manifest
from graphdiff.errors import GraphDiffError, LimitExceeded

SIMPLE = """
[[figure]]
name = "simple"
program = "q = x + y; f = q*z"
at = "x=-2,y=5,z=-4"
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        path = tmp_path / "figures.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def entry(path: Path) -> Entry:
    (found,) = read_manifest(path).entries
    return found


def content(found: Entry) -> bytes:
    (made,) = make([Job(found, found.targets)])
    assert not made.error
    return made.files[found.targets[0]]


def test_a_figure_is_what_the_library_draws(write: Write, tmp_path: Path) -> None:
    found = entry(write(SIMPLE))
    expected = gd.parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4).figure().render("svg")
    assert found.targets == (tmp_path / "simple.svg",)
    assert content(found) == expected


def test_defaults_hold_where_a_figure_says_nothing_else(write: Write, tmp_path: Path) -> None:
    manifest = read_manifest(
        write(
            '[defaults]\nfolder = "out"\nformats = ["svg", "pdf"]\ndigits = 3\nwrt = "x"\n'
            + SIMPLE
            + '[[figure]]\ngallery = "colah"\nformats = "png"\ndigits = 1\n'
            + '[[figure]]\ngallery = "mazur"\noutput = ["a/b.svg", "c.dot"]\n'
        )
    )
    simple, colah, mazur = manifest.entries
    out = tmp_path / "out"
    assert simple.targets == (out / "simple.svg", out / "simple.pdf")
    assert colah.targets == (out / "colah.png",)
    assert mazur.targets == (out / "a" / "b.svg", out / "c.dot")
    assert all(dict(e.options)["wrt"] == ("x",) for e in manifest.entries)
    assert [dict(e.options)["digits"] for e in manifest.entries] == [3, 1, 3]


def test_a_gallery_example_brings_its_point_title_and_source(write: Write) -> None:
    found = entry(write('[[figure]]\ngallery = "colah"\ntitle = "Two paths"\n'))
    assert (found.name, found.at) == ("colah", ("a=2,b=1",))
    assert found.example.title == "Two paths"
    assert found.example.source == "colah.github.io posts/2015-08-Backprop"


def test_files_lie_beside_the_manifest(write: Write, tmp_path: Path) -> None:
    (tmp_path / "p.gd").write_text("# title: A product\nf = x*y\n")
    (tmp_path / "p.json").write_text('{"x": 2, "y": 3}')
    found = entry(write('[[figure]]\nfile = "p.gd"\nat = "@p.json"\n'))
    assert (found.name, found.example.title) == ("p", "A product")
    expected = gd.parse("f = x*y").backprop(x=2, y=3).figure().render("svg")
    assert b"6.00" in expected and content(found) == expected


def test_without_a_point_formulas_are_drawn(write: Write) -> None:
    found = entry(write('[[figure]]\nname = "s"\nprogram = "f = x*y"\n'))
    assert content(found) == gd.parse("f = x*y").figure().render("svg")


def test_an_empty_point_is_no_point(write: Write) -> None:
    found = entry(write('[[figure]]\ngallery = "cs231n-mul"\nat = []\n'))
    assert content(found) == gd.parse("f = x*y").figure().render("svg")


def test_options_of_parsing_and_of_the_point(write: Write) -> None:
    text = '[[figure]]\nname = "s"\nprogram = "1/(1+exp(-x)) + relu(y)"\nat = "x=1,y=0"\n'
    found = entry(write(text + 'fuse = "sigmoid"\nkink = "right"\nshare = false\n'))
    graph = gd.parse("1/(1+exp(-x)) + relu(y)", fuse="sigmoid", share=False)
    assert content(found) == graph.backprop(x=1, y=0, kink="right").figure().render("svg")


def test_steps_are_one_file(write: Write) -> None:
    from graphdiff.drawing.builds.animation import to_animated_svg, to_pages
    from graphdiff.drawing.builds.builds import builds

    text = SIMPLE + 'formats = ["svg", "pdf"]\nsteps = {start = "backward", delay = 2}\n'
    found = entry(write(text))
    trace = gd.parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4)
    made = builds(trace.figure(), start="backward")
    expected = [to_animated_svg(made, 2.0).encode(), to_pages(made)]
    (all_made,) = make([Job(found, found.targets)])
    assert list(all_made.files.values()) == expected


def test_options_may_have_the_names_that_commands_give_them(write: Write) -> None:
    found = entry(write(SIMPLE + 'dpi = 96\nlang = "ko"\nsteps = {from = "backward"}\n'))
    assert dict(found.options) == {"ppi": 96, "lang": "ko"}
    assert dict(found.steps or ()) == {"start": "backward"}


def test_numbered_steps_are_a_file_each(write: Write, tmp_path: Path) -> None:
    from graphdiff.drawing.builds.animation import to_pngs, to_svgs
    from graphdiff.drawing.builds.builds import builds

    text = SIMPLE + 'output = ["f-%02d.svg", "50%-%d.png"]\nsteps = true\nwidth = 300\n'
    found = entry(write(text))
    (all_made,) = make([Job(found, found.targets)])
    made = builds(gd.parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4).figure())
    svgs, pngs = to_svgs(made), to_pngs(made, 72 * 300 / made.scenes[0].width)
    assert len(svgs) == 7
    assert all_made.targets == {
        tmp_path / "f-%02d.svg": {tmp_path / f"f-0{k}.svg": svgs[k - 1] for k in range(1, 8)},
        tmp_path / "50%-%d.png": {tmp_path / f"50%-{k}.png": pngs[k - 1] for k in range(1, 8)},
    }
    # The width of a PNG stands in its bytes 16 to 19.
    assert {int.from_bytes(data[16:20]) for data in pngs} == {300}


@pytest.mark.parametrize("kind", ["gif", "tex", "html"])
def test_every_format_that_holds_steps(kind: str, write: Write) -> None:
    if kind == "gif":
        pytest.importorskip("PIL")
    found = entry(write(SIMPLE + f'formats = "{kind}"\nsteps = true\n'))
    assert len(content(found)) > 1_000


def test_labels_are_a_table(write: Write) -> None:
    found = entry(write(SIMPLE + "label = {q = '\\hat q'}\n"))
    drawn = gd.parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4).figure(label={"q": r"\hat q"})
    assert content(found) == drawn.render("svg")


def test_steps_that_cannot_be_made(write: Write) -> None:
    for text, message in (
        ("at = []\nsteps = true\n", "there are no numbers to build up"),
        ('formats = "dot"\nsteps = true\n', "there is no format 'dot' of steps"),
        ('steps = {only = "nothing"}\n', "nothing"),
    ):
        manifest = SIMPLE.replace('at = "x=-2,y=5,z=-4"\n', "") if "at =" in text else SIMPLE
        found = entry(write(manifest + text))
        (made,) = make([Job(found, found.targets)])
        assert message in made.error


def test_several_processes_make_the_same_bytes(write: Write) -> None:
    text = "".join(f'[[figure]]\ngallery = "{n}"\n' for n in ("colah", "ng-J", "cs231n-mul"))
    entries = read_manifest(write(text + '[[figure]]\nname = "n"\nprogram = "f = 1/"\n')).entries
    jobs = [Job(e, e.targets) for e in entries]

    def found(workers: int) -> dict[str, tuple[list[bytes], str]]:
        made = make(jobs, workers)
        return {m.job.entry.name: (list(m.files.values()), m.error) for m in made}

    one, two = found(1), found(2)
    assert one == two
    # The figure that cannot be made does not keep the others from being made.
    assert one["n"][1].startswith("the text ends too early") or "line 1" in one["n"][1]
    assert all(data for name, (data, _) in one.items() if name != "n")


def test_few_figures_need_one_process(write: Write) -> None:
    found = entry(write(SIMPLE))
    assert processes([Job(found, found.targets)] * 79) == 1
    assert processes([]) == 1


BAD = [
    ("[[figure]", "is not TOML"),
    ("[figures]\n", "unknown table 'figures'\nhint: did you mean 'figure'?"),
    ("figure = 1\n", "defaults is one table, figure is a list"),
    ("figure = [1]\n", "figure 1 is not a table"),
    ('[defaults]\nname = "x"\n', "name belongs to one figure, not to defaults"),
    ("[[figure]]\n", "figure 1 has no program\nhint: give one of program, file, gallery"),
    ('[[figure]]\nprogram = "x"\nfile = "x"\n', "figure 1 has program and file"),
    ('[[figure]]\nprogram = "x"\n', "'' cannot name a file"),
    ('[[figure]]\nname = "a/b"\nprogram = "x"\n', "'a/b' cannot name a file"),
    ('[[figure]]\nname = ".."\nprogram = "x"\n', "'..' cannot name a file"),
    ('[[figure]]\nfile = "none.gd"\n', "figure 1: cannot read none.gd: No such file"),
    (f'[[figure]]\nname = "{"a" * 5000}"\nprogram = "x"\n', "…' cannot name a file\nhint: names"),
    (f'[[figure]]\nname = "{"é" * 127}"\nprogram = "x"\n', "…' cannot name a file\nhint: names"),
    (SIMPLE + f'folder = "{"a" * 300}"\n', "…' cannot name a file\nhint: names"),
    (
        '[[figure]]\nfile = "/dev/zero"\n',
        "figure 1: cannot read /dev/zero: it is not a regular file",
    ),
    ('[[figure]]\nfile = "."\n', "figure 1: cannot read .: it is not a regular file"),
    ('[[figure]]\ngallery = "colha"\n', "no example 'colha'\nhint: did you mean 'colah'?"),
    (SIMPLE + "digit = 3\n", "figure 'simple': unknown key 'digit'\nhint: did you mean 'digits'?"),
    (SIMPLE + 'digits = "3"\n', "figure 'simple': digits is not a whole number"),
    (SIMPLE + "digits = true\n", "digits is not a whole number"),
    (SIMPLE + "style = 1\n", "style is not a text"),
    (SIMPLE + "share = 1\n", "share is not true or false"),
    (SIMPLE + "formats = [1]\n", "formats is not a text or a list of texts"),
    (SIMPLE + "steps = 1\n", "steps is not true, false or a table of options"),
    (SIMPLE + 'steps = {star = "x"}\n', "unknown key 'star'\nhint: did you mean 'start'?"),
    (SIMPLE + "steps = {captions = 1}\n", "captions is not true or false"),
    (SIMPLE + 'steps = {from = "back"}\n', "start is not forward or backward"),
    ("", "lists no figure\nhint: add a table [[figure]]"),
    ("[defaults]\ndigits = 3\n", "lists no figure"),
    ("figure = []\n", "lists no figure"),
    (SIMPLE + "formats = []\n", "has no file to be written to"),
    (SIMPLE + 'output = "f-%02d.svg"\n', "'f-%02d.svg' would be many files\nhint: steps = true"),
    (SIMPLE + 'steps = true\noutput = "f-%02d.pdf"\n', "'f-%02d.pdf' would be many files"),
    (SIMPLE + 'steps = true\noutput = "%d-%d.svg"\n', "'%d-%d.svg' has more than one number"),
    (SIMPLE + 'steps = true\noutput = "f.png"\n', "'f.png' is one picture, and there are many"),
    (
        SIMPLE + 'steps = true\noutput = "f-%02d.svg"\n'
        '[[figure]]\ngallery = "colah"\noutput = "f-07.svg"\n',
        "figures 'simple' and 'colah' both write f-07.svg",
    ),
    (SIMPLE + 'label = "q"\n', "label is not a table of texts"),
    (SIMPLE + SIMPLE, "two figures are named 'simple'"),
    (
        SIMPLE + '[[figure]]\ngallery = "colah"\noutput = "simple.svg"\n',
        "figures 'simple' and 'colah' both write simple.svg",
    ),
]


@pytest.mark.parametrize(("text", "message"), BAD, ids=[message[:30] for _, message in BAD])
def test_a_bad_manifest_says_what_and_where(text: str, message: str, write: Write) -> None:
    with pytest.raises(GraphDiffError) as caught:
        read_manifest(write(text))
    assert message in str(caught.value)
    assert "figures.toml" in str(caught.value)


def test_a_manifest_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(GraphDiffError, match=r"cannot read .*none\.toml: No such file"):
        read_manifest(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe9"')
    with pytest.raises(GraphDiffError, match="is not UTF-8 text"):
        read_manifest(tmp_path / "latin.toml")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this platform has no named pipes")
def test_a_pipe_is_not_waited_for(write: Write, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(GraphDiffError, match="cannot read pipe: it is not a regular file"):
        read_manifest(write('[[figure]]\nname = "p"\nfile = "pipe"\n'))


def test_a_huge_file_is_not_read_whole(write: Write, tmp_path: Path) -> None:
    with (tmp_path / "huge.gd").open("wb") as file:
        file.truncate(2_000_000_000)  # sparse
    with pytest.raises(LimitExceeded, match=r"huge\.gd is larger than 16,000,000 bytes"):
        read_manifest(write('[[figure]]\nfile = "huge.gd"\n'))


@given(name=st.text(min_size=1, max_size=12).filter(lambda name: "\x7f" not in name))
def test_a_figure_never_leaves_its_folder(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "names.toml"
    written = json.dumps(name, ensure_ascii=False)
    path.write_text(f"[[figure]]\nname = {written}\nprogram = 'x'\n", encoding="utf-8")
    if name.startswith(".") or set(name) & set("/\\\0\n"):
        with pytest.raises(GraphDiffError, match="cannot name a file"):
            entry(path)
    else:
        (target,) = entry(path).targets
        assert (target.parent, target.name) == (path.parent, f"{name}.svg")


def test_figures_are_chosen_by_name(write: Write) -> None:
    manifest = read_manifest(write(SIMPLE + '[[figure]]\ngallery = "colah"\n'))
    assert [e.name for e in manifest.chosen(("colah",))] == ["colah"]
    assert len(manifest.chosen(())) == 2
    with pytest.raises(GraphDiffError, match="has no figure 'simpel'") as caught:
        manifest.chosen(("simpel",))
    assert caught.value.hint == "did you mean 'simple'?"


def test_the_lock_vouches_for_what_was_made_and_only_for_that(write: Write) -> None:
    path = write(SIMPLE)
    manifest, found = read_manifest(path), entry(path)
    (target,), lock = found.targets, read_lock(manifest)
    made_from, data = origin(found, target), content(found)
    assert not lock.vouches(target, made_from)
    target.write_bytes(data)
    lock.note(target, made_from, {target: data})
    lock.path.write_bytes(lock.content(manifest))
    again = read_lock(manifest)
    assert again.vouches(target, made_from)
    assert not again.vouches(target, made_from[::-1])
    target.write_bytes(data + b" ")
    assert not again.vouches(target, made_from)
    target.unlink()
    assert not again.vouches(target, made_from)


@pytest.mark.parametrize("text", ["", "[]", '{"schema": 1}', "\xff", '{"schema":"x","files":[]}'])
def test_a_damaged_lock_vouches_for_nothing(text: str, write: Write) -> None:
    path = write(SIMPLE)
    path.with_suffix(".lock").write_text(text, encoding="latin-1")
    assert read_lock(read_manifest(path)).hashes == {}


CHANGES = [
    ("x=-2", "x=-3"),
    ("q*z", "q*z*z"),
    ('at = "', 'fuse = "all"\nat = "'),
    ('at = "', 'digits = 3\nat = "'),
    ('at = "', 'kink = "left"\nat = "'),
    ('at = "', 'shape = "x:2"\nat = "'),
    ('at = "', 'formats = "pdf"\nat = "'),
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_everything_that_changes_a_figure_changes_its_origin(
    change: tuple[str, str], write: Write
) -> None:
    before = entry(write(SIMPLE))
    after = entry(write(SIMPLE.replace(*change, 1)))
    assert origin(before, before.targets[0]) != origin(after, after.targets[0])


def test_a_title_changes_nothing(write: Write) -> None:
    before = entry(write(SIMPLE))
    after = entry(write(SIMPLE + 'title = "T"\nnote = "N"\nsection = "S"\nsource = "O"\n'))
    assert origin(before, before.targets[0]) == origin(after, after.targets[0])


def test_a_point_in_a_file_counts(write: Write, tmp_path: Path) -> None:
    found = entry(write('[[figure]]\nname = "p"\nprogram = "x*y"\nat = "@p.json"\n'))
    hashes = []
    for text in ('{"x": 2, "y": 3}', '{"x": 2, "y": 4}'):
        (tmp_path / "p.json").write_text(text)
        hashes.append(origin(found, found.targets[0]))
    assert hashes[0] != hashes[1]
