"""The command line.  It translates: the library computes, this prints and writes."""
