"""Tells which classes may have a finding at all, without running them."""
