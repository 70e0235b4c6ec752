"""From texts to the world: claim, hand over, settle."""
