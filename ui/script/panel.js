/* The panel of sources. */
function showPanel(turn) {
  if (turn.rkPanel === undefined) return;
  $("rk-sources").innerHTML = turn.rkPanel;
  $("rk-chat").dataset.shown = turn.dataset.turn;
  for (const card of $("rk-sources").querySelectorAll("[data-paged]")) sheets(turn, card).catch(() => {});
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
