/* The history: conversations listed, opened, renamed, deleted. */
let searching = 0;
function historyPage(element) {
  const search = element.querySelector("#rk-search");
  state.listed = ""; // a page that is drawn anew is empty
  search.oninput = () => { clearTimeout(searching); searching = setTimeout(list, 200); };
  list();
}
const list = () => tell((async () =>
  listConversations(await get("conversations?search=" + encodeURIComponent($("rk-search").value))))());
const changed = (method, id, body) => tell((async () => {
  state.listed = "";
  await put(method, "/api/conversations/" + id, body);
  await list();
})());
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
  open.onclick = () => { go("#c=" + item.id); arrive(); };
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
      changed("PATCH", item.id, { title: input.value });
      if (state.conversation === item.id && input.value.trim()) titled(input.value);
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
      changed("DELETE", item.id);
      if (state.conversation === item.id) { reset(); hero(); }
    };
    tools.replaceChildren(sure, yes, no);
    no.focus();
  };
  row.append(open, tools);
  return row;
}
