/* The chat tab: its parts wired to what they do. */
const tab = (name) => document.getElementById("rk-tab-" + name + "-button");
const select = (name) => tab(name)?.click();

function chat(element) {
  words = JSON.parse(element.querySelector("[data-words]").dataset.words);
  const area = $("rk-question");
  area.oninput = () => { grow(); draft(area.value); };
  area.onkeydown = (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); $("rk-composer").requestSubmit(); }
  };
  $("rk-composer").onsubmit = (e) => {
    e.preventDefault();
    if (state.busy || !area.value.trim()) return;
    if (fault()) { status($("rk-settings-fault").textContent); return; }
    if (state.setup && !chosen()?.documents) { hero(); $("rk-hero").hidden = false; status(say("start")); return; }
    const question = area.value;
    area.value = "";
    grow();
    ask(question);
  };
  $("rk-stop").onclick = stop;
  $("rk-new").onclick = () => { reset(); go(""); hero(); area.focus(); };
  $("rk-export").onclick = () => tell((async () => {
    if (!state.conversation) { toast(say("nothing")); return; }
    const file = await get("conversations/" + state.conversation + "/markdown");
    download(file.name, file.text, "text/markdown");
  })());
  $("rk-open-panel").onclick = () => { openPanel(); $("rk-panel").focus(); };
  $("rk-close-panel").onclick = closePanel;
  $("rk-panel").onkeydown = (e) => { if (e.key === "Escape") closePanel(); };
  $("rk-index").onchange = () => { presetBudget(); hero(); };
  $("rk-model").onchange = thinks;
  for (const id of ["rk-k", "rk-samples", "rk-where"]) $(id).oninput = () => { $("rk-settings-fault").hidden = true; };
  $("rk-budget").oninput = budgetText;
  $("rk-thread").addEventListener("click", (e) => {
    const cite = e.target.closest(".rk-cite");
    if (cite) goTo(cite.closest(".rk-turn"), cite.dataset.cite);
  });
  $("rk-scroll").addEventListener("scroll", () => {
    const box = $("rk-scroll");
    state.stick = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  });
  if (innerWidth > 900) area.focus();
  page();
  try { area.value = sessionStorage.getItem("ragkit-draft") || ""; grow(); } catch { /* private window */ }
  start();
}
async function start() {
  if (here() !== "chat") select(here());
  await refresh();
  await arrive();
}
