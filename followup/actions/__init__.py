from followup.actions.planner import follow_anchor, follow_status, replan_participant

__all__ = ["follow_anchor", "follow_status", "replan_participant"]
