"use strict";
{
  const forms = [...document.querySelectorAll("form.decide")];
  const by = document.getElementById("by"), toml = document.getElementById("toml");
  const quoted = (text) => JSON.stringify(text).replaceAll("\x7f", "\\u007f");
  const today = () => {
    const now = new Date(), two = (n) => String(n).padStart(2, "0");
    return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  };
  let saved = "";

  // The lines of a form on which something is decided, for each answer or student.
  const decisions = (form) => {
    const {points, reading, comment} = form.elements;
    const lines = [];
    if (reading && reading.value.trim()) lines.push(`reading = ${quoted(reading.value.trim())}`);
    if (points.value !== "" && points.checkValidity()) lines.push(`points = ${Number(points.value)}`);
    if (comment.value.trim()) lines.push(`comment = ${quoted(comment.value.trim())}`);
    if (!lines.length) return [];
    if (by.value.trim()) lines.push(`by = ${quoted(by.value.trim())}`);
    lines.push(`when = ${today()}`);
    const {problem, part, answers, students} = JSON.parse(form.dataset.on);
    const on = [...answers.map((a) => `answer = ${quoted(a)}`), ...students.map((s) => `student = ${quoted(s)}`)];
    const where = [`problem = ${quoted(problem)}`, ...(part ? [`part = ${quoted(part)}`] : [])];
    return on.map((whom) => ["[[decision]]", ...where, whom, ...lines, ""].join("\n"));
  };

  const renew = () => { toml.value = forms.flatMap(decisions).join("\n"); };

  // Enter goes on to the next answer, Shift and Enter back; a section that is closed is opened.
  const go = (form, step) => {
    const next = forms[forms.indexOf(form) + step];
    if (!next) { document.getElementById("save").focus(); return; }
    for (let box = next.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    next.elements.points.focus();
  };

  for (const form of forms) {
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      if (form.reportValidity()) go(form, event.shiftKey ? -1 : 1);
    });
    form.addEventListener("input", renew);
  }
  by.addEventListener("input", renew);
  document.getElementById("save").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([toml.value], {type: "application/toml"}));
    link.download = "decisions.toml";
    link.click();
    URL.revokeObjectURL(link.href);
    saved = toml.value;
  });
  addEventListener("beforeunload", (event) => { if (toml.value !== saved) event.preventDefault(); });
  document.documentElement.classList.add("scripted");
}
