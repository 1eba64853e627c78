"""Turns: shares by weight, fairness between clients, nobody waits for ever."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import count, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.scheduler import AGING_SECONDS, CLASSES, WEIGHTS, Turns, Waiting
from plugin_protocol.values import Priority

_numbers = count(1)


def waiting(
    *,
    priority: Priority = "normal",
    owner: str = "me",
    client: str = "daw",
    cost: float = 10.0,
    since: float = 0.0,
) -> Waiting:
    number = next(_numbers)
    return Waiting(str(number), number, priority, owner, client, cost, since)


def served(jobs: Iterable[Waiting], turns: int) -> list[Waiting]:
    """Serve so many turns of a queue in which each served job is followed by one like it."""
    queue = {job.job: job for job in jobs}
    scheduler, order = Turns(), []
    for _ in range(turns):
        job = scheduler.next(queue.values(), 0.0)
        assert job is not None
        order.append(queue.pop(job.job))
        heir = waiting(priority=job.priority, owner=job.owner, client=job.client, cost=job.cost)
        queue[heir.job] = heir
    return order


def jain(shares: Sequence[float]) -> float:
    """Jain, Chiu and Hawe 1984: 1 where all shares are equal, 1/n where one has all."""
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))


def work_of(order: Sequence[Waiting], key: Callable[[Waiting], str]) -> Counter[str]:
    work: Counter[str] = Counter()
    for job in order:
        work[key(job)] += job.cost  # type: ignore[assignment]
    return work


def test_one_client_is_served_in_the_order_it_asked() -> None:
    jobs = [waiting() for _ in range(9)]
    assert Turns().order(jobs[::-1], 0.0) == jobs


def test_nobody_waits_in_an_empty_queue() -> None:
    assert Turns().next([], 0.0) is None


def test_classes_share_the_work_eight_to_four_to_one() -> None:
    backlog = [waiting(priority=priority) for priority in CLASSES for _ in range(2)]
    work = work_of(served(backlog, 1300), lambda job: job.priority)
    assert {priority: work[priority] / 1000 for priority in CLASSES} == pytest.approx(
        dict(WEIGHTS), rel=0.01
    )


@pytest.mark.parametrize("came", permutations(CLASSES))
@given(cost=st.floats(0.1, 1.0))
def test_what_is_equally_due_begins_with_the_most_urgent(
    came: tuple[Priority, ...], cost: float
) -> None:
    """One round of credit suffices for each of them."""
    order = Turns().order([waiting(priority=priority, cost=cost) for priority in came], 0.0)
    assert [job.priority for job in order] == [*CLASSES]


@pytest.mark.parametrize("costs", [(10, 10, 10, 10), (1, 5, 20, 100)])
def test_four_equal_clients_get_equal_work_whatever_their_jobs_cost(
    costs: tuple[float, ...],
) -> None:
    backlog = [waiting(client=str(i), cost=cost) for i, cost in enumerate(costs) for _ in range(2)]
    work = work_of(served(backlog, 4000), lambda job: job.client)
    assert jain([work[str(i)] for i in range(4)]) > 0.99


def test_four_clients_with_one_job_each_take_turns() -> None:
    order = served([waiting(client=name) for name in "abcd"], 12)
    assert [job.client for job in order] == list("abcd") * 3


def test_more_programs_do_not_get_their_owner_more() -> None:
    backlog = [waiting(owner="many", client=str(i)) for i in range(5)]
    backlog += [waiting(owner="one") for _ in range(2)]
    work = work_of(served(backlog, 1000), lambda job: job.owner)
    assert work["many"] == pytest.approx(work["one"], rel=0.01)


def test_an_owner_with_the_name_of_a_class_has_no_more_weight() -> None:
    backlog = [waiting(owner=name) for name in ("interactive", "you") for _ in range(2)]
    work = work_of(served(backlog, 1000), lambda job: job.owner)
    assert work["interactive"] == pytest.approx(work["you"], rel=0.01)


def test_ten_minutes_of_waiting_are_worth_a_class() -> None:
    job = waiting(priority="batch", since=100.0)
    ages = [100.0 + factor * AGING_SECONDS for factor in (0, 0.999, 1, 2, 9)]
    assert [job.priority_at(now) for now in ages] == [
        "batch", "batch", "normal", "interactive", "interactive",
    ]  # fmt: skip


def test_who_is_served_before_its_turn_pays_for_it_later() -> None:
    backlog = [waiting(client=name) for name in "abcd" for _ in range(20)]
    scheduler, queue, order = Turns(), {job.job: job for job in backlog}, []
    for turn in range(40):
        if turn == 5:
            job = next(job for job in queue.values() if job.client == "d")
            scheduler.serve_before_its_turn(job, queue.values(), 0.0)
        else:
            chosen = scheduler.next(queue.values(), 0.0)
            assert chosen is not None
            job = chosen
        order.append(queue.pop(job.job))
    assert set(work_of(order, lambda job: job.client).values()) == {100.0}


@settings(deadline=None, max_examples=25)
@given(
    flood=st.lists(st.sampled_from((0.5, 10.0, 300.0)), min_size=1, max_size=5),
    cost=st.sampled_from((0.5, 10.0, 300.0)),
)
def test_a_flood_of_urgent_jobs_starves_nobody(flood: list[float], cost: float) -> None:
    """The bound of the round robin: until its credit suffices, the others earn by weight."""
    quiet = waiting(priority="batch", owner="quiet", cost=cost)
    queue = {job.job: job for job in [quiet]}
    scheduler, now = Turns(), 0.0
    while True:
        while len(queue) < 6:
            urgent = waiting(priority="interactive", cost=flood[len(queue) % len(flood)])
            queue[urgent.job] = urgent
        job = scheduler.next(queue.values(), 0.0)
        assert job is not None
        if queue.pop(job.job) is quiet:
            break
        now += job.cost
    assert now <= WEIGHTS["interactive"] * (cost + 1) + 2 * max(flood)


entries = st.builds(
    waiting,
    priority=st.sampled_from(CLASSES),
    owner=st.sampled_from("ab"),
    client=st.sampled_from("xyz"),
    cost=st.floats(0, 1000),
    since=st.floats(0, 2000),
)


@settings(deadline=None)
@given(st.lists(entries, max_size=30))
def test_the_order_that_is_told_is_the_order_that_comes(queue: list[Waiting]) -> None:
    scheduler = Turns()
    told = scheduler.order(queue, 2000.0)
    left = {job.job: job for job in queue}
    came = []
    while (job := scheduler.next(left.values(), 2000.0)) is not None:
        came.append(left.pop(job.job))
    assert came == told


@settings(deadline=None)
@given(st.lists(entries, max_size=30))
def test_looking_ahead_changes_nothing(queue: list[Waiting]) -> None:
    one, other = Turns(), Turns()
    one.order(queue, 2000.0)
    assert one.next(queue, 2000.0) == other.next(queue, 2000.0)
