"""Audit of a lake (事后审核): every rule over settled bills, findings out."""
