"""The gate: a take that fails the card is composed again; what is still unsafe is never delivered."""
