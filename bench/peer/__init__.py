"""The peer: what a site would build for itself, a plain Django admin with django-simple-history."""
