"""Operations: how things stand, what is wrong and what to do, and forgetting."""
