"""How the model that ships was made: compose, render, encode, train, distill, export."""
