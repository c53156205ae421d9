"""What a trial expects of its patients by the exact law, without any replicate."""
