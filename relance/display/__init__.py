"""A value shown as a terminal table, plain lines or JSON."""
