"""Say at start what is wrong with the settings of gateways (docs/reminder-gateways.md)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from followup.channels.gateway import faults_of


def look_at_gateways(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    given = (
        ("SMS", settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_SECRET),
        ("WECHAT", settings.WECHAT_GATEWAY_URL, settings.WECHAT_GATEWAY_SECRET),
    )
    return [Error(fault, id="followup.E001") for one in given for fault in faults_of(*one)]
