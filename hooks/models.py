"""What is stored about Git hosts and what they said."""
