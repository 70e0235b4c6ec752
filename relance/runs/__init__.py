"""The stories: plan, send, check, show, record; each one reads, decides, acts."""
