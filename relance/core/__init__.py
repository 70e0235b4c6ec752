"""Pure decisions: no file, no clock, no network, no French."""
