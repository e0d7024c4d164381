"""What an answer rests on: citation markers, the quotation behind each, figures from nowhere, and refusals."""
