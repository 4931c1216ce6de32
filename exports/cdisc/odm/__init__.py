"""CDISC ODM 1.3.2: the trial's definitions and data as one XML file, as they stand or as they came about."""
