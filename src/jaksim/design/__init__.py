"""Operating characteristics of a trial: cells, engines, exact reductions, the large-sample twin."""
