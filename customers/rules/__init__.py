"""The programme's rule: dated versions, campaigns, what a sale is expected to bring, simulation on past sales."""
