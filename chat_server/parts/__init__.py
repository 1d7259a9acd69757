"""What the server is made of beside its routes: these live as long as it does, and all requests share them."""
