"""Commands that answer, and how an answer is shown, streamed, written and given again."""
