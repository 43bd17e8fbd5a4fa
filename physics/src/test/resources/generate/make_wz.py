"""Decay angles and stored weights of the first 200 jets of the Pythia sample. Usage: make_wz.py wz_sample.root > wz.json

The weights in the sample were computed by another program from unrounded angles (data/README.md, section 2; CC0).
"""
import json
import sys

import uproot

COLUMNS = ["boson_pdgId", "lep1_pdgId", "q1_pdgId", "gen_theta_had", "gen_phi_had", "gen_theta_lep", "gen_phi_lep"]
COLUMNS += ["gen_mWZ", "gen_cos_theta", "gen_quark_dir", "eft_coeff"]

a = uproot.open(sys.argv[1] + ":jets").arrays(COLUMNS, entry_stop=200, library="np")
rows = [[a[c][i].tolist() for c in COLUMNS] for i in range(200)]
print("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]")
