"""From the ledger to what people and platforms read: sums, gradebooks, pages."""
