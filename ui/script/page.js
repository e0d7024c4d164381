/* The page around: theme, language, tabs. */
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
  new PerformanceObserver((seen) => { // the session has ended: what was asked went unheard
    if (page.left || !seen.getEntries().some((e) => e.responseStatus === 401)) return;
    page.left = true;
    location.assign("/login?next=" + encodeURIComponent(location.pathname + location.hash));
  }).observe({ type: "resource" });
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
