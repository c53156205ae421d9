"""Places of the wards of each site, and the patients who need them."""
