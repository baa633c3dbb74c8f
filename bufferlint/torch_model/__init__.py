"""What torch's names are and what they give. Knows names only and never loads torch."""
