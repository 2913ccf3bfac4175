"""Starts our endpoint for a test and stops it again."""

import contextlib
import os
import socket
import subprocess
import tempfile
import time

USER = "operator"
PASSWORD = "Corr3ct horse"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def endpoint(*arguments):
    """Yields the port of a running endpoint that knows one user."""
    binary = os.environ["PSSESSION"]
    with tempfile.TemporaryDirectory() as folder:
        entry = subprocess.run(
            [binary, "hash-password", USER],
            input=PASSWORD + "\n", stdout=subprocess.PIPE, text=True, check=True,
        ).stdout
        users = os.path.join(folder, "users")
        with open(users, "w", encoding="utf-8") as file:
            file.write(entry)
        os.chmod(users, 0o600)
        port = free_port()
        server = subprocess.Popen(
            [binary, "serve", "--listen", f"127.0.0.1:{port}", "--users", users, *arguments]
        )
        try:
            deadline = time.monotonic() + 20
            while True:
                if server.poll() is not None:
                    raise RuntimeError(f"the endpoint ended with {server.returncode}")
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                if time.monotonic() > deadline:
                    raise RuntimeError("the endpoint does not listen")
                time.sleep(0.05)
            yield port
        finally:
            server.terminate()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()
                raise RuntimeError("the endpoint did not end within 15 s of SIGTERM")


class Cases:
    """Runs cases one by one, says which failed, and counts."""

    def __init__(self, name):
        self.name, self.passed, self.failed = name, 0, 0

    def case(self, function):
        start = time.monotonic()
        try:
            function()
        except Exception as error:  # noqa: BLE001  every failure is reported, none ends the run
            self.failed += 1
            print(f"FAILED {function.__doc__ or function.__name__}: {type(error).__name__}: {error}")
        else:
            self.passed += 1
            print(f"ok {function.__doc__ or function.__name__} ({time.monotonic() - start:.2f} s)")

    def finish(self):
        print(f"{self.name}: {self.passed} passed, {self.failed} failed")
        raise SystemExit(1 if self.failed or not self.passed else 0)
