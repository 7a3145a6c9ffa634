"""`make bench`: what pages and writing cost, beside an empty Django view and an empty WSGI application."""
