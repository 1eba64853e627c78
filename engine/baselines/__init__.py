"""What DITTO is compared with, on the same model and sampler: one short file per method.

masking    overwrite what is known while sampling
"""
