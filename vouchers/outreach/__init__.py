"""Communication with customers: texts, automations, campaigns, the queue of messages and what came of each."""
