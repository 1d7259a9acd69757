"""The sections of app.yaml, a module each. Docstrings become its comments (app_yaml.py): write them for operators."""
