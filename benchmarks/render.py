"""Rendering whole sounds: the real-time factor of each quality, and the seconds for ten seconds of stereo."""

import time

import numpy as np

from rtengine import patch

SECONDS, SAMPLE_RATE = 10, 44_100
TARGETS = {"lofi": 0.20, "standard": 0.30, "hifi": 0.45}  # seconds, on two cores
ORIGINAL = {"lofi": 20.0, "standard": 30.0, "hifi": 45.0}  # seconds, as MusiCoder's manual states them for a server
