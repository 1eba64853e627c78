"""The models in memory: loaded when first needed, kept between jobs, let go of after a while."""

import ctypes
import gc
import logging
from collections.abc import Callable
from pathlib import Path

import torch

from engine.errors import EngineError
from engine.models.clap import Clap
from engine.models.music_model import MusicModel, OnDevice
from plugin_protocol.reports import ModelReport
from plugin_protocol.values import Task

log = logging.getLogger(__name__)

REASON_CHARACTERS = 200


class Models:
    """At most one music model and one audio-text model. `tell` hears how a music model is."""

    def __init__(
        self,
        *,
        load: Callable[[str], MusicModel],
        digest_of: Callable[[str], str],
        require_room: Callable[[Task], None],
        load_clap: Callable[[Path], Clap],
        clap_folder: Path,
        tell: Callable[[ModelReport], None],
    ) -> None:
        self._load = load
        self._digest_of = digest_of
        self._require_room = require_room
        self._load_clap = load_clap
        self._clap_folder = clap_folder
        self._tell = tell
        self._model: tuple[str, MusicModel] | None = None
        self._files = ""
        self._clap: Clap | None = None
        self.digests: dict[str, str] = {}
        """By name, of the models that have been loaded and always are the same: the files of an
        added one may be others when the same job comes again."""

    @property
    def device(self) -> torch.device:
        """Where the loaded model runs."""
        model = self._model[1] if self._model else None
        return model.device if isinstance(model, OnDevice) else torch.device("cpu")

    @property
    def are_loaded(self) -> bool:
        """Whether there is anything to let go of."""
        return self._model is not None or self._clap is not None

    def named(self, name: str, *, task: Task | None = None) -> MusicModel:
        """Return the model of that name, for `task` if for any. Raises EngineError, OSError."""
        files = self._digest_of(name)
        if self._model is None or (self._model[0], self._files) != (name, files):
            self._forget_model()  # the old weights go before the new ones come
            if task is not None:
                self._require_room(task)
            self._tell(ModelReport(name=name, state="loading"))
            try:
                model = self._load(name)
            except Exception as error:
                reason = str(error)[:REASON_CHARACTERS].replace("\n", " ")
                self._tell(ModelReport(name=name, state="failed", message=reason))
                raise
            self._model, self._files = (name, model), files
            if not files:
                self.digests[name] = getattr(model, "digest", "")
            self._tell(_report(name, model))
        return self._model[1]

    def warm_up(self, name: str) -> None:
        """Load a model ahead of its first job, which will say why if that fails."""
        try:
            self.named(name)
        except (EngineError, OSError):
            log.exception("the model %s cannot be loaded", name)

    def clap(self) -> Clap:
        """Return the audio-text model. Raises EngineError where there is none."""
        if self._clap is None:
            self._clap = self._load_clap(self._clap_folder)
        return self._clap

    def make_room(self) -> None:
        """Free what the next attempt at a job can do without or load again."""
        self._clap = None
        _collect()

    def unload(self) -> None:
        """Let go of all models."""
        self._clap = None
        self._forget_model()
        _collect()

    def _forget_model(self) -> None:
        if self._model is not None:
            (name, model), self._model = self._model, None
            digest = getattr(model, "digest", "")
            self._tell(ModelReport(name=name, state="unloaded", digest=digest))


def _report(name: str, model: MusicModel) -> ModelReport:
    rate = model.sample_rate
    # The models that tests stand in for a real one have no window.
    samples = getattr(model, "max_latent_frames", 0) * getattr(model, "hop_length", 0)
    return ModelReport(
        name=name,
        state="ready",
        digest=getattr(model, "digest", ""),
        sample_rate=rate,
        max_seconds=samples / rate,
    )


def _collect() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    # glibc keeps what was freed for itself; other C libraries have no such function.
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
