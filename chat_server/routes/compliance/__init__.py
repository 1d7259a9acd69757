"""Legal holds, exports for cases, and rules about what may be said."""
