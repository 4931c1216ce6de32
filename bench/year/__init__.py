"""A simulated year of reminders: the clock moved, real Celery, broker and SMTP server, workers killed at random."""
