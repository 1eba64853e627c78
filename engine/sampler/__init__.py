"""x_T -> x_0: noise schedules are values, steps are functions, randomness is an argument."""
