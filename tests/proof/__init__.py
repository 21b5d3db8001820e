"""The proof: a day of real orders through the whole house."""
