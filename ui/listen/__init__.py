"""What the listener says, over the last minutes."""
