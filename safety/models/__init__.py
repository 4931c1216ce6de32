from safety.models.deviation import ProtocolDeviation

__all__ = ["ProtocolDeviation"]
