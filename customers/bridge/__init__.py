"""Sales of card machines that reach the programme through SmartPOS: feeds, their life, registering them."""
