// ---- constants that one may type ----------------------------------------------------------

const CONSTANTS = new Map([["pi", Math.PI], ["π", Math.PI], ["e", Math.E]]);
const FUNCTIONS = new Map([..."sqrt cbrt exp log log2 log10 sin cos tan asin acos atan sinh cosh tanh abs"
  .split(" ").map(name => [name, Math[name]]), ["ln", Math.log]]);
const DEEPEST = 60;

// The number, or the list of lists of numbers, that a text such as "-pi/4" stands for.
// Throws {word, text}: what is wrong, and where.
const read = text => {
  const pieces = text.match(/\d+\.?\d*(?:[eE][-+−]?\d+)?|\.\d+(?:[eE][-+−]?\d+)?|[\p{L}_][\p{L}\d_]*|\*\*|\S/gu) ?? [];
  let at = 0, depth = 0;
  const fail = (word, text) => { throw {word, text}; };
  const wrong = () => pieces[at] === "," ? fail("bad_comma", "") :
    fail(at < pieces.length ? "bad_text" : "bad_end", pieces.slice(at).join("").slice(0, 12));
  const take = (...signs) => signs.includes(pieces[at]) ? pieces[at++] : "";
  const inside = (reader, end) => {
    if (++depth > DEEPEST) fail("bad_text", "…");
    const found = reader();
    depth--;
    if (end && !take(end)) wrong();
    return found;
  };
  const atom = () => {
    const piece = pieces[at] ?? "";
    if (/^[\d.]/.test(piece) && piece !== ".") return at++, Number(piece.replace("−", "-"));
    if (take("(")) return inside(sum, ")");
    if (take("√")) return Math.sqrt(inside(atom));
    if (!/^\p{L}/u.test(piece)) wrong();
    at++;
    if (CONSTANTS.has(piece)) return CONSTANTS.get(piece);
    if (!FUNCTIONS.has(piece)) fail("bad_name", piece.slice(0, 12));
    return take("(") ? FUNCTIONS.get(piece)(inside(sum, ")")) : wrong();
  };
  const power = () => {
    const base = atom();
    return take("^", "**") ? Math.pow(base, inside(signed)) : base;
  };
  function signed() {
    const sign = take("-", "−", "+");
    return sign ? (sign === "+" ? 1 : -1)*inside(signed) : power();
  }
  const product = () => {
    let left = signed(), sign;
    while ((sign = take("*", "×", "·", "/", "÷"))) {
      const right = signed();
      left = "/÷".includes(sign) ? left/right : left*right;
    }
    return left;
  };
  function sum() {
    let left = product(), sign;
    while ((sign = take("+", "-", "−"))) left += (sign === "+" ? 1 : -1)*product();
    return Number.isFinite(left) ? left : fail("bad_number", "");
  }
  function list() {
    if (!take("[")) return sum();
    return inside(() => {
      const found = [list()];
      while (take(",")) found.push(list());
      return found;
    }, "]");
  }
  if (!pieces.length) fail("bad_empty", "");
  const found = list();
  return at < pieces.length ? wrong() : found;
};
const shapeOf = found => Array.isArray(found) ? [found.length, ...shapeOf(found[0])] : [];
const isRegular = (found, [n, ...rest]) => n === undefined ? typeof found === "number" :
  Array.isArray(found) && found.length === n && found.every(row => isRegular(row, rest));

// ---- inputs -------------------------------------------------------------------------------

const fields = [];
const readField = entry => {
  const {field, problem, shape} = entry;
  try {
    // What the page wrote itself is kept with all of its digits.
    const found = entry.written?.text === field.value ? entry.written.value : read(field.value);
    if (!isRegular(found, shape)) throw {word: shape.length ? "bad_shape" : "bad_list", text: shape.join("×")};
    entry.value = found;
    problem.textContent = "";
  } catch (wrong) {
    if (!wrong.word) throw wrong;
    problem.textContent = words[wrong.word].replace("{text}", () => wrong.text);
  }
  field.setAttribute("aria-invalid", String(problem.textContent !== ""));
  return !problem.textContent;
};
const edit = () => {
  // Every box is read, so that each says what is wrong with it; the old numbers stay if one is.
  if (fields.map(readField).includes(false)) return;
  fields.forEach(entry => entry.follow?.());
  numbers = computed(fields.flatMap(({value}) => [value].flat(Infinity)));
  state.edited = true;
  const {value, gradient} = numbers, missing = Number.isNaN(value.get(data.output));
  const some = (test, x) => [x].flat(Infinity).some(test);
  const infinite = ([i, n]) => n.live && !n.gate && n.gradient !== null &&
    some(x => !Number.isFinite(x), gradient.get(i));
  const where = [...nodes].find(missing ? ([i]) => some(Number.isNaN, value.get(i)) : infinite);
  const message = missing ? words.no_value : words.no_gradient;
  $("problem").replaceChildren(...(where ? set(about(message, where[0])) : []));
  paint();
};
// A number with as many digits as one reads, and the number itself.
const write = (entry, value) => {
  const text = x => Array.isArray(x) ? `[${x.map(text).join(", ")}]` : String(Number(x.toPrecision(4)));
  entry.field.value = text(value);
  entry.written = {text: entry.field.value, value};
};
const at = (found, place) => place.reduce((part, k) => part[k], found);
const put = (found, [k, ...rest], x) => k === undefined ? x :
  found.map((part, j) => j === k ? put(part, rest, x) : part);
const places = ([n, ...rest]) => n === undefined ? [[]] :
  Array.from({length: n}, (_, k) => places(rest).map(place => [k, ...place])).flat();

// A slider for a number, or for the entry of an array that is chosen beside it.
const MOST_ENTRIES = 64;
const slideOf = entry => {
  const all = places(entry.shape);
  if (all.length > MOST_ENTRIES) return [];
  const slide = h("input", "slide"), choose = h("select"), label = `${words.slide} ${entry.name}`;
  Object.assign(slide, {type: "range", step: "any"});
  all.forEach((place, k) => choose.append(new Option(`[${place}]`, k)));
  slide.setAttribute("aria-label", label);
  choose.setAttribute("aria-label", `${words.entry} ${entry.name}`);
  entry.follow = () => {
    const value = at(entry.value, all[choose.selectedIndex] ?? []);
    const inside = slide.max && value >= Number(slide.min) && value <= Number(slide.max) &&
      slide.dataset.entry === choose.value;
    if (!inside) {
      const reach = Math.max(2, 2*Math.abs(value));
      Object.assign(slide, {min: -reach, max: reach});
      slide.dataset.entry = choose.value;
    }
    slide.value = value;
  };
  slide.addEventListener("input", () => {
    const x = Number(Number(slide.value).toPrecision(3));
    write(entry, put(entry.value, all[choose.selectedIndex] ?? [], x));
    edit();
  });
  choose.addEventListener("change", entry.follow);
  return entry.shape.length ? [choose, slide] : [slide];
};

// One step of gradient descent: x − η ∂f/∂x for every input whose gradient is shown.
const descend = rate => {
  const moved = (x, g) => Array.isArray(x) ? x.map((part, k) => moved(part, g[k])) : x - rate*g;
  if (fields.map(readField).includes(false)) return;
  for (const entry of fields) {
    const gradient = numbers.gradient.get(entry.node);
    if (nodes.get(entry.node).live && gradient !== null) write(entry, moved(entry.value, gradient));
  }
  edit();
};
const makeRate = () => {
  const slide = h("input", "slide"), shown = h("output"), button = h("button", "", words.descend);
  const rate = () => 10**Number(slide.value);
  Object.assign(slide, {type: "range", min: -4, max: 1, step: 0.1, value: -1, id: "rate"});
  slide.setAttribute("aria-label", words.rate);
  const tellRate = () => { shown.textContent = `η = ${Number(rate().toPrecision(2))}`; };
  slide.addEventListener("input", tellRate);
  button.type = "button";
  button.id = "descend";
  button.addEventListener("click", () => descend(Number(rate().toPrecision(2))));
  tellRate();
  $("inputs").append(h("span", "rate", h("span", "", words.rate), slide, shown, button));
};
const reset = () => {
  for (const entry of fields) {
    entry.field.value = entry.start;
    readField(entry);
    entry.follow?.();
  }
  numbers = given();
  state.edited = false;
  $("problem").textContent = "";
  paint();
};
const makeFields = () => {
  if (!program || !data.inputs.length) return;
  const at = new Map(data.inputs.map(input => [input.node, input]));
  for (const i of program.inputs) {
    const {name: plainName, value, shape} = at.get(i), field = h("input"), problem = h("span", "wrong");
    problem.id = `problem-${i}`;
    problem.setAttribute("role", "alert");
    Object.assign(field, {type: "text", autocomplete: "off", spellcheck: false, value, name: plainName});
    for (const [key, value] of [["aria-label", plainName], ["aria-describedby", problem.id],
      ["autocapitalize", "off"], ["autocorrect", "off"], ["maxlength", "10000"]]) {
      field.setAttribute(key, value);
    }
    field.classList.toggle("wide", shape.length > 0);
    const entry = {field, problem, node: i, name: plainName, start: value, shape};
    fields.push(entry);
    readField(entry);
    $("inputs").append(h("span", "field", h("label", "", name(i), field), ...slideOf(entry), problem));
    entry.follow?.();
    field.addEventListener("input", edit);
  }
  if (fields.some(({node}) => nodes.get(node).live)) makeRate();
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
  const point = Object.fromEntries(fields.map(({name, value}) => [name, value]));
  parent.postMessage({graphdiff: {height: Math.ceil(document.body.getBoundingClientRect().height), point}}, "*");
}

