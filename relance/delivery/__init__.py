"""From texts to the world, by SMTP or as drafts: claim, hand over, settle; copies and answers in the mailbox."""
