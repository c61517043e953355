"""What keeps a site in order: the check that rows and files agree."""
