"""What Storied is measured beside: the least that Django and WSGI can do under the same server."""
