"""The health score of business customers; reads customers and predictions."""
