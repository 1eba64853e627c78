"""Whatever clients ask and whatever dies, in any order: nothing is lost, nothing happens twice.

A machine that hands over, repeats, contradicts, cancels, finishes, receives and forgets jobs; lets
one worker or two work and die; kills the daemon anywhere, also between a commit and its telling;
fills the disk; and collects garbage. After every step it looks at what must hold always.
"""

import os
from collections import Counter
from hashlib import sha256
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)
from mortal_daemon import LIMITS, MortalDaemon
from msgspec.structs import replace
from office import RESULT
from paper_engine import Engine, music_of

from bridge.pipe import Failed, Finished, Halted, Started, Work, Yielded
from bridge.result_cache import blobs_of_result
from plugin_protocol.client import new_job_id
from plugin_protocol.messages import JobProgress
from plugin_protocol.values import TERMINAL_STATES, Failure, Result

SEEDS = st.integers(0, 2)
ITERATIONS = 2
TIMES = st.sampled_from([None, None, 5.0])
RUINOUS_SEED = 2
"""Of tasks that fail."""
A_MONTH = 30 * 24 * 3600


class Jobs(MortalDaemon):
    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.seeds: dict[str, int] = {}
        self.over: dict[str, tuple[str, Result | None]] = {}
        """The end of each job that was seen to end."""
        self.received: set[str] = set()
        self.forgotten: set[str] = set()
        self.checkpoints: Counter[str] = Counter()

    @initialize(target=jobs, seed=SEEDS, workers=st.integers(1, 2))
    def begin(self, seed: int, workers: int) -> Any:
        self.engines = [Engine(self.checkpoints) for _ in range(workers)]
        self.open_office()
        return self.submit(seed, priority="batch")

    # ---- what clients do ---------------------------------------------------------------------

    @rule(
        target=jobs,
        seed=SEEDS,
        priority=st.sampled_from(["interactive", "normal", "batch"]),
        owner=st.sampled_from(["me", "you"]),
        private=st.booleans(),
        allow_cached=st.booleans(),
        on_disconnect=st.sampled_from(["keep", "cancel"]),
        queue_ttl=TIMES,
        run_ttl=TIMES,
        on_deadline=st.sampled_from(["best", "fail"]),
        rounds=st.integers(0, 8),
        forgets=st.booleans(),
    )
    def submit(self, seed: int, rounds: int = 0, forgets: bool = False, **terms: Any) -> Any:
        """A client whose daemon dies over it asks the next one again, under the same id."""
        job = new_job_id()
        hand_over = lambda: self.office.submit(job=job, seed=seed, **terms)  # noqa: E731
        refused = self.ask(hand_over) or self.ask(hand_over)
        if refused:
            assert refused in ("QUEUE_FULL", "STORAGE_FULL")
            assert self.office.state(job) == "unknown"
            return multiple()
        self.seeds[job] = seed
        self.go_on(rounds, hears=True, forgets=forgets)
        return job

    @rule(job=jobs)
    def submit_again(self, job: str) -> None:
        refused = self.ask(lambda: self.office.submit(job=job, seed=self.seeds[job]))
        assert refused == ("GONE" if job in self.forgotten else "")

    @rule(job=jobs)
    def contradict(self, job: str) -> None:
        refused = self.ask(lambda: self.office.submit(job=job, seed=self.seeds[job] + 1))
        assert refused == ("GONE" if job in self.forgotten else "ID_CONFLICT")

    @rule(job=jobs, mode=st.sampled_from(["stop", "finish"]))
    def cancel(self, job: str, mode: Any) -> None:
        was_over, changed = job in self.over, []
        refused = self.ask(lambda: changed.append(self.office.jobs.cancel(job, mode)))
        assert refused in (("UNKNOWN_JOB",) if job in self.forgotten else ("", "STORAGE_FULL"))
        assert not (was_over and any(changed))
        if mode == "stop" and any(changed):
            assert self.office.state(job) == "cancelled"

    @precondition(lambda self: any(engine.work for engine in self.engines))
    @rule(mode=st.sampled_from(["stop", "finish"]))
    def cancel_what_is_at_work(self, mode: Any) -> None:
        work = next(engine.work for engine in self.engines if engine.work)
        if work.job in self.seeds:
            self.cancel(job=work.job, mode=mode)

    @rule(are_here=st.booleans())
    def clients_come_and_go(self, are_here: bool) -> None:
        """Some jobs end once nobody has listened to them for long enough."""
        self.office.heard = None if are_here else set()

    @rule(job=jobs)
    def receive(self, job: str) -> None:
        # From here on it may be gone, whether or not the answer comes.
        if job in self.over:
            self.received.add(job)
        assert self.ask(lambda: self.office.jobs.acknowledge(job)) in ("", "STORAGE_FULL")

    @rule(job=jobs)
    def forget(self, job: str) -> None:
        if job in self.over:
            self.received.add(job)
        refused = self.ask(lambda: self.office.jobs.forget(job))
        assert refused in (("", "STORAGE_FULL") if job in self.over else ("NOT_OVER",))

    # ---- what the workers do -----------------------------------------------------------------

    @rule(rounds=st.integers(1, 6), hears=st.booleans(), forgets=st.booleans())
    def go_on(self, rounds: int, hears: bool, forgets: bool) -> None:
        """Let time pass for the daemon, and the workers do one thing after another.

        What they are told may cross what they say. While one has made music and not yet said so,
        all that was over before may be forgotten, equal music too.
        """
        for _ in range(rounds):
            self.ask(lambda: self.office.pass_time(2))
            for engine in self.engines:
                # Anew for each: the daemon may have been killed over what the other one said.
                self._read_what_was_sent()
                if engine.work:
                    self._work(engine, engine.work, halted=engine.halted if hears else "")
                if engine.made and forgets:
                    for job in list(self.over):
                        self.forget(job)

    def _read_what_was_sent(self) -> None:
        for engine, worker in zip(self.engines, self.office.workers, strict=True):
            engine.take(worker.sent)
        at_work = [engine.work.job for engine in self.engines if engine.work]
        assert len(at_work) == len(set(at_work)), "one worker for each job"

    def _work(self, engine: Engine, work: Work, *, halted: str) -> None:
        """One iteration, or the end that was asked for."""
        job, seed = work.job, work.task.seed
        engine.work = None
        if halted == "stop":
            self.hear(Halted(job=job))
        elif seed == RUINOUS_SEED:
            self.hear(Failed(job=job, failure=Failure(code="DIVERGED", message="It rang.")))
        elif engine.made is not None:
            self.hear(Finished(job=job, result=engine.made))
        elif halted == "finish" or work.finish or engine.checkpoints[job] == ITERATIONS:
            engine.work = work
            engine.made = self._result(seed, engine.checkpoints[job] == ITERATIONS)
        elif engine.is_yielding:
            self.hear(Yielded(job=job))
        else:
            engine.work = work
            engine.checkpoints[job] += 1
            step = JobProgress(job=job, phase="optimizing", step=1, steps=3, eta_seconds=60.0)
            self.hear(Started(job=job), step)

    @rule(which=st.integers(0, 1))
    def worker_dies(self, which: int) -> None:
        which %= len(self.engines)
        self.engines[which].work = None
        worker = self.office.workers[which]
        self.ask(lambda: self.office.workshop.mourn(worker, was_ready=True))  # type: ignore[arg-type]

    # ---- what happens to the daemon ----------------------------------------------------------

    @rule(when=st.sampled_from(["", "before", "after"]), is_time=st.integers(0, 2))
    def kill(self, when: Any, is_time: int) -> None:
        """Now, or at the next commit: before it, or after it and before anybody is told."""
        if is_time:
            return
        if when:
            self.kill_at = when
        else:
            self.restart()

    @precondition(lambda self: not self.kill_at and any(engine.work for engine in self.engines))
    @rule()
    def leave(self) -> None:
        """Told to stop: the workers have parked what they had."""
        self.ask(self.office.workshop.park)
        self.restart()

    @rule(is_full=st.sampled_from([True, False, False, False]))
    def fill_the_disk(self, is_full: bool) -> None:
        self.is_full = is_full

    @rule(age=st.booleans())
    def collect(self, age: bool) -> None:
        if age:
            for sha, _ in self.office.storage.blobs.all():
                path = self.office.storage.blobs.path(sha)
                long_ago = path.stat().st_mtime - A_MONTH
                os.utime(path, (long_ago, long_ago))
        self.ask(self.office.storage.garbage.collect)

    # ---- what must hold always ---------------------------------------------------------------

    @invariant()
    def what_is_over_stays_as_it_was(self) -> None:
        for job, (state, result) in self.over.items():
            record = self.office.store.get(job)
            assert record is not None
            if record.kept == "id":
                assert job in self.received, "forgotten by itself"
                self.forgotten.add(job)
            else:
                now = self.office.jobs.state(job)
                assert (now.state, now.result) == (state, result)

    @invariant()
    def what_was_accepted_is_known(self) -> None:
        for job, seed in self.seeds.items():
            now = self.office.jobs.state(job)
            assert (now.state == "unknown") == (job in self.forgotten)
            if now.state in TERMINAL_STATES and job not in self.over:
                self.over[job] = (now.state, now.result)
                if now.result is not None:
                    self._check_music(now.result, seed)

    @invariant()
    def no_result_is_lost_before_its_receipt(self) -> None:
        for job, (_, result) in self.over.items():
            if result is not None and job not in self.received:
                for sha in blobs_of_result(result):
                    assert self.office.storage.blobs.size(sha) is not None

    @invariant()
    def what_is_in_use_is_on_the_disk(self) -> None:
        blobs = self.office.storage.blobs
        for (sha,) in self.office.storage.database.rows("SELECT DISTINCT sha FROM uses"):
            assert blobs.size(sha) is not None  # type: ignore[arg-type]

    @invariant()
    def quotas_hold(self) -> None:
        # Those that were at work may have come back.
        assert len(self.office.store.waiting()) <= LIMITS.queued + len(self.engines)

    @invariant()
    def the_line_is_what_the_store_says(self) -> None:
        if not self.is_full and not self.office.workshop._unwritten:
            waiting = {record.id for record in self.office.store.waiting()}
            assert waiting == set(self.office.workshop.dispatcher._line._waiting)

    # ---- inside ----------------------------------------------------------------------------------

    def _result(self, seed: int, is_whole: bool) -> Result:
        (take,) = RESULT.takes
        sha = self.office.storage.blobs.write(music_of(seed, is_whole=is_whole))
        stopped = "converged" if is_whole else "finish"
        take = replace(take, seed=seed, stopped=stopped, audio=replace(take.audio, sha=sha))
        return replace(RESULT, takes=(take,))

    def _check_music(self, result: Result, seed: int) -> None:
        """One digest per id, and that of an undisturbed run if it ran to its end."""
        (take,) = result.takes
        music = music_of(seed, is_whole=take.stopped == "converged")
        assert (take.seed, take.audio.sha) == (seed, sha256(music).digest())


TestJobs = Jobs.TestCase
TestJobs.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
