"""Exports in CDISC's formats: ODM 1.3.2, SDTM as XPT and Dataset-JSON with Define-XML 2.1, ADaM."""
