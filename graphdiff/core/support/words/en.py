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
        "shapes": "Shapes:",
        "shape": "{name}: {shape}, rank {rank}",
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
        "entries": "entry by entry: {formula}",
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
        "edge_beside": (
            "The condition {condition} is exactly on its edge; we differentiate the branch beside "
            "it, whose slope is that of the output."
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
        "layer": "{chain} ({label} layer)",
        "layer_back": "{formula} ({label} layer): {action}",
        "padding": "{operand} is 0 outside (padding {width}).",
        "shift": (
            "Shift equivariance: {moved} in place of {entry} gives {found}, away from the edges."
        ),
        "window_shared": (
            "every window meets the same weights, so the gradients of all windows add."
        ),
        "window_local": (
            "every place has weights of its own; an entry gets a gradient from every window that "
            "sees it, and these add."
        ),
        "window_amax": (
            "a router: each window sends its upstream gradient to the entry that won; entries that "
            "tie share it evenly."
        ),
        "window_mean": (
            "a distributor: each window spreads its upstream gradient evenly over its entries."
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
        "hint_touch": "Tap a wire or a gate to see its numbers.",
        "play": "Play",
        "pause": "Pause",
        "present": "Presenter view",
        "full": "Full screen",
        "slide": "slider for",
        "entry": "entry of",
        "rate": "Learning rate",
        "descend": "Step down",
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
    # Figures, read aloud.
    "alt": {
        "title": "Computation graph of {program}",
        "graph": "A graph of {gates} from {inputs} to {output}.",
        "gate": "1 gate",
        "gates": "{count} gates",
        "no input": "no input",
        "value": "The value is {value}",
        "more": "{parts} and {count} more",
    },
    "plot.descent": {
        "pace": "‖step‖ ÷ ‖gradient‖",
        "step": "step",
        "value": "value {name}",
        "above": "value above the lowest",
        "start": "start",
        "epoch": "epoch",
        "loss": "loss",
        "training": "training",
        "validation": "validation",
        "diverged": "diverged at step",
        "protocol": "{count} starts, seed {seed}, {steps} steps",
        "lost": "diverged, with the step",
        "rate": "learning rate",
        "steps": "{count} steps",
        "from": "from {start}",
        "grid": "the same {count} rates from {low} to {high}",
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
        "tangents": "tangents",
        "outside": "outside",
        "one-sided f′": "one-sided f′",
    },
    # Exercise sheets and the quiz.
    "exercise": {
        "skipped": "Not asked, since there is none here: {names}.",
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
        "start": "Backward: {start}",
        "hint": "hint",
        "shown": "shown",
        "score": "{first} of {asked} right at the first try",
        "second": "{second} at the second",
        "missed": "{missed} not found",
        "left": "{left} not asked",
        "terms": "contributions {terms} add to {total}",
        "of": "{k} of {n}",
        "no_number": "write a number, or ? ! q",
        "no_array": "write an array in brackets, such as [1, 2] or [[1, 2], [3, 4]], or ? ! q",
    },
    # Verdicts.
    "status": {
        "right": "right",
        "domain": "right where both are defined",
        "wrong": "wrong",
        "rough": "too rough",
        "form": "right, in another form than asked for",
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
        "earlier": "An earlier submission counts, with {points} points.",
        "late": "Late: {share} % of the points are lost.",
        "key": "The right answer is {key}.",
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
        "hand": "marked by people",
        "decided": "Decided",
        "decide": "Decide",
        "further": "{count} more",
        "request": "{student} asks to look again",
        "blind": "student {number}",
        "alike": "The same wrong answer",
        "alike question": (
            "Of several students, and no known mistake explains it. Is there a common cause: a "
            "misprint, a slide, an example in class?"
        ),
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
        "answer": "Answer",
        "mistakes": "Mistakes",
        "place": "in",
        "unexplained": "wrong, no single known mistake explains it",
        "nothing": "Nothing needs a second look.",
        "more": "and {count} more, in grades.csv",
        "first": "The first wrong number is at {node}: {count}.",
        "function": "differentiate {text}",
        "wrt": "with respect to {names}",
        "program": "numbers at the nodes of {text}",
        "all right": "All right.",
        "pages": "The students' pages are in the folder students, {count} a page.",
        "large": (
            "With so many students there are no pages here; each one's feedback is in grades.csv "
            "and in gradescope/."
        ),
        "of": "{points} of {most}",
        "tally": "{count} {status}",
    },
    # What stands between the parts of a field that is a tuple.
    "list": {
        "readings": " or as ",
    },
    # Forms by which a person decides in the report.
    "decide": {
        "label": "Decide on {problem}: {who}",
        "points": "Marks",
        "of": "of {most}",
        "reading": "Read as",
        "comment": "Comment",
        "decisions": "Decisions",
        "how": (
            "What you fill in above is written down here, for all who gave the same answer. Enter "
            "goes on to the next answer, Shift and Enter back. Save it, and grade again with "
            "--decisions decisions.toml."
        ),
        "by": "Your name",
        "save": "Save decisions.toml",
    },
    "grade.status": {
        "hand": "marked by people",
        "name": "unknown name",
        "partly": "not all answered",
        "missing": "not answered",
    },
    # What LaTeX loads; the weight of Typst's headings where digits would be bolder than letters.
    "typesetting": {
        "latex": "",
        "heading": "",
    },
    # Why an answer cannot be read, and what would be.
    "reading": {
        "vector": "a gradient with {count} entries is due",
        "struck": "something is crossed out here",
        "conditional": ("this holds only where a condition says; the answer is needed everywhere"),
        "empty": "the answer is empty",
        "none": "there is no expression",
        "nothing": "the answer is not text but nothing",
        "not_text": "the answer is not text but a {kind}",
        "no_text": "this is not text",
        "characters": "the answer has {count:,} characters",
        "long": "the answer is too long",
        "no_answer": "n/a is no answer",
        "signs": "the answer has {count:,} signs",
        "chain": "a chain of {count} equations",
        "beside": "nothing stands beside this =",
        "asked": "this is what was asked for, not an answer",
        "sides": "the two sides of = differ: which of them is the answer?",
        "equation": "an equation where one expression is due",
        "character": "the character {sign} has no meaning here",
        "unexpected": "unexpected {sign}",
        "percent": "unexpected '%'",
        "backslash": "a lone backslash",
        "meaningless": "{token} has no meaning here",
        "misplaced": "{token} where a number, name or bracket is due",
        "early": "the text ends too early: a number, name or bracket is missing",
        "line": "a new line begins here",
        "words": "words are no part of a formula",
        "name": "{names}: no variable or function of that name",
        "value": "this has no value",
        "number": "{name} is no number",
        "expression": "{name} is no number or expression",
        "comparison": "a comparison is no answer",
        "unclosed": "a bracket is never closed",
        "closing": "{token} closes no bracket",
        "mismatch": "{token} does not close the bracket before it",
        "bar": "this bar closes nothing",
        "turned": "a number has no transpose",
        "matrix_power": (
            "a matrix with this exponent may be its power or that of its entries; "
            "for the entries write A^{{\\circ …}}"
        ),
        "deep": "nested too deeply",
        "open": "more than {count} open brackets",
        "argument": "{name} needs an argument",
        "brackets": "{name} needs brackets",
        "takes": "{name} takes {count} argument",
        "takes_one": "{name} takes {count} argument, not {given}",
        "takes_more": "{name} takes {count} arguments, not {given}",
        "condition": "{name} needs a comparison first",
        "base": "{name} has a base and {count} arguments",
        "root": "the order of a root is a whole number from 1 to 1000",
        "factorial": "only a number has a factorial here",
        "large_factorial": "this factorial is too large",
        "power": "a power is missing",
        "bare_power": "write this power in brackets",
        "superscript": "this superscript cannot be read",
        "index": "this index cannot be read",
        "long_index": "the index is too long",
        "digits": "a number of {count} digits",
        "exponent": "the exponent of {number} is too large",
        "point": "a point where a product or a number is due",
        "two_numbers": "two numbers stand side by side",
        "list": "a list where one expression is due",
        "fraction": "this fraction needs braces",
        "refused_command": "\\{name} cannot be read here",
        "command": "the command \\{name} is not known",
        "delimiter": "\\{name} is no bracket",
        "braces": "a word in braces is missing",
        "accent": "\\{name} needs a letter",
        "array_large": "the array is too large",
        "array_open": "a bracket [ is never closed",
        "array_closing": "a bracket ] was never opened",
        "arrays": "this is more than one array",
        "entry": "an entry is missing before {sign}",
        "beside_array": "{text} cannot be read beside an array",
        "ragged": "the rows are not all equally long",
        "shapes": "arrays of different shapes are added",
        "matrix_open": "a matrix is never closed",
        "matrix_within": "a matrix stands within a matrix",
        "determinant": "{name} is a determinant or a norm, no array",
        "transpose": "an array of three axes and more has no one transpose",
        "two_arrays": "more than one array is written",
        "number_and_array": "a number and an array are added",
        "many_arrays": "more than {count} arrays are added",
        "array_product": "a product or quotient of arrays is not computed",
        "divisor": "what an array is divided by stands in brackets",
        "environment": "this environment is no array",
        "array_braces": "an array stands in braces",
        "deep_brackets": "brackets are nested too deeply",
        "commas": "an entry is missing between two commas",
    },
    "hint": {
        "near": "did you mean {name}?",
        "text": "give it as text",
        "most": "at most {most}",
        "most_brackets": "at most {most} brackets",
        "expression": "an answer is one expression",
        "signs": "an answer is one expression: + - * / ^ and functions",
        "characters": "write it with letters, digits and + - * / ^ ( )",
        "number": "write a number",
        "number_itself": "write the number itself",
        "finite": "write a finite number",
        "smaller": "write a smaller number",
        "one_number": "one number: 0.5",
        "one_expression": "one expression: 2x + 1",
        "give_one": "give one expression",
        "one_or_chain": "one expression, or A = B = C",
        "one_line": "one line, one expression",
        "one_side": "give one side of it",
        "each_side": "one expression on each side of =",
        "both_sides": "one expression on each side",
        "only": "give the expression only",
        "work_out": "work it out: one expression",
        "derivative": "a derivative is no part of an answer: work it out",
        "work_derivative": "work the derivative out",
        "missing": "put in what is missing, or leave this out",
        "add": "add {bracket}",
        "leave": "leave it out",
        "operator": "an operator is missing",
        "times": "write * between them",
        "power": "write the power with ^: x^(2)",
        "factorial": "3! is 6",
        "index": "an index is a number or a word: w_{{11}}",
        "index_place": "an index follows its letter: x_1",
        "product": "a product is written with *, a number as 0.5",
        "point": "a number has one decimal point",
        "module": "write {name}(…), without {module}.",
        "formula": "write a formula",
        "write": "write {name}",
        "brackets": "brackets are ( ), [ ] or | |",
        "ones": "a vector of ones is 𝟏 or \\mathbf{{1}}",
        "commands": "fractions, roots, functions, letters",
        "backslash": "a command follows the backslash: \\frac{{1}}{{2}}",
        "quotation": "leave out the quotation marks",
        "percent": "write a percentage as a number: 0.5 for 50%",
        "no_formula": "leave out what is not a formula",
        "degrees": "write degrees as x*pi/180",
        "quotient": "a quotient is a/b",
        "infinite": "an answer is a number or an expression",
        "one_sign": "give one answer: + or -",
        "dollars": "dollar signs stand around the whole formula",
        "entries": "write the entries of the result",
        "rows": "write [[1, 2], [3, 4]]",
        "bmatrix": "use bmatrix",
        "names": "there are {names}",
        "one_array": "write one array",
        "leave_braces": "leave the braces out",
    },
    # Why a verdict is what it is.
    "reason": {
        "undefined": "undefined",
        "rest": "the rest of the gradient",
        "hinted": "{reason}; {hint}",
        "part": "{name}: {reason}",
        "readings": "it may be read as {readings}; only one of these is right",
        "not_compared": "these are matrices, in shapes or signs that are not compared here",
        "numbers_or_vectors": (
            "with {names} as numbers the verdict is another one than with vectors; "
            "write them so that it shows"
        ),
        "second_readings": "the second may be read as {readings}",
        "known": "{names}: no variable or function of that name; known: {known}",
        "only_numbers": "only numbers",
        "own_row": "answers cannot call {name}; write it out",
        "may_call": "{name} may be a function of the bracket, or a factor",
        "equation": "{name} = … is an equation, and {name} is a variable here",
        "wrt": "this is {left}, asked was the derivative with respect to {x}",
        "wrt_strange": (
            "this is {left}, and there is no {name}; asked was the derivative with respect to {x}"
        ),
        "as_function": "this is {left}, a number; asked was the derivative as a function",
        "entry_by_entry": (
            "the shapes of a product or quotient of matrices do not fit; "
            "entry by entry it would be right: {reading}"
        ),
        "with_numbers": (
            "nobody gave the shapes; with a number for {names} it would be right: {reading}; "
            "write {names[0]}: scalar before the function if that is meant"
        ),
        "star": "* may multiply matrices or entries; only entry by entry it is right",
        "unit_targets": "right where the targets sum to 1: one-hot, or probabilities",
        "bare_name": (
            "an answer by the name {name} alone may be its value or the derivative in it; "
            "name it {name}.value or df/d{name}"
        ),
        "first": "this is {left}, asked was the first derivative",
        "asked": "this is {left}, asked was {name}",
        "no_number": "{name} is no number of this program",
        "long_name": "the name of an answer is too long",
        "jacobian": "no number belongs here: a Jacobian, or a value that is not defined",
        "list": "a list where one number is due",
        "shape": "the shape is {given}, the right one is {due}",
        "a_number": "a number",
        "agrees": "agrees with the true value to {digits} digits",
        "chain": "computed from rounded numbers; the true value is {true}",
        "rounded": "{true} rounded as printed",
        "tolerance": "{true} within the tolerance",
        "unknown": "the true value is not known well enough to tell",
        "jumps": "the value jumps here: no number is a derivative",
        "kink": "a kink lies here; the slopes are within {true}, and may be within less",
        "ties": "the shares of operands that tie do not add up to the gradient",
        "form": "right, but it is not {form}, as was asked for",
        "further": "right as rounded, but its decimals are rounded further than is allowed",
        "loose": "the rounding of its decimals allows too much",
        "as_printed": "consistent with decimals rounded as printed, at {points}",
        "as_allowed": "consistent with decimals rounded as the course allows, at {points}",
        "point": "{count} point",
        "points": "{count} points",
        "no_choice": "no one choice of its rounded numbers fits at all points",
        "no_choice_found": (
            "no choice of its rounded numbers was found that fits, and none was excluded"
        ),
        "key_value": "the key has no value at any point that was tried",
        "value": "it has no value at any point that was tried",
        "doubt": "no proof was found, and {doubt}",
        "wide": "the balls stay too wide to tell, and no proof was found",
        "sampled": "no proof was found; agrees to {digits} digits at {points}",
        "differ": "they differ exactly where {op} jumps, near {near}",
        "too_large": "a part of it is too large to tell",
        "one_side": "{op} was met, where it shows, on one side of its kink only",
        "not_met": "{op} was not met exactly where it jumps",
        "sizes": "numbers occur that are too small or too large to tell",
        "most_wide": "most balls stay too wide to tell",
        "on_curve": "agrees at {points} points of the curve, and not beside it; no proof was found",
        "one_branch": "right on one branch of the curve, wrong on another",
        "no_curve": "too few points of the curve were found to tell",
        "misfit": "the shapes {left} and {right} do not fit together",
        "axes": "an array of three axes and more is no vector and no matrix",
        "sampled_shapes": (
            "no proof was found; agrees at {points} random points of {shapes} choices of sizes "
            "(at each choice a wrong quotient of polynomials, up to degree {degree}, would pass at "
            "most once in 10^{power} times)"
        ),
        "few": "it has values at a few small numbers only",
        "seconds": "not decided within {seconds} s",
        "memory": "not decided within {size} MiB of memory",
    },
    # Conventions that were used in reading.
    "note": {
        "order": "right for the order {given}; asked was {due}",
        "cases": "at a kink of the function the cases may say what they like",
        "skipped": "{text} was left out",
        "asked": "{left} read as the derivative that was asked",
        "function": "{name} read as the function",
        "kink": "a kink lies here: every number in {true} is right",
        "rounded": "taken as rounded to {digits} digits",
        "inverse": "{name}^-1 read as the inverse function",
        "read_as": "{written} read as {name}",
        "units": "what stands for a unit was left out: {units}",
        "shapes": "shapes: {shapes}",
        "invisible": "invisible characters were left out",
        "decimal_point": "a decimal point read as a decimal comma",
        "decimal_comma": "a comma between digits read as the decimal sign",
    },
    # What a mistake is: a section for each code.
    "mistake": {
        "place": "In {place}: {sentence}",
        "function": "Function",
        "point": "Point",
        "wrong": "Wrong answer",
        "right": "Right",
        "why": "Why",
        "repair": "Repair",
    },
    "E_SIGN_ALL": {
        "title": "the sign is wrong",
        "sentence": "the answer is the negative of the right one.",
        "repair": (
            "go through the signs again: cos, 1/x, x^(-n), e^(-x) and the quotient rule bring one."
        ),
    },
    "E_SIGN": {
        "title": "one sign is wrong",
        "sentence": "the sign of this derivative is wrong.",
        "repair": "keep the sign of every term, and remember that cos' = -sin while sin' = cos.",
    },
    "E_CHAIN": {
        "title": "chain rule: inner derivative missing",
        "sentence": "the derivative of the inner function is missing (chain rule).",
        "repair": "multiply by the derivative of what stands inside: f(u)' = f'(u)·u'.",
    },
    "E_INNER": {
        "title": "chain rule: inner function replaced",
        "sentence": "the outer derivative is taken at something else than the inner function.",
        "repair": (
            "leave the inner function as it is where the outer one is differentiated: f'(u), "
            "neither f'(u') nor f'(x)."
        ),
    },
    "E_LOCAL": {
        "title": "local gradient alone",
        "sentence": (
            "the derivative from outside is missing: this is the local gradient alone, not "
            "upstream × local."
        ),
        "repair": "multiply the local gradient by the gradient from above.",
    },
    "E_PRODUCT": {
        "title": "product rule: product of derivatives",
        "sentence": "the factors are differentiated one by one; a product needs the product rule.",
        "repair": "differentiate one factor at a time and add: (f·g)' = f'·g + f·g'.",
    },
    "E_PRODUCT_TERM": {
        "title": "product rule: a term is missing",
        "sentence": "a term of the product rule is missing.",
        "repair": "every factor gives one term: (f·g)' = f'·g + f·g'.",
    },
    "E_PRODUCT_SIGN": {
        "title": "product rule: minus instead of plus",
        "sentence": "the terms of the product rule are subtracted.",
        "repair": "add them: (f·g)' = f'·g + f·g'; the minus belongs to the quotient rule.",
    },
    "E_PRODUCT_SWAP": {
        "title": "product rule: factors swapped",
        "sentence": "each derivative is multiplied by its own factor: f·f' + g·g'.",
        "repair": "multiply the derivative of each factor by the other one: f'·g + f·g'.",
    },
    "E_QUOTIENT_ORDER": {
        "title": "quotient rule: wrong order",
        "sentence": "the numerator of the quotient rule is the wrong way round.",
        "repair": "begin with the derivative of the numerator: (f/g)' = (f'·g - f·g')/g^2.",
    },
    "E_QUOTIENT_SIGN": {
        "title": "quotient rule: plus instead of minus",
        "sentence": "the terms of the quotient rule are added.",
        "repair": "subtract them: (f/g)' = (f'·g - f·g')/g^2.",
    },
    "E_QUOTIENT_SQUARE": {
        "title": "quotient rule: denominator not squared",
        "sentence": "the denominator is not squared.",
        "repair": "divide by the square: (f/g)' = (f'·g - f·g')/g^2.",
    },
    "E_QUOTIENT": {
        "title": "quotient rule not used or not known",
        "sentence": "the quotient is differentiated by another rule.",
        "repair": "use (f/g)' = (f'·g - f·g')/g^2.",
    },
    "E_POWER_COEFFICIENT": {
        "title": "power rule: factor missing",
        "sentence": "the exponent does not come down as a factor.",
        "repair": "write it in front: (x^n)' = n·x^(n-1).",
    },
    "E_POWER_EXPONENT": {
        "title": "power rule: wrong exponent",
        "sentence": "the exponent is not lowered by one.",
        "repair": "lower it by one: (x^n)' = n·x^(n-1).",
    },
    "E_POWER_OFF": {
        "title": "power rule: factor off by one",
        "sentence": "the factor is not the old exponent.",
        "repair": "the factor is n, the new exponent n-1: (x^n)' = n·x^(n-1).",
    },
    "E_POWER_EXP": {
        "title": "power differentiated as an exponential",
        "sentence": "a power with a fixed exponent is differentiated as an exponential.",
        "repair": "the variable is in the base, so (x^n)' = n·x^(n-1); only (a^x)' = a^x·ln a.",
    },
    "E_EXP_POWER": {
        "title": "exponential differentiated as a power",
        "sentence": "an exponential is differentiated by the power rule.",
        "repair": "the variable is in the exponent: (a^x)' = a^x·ln a, (e^x)' = e^x.",
    },
    "E_LOG_FACTOR": {
        "title": "factor ln a missing",
        "sentence": "the factor ln of the base is missing.",
        "repair": "(a^x)' = a^x·ln a; only for the base e is the factor 1.",
    },
    "E_LOG_POWER": {
        "title": "1/x differentiated as ln x",
        "sentence": "1/x is integrated: its derivative is not ln x.",
        "repair": "(1/x)' = -1/x^2; it is ln x whose derivative is 1/x.",
    },
    "E_LOG_BASE": {
        "title": "base of the logarithm",
        "sentence": "the base of the logarithm is not the one meant.",
        "repair": "the base of ln is e; for another base (log_a x)' = 1/(x·ln a).",
    },
    "E_FUNCTION": {
        "title": "derivative of a function",
        "sentence": "this is not the derivative of that function.",
        "repair": "look the derivative of this function up in a table.",
    },
    "E_CONSTANT_FACTOR": {
        "title": "constant factor lost",
        "sentence": "a constant factor is lost.",
        "repair": "a constant factor stays: (c·f)' = c·f'.",
    },
    "E_CONSTANT": {
        "title": "derivative of a constant",
        "sentence": "the derivative of a constant is 0.",
        "repair": "drop what does not depend on the variable: it contributes 0.",
    },
    "E_BRANCH": {
        "title": "a term or path is missing",
        "sentence": "one path is missing: its contribution is overwritten or forgotten, not added.",
        "repair": "add what comes along every path: every term, and every use of a value, counts.",
    },
    "E_SQUARE_EDGE": {
        "title": "second edge of x·x lost",
        "sentence": "only one of two equal operands is counted.",
        "repair": "both edges of x·x contribute, since x is used twice: x + x = 2x.",
    },
    "E_NOT_DIFFERENTIATED": {
        "title": "not differentiated",
        "sentence": "this is not differentiated.",
        "repair": "the answer asked for is the derivative, not the function.",
    },
    "E_INTEGRATED": {
        "title": "integrated",
        "sentence": "it is integrated instead of differentiated.",
        "repair": "differentiate: exponents go down, and sin becomes cos.",
    },
    "E_VARIABLE": {
        "title": "another variable",
        "sentence": "it is differentiated with respect to another variable.",
        "repair": "differentiate with respect to the variable asked for; the others are constants.",
    },
    "E_PARTIALS": {
        "title": "partial derivatives added or mixed",
        "sentence": "the derivatives in several variables are added, or taken one after the other.",
        "repair": "a partial derivative is that in one variable; all others are constants.",
    },
    "E_FACTOR_BRANCH": {
        "title": "a factor at one term only",
        "sentence": "the factor in front of a sum stands at one of its terms only.",
        "repair": "c (f + g)' is c f' + c g': the factor belongs to every term.",
    },
    "E_SECOND": {
        "title": "second derivative",
        "sentence": "this is the second derivative.",
        "repair": "stop after differentiating once.",
    },
    "E_FACTOR_TWO": {
        "title": "factor 2 or 1/2",
        "sentence": "the answer is off by a factor of 2.",
        "repair": "look for a square or a 1/2: (u^2)' = 2u·u', (u^2/2)' = u·u'.",
    },
    "E_FACTOR": {
        "title": "right up to a constant factor",
        "sentence": "the answer is right up to a constant factor.",
        "repair": "look for the number that was lost or doubled.",
    },
    "E_OFFSET": {
        "title": "right up to an added constant",
        "sentence": "the answer is right up to an added constant.",
        "repair": "remove the constant: the constant of integration has no place in a derivative.",
    },
    "E_TERM": {
        "title": "one term of the sum is wrong",
        "sentence": "all terms but one are right; this one is not.",
        "repair": "differentiate the part that this term comes from once more.",
    },
    "E_TERM_MISSING": {
        "title": "one term of the sum is missing",
        "sentence": "all terms are right, but one is missing.",
        "repair": "every factor that depends on the variable gives one term: count them.",
    },
    "E_TERM_EXTRA": {
        "title": "one term too many",
        "sentence": "all other terms are right, but this one is too many.",
        "repair": "find the part of the function that this term was to come from: there is none.",
    },
    "E_ORDER": {
        "title": "wrong order of a product",
        "sentence": "the factors of a product of matrices stand in another order.",
        "repair": (
            "a product of matrices is not commutative: find the order from the shapes, the "
            "gradient has that of its variable."
        ),
    },
    "E_TURNED": {
        "title": "transpose missing",
        "sentence": "a factor is transposed where it must not be, or is not where it must.",
        "repair": ("going back through A x multiplies by Aᵀ: check the shapes factor by factor."),
    },
    "E_SYMMETRIC": {
        "title": "right for symmetric matrices only",
        "sentence": "this holds only where the matrix is symmetric.",
        "repair": ("xᵀAx has the gradient (A + Aᵀ)x; it is 2Ax only if A = Aᵀ."),
    },
    "E_PATH": {
        "title": "one path is missing",
        "sentence": "the variable is used twice, and the gradient of one use is missing.",
        "repair": ("add what arrives from every use of the variable."),
    },
    "E_BATCH": {
        "title": "sum over the batch missing",
        "sentence": "the sum over the examples of the batch is missing.",
        "repair": ("a bias is used by every example: add the gradients of all rows."),
    },
    "E_MEAN": {
        "title": "mean over the batch",
        "sentence": "the factor 1/N of a mean is missing, or is there twice.",
        "repair": ("the mean of N numbers passes 1/N on to each of them, once."),
    },
    "E_MASK": {
        "title": "mask forgotten",
        "sentence": (
            "the mask of a gate with a kink is missing: the gradient passes where the gate is "
            "closed."
        ),
        "repair": (
            "relu passes the gradient on only where its operand is positive: multiply by [z > 0]."
        ),
    },
    "E_TARGET": {
        "title": "target not subtracted",
        "sentence": "what is subtracted is missing: p instead of p − y.",
        "repair": ("the gradient at the scores is the prediction minus the target: p − y."),
    },
    "E_MUL_SWITCH": {
        "title": "mul gate not switched",
        "sentence": "the mul gate is not switched: an operand gets its own value.",
        "repair": "each operand of a product gets the upstream gradient times the other operand.",
    },
    "E_MAX_LOSER": {
        "title": "max gate: gradient to the loser",
        "sentence": "the gradient goes to the operand that is not taken.",
        "repair": "max and min route the upstream gradient to the operand whose value they take.",
    },
    "E_MAX_BOTH": {
        "title": "max gate: gradient to both",
        "sentence": "the gradient goes to both operands.",
        "repair": "only the operand whose value is taken gets the gradient; the other one gets 0.",
    },
    "E_FORWARD": {
        "title": "forward value",
        "sentence": "the forward value is wrong.",
        "repair": "compute the value of this gate again from the values of its operands.",
    },
    "E_VALUE": {
        "title": "value instead of gradient",
        "sentence": "this is the value of the node, not its gradient.",
        "repair": (
            "the gradient says how the output changes with the node: go back from the output."
        ),
    },
    "E_TRANSPOSED": {
        "title": "transposed",
        "sentence": "the entries are right, but transposed.",
        "repair": "a gradient has the shape of its variable: entry (i, j) belongs to W[i, j].",
    },
    "E_INPLACE": {
        "title": "updated in place",
        "sentence": (
            "a parameter is replaced by its new value before the gradients that need the old one "
            "are computed."
        ),
        "repair": "compute all gradients first, then update all parameters.",
    },
    "E_ROUNDED": {
        "title": "rounded chain",
        "sentence": "the number was computed from rounded numbers.",
        "repair": "keep more digits in between to get all printed ones right.",
    },
}
