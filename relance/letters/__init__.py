"""From the plan to texts: mails and letters (PDF), words for a call or an SMS; templates, rendering, composing."""
