"""The stores of the sandbox's merchant: display name and number. Pure data, after the contract's example."""

STORES = {"Loja Centro": 7, "Loja Shopping": 8, "Quiosque Praça": 9, "Loja Jardins": 12}
# Where a validation through the API is booked: the call names no store.
API_STORE = "Loja Centro"
