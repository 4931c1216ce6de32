from diary.models.contacts import ContactConsent, ContactDetails
from diary.models.entries import DiaryEntry, DiaryTask, DiaryTaskStep, EntryRemark
from diary.models.links import DiaryKnock, DiaryLink

__all__ = [
    "ContactConsent",
    "ContactDetails",
    "DiaryEntry",
    "DiaryKnock",
    "DiaryLink",
    "DiaryTask",
    "DiaryTaskStep",
    "EntryRemark",
]
