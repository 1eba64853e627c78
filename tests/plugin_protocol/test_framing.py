"""Messages arrive as they were sent, or are refused."""

from contextlib import suppress
from typing import Any

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_protocol.framing import (
    CLIENT_TYPES,
    DAEMON_TYPES,
    BadMessageError,
    decode_reply,
    decode_request,
    encode,
    pack,
    unpack,
)
from plugin_protocol.messages import (
    BlobCredit,
    BlobData,
    BlobDrop,
    BlobGet,
    BlobPut,
    BlobReady,
    Bye,
    DaemonStop,
    Error,
    Hello,
    JobAck,
    JobAttach,
    JobCancel,
    JobCredit,
    JobDetails,
    JobForget,
    JobGet,
    JobList,
    JobPreview,
    JobProgress,
    Jobs,
    JobState,
    JobSubmit,
    JobSummary,
    Metrics,
    MetricsGet,
    ModelLoad,
    ModelReport,
    ModelState,
    Notice,
    Ok,
    Ping,
    Pong,
    Welcome,
)
from plugin_protocol.values import (
    AudioRef,
    Failure,
    Generate,
    Inpaint,
    Intensity,
    Loop,
    MeasuredCurve,
    MeasuredMatrix,
    Melody,
    Music,
    Note,
    Outpaint,
    Region,
    Repeat,
    Result,
    Section,
    Span,
    Start,
    Structure,
    Take,
    Task,
    TextMatch,
    Vary,
)

PREAMBLE = b"DITO\1\0\0\0"
JOB = "01890a5d-ac96-774b-bcce-b302099a8057"
SHA = bytes(range(32))
CLIP = AudioRef(sha=SHA, format="f64le", sample_rate=44100, channels=2, frames=132300)
TASK = Task(
    objectives=(
        Generate(seconds=3),
        Outpaint(seconds=3, side="both", overlap=1.5),
        Inpaint(regions=(Region(start=0.5, end=1),)),
        Loop(seconds=2, overlap=0.5),
        Vary(strength=0.25),
        Intensity(points=((0, -30), (4, -12.5)), match="shape", weight=2),
        Melody(notes=(Note(0, 0.5, 60),), region=Region(start=1, end=2), schedule=(1, 0)),
        Melody(reference=CLIP, reading="harmony"),
        Structure(sections=(Section("A", 2), Section("", 1)), unit="bars"),
        Repeat(period=2),
        TextMatch(description="a piano in a hall"),
    ),
    clip=CLIP,
    prompt="naïve ♫",
    seed=2**53,
    takes=2,
    quality="paper",
    music=Music(bpm=120, beat_offset=-0.25, key="A minor"),
    balance=True,
    start=Start(noise=SHA, mode="resample"),
)
TAKE = Take(seed=2**53, audio=CLIP, losses={"a": 0.5}, first_losses={"a": 2.0}, noise=SHA)
MATRIX = MeasuredMatrix(
    name="structure", size=2, seconds=(0, 1), target=b"\xff\0\0\xff", measured=b"\xff\x80\x80\xff"
)
RESULT = Result(
    takes=(TAKE,),
    new=(Span(start=1, end=2),),
    curves=(MeasuredCurve(name="a", unit="dB", seconds=(0,), target=(1,), measured=(2,)),),
    matrices=(MATRIX,),
)
REQUESTS = [
    Hello(i=1, client="test", resume=(JOB,)),
    Ping(i=2),
    BlobPut(i=3, sha=SHA, size=1),
    BlobGet(i=4, sha=SHA, offset=5, credit=6),
    JobSubmit(i=5, job=JOB, task=TASK, previews=True),
    JobAttach(i=6, job=JOB),
    JobCancel(i=7, job=JOB, mode="finish"),
    JobAck(i=8, job=JOB),
    JobList(i=9, limit=3),
    DaemonStop(i=10),
    Bye(i=11),
    BlobDrop(i=12, sha=SHA),
    JobCredit(i=13, job=JOB, previews=16),
    JobForget(i=14, job=JOB),
    JobGet(i=15, job=JOB),
    ModelLoad(i=16),
    MetricsGet(i=17),
    JobSubmit(
        i=18,
        job=JOB,
        task=TASK,
        preview_credit=2,
        priority="batch",
        queue_ttl=1,
        run_ttl=60.5,
        on_deadline="fail",
        on_disconnect="cancel",
        retention="7d",
        private=True,
        tags={"project": "verse"},
        allow_cached=False,
    ),
    JobList(i=19, state="done", before=JOB),
]
REPLIES = [
    Welcome(re=1, epoch=3, server="x", minor=0, limits={"chunk": 1}, models=("embedded",), pid=9),
    Pong(re=2, epoch=3, worker="idle", job=JOB, queued=4),
    BlobReady(re=3, offset=7, credit=16),
    BlobCredit(sha=SHA, offset=8, done=True),
    JobState(job=JOB, state="done", ev=4, attempt=1, result=RESULT),
    JobState(job=JOB, state="failed", failure=Failure(code="X", message="Why.", hint="What.")),
    JobProgress(job=JOB, phase="optimizing", step=1, steps=2, loss=0.5, eta_seconds=1.5),
    JobPreview(job=JOB, step=1, audio=CLIP),
    Jobs(re=5, jobs=(JobSummary(job=JOB, state="queued", kind="loop", created_ms=1),)),
    Ok(re=6, changed=False),
    Error(re=7, failure=Failure(code="X", message="Why."), job=JOB),
    Notice(kind="leaving", text="The daemon leaves."),
    JobDetails(re=8, job=JOB, state="queued", ev=1, created_ms=2, tags={"a": "b"}, task=TASK),
    ModelState(model=ModelReport(name="embedded", state="ready", sample_rate=44100)),
    Metrics(re=9, values={"jobs_done_total": 3.0}),
]


@pytest.mark.parametrize("message", REQUESTS, ids=lambda m: type(m).__name__)
def test_a_request_arrives_as_it_was_sent(message: Any) -> None:
    assert decode_request(encode(message)) == (message, None)


@pytest.mark.parametrize("message", REPLIES, ids=lambda m: type(m).__name__)
def test_a_reply_arrives_as_it_was_sent(message: Any) -> None:
    assert decode_reply(encode(message)) == (message, None)


def test_a_chunk_arrives_beside_its_message() -> None:
    message = BlobData(i=1, sha=SHA, offset=2, last=True, size=7)
    assert decode_request(encode(message, b"audio")) == (message, b"audio")
    assert decode_reply(encode(message, b"audio")) == (message, b"audio")


def test_every_message_type_is_tried_here() -> None:
    tried = {type(message) for message in [*REQUESTS, *REPLIES]} | {BlobData}
    assert tried == {*CLIENT_TYPES.values(), *DAEMON_TYPES.values()}


def test_a_ping_has_not_changed_on_the_wire() -> None:
    assert encode(Ping(i=7)) == [b"DITO\1\2\0\0", b"\x82\xa1t\xa4ping\xa1i\x07"]


def test_a_task_spelt_with_whole_numbers_is_the_same_task() -> None:
    """The daemon tells jobs apart by the bytes of what arrived."""
    whole, real = (Task(objectives=(Generate(seconds=seconds),)) for seconds in (3, 3.0))
    assert pack(unpack(pack(whole), Task)) == pack(unpack(pack(real), Task))


def test_the_daemons_fields_from_the_future_are_skipped() -> None:
    failure = {"code": "X", "message": "Why.", "colour": "red"}
    header = msgpack.packb({"t": "error", "failure": failure, "mood": 1})
    message, _ = decode_reply([PREAMBLE, header])
    assert message == Error(failure=Failure(code="X", message="Why."))


@pytest.mark.parametrize("size", [1, 3])
def test_a_matrix_that_is_not_square_is_refused(size: int) -> None:
    fields = msgspec.to_builtins(MATRIX, builtin_types=(bytes,)) | {"size": size}
    with pytest.raises(BadMessageError, match=f"A matrix of size {size} has {size**2} bytes"):
        unpack(msgpack.packb(fields), MeasuredMatrix)


@given(st.data())
def test_a_bent_message_becomes_a_message_or_is_refused(data: st.DataObject) -> None:
    header = bytearray(pack(data.draw(st.sampled_from(REQUESTS))))
    for _ in range(data.draw(st.integers(1, 4))):
        header[data.draw(st.integers(0, len(header) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BadMessageError):
        decode_request([PREAMBLE, bytes(header)])
