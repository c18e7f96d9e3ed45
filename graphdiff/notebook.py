"""Notebooks: the cell magic ``%%backprop`` and the interactive page as a widget.

``%load_ext graphdiff`` registers the magic.  IPython and anywidget are the extra ``notebook``, and
are imported only when they are used.
"""

from __future__ import annotations

import argparse
from functools import cache
from typing import Any, NoReturn

from graphdiff.core.support.parts import part
from graphdiff.errors import GraphDiffError
from graphdiff.language.reading.point import read_point
from graphdiff.program.graph import Graph, parse
from graphdiff.program.runs.trace import Trace

__all__ = ["backprop", "load_ipython_extension", "widget"]

# The page is in a frame of its own, so that neither its ids nor its style meet the notebook's; it
# may run its script and nothing else.  It tells how high it is, and its inputs.
_MODULE = """\
export default {
  render({model, el}) {
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.allow = "fullscreen";
    frame.title = model.get("title");
    Object.assign(frame.style, {width: "100%", height: "30rem", border: "none"});
    const listen = event => {
      const said = event.data?.graphdiff;
      if (!said || event.source !== frame.contentWindow) return;
      frame.style.height = `${Math.min(Number(said.height) || 0, 4000)}px`;
      if (JSON.stringify(said.point) === JSON.stringify(model.get("point"))) return;
      model.set("point", said.point);
      model.save_changes();
    };
    addEventListener("message", listen);
    // The page is as dark as the notebook (JupyterLab, VS Code, marimo), whatever the system
    // prefers; a theme that the page has already comes first, and wins.
    const is = (...kinds) => document.body.matches(kinds.join());
    const dark = is('[data-jp-theme-light="false"]', ".vscode-dark", ".dark", ".dark-theme");
    const light = is('[data-jp-theme-light="true"]', ".vscode-light", ".light", ".light-theme");
    const theme = dark ? "dark" : light ? "light" : "";
    frame.srcdoc = model.get("html").replace(
      /<html [^>]*/, start => theme ? `${start} data-theme="${theme}"` : start);
    el.append(frame);
    return () => removeEventListener("message", listen);
  },
};
"""


def widget(subject: Trace | Graph, lang: str = "en", digits: int = 2, **options: Any) -> Any:
    """The interactive page of a trace or graph as a widget; ``options`` are those of ``figure``.

    Its ``point`` follows the inputs that the reader edits: ``w.point["x"]``.  Where no widget runs
    (a notebook on GitHub, one that was exported), its picture is shown.
    """
    figure: Any = subject.figure(lang=lang, digits=digits, **options)
    html = figure.render("html").decode()
    point = _numbers(subject) if isinstance(subject, Trace) else {}
    made = _widget_class()(html=html, title=_title(subject), point=point)
    made.picture = figure._repr_mimebundle_()
    return made


def _title(subject: Trace | Graph) -> str:
    graph = subject.graph if isinstance(subject, Trace) else subject
    return graph.source[:200]


def _numbers(trace: Trace) -> dict[str, Any]:
    """The inputs: numbers, and nested lists of them."""
    from numpy import asarray

    used = {name: i for name, i in trace.graph.inputs.items() if i in trace.graph.uses}
    return {name: asarray(trace.values[i], dtype=float).tolist() for name, i in used.items()}


@cache
def _widget_class() -> Any:
    anywidget, traitlets = part("anywidget", "widgets need"), part("traitlets", "widgets need")

    synced: dict[str, Any] = {
        "html": traitlets.Unicode(), "title": traitlets.Unicode(), "point": traitlets.Dict(),
    }  # fmt: skip
    traits = {name: trait.tag(sync=True) for name, trait in synced.items()}

    def with_picture(self: Any, **options: Any) -> Any:
        shown = anywidget.AnyWidget._repr_mimebundle_(self, **options)
        data, *rest = shown if isinstance(shown, tuple) else (shown or {},)
        data = {**self.picture, **data}
        return (data, *rest) if isinstance(shown, tuple) else data

    own = {"picture": {}, "_repr_mimebundle_": with_picture}
    return type("Page", (anywidget.AnyWidget,), {"_esm": _MODULE, **own, **traits})


class _Arguments(argparse.ArgumentParser):
    """Errors become exceptions: a notebook must not exit."""

    def error(self, message: str) -> NoReturn:
        raise GraphDiffError(
            message,
            hint="%%backprop x=-2,y=5 [--lang ko] [--style colah] [--show values] "
            "[--collapse layer] [--steps] [--widget]",
        )


def _listed(text: str) -> list[str]:
    return text.split(",")


def _arguments() -> argparse.ArgumentParser:
    parser = _Arguments(prog="%%backprop", add_help=False, allow_abbrev=False)
    parser.add_argument("--widget", action="store_true")
    parser.add_argument("--lang", default="en")
    parser.add_argument("--fuse", default="none")
    parser.add_argument("--digits", type=int, default=2)
    parser.add_argument("--upstream")
    parser.add_argument("--style")
    parser.add_argument("--show", type=_listed)
    parser.add_argument("--collapse", type=_listed)
    parser.add_argument("--steps", action="store_true")
    return parser


def backprop(line: str, cell: str) -> Any:
    """What ``%%backprop x=-2,y=5,z=-4`` shows of the program in its cell: a Trace, which draws
    itself above its tables; without a point the Graph; with ``--widget`` the interactive page.

    ``--style colah``, ``--show values,names`` and ``--collapse layer`` make it a figure that looks
    like that, ``--steps`` the pictures of both passes, step by step.  Raises GraphDiffError.

    >>> backprop("x=-2, y=5, z=-4", "q = x + y\\nf = q*z").gradients
    {'x': -4, 'y': -4, 'z': 3}
    """
    # A point such as x=-2 is no option, and argparse need not be asked.
    words = line.split()
    given = [word for k, word in enumerate(words) if _is_option(words, k)]
    point = " ".join(word for k, word in enumerate(words) if not _is_option(words, k))
    chosen = _arguments().parse_args(given)
    graph = parse(cell, fuse=chosen.fuse)
    if chosen.upstream is not None:
        graph = graph.under(chosen.upstream)
    subject: Graph | Trace = graph
    if point or not graph.inputs:
        subject = graph.backprop(read_point([point])).certified()
    looks = {"style": chosen.style, "show": chosen.show, "collapse": chosen.collapse}
    options = {name: look for name, look in looks.items() if look is not None}
    if chosen.widget:
        return widget(subject, chosen.lang, chosen.digits, **options)
    if not options and not chosen.steps:
        return subject
    figure: Any = subject.figure(lang=chosen.lang, digits=chosen.digits, **options)
    if not chosen.steps:
        return figure
    from graphdiff.drawing.builds.builds import builds

    return builds(figure)


def _is_option(words: list[str], k: int) -> bool:
    """Whether a word of the line is an option, or the value of the one before it."""
    valued = ("--lang", "--fuse", "--digits", "--upstream", "--style", "--show", "--collapse")
    return words[k].startswith("--") or (k > 0 and words[k - 1] in valued)


def load_ipython_extension(shell: Any) -> None:
    """Register ``%%backprop``."""
    from IPython.core.error import UsageError

    def magic(line: str, cell: str) -> Any:
        try:
            return backprop(line, cell)
        except GraphDiffError as error:
            # Shown as a message, without a traceback through our code.
            raise UsageError(str(error)) from None

    magic.__doc__ = backprop.__doc__
    shell.register_magic_function(magic, "cell", "backprop")
