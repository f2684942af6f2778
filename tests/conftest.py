import os

os.environ["NUMBA_NRT_STATS"] = "1"  # read when numba is imported: lets tests count its allocations
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # read when Qt starts: windows without a screen
