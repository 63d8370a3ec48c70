"""The screens of the rule: its versions (`versions`), campaigns (`campaigns`), trying one out (`simulations`)."""
