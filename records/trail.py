from accounts.attribution import action, attributed, current_request

__all__ = ["action", "attributed", "current_request"]
