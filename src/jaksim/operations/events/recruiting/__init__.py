"""Who comes to the sites, which sites still take patients, and what arm each gets."""
