"""The review copy: a scored film with its music's plan and figures burnt in, for people who approve by watching."""
