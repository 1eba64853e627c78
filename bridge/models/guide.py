"""Public models that work here: what they are, whose, under which licence, and how to add them.

Sources: the makers' model cards of 2026; sizes are of the weights as published. Licences change:
what the maker says where the model is published is what counts.
"""

from dataclasses import dataclass

SCRIPTS = "diffusers/scripts"
"""Where diffusers keeps its converters: in its repository, not in what pip installs."""
COMMUNITY = (
    "Stability AI Community (free below 1 M$ revenue a year; to be accepted where published)"
)


@dataclass(frozen=True)
class PublicModel:
    """One model. `size` is in GB on the disk; `convert` is how its layout becomes diffusers'."""

    name: str
    title: str
    repository: str
    licence: str
    size: float
    pipeline: str
    convert: str = ""

    @property
    def needs_conversion(self) -> bool:
        """Whether its maker publishes it in a layout of its own."""
        return bool(self.convert)


def _stable_audio_3(name: str, size: float, title: str) -> PublicModel:
    return PublicModel(
        name=f"sa3-{name}",
        title=title,
        repository=f"stabilityai/stable-audio-3-{name}",
        licence=f"{COMMUNITY}; its text encoder under Google's Gemma terms",
        size=size,
        pipeline="StableAudio3Pipeline",
        convert=f"python {SCRIPTS}/convert_stable_audio_3_to_diffusers.py --checkpoint_path "
        f"DOWNLOADED --model_config_path DOWNLOADED/model_config.json --text_encoder_repo "
        f"google/t5gemma-b-b-ul2 --output_dir FOLDER --dtype float32",
    )


PUBLIC_MODELS = (
    _stable_audio_3("small-music", 3.4, "Stable Audio 3 small: music, the quickest of them"),
    _stable_audio_3("small-music-base", 3.4, "the same before distillation: slower, guided"),
    _stable_audio_3("medium", 10.3, "Stable Audio 3 medium: music and effects, for 16 GB"),
    _stable_audio_3("medium-base", 10.3, "the same before distillation: slower, guided"),
    PublicModel(
        name="stable-audio-open",
        title="Stable Audio Open 1.0: samples and effects, 47 s at a time",
        repository="stabilityai/stable-audio-open-1.0",
        licence=COMMUNITY,
        size=5.3,
        pipeline="StableAudioPipeline",
    ),
    PublicModel(
        name="foundation-1",
        title="Foundation-1: Stable Audio Open made for loops in tempo and key",
        repository="tintwotin/Foundation-1-Diffusers",
        licence=COMMUNITY,
        size=5.3,
        pipeline="StableAudioPipeline",
    ),
    PublicModel(
        name="ace-step",
        title="ACE-Step 1.5 turbo: songs, eight steps",
        repository="ACE-Step/Ace-Step1.5",
        licence="MIT",
        size=6.3,
        pipeline="AceStepPipeline",
        convert=f"python {SCRIPTS}/convert_ace_step_to_diffusers.py --checkpoint_dir DOWNLOADED "
        "--dit_config acestep-v15-turbo --output_dir FOLDER --dtype fp32",
    ),
    PublicModel(
        name="ace-step-xl",
        title="ACE-Step 1.5 XL turbo: the same with 4 B weights, for 24 GB",
        repository="ACE-Step/acestep-v15-xl-turbo-diffusers",
        licence="MIT",
        size=11.0,
        pipeline="AceStepPipeline",
    ),
    PublicModel(
        name="ace-step-xl-base",
        title="ACE-Step 1.5 XL before distillation: slower, guided",
        repository="ACE-Step/acestep-v15-xl-base-diffusers",
        licence="MIT",
        size=11.0,
        pipeline="AceStepPipeline",
    ),
    PublicModel(
        name="audioldm2-music",
        title="AudioLDM 2 music: 16 kHz mono, for research",
        repository="cvssp/audioldm2-music",
        licence="CC-BY-NC-SA-4.0 (no commercial use)",
        size=4.4,
        pipeline="AudioLDM2Pipeline",
    ),
)
