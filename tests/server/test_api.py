"""ragkit's own API: indexes, documents, uploads, search, ask, conversations, traces, health."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from ragkit.server.service import Service
from ragkit.server.settings import ServiceSettings
from tests.server.conftest import QUESTION

DOCX_BOMB = b"PK\x03\x04" + b"\0" * 200


def test_an_index_lives_from_creation_to_deletion(client: TestClient) -> None:
    made = client.post("/api/indexes", json={"name": "Отпуск 2026"})
    assert made.status_code == 201 and made.json()["documents"] == 0
    assert client.post("/api/indexes", json={"name": "Отпуск 2026"}).status_code == 400
    assert client.patch("/api/indexes/Отпуск 2026", json={"name": "leave"}).json()["name"] == "leave"
    assert [i["name"] for i in client.get("/api/indexes").json()] == ["leave", "rules"]
    assert client.delete("/api/indexes/leave").json() == {"deleted": 1}
    assert client.get("/api/indexes/leave").status_code == 404


def test_uploaded_files_are_found_shown_and_deleted(client: TestClient) -> None:
    files = [
        ("files", ("notes/trains.md", b"# Trains\n\nSecond class is booked for every journey.")),
        ("files", ("people.csv", b"name,role\nAnn,director\n")),
    ]
    report = client.post("/api/indexes/rules/documents", files=files).json()
    assert report["added"] >= 2 and report["failures"] == []
    listed = [d["id"] for d in client.get("/api/indexes/rules/documents", params={"limit": 100}).json()["data"]]
    assert "notes/trains.md" in listed
    shown = client.get("/api/indexes/rules/document", params={"id": "notes/trains.md"}).json()
    for chunk in shown["chunks"]:
        assert shown["document"]["text"][chunk["start"] : chunk["end"]] == chunk["text"]
    assert client.delete("/api/indexes/rules/document", params={"id": "notes/trains.md"}).json() == {"deleted": 1}
    assert client.get("/api/indexes/rules/document", params={"id": "notes/trains.md"}).status_code == 404


def test_hostile_uploads_are_reported_and_the_rest_goes_in(client: TestClient) -> None:
    files = [
        ("files", ("../../etc/passwd", b"root:x:0:0 is a line of text")),
        ("files", ("bomb.docx", DOCX_BOMB)),
        ("files", ("broken.pdf", b"%PDF-1.7\nnothing more")),
        ("files", ("entities.xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>')),
        ("files", ("program.exe", b"MZ\x90")),
        ("files", ("fine.txt", b"A fine text about trains.")),
    ]
    reply = client.post("/api/indexes/rules/documents", files=files)
    assert reply.status_code == 200
    report = reply.json()
    assert {f["source"] for f in report["failures"]} >= {"bomb.docx", "broken.pdf", "program.exe"}
    listed = {d["id"] for d in client.get("/api/indexes/rules/documents").json()["data"]}
    assert {"etc/passwd", "fine.txt"} <= listed
    found = client.post("/api/search", json={"index": "rules", "query": "root x daemon nologin"}).json()["data"]
    assert not any("daemon" in hit["chunk"]["text"] for hit in found)  # the server's own file was not read
    nameless = client.post("/api/indexes/rules/documents", files=[("files", ("\u202e", b"x"))])
    assert nameless.status_code == 400


def test_a_file_over_the_limit_fails_alone_and_a_body_over_the_limit_is_refused(home, words) -> None:  # type: ignore[no-untyped-def]
    from ragkit.server import create_app

    service = Service(ServiceSettings(home=home, max_upload_mb=1))
    service.workspace().create("rules")
    with TestClient(create_app(service), base_url="http://127.0.0.1") as client:
        files = [("files", ("big.txt", b"x" * (2**20 + 1))), ("files", ("small.txt", b"words"))]
        report = client.post("/api/indexes/rules/documents", files=files).json()
        assert report["added"] == 1 and "exceed the limit" in report["failures"][0]["reason"]
        huge = [("files", (f"{n}.txt", b"x" * 2**20)) for n in range(11)]
        assert client.post("/api/indexes/rules/documents", files=huge).status_code == 413
        assert client.post("/api/search", content=b"x" * (9 * 2**20)).status_code == 413

        def slowly() -> Iterator[bytes]:
            for _ in range(9):
                yield b"x" * 2**20

        assert client.post("/api/search", content=slowly()).status_code == 413  # its length was not told
    service.close()


def test_texts_are_added_and_nothing_is_fetched(client: TestClient) -> None:
    texts = [{"id": "memo", "text": "Trains leave at nine.", "metadata": {"year": 2026}}]
    assert client.post("/api/indexes/rules/texts", json={"documents": texts}).json()["added"] == 1
    sneaky = [{"text": "x", "source": "/etc/passwd"}]
    assert client.post("/api/indexes/rules/texts", json={"documents": sneaky}).status_code == 400


def test_search_gives_hits_with_both_scores_under_a_filter(client: TestClient) -> None:
    body = {"index": "rules", "query": "travel", "where": {"team": "people"}}
    (hit,) = client.post("/api/search", json=body).json()["data"]
    assert hit["chunk"]["document_id"] == "leave" and set(hit["scores"]) == {"dense", "lexical"}


def test_an_answer_its_trace_and_the_vote_on_it(client: TestClient) -> None:
    told = client.post("/api/ask", json={"index": "rules", "question": QUESTION, "remember": True}).json()
    assert told["status"] == "answered" and told["citations"][0]["document_id"] == "travel"
    trace = client.get(f"/api/traces/{told['trace_id']}").json()
    assert trace["question"] == QUESTION and trace["record"]["answer"]["text"] == told["text"]
    vote = client.post(f"/api/traces/{told['trace_id'][:8]}/vote", json={"value": 1})
    assert vote.json()["value"] == 1
    assert client.post(f"/api/traces/{told['trace_id']}/vote", json={"value": 5}).status_code == 400
    (listed,) = client.get("/api/conversations", params={"search": "TRAVEL"}).json()["data"]
    assert listed["id"] == told["conversation"]
    assert client.patch(f"/api/conversations/{listed['id']}", json={"title": "T"}).json()["title"] == "T"
    assert client.post(f"/api/conversations/{listed['id']}/truncate", json={"keep": 0}).json() == {"deleted": 1}
    assert client.delete(f"/api/conversations/{listed['id']}").status_code == 200
    assert client.get(f"/api/conversations/{listed['id']}").status_code == 404


def test_verify_and_repair_tell_the_health(client: TestClient) -> None:
    for what in ("verify", "repair"):
        report = client.post(f"/api/indexes/rules/{what}").json()
        assert report["problems"] == [] and report["documents"] == 2


def test_health_readiness_and_metrics(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/ready").json() == {"status": "ready", "running": 0, "waiting": 0}
    client.post("/api/ask", json={"index": "rules", "question": QUESTION})
    lines = client.get("/metrics").text.splitlines()
    assert 'ragkit_answers_total{status="answered"} 1.0' in lines
    assert 'ragkit_http_requests_total{method="POST",route="/api/ask",status="200"} 1.0' in lines
    assert "ragkit_running 0.0" in lines and "ragkit_waiting 0.0" in lines


def test_docs_need_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/docs", headers={"accept": "text/html"}).text
    assert "/v1/chat/completions" in page and "<script" not in page
    assert "https://" not in page.replace("https://github.com", "") and "http://" not in page


@pytest.mark.parametrize("path", ["/api/nothing", "/v1/nothing", "/api/indexes/a/b/c"])
def test_unknown_paths_are_404_in_the_one_shape(client: TestClient, path: str) -> None:
    reply = client.get(path)
    kind = "invalid_request_error" if path.startswith("/v1") else "not_found_error"  # /v1 speaks as OpenAI's API does
    assert reply.status_code == 404 and reply.json()["error"]["type"] == kind


def test_several_indexes_are_searched_and_asked_as_one(client: TestClient) -> None:
    client.post("/api/indexes", json={"name": "seas"})
    text = {"id": "travel", "title": "Ships", "text": "Ships travel from Kiel to Oslo in twenty hours."}
    client.post("/api/indexes/seas/texts", json={"documents": [text]})
    hits = client.post("/api/search", json={"index": "rules+seas", "query": "travel"}).json()["data"]
    assert {hit["chunk"]["index"] for hit in hits} == {"rules", "seas"}
    told = client.post("/api/ask", json={"index": "rules+seas", "question": QUESTION}).json()
    assert [(c["index"], c["document_id"]) for c in told["citations"]] == [("rules", "rules:travel")]
    model = {"model": "rules+seas", "messages": [{"role": "user", "content": QUESTION}]}
    assert client.post("/v1/chat/completions", json=model).status_code == 200
    missing = client.post("/api/ask", json={"index": "rules+lakes", "question": QUESTION})
    assert missing.status_code == 404 and "lakes" in missing.text
