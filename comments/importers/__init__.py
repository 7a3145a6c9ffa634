"""Discussions from elsewhere: readers that turn an export into records, and the loader that writes them."""
