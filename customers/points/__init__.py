"""Points of a customer: what changed a balance, the tiers, and how points are earned."""
