"""What is read at a till and belongs to another programme: told apart, and its use noted by hand."""
