"""A mail server that says what a test tells it to."""

import socketserver
import threading


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server that says one scripted thing at one step, and otherwise accepts all."""

    daemon_threads = allow_reuse_address = True

    def __init__(self, **answers):
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.answers, self.taken = answers, []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class _Dialogue(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self):
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            word = line.split(":")[0].split()[0].lower()
            answer = self.server.answers.get(word, "354 go on" if word == "data" else "250 fine")
            if answer == "hang up":
                return
            self.say(answer)
            if answer.startswith("354"):
                body = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.taken.append(body)
                end = self.server.answers.get("end", "250 taken")
                if end == "hang up":
                    return
                self.say(end)
