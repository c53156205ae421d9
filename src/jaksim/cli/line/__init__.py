"""What a command line says, read before the command is run."""
