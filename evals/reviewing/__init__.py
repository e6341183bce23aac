"""What people look at in MLflow: the set questions, the queue, and what their answers become."""
