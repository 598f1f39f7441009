"""What ought to be true of a ladder, and whether it is. z3 is imported here and nowhere else."""
