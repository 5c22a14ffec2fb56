"""Who arrives when in a simulated study, and what RTTs lie between them."""
