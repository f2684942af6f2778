"""How the threads of PyTorch wait for one another, where a training shares its processor with what is played."""

import os


def wait_asleep() -> None:
    """Let them sleep; before torch is imported. As it is they spin.

    On two cores with six other programs, thirty steps took 247 s spinning and 35 s asleep. Who has set
    OMP_WAIT_POLICY keeps it.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
