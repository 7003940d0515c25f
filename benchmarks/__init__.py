"""What Cartera costs, always beside something that is measured in the same run."""
