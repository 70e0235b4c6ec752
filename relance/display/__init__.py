"""A value shown as a screen, plain lines, JSON, or a file for people (report, calendar, evidence); the sentences."""
