"""What needs a person today, section by section, the most pressing first (sections.py says how one is added)."""
