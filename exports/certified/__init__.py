"""A site's certified copy: its data, trail and files in open formats, with the script that checks them (verify.py)."""
