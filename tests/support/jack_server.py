"""A real sound server without a sound card: `jackd -d dummy`."""

import os
import subprocess


class Server:
    """A JACK server of its own name, that can be killed."""

    def __init__(self, name: str) -> None:
        self.environment = {**os.environ, "JACK_DEFAULT_SERVER": name, "JACK_NO_AUDIO_RESERVATION": "1"}
        self._name = name
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, if it does not run."""
        if self._process and self._process.poll() is None:
            return
        command = ["jackd", "--no-realtime", "-n", self._name, "-d", "dummy", "-r", "48000", "-p", "256"]
        self._process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process:
            self._process.kill()
            self._process.wait()
        self._process = None

    def stop(self) -> None:
        """End it in peace, so that JACK lets go of its name."""
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        self._process = None
