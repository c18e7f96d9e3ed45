"""English: every sentence there is."""

from __future__ import annotations

__all__ = ["WORDS"]

WORDS: dict[str, dict[str, str]] = {
    # Explanations; a field is a formula.
    "explain": {
        "title": "Backpropagation step by step: {formula}",
        "title_forward": "Step by step: {formula}",
        "point": "At the point {point}.",
        "values": "At the point:",
        "forward": "Forward pass",
        "forward_intro": "Compute the values from the inputs to the output, one gate at a time.",
        "forward_gate": "{chain} ({label} gate)",
        "backward": "Backward pass",
        "backward_intro": (
            "Walk back from the output to the inputs. By the chain rule, each gate passes on "
            "[upstream gradient] × [local gradient]. We start with {start}."
        ),
        "arrays_intro": (
            "{times} multiplies entry by entry, and {ones} is an array of ones. Where a gate "
            "joins entries, its local gradient is a Jacobian that is never formed: the gate turns "
            "the upstream gradient into what it passes on."
        ),
        "gate": "{formula} ({label} gate), {action}",
        "distributor": "a distributor: it passes the upstream gradient on unchanged.",
        "difference": (
            "a distributor: it passes the upstream gradient on, with its sign flipped for the "
            "operand that is subtracted."
        ),
        "flipped": "a scaler: it flips the sign of the upstream gradient.",
        "switcher": (
            "a switcher: each operand receives the upstream gradient times the value of the other "
            "operand."
        ),
        "quotient": (
            "a switcher: how much gradient each operand receives depends on the value of the other."
        ),
        "scaler": "a scaler: it multiplies the upstream gradient by its local gradient.",
        "router": (
            "a router: it sends the upstream gradient to the operand that it chooses, and 0 to "
            "any other."
        ),
        "router_one": (
            "a router: it sends the whole upstream gradient to the operand it chose, {chosen}, "
            "and 0 to any other."
        ),
        "router_none": "a router: it chose a constant, so no gradient flows back.",
        "router_tie": "a router: the operands {chosen} tie, so they share the upstream gradient.",
        "router_entries": (
            "a router: entry by entry, it sends the upstream gradient to the operand that it "
            "chooses, and 0 to any other."
        ),
        "product": (
            "a switcher: each operand receives the upstream gradient times the other operand, "
            "transposed."
        ),
        "linear": (
            "a scaler: it applies the transpose of its Jacobian to the upstream gradient, without "
            "ever forming that matrix."
        ),
        "product_rows": (
            "a switcher: each operand receives the product of the upstream gradient and the other "
            "operand; in numerator layout nothing is transposed."
        ),
        "linear_rows": (
            "a scaler: it multiplies the upstream gradient, a row, by its Jacobian, without ever "
            "forming that matrix."
        ),
        "repeated": (
            "which repeats its operand; backward, it sums the upstream gradient over the repeated "
            "axes."
        ),
        "total": "a distributor: every entry receives the upstream gradient of the sum it is in.",
        "average": (
            "a distributor: every entry receives the upstream gradient of the mean it is in, "
            "divided by the number of entries."
        ),
        "winner": (
            "a router: it sends the upstream gradient to the entry that won, and 0 to any other; "
            "entries that tie share it evenly."
        ),
        "chosen_entries": (
            "a router: it sends the upstream gradient to the entries that it picked, and 0 to any "
            "other."
        ),
        "windows": (
            "which copies each entry into every window that holds it; backward, the upstream "
            "gradients of these copies add."
        ),
        "moved": "which only moves entries; the upstream gradient moves back the same way.",
        "upstream": "upstream",
        "local": "local",
        "valueless": "{local}, which has no value here",
        "share": "contribution to {derivative}: {product}",
        "fork": "Fork: {name} is used {count} times, so {sum} (gradients add at a fork)",
        "note": "(computed with unrounded numbers; the rounded ones would give {rounded})",
        "corner": (
            "Kink: {filled} has no derivative in {operand}; the left derivative is {left}, the "
            "right one {right}. By the convention “{convention}” we use {used}."
        ),
        "corner_tie": (
            "Kink: {filled} has no derivative in {operand}; the left derivative is {left}, the "
            "right one {right}. By the convention “{convention}”, operands that tie share evenly: "
            "{used} each."
        ),
        "leap": "Jump: the value jumps at {filled}. Where it jumps no slope exists; we use {used}.",
        "edge": (
            "The condition {condition} is exactly on its edge; we differentiate the branch that "
            "was taken."
        ),
        "kinks": "At the kink",
        "one_sided": (
            "{derivative} does not exist: it is {left} from the left, {right} from the right."
        ),
        "jump": "{derivative} does not exist: the output jumps here.",
        "smooth": (
            "A gate sits on its kink here, and yet the left and right derivatives of the output "
            "agree in every input."
        ),
        "gradients": "Gradients of the inputs",
        "matrices": "Convolutions as matrices",
        "matrix": (
            "Written out row by row, {layer} is {operand} multiplied by this matrix of shape "
            "{shape}:"
        ),
        "biased": (
            "Written out row by row, {layer} is {operand} multiplied by this matrix of shape "
            "{shape}, plus the bias:"
        ),
        "large": (
            "Written out row by row, {layer} is {operand} multiplied by a matrix of shape "
            "{shape}, which is too large to be shown here."
        ),
        "toeplitz": (
            "It is a banded Toeplitz matrix: the same weight stands all along each diagonal. Its "
            "transpose carries the gradient back to {operand}."
        ),
        "block_toeplitz": (
            "It is a doubly block Toeplitz matrix: its blocks repeat along the diagonals, and so "
            "do the weights within each block. Its transpose carries the gradient back to "
            "{operand}."
        ),
        "channels": (
            "For each pair of channels it has a part of its own, and each part is Toeplitz: the "
            "same weight stands all along each diagonal (in an image, of each block). Its "
            "transpose carries the gradient back to {operand}."
        ),
        "banded": (
            "It is banded: each output is joined only with the inputs in its window. Its "
            "transpose carries the gradient back to {operand}."
        ),
        "no_inputs": "The output depends on no input: there is nothing to differentiate.",
    },
    # The interactive page.
    "page": {
        "quiz": "Hide gradients",
        "theme": "Light/dark",
        "steps": "Steps",
        "step": "Step",
        "first": "First step",
        "back": "Step back",
        "next": "Next step",
        "last": "Last step",
        "hint": "Point at a wire or a gate, or reach it with Tab, to see its numbers.",
        "inputs": "Inputs",
        "table": "All numbers as a table",
        "noscript": "With JavaScript, this page steps through the graph and computes anew.",
        "reset": "Reset",
        "forward": "Forward",
        "backward": "Backward",
        "start": "The inputs are given. Next: the values, gate by gate.",
        "start_formulas": "Next: the gates, one by one.",
        "seed": "The backward pass starts at the output.",
        "sum": "{name} is used {count} times: its gradients add.",
        "end": "Done: the gradients of the inputs.",
        "upstream": "upstream",
        "local": "local",
        "share": "contribution",
        "node": "node",
        "gate": "gate",
        "value": "value",
        "gradient": "gradient",
        "reveal": "hidden; press Enter to see it",
        "undefined": "undefined",
        "no_value": "{name} is not defined at these inputs.",
        "no_gradient": "The gradient of {name} is infinite or undefined at these inputs.",
        "bad_empty": "a number is needed",
        "bad_comma": "a decimal point, please: 1.5, not 1,5",
        "bad_text": "‘{text}’ is not understood here",
        "bad_end": "something is missing at the end",
        "bad_name": "‘{text}’ is not known here: numbers, pi, e, sqrt(2) …",
        "bad_number": "this is infinite or undefined",
        "bad_list": "one number, no list",
        "bad_shape": "{text} numbers are needed, such as [[1, 2], [3, 4]]",
        "distributor": "a distributor: passes the upstream gradient on",
        "router": "a router: sends the upstream gradient to the operand that it chose",
        "switcher": "a switcher: upstream gradient × the other operand",
        "scaler": "a scaler: upstream gradient × its local gradient",
        "fixed_point": "This figure has formulas only: there was no point to compute numbers at.",
        "fixed_arrays": "The numbers of these arrays are fixed in this page.",
        "fixed_boxes": (
            "The numbers are fixed in this page, since some gates are collapsed to boxes."
        ),
        "fixed_large": "The numbers are fixed in this page: the graph is large.",
        "fixed_unknown": "The numbers are fixed: the page has no code for one of the functions.",
    },
    # Captions of builds.
    "caption": {
        "inputs": "Inputs",
        "forward": "Forward",
        "start": "Backward",
        "backward": "Backward",
        "sum": "Gradients add at the fork",
        "result": "Gradients",
        "upstream": "upstream gradient",
        "local": "local gradient",
        "distributor": "distributor",
        "switcher": "switcher",
        "router": "router",
        "scaler": "scaler",
    },
    # Plots.
    "plot.descent": {
        "step": "step",
        "value": "value f",
        "above": "value above the lowest",
        "start": "start",
        "epoch": "epoch",
        "loss": "loss",
        "training": "training",
        "validation": "validation",
        "diverged": "diverged",
    },
    "plot.differences": {
        "h": "step h",
        "error": "|quotient − derivative|",
        "forward": "forward quotient",
        "central": "central quotient",
        "complex": "complex step",
        "truncation": "truncation",
        "rounding": "rounding",
        "used": "h used",
        "best": "best h",
        "kink": "steps over a kink",
        "title": "Derivative in {name}",
        "value": "quotient",
    },
    "plot.flow": {
        "activations": "activations, standard deviation",
        "gradients": "gradient, root mean square",
        "value": "activations",
        "gradient": "gradients",
        "stage": "from the input up",
        "sizes": "values, absolute",
        "gradient_sizes": "gradient, absolute",
        "none": "none",
        "count": "entries",
    },
    "plot.landscape": {
        "kink": "kink",
        "jump": "jump",
        "pole": "pole",
        "hole": "hole",
        "steep": "steep",
        "joint": "joint",
        "flat": "flat",
        "constant": "constant",
        "steep stretch": "steep stretch",
        "tangents": "tangents",
        "outside": "outside",
        "one-sided f′": "one-sided f′",
    },
    # Exercise sheets and the quiz.
    "exercise": {
        "exercises": "Exercises",
        "solutions": "Solutions",
        "exercise": "Exercise {number}",
        "solution": "Solution {number}",
        "name": "Name:",
        "nodes": "Work out the value of every node, then the gradient of {f} in every node.",
        "rounded": "Round to 4 digits.",
        "rounded_solution": "Numbers that are no short decimals are rounded to 4 digits.",
        "at": "at {point}",
        "given": "{program} {at}",
        "differentiate": "Differentiate {function} with respect to {x}.",
        "node": "node",
        "rule": "rule",
        "value": "value",
        "local": "local gradients",
        "upstream": "upstream gradient",
        "figure": "Computation graph of {program}",
        "quiz": "Work forward, then backward. ? is a hint, ! shows the answer, q ends the quiz.",
        "right": "right",
        "right_rounded": "right, rounded",
        "wrong": "wrong",
        "again": "try again",
        "unreadable": "not readable: {reason}",
        "is": "it is {answer}",
        "start": "Backward: {derivative} = 1",
        "hint": "hint",
        "shown": "shown",
        "score": "{first} of {asked} right at the first try",
        "second": "{second} at the second",
        "missed": "{missed} not found",
        "left": "{left} not asked",
        "terms": "contributions {terms} add to {total}",
        "of": "{k} of {n}",
        "no_number": "write a number, or ? ! q",
    },
    # Verdicts.
    "status": {
        "right": "right",
        "domain": "right where both are defined",
        "wrong": "wrong",
        "name": "wrong variable or unknown name",
        "ambiguous": "ambiguous",
        "unreadable": "not readable",
        "undecided": "undecided",
    },
    "verdict": {
        "proved": "proved",
        "read": "read as",
        "at": "at",
        "answer": "answer",
        "key": "right",
        "a": "the first",
        "b": "the second",
        "why": "why",
        "mistake": "mistake",
        "none": "no known mistake leads to this answer",
        "note": "note",
        "credit": "follows from the student's own earlier numbers",
        "first": "first wrong node",
        "or": "or",
    },
    # What a student is told.
    "feedback": {
        "close": "It agrees to {digits} digits.",
        "or": "Or: {text}",
        "sampled": "It agrees to {digits} digits at {points} points; no proof was found.",
        "witness": "At {point} your answer is {answer}; it should be {key}.",
        "number": "You wrote {answer}; it should be {key}.",
        "read": "Read as {reading}.",
        "follows": "It follows from your earlier numbers.",
        "unexplained": "No single mistake that is known leads to this answer.",
        "part": "{name}: {told}",
        "some": "Right: {names}.",
        "cut_off": "The last digit is cut off, not rounded.",
    },
    "task": {
        "some": "not answered: {names}",
        "long": "the answer has {count:,} characters; at most 20,000 are read",
        "unsplit": "several numbers are asked, and it does not say which this is; write {name} = …",
        "other": "no number stands here for {name}; write {name} = …",
        "variant": "there are no parameters for this student",
    },
    # The teacher's report.
    "grade": {
        "summary": "{students} students, {problems} problems, {points} points. Mean {mean}.",
        "problems": "Problems",
        "look": "Please look",
        "students": "Students",
        "warnings": "Warnings",
        "problem": "Problem",
        "asked": "Asked",
        "points": "Points",
        "mean": "Mean",
        "answers": "Answers",
        "count": "Students",
        "answer": "Answer",
        "verdict": "Verdict",
        "told": "What the student is told",
        "mistakes": "Mistakes",
        "others": "Other answers",
        "place": "in",
        "examples": "for example",
        "unexplained": "wrong, no single known mistake explains it",
        "nothing": "Nothing needs a second look.",
        "more": "and {count} more, in grades.csv",
        "first": "The first wrong number is at {node}: {count}.",
        "function": "differentiate {text}",
        "wrt": "with respect to {names}",
        "program": "numbers at the nodes of {text}",
        "figure": "graph",
        "all right": "All right.",
        "pages": "The students' pages are in the folder students, {count} a page.",
        "large": (
            "With so many students there are no pages here; each one's feedback is in grades.csv "
            "and in gradescope/."
        ),
        "back": "All problems",
        "of": "{points} of {most}",
        "tally": "{count} {status}",
    },
    # What stands between the parts of a field that is a tuple.
    "list": {
        "readings": " or as ",
    },
    "grade.status": {
        "name": "unknown name",
        "missing": "not answered",
    },
    # What LaTeX loads; the weight of Typst's headings where digits would be bolder than letters.
    "typesetting": {
        "latex": "",
        "heading": "",
    },
    "reason": {
        "empty": "the answer is empty",
    },
}
