"""How a ladder bears a workload. simpy is imported here and nowhere else."""
