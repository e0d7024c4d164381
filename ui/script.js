/* The page's own script: it carries out the server's operations and turns clicks into events.
   Text goes into the page as text; HTML comes from the server alone, which has written it through an allow-list. */
(() => {
  "use strict";
  const wires = {};
  const state = { conversation: "", busy: "", setup: null, question: "", stick: true, listed: "" };
  let words = {};
  const $ = (id) => document.getElementById(id);
  const make = (tag, cls, text) => {
    const node = document.createElement(tag);
    if (cls) node.className = cls;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const say = (key, fields) =>
    (words[key] || key).replace(/\{(\w+)\}/g, (_, name) => (fields && name in fields ? fields[name] : ""));
  const status = (text) => { const s = $("rk-status"); if (s) s.textContent = text; };
  const send = (wire, event, data) => wires[wire].trigger(event, data || {});

  /* Components that carry operations: the value's first line names a message, the others are operations. */
  function wire(name, props, trigger, watch) {
    const seen = { run: "", at: 0 };
    wires[name] = { trigger };
    const read = () => {
      const value = props.value || "";
      const head = value.indexOf("\n");
      if (head < 0) return;
      const run = value.slice(0, head);
      if (run !== seen.run) { seen.run = run; seen.at = head + 1; }
      let end;
      while ((end = value.indexOf("\n", seen.at)) >= 0) {
        const line = value.slice(seen.at, end);
        seen.at = end + 1;
        const told = JSON.parse(line);
        if (operations[told.op]) operations[told.op](told);
      }
    };
    watch("value", read);
    read();
  }
  /* A conversation named in the address is shown once the controls are filled. */
  function reopen() {
    if (reopen.done) return;
    reopen.done = true;
    const kept = /^#c=([0-9a-f]{32})$/.exec(location.hash);
    if (kept) send("post", "open", { id: kept[1] });
  }

  /* Turns */
  const turnOf = (id) => document.getElementById("rk-turn-" + id);
  function addTurn(id, question) {
    $("rk-hero").hidden = true;
    $("rk-chat").classList.remove("rk-fresh");
    const turn = make("article", "rk-turn");
    turn.id = "rk-turn-" + id;
    turn.dataset.turn = id;
    const asked = make("div", "rk-question");
    asked.append(make("h2", "rk-question-text", question));
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
      answer.append(div);
    }
    turn.querySelector(".rk-wait").hidden = true;
  }
  function finish(turn, told) {
    turn.dataset.ordinal = told.ordinal || 0;
    turn.dataset.status = told.status;
    turn.dataset.trace = told.trace || "";
    turn.rkCopy = told.copy;
    turn.rkPanel = told.panel;
    setBlocks(turn, 0, told.answer);
    turn.querySelector(".rk-answer").removeAttribute("aria-busy");
    turn.querySelector(".rk-after").innerHTML = told.notes;
    foot(turn, told.meta, told.sources, told.vote || 0);
    showPanel(turn);
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
        b.onclick = () => send("post", "vote", {
          trace: turn.dataset.trace, value: b.getAttribute("aria-pressed") === "true" ? 0 : value });
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

  /* Asking */
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
  function ask(question, keep) {
    question = question.trim();
    if (!question || state.busy) return;
    const id = Math.random().toString(36).slice(2, 12);
    addTurn(id, question);
    state.stick = true;
    setBusy(id);
    scrollDown();
    send("feed", "ask", { turn: id, question, conversation: state.conversation, keep, settings: settings() });
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
    if (state.conversation) send("post", "undo", { id: state.conversation, keep });
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
    turn.querySelector(".rk-after").append(make("p", "rk-note " + kind, told.text));
    foot(turn, "", 0, 0);
    ended(turn, told.text);
  }
  const closeThoughts = (turn) => {
    for (const d of turn.querySelectorAll(".rk-thought")) if (!d.dataset.kept) d.open = false;
  };

  /* What the server may tell */
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

  /* The panel of sources */
  function showPanel(turn) {
    if (turn.rkPanel === undefined) return;
    $("rk-sources").innerHTML = turn.rkPanel;
    $("rk-chat").dataset.shown = turn.dataset.turn;
  }
  function clearPanel() {
    $("rk-sources").replaceChildren(make("p", "rk-muted rk-panel-empty", say("empty")));
    delete $("rk-chat").dataset.shown;
    closePanel();
  }
  let cameFrom = null;
  function openPanel() {
    cameFrom = document.activeElement;
    $("rk-chat").classList.add("rk-panel-open");
  }
  function closePanel() {
    $("rk-chat").classList.remove("rk-panel-open");
    if (cameFrom?.isConnected) cameFrom.focus();
    cameFrom = null;
  }
  function goTo(turn, n) {
    if ($("rk-chat").dataset.shown !== turn.dataset.turn) showPanel(turn);
    openPanel();
    const mark = $("rk-sources").querySelector(`mark[data-n="${Number(n)}"]`);
    if (!mark) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    mark.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    mark.focus({ preventScroll: true });
    for (const old of document.querySelectorAll(".rk-flash")) old.classList.remove("rk-flash");
    void mark.offsetWidth;
    mark.classList.add("rk-flash");
  }

  /* Controls */
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
      const o = make("option", "", m === "extractive" ? say("extractive") : m.split("/").pop());
      o.value = m;
      return o;
    }));
    if (models.includes(was)) model.value = was;
    $("rk-model-field").hidden = models.length < 2;
    if (select.value !== before || !before) presetBudget();
    thinks();
  }
  function thinks() { $("rk-chat").classList.toggle("rk-no-model", $("rk-model").value === "extractive"); }
  function hero() {
    const at = $("rk-hero"), told = state.setup, one = chosen();
    at.replaceChildren();
    at.hidden = $("rk-thread").children.length > 0;
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
      one.titles.forEach((title, n) => {
        const b = make("button", "rk-example", say("example." + (n % 3), { title }));
        b.type = "button";
        b.onclick = () => { $("rk-question").value = b.textContent; grow(); $("rk-composer").requestSubmit(); };
        list.append(b);
      });
      at.append(list);
    }
    if (told.models.length === 1 && told.models[0] === "extractive") {
      const note = make("p", "rk-note rk-calm", say("extractive.note") + " ");
      note.append(make("code", "", "ragkit ui --model NAME"));
      at.append(note);
    }
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
    $("rk-title").textContent = say("new");
    history.replaceState(null, "", location.pathname + location.search);
    $("rk-hero").hidden = false;
    $("rk-chat").classList.add("rk-fresh");
  }
  const tab = (name) => document.getElementById("rk-tab-" + name + "-button");
  const select = (name) => tab(name)?.click();

  function chat(element) {
    words = JSON.parse(element.querySelector("[data-words]").dataset.words);
    const area = $("rk-question");
    area.oninput = grow;
    area.onkeydown = (e) => {
      if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); $("rk-composer").requestSubmit(); }
    };
    $("rk-composer").onsubmit = (e) => {
      e.preventDefault();
      if (state.busy || !area.value.trim()) return;
      if (!chosen()?.documents) { hero(); $("rk-hero").hidden = false; status(say("start")); return; }
      const question = area.value;
      area.value = "";
      grow();
      ask(question);
    };
    $("rk-stop").onclick = () => { send("post", "stop"); $("rk-question").focus(); };
    $("rk-new").onclick = () => { if (state.busy) send("post", "stop"); setBusy(""); reset(); hero(); area.focus(); };
    $("rk-export").onclick = () =>
      state.conversation ? send("post", "export", { id: state.conversation }) : toast(say("nothing"));
    $("rk-open-panel").onclick = () => { openPanel(); $("rk-panel").focus(); };
    $("rk-close-panel").onclick = closePanel;
    $("rk-panel").onkeydown = (e) => { if (e.key === "Escape") closePanel(); };
    $("rk-index").onchange = () => { presetBudget(); hero(); };
    $("rk-model").onchange = thinks;
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
  }

  /* History */
  let searching = 0;
  function historyPage(element) {
    const search = element.querySelector("#rk-search");
    state.listed = ""; // a page that is drawn anew is empty
    const list = () => send("post", "list", { search: search.value });
    search.oninput = () => { clearTimeout(searching); searching = setTimeout(list, 200); };
    if (wires.post) list();
  }
  function listConversations(told) {
    const at = $("rk-list");
    const items = JSON.stringify(told.items);
    if (!at || $("rk-search").value !== told.search || state.listed === items) return;
    state.listed = items; // the same list again would take away what somebody is about to confirm or to write
    at.replaceChildren(...told.items.map(conversationRow));
    $("rk-list-empty").hidden = told.items.length > 0;
    $("rk-list-empty").textContent = told.search ? say("nothing.found") : say("nothing.yet");
  }
  function conversationRow(item) {
    const row = make("li", "rk-row");
    const open = make("button", "rk-open");
    open.type = "button";
    const when = new Date(item.when).toLocaleString(document.documentElement.lang,
      { dateStyle: "medium", timeStyle: "short" });
    open.append(make("span", "rk-row-title", item.title));
    open.append(make("span", "rk-row-text", [when, item.turns, item.index].filter(Boolean).join(" · ")));
    open.onclick = () => send("post", "open", { id: item.id });
    const rename = make("button", "rk-plain", say("rename"));
    const remove = make("button", "rk-plain rk-danger", say("delete"));
    rename.type = remove.type = "button";
    rename.setAttribute("aria-label", say("rename") + ": " + item.title);
    remove.setAttribute("aria-label", say("delete") + ": " + item.title);
    const tools = make("span", "rk-row-tools");
    tools.append(rename, remove);
    rename.onclick = () => {
      const form = make("form", "rk-rename"), input = make("input"), ok = make("button", "rk-primary", say("save"));
      const leave = make("button", "rk-plain", say("cancel"));
      leave.type = "button";
      input.value = item.title;
      input.maxLength = 120;
      input.setAttribute("aria-label", say("rename"));
      const back = () => { row.replaceWith(conversationRow(item)); };
      leave.onclick = back;
      input.onkeydown = (e) => { if (e.key === "Escape") back(); };
      form.onsubmit = (e) => {
        e.preventDefault();
        state.listed = "";
        send("post", "rename", { id: item.id, title: input.value, search: $("rk-search").value });
        if (state.conversation === item.id && input.value.trim()) $("rk-title").textContent = input.value;
      };
      form.append(input, ok, leave);
      row.replaceChildren(form);
      input.select();
    };
    remove.onclick = () => {
      const sure = make("span", "rk-sure", say("sure"));
      const yes = make("button", "rk-plain rk-danger", say("delete"));
      const no = make("button", "rk-plain", say("cancel"));
      yes.type = no.type = "button";
      no.onclick = () => { row.replaceWith(conversationRow(item)); };
      yes.onclick = () => {
        state.listed = "";
        send("post", "delete", { id: item.id, search: $("rk-search").value });
        if (state.conversation === item.id) { reset(); hero(); }
      };
      tools.replaceChildren(sure, yes, no);
      no.focus();
    };
    row.append(open, tools);
    return row;
  }

  /* The page around: theme, language, tabs */
  const media = matchMedia("(prefers-color-scheme: dark)");
  const kept = () => { try { return localStorage.getItem("ragkit-theme"); } catch { return null; } };
  const dark = () => (kept() ? kept() === "dark" : media.matches);
  function paint() {
    if (!document.body) return;
    if (document.body.classList.contains("dark") !== dark())
      document.body.classList.toggle("dark", dark());
    document.documentElement.style.colorScheme = dark() ? "dark" : "light";
  }
  function page() {
    if (page.done) return;
    page.done = true;
    paint();
    media.addEventListener("change", paint);
    new MutationObserver(paint).observe(document.body, { attributes: true, attributeFilter: ["class"] });
    $("rk-theme").onclick = () => {
      try { localStorage.setItem("ragkit-theme", dark() ? "light" : "dark"); } catch { /* private window */ }
      paint();
    };
    $("rk-language").onchange = (e) => {
      document.cookie = "ragkit_language=" + e.target.value + ";path=/;max-age=31536000;samesite=lax";
      location.href = (e.target.value === "en" ? "/" : "/" + e.target.value + "/") + location.hash;
    };
    document.addEventListener("click", (e) => {
      const at = e.target.closest?.("[role=tab]");
      if (!at || !wires.post) return;
      if (at.id === "rk-tab-chat-button") send("post", "hello");
      if (at.id === "rk-tab-history-button") setTimeout(() => {
        if ($("rk-search")) send("post", "list", { search: $("rk-search").value });
      }, 0);
    });
    const skip = document.querySelector(".rk-skip");
    skip.onclick = (e) => { e.preventDefault(); select("chat"); $("rk-question").focus(); };
  }
  window.ragkit = { wire, chat, history: historyPage };
})();
