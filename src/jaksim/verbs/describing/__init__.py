"""What files may hold, for readers and for editors."""
