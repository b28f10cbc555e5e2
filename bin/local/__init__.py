"""What stands behind `bin/`: it prepares a machine, runs the engines, and watches over the processes."""
