from django.apps import AppConfig


class TrialEdcConfig(AppConfig):
    name = "trial_edc"
