"""The encoder: texts to unit vectors, with a fingerprint that tells one encoder from another."""

from .encoder import DEFAULT_ENCODER, Encoder, EncoderLike, FloatArray
from .files import find_encoder

__all__ = ["DEFAULT_ENCODER", "Encoder", "EncoderLike", "FloatArray", "find_encoder"]
