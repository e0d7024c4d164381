/* Asking: settings, a question sent, asked again, taken back, edited, ended. */
function settings() {
  const steps = budgetSteps(), at = Number($("rk-budget").value);
  const model = $("rk-model").value;
  return {
    index: $("rk-index").value, model, where: $("rk-where").value, k: $("rk-k").value,
    strategy: model === "extractive" ? "" : $("rk-strategy").value,
    budget: model === "extractive" ? "" : at < steps.length ? String(steps[at]) : "natural",
    samples: model === "extractive" ? "" : $("rk-samples").value,
  };
}
/* The first setting that cannot be, in a sentence, with its field in sight; "" when all can. */
function fault() {
  const at = $("rk-settings-fault");
  at.hidden = true;
  for (const id of ["rk-k", "rk-samples", "rk-where"]) {
    const field = $(id), box = field.closest("label");
    const bad = id === "rk-where" ? field.value.split(";").some((p) => p.trim() && !/^[^=]+=./.test(p.trim()))
      : !field.checkValidity();
    field.setAttribute("aria-invalid", String(bad));
    if (!bad || (id === "rk-samples" && $("rk-model").value === "extractive")) continue;
    $("rk-more").open = true;
    at.textContent = say(id === "rk-where" ? "fault.where" : "fault.number",
      { name: box.firstChild.textContent.trim(), min: field.min, max: field.max });
    at.hidden = false;
    field.focus();
    return at.textContent;
  }
  return "";
}
/* What is typed and not yet kept by the server outlives a reload. */
function draft(text) {
  try { sessionStorage.setItem("ragkit-draft", text); } catch { /* private window */ }
}
function ask(question, keep) {
  question = question.trim();
  if (!question || state.busy) return;
  const id = Math.random().toString(36).slice(2, 12);
  draft(question);
  for (const old of document.querySelectorAll(".rk-further")) old.remove();
  addTurn(id, question);
  state.stick = true;
  setBusy(id);
  scrollDown();
  listen(id, "POST", "ask", { turn: id, question, conversation: state.conversation || null, keep, settings: settings() });
}
function stop() {
  if (state.busy) tell(put("POST", "answers/" + state.busy + "/stop"));
  $("rk-question").focus();
}
function dropFrom(turn) {
  while (turn.nextElementSibling) turn.nextElementSibling.remove();
  turn.remove();
  clearPanel();
  if (!$("rk-thread").children.length) { $("rk-hero").hidden = false; $("rk-chat").classList.add("rk-fresh"); }
}
function again(turn, question) {
  if (state.busy) return;
  const keep = storedBefore(turn);
  dropFrom(turn);
  ask(question, keep);
}
function takeBack(turn) {
  if (state.busy) return;
  const keep = storedBefore(turn), question = turn.querySelector(".rk-question-text").textContent;
  dropFrom(turn);
  if (state.conversation) tell(put("POST", "/api/conversations/" + state.conversation + "/truncate", { keep }));
  $("rk-question").value = question;
  grow();
  $("rk-question").focus();
}
function editTurn(turn) {
  if (state.busy || turn.querySelector(".rk-edit")) return;
  const head = turn.querySelector(".rk-question"), text = turn.querySelector(".rk-question-text").textContent;
  const form = make("form", "rk-edit");
  const area = make("textarea");
  area.value = text;
  area.rows = 2;
  area.setAttribute("aria-label", say("edit"));
  const save = make("button", "rk-primary", say("ask"));
  const leave = make("button", "rk-plain", say("cancel"));
  leave.type = "button";
  const close = () => { form.remove(); head.hidden = false; head.querySelector("button").focus(); };
  leave.onclick = close;
  area.onkeydown = (e) => {
    if (e.key === "Escape") close();
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); form.requestSubmit(); }
  };
  form.onsubmit = (e) => { e.preventDefault(); if (area.value.trim()) again(turn, area.value); };
  form.append(area, save, leave);
  head.hidden = true;
  head.after(form);
  area.focus();
}
function setBusy(id) {
  state.busy = id;
  $("rk-stop").hidden = !id;
  $("rk-send").hidden = !!id;
  $("rk-chat").classList.toggle("rk-busy", !!id);
}
function ended(turn, text) {
  if (turn.dataset.turn === state.busy) setBusy("");
  status(text);
  scrollDown();
}
function fail(told, kind) {
  const turn = turnOf(told.turn);
  if (!turn) return;
  turn.querySelector(".rk-wait").hidden = true;
  turn.querySelector(".rk-answer").removeAttribute("aria-busy");
  closeThoughts(turn);
  const note = make("p", "rk-note " + kind, told.text);
  if (told.detail) {
    const more = make("details", "rk-detail");
    more.append(make("summary", "", say("detail")), make("p", "", told.detail));
    note.append(more);
  }
  turn.querySelector(".rk-after").replaceChildren(note);
  foot(turn, "", 0, 0);
  ended(turn, told.text);
}
const closeThoughts = (turn) => {
  for (const d of turn.querySelectorAll(".rk-thought")) if (!d.dataset.kept) d.open = false;
};
