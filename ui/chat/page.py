"""The Chat page as HTML, before anything is said: thread, composer with its controls, panel of sources."""

from __future__ import annotations

import json

from ragkit.asking import Limits
from ragkit.catalogue import STRATEGIES

from ..safe_html import escape
from ..words import LANGUAGES, Words

__all__ = ["BUDGETS", "chat_html", "header_html"]

BUDGETS = (0, 64, 128, 256, 512, 1024, 2048, 4096, 8192)  # steps of the slider, before "as long as it takes"
ICONS = {
    "send": '<path d="M12 19V5M5 12l7-7 7 7"/>',
    "stop": '<rect x="7" y="7" width="10" height="10" rx="2" fill="currentColor"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "down": '<path d="M12 4v11M7 11l5 5 5-5M5 20h14"/>',
    "panel": '<rect x="3" y="4" width="18" height="16" rx="3"/><path d="M14 4v16"/>',
    "tune": '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>',
    "close": '<path d="M6 6l12 12M18 6L6 18"/>',
    "theme": '<circle cx="12" cy="12" r="8"/><path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor"/>',
}


def icon(name: str) -> str:
    """A drawn sign that screen readers pass over."""
    return f'<svg class="rk-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{ICONS[name]}</svg>'


def header_html(t: Words, *, leaving: bool = False) -> str:
    """The line above the tabs: the name, the language, light or dark; leaving: and the way out."""
    options = "".join(
        f'<option value="{code}" lang="{code}"{" selected" if code == t.language else ""}>{name}</option>'
        for code, name in LANGUAGES.items()
    )
    leave = (
        f'<form method="post" action="/logout"><button class="rk-tool" id="rk-leave">{escape(t("app.leave"))}'
        "</button></form>"
    )
    return (
        f'<header class="rk-header"><a class="rk-skip" href="#rk-question">{escape(t("app.skip"))}</a>'
        f'<span class="rk-brand"><span class="rk-mark" aria-hidden="true"></span>{escape(t("app.name"))}</span>'
        f'<span class="rk-tools"><select id="rk-language" aria-label="{escape(t("app.language"))}">{options}</select>'
        f"{_button('rk-theme', 'theme', t('app.theme'), icon_only=True)}{leave if leaving else ''}</span></header>"
    )


def chat_html(t: Words, limits: Limits) -> str:
    """The page. Texts that the script needs are in `data-words`."""
    words = escape(json.dumps(t.part("js."), ensure_ascii=False))
    return f"""<div class="rk-chat rk-fresh" id="rk-chat" data-words="{words}">
<section class="rk-main" aria-label="{escape(t("tab.chat"))}">
  <div class="rk-toolbar">
    <h1 class="rk-title" id="rk-title">{escape(t("chat.new"))}</h1>
    {_button("rk-new", "plus", t("chat.new"))}
    {_button("rk-export", "down", t("chat.export"))}
    {_button("rk-open-panel", "panel", t("panel.title"))}
  </div>
  <div class="rk-scroll" id="rk-scroll" tabindex="0" role="region" aria-label="{escape(t("chat.thread"))}">
    <div class="rk-hero" id="rk-hero"></div>
    <div class="rk-thread" id="rk-thread"></div>
  </div>
  <form class="rk-composer" id="rk-composer" autocomplete="off" novalidate>
    <div class="rk-ask">
      <label class="rk-hidden" for="rk-question">{escape(t("chat.question"))}</label>
      <textarea id="rk-question" rows="1" dir="auto" maxlength="20000" placeholder="{
        escape(t("chat.placeholder"))
    }"></textarea>
      <button class="rk-send" id="rk-send" type="submit" aria-label="{escape(t("chat.send"))}">{icon("send")}</button>
      <button class="rk-send rk-stop" id="rk-stop" type="button" hidden>{icon("stop")}<span class="rk-hidden">{
        escape(t("chat.stop"))
    }</span></button>
    </div>
    <p class="rk-note rk-warn" id="rk-settings-fault" role="alert" hidden></p>
    {_controls(t, limits)}
  </form>
</section>
<aside class="rk-panel" id="rk-panel" aria-label="{escape(t("panel.title"))}" tabindex="-1">
  {_button("rk-close-panel", "close", t("panel.close"), icon_only=True)}
  <div id="rk-sources"><p class="rk-muted rk-panel-empty">{escape(t("panel.empty"))}</p></div>
</aside>
<div class="rk-hidden" id="rk-status" role="status"></div>
</div>"""


def _controls(t: Words, limits: Limits) -> str:
    strategies = "".join(
        f'<option value="{escape(name)}">{escape(t.get(f"strategy.{name}", name))}</option>' for name in STRATEGIES
    )
    own = escape(t("set.own"))
    return f"""<div class="rk-controls">
  <label class="rk-field">{escape(t("set.index"))}<select id="rk-index"></select></label>
  <label class="rk-field rk-thinks">{escape(t("set.strategy"))}<select id="rk-strategy">{strategies}</select></label>
  <div class="rk-field rk-budget rk-thinks"><label for="rk-budget">{escape(t("set.budget"))}</label>
    <input id="rk-budget" type="range" min="0" max="{len(BUDGETS)}" step="1" value="{len(BUDGETS)}"
      data-steps="{escape(json.dumps(BUDGETS))}"><output id="rk-budget-text" for="rk-budget"></output></div>
  <details class="rk-more" id="rk-more"><summary>{icon("tune")}{escape(t("set.more"))}</summary>
    <div class="rk-more-inside">
      <label class="rk-field" id="rk-model-field">{escape(t("set.model"))}<select id="rk-model"></select></label>
      <label class="rk-field rk-thinks">{escape(t("set.samples"))}
        <input id="rk-samples" type="number" min="1" max="{limits.max_samples}" placeholder="{own}"></label>
      <label class="rk-field">{escape(t("set.k"))}
        <input id="rk-k" type="number" min="1" max="{limits.max_k}" placeholder="{own}"></label>
      <label class="rk-field rk-wide">{escape(t("set.where"))}
        <input id="rk-where" type="text" maxlength="500" placeholder="team=finance; year=2024"></label>
    </div></details>
</div>"""


def _button(id_: str, sign: str, label: str, *, icon_only: bool = False) -> str:
    shown = f'<span class="{"rk-hidden" if icon_only else "rk-label"}">{escape(label)}</span>'
    return f'<button class="rk-tool" id="{id_}" type="button" title="{escape(label)}">{icon(sign)}{shown}</button>'
