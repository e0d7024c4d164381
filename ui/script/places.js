/* Addresses: a conversation is #c=ID, a tab its name; going back, forward, a reload and a bookmark lead there. */
const PLACES = ["library", "evaluate", "history"];
const asked = () => /^#c=([0-9a-f]{32})$/.exec(location.hash)?.[1] || "";
const here = () => PLACES.find((name) => location.hash === "#" + name) || "chat";
function go(hash, replace) {
  if (location.hash === hash) return;
  const address = location.pathname + location.search + hash;
  history[replace ? "replaceState" : "pushState"](null, "", address);
}
const chatHash = () => (state.conversation ? "#c=" + state.conversation : "");
/* Show what the address names. */
async function arrive() {
  const place = here();
  if (tab(place) && tab(place).getAttribute("aria-selected") !== "true") select(place);
  if (place !== "chat") return;
  const id = asked();
  if (id && id !== state.conversation) await openConversation(id);
  else if (!id && (state.conversation || $("rk-thread").children.length)) { reset(); hero(); }
}
async function openConversation(id) {
  try {
    const told = await get("conversations/" + id);
    if (asked() === id) operations.open(told); // else somebody has gone elsewhere meanwhile
  } catch (e) {
    if (!(e instanceof Trouble)) throw e;
    if (e.code === 404) { go("", true); toast(say("gone")); return; }
    toast(e.message);
  }
}
/* What a tab shows when somebody comes to it. */
function entered(name) {
  if (name === "chat") tell(refresh());
  if (name === "history") setTimeout(() => $("rk-search") && list(), 0);
}
