/* The controls below the question, and the first screen. */
const budgetSteps = () => {
  const fixed = JSON.parse($("rk-budget").dataset.steps), best = recommended();
  return best === null || fixed.includes(best) ? fixed : [...fixed, best].sort((a, b) => a - b);
};
const chosen = () => state.setup?.indexes.find((i) => i.name === $("rk-index").value);
const recommended = () => chosen()?.budget ?? null;
const number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
function budgetText() {
  const steps = budgetSteps(), at = Number($("rk-budget").value), best = recommended();
  let text = at >= steps.length ? say("natural") : steps[at] === 0 ? say("none") : say("tokens", { n: number(steps[at]) });
  if (at < steps.length && steps[at] === best) text += " · " + say("recommended");
  $("rk-budget-text").textContent = text;
  $("rk-budget").setAttribute("aria-valuetext", text);
}
function presetBudget() {
  const steps = budgetSteps(), best = recommended();
  $("rk-budget").max = steps.length;
  $("rk-budget").value = best === null ? steps.length : steps.indexOf(best);
  budgetText();
}
/* What there is to ask, and of whom; a failure is shown in the place of the first screen, and tried again. */
async function refresh() {
  clearTimeout(refresh.again);
  try {
    state.setup = await get("setup");
  } catch (e) {
    if (!(e instanceof Trouble)) throw e;
    state.trouble = e;
    refresh.again = setTimeout(refresh, 5000);
    hero();
    return;
  }
  state.trouble = null;
  fillControls();
  hero();
}
/* Files went into an index: who has no conversation open asks there. */
async function filled(name) {
  await refresh();
  if (state.conversation || $("rk-thread").children.length) return;
  if (![...$("rk-index").options].some((o) => o.value === name)) return;
  $("rk-index").value = name;
  presetBudget();
  hero();
}
function fillControls() {
  const { indexes, index, models } = state.setup, select = $("rk-index"), before = select.value;
  select.replaceChildren(...indexes.map((i) => {
    const o = make("option", "", i.name);
    o.value = i.name;
    return o;
  }));
  const wanted = [before, index].find((name) => indexes.some((i) => i.name === name));
  const full = indexes.find((i) => i.documents);
  if (before && wanted === before) select.value = before;
  else if (wanted && indexes.find((i) => i.name === wanted).documents) select.value = wanted;
  else if (full) select.value = full.name;
  const model = $("rk-model"), was = model.value;
  model.replaceChildren(...models.map((m) => {
    const o = make("option", "", m.name);
    o.value = m.id;
    return o;
  }));
  if (models.some((m) => m.id === was)) model.value = was;
  $("rk-model-field").hidden = models.length < 2;
  if (select.value !== before || !before) presetBudget();
  thinks();
}
function thinks() { $("rk-chat").classList.toggle("rk-no-model", $("rk-model").value === "extractive"); }
function hero() {
  const at = $("rk-hero"), told = state.setup, one = chosen();
  at.replaceChildren();
  at.hidden = $("rk-thread").children.length > 0;
  if (state.trouble) {
    const note = make("p", "rk-note rk-warn", state.trouble.message);
    const retry = make("button", "rk-plain", say("retry.now"));
    retry.type = "button";
    retry.onclick = () => refresh();
    note.append(" ", retry);
    at.append(note);
    return;
  }
  if (!told) return;
  if (!one || !one.documents) {
    at.append(make("p", "rk-hero-title", say("start")), make("p", "rk-hero-text", say("start.text")));
    const steps = make("ol", "rk-first");
    for (const key of ["start.1", "start.2", "start.3"]) steps.append(make("li", "", say(key)));
    const go = make("button", "rk-primary", say("start.go"));
    go.type = "button";
    go.onclick = () => select("library");
    at.append(steps, go);
  } else {
    at.append(make("p", "rk-hero-title", say("ask.title")));
    at.append(make("p", "rk-hero-text", say("ask.text", { index: one.name, n: number(one.documents) })));
    const list = make("div", "rk-examples");
    at.append(list);
    suggest("suggested?index=" + encodeURIComponent(one.name), list);
  }
  if (told.models.length === 1 && told.models[0].id === "extractive") {
    at.append(make("p", "rk-note rk-calm", say("extractive.note")));
  }
}
/* Questions that are known to have an answer, as buttons, when they come. */
async function suggest(path, list) {
  let questions = [];
  try { ({ questions } = await get(path)); } catch { return; } // a page without them is whole
  list.replaceChildren(...questions.map((question) => {
    const b = make("button", "rk-example", question);
    b.type = "button";
    b.dir = "auto";
    b.onclick = () => {
      if (state.busy) return;
      $("rk-question").value = question;
      grow();
      $("rk-composer").requestSubmit();
    };
    return b;
  }));
  scrollDown();
}
function grow() {
  const area = $("rk-question");
  area.style.height = "auto";
  area.style.height = Math.min(area.scrollHeight, 200) + "px";
}
function scrollDown() {
  const box = $("rk-scroll");
  if (state.stick) box.scrollTop = box.scrollHeight;
}
function reset() {
  state.conversation = "";
  $("rk-thread").replaceChildren();
  clearPanel();
  setBusy("");
  titled(say("new"));
  $("rk-hero").hidden = false;
  $("rk-chat").classList.add("rk-fresh");
}
function titled(text) {
  $("rk-title").textContent = text;
  document.title = state.conversation ? text + " · ragkit" : "ragkit";
}
