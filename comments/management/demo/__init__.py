"""A small blog to try Storied out with: its words and pictures (files), and how they get into the database."""
