import os

os.environ["NUMBA_NRT_STATS"] = "1"  # read when numba is imported: lets tests count its allocations
