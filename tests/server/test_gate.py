"""The gate: at most so many run, the line keeps its order, and whoever is refused is told how long to wait."""

from __future__ import annotations

import asyncio
import threading

import pytest

from ragkit.errors import BusyError, UsageError
from ragkit.server.gate import Gate, Ticket
from ragkit.server.settings import ServiceSettings


async def through(ticket: Ticket) -> list[int]:
    return [position async for position in ticket.turn()]


async def test_no_more_than_max_running_run_and_the_line_keeps_its_order() -> None:
    gate = Gate(max_running=3, max_waiting=100)
    running, most, order = 0, 0, []

    async def one(n: int) -> None:
        nonlocal running, most
        ticket = gate.ask("ann")
        await through(ticket)
        running, most = running + 1, max(most, running + 1)
        order.append(n)
        await asyncio.sleep(0)
        running -= 1
        ticket.leave()

    await asyncio.gather(*(one(n) for n in range(40)))
    assert most == 3
    assert order == list(range(40))
    assert (gate.running, gate.waiting) == (0, 0)


async def test_positions_fall_and_leaving_the_line_lets_others_up() -> None:
    gate = Gate(max_running=1, max_waiting=5)
    first, second, third = gate.ask(), gate.ask(), gate.ask()
    assert [first.position, second.position, third.position] == [0, 1, 2]
    told = asyncio.ensure_future(through(third))
    await asyncio.sleep(0)
    second.leave()
    await asyncio.sleep(0.01)
    assert third.position == 1
    first.leave()
    first.leave()  # a second time does nothing
    assert await told == [2, 1]
    assert gate.running == 1
    third.leave()
    assert gate.running == 0


async def test_a_full_line_is_refused_with_the_seconds_to_wait() -> None:
    gate = Gate(max_running=1, max_waiting=1)
    kept = [gate.ask(), gate.ask()]
    with pytest.raises(BusyError, match=r"^busy: .* try again in \d+ s$") as refused:
        gate.ask()
    assert refused.value.seconds >= 1
    kept[1].leave()
    gate.ask()


async def test_a_user_who_asks_too_often_waits_and_others_do_not() -> None:
    now = 0.0
    gate = Gate(max_running=9, max_waiting=9, per_minute=2, clock=lambda: now)
    for _ in range(2):
        gate.ask("ann").leave()
    with pytest.raises(BusyError, match="within a minute") as refused:
        gate.ask("ann")
    assert refused.value.seconds == 60
    gate.ask("bob").leave()
    now = 60.5
    gate.ask("ann").leave()


def test_places_are_shared_between_event_loops() -> None:
    gate = Gate(max_running=1, max_waiting=50)
    inside, most, done = 0, 0, 0
    lock = threading.Lock()

    async def some() -> None:
        nonlocal inside, most, done
        for _ in range(10):
            ticket = gate.ask()
            await through(ticket)
            with lock:
                inside, most = inside + 1, max(most, inside + 1)
            await asyncio.sleep(0.001)
            with lock:
                inside, done = inside - 1, done + 1
            ticket.leave()

    threads = [threading.Thread(target=lambda: asyncio.run(some())) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(30)
    assert (most, done) == (1, 40)


def test_a_waiter_whose_loop_is_gone_is_passed_over() -> None:
    gate = Gate(max_running=1, max_waiting=5)

    async def ask() -> Ticket:
        return gate.ask()

    first = asyncio.run(ask())
    asyncio.run(ask())  # waits on a loop that is closed now
    first.leave()
    assert (gate.running, gate.waiting) == (0, 0)


def test_settings_outside_their_limits_are_refused() -> None:
    with pytest.raises(UsageError, match="max_running=0"):
        ServiceSettings(max_running=0)
