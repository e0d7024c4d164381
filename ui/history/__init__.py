"""The History tab: conversations that were held."""
