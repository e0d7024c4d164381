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
    state.conversation = told.id;
    history.replaceState(null, "", "#c=" + told.id);
  },
  done(told) {
    const turn = turnOf(told.turn);
    if (!turn) return;
    const thoughts = turn.querySelectorAll(".rk-thought");
    if (told.thought && thoughts.length)
      thoughts[thoughts.length - 1].querySelector("summary").textContent = told.thought;
    closeThoughts(turn);
    finish(turn, told);
    if (!stored(turn.parentElement.firstElementChild) || turn === turn.parentElement.firstElementChild)
      $("rk-title").textContent = turn.querySelector(".rk-question-text").textContent;
    ended(turn, say("ready"));
  },
  stopped(told) { fail(told, "rk-calm"); },
  failed(told) { fail(told, "rk-warn"); },
  setup(told) {
    if (!$("rk-chat") || !words.ask) { setTimeout(() => operations.setup(told), 50); return; }
    state.setup = told;
    fillControls();
    hero();
    reopen();
  },
  say(told) { status(told.text); toast(told.text); },
  voted(told) {
    for (const turn of document.querySelectorAll(".rk-turn"))
      if (turn.dataset.trace === told.trace)
        for (const [name, value] of [["good", 1], ["bad", -1]])
          turn.querySelector(".rk-tool-" + name)?.setAttribute("aria-pressed", String(told.value === value));
    status(told.text);
  },
  gone(told) { history.replaceState(null, "", location.pathname); toast(told.text); },
  open(told) {
    reset();
    state.conversation = told.id;
    history.replaceState(null, "", "#c=" + told.id);
    $("rk-title").textContent = told.title;
    if (told.index && [...$("rk-index").options].some((o) => o.value === told.index)) $("rk-index").value = told.index;
    for (const one of told.turns) {
      const turn = addTurn(one.turn, one.question);
      turn.querySelector(".rk-steps").innerHTML = one.steps;
      finish(turn, one);
    }
    select("chat");
    state.stick = true;
    scrollDown();
  },
  file(told) {
    const a = make("a");
    a.href = URL.createObjectURL(new Blob([told.text], { type: "text/markdown" }));
    a.download = told.name;
    a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), 5000);
  },
  list(told) { listConversations(told); },
};
function toast(text) {
  const t = make("div", "rk-toast", text);
  (document.querySelector(".gradio-container") || document.body).append(t);
  setTimeout(() => t.remove(), 6000);
}
