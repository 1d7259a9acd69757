"""The parts of the server besides its routes: they live as long as it does, and all requests share them."""
