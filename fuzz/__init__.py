"""Files at random for the readers and the check: `make fuzz`, outside the test suite."""
