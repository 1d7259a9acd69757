"""Published pages as HTML, rendered on the server: kinds of components, safe addresses, and the page around them."""
