"""Languages beside Brazilian Portuguese: text catalogues, and formats where Django's differ from the glossary's.

Holds no code. pt-BR needs neither: its texts are the message ids and Django's formats fit.
"""
