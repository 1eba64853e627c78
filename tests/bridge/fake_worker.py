"""The real worker with the fake engine."""

from bridge.worker.__main__ import open_channel

if __name__ == "__main__":
    channel = open_channel()
    # Late, like the real one: the channel is open before torch is there.
    from fake_music import FakeModel, perform

    from bridge.worker.serve import serve
    from engine.models.clap import load_clap

    serve(
        channel,
        load=lambda name: FakeModel(),
        load_clap=load_clap,
        available=lambda: ("fake",),
        perform=perform,
    )
