"""One small file for each chat service, behind one interface (`kind.ChannelKind`).

A service's file knows that service and nothing else: how a message looks there, how text is made
harmless, how large it may be, what an answer means. Waiting, trying again and giving up are the
delivery's business (`alerts.services`).
"""
