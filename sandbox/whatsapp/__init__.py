"""WhatsApp's Cloud API as Meta publishes it, as far as a shop needs it."""
