"""Which wording of the prompts is in use, how it got there, and whether another is better."""
