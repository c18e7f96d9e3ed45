"""From a program to boxes and wires: what is drawn, grouped and remarked on."""
