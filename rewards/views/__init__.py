"""The rooms of rewards: lists and pages (`rewards`), their stock (`stock`) and the categories (`categories`)."""
