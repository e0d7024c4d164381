"""The chat format: the contract between the reader's training and everything that talks to it.

    <|im_start|>system
    Tools: search<|im_end|>
    <|im_start|>user
    [1] Ann works at Veltro.
    [2] Veltro is based in Orm.

    Question: Where is the employer of Ann based?<|im_end|>
    <|im_start|>assistant
    <think> The employer of Ann is Veltro [1]. The seat of Veltro is Orm [2].</think> The answer is Orm [2].<|im_end|>

The model writes `<think>` itself. A thought is ended by force with the single token `</think>`. A search is written as
Qwen3 writes it, and its results come back in a user turn between `<tool_response>` and `</tool_response>`.
"""

from __future__ import annotations

import json

from .transcripts import Conversation, Turn

PAD, START, END = "<|pad|>", "<|im_start|>", "<|im_end|>"
THINK, END_THINK = "<think>", "</think>"
CALL, END_CALL = "<tool_call>", "</tool_call>"
RESPONSE, END_RESPONSE = "<tool_response>", "</tool_response>"
SPECIAL_TOKENS = (PAD, START, END, THINK, END_THINK, CALL, END_CALL, RESPONSE, END_RESPONSE)
CITATIONS = tuple(f"[{n}]" for n in range(1, 41))
GENERATION_PROMPT = f"{START}assistant\n"

CHAT_TEMPLATE = """\
{#- Of all tools the reader has learnt to use `search` alone. #}
{%- for tool in tools or [] %}
{%- if (tool.function if tool.function is defined else tool).name == 'search' %}
{{- '<|im_start|>system\\nTools: search<|im_end|>\\n' }}
{%- endif %}
{%- endfor %}
{#- The text of system messages is meant for models that can follow instructions; this one cannot. #}
{%- set turn = namespace(last_question=-1) %}
{%- for message in messages %}
{%- if message.role == 'user' %}{% set turn.last_question = loop.index0 %}{% endif %}
{%- endfor %}
{%- for message in messages %}
{%- set text = namespace(value='') %}
{%- if message.content is string %}
{%- set text.value = message.content %}
{%- elif message.content %}
{%- for part in message.content %}
{%- if part.text is defined %}{% set text.value = text.value + part.text %}{% endif %}
{%- endfor %}
{%- endif %}
{%- set content = text.value %}
{%- if message.role == 'user' %}
{{- '<|im_start|>user\\n' + content | trim + '<|im_end|>\\n' }}
{%- elif message.role == 'assistant' %}
{{- '<|im_start|>assistant\\n' }}
{%- set reasoning = message.reasoning_content or message.reasoning or '' %}
{%- if not reasoning and '</think>' in content %}
{%- set reasoning = content.split('</think>')[0].split('<think>')[-1] %}
{%- set content = content.split('</think>')[-1] %}
{%- endif %}
{%- if loop.index0 > turn.last_question %}
{{- '<think>' }}{{ ' ' + reasoning | trim if reasoning | trim }}{{ '</think>' }}
{%- endif %}
{{- ' ' + content | trim if content | trim }}
{%- for call in message.tool_calls or [] %}
{%- set call = call.function if call.function is defined else call %}
{{- '\\n' if not loop.first }}
{{- '<tool_call>\\n{"name": "' + call.name + '", "arguments": ' }}
{{- call.arguments if call.arguments is string else call.arguments | tojson }}
{{- '}\\n</tool_call>' }}
{%- endfor %}
{{- '<|im_end|>\\n' }}
{%- elif message.role == 'tool' %}
{%- if loop.first or loop.previtem.role != 'tool' %}{{- '<|im_start|>user' }}{% endif %}
{{- '\\n<tool_response>\\n' + content | trim + '\\n</tool_response>' }}
{%- if loop.last or loop.nextitem.role != 'tool' %}{{- '<|im_end|>\\n' }}{% endif %}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' }}
{%- if enable_thinking is defined and not enable_thinking %}{{- '<think></think>' }}{% endif %}
{%- endif %}"""


def tools_text(searching: bool) -> str:
    """Return the system turn that declares the tool `search`, or nothing."""
    return f"{START}system\nTools: search{END}\n" if searching else ""


def context_text(conversation: Conversation) -> str:
    """Return everything before the question: shared by all questions about the same passages."""
    given = f"{conversation.passages}\n\n" if conversation.passages else ""
    return f"{tools_text(conversation.searching)}{START}user\n{given}"


def question_text(asking: str, conversation: Conversation) -> str:
    """Return the question after the word for it, `asking`, up to where the model begins to write."""
    return f"{asking}{conversation.question}{END}\n{GENERATION_PROMPT}"


def call_text(query: str) -> str:
    """Return a search as the model writes it."""
    call = json.dumps({"name": "search", "arguments": {"query": query}}, ensure_ascii=False)
    return f"{CALL}\n{call}\n{END_CALL}"


def written_text(turn: Turn) -> str:
    """Return what follows the thought in an assistant turn, up to its end."""
    return call_text(turn.query) + END if turn.query is not None else f" {turn.answer}{END}"


def results_text(turn: Turn) -> str:
    """Return what stands between a search and the next assistant turn."""
    return f"\n{START}user\n{RESPONSE}\n{turn.results}\n{END_RESPONSE}{END}\n{GENERATION_PROMPT}"
