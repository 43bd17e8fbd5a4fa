"""Golden numbers of the shower generator, computed with numpy and scipy. Usage: make_showers.py > showers.json

The parametrisation of hep-ex/0001020 written a second time; mean layer energies are integrals over the fluctuating
profile (Gauss-Hermite) and, for photons, over the depth of the conversion (Gauss-Laguerre).
"""
import json

import numpy as np
from scipy.special import gammainc


def medium(absorber, da, active, dp):
    z, x, ec, rho = np.array([absorber, active]).T
    mass = rho * [da, dp]
    w = mass / mass.sum()
    density = mass.sum() / (da + dp)
    x0 = 1 / (w / x).sum()
    mm = 10 * x0 / density
    return {
        "z": (w * z).sum(),
        "radiationLengthMm": mm,
        "criticalEnergyMeV": x0 * (w * ec / x).sum(),
        "moliereRadiusMm": 10 / (density / 21.2052 * (w * ec / x).sum()),
        "samplingFrequency": mm / (da + dp),
        "electronToMip": 1 / (1 + 0.007 * (z[0] - z[1])),
    }


def logs(m, gev):
    l = np.log(gev * 1e3 / m["criticalEnergyMeV"])
    fs, e, z = m["samplingFrequency"], m["electronToMip"], m["z"]
    t = np.log(np.exp(np.log(l - 0.812)) - 0.55 / fs - 0.69 * (1 - e))
    a = np.log(np.exp(np.log(0.81 + (0.458 + 2.26 / z) * l)) - 0.476 / fs)
    return t, a, 1 / (-2.5 + 1.25 * l), 1 / (-0.82 + 0.79 * l), 0.784 - 0.023 * l


def layers(m, gev, borders, start):
    """Mean energy of each layer over all showers that begin at a depth, as parts of the incident energy."""
    t, a, st, sa, rho = logs(m, gev)
    x, w = np.polynomial.hermite_e.hermegauss(80)
    g1, g2 = np.meshgrid(x, x)
    weight = np.outer(w, w) / (w.sum() ** 2)
    c1, c2 = np.sqrt((1 + rho) / 2), np.sqrt((1 - rho) / 2)
    tt = np.exp(t + st * (c1 * g1 + c2 * g2))
    alpha = np.maximum(1.1, np.exp(a + sa * (c1 * g1 - c2 * g2)))
    beta = (alpha - 1) / tt
    inside = [(weight * gammainc(alpha, beta * max(0, b - start))).sum() for b in borders]
    return np.diff(inside)


def photon_layers(m, gev, borders):
    x, w = np.polynomial.laguerre.laggauss(40)
    return sum(wi * layers(m, gev, borders, 9 / 7 * xi) for xi, wi in zip(x, w))


def radial(m, gev, tau):
    fs, e, z, l = m["samplingFrequency"], m["electronToMip"], m["z"], np.log(gev)
    core = (0.0251 + 0.00319 * l) + (0.1162 - 0.000381 * z) * tau
    core += -0.0203 * (1 - e) + (0.0397 / fs) * np.exp(-tau)
    tail = (0.659 - 0.00309 * z) * (np.exp(-2.59 * (tau - 0.645)) + np.exp((0.3585 + 0.0412 * l) * (tau - 0.645)))
    tail += -0.14 * (1 - e) - (0.495 / fs) * np.exp(-tau)
    x = ((0.401 + 0.00187 * z) - tau) / (1.313 - 0.0686 * l)
    p = (2.632 - 0.00094 * z) * np.exp(x - np.exp(x)) + (1 - e) * (0.348 - (0.642 / fs) * np.exp(-((tau - 1) ** 2)))
    return [float(np.clip(p, 0, 1)), float(max(core, 1e-3)), float(max(tail, 1e-2))]


def main():
    media = {
        "tungsten": medium((74, 6.76, 7.97, 19.3), 1.4, (14, 21.82, 40.19, 2.33), 0.3),
        "lead": medium((82, 6.37, 7.43, 11.35), 1.53, (18, 19.55, 32.84, 1.396), 4.2),
    }
    pair = 1 / media["tungsten"]["samplingFrequency"]
    borders = {"tungsten": [i * pair for i in range(46)], "lead": [1.5, 2, 6.3, 22.3, 24.3, 39.3]}
    cases = []
    for name, m in media.items():
        for gev in (1, 10, 100, 1000):
            t, a, st, sa, rho = logs(m, gev)
            T, alpha = np.exp(t), np.exp(a)
            beta = (alpha - 1) / T
            spot_t, spot_alpha = T * (0.813 + 0.0019 * m["z"]), alpha * (0.844 + 0.0026 * m["z"])
            cases.append(
                {
                    "medium": name,
                    "energyGeV": gev,
                    "maximum": T,
                    "shape": alpha,
                    "spots": 10.3 * np.log(m["z"]) * gev**0.959,
                    "spotsBefore": [float(gammainc(spot_alpha, (spot_alpha - 1) / spot_t * b)) for b in borders[name]],
                    "before": [float(gammainc(alpha, beta * b)) for b in borders[name]],
                    "electronLayers": [float(v) for v in layers(m, gev, borders[name], 0)],
                    "photonLayers": [float(v) for v in photon_layers(m, gev, borders[name])],
                    "radial": [[tau] + radial(m, gev, tau) for tau in (0.1, 0.5, 1, 1.7, 3)],
                }
            )
    print(json.dumps({"media": media, "cases": cases}, indent=1))


if __name__ == "__main__":
    main()
