"""ADaM: analysis-ready datasets, ADSL one row a participant and ADTTE one row a participant and endpoint."""
