"""Quizzes that people and models both take, and their results."""
