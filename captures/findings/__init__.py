"""What can be wrong with an exchange: the rules, a file a family, and the catalogue of them."""
