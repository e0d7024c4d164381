"""A whole session of add, ask and eval connects to no other host: held where Python makes connections."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SESSION = """
import ipaddress, socket, sys
seen = []

def guard(event, args):
    if event in ("socket.connect", "socket.sendto") and args[0].family != socket.AF_UNIX:
        host = str(args[1][0])
        try:
            own = ipaddress.ip_address(host.partition("%")[0]).is_loopback
        except ValueError:
            own = host == "localhost"
        if not own:
            seen.append((event, host))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = args[0].decode() if isinstance(args[0], bytes) else args[0]
        if host not in (None, "", "localhost", "127.0.0.1", "::1"):
            seen.append((event, host))

sys.addaudithook(guard)
from pathlib import Path
from starlette.testclient import TestClient
from ragkit.index import held
from ragkit.server import create_app
from ragkit.server.service import Service
from ragkit.server.settings import ServiceSettings
from tests.fakes import WordEncoder

held.encoder_named = WordEncoder
service = Service(ServiceSettings(home=Path(sys.argv[1]), per_minute=0))
app = create_app(service)
if "ui" in sys.argv:
    from ragkit.server.access.auth import current_user
    from ragkit.ui.app import mount
    app = mount(app, service, current_user)
with TestClient(app, base_url="http://127.0.0.1") as client:
    assert client.post("/api/indexes", json={"name": "rules"}).status_code == 201
    text = b"# Travel\\n\\nThe director approves travel. See https://example.com/x.png and ![a](http://10.9.9.9/p.png)"
    page = b"<p>Rules</p><img src=http://10.9.9.9/i.png><script src=https://example.com/s.js></script>"
    files = [("files", ("a.md", text)), ("files", ("b.html", page))]
    assert client.post("/api/indexes/rules/documents", files=files).json()["added"] == 2
    told = client.post("/api/ask", json={"index": "rules", "question": "Who approves travel?", "remember": True})
    assert told.json()["status"] == "answered", told.text
    assert client.post("/v1/chat/completions", json={
        "model": "rules", "stream": True, "messages": [{"role": "user", "content": "Who approves travel?"}],
    }).status_code == 200
    client.get("/", headers={"accept": "text/html"})
"""


def test_a_session_connects_to_no_other_host(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"id": "1", "question": "Who approves travel?", "answers": ["the director"]}\n')
    code = SESSION + (
        "from ragkit.cli import main\n"
        f"sys.argv[1:] = ['eval', 'run', {str(questions)!r}, '--index', 'rules', '--out', {str(tmp_path / 'run')!r}]\n"
        "try:\n    main()\nexcept SystemExit as left:\n    assert not left.code, left.code\n"
        "print('connections:', seen)\nassert not seen\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "home"), "ui"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=300,
        env={**os.environ, "RAGKIT_HOME": str(tmp_path / "home"), "PYTHONPATH": str(root)},
    )
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-3000:]
    assert "connections: []" in done.stdout
