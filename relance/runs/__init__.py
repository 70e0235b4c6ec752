"""The stories: plan, send, check, show, record; each opens a `Desk` (dossier.py), reads, decides, acts."""
