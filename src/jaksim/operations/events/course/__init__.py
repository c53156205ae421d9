"""The disease of each patient from day to day, as it goes and as it is changed."""
