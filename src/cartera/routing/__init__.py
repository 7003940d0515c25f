"""The published contract. The modules below are generated from protos/ by the build; see hatch_build.py."""
