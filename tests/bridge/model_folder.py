"""A model of two parts in diffusers' layout, a few numbers large, on disk without torch."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

WEIGHTS = "transformer/diffusion_pytorch_model.safetensors"
CARD = "---\nlicense: other\nlicense_name: stable-audio-community\n---\n# A model\n"


def write_model(folder: Path) -> Path:
    index = {
        "_class_name": "StableAudioPipeline",
        "_diffusers_version": "0.42.1",
        "scheduler": [None, None],
        "tokenizer": ["transformers", "T5Tokenizer"],
        "transformer": ["diffusers", "StableAudioDiTModel"],
    }
    for part in ("transformer", "tokenizer"):
        (folder / part).mkdir(parents=True)
    (folder / "model_index.json").write_text(json.dumps(index))
    (folder / "README.md").write_text(CARD)
    (folder / "transformer" / "config.json").write_text("{}")
    (folder / "tokenizer" / "tokenizer.json").write_text("{}")
    save_file({"a": np.ones((3, 5), "f4"), "b": np.ones(7, "f2")}, folder / WEIGHTS)
    return folder
