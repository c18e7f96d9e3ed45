"""``graphdiff descend``: optimizers, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from graphdiff.core.support.formats import Format, in_order
from graphdiff.drawing.formats import ANIMATIONS, PLOTS
from graphdiff.study.report.formats import DOCUMENTS, RUNS

from .. import options
from ..console import (
    print_sections,
    progress_bar,
    read_source,
    read_targets,
    remark,
    reporting_errors,
    usage,
    write_json,
    write_out,
    write_target,
)
from ..descending import data_options, rule_options, trainings_of, wished
from ..programs import Program

if TYPE_CHECKING:
    from graphdiff.core.support.section import Section
    from graphdiff.language.reading.point import Constant
    from graphdiff.study.descent import Descent, Trajectory

FORMATS = in_order(PLOTS, ANIMATIONS, DOCUMENTS, RUNS)


@click.command(short_help="Gradient descent and its relatives, step by step.")
@options.source
@click.option("--versus", multiple=True, metavar="PROGRAM",
              help="Another program in the same tables and picture; repeatable.")  # fmt: skip
@click.option("--from", "starts", multiple=True, metavar="x=1,y=2",
              help="Where to start; again for the same variables: one more start.")  # fmt: skip
@click.option(
    "--starts",
    "count",
    type=int,
    metavar="N",
    help="So many starts by chance (--seed) in the ranges of --over.",
)
@click.option("--init", metavar="RULE|STD",
              help="How variables without a start begin: he, xavier, lecun, or a standard "
              "deviation; biases are 0 (--seed).")  # fmt: skip
@click.option("--shape", multiple=True, metavar="W:2x3",
              help="Shapes of what --init draws, and of columns; repeatable.")  # fmt: skip
@click.option("--over", multiple=True, metavar="x=-2..2", help="Ranges of --starts.")
@click.option("--at", multiple=True, metavar="a=2", help="Inputs that keep their values.")
@rule_options
@data_options
@click.option("--print-rule", is_flag=True, help="Print the update rule as a program.")
@click.option("--check", type=click.Choice(["published"]), help="Run what books print.")
@click.option("--json", is_flag=True, help="Print JSON (schema graphdiff.descent/1).")
@click.option("--trajectory", is_flag=True, help="Every step in the JSON.")
@click.option("--csv", is_flag=True, help="Print every step as CSV.")
@options.output(FORMATS, "Write {}; repeatable.")
@options.choice(
    "--plot",
    ("auto", "map", "loss", "step", "rates", "surface"),
    "Contour map, losses, or both; sizes of steps; ends by learning rate; 3-D.",
)
@options.lang("Words in plots.")
@options.choice("--theme", ("light", "dark"), "Colours of plots.")
@options.color
@options.debug
def descend(
    expression: str | None, expr: str | None, file: Path | None, starts: tuple[str, ...],
    at: tuple[str, ...], print_rule: bool, check: str | None, json: bool, trajectory: bool,
    csv: bool, output: tuple[str, ...], to: str | None, plot: str, lang: str, theme: str,
    color: str, debug: bool, **rest: Any,
) -> None:  # fmt: skip
    """Minimize a program: every step of one optimizer, or several side by side.

    \b
    graphdiff descend "x^2" --from x=10 --lr 0.2 --steps 10
    graphdiff descend "a^2+9*b^2" --from a=-5,b=2 --with sgd,adam --lr .1 -o f.svg
    graphdiff descend "x^2" --from x=1 --lr 0.01,0.1,0.5,1.1 -o sweep.gif
    graphdiff descend "x^2+9*y^2" --from x=-5,y=2 --with "sgd(lr=.1), adam(lr=.5)"
    graphdiff descend "(w*x-y)^2" --from w=0 --data d.csv --batch 1,8,full --lr .1
    graphdiff descend "mean((tanh(X@W+b)@v-y)^2)" --shape W:1x9 --init he \\
      --data d.csv --column X=x --shape X:Nx1 --with adam --epochs 200
    graphdiff descend "x^2" --from x=1 --lr .001..1:13 --plot rates -o rates.svg
    graphdiff descend "x^2+9*y^2" --from x=-5,y=2 --lr 1e-4..1:20 --draw --seed 3
    graphdiff descend "x^4-3*x^2+x" --starts 200 --over x=-2..2 --lr .02 -o s.svg
    graphdiff descend "a = x^2" --versus "b = x^4" --from x=1 --lr .1 -o two.svg
    graphdiff descend --with adam --print-rule
    graphdiff descend --check published

    Exit status: 0 done, 1 a published run differs, 2 bad input, 3 a program is missing,
    130 interrupted (what was done is printed).
    """
    with reporting_errors(json=json, debug=debug):
        targets = read_targets(output, to, FORMATS)
        if json and csv:
            raise usage("--json and --csv would both write to standard output", "-o run.csv")
        if trajectory and not json and all(kind.name != "json" for _, kind in targets):
            raise usage("--trajectory is for JSON", "--json, or -o run.json")
        if check is not None:
            _check_published(color)
        elif print_rule:
            write_out(_rules(rest))
        else:
            from graphdiff.language.reading.point import read_point

            source = read_source(expression, expr, file)
            begun = _starts(starts)
            found = _found(source, begun, at, rest)
            looks = {"language": lang, "theme": theme}
            files = [
                (path, _rendered(found, kind, trajectory, plot, looks)) for path, kind in targets
            ]
            for path, data in files:
                write_target(path, data)
            if json:
                write_json(found.document(trajectory=trajectory))
            elif csv:
                write_out(found.csv())
            elif not any(path is None for path, _ in targets):
                print_sections(found.sections(), color)
            if rest["data"] is None:
                _tell_notes(source, {**begun[0], **read_point(at)})
            if found.interrupted:
                remark("interrupted: this is what was done")
                raise click.exceptions.Exit(130)


def _tell_notes(source: str, point: dict[str, Constant]) -> None:
    import graphdiff as gd

    Program(gd.parse(source), point, {}, placed=True).tell_notes()


def _starts(given: tuple[str, ...]) -> list[dict[str, Constant]]:
    """Starts; a variable that is given again begins a new one.  Raises BadPoint, ParseError."""
    from graphdiff.language.reading.point import read_point

    found: list[dict[str, Constant]] = [{}]
    for item in given:
        point = read_point([item])
        if point.keys() & found[-1].keys():
            found.append({})
        found[-1].update(point)
    return found


def _rules(rest: dict[str, Any]) -> str:
    """The programs of the rules that the options choose."""
    texts = [wish.chosen().rule.text for wish in wished(rest)]
    return "\n\n".join(dict.fromkeys(texts))


def _found(
    source: str, starts: list[dict[str, Constant]], at: tuple[str, ...], rest: dict[str, Any]
) -> Descent:
    """The runs on one program, from starts that are given or by chance, or on several."""
    by_chance = rest["count"] is not None or rest["over"]
    if not rest["versus"]:
        return (_sampled if by_chance else _run)(source, starts, at, rest)
    if by_chance:
        raise usage("--versus does not take --starts", "--from x=1, or --init he")
    return _against([source, *rest["versus"]], starts, at, rest)


def _run(
    source: str, starts: Sequence[Mapping[str, Any]], at: tuple[str, ...], rest: dict[str, Any]
) -> Descent:
    """All runs that the options ask for."""
    from graphdiff.language.reading.point import read_point
    from graphdiff.study.descent import compare

    if rest["data"] is not None:
        return _train(source, starts, at, rest)
    if rest["validation"] is not None or rest["column"]:
        raise usage("--validation and --column belong to --data", "add --data FILE.csv")
    if rest["chances"]:
        raise usage("--random draws for rows of --data", "add --data FILE.csv")
    fixed = read_point(at)
    if rest["init"] is not None:
        starts = [_begun(source, start, fixed, rest) for start in starts]
    with progress_bar("steps", rest["steps"]) as progress:
        return compare(
            source, starts, wished(rest), fixed=fixed, backend=rest["backend"],
            progress=progress, steps=rest["steps"], tolerance=rest["tolerance"],
        )  # fmt: skip


def _against(
    sources: Sequence[str], starts: Sequence[Mapping[str, Any]], at: tuple[str, ...],
    rest: dict[str, Any],
) -> Descent:  # fmt: skip
    """The runs of several programs, told apart by the names of their values, or by their numbers;
    each has the starts of its own variables."""
    import graphdiff as gd
    from graphdiff.study.descent import Descent, inputs_of

    graphs = [gd.parse(source) for source in sources]
    names = [graph.labels[graph.output] for graph in graphs]
    if len(set(names)) < len(names):
        names = [f"program {number}" for number in range(1, len(names) + 1)]
    runs: list[Trajectory] = []
    for name, graph, source in zip(names, graphs, sources, strict=True):
        own = [
            {n: value for n, value in start.items() if n in inputs_of(graph)} for start in starts
        ]
        runs += _run(source, own, at, {**rest, "program": name}).runs
    return Descent(tuple(runs))


def _begun(
    source: str, start: Mapping[str, Any], fixed: Mapping[str, Constant], rest: dict[str, Any]
) -> dict[str, Any]:
    """A start with what it leaves out drawn by --init."""
    from graphdiff.language.reading.shapes import read_shapes
    from graphdiff.study.descent import begun

    return begun(
        source, start, rest["init"], rest["seed"], shapes=read_shapes(",".join(rest["shape"])),
        kept={name: value.shape for name, value in fixed.items()},
    )  # fmt: skip


def _sampled(
    source: str, starts: list[dict[str, Constant]], at: tuple[str, ...], rest: dict[str, Any]
) -> Descent:
    """Runs from starts that chance chooses; what has no range starts as it is given."""
    from dataclasses import replace

    from graphdiff.study.descent.basins import ranges, sampled

    count, over = rest["count"], rest["over"]
    if count is None or not over:
        raise usage("--starts and --over belong together", "--starts 200 --over x=-2..2")
    if len(starts) > 1 or rest["data"] is not None:
        raise usage("--starts takes neither several --from nor --data")
    box = ranges(list(over))
    points = sampled(box, count, rest["seed"])
    found = _run(source, [{**starts[0], **point} for point in points], at, rest)
    return replace(found, over=box, seed=rest["seed"])


def _train(
    source: str, starts: Sequence[Mapping[str, Any]], at: tuple[str, ...], rest: dict[str, Any]
) -> Descent:
    """Runs on data."""
    from graphdiff.study.descent import Descent, read_data, train

    if len(starts) > 1 or at or rest["backend"] != "python":
        raise usage("--data takes one start, and neither --at nor --backend compiled")
    data, trainings = read_data(rest["data"]), trainings_of(rest)
    runs = []
    for wish in wished(rest):
        for training in trainings:
            batch = "all rows" if training.batch is None else f"batch {training.batch}"
            with progress_bar("steps") as progress:
                run = train(
                    source, data, starts[0], wish, training, progress=progress,
                    told={"batch": batch} if len(trainings) > 1 else {},
                )  # fmt: skip
            runs.append(run)
            if run.interrupted:
                return Descent(tuple(runs))
    return Descent(tuple(runs))


def _rendered(
    found: Descent, kind: Format, trajectory: bool, plot: str, looks: dict[str, Any]
) -> bytes:
    """The runs as a file."""
    if kind.name in DOCUMENTS or kind.name in RUNS:
        return bytes(kind(_Document(found, trajectory)))
    if kind.name in ANIMATIONS:
        return bytes(kind(found, plot=plot, **looks))
    from graphdiff.drawing.plots.descent import figure

    return bytes(kind(figure(found, plot=plot, **looks)))


class _Document(NamedTuple):
    """The runs as a report that tells every step if it is asked to."""

    found: Descent
    trajectory: bool

    @property
    def source(self) -> str:
        return self.found.source

    def document(self) -> dict[str, Any]:
        return self.found.document(trajectory=self.trajectory)

    def sections(self) -> Sequence[Section]:
        return self.found.sections()

    def csv(self) -> str:
        return self.found.csv()


def _check_published(color: str) -> None:
    """Raise Exit(1) if a run that a book prints comes out otherwise."""
    from graphdiff.study.descent.published import check_published, published_table

    found = check_published()
    print_sections([published_table(found)], color)
    if not all(same for _, _, same in found):
        raise click.exceptions.Exit(1)
