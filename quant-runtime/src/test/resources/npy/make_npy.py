"""Makes the .npy files of the tests with numpy. usage: make_npy.py (writes beside itself)"""
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = {
    "f4": np.array([[1, -2.5, 0], [np.nan, 4, 5]], "<f4"),
    "f8": np.array([1e300, -1], "<f8"),
    "i8": np.array([-(2**63), 7], "<i8"),
    "i4": np.array([-(2**31), 7], "<i4"),
    "i1": np.array([-128, 127], "i1"),
    "u1": np.array([255, 0], "u1"),
    "b1": np.array([True, False]),
    "scalar": np.array(3, "<f4"),
    "empty": np.zeros((0, 5), "<f4"),
    "fortran": np.asfortranarray(np.ones((2, 3), "<f4")),
    "big_endian": np.array([1, 2], ">f4"),
    "f2": np.array([1, 2], "<f2"),
    "structured": np.zeros(2, [("a", "<f4"), ("b", "<i4")]),
}
for name, array in FILES.items():
    np.save(os.path.join(HERE, name + ".npy"), array)
np.save(os.path.join(HERE, "object.npy"), np.array([None, "a"], object), allow_pickle=True)
for version in (2, 3):
    with open(os.path.join(HERE, f"version{version}.npy"), "wb") as f:
        np.lib.format.write_array(f, np.array([1, 2], "<f4"), version=(version, 0))
