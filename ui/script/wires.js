/* State, words, and the wires: components that carry operations from the server and events to it. */
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
