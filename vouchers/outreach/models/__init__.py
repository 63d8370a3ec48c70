"""Texts, plans (automations and campaigns), messages with what came of them, and what customers answered."""

from vouchers.outreach.models.answers import Incoming, SurveyAnswer
from vouchers.outreach.models.messages import LastContact, Message, Receipt
from vouchers.outreach.models.plans import Automation, Campaign, Preferences
from vouchers.outreach.models.texts import Template

__all__ = [
    "Automation",
    "Campaign",
    "Incoming",
    "LastContact",
    "Message",
    "Preferences",
    "Receipt",
    "SurveyAnswer",
    "Template",
]
