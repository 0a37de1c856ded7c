"""The stages of a run one by one, for whoever has several machines do them."""
