"""How a trial is run: its sites, screening, supply, wards, data, board and costs."""
