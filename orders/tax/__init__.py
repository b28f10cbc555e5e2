"""Which tax is due where, who is relieved of it, and the provider who may know better."""
