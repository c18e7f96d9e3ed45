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
    play(false);
    go(state.step + keys[event.key]);
  } else if (event.key in commands && !event.ctrlKey && !event.metaKey && !event.altKey &&
      (event.key === "Escape" || !event.target.closest("input, select, button, summary"))) {
    event.preventDefault();
    commands[event.key]();
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
const moves = {first: () => 0, back: () => state.step - 1, next: () => state.step + 1, last: () => final};
for (const [id, to] of Object.entries(moves)) {
  $(id).addEventListener("click", () => { play(false); go(to()); });
}
$("slider").addEventListener("input", event => { play(false); go(Number(event.target.value)); });
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
new ResizeObserver(post).observe(document.body);

$("slider").max = final;
numbers = given();
makeFields();
go(Number(/^#step=(\d+)$/.exec(location.hash)?.[1] ?? final + 1) - 1);
