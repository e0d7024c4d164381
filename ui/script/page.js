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
  addEventListener("popstate", arrive);
  document.addEventListener("click", (e) => {
    const name = /^rk-tab-(\w+)-button$/.exec(e.target.closest?.("[role=tab]")?.id)?.[1];
    if (!name) return;
    go(name === "chat" ? chatHash() : "#" + name);
    entered(name);
  });
  const skip = document.querySelector(".rk-skip");
  skip.onclick = (e) => { e.preventDefault(); select("chat"); $("rk-question").focus(); };
}
