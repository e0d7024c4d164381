"""A `typer.Typer` whose commands refuse an option that is given twice, unless it means several.

Click lets the last one win without a word: ``ask --index a --index b`` would never look into `a`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand

__all__ = ["Commands"]


class _OnceEach(TyperCommand):
    """A command that takes each of its options once."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse as click does. Raises its usage error for an option that repeats and would be overwritten."""
        _, _, given = self.make_parser(ctx).parse_args(args=list(args))
        for param, times in Counter(given).items():
            if times > 1 and not _may_repeat(param):
                ctx.fail(f"{'/'.join([*param.opts, *param.secondary_opts])} is given {times} times; give it once")
        return super().parse_args(ctx, args)


def _may_repeat(param: Any) -> bool:
    """Several values, a count, or a flag that only says yes."""
    if param.param_type_name == "argument" or param.multiple or param.count:
        return True
    return bool(param.is_flag and not param.secondary_opts)


class Commands(typer.Typer):
    """A group of such commands."""

    def command(self, name: str | None = None, **options: Any) -> Callable[[Any], Any]:
        """Like Typer's."""
        return super().command(name, **{"cls": _OnceEach, **options})
