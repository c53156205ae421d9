"""Predicting every published figure of a trial from its control arm and from the effects that other trials found."""
