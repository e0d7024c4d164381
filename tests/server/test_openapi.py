"""The OpenAPI document is the truth: whatever is sent, nothing crashes and nothing undocumented comes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ragkit.index import held
from ragkit.server import create_app
from ragkit.server.service import Service
from ragkit.server.settings import ServiceSettings
from tests.fakes import WordEncoder
from tests.server.conftest import TEXTS

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held, "encoder_named", WordEncoder)
        service = Service(ServiceSettings(home=tmp_path_factory.mktemp("fuzzed"), per_minute=0))
        service.workspace().create("rules")
        service.workspace().add("rules", texts=TEXTS)
        yield create_app(service, hosts=("testserver",))
        service.close()


def fuzz(app: Any, examples: int) -> tuple[int, list[str]]:
    """Send `examples` requests to each operation; how many operations there are, and what went wrong."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    wrong, count = [], 0
    for found in schema.get_all_operations():
        operation = found.ok()
        count += 1

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def check(case: Any) -> None:
            case.call_and_validate(checks=CHECKS)

        try:
            check()
        except Exception as exc:  # noqa: BLE001 - all operations are tried, all faults are shown
            wrong.append(f"{operation.label}: {exc!r}"[:1500])
    return count, wrong


def test_a_few_requests_to_each_operation_break_nothing(app: Any) -> None:
    count, wrong = fuzz(app, 4)
    assert count >= 25
    assert wrong == []


@pytest.mark.slow
def test_many_requests_to_each_operation_break_nothing(app: Any) -> None:
    assert fuzz(app, 150)[1] == []
