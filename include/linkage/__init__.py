"""Record linkage around dbt: what people do with the links that the models make."""
