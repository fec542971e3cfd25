"""The one HTTP client: address checks, redirects, bounded bodies, secrets."""
