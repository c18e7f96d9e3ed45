// ---- the drawing --------------------------------------------------------------------------

const svg = document.querySelector("#figure svg");
const nodeOf = id => Number(/^(?:n|fork)(\d+)$/.exec(id)?.[1] ?? NaN);
const labels = [], parts = [];
for (const wire of svg.querySelectorAll(".wire")) {
  const {source, target, position} = wire.dataset, i = nodeOf(source);
  if (!nodes.has(i)) continue;
  const trunk = !target.startsWith("n");
  const e = trunk ? undefined : edgeAt.get(`${nodeOf(target)}/${position}`);
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
    const text = state.edited ? decimals(known(key)) : entry.text;
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
    const has = data.point ? node.gradient !== null : node.upstream;
    if (node.live && has) lines.push(gradientLine(i));
    if (part.box && node.role) lines.push(h("p", "role", words[node.role]));
  }
  if (e !== undefined) lines.push(product(e));
  $("told").replaceChildren(...lines);
};

const paintTable = () => {
  if (!document.querySelector("details").open && !matchMedia("print").matches) return;
  const row = (tag, ...cells) => h("tr", "", ...cells.map(cell => h(tag, "", cell)));
  const values = text => data.point ? [text()] : [];
  const has = node => node.live && (data.point ? node.gradient !== null : node.upstream);
  $("table").replaceChildren(
    row("th", words.node, words.gate, ...values(() => words.value), words.gradient),
    ...[...nodes].map(([i, node]) => row("td", node.name, node.gate ?? "",
      ...values(() => number(`v${i}`)), has(node) ? number(`g${i}`) : "")));
};

const paint = () => {
  const step = steps[state.step];
  $("slider").value = state.step;
  $("slider").setAttribute("aria-valuetext", `${state.step + 1} / ${steps.length}`);
  $("count").textContent = `${state.step + 1} / ${steps.length}`;
  for (const [id, at] of [["first", 0], ["back", 0], ["next", final], ["last", final]]) {
    $(id).setAttribute("aria-disabled", String(state.step === at));
  }
  const told = captions[step.kind](step), heading = h("h2", "", h("small", "", words[phase[step.kind]]));
  if (typeof told[0] === "string") heading.append(told.shift());
  $("caption").replaceChildren(heading, ...told);
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
  const {value, gradient} = numbers, missing = Number.isNaN(value.get(data.output));
  const infinite = ([i, n]) => n.live && !n.gate && n.gradient !== null && !Number.isFinite(gradient.get(i));
  const where = [...nodes].find(missing ? ([i]) => Number.isNaN(value.get(i)) : infinite);
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
  const night = matchMedia("(prefers-color-scheme: dark)").matches;
  root.theme = (root.theme ?? (night ? "dark" : "light")) === "dark" ? "light" : "dark";
});
document.querySelector("details").addEventListener("toggle", paintTable);
addEventListener("beforeprint", () => { document.querySelector("details").open = true; paintTable(); });
addEventListener("resize", post);

$("slider").max = final;
numbers = given();
makeFields();
go(Number(/^#step=(\d+)$/.exec(location.hash)?.[1] ?? final + 1) - 1);
