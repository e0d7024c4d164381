/* State, words, and what is asked of the server: a failure always becomes a sentence. */
const state = { conversation: "", busy: "", setup: null, stick: true, listed: "" };
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
const language = () => document.documentElement.lang;

class Trouble extends Error {
  constructor(text, detail, code) { super(text); this.detail = detail || ""; this.code = code || 0; }
}
/* One request. Throws Trouble, with a sentence to show: no server, no permission, or what the server says is wrong. */
async function request(method, path, body, signal) {
  let reply;
  try {
    reply = await fetch(path.startsWith("/") ? path : "/app/" + language() + "/" + path, {
      method, signal, headers: body ? { "content-type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined });
  } catch (e) {
    if (e.name === "AbortError") throw e;
    throw new Trouble(say("trouble.gone"));
  }
  if (reply.ok) return reply;
  let error = {};
  try { error = (await reply.json()).error || {}; } catch { /* no JSON */ }
  throw new Trouble(words["trouble." + error.type] || say("trouble"), error.message, reply.status);
}
const get = async (path) => (await request("GET", path)).json();
const put = async (method, path, body) => (await request(method, path, body)).json();
/* For what nobody waits for: a failure is told in passing. */
const tell = (work) => work.catch((e) => { if (e instanceof Trouble) { status(e.message); toast(e.message); } });

/* Carry out the operations of an answer as they come; a stream that breaks is taken up where it was. */
const listening = {};
async function listen(turn, method, path, body) {
  listening[turn]?.abort();
  const stop = (listening[turn] = new AbortController());
  let heard = 0, tries = 0, over = false;
  for (;;) {
    try {
      const reply = heard || tries ? await request("GET", "answers/" + turn + "?start=" + heard, null, stop.signal)
        : await request(method, path, body, stop.signal);
      const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ""; ;) {
        const { value, done } = await reader.read();
        if (done) break;
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        for (const line of lines) {
          const told = JSON.parse(line);
          heard += 1;
          over ||= ["done", "stopped", "failed"].includes(told.op);
          if (operations[told.op]) operations[told.op](told);
        }
      }
      if (over) break;
      throw new Trouble(say("trouble.gone"));
    } catch (e) {
      if (stop.signal.aborted) return;
      if (!heard || (tries += 1) > 3 || e.code) {
        operations.failed({ turn, text: e instanceof Trouble ? e.message : say("trouble.gone"), detail: e.detail });
        break;
      }
      await new Promise((done) => setTimeout(done, 500 * tries));
    }
  }
  if (listening[turn] === stop) delete listening[turn];
}
