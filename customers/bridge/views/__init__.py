"""The screens of card machines' sales: the inbox and one sale (`inbox`), what a person decides about it (`acts`),
machines and stores (`machines`), files (`files`), what could not be read (`issues`), and the assistant in five steps
(`assistant`, `reference`).
"""
