"""Reports as documents: what stands in them and in which order, whatever shows them."""
