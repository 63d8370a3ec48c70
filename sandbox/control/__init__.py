"""What every vendor of the sandbox shares: clock, faults, log, the gate in front of the vendors, the control
plane.

Nothing here knows a vendor by name; vendors register themselves through `sandbox.vendors`.
"""
