"""How fast the system is, beside a plain admin on the same machine: `make bench`, or `python -m bench -h`."""
