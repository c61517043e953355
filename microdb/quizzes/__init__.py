"""Quizzes that people and the model both sit, and their statistics."""
