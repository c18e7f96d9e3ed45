(() => {
"use strict";
// "program" computes (null: the numbers are fixed); the data tell names, edges and steps.
const $ = id => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const {words, steps, edges, digits} = data;
const nodes = new Map(Object.entries(data.nodes).map(([id, node]) => [Number(id), node]));
const output = nodes.get(data.output);
const final = steps.length - 1;
const state = {step: final, quiz: false, open: new Set(), told: null, edited: false};
const edgeAt = new Map(edges.map((edge, e) => [`${edge.target}/${edge.position}`, e]));
let numbers;

// ---- numbers ------------------------------------------------------------------------------

const given = () => ({
  value: new Map([...nodes].map(([i, node]) => [i, node.value])),
  gradient: new Map([...nodes].map(([i, node]) => [i, node.gradient])),
  local: edges.map(edge => edge.local),
  share: edges.map(edge => edge.share),
});

const computed = inputs => {
  const v = program.forward(inputs), locals = program.locals(v);
  const {gradients, shares} = program.backward(v, locals);
  const at = new Map(program.edges.map(([i, position], e) => [`${i}/${position}`, e]));
  const mine = edges.map(edge => at.get(`${edge.target}/${edge.position}`));
  return {
    value: new Map([...nodes.keys()].map(i => [i, v[i]])),
    gradient: new Map([...nodes].map(([i, node]) =>
      [i, node.gradient === null ? null : gradients[i]])),
    local: mine.map(e => Number.isNaN(v[program.edges[e][0]]) ? 0 : locals[e]),
    share: mine.map(e => shares[e]),
  };
};

const superscript = text => text.replace(/[-\d]/g, c => c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]);
const minus = text => text.replace("-", "−").replace(/e\+?(-?\d+)/, (_, n) =>
  `×10${superscript(n)}`);

// As the numbers in the drawing: fixed decimals, more of them where all would be zeros.
const decimals = x => {
  if (typeof x !== "number") return typeof x === "string" ? x : x === null ? "—" : String(x);
  if (!Number.isFinite(x)) return "—";
  const size = Math.abs(x);
  if (size && (size >= 1e7 || size < 1e-5)) return minus(x.toExponential(digits));
  const small = size && size < 0.5*10**-digits;
  const text = (x || 0).toFixed(small ? 1 - Math.floor(Math.log10(size)) : digits);
  return minus(Number(text) ? text : text.replace("-", ""));
};
// In formulas: whole and short numbers exactly.
const short = x => {
  const whole = typeof x === "number" && Math.abs(x) < 1e7;
  return whole && String(x).replace("-", "").length < digits + 4 ? minus(String(x || 0)) : decimals(x);
};

// ---- what is seen -------------------------------------------------------------------------

const since = new Map();
steps.forEach((step, s) => {
  const show = key => { if (!since.has(key)) since.set(key, s); };
  if (step.kind === "inputs") for (const [i, node] of nodes) if (!node.gate) show(`v${i}`);
  if (step.kind === "forward") show(`v${step.node}`);
  if (step.kind === "seed" || step.kind === "sum") show(`g${step.node}`);
  if (step.kind === "backward") for (const e of step.edges) show(keyOf(e));
});
// What flows down an edge is the whole gradient of a node that is used once.
function keyOf(e) {
  const {source} = edges[e];
  return nodes.get(source).uses === 1 ? `g${source}` : `s${e}`;
}
const reached = key => state.step >= (since.get(key) ?? final);
const veiled = key => state.quiz && key[0] !== "v" && key !== `g${data.output}` && !state.open.has(key);
const seen = key => reached(key) && !veiled(key);

const h = (tag, kind, ...children) => {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  element.append(...children);
  return element;
};
const derivative = i => `∂${output.name}/∂${nodes.get(i).name}`;
const number = key => {
  if (seen(key)) {
    const id = Number(key.slice(1));
    const {value, gradient, share} = numbers;
    const x = key[0] === "v" ? value.get(id) : key[0] === "g" ? gradient.get(id) : share[id];
    return h("b", key[0] === "v" ? "v" : "g", short(x));
  }
  if (!reached(key)) return h("b", "g", "?");
  const button = h("button", "veil-button", "?");
  button.type = "button";
  button.dataset.key = key;
  button.setAttribute("aria-label", words.reveal);
  return button;
};
const factor = (shown, ...told) => h("span", "factor", shown, h("small", "", told.join(" ")));

// "q = x + y = −2 + 5 = 3"
const formula = i => {
  const node = nodes.get(i), line = h("p", "formula", node.name);
  if (!node.gate) {
    if (data.point) line.append(" = ", number(`v${i}`));
    return line;
  }
  const name = k => typeof k === "string" ? k : nodes.get(k).name;
  const whole = node.formula.map(p => typeof p === "string" ? p : name(node.operands[p])).join("");
  if (whole !== node.name) line.append(` = ${whole}`);
  if (!data.point) return line;
  const plain = node.operands.every(k =>
    typeof k === "string" || ["number", "boolean"].includes(typeof numbers.value.get(k)));
  if (plain && whole !== node.name && node.operands.some(k => typeof k !== "string")) {
    line.append(" = ", ...filled(node));
  }
  line.append(" = ", number(`v${i}`));
  return line;
};
const filled = node => node.formula.map((part, at) => {
  if (typeof part === "string") return part;
  const operand = node.operands[part];
  const text = typeof operand === "string" ? operand : short(numbers.value.get(operand));
  const before = node.formula[at - 1] ?? "(", after = node.formula[at + 1] ?? "";
  const free = typeof before === "string" && /[(,|√]\s*$/.test(before) && !/^[²³⁴-⁹⁻^]/.test(after);
  return text.startsWith("−") && !free ? `(${text})` : text;
});

// "[−4 upstream] × [1 local] = [−4 contribution]"
const product = e => {
  const edge = edges[e], {target, source} = edge;
  const inner = `∂${nodes.get(target).name}/∂${nodes.get(source).name}`;
  const line = h("p", "product");
  if (edge.whole) {
    if (edge.rule) line.append(factor(h("span", "", edge.rule), derivative(source)));
    if (data.point) line.append(edge.rule ? "=" : "", factor(number(keyOf(e)), words.share, derivative(source)));
    return line;
  }
  if (!data.point) {
    const above = nodes.get(target).upstream || derivative(target);
    line.append(factor(h("b", "g", above), words.upstream, derivative(target)), "×",
      factor(h("b", "", edge.rule), words.local, inner));
    return line;
  }
  const known = seen(`v${target}`);
  const local = h("b", "", known ? short(numbers.local[e]) : "?");
  const rule = edge.rule && edge.rule !== local.textContent ? ` = ${edge.rule}` : "";
  line.append(
    factor(number(`g${target}`), words.upstream, derivative(target)), "×",
    factor(local, words.local, inner + rule), "=",
    factor(number(keyOf(e)), words.share, derivative(source)));
  return line;
};

const gradientLine = i => {
  const line = h("p", "formula", `${derivative(i)} = `);
  const node = nodes.get(i);
  line.append(data.point ? number(`g${i}`) : h("b", "g", node.upstream || "0"));
  return line;
};

const captions = {
  inputs: () => [data.point ? words.start : words.start_formulas,
    ...(data.point ? [...nodes].filter(([, n]) => !n.gate).slice(0, 12).map(([i]) => formula(i)) : [])],
  forward: ({node}) => [formula(node)],
  seed: ({node}) => [words.seed, gradientLine(node)],
  backward: ({node, edges: mine}) => {
    const {role} = nodes.get(node);
    return [formula(node), ...(role ? [h("p", "role", words[role])] : []), ...mine.slice(0, 12).map(product)];
  },
  sum: ({node, edges: mine}) => {
    const {name, uses} = nodes.get(node);
    const parts = [words.sum.replace("{name}", name).replace("{count}", uses), gradientLine(node)];
    if (data.point && mine.length > 1 && mine.length < 13) {
      const last = parts[1].lastChild;
      mine.forEach((e, k) => last.before(...(k ? [" + "] : []), number(keyOf(e))));
      last.before(" = ");
    }
    return parts;
  },
  end: () => [words.end,
    ...[...nodes].filter(([, n]) => !n.gate && n.live).slice(0, 12).map(([i]) => gradientLine(i))],
};
const phase = {inputs: "forward", forward: "forward", end: "backward", seed: "backward",
  backward: "backward", sum: "backward"};

// ---- the drawing --------------------------------------------------------------------------

const svg = document.querySelector("svg");
const nodeOf = id => Number(/^(?:n|fork)(\d+)$/.exec(id)?.[1] ?? NaN);
const labels = [], parts = [];
for (const wire of svg.querySelectorAll(".wire")) {
  const {source, target, position} = wire.dataset, i = nodeOf(source);
  if (!nodes.has(i)) continue;
  const trunk = !target.startsWith("n"), e = trunk ? undefined : edgeAt.get(`${nodeOf(target)}/${position}`);
  const keys = {value: `v${i}`, gradient: `g${i}`, share: e === undefined ? `g${i}` : keyOf(e)};
  for (const label of wire.querySelectorAll("[data-part]")) {
    labels.push({label, key: keys[label.dataset.part], text: label.textContent, veil: null});
  }
  const key = e === undefined ? `g${i}` : keyOf(e);
  const end = target === "out" ? "" : ` → ${nodes.get(nodeOf(target))?.name ?? ""}`;
  parts.push({element: wire, i, e, key, source, target, title: nodes.get(i).name + end});
}
for (const box of svg.querySelectorAll("[data-box]")) {
  const id = box.dataset.box, i = nodeOf(id);
  if (!nodes.has(i)) continue;
  parts.push({element: box, i, key: `g${i}`, box: id, title: nodes.get(i).name});
}
const byElement = new Map(parts.map(part => [part.element, part]));

const veil = entry => {
  // A question mark in the place of a number that is to be guessed.
  const box = entry.label.getBBox(), matrix = entry.label.transform.baseVal.consolidate()?.matrix;
  const mark = document.createElementNS(svg.namespaceURI, "text");
  mark.setAttribute("class", "veil");
  mark.setAttribute("font-size", "12");
  mark.setAttribute("x", box.x + box.width/2 + (matrix?.e ?? 0));
  mark.setAttribute("y", box.y + box.height/2 + 4 + (matrix?.f ?? 0));
  mark.textContent = "?";
  entry.label.after(mark);
  return mark;
};
const fit = label => {
  // A number that outgrew its place gets smaller type; positions never change.
  const size = label.dataset.size ??= label.getAttribute("font-size");
  label.setAttribute("font-size", size);
  const width = label.getComputedTextLength(), room = Number(label.dataset.room);
  if (width > room) label.setAttribute("font-size", (size*room/width).toFixed(2));
};
const paintLabel = entry => {
  const {label, key} = entry;
  if (program && label.tagName === "text") {
    const id = Number(key.slice(1));
    const {value, gradient, share} = numbers;
    const x = key[0] === "v" ? value.get(id) : key[0] === "g" ? gradient.get(id) : share[id];
    const text = state.edited ? decimals(x) : entry.text;
    if (label.textContent !== text) label.textContent = text;
    fit(label);
  }
  const hidden = reached(key) && veiled(key);
  if (hidden) entry.veil ??= veil(entry);
  label.classList.toggle("away", !seen(key));
  entry.veil?.classList.toggle("away", !hidden);
};
const current = part => {
  const step = steps[state.step];
  if (part.box) return part.box === `n${step.node}` && step.kind !== "sum" && step.kind !== "seed" ||
    part.box === `fork${step.node}` && step.kind === "sum";
  if (step.kind === "forward") return part.target === `n${step.node}`;
  if (step.kind === "seed") return part.target === "out";
  if (step.kind === "backward") return step.edges.includes(part.e);
  return step.kind === "sum" && part.i === step.node;
};
const spoken = part => {
  const text = key => seen(key) ? number(key).textContent : reached(key) ? words.reveal : "";
  const list = [[words.value, text(`v${part.i}`)], [derivative(part.i), text(part.key)]];
  const told = data.point ? list.filter(([, x]) => x).map(([name, x]) => `${name} ${x}`) : [];
  return [part.title, ...told].join(", ");
};
const paintPart = part => {
  part.element.classList.toggle("now", current(part));
  part.element.setAttribute("aria-label", spoken(part));
};

const tell = part => {
  state.told = part;
  const {i, e} = part, node = nodes.get(i);
  const lines = [h("h2", "", part.title)];
  if (part.box?.startsWith("n") || e === undefined) {
    lines.push(formula(i));
    if (node.live && (data.point ? node.gradient !== null : node.upstream)) lines.push(gradientLine(i));
    if (part.box && node.role) lines.push(h("p", "role", words[node.role]));
  }
  if (e !== undefined) lines.push(product(e));
  $("told").replaceChildren(...lines);
};

const paintTable = () => {
  if (!document.querySelector("details").open && !matchMedia("print").matches) return;
  const row = (tag, ...cells) => h("tr", "", ...cells.map(cell => h(tag, "", cell)));
  const head = row("th", words.node, words.gate, words.value, words.gradient);
  const rows = [...nodes].map(([i, node]) => row("td", node.name, node.gate ?? "",
    data.point ? number(`v${i}`) : "",
    !node.live ? "" : data.point ? (node.gradient === null ? "" : number(`g${i}`)) : node.upstream));
  $("table").replaceChildren(head, ...rows);
};

const paint = () => {
  const step = steps[state.step];
  $("slider").value = state.step;
  $("slider").setAttribute("aria-valuetext", `${state.step + 1} / ${steps.length}`);
  $("count").textContent = `${state.step + 1} / ${steps.length}`;
  for (const [id, at] of [["first", 0], ["back", 0], ["next", final], ["last", final]]) {
    $(id).setAttribute("aria-disabled", String(state.step === at));
  }
  const [first, ...rest] = captions[step.kind](step);
  const heading = h("h2", "", h("small", "", words[phase[step.kind]]), typeof first === "string" ? first : "");
  $("caption").replaceChildren(heading, ...(typeof first === "string" ? [] : [first]), ...rest);
  labels.forEach(paintLabel);
  parts.forEach(paintPart);
  if (state.told) tell(state.told);
  paintTable();
  post();
};

const go = step => {
  state.step = Math.max(0, Math.min(final, step));
  paint();
  const now = svg.querySelector(".box.now") ?? svg.querySelector(".wire.now");
  if (!now || $("figure").scrollWidth <= $("figure").clientWidth) return;
  const box = now.getBoundingClientRect(), frame = $("figure").getBoundingClientRect();
  if (box.left < frame.left || box.right > frame.right) {
    $("figure").scrollLeft += (box.left + box.right - frame.left - frame.right)/2;
  }
};
const open = key => { state.open.add(key); paint(); };

// ---- inputs -------------------------------------------------------------------------------

const fields = [];
const edit = () => {
  const bad = fields.find(({field}) => !Number.isFinite(field.valueAsNumber));
  $("problem").textContent = bad ? words.no_number.replace("{name}", bad.name) : "";
  if (bad) return;
  numbers = computed(fields.map(({field}) => field.valueAsNumber));
  state.edited = true;
  const lost = kind => [...nodes].find(([i, n]) => Number.isNaN(kind.get(i)) ||
    kind === numbers.gradient && n.live && !n.gate && kind.get(i) !== null && !Number.isFinite(kind.get(i)));
  const missing = Number.isNaN(numbers.value.get(data.output));
  const where = missing ? lost(numbers.value) : lost(numbers.gradient);
  const message = missing ? words.no_value : words.no_gradient;
  $("problem").textContent = where ? message.replace("{name}", where[1].name) : "";
  paint();
};
const reset = () => {
  fields.forEach(({field, start}) => { field.value = start; });
  numbers = given();
  state.edited = false;
  $("problem").textContent = "";
  paint();
};
const makeFields = () => {
  if (!program || !data.inputs.length) return;
  const at = new Map(data.inputs.map(input => [input.node, input]));
  for (const i of program.inputs) {
    const {name, value} = at.get(i), field = h("input");
    Object.assign(field, {type: "number", step: "any", value: String(value), name});
    fields.push({field, name, start: String(value)});
    $("inputs").append(h("label", "", name, field));
    field.addEventListener("input", edit);
  }
  const button = h("button", "", words.reset);
  button.type = "button";
  button.addEventListener("click", reset);
  $("inputs").append(button);
  $("inputs").addEventListener("submit", event => event.preventDefault());
  $("inputs").hidden = false;
};

// Inside of a notebook's frame: how high the page is, and what the inputs are.
function post() {
  if (parent === window) return;
  const point = Object.fromEntries(fields.map(({field, name}) => [name, field.valueAsNumber]));
  parent.postMessage({graphdiff: {height: document.documentElement.scrollHeight, point}}, "*");
}

// ---- events -------------------------------------------------------------------------------

const keys = {ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1, Home: -Infinity, End: Infinity};
document.addEventListener("keydown", event => {
  const part = byElement.get(event.target);
  if (part && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    tell(part);
    open(part.key);
  } else if (event.key in keys && event.target.tagName !== "INPUT" &&
      !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey) {
    event.preventDefault();
    go(state.step + keys[event.key]);
  }
});
document.addEventListener("click", event => {
  if (event.target.dataset.key) open(event.target.dataset.key);
});
for (const part of parts) {
  const {element} = part;
  element.setAttribute("role", "button");
  element.setAttribute("tabindex", "0");
  for (const kind of ["pointerenter", "focus"]) element.addEventListener(kind, () => tell(part));
  element.addEventListener("click", () => { tell(part); open(part.key); });
}
$("first").addEventListener("click", () => go(0));
$("back").addEventListener("click", () => go(state.step - 1));
$("next").addEventListener("click", () => go(state.step + 1));
$("last").addEventListener("click", () => go(final));
$("slider").addEventListener("input", event => go(Number(event.target.value)));
$("quiz").addEventListener("click", () => {
  state.quiz = !state.quiz;
  state.open.clear();
  $("quiz").setAttribute("aria-pressed", String(state.quiz));
  paint();
});
$("theme").addEventListener("click", () => {
  const root = document.documentElement.dataset;
  const dark = (root.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  root.theme = dark ? "light" : "dark";
});
document.querySelector("details").addEventListener("toggle", paintTable);
addEventListener("beforeprint", () => { document.querySelector("details").open = true; paintTable(); });
addEventListener("resize", post);

$("slider").max = final;
numbers = given();
makeFields();
go(Number(/^#step=(\d+)$/.exec(location.hash)?.[1] ?? final + 1) - 1);
})();
