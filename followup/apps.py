from django.apps import AppConfig
from django.core import checks


class FollowupConfig(AppConfig):
    name = "followup"

    def ready(self) -> None:
        from followup.gateway_checks import look_at_gateways  # noqa: PLC0415 - models are there from here on

        checks.register(look_at_gateways)
