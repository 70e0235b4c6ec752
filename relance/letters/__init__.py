"""From the plan to texts: templates, rendering, composing."""
