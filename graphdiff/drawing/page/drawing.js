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
  parts.push({element: wire, i, e, key, source, target, to: target === "out" ? NaN : nodeOf(target)});
}
for (const box of svg.querySelectorAll("[data-box]")) {
  const id = box.dataset.box, i = nodeOf(id);
  if (!nodes.has(i)) continue;
  parts.push({element: box, i, key: `g${i}`, box: id, to: NaN});
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
const inSvg = (tag, attributes, ...children) => {
  const element = document.createElementNS(svg.namespaceURI, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};
const grid = (found, width, height) => {
  // An array in the place of the one that was drawn: brackets, rows and columns.
  const rows = found.map(row => [row].flat()), columns = rows[0].length;
  const texts = rows.map(row => row.map(decimals)), wide = (width - 6)/columns, high = height/rows.length;
  const longest = Math.max(...texts.flat().map(text => text.length));
  const size = Math.min(11, 0.95*high, 2*wide/Math.max(longest, 4)).toFixed(2);
  const bracket = (x, to) => inSvg("path", {class: "rule", fill: "none", "stroke-width": 0.7,
    d: `M${to} 0H${x}V${height}H${to}`});
  return [bracket(0.5, 3), bracket(width - 0.5, width - 3), ...texts.flatMap((row, r) =>
    row.map((text, c) => inSvg("text", {x: 3 + (c + 0.5)*wide, y: (r + 0.5)*high + 0.34*size,
      "font-size": size, "text-anchor": "middle"}, text)))];
};
const paintArray = entry => {
  const {label, key} = entry, {width, height} = label.dataset;
  entry.drawn ??= [...label.childNodes];
  const found = state.edited ? known(key) : null;
  label.replaceChildren(...(Array.isArray(found) ? grid(found, Number(width), Number(height)) : entry.drawn));
};
const paintLabel = entry => {
  const {label, key} = entry;
  if (program && label.tagName === "text") {
    const text = state.edited ? decimals(known(key)) : entry.text;
    if (label.textContent !== text) label.textContent = text;
    fit(label);
  }
  if (program && label.dataset.width) paintArray(entry);
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
const titled = ({i, to}) => nodes.has(to) ? [i, " → ", to] : [i];
const spoken = part => {
  const text = key => seen(key) ? number(key).textContent : reached(key) ? words.reveal : "";
  const list = [[words.value, text(`v${part.i}`)], [plain(derivative(part.i)), text(part.key)]];
  const told = data.point ? list.filter(([, x]) => x).map(([name, x]) => `${name} ${x}`) : [];
  return [plain(titled(part)), ...told].join(", ");
};
const paintPart = part => {
  part.element.classList.toggle("now", current(part));
  part.element.setAttribute("aria-label", spoken(part));
};

const tell = part => {
  state.told = part;
  const {i, e} = part, node = nodes.get(i);
  const lines = [h("h2", "", ...set(titled(part)))];
  if (part.box?.startsWith("n") || e === undefined) {
    lines.push(formula(i));
    const has = data.point ? node.gradient !== null : node.upstream.length;
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
  const has = node => node.live && (data.point ? node.gradient !== null : node.upstream.length);
  $("table").replaceChildren(
    row("th", words.node, words.gate, ...values(() => words.value), words.gradient),
    ...[...nodes].map(([i, node]) => row("td", name(i), node.gate ?? "",
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
  if (!(told[0] instanceof Element)) heading.append(...set([told.shift()].flat()));
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

