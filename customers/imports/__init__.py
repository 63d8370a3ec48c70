"""Customers and sales from files: read, checked row by row, sent as safe writes by a job that can be resumed."""
