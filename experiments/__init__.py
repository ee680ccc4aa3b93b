"""Control-group experiments; reads customers, predictions and health scores."""
