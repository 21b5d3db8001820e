"""Label and slip makers: from what is on a label to paper, and an honest word on whether it came out.

`labels` (structs) → `zpl` or `escpos` (bytes, pure) → `spooler` (one worker per printer) → `transports` (one outcome).
`virtual` is the printer for a floor without one. Nothing here knows the app.
"""
