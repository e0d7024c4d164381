"""Invented worlds: people and places, documents about them in English and Russian, questions over several hops."""
