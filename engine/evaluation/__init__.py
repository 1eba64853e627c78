"""How well it works: metrics, and benchmarks that print them as tables.

seams          is there a click where new material meets old?
cohesion       does the new material belong to the clip?
painting       both of these and the loss, for every task on the example clips
music_metrics  style, tempo, key, dynamics, distance to real clips
model_quality  the model card's table of these
core_speed     memory and time of an iteration, on a real model or an untrained_model
"""
