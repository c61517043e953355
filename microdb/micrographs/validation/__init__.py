"""What may be entered about a micrograph or dataset; everything else raises MicroDBError."""
