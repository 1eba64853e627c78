"""Every message on the wire, and nothing else.

Written and read by `framing`; told in words in PROTOCOL.md. `i` numbers a sender's requests from 1,
`re` names the request answered (0: an event nobody asked for).
"""

from .replies import (
    BlobCredit,
    BlobData,
    BlobReady,
    Error,
    JobDetails,
    JobPreview,
    JobProgress,
    Jobs,
    JobState,
    Metrics,
    ModelState,
    Notice,
    Ok,
    Pong,
    Welcome,
)
from .reports import JobSummary, ModelReport, WorkerReport
from .requests import (
    BlobDrop,
    BlobGet,
    BlobPut,
    Bye,
    DaemonStop,
    Hello,
    JobAck,
    JobAttach,
    JobCancel,
    JobCredit,
    JobForget,
    JobGet,
    JobList,
    JobSubmit,
    Message,
    MetricsGet,
    ModelLoad,
    Ping,
    Request,
)

__all__ = [
    "BlobCredit",
    "BlobData",
    "BlobDrop",
    "BlobGet",
    "BlobPut",
    "BlobReady",
    "Bye",
    "DaemonStop",
    "Error",
    "FromClient",
    "FromDaemon",
    "Hello",
    "JobAck",
    "JobAttach",
    "JobCancel",
    "JobCredit",
    "JobDetails",
    "JobForget",
    "JobGet",
    "JobList",
    "JobPreview",
    "JobProgress",
    "JobState",
    "JobSubmit",
    "JobSummary",
    "Jobs",
    "Message",
    "Metrics",
    "MetricsGet",
    "ModelLoad",
    "ModelReport",
    "ModelState",
    "Notice",
    "Ok",
    "Ping",
    "Pong",
    "Request",
    "Welcome",
    "WorkerReport",
]

FromClient = (
    Hello | Ping | Bye | BlobPut | BlobGet | BlobData | BlobDrop | JobSubmit | JobAttach | JobCredit
    | JobCancel | JobAck | JobForget | JobGet | JobList | ModelLoad | MetricsGet | DaemonStop
)  # fmt: skip
FromDaemon = (
    Welcome | Pong | Notice | BlobReady | BlobData | BlobCredit | JobState | JobProgress
    | JobPreview | JobDetails | Jobs | ModelState | Metrics | Ok | Error
)  # fmt: skip
