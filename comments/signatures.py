"""What stands where a name has to stand, for a comment whose writer is not named."""

NOBODY = "A reader"
