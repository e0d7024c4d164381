/* What the server may tell: one operation each. */
const operations = {
  wait(told) {
    const w = turnOf(told.turn)?.querySelector(".rk-wait");
    if (w) { w.hidden = false; w.textContent = told.text; w.classList.add("rk-queued"); }
    status(told.text);
  },
  step(told) {
    const turn = turnOf(told.turn);
    if (!turn) return;
    turn.querySelector(".rk-steps").insertAdjacentHTML("beforeend", told.html);
    const added = turn.querySelector(".rk-steps").lastElementChild;
    added.querySelector("summary")?.addEventListener("click", () => { added.dataset.kept = "1"; });
    const wait = turn.querySelector(".rk-wait");
    wait.classList.remove("rk-queued");
    if (added.matches(".rk-thought")) wait.hidden = true;
    else { wait.hidden = false; wait.textContent = say("reading"); }
    scrollDown();
  },
  think(told) {
    const at = turnOf(told.turn)?.querySelector(`[data-step="${told.step}"]`);
    if (!at) return;
    const box = at.querySelector(".rk-thought-text");
    box.append(told.text);
    at.querySelector("summary").textContent = told.label;
    box.scrollTop = box.scrollHeight;
    scrollDown();
  },
  thought(told) {
    const at = turnOf(told.turn)?.querySelector(`[data-step="${told.step}"]`);
    if (!at) return;
    at.querySelector("summary").textContent = told.label;
    if (!at.dataset.kept) at.open = false;
  },
  answer(told) {
    const turn = turnOf(told.turn);
    if (turn) { setBlocks(turn, told.keep, told.blocks); scrollDown(); }
  },
  conversation(told) {
    const turn = turnOf(told.turn);
    if (!turn) return;
    turn.dataset.ordinal = told.ordinal;
    state.conversation = told.id;
    draft("");
    if (here() === "chat") go("#c=" + told.id);
    if (told.ordinal === 1) titled(turn.querySelector(".rk-question-text").textContent);
  },
  done(told) {
    const turn = turnOf(told.turn);
    if (!turn) return;
    const thoughts = turn.querySelectorAll(".rk-thought");
    if (told.thought && thoughts.length)
      thoughts[thoughts.length - 1].querySelector("summary").textContent = told.thought;
    closeThoughts(turn);
    finish(turn, told);
    ended(turn, say("ready"));
    further(turn);
  },
  stopped(told) { const turn = turnOf(told.turn); if (turn) { finish(turn, told); ended(turn, say("stopped")); } },
  failed(told) { fail(told, "rk-warn"); },
  open(told) {
    reset();
    state.conversation = told.id;
    titled(told.title);
    if (told.index && [...$("rk-index").options].some((o) => o.value === told.index)) $("rk-index").value = told.index;
    for (const one of told.turns) {
      const turn = addTurn(one.turn, one.question);
      turn.dataset.ordinal = one.ordinal;
      if (one.live) { setBusy(one.turn); listen(one.turn, "GET", "answers/" + one.turn); continue; }
      turn.querySelector(".rk-steps").innerHTML = one.steps;
      finish(turn, one);
    }
    state.stick = true;
    scrollDown();
    further($("rk-thread").lastElementChild);
    $("rk-chat").dataset.conversation = told.id;
  },
};
/* Below the last answer: two questions to go on with. */
function further(turn) {
  for (const old of document.querySelectorAll(".rk-further")) old.remove();
  if (!turn || turn.dataset.status !== "answered" || !state.conversation) return;
  const list = make("div", "rk-examples rk-further");
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", say("further"));
  turn.append(list);
  suggest("conversations/" + state.conversation + "/next", list);
}
function toast(text) {
  const t = make("div", "rk-toast", text);
  (document.querySelector(".gradio-container") || document.body).append(t);
  setTimeout(() => t.remove(), 6000);
}
function download(name, text, type) {
  const a = make("a");
  a.href = URL.createObjectURL(new Blob([text], { type }));
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 5000);
}
function voted(turn, value) {
  for (const [name, one] of [["good", 1], ["bad", -1]])
    turn.querySelector(".rk-tool-" + name)?.setAttribute("aria-pressed", String(value === one));
  status(say("voted"));
}
