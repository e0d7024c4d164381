"""What was asked and answered: conversations, the traces of answers, votes on them."""
