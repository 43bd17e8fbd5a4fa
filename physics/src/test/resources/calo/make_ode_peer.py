"""Numbers of OdeSolverTest: scipy's RK45 (scipy 1.x) on two equations, one row at a time.

    python make_ode_peer.py > ode_peer.json
"""

import json

import numpy
from scipy.integrate import solve_ivp

T = 12.0


def oscillator(t, y):
    """Van der Pol, mu = 3, in units of t / 12."""
    return T * numpy.array([y[1], 3 * (1 - y[0] ** 2) * y[1] - y[0]])


def driven(t, y):
    return -3 * y + numpy.sin(5 * t)


result = []
for name, f, starts in (
    ("oscillator", oscillator, [[2.0, 0.0], [0.1, -0.3], [-1.0, 4.0]]),
    ("driven", driven, [[1.0, -2.0], [0.5, 0.0], [0.0, 0.0]]),
):
    for rtol, atol in ((1e-3, 1e-6), (1e-6, 1e-6), (1e-9, 1e-10)):
        for start in starts:
            s = solve_ivp(f, (0, 1), start, method="RK45", rtol=rtol, atol=atol)
            result.append(
                dict(equation=name, rtol=rtol, atol=atol, start=start,
                     end=s.y[:, -1].tolist(), evaluations=s.nfev)
            )
print(json.dumps(result, indent=1))
