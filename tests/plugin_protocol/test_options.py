"""What a client may say about a job and its task is what the messages hold."""

from plugin_protocol.messages import JobSubmit
from plugin_protocol.options import JobOptions, TaskOptions
from plugin_protocol.values import Task


def test_the_options_are_the_fields_of_the_message() -> None:
    own = set(JobSubmit.__struct_fields__) - {"i", "re", "job", "task"}
    assert set(JobOptions.__annotations__) == own


def test_the_options_of_a_task_are_its_fields() -> None:
    own = set(Task.__struct_fields__) - {"objectives", "clip"}
    assert set(TaskOptions.__annotations__) == own
