"""How nano is made: model, tokenizer, curriculum, training, export."""
