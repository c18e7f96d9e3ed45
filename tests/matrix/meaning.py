"""Refusals of ordinary programs, each with its reason, and cells that are still to be mended."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["PENDING", "REFUSED", "Refusal", "refused"]


class Refusal(NamedTuple):
    """Rows whose ordinary program some commands refuse."""

    commands: str
    rows: str
    words: str
    """A pattern of what is said."""
    why: str


REFUSED = (
    Refusal(
        "backprop explain jacobian flow gradcheck descend draw steps", "root",
        "the slope of root is infinite", "an entry of its case is 0, where the slope is infinite",
    ),
    Refusal(
        "backprop explain grad jacobian flow cost gradcheck descend draw steps quiz", "argmax",
        "argmax has no derivative", "a position is a step function of the entries",
    ),
    Refusal(
        "hessian convex analyze", "argmax", "chooses entries of arrays by numbers that are not",
        "the place of a maximum has no formula",
    ),
    Refusal(
        "grad jacobian hessian convex", "one_hot", "no variable to differentiate in",
        "all that it has are labels",
    ),
    Refusal("gradcheck", "one_hot", "depends on no variable", "all that it has are labels"),
    Refusal("steps", "one_hot", "depends on no input", "all that it has are labels"),
    Refusal("descend", "one_hot", "the point is empty", "all that it has are labels"),
    Refusal(
        "hessian", "root median multiclass_hinge", r"no Hessian here: \w+ at \w+ is on its kink",
        "an entry of the case is 0, two tie, a margin is exactly 1",
    ),
    Refusal(
        "convex", "take put gather embedding dropout multiclass_hinge", "x1 holds labels",
        "the box has ranges, and labels have none",
    ),
    Refusal(
        "analyze", "take one_hot embedding cross_entropy nll multiclass_hinge",
        "chooses entries of arrays by numbers that are not known",
        "what is varied chooses entries, or is chosen from",
    ),
    Refusal(
        "analyze",
        "matmul dot outer trace diagonal diag det inv solve cumsum cumprod sort softmax "
        "log_softmax reshape getitem place concat flip put gather unfold fold dense maxout "
        "batch_norm layer_norm dropout attention conv2d conv_transpose2d locally_connected1d "
        "locally_connected2d max_pool1d max_pool2d avg_pool1d avg_pool2d upsample2d rnn_cell "
        "lstm_cell gru_cell rnn lstm gru",
        r"scalar|is a number|a number has no axes|array of (no|0) axes",
        "a landscape is drawn along one number, and these are made of arrays",
    ),
    Refusal(
        "cost", "round mod hinge take embedding", "the sizes of x[01] are not settled",
        "work is counted in the sizes of arrays, and the case has a number there",
    ),
    Refusal("quiz", "identity", "no gate to work out", "a variable alone has no gate"),
)  # fmt: skip


def refused(command: str) -> dict[str, Refusal]:
    """What a command refuses, by row."""
    return {
        row: one for one in REFUSED if command in one.commands.split() for row in one.rows.split()
    }


PENDING: dict[str, str] = {}
"""Patterns of "row-situation command" of cells that fail, with the reason."""
