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
const known = key => {
  const id = Number(key.slice(1)), {value, gradient, share} = numbers;
  return key[0] === "v" ? value.get(id) : key[0] === "g" ? gradient.get(id) : share[id];
};
const derivative = i => `∂${output.name}/∂${nodes.get(i).name}`;
const number = key => {
  if (seen(key)) {
    const formula = data.point ? short(known(key)) : nodes.get(Number(key.slice(1))).upstream || "0";
    return h("b", key[0] === "v" ? "v" : "g", formula);
  }
  if (!reached(key)) return h("b", "g", "?");
  const button = h("button", "veil-button", "?");
  button.type = "button";
  button.dataset.key = key;
  button.setAttribute("aria-label", words.reveal);
  return button;
};
const pair = (sign, shown) => h("span", "pair", sign, shown);
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
    const share = factor(number(keyOf(e)), words.share, derivative(source));
    if (data.point) line.append(edge.rule ? pair("=", share) : share);
    return line;
  }
  if (!data.point) {
    line.append(factor(number(`g${target}`), words.upstream, derivative(target)),
      pair("×", factor(h("b", "", edge.rule), words.local, inner)));
    return line;
  }
  const local = h("b", "", seen(`v${target}`) ? short(numbers.local[e]) : "?");
  const rule = edge.rule && edge.rule !== local.textContent ? ` = ${edge.rule}` : "";
  line.append(
    factor(number(`g${target}`), words.upstream, derivative(target)),
    pair("×", factor(local, words.local, inner + rule)),
    pair("=", factor(number(keyOf(e)), words.share, derivative(source))));
  return line;
};

const gradientLine = i =>
  h("p", "formula", `${derivative(i)} = `, number(`g${i}`));

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

