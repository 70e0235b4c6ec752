"""Options in, one call into runs, one into display, exit code out."""
