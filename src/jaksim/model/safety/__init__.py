"""Harm that comes to patients beside their score: serious adverse events, infections, thromboses, laboratory values."""
