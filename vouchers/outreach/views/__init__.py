"""The screens of communication: overview, automations, texts, campaigns, messages, results."""
