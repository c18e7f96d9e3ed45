"""Where everything stands: columns, rows, wires."""
