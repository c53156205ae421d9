"""How one replicate becomes tables of counts: cells, cohorts by entry, the law and the path engine."""
