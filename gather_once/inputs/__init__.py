"""What an ask requests, computed from the answers of its needs."""
