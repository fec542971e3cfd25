"""Time: generators that decide what next and when."""
