"""Starts what the system needs where nothing is prepared: `python -m trial_edc.launcher -h`."""
