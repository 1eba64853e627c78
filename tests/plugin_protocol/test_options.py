"""What a client may say about a job is what the message holds."""

from plugin_protocol.messages import JobSubmit
from plugin_protocol.options import JobOptions


def test_the_options_are_the_fields_of_the_message() -> None:
    own = set(JobSubmit.__struct_fields__) - {"i", "re", "job", "task"}
    assert set(JobOptions.__annotations__) == own
