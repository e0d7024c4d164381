"""What is told of a metric besides its number: the group and words it is shown under, its unit, which way is better.

One row here names a metric for tables, reports and the app. Where it is computed from: `scoring` (from a sample),
`citations`, `groundedness` and `necessity` (from their checks). Other packages add theirs by an entry point in the
group "ragkit.metrics" that is a `Metric` with `of`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from ragkit.catalogue import METRICS
from ragkit.errors import ConfigError, EvalError

__all__ = ["OWN", "Metric", "added_scores", "groups", "is_amount", "label_of"]

Unit = Literal["share", "amount"]
Better = Literal["higher", "lower", ""]


@dataclass(frozen=True, slots=True)
class Metric:
    """unit: a share lies between 0 and 1, an amount is 0 or more. better: "" where neither way is.

    of: the figure of one sample, a row of samples.jsonl as a mapping ("answer", "answers", "language", "relevant", …);
    None where the sample has none. It is averaged over a question's samples, then over questions.
    """

    name: str
    label: str
    group: str
    unit: Unit = "share"
    better: Better = "higher"
    of: Callable[[Mapping[str, Any]], float | None] | None = None


def _group(title: str, *rows: tuple[str, str, Unit, Better]) -> tuple[Metric, ...]:
    return tuple(Metric(name, label, title, unit, better) for name, label, unit, better in rows)


def _found(name: str) -> tuple[str, str, Unit, Better]:
    return name, name, "share", "higher"


OWN: tuple[Metric, ...] = (
    *_group(
        "Answers",
        ("accuracy", "accuracy", "share", "higher"),
        ("em", "exact match", "share", "higher"),
        ("f1", "token F1", "share", "higher"),
        ("contains", "contains gold", "share", "higher"),
        ("contains_forms", "contains gold in any case", "share", "higher"),
        ("squad_em", "exact match of SQuAD", "share", "higher"),
        ("squad_f1", "token F1 of SQuAD", "share", "higher"),
        ("words", "words said", "amount", ""),
    ),
    *_group(
        "Truth to the sources",
        ("groundedness", "grounded, of all claims", "share", "higher"),
        ("groundedness_by_answer", "grounded, mean of answers", "share", "higher"),
        ("citation_recall", "citation recall", "share", "higher"),
        ("citation_precision", "citation precision", "share", "higher"),
        ("necessity", "citations needed, of all", "share", "higher"),
        ("necessity_by_answer", "citations needed, mean of answers", "share", "higher"),
        ("distractor_changes", "changed by a distractor", "share", "lower"),
        ("citations", "citations an answer", "amount", ""),
        ("unparsed", "unreadable verdicts", "amount", "lower"),
    ),
    *_group(
        "Retrieval",
        *(_found(f"hit@{k}") for k in (1, 5, 10)),
        *(_found(f"recall@{k}") for k in (1, 3, 5, 10)),
        *(_found(f"all_gold@{k}") for k in (5, 10)),
        ("mrr", "MRR", "share", "higher"),
        _found("ndcg@10"),
        _found("ap@10"),
    ),
    *_group(
        "Saying no",
        ("abstained", "refused", "share", ""),
        ("exhausted", "exhausted", "share", "lower"),
        ("empty", "empty", "share", "lower"),
    ),
    *_group(
        "Effort",
        ("thinking_tokens", "thinking tokens", "amount", "lower"),
        ("answer_tokens", "answer tokens", "amount", "lower"),
        ("prompt_tokens", "prompt tokens", "amount", "lower"),
        ("truncated", "thought cut", "share", "lower"),
        ("hops", "hops", "amount", "lower"),
        ("tool_calls", "tool calls", "amount", "lower"),
        ("left_out", "passages left out", "amount", "lower"),
        ("seconds", "seconds in flight", "amount", "lower"),
    ),
    *_group("", ("seconds_alone", "latency", "amount", "lower")),  # told by its percentiles, so in no group
)
"""In the order in which they are shown."""
_OWN = {metric.name: metric for metric in OWN}


@lru_cache(maxsize=1)
def _added() -> dict[str, Metric]:
    """What other packages measure. Raises ConfigError for an entry that is no metric, or one of ragkit's names."""
    found: dict[str, Metric] = {}
    for name, offer in METRICS.items():
        metric = offer.load()
        if not isinstance(metric, Metric) or metric.of is None or metric.name != name:
            raise ConfigError(f"{offer.target} of {offer.package} is no ragkit.eval Metric named {name!r} with `of`")
        if name in _OWN:
            raise ConfigError(f"{offer.package} offers the metric {name!r}, which is ragkit's; uninstall or rename it")
        found[name] = metric
    return found


def added_scores(row: Mapping[str, Any]) -> dict[str, float]:
    """The figures of one sample by the metrics of other packages."""
    scores: dict[str, float] = {}
    for name, metric in _added().items():
        if metric.of is None:
            continue
        try:
            value = metric.of(row)
        except Exception as exc:
            raise EvalError(f"the metric {name!r} failed on question {row['id']!r}: {exc!r}") from exc
        if value is None:
            continue
        if not 0.0 <= value <= (1.0 if metric.unit == "share" else float("inf")):
            raise EvalError(f"the metric {name!r} gave {value!r} for question {row['id']!r}, which is no {metric.unit}")
        scores[name] = float(value)
    return scores


def groups() -> dict[str, tuple[str, ...]]:
    """Names of the metrics under the title of their group, in the order in which they are shown."""
    found: dict[str, list[str]] = {}
    for metric in filter(lambda each: each.group, (*OWN, *_added().values())):
        found.setdefault(metric.group, []).append(metric.name)
    return {title: tuple(names) for title, names in found.items()}


def label_of(name: str) -> str:
    """What a metric is called where it is shown."""
    metric = _OWN.get(name) or _added().get(name)
    return metric.label if metric is not None else name


def is_amount(name: str) -> bool:
    """Whether a metric is not a share between 0 and 1."""
    metric = _OWN.get(name) or _added().get(name)
    return metric is not None and metric.unit == "amount"
