"""The product: everything that is not a function of Azure Functions."""
