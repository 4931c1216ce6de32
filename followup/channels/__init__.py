"""The ways to a person: mail always, text messages and WeChat where a gateway is set up."""

from collections.abc import Mapping

from django.conf import settings

from followup.channels.gateway import Gateway
from followup.channels.interface import Letter, NotDelivered, Unanswered, Way
from followup.channels.mail import Mail
from followup.reminder_rules import Channel

__all__ = ["Letter", "NotDelivered", "Unanswered", "Way", "channels"]


def channels() -> Mapping[Channel, Way]:
    """Every channel as the settings have it now."""
    return {
        Channel.MAIL: Mail(),
        Channel.SMS: Gateway("SMS", "phone", settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_SECRET),
        Channel.WECHAT: Gateway(
            "WECHAT", "wechat", settings.WECHAT_GATEWAY_URL, settings.WECHAT_GATEWAY_SECRET
        ),
    }
