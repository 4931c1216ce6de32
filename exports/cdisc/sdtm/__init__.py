"""SDTM (implementation guide 3.4): the mapping from forms as data, and the datasets as XPT and Dataset-JSON."""
