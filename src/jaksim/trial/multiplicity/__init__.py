"""Several hypotheses in one trial: procedures that keep the familywise error."""
