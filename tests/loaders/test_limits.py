"""The worker's limits hold, and it goes on after each of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ragkit.errors import ConfigError, LoadError
from ragkit.loaders import Limits, Parser, Source, discover, process
from ragkit.loaders.frames import read_bytes, read_message, write_bytes, write_message

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals and resource limits")


def source(path: Path, content: bytes | str = "") -> Source:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return next(discover([path]))


def pid(parser: Parser) -> int:
    assert parser._worker is not None
    return parser._worker._process.pid


def test_one_worker_serves_all_files_and_survives_bad_ones(tmp_path: Path) -> None:
    with Parser() as parser:
        good = source(tmp_path / "good.txt", "fine")
        assert parser._worker is None  # started lazily
        assert parser.parse(good)[0].text == "fine"
        first = pid(parser)
        with pytest.raises(LoadError, match=r"bad\.pdf: it is damaged"):
            parser.parse(source(tmp_path / "bad.pdf", b"%PDF-1.7 nonsense"))
        assert parser.parse(good)[0].text == "fine" and pid(parser) == first
    assert parser._worker is None


def test_a_file_that_vanished_or_became_something_else_is_refused(tmp_path: Path) -> None:
    with Parser() as parser:
        gone = source(tmp_path / "gone.txt", "text")
        (tmp_path / "gone.txt").unlink()
        with pytest.raises(LoadError, match=r"gone\.txt: it is gone"):
            parser.parse(gone)
        if hasattr(os, "mkfifo"):
            os.mkfifo(tmp_path / "pipe.txt")
            with pytest.raises(LoadError, match="not a regular file"):
                parser.parse(next(discover(["pipe.txt"])))


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    locked = source(tmp_path / "locked.txt", "text")
    (tmp_path / "locked.txt").chmod(0)
    with Parser() as parser, pytest.raises(LoadError, match="Permission denied"):
        parser.parse(locked)


def test_too_large_a_file_and_too_much_text_are_refused(tmp_path: Path) -> None:
    with Parser(Limits(input_bytes=1000, characters=500)) as parser:
        with pytest.raises(LoadError, match=r"larger than 1000 bytes; split it, or raise Limits\.input_bytes"):
            parser.parse(source(tmp_path / "a.txt", "x" * 1001))
        with pytest.raises(LoadError, match=r"exceeds 500 characters; split it, or raise Limits\.characters"):
            parser.parse(source(tmp_path / "b.txt", "x" * 501))
        with pytest.raises(LoadError, match="exceeds 500 characters"):
            parser.parse(source(tmp_path / "c.jsonl", '{"text": "' + "x" * 260 + '"}\n{"text": "' + "y" * 260 + '"}'))
        assert len(parser.parse(source(tmp_path / "d.txt", "x" * 500))[0].text) == 500


@posix
def test_a_worker_that_takes_too_long_is_killed_and_replaced(tmp_path: Path) -> None:
    with Parser(Limits(seconds=0.3)) as parser:
        good = source(tmp_path / "good.txt", "fine")
        parser.parse(good)
        stopped = pid(parser)
        os.kill(stopped, signal.SIGSTOP)  # as stuck as a process can be
        with pytest.raises(LoadError, match=r"takes more than 0\.3 s to read; split it, or raise Limits\.seconds"):
            parser.parse(good)
        assert parser.parse(good)[0].text == "fine" and pid(parser) != stopped


@posix
def test_a_worker_that_died_is_replaced_without_blaming_the_file(tmp_path: Path) -> None:
    with Parser() as parser:
        good = source(tmp_path / "good.txt", "fine")
        parser.parse(good)
        os.kill(pid(parser), signal.SIGKILL)
        assert parser.parse(good)[0].text == "fine"


def test_after_an_interruption_the_next_file_gets_its_own_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = source(tmp_path / "one.txt", "first"), source(tmp_path / "two.txt", "second")

    def interrupted(*_: object, **__: object) -> dict[str, object]:
        raise KeyboardInterrupt

    with Parser() as parser:
        parser.parse(one)
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(process, "read_message", interrupted)
            parser.parse(one)
        assert parser.parse(two)[0].text == "second"


def test_threads_that_share_a_parser_get_their_own_files(tmp_path: Path) -> None:
    sources = [source(tmp_path / f"{number}.txt", f"text {number}") for number in range(40)]
    with Parser() as parser, ThreadPoolExecutor(4) as pool:
        found = [documents[0].text for documents in pool.map(parser.parse, sources)]
    assert found == [f"text {number}" for number in range(40)]


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS is enforced on Linux")
def test_a_file_that_needs_too_much_memory_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    with Parser(Limits(memory_bytes=200 << 20)) as parser:
        good = source(tmp_path / "good.txt", "fine")
        parser.parse(good)
        with pytest.raises(LoadError, match=r"huge\.json: it needs more than 209715200 bytes of memory"):
            parser.parse(source(tmp_path / "huge.json", "[" + "[]," * 6_000_000 + "[]]"))
        assert parser.parse(good)[0].text == "fine"


@posix
def test_the_worker_sees_no_secrets_and_no_modules_of_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    for name in ("lxml.py", "docx.py", "json.py"):
        (tmp_path / name).write_text("raise SystemExit('hijacked')", encoding="utf-8")
    with Parser() as parser:
        assert parser.parse(source(tmp_path / "a.html", "<p>fine"))[0].text == "fine\n"
        if sys.platform == "linux":
            assert b"OPENAI_API_KEY" not in Path(f"/proc/{pid(parser)}/environ").read_bytes()


def test_the_worker_imports_no_heavy_library() -> None:
    heavy = "torch transformers faiss numpy lxml docx pypdf pypdfium2 openpyxl pptx langchain_core pydantic sqlalchemy"
    code = f"import sys, ragkit.loaders.worker; print([m for m in {heavy.split()} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "wrong",
    [{"seconds": 0}, {"characters": -1}, {"memory_bytes": 1000}, {"seconds": float("nan")}, {"seconds": float("inf")}],
)
def test_limits_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Limits(**wrong)  # type: ignore[arg-type]


def test_frames_carry_messages_and_bytes_and_refuse_too_large_ones() -> None:
    import io

    stream = io.BytesIO()
    write_message(stream, {"text": "Ж", "name": "\udce9"})
    write_bytes(stream, b"\0body")
    stream.seek(0)
    assert read_message(stream, limit=100) == {"text": "Ж", "name": "\udce9"}
    assert read_bytes(stream, limit=5) == b"\0body"
    with pytest.raises(EOFError):
        read_bytes(stream, limit=5)
    stream.seek(0)
    with pytest.raises(ValueError, match="exceeds 3"):
        read_message(stream, limit=3)
