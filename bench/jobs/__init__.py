"""What is measured: one module for each kind of job, each giving figures."""
