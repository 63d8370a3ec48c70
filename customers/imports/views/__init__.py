"""The screens of imports: upload and columns (`upload`), one import and its rows (`one`), what is done about it
(`acts`).
"""
