"""Findings of analysis: one module a finding, over one solver."""
