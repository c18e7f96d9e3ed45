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

// The entries of arrays: the program computes each of them by itself.
const gathered = inputs => {
  const v = program.forward(inputs), {cells} = data;
  const pick = place => place === undefined || place === null ? null :
    Array.isArray(place) ? place.map(pick) : v[place];
  const missing = Number.isNaN(v[cells.value[data.output]]);
  const lost = x => Array.isArray(x) ? x.map(lost) : NaN;
  const slope = place => missing ? lost(pick(place)) : pick(place);
  return {
    value: new Map([...nodes.keys()].map(i => [i, pick(cells.value[i])])),
    gradient: new Map([...nodes].map(([i, node]) =>
      [i, node.gradient === null ? null : slope(cells.gradient[i])])),
    local: cells.local.map(pick),
    share: cells.share.map(slope),
  };
};

const computed = inputs => {
  if (data.cells) return gathered(inputs);
  const v = program.forward(inputs), locals = program.locals(v);
  const {gradients, shares} = program.backward(v, locals);
  const at = new Map(program.edges.map(([i, position], e) => [`${i}/${position}`, e]));
  const mine = edges.map(edge => at.get(`${edge.target}/${edge.position}`));
  // What has no value has no gradient; a branch that was not taken may have none either.
  const missing = Number.isNaN(v[data.output]);
  return {
    value: new Map([...nodes.keys()].map(i => [i, v[i]])),
    gradient: new Map([...nodes].map(([i, node]) =>
      [i, node.gradient === null ? null : missing ? NaN : gradients[i]])),
    local: mine.map(e => Number.isNaN(v[program.edges[e][0]]) ? 0 : locals[e]),
    share: mine.map(e => missing ? NaN : shares[e]),
  };
};

const superscript = text => text.replace(/[-\d]/g, c => c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]);
const minus = text => text.replace(/e\+?(-?\d+)/, (_, n) => `×10${superscript(n)}`).replace("-", "−");

// As the numbers in the drawing: fixed decimals, but the first digit of a number at least, and a
// second one of those below 0.01.
const decimals = x => {
  if (x?.exact) return x.exact;
  if (Array.isArray(x)) return `[${x.map(decimals).join(", ")}]`;
  if (typeof x !== "number") return typeof x === "string" ? x : x === null ? "—" : String(x);
  if (!Number.isFinite(x)) return "—";
  const size = Math.abs(x);
  if (size && (size >= 1e7 || size < 1e-5)) return minus(x.toExponential(digits));
  const first = size ? Number(size.toExponential().split("e")[1]) : 0;
  const text = (x || 0).toFixed(size ? Math.max(digits, -first + (first < -2)) : digits);
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
const known = key => {
  const id = Number(key.slice(1)), {value, gradient, share} = numbers;
  return key[0] === "v" ? value.get(id) : key[0] === "g" ? gradient.get(id) : share[id];
};

// Texts with names in them are lists, in which a number stands for the name of that node.
const plain = pieces => pieces.map(p => typeof p === "string" ? p : nodes.get(p).name).join("");
const set = pieces => pieces.map(p => typeof p === "number" ? name(p) : p);
const letters = runs => runs.map(([text, italic]) => h(italic ? "var" : "span", "", text));
function name(i) {
  const {name, set: [base, below, primes], drawn} = nodes.get(i);
  const index = below.length ? [h("sub", "", ...letters(below))] : [];
  if (!drawn) return h("span", "name", ...letters(base), primes, ...index);
  // As in the figure, from the same outlines.
  const [w, height, down] = drawn, scale = svg.namespaceURI;
  const picture = document.createElementNS(scale, "svg"), use = document.createElementNS(scale, "use");
  for (const [key, value] of Object.entries({class: "name", role: "img", "aria-label": name,
    width: `${w}em`, height: `${height}em`, viewBox: `0 0 ${12*w} ${12*height}`})) {
    picture.setAttribute(key, value);
  }
  picture.style.verticalAlign = `${-down}em`;
  use.setAttribute("href", `#name-${i}`);
  picture.append(use);
  return picture;
}
const derivative = i => ["∂", data.output, "/∂", i];
// A sentence about a node, with its name in it.
const about = (sentence, i) => sentence.split("{name}").flatMap((text, k) => k ? [i, text] : [text]);
const number = key => {
  if (seen(key)) {
    const {upstream} = nodes.get(Number(key.slice(1))) ?? {};
    const shown = data.point ? [short(known(key))] : upstream.length ? upstream : ["0"];
    return h("b", key[0] === "v" ? "v" : "g", ...set(shown));
  }
  if (!reached(key)) return h("b", "g", "?");
  const button = h("button", "veil-button", "?");
  button.type = "button";
  button.dataset.key = key;
  button.setAttribute("aria-label", words.reveal);
  return button;
};
const pair = (sign, shown) => h("span", "pair", sign, shown);
const factor = (shown, told, pieces) =>
  h("span", "factor", shown, h("small", "", `${told} `, ...set(pieces)));

// "q = x + y = −2 + 5 = 3"
const formula = i => {
  const node = nodes.get(i), line = h("p", "formula", name(i));
  if (!node.gate) {
    if (data.point) line.append(" = ", number(`v${i}`));
    return line;
  }
  const whole = node.formula.map(p => typeof p === "string" ? p : node.operands[p]);
  const told = plain(whole) !== node.name;
  if (told) line.append(" = ", ...set(whole));
  if (!data.point) return line;
  const short = node.operands.every(k => typeof k === "string" || isNumber(numbers.value.get(k)));
  if (short && told && node.operands.some(k => typeof k !== "string")) {
    line.append(" = ", ...filled(node));
  }
  line.append(" = ", number(`v${i}`));
  return line;
};
const isNumber = x => ["number", "boolean"].includes(typeof x) || Boolean(x?.exact);
const filled = node => node.formula.map((part, at) => {
  if (typeof part === "string") return part;
  const operand = node.operands[part];
  const text = typeof operand === "string" ? operand : short(numbers.value.get(operand));
  const before = node.formula[at - 1] ?? "(", after = node.formula[at + 1] ?? "";
  const raised = /^[²³⁴-⁹⁻^]/.test(after);
  const free = typeof before === "string" && /[(,|]\s*$/.test(before) && !raised;
  // A fraction may be added, but what multiplies it or is raised would be read as a part of it.
  const apart = at === 0 || /[+−(,] *$/.test(before);
  const bare = apart && /^$|^ *[+−),]/.test(after);
  return text.startsWith("−") && !free || text.includes("/") && !bare ? `(${text})` : text;
});

// "[−4 upstream] × [1 local] = [−4 contribution]"
const product = e => {
  const edge = edges[e], {target, source} = edge;
  const inner = ["∂", target, "/∂", source];
  const line = h("p", "product");
  if (edge.whole) {
    const {length} = edge.rule;
    if (length) line.append(factor(h("span", "", ...set(edge.rule)), "", derivative(source)));
    const share = factor(number(keyOf(e)), words.share, derivative(source));
    if (data.point) line.append(length ? pair("=", share) : share);
    return line;
  }
  if (!data.point) {
    line.append(factor(number(`g${target}`), words.upstream, derivative(target)),
      pair("×", factor(h("b", "", ...set(edge.rule)), words.local, inner)));
    return line;
  }
  const local = h("b", "", seen(`v${target}`) ? short(numbers.local[e]) : "?");
  const told = edge.rule.length && plain(edge.rule) !== local.textContent;
  const rule = told ? [" = ", ...edge.rule] : [];
  line.append(
    factor(number(`g${target}`), words.upstream, derivative(target)),
    pair("×", factor(local, words.local, [...inner, ...rule])),
    pair("=", factor(number(keyOf(e)), words.share, derivative(source))));
  return line;
};

const gradientLine = i =>
  h("p", "formula", ...set(derivative(i)), " = ", number(`g${i}`));

const captions = {
  inputs: () => [data.point ? words.start : words.start_formulas,
    ...(data.point ? [...nodes].filter(([, n]) => !n.gate).slice(0, 12).map(([i]) => formula(i)) : [])],
  forward: ({node}) => [formula(node)],
  seed: ({node}) => [words.seed, gradientLine(node)],
  backward: ({node, edges: mine}) => {
    const {role} = nodes.get(node);
    const said = role ? [h("p", "role", words[role])] : [];
    return [formula(node), ...said, ...mine.slice(0, 12).map(product)];
  },
  sum: ({node, edges: mine}) => {
    const {uses} = nodes.get(node);
    const parts = [about(words.sum.replace("{count}", uses), node), gradientLine(node)];
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

