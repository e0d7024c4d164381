/* Turns: a question, its steps, its answer, and the tools below. */
const turnOf = (id) => document.getElementById("rk-turn-" + id);
function addTurn(id, question) {
  $("rk-hero").hidden = true;
  $("rk-chat").classList.remove("rk-fresh");
  const turn = make("article", "rk-turn");
  turn.id = "rk-turn-" + id;
  turn.dataset.turn = id;
  const asked = make("div", "rk-question");
  const heading = make("h2", "rk-question-text", question);
  heading.dir = "auto";
  asked.append(heading);
  const edit = tool("edit", say("edit"));
  edit.onclick = () => editTurn(turn);
  asked.append(edit);
  const answer = make("div", "rk-answer");
  answer.setAttribute("aria-busy", "true");
  turn.append(asked, make("div", "rk-steps"), make("p", "rk-wait", say("searching")), answer, make("div", "rk-after"));
  turn.append(make("div", "rk-foot"));
  $("rk-thread").append(turn);
  return turn;
}
const ICONS = {
  edit: '<path d="M4 20h4L19 9l-4-4L4 16z"/>',
  copy: '<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M5 15V6a2 2 0 0 1 2-2h8"/>',
  good: '<path d="M7 11v9H4v-9zM7 11l4-7a2 2 0 0 1 2 2v4h6l-2 10H7"/>',
  bad: '<path d="M7 13V4H4v9zM7 13l4 7a2 2 0 0 0 2-2v-4h6L17 4H7"/>',
  retry: '<path d="M4 12a8 8 0 1 1 3 6M4 19v-5h5"/>',
  undo: '<path d="M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6"/>',
  sources: '<rect x="3" y="4" width="18" height="16" rx="3"/><path d="M14 4v16"/>',
};
function tool(name, label, shown) {
  const b = make("button", "rk-tool rk-tool-" + name);
  b.type = "button";
  b.title = label;
  b.innerHTML = `<svg class="rk-icon" viewBox="0 0 24 24" aria-hidden="true">${ICONS[name]}</svg>`;
  b.append(make("span", shown ? "rk-label" : "rk-hidden", label));
  return b;
}
const stored = (turn) => Number(turn.dataset.ordinal || 0);
function storedBefore(turn) {
  let count = 0;
  for (let t = turn.previousElementSibling; t; t = t.previousElementSibling) if (stored(t)) count += 1;
  return count;
}
function setBlocks(turn, keep, blocks) {
  const answer = turn.querySelector(".rk-answer");
  while (answer.children.length > keep) answer.lastChild.remove();
  for (const block of blocks) {
    const div = make("div", "rk-block");
    div.innerHTML = block;
    for (const pre of div.querySelectorAll("pre")) copyable(pre);
    answer.append(div);
  }
  turn.querySelector(".rk-wait").hidden = true;
}
function copyable(pre) {
  const frame = make("div", "rk-code"), copy = tool("copy", say("copy.code"));
  copy.onclick = async () => {
    await navigator.clipboard.writeText(pre.textContent);
    status(say("copied"));
    flash(copy);
  };
  pre.tabIndex = 0;
  pre.replaceWith(frame);
  frame.append(pre, copy);
}
function finish(turn, told) {
  turn.dataset.ordinal = told.ordinal || turn.dataset.ordinal || 0;
  turn.dataset.status = told.status;
  turn.dataset.trace = told.trace || "";
  turn.rkCopy = told.copy;
  turn.rkPanel = told.panel;
  setBlocks(turn, 0, told.answer);
  turn.querySelector(".rk-answer").removeAttribute("aria-busy");
  turn.querySelector(".rk-after").innerHTML = told.notes;
  foot(turn, told.meta, told.sources, told.vote || 0);
  renumber(turn, told.numbers || {});
  showPanel(turn);
}
/* In a thought, a passage has the number that it has in the answer, and leads to its words like one. */
function renumber(turn, numbers) {
  for (const box of turn.querySelectorAll(".rk-thought-text")) {
    const parts = box.textContent.split(/\[(\d{1,4})\]/);
    box.replaceChildren(...parts.map((part, n) => {
      if (n % 2 === 0) return document.createTextNode(part);
      if (!(part in numbers)) return document.createTextNode("[" + part + "]");
      const cite = make("button", "rk-cite", String(numbers[part]));
      cite.type = "button";
      cite.dataset.cite = numbers[part];
      cite.setAttribute("aria-label", say("source", { n: numbers[part] }));
      return cite;
    }));
  }
}
function foot(turn, meta, sources, vote) {
  const at = turn.querySelector(".rk-foot");
  at.replaceChildren();
  const tools = make("div", "rk-foot-tools");
  if (sources) {
    const open = tool("sources", say("sources", { n: sources }), true);
    open.onclick = () => { showPanel(turn); openPanel(); };
    tools.append(open);
  }
  if (turn.rkCopy !== undefined) {
    const copy = tool("copy", say("copy"));
    copy.onclick = async () => { await navigator.clipboard.writeText(turn.rkCopy); status(say("copied")); flash(copy); };
    tools.append(copy);
  }
  if (turn.dataset.trace)
    for (const [name, value] of [["good", 1], ["bad", -1]]) {
      const b = tool(name, say(name));
      b.setAttribute("aria-pressed", String(vote === value));
      b.onclick = () => tell((async () => {
        const said = b.getAttribute("aria-pressed") === "true" ? 0 : value;
        await put("POST", "/api/traces/" + turn.dataset.trace + "/vote", { value: said });
        voted(turn, said);
      })());
      tools.append(b);
    }
  const retry = tool("retry", say("retry"));
  retry.onclick = () => again(turn, turn.querySelector(".rk-question-text").textContent);
  const undo = tool("undo", say("undo"));
  undo.onclick = () => takeBack(turn);
  tools.append(retry, undo);
  at.append(tools);
  if (meta) { const line = make("div", "rk-meta"); line.innerHTML = meta; at.append(line); }
}
function flash(node) { node.classList.add("rk-done"); setTimeout(() => node.classList.remove("rk-done"), 1200); }
