"""Public models that work here: what they are, whose, under which licence, and how to add them.

Sources: the makers' model cards of 2026, and the weights counted in the published settings, text
encoders included. Licences change: what the maker says where the model is published is what counts.
"""

from dataclasses import dataclass

SCRIPTS = "diffusers/scripts"
"""Where diffusers keeps its converters: in its repository, not in what pip installs."""
COMMUNITY = (
    "Stability AI Community (free below 1 M$ revenue a year; to be accepted where published)"
)


@dataclass(frozen=True)
class PublicModel:
    """One model. `weights`: billions of numbers in all parts, about. `convert` is the command that
    makes diffusers' layout of its maker's; `converted`, where somebody else has published that."""

    name: str
    title: str
    repository: str
    licence: str
    weights: float
    pipeline: str
    convert: str = ""
    converted: str = ""


def _stable_audio_3(name: str, weights: float, title: str) -> PublicModel:
    return PublicModel(
        name=f"sa3-{name}",
        title=title,
        repository=f"stabilityai/stable-audio-3-{name}",
        licence=f"{COMMUNITY}; its text encoder under Google's Gemma terms",
        weights=weights,
        pipeline="StableAudio3Pipeline",
        convert=f"python {SCRIPTS}/convert_stable_audio_3_to_diffusers.py --checkpoint_path "
        "DOWNLOADED/model.safetensors --model_config_path DOWNLOADED/model_config.json "
        "--text_encoder_repo T5GEMMA --output_dir FOLDER",
    )


PUBLIC_MODELS = (
    _stable_audio_3("small-music", 0.9, "Stable Audio 3 small: music, the quickest of them"),
    _stable_audio_3("small-music-base", 0.9, "Stable Audio 3 small before distillation: slower"),
    _stable_audio_3("medium", 2.6, "Stable Audio 3 medium: music and effects"),
    _stable_audio_3("medium-base", 2.6, "Stable Audio 3 medium before distillation: slower"),
    PublicModel(
        name="stable-audio-open",
        title="Stable Audio Open 1.0: samples and effects, 47 s at a time",
        repository="stabilityai/stable-audio-open-1.0",
        licence=COMMUNITY,
        weights=1.3,
        pipeline="StableAudioPipeline",
    ),
    PublicModel(
        name="foundation-1",
        title="Foundation-1: Stable Audio Open made for loops in tempo and key",
        repository="RoyalCities/Foundation-1",
        licence=COMMUNITY,
        weights=1.3,
        pipeline="StableAudioPipeline",
        converted="tintwotin/Foundation-1-Diffusers",
    ),
    PublicModel(
        name="ace-step",
        title="ACE-Step 1.5 turbo: songs, eight steps",
        repository="ACE-Step/Ace-Step1.5",
        licence="MIT",
        weights=2.4,
        pipeline="AceStepPipeline",
        convert=f"python {SCRIPTS}/convert_ace_step_to_diffusers.py --checkpoint_dir DOWNLOADED "
        "--dit_config acestep-v15-turbo --output_dir FOLDER --dtype fp32",
    ),
    PublicModel(
        name="ace-step-xl",
        title="ACE-Step 1.5 XL turbo: songs, eight steps, larger",
        repository="ACE-Step/acestep-v15-xl-turbo-diffusers",
        licence="MIT",
        weights=5.3,
        pipeline="AceStepPipeline",
    ),
    PublicModel(
        name="ace-step-xl-base",
        title="ACE-Step 1.5 XL before distillation: slower",
        repository="ACE-Step/acestep-v15-xl-base-diffusers",
        licence="MIT",
        weights=5.3,
        pipeline="AceStepPipeline",
    ),
    PublicModel(
        name="audioldm2-music",
        title="AudioLDM 2 music: 16 kHz mono, for research",
        repository="cvssp/audioldm2-music",
        licence="CC-BY-NC-SA-4.0 (no commercial use)",
        weights=1.1,
        pipeline="AudioLDM2Pipeline",
    ),
)
