from monitoring.models.firing import CheckFiring
from monitoring.models.query import Query, QueryStep

__all__ = ["CheckFiring", "Query", "QueryStep"]
